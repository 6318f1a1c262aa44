// @ts-check
import { duration, milliseconds } from "../../../pure/text.js";

/**
 * Maps and their methods in words.
 *
 * @typedef {import("../../../../pkg/convscope.js").AttentionMap} AttentionMap
 * @typedef {AttentionMap["method"]} Method
 */

/** @type {Record<Method, { name: string, what: string }>} */
export const METHODS = {
  cam: {
    name: "Class activation map",
    what: "The last feature maps, weighted as the classifier weighs them for this class (Zhou et al., 2016). It is exact: the values of all cells add up to the class's logit, apart from the bias. A cell lies at the centre of what its features have seen, which reaches far beyond the cell.",
  },
  hirescam: {
    name: "HiResCAM",
    what: "The output of the layer, multiplied element by element with the gradient of the class's logit and added up over the channels (Draelos and Carin, 2020). It marks only places that the network used; Grad-CAM, which averages the gradient first, can mark others. With several layers behind it, the gradient holds for small changes of the picture only.",
  },
  occlusion: {
    name: "Occlusion map",
    what: "A square of the input is covered, and the network is asked again (Zeiler and Fergus, 2014). It needs to know nothing of the layers, which makes it an independent check. It is as coarse as the square, and it misses what the network also sees elsewhere in the picture.",
  },
};

/** @param {Method} method @returns {string} its name within a sentence */
export const inSentence = (method) => (method === "hirescam" ? METHODS[method].name : METHODS[method].name.toLowerCase());

/** @param {number} value */
const figure = (value) => (Math.abs(value) >= 100 ? value.toFixed(0) : Number(value.toPrecision(2)).toString());

/**
 * What an end of the legend says.
 * @param {Method} method
 * @param {number} value of the cell that counts most on its side
 */
export function legendText(method, value) {
  const size = Math.abs(value);
  if (method === "occlusion") {
    const share = `${figure(size * 100)}\u00a0%`;
    return value < 0 ? `${share} of probability gained when covered` : `${share} of probability lost when covered`;
  }
  return value < 0 ? `takes ${figure(size)} from the logit` : `adds ${figure(size)} to the logit`;
}

/** @param {AttentionMap} map */
export function cellsText({ layer, width, height, method }) {
  return method === "occlusion" ? `${width}\u00a0×\u00a0${height} places of the input` : `${width}\u00a0×\u00a0${height} cells of the layer ${layer}`;
}

/** Runs of the network that tasks take: as many as the engine does for inputs of 224 pixels, and hardly more or fewer for others. */
export const RUNS = { occlusion: 200, deletion: 67 };

/**
 * How long a task will take.
 * @param {import("../state.d.ts").Task} task
 * @param {number | null | undefined} inference milliseconds of one run
 */
export function timeText(task, inference) {
  const runs = `some ${RUNS[task]} runs`;
  return inference ? `about ${duration((RUNS[task] * inference) / 1000)}: ${runs} of ${milliseconds(inference)}` : runs;
}
