// @ts-check
import { fetchManifestAgain } from "./download.js";
import { withOwn } from "./ownWeights.js";
import { state, update } from "./state.js";

/** Asks the server every few seconds how far it is with what it still builds, and which weights it has by now. */

const PAUSE = 3000; // milliseconds
const PATIENCE = 3; // failures in a row: a server may be busy once

export async function followBuilding() {
  for (let failures = 0; state.building.length; ) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    if (document.hidden) await shown();
    try {
      const { rows: served, building } = await fetchManifestAgain();
      const rows = withOwn(served);
      failures = 0;
      update({ building });
      if (JSON.stringify(rows) !== JSON.stringify(state.rows)) update({ rows });
    } catch {
      failures += 1;
      if (failures === PATIENCE) update({ building: [] }); // the server does not answer any more: nothing is waited for from now on
    }
  }
}

function shown() {
  return new Promise((resolve) => document.addEventListener("visibilitychange", resolve, { once: true }));
}
