// @ts-check
import { computedBy, plural } from "../../pure/text.js";
import { scenarioOf } from "./book.js";
import { chartMarkup, escaped } from "./chart.js";
import { CHARTS } from "./charts.js";
import { HEAT_TITLE, channelsOf, colourOfNorm, heatBeyond, heatCaption, pictureOf } from "./heat.js";
import { shownLayers } from "./layers.js";
import { gradientSpan } from "./scales.js";
import { DATA, changeSentence, divergedSentence, powerOfTen, runName, settingsSentence } from "./words.js";

/**
 * An experiment as one picture, which says all that it takes to repeat it.
 *
 * @typedef {import("../../origin.js").Origin} Origin
 * @typedef {import("../state.js").Lab} Lab
 * @typedef {import("../state.js").Run} Run
 */

const WIDTH = 480; // of a chart
const HEIGHT = 240;
const GAP = 36;
const MARGIN = 12;
const LINE = 16; // of text
const LETTERS = 80; // of a line as wide as a chart, about
const MOST_COLUMNS = 120; // of a heat map
const LEGEND = 64; // rectangles

const STYLE = "text{font:12px system-ui,sans-serif;fill:#333}.title{font-weight:600;font-size:14px}.rule{stroke:#ddd}.line{fill:none;stroke-width:1.8}.raw{opacity:.25;stroke-width:1}.first{stroke:#0a6a72}.second{stroke:#b4530a;stroke-dasharray:5 3}.dot,.spread{fill:none;stroke-dasharray:none}.dot{stroke-width:5;stroke-linecap:round}";

/**
 * @param {Lab} lab with one run at least
 * @param {Origin} origin
 * @returns {string} SVG
 */
export function svgOf(lab, origin) {
  const title = `Gradient lab: ${(lab.book && scenarioOf(lab.book, lab.scenario)?.title) ?? lab.scenario}`;
  const wide = 2 * WIDTH + GAP;
  const about = aboutOf(lab, origin).flatMap((sentence) => wrapped(sentence, 2 * LETTERS));
  const parts = [`<text class="title" y="0">${escaped(title)}</text>`, textMarkup(about, LINE + 4)];
  let top = about.length * LINE + LINE + 14;
  if (lab.runs.length > 1) {
    parts.push(keyMarkup(top));
    top += LINE + 4;
  }
  const charts = Object.values(CHARTS).map(({ title, draw }) => ({ title, chart: draw(lab) }));
  for (let i = 0; i < charts.length; i += 2) {
    const row = charts.slice(i, i + 2).map(({ title, chart }, at) => chartPart(title, chart, at * (WIDTH + GAP), top + LINE));
    parts.push(...row.map(({ markup }) => markup));
    top += Math.max(...row.map(({ height }) => height));
  }
  const heats = heatPart(lab, top + LINE);
  parts.push(heats.markup);
  const [width, height] = [wide + 2 * MARGIN, top + heats.height + 2 * MARGIN];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${-MARGIN} ${-2 * MARGIN} ${width} ${height}" width="${width}" height="${height}"><title>${escaped(title)}</title><desc>${escaped(aboutOf(lab, origin).join(" "))}</desc><style>${STYLE}</style><rect x="${-MARGIN}" y="${-2 * MARGIN}" width="100%" height="100%" fill="#fff"/>${parts.join("")}</svg>\n`;
}

/**
 * @param {Lab} lab
 * @param {Origin} origin
 * @returns {string[]} sentences that say how the runs came about
 */
function aboutOf({ runs, change, data, device }, { date, convscope, browser, os }) {
  const { config } = runs[0];
  const ends = runs.map(({ record, diverged }, i) => `${runs.length > 1 ? `${runName(i)}: ` : ""}${plural(record.steps, "step")}.${diverged ? ` ${divergedSentence(diverged)}` : ""}`);
  return [
    ...(change ? [changeSentence(config, change)] : []),
    settingsSentence(config),
    ends.join(" "),
    `Pictures: ${DATA[data]}. ${device ? `${computedBy(device)}. ` : ""}ConvScope ${convscope}, ${browser}, ${os}, ${date}.`,
  ];
}

/** @param {number} y */
function keyMarkup(y) {
  const sample = (/** @type {number} */ index) => {
    const x = index * 140;
    return `<line class="line ${index ? "second" : "first"}" x1="${x}" x2="${x + 30}" y1="${y - 4}" y2="${y - 4}"/><text x="${x + 38}" y="${y}">${runName(index)}</text>`;
  };
  return sample(0) + sample(1);
}

