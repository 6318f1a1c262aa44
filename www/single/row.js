// @ts-check
import { DEFAULT_VARIANT, preferredEntry, rowOf } from "../pure/entries.js";
import { writePlace, writeSource } from "../pure/query.js";
import { DEFAULT_NETWORK, cardOf, state, update } from "../state.js";

/**
 * The view of one network: `?network=…&weights=…&heads=1&vote=1`, and every address that is no other view's.
 *
 * @type {import("../views.js").View}
 */
export const single = {
  name: "single",
  claims: () => true,
  read: (query) => ({
    network: query.get("network") || DEFAULT_NETWORK,
    variant: query.get("weights") || DEFAULT_VARIANT,
    askHeads: query.get("heads") === "1",
    showVote: query.get("vote") === "1",
  }),
  write(query, state) {
    const { network, variant, rows, askHeads, showVote } = state;
    const card = cardOf(network);
    const used = rows ? (rowOf(rows, network, variant)?.variant ?? DEFAULT_VARIANT) : variant;
    if (network !== DEFAULT_NETWORK) query.set("network", network);
    writePlace(query, state);
    if (used !== DEFAULT_VARIANT) query.set("weights", used);
    writeSource(query, state, card);
    if (!askHeads || !card?.heads.length) return;
    query.set("heads", "1");
    if (showVote) query.set("vote", "1");
  },
  card: ({ network }) => cardOf(network),
  waitsForCard: ({ network }) => network !== DEFAULT_NETWORK,
  lineUp,
  bring: () => import("./view.js"),
};

/**
 * @param {import("../state.js").State} wanted
 * @returns {import("../choice.js").Choice}
 */
function lineUp({ network, variant, device, engine, rows, askHeads }) {
  return {
    entries: rows && [preferredEntry(network, variant, rows)],
    place: { device, engine },
    view: "single",
    heads: askHeads,
    stays: false,
    choose: () => update({ network, variant, device, engine }),
    otherwise: network === DEFAULT_NETWORK ? null : () => lineUp({ ...state, network: DEFAULT_NETWORK }),
  };
}
