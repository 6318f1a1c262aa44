// @ts-check
import { percent } from "../../pure/text.js";
import { latestOf, recentNorms, shownLayers } from "./layers.js";
import { observedWords } from "./charts.js";
import { runName, short } from "./words.js";

/**
 * What the charts by depth show, in numbers.
 *
 * @typedef {import("../state.js").Run} Run
 * @typedef {{ caption: string, head: string[], rows: string[][] }} Table
 */

const HEAD = ["Layer", "Gradient norm", "Steps with gradient 0", "Mean of outputs", "Standard deviation", "Dead or saturated", "Change of weights"];

/**
 * @param {Run[]} runs
 * @returns {Table[]} one for each run, a row for each layer
 */
export const tablesOf = (runs) => runs.map((run, i) => {
  const { layers, observed } = run;
  const norms = recentNorms(run);
  const [steps, name] = [latestOf(run).length, runs.length > 1 ? `${runName(i)}. ` : ""];
  return {
    caption: `${name}Gradient norms before clipping: ${steps === 1 ? "those of the last step" : `the geometric mean over the last ${steps} steps, without those that are 0`}. ${observedWords([run])}: outputs, dead or saturated units, and the change of the weights relative to them.`,
    head: HEAD,
    rows: shownLayers(layers).order.map((layer) => [
      layers[layer],
      normText(norms[layer].logarithm),
      `${norms[layer].zeros} of ${steps}`,
      ...(observed ? [short(observed.means[layer]), short(observed.deviations[layer]), percent(observed.stuck[layer]), short(observed.updates[layer])] : ["–", "–", "–", "–"]),
    ]),
  };
});

/** @param {number} logarithm */
const normText = (logarithm) => (Number.isNaN(logarithm) ? "–" : short(10 ** logarithm));