/**
 * @param {string} title
 * @param {import("./chart.js").Chart} chart
 * @param {number} x
 * @param {number} y
 */
function chartPart(title, chart, x, y) {
  const { axes, series } = chartMarkup(chart, { width: WIDTH, height: HEIGHT });
  const lines = [chart.caption, chart.note].flatMap((text) => wrapped(text, LETTERS));
  return {
    markup: `<g transform="translate(${x} ${y})"><text class="title" y="0">${escaped(title)}</text><g transform="translate(0 6)">${axes}${series}</g>${textMarkup(lines, HEIGHT + 6 + LINE)}</g>`,
    height: HEIGHT + (lines.length + 2) * LINE + GAP / 2,
  };
}

/**
 * @param {Lab} lab
 * @param {number} y
 */
function heatPart({ runs }, y) {
  const span = gradientSpan(runs);
  const beyond = heatBeyond(runs, span);
  const maps = runs.map((run, i) => `<g transform="translate(${i * (WIDTH + GAP)} ${LINE + 6})">${heatMarkup(run, span, runs.length > 1 ? i : null)}</g>`);
  const legend = Array.from({ length: LEGEND }, (_, i) => `<rect x="${(i * WIDTH) / 2 / LEGEND}" width="${WIDTH / 2 / LEGEND + 0.2}" height="10" fill="${fillOf(span.low + ((span.high - span.low) * i) / (LEGEND - 1), 0, span)}"/>`);
  const numbers = `<text y="24">${beyond.below ? "≤ " : ""}${powerOfTen(span.low)}</text><text x="${WIDTH / 2}" y="24" text-anchor="end">${beyond.above ? "≥ " : ""}${powerOfTen(span.high)}</text>`;
  const zero = `<rect x="${WIDTH / 2 + 20}" width="10" height="10" fill="${fillOf(-Infinity, 1, span)}"/><text x="${WIDTH / 2 + 36}" y="10">exactly zero</text>`;
  const lines = [heatCaption(runs, MOST_COLUMNS), beyond.note].flatMap((text) => wrapped(text, 2 * LETTERS));
  const below = LINE + 6 + HEIGHT + 2 * LINE;
  return {
    markup: `<g transform="translate(0 ${y})"><text class="title" y="0">${escaped(HEAT_TITLE)}</text>${maps.join("")}<g transform="translate(0 ${below})">${legend.join("")}${numbers}${zero}</g>${textMarkup(lines, below + 3 * LINE)}</g>`,
    height: below + (lines.length + 4) * LINE,
  };
}

/**
 * @param {Run} run
 * @param {import("./scales.js").Span} span
 * @param {number | null} index null where there is one run
 */
function heatMarkup({ layers, record }, span, index) {
  const { columns, norms, zeros } = pictureOf(record, MOST_COLUMNS);
  const [wide, high] = [WIDTH / Math.max(columns, 1), HEIGHT / layers.length];
  const cells = shownLayers(layers).order.flatMap((layer, row) => Array.from({ length: columns }, (_, column) => {
    const cell = column * layers.length + layer;
    return Number.isNaN(norms[cell]) ? "" : `<rect x="${(column * wide).toFixed(2)}" y="${(row * high).toFixed(2)}" width="${(wide + 0.2).toFixed(2)}" height="${(high + 0.2).toFixed(2)}" fill="${fillOf(norms[cell], zeros[cell], span)}"/>`;
  }));
  const name = index === null ? "" : `${runName(index)}, `;
  return `${cells.join("")}<text x="0" y="${HEIGHT + LINE}">${name}step 1</text><text x="${WIDTH}" y="${HEIGHT + LINE}" text-anchor="end">step ${record.steps}</text>`;
}

/**
 * @param {number} norm
 * @param {number} zeros
 * @param {import("./scales.js").Span} span
 */
const fillOf = (norm, zeros, span) => `rgb(${channelsOf(colourOfNorm(norm, zeros, span)).join(" ")})`;

/**
 * @param {string[]} lines
 * @param {number} y of the first one
 */
const textMarkup = (lines, y) => lines.map((line, i) => `<text y="${y + i * LINE}">${escaped(line)}</text>`).join("");

/**
 * @param {string} text
 * @param {number} letters of a line
 */
function wrapped(text, letters) {
  /** @type {string[]} */
  const lines = [];
  for (const word of text.split(" ").filter(Boolean)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= letters) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
