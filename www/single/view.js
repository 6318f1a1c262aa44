// @ts-check
import { bringPart } from "../parts.js";
import { answering } from "../pure/answers.js";
import { preferredEntry } from "../pure/entries.js";
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
  showNetworks((network) => update({ network }));
  showWeights((variant) => update({ variant }));
  showCard((address) => lookInside(page, address), () => void bringStory(page));
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
  choose: (network) => update({ network }),
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
