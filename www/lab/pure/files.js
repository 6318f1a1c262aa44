// @ts-check
import { chartMarkup, escaped } from "./chart.js";
import { accuracyChart, lossChart, profileChart, spreadChart, stuckChart, updatesChart } from "./charts.js";
import { colourOfNorm } from "./heat.js";
import { shownLayers } from "./layers.js";
import { decimated, gradientSpan } from "./scales.js";
import { changeSentence, powerOfTen } from "./words.js";

/**
 * An experiment as files.
 *
 * @typedef {import("../state.js").Lab} Lab
 * @typedef {import("../state.js").LabConfig} LabConfig
 * @typedef {import("../state.js").Run} Run
 */

/** @param {number} value @returns {number | null} null where JSON has no such number */
const plain = (value) => (Number.isFinite(value) ? Number(value.toPrecision(6)) : null);

/** @param {number} value */
const normOf = (value) => plain(10 ** value);

/**
 * @param {Lab} lab
 * @returns {object} for JSON
 */
export function jsonOf({ scenario, data, runs, device }) {
  return {
    format: "convscope-lab",
    version: 1,
    scenario,
    data,
    device: device?.kind ?? null,
    adapter: device?.adapter ?? null,
    runs: runs.map(({ config, layers, record, observed, observedAt, diverged, tests }) => ({
      config,
      layers,
      steps: record.steps,
      stepsPerColumn: record.stride,
      columns: Array.from({ length: record.columns }, (_, i) => ({
        step: record.stepOf(i),
        loss: plain(record.loss[i]),
        accuracy: plain(record.accuracy[i]),
        gradients: layers.map((_, layer) => normOf(record.norms[i * layers.length + layer])),
      })),
      observed: observed && { step: observedAt, ...observed },
      tests,
      diverged,
    })),
  };
}

/**
 * @param {Pick<Lab, "runs">} lab
 * @returns {unknown[][]} lines of a table: one for each column of each run
 */
export function linesOf({ runs }) {
  const names = [...new Set(runs.flatMap(({ layers }) => layers))];
  const head = ["run", "step", "loss", "accuracy", ...names.map((name) => `gradient ${name}`)];
  return [head, ...runs.flatMap(({ layers, record }, run) =>
    Array.from({ length: record.columns }, (_, i) => [
      run + 1,
      record.stepOf(i),
      plain(record.loss[i]),
      plain(record.accuracy[i]),
      ...names.map((name) => (layers.includes(name) ? normOf(record.norms[i * layers.length + layers.indexOf(name)]) : null)),
    ]))];
}

const WIDTH = 480;
const HEIGHT = 240;
const GAP = 36;
const NOTE = 30; // under a chart
const LETTERS = 90; // in a line of a note
const MOST_COLUMNS = 120; // of a heat map

const STYLE = "text{font:12px system-ui,sans-serif;fill:#333}.title{font-weight:600;font-size:14px}.note{font-size:10px}.rule{stroke:#ddd}.line{fill:none;stroke-width:1.8}.raw{opacity:.25;stroke-width:1}.first{stroke:#0a6a72}.second{stroke:#b4530a;stroke-dasharray:5 3}.dot,.spread{fill:none;stroke-dasharray:none}.dot{stroke-width:5;stroke-linecap:round}";

const LINES = '<path class="line first" d="M0 37h24"/><text x="30" y="41">first run</text><path class="line second" d="M120 37h24"/><text x="150" y="41">second run</text>';

/**
 * All charts of an experiment as one picture.
 * @param {Lab} lab
 * @returns {string} SVG
 */
export function svgOf(lab) {
  const charts = [lossChart, accuracyChart, profileChart, spreadChart, stuckChart, updatesChart].map((chart) => chart(lab));
  const top = lab.runs.length > 1 ? 72 : 56;
  const drawn = charts.map((chart, i) => {
    const { axes, series } = chartMarkup(chart, { width: WIDTH, height: HEIGHT });
    const [x, y] = [(i % 2) * (WIDTH + GAP), top + Math.floor(i / 2) * (HEIGHT + NOTE + GAP)];
    return `<g transform="translate(${x} ${y})"><text class="title" y="-6">${escaped(chart.title)}</text>${axes}${series}${noteMarkup(chart.note)}</g>`;
  });
  const heatTop = top + 3 * (HEIGHT + NOTE + GAP);
  const heats = lab.runs.map((run, i) => `<g transform="translate(${i * (WIDTH + GAP)} ${heatTop})">${heatMarkup(lab, run, lab.runs.length > 1 ? i : null)}</g>`);
  const [width, height] = [2 * WIDTH + GAP, heatTop + HEIGHT + 44];
  const first = lab.runs[0];
  const title = lab.change && first ? changeSentence(first.config, lab.change) : "";
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-12 0 ${width + 24} ${height}" width="${width + 24}" height="${height}"><style>${STYLE}</style><rect x="-12" width="100%" height="100%" fill="#fff"/><text class="title" y="22">Gradient lab: ${escaped(lab.scenario)}. ${escaped(title)}</text>${lab.runs.length > 1 ? LINES : ""}${drawn.join("")}${heats.join("")}</svg>\n`;
}

/** @param {string} note */
function noteMarkup(note) {
  /** @type {string[]} */
  const lines = [];
  for (const word of note.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < LETTERS) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.map((line, i) => `<text class="note" y="${HEIGHT + 13 + 13 * i}">${escaped(line)}</text>`).join("");
}

/**
 * @param {Lab} lab
 * @param {Run} run
 * @param {number | null} index null where there is one run
 */
function heatMarkup({ runs }, { layers, record }, index) {
  const span = gradientSpan(runs.map(({ record }) => record));
  const { columns, values } = decimated(record, MOST_COLUMNS);
  const { order } = shownLayers(layers);
  const [wide, high] = [WIDTH / Math.max(columns, 1), HEIGHT / layers.length];
  const cells = order.flatMap((layer, row) => Array.from({ length: columns }, (_, column) => {
    const norm = values[column * layers.length + layer];
    return Number.isNaN(norm) ? "" : `<rect x="${(column * wide).toFixed(2)}" y="${(row * high).toFixed(2)}" width="${(wide + 0.2).toFixed(2)}" height="${(high + 0.2).toFixed(2)}" fill="rgb(${colourOfNorm(norm, span).join(" ")})"/>`;
  }));
  const name = index === null ? "" : index ? ", second run" : ", first run";
  return `<text class="title" y="-6">Gradient norms by layer${name}</text>${cells.join("")}<text class="note" y="${HEIGHT + 30}">Down: the layers, from the input to the output. Across: the steps. ${powerOfTen(span.low)} is dark, ${powerOfTen(span.high)} bright.</text><text x="0" y="${HEIGHT + 16}">step 1</text><text x="${WIDTH}" y="${HEIGHT + 16}" text-anchor="end">step ${record.steps}</text>`;
}
