// @ts-check
import { forgetWeights } from "../forgetWeights.js";
import { bringPart } from "../parts.js";
import { answering } from "../pure/answers.js";
import { DEFAULT_VARIANT, isOwnVariant, preferredEntry } from "../pure/entries.js";
import { state, update } from "../state.js";
import { element } from "../views/page.js";
import { showCard } from "./views/card.js";
import { showHeads } from "./views/heads.js";
import { showNetworks } from "./views/networks.js";
import { showPredictions } from "./views/predictions.js";
import { showStatus } from "./views/status.js";
import { showTiming } from "./views/timing.js";
import { showWeights } from "./views/weights.js";

/** Wires the view of one network. */

const wired = { once: false };

/** @param {import("../views.js").Page} page */
export function start(page) {
  if (wired.once) return;
  wired.once = true;
  const { source } = page;
  const askHeads = (/** @type {boolean} */ isWanted) => {
    update({ askHeads: isWanted });
    source.again();
  };
  showStatus();
  showPredictions(() => void source.show({ kind: "drawing" }));
  showHeads(askHeads, (showVote) => update({ showVote }));
  showTiming();
  showNetworks(chooseNetwork);
  showWeights((variant) => update({ variant }), (row) => void forgetWeights(row));
  showCard((address) => lookInside(page, address), () => void bringStory(page));
}

/**
 * Weights of one's own are those of one network.
 * @param {string} network
 */
function chooseNetwork(network) {
  update({ network, variant: isOwnVariant(state.variant) ? DEFAULT_VARIANT : state.variant });
}

/**
 * @param {import("../views.js").Page} page
 * @param {string} address
 */
function lookInside({ show }, address) {
  const { network, variant, rows, inside } = state;
  history.pushState(null, "", address);
  show("inside", { inside: { ...inside, key: preferredEntry(network, variant, rows ?? []).key, other: null, layer: null, class: null } });
}

/** @type {import("../story/view.js").Setting} */
const STORY = {
  view: "single",
  network: ({ network }) => network,
  key: (state) => answering(state)?.key ?? state.network,
  address: (id) => `?network=${id}`,
  choose: chooseNetwork,
};

/** What was new in the network, when its fold in the card is opened. @param {import("../views.js").Page} page */
function bringStory(page) {
  return bringPart("card's story", async () => {
    const { start } = await import("../story/view.js");
    await start(page, element("card-story-text", HTMLDivElement), element("card-story", HTMLDetailsElement), STORY);
  });
}

/** There is nothing to end, because the line-up is shared by all views. */
export function rest() {}
