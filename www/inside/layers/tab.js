// @ts-check
import { state, updateInside } from "../../state.js";
import { Measurement } from "./measurement.js";
import { showActivations } from "./views/activations.js";
import { showMeasurement } from "./views/measurement.js";
import { showStrips } from "./views/strips.js";
import { showTable } from "./views/table.js";

/**
 * Wires the tab "Layers".
 *
 * @type {import("../view.js").TabWiring["start"]}
 */
export function start({ lineUp }) {
  const measurement = new Measurement(lineUp);
  showMeasurement(() => void measurement.start(), () => measurement.cancel());
  showStrips(choose);
  showTable(choose);
  showActivations();
}

/**
 * @param {string} key of the network whose layer it is
 * @param {string} layer
 */
function choose(key, layer) {
  updateInside(key === state.inside.key ? { layer } : { otherLayer: layer });
}
