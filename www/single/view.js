// @ts-check
import { update } from "../state.js";
import { fitSource } from "./fitSource.js";
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
export function start({ source }) {
  if (wired.once) return;
  wired.once = true;
  const askHeads = (/** @type {boolean} */ isWanted) => {
    update({ askHeads: isWanted });
    source.again();
  };
  showStatus();
  showPredictions();
  showHeads(askHeads, (showVote) => update({ showVote }));
  showTiming();
  showNetworks((network) => update({ network }));
  showWeights((variant) => update({ variant }));
  showCard();
  fitSource(source);
}

/** There is nothing to end, because the line-up is shared by all views. */
export function rest() {}
