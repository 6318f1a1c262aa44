// @ts-check
import { DEFAULT_VARIANT, entryOf, isOwnVariant, preferredEntry, rowOf } from "../pure/entries.js";
import { placeOf } from "../pure/place.js";
import { writePlace, writeSource } from "../pure/query.js";
import { DEFAULT_NETWORK, cardOf, state, update } from "../state.js";

/**
 * The view of one network: `?network=…&weights=…&heads=1&vote=1`, and every address that is no other view's. Weights of one's
 * own stand behind the network, as they do in the other views: `?network=resnet18-flowers`.
 *
 * @type {import("../views.js").View}
 */
export const single = {
  name: "single",
  claims: () => true,
  read(query) {
    const { network, variant } = entryOf(query.get("network") || DEFAULT_NETWORK);
    const weights = query.get("weights") || DEFAULT_VARIANT;
    return {
      network,
      variant: variant || (isOwnVariant(weights) ? DEFAULT_VARIANT : weights),
      askHeads: query.get("heads") === "1",
      showVote: query.get("vote") === "1",
    };
  },
  write(query, state) {
    const { network, variant, rows, askHeads, showVote } = state;
    const card = cardOf(network);
    const used = rows && !isOwnVariant(variant) ? (rowOf(rows, network, variant)?.variant ?? DEFAULT_VARIANT) : variant;
    if (isOwnVariant(used)) query.set("network", `${network}-${used}`);
    else if (network !== DEFAULT_NETWORK) query.set("network", network);
    writePlace(query, state);
    if (used !== DEFAULT_VARIANT && !isOwnVariant(used)) query.set("weights", used);
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
function lineUp(wanted) {
  const { network, variant, rows, askHeads } = wanted;
  const place = placeOf(wanted);
  return {
    entries: rows && [isOwnVariant(variant) ? entryOf(`${network}-${variant}`) : preferredEntry(network, variant, rows)],
    place,
    view: "single",
    heads: askHeads,
    stays: false,
    choose: () => update({ network, variant, ...place }),
    replace: ({ network, variant }) => update({ network, variant: variant ?? DEFAULT_VARIANT }),
    otherwise: otherwiseOf(network, variant),
  };
}

/**
 * What runs instead of what neither the server nor this browser has.
 * @param {string} network
 * @param {string} variant
 * @returns {import("../choice.js").Choice["otherwise"]}
 */
function otherwiseOf(network, variant) {
  if (isOwnVariant(variant)) return () => lineUp({ ...state, variant: DEFAULT_VARIANT });
  return network === DEFAULT_NETWORK ? null : () => lineUp({ ...state, network: DEFAULT_NETWORK });
}
