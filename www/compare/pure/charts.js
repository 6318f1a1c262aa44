// @ts-check
import { deviceName, megabytes, milliseconds, plural } from "../../pure/text.js";
import { rowName } from "./results.js";
import { ENTRIES, HUMAN } from "./timeline.js";

/**
 * The charts of a result, for Observable Plot. Each comes with a table of its numbers and with a sentence that says what it shows.
 *
 * @typedef {typeof import("@observablehq/plot")} Plot
 * @typedef {import("./results.js").Row} Row
 * @typedef {import("../../pure/entries.js").Card} Card
 * @typedef {{ own: Row[], theirs: Row[], cards: Card[], width: number, overlay: boolean }} Given theirs: to set beside the own ones; cards: for the networks' names
 * @typedef {{ options: import("@observablehq/plot").PlotOptions, text: string, head: string[], rows: string[][] }} Chart
 * @typedef {{ name: string, title: string, wide: boolean, draw: (plot: Plot, given: Given) => Chart | null }} Kind null: nothing to show
 * @typedef {{ row: Row, name: string, series: string }} Point
 */

const NARROW = 560; // pixels of a chart's width

const COLOURS = {
  CPU: "var(--chart-cpu)",
  WebGPU: "var(--chart-webgpu)",
  "WebGPU, f16": "var(--chart-f16)",
  "CPU, burn": "var(--chart-burn-cpu)",
  "WebGPU, burn": "var(--chart-burn-webgpu)",
};
const INK = "var(--ink)";

/**
 * @param {Row[]} rows
 * @param {Card[]} cards
 * @returns {Point[]}
 */
const points = (rows, cards) => rows.map((row) => ({ row, name: rowName(row, cards), series: deviceName(row) }));

/** @param {Point[]} shown */
function colour(shown) {
  const domain = Object.keys(COLOURS).filter((name) => shown.some(({ series }) => series === name));
  return { domain, range: domain.map((name) => COLOURS[/** @type {keyof typeof COLOURS} */ (name)]), legend: domain.length > 1 };
}

const count = new Intl.NumberFormat("en", { maximumSignificantDigits: 3, notation: "compact" });

/** @type {Kind} */
const accuracy = {
  name: "accuracy-latency",
  wide: true,
  title: "Accuracy against latency",
  draw(plot, { own, theirs, cards, width }) {
    const known = (/** @type {Row[]} */ rows) => points(rows, cards).filter(({ row }) => row.top1 !== null && row.network !== "lenet5");
    const shown = known(own);
    const sent = known(theirs);
    if (!shown.length) return null;
    const x = (/** @type {Point} */ { row }) => row.median;
    const y = (/** @type {Point} */ { row }) => row.top1;
    const named = width < NARROW ? shown.filter(({ name }, i) => shown.findIndex((other) => other.name === name) === i) : shown;
    const best = [...shown, ...sent].sort((a, b) => (b.row.top1 ?? 0) - (a.row.top1 ?? 0))[0];
    const quickest = [...shown, ...sent].sort((a, b) => a.row.median - b.row.median)[0];
    return {
      options: {
        x: { type: "log", label: "Median latency, ms →", grid: true, nice: true, ticks: 5, tickFormat: plainTick },
        y: { label: "↑ Top-1 accuracy, %", grid: true, nice: true, ticks: 6 },
        r: { range: [0, width < NARROW ? 18 : 26], domain: [0, Math.max(...[...shown, ...sent].map(({ row }) => row.parameters))] },
        color: colour([...shown, ...sent]),
        height: width < NARROW ? 340 : 420,
        marginTop: 34,
        marginBottom: 46,
        marginRight: width < NARROW ? 24 : 60,
        insetLeft: 24,
        insetBottom: 16,
        insetTop: 12,
        marks: [
          plot.dot(sent, { x, y, r: ({ row }) => row.parameters, stroke: "series", strokeDasharray: "3 3", strokeWidth: 1.5 }),
          plot.dot(shown, { x, y, r: ({ row }) => row.parameters, fill: "series", fillOpacity: 0.45, stroke: "series", title: ({ row, name }) => `${name}: ${milliseconds(row.median)}, ${row.top1} %` }),
          plot.text(named, { x, y, text: "name", className: "labels", dy: -12, fill: INK, stroke: "var(--surface)", strokeWidth: 3 }),
        ],
      },
      text: `${plural(shown.length + sent.length, "row")}. The quickest is ${quickest.name} with ${milliseconds(quickest.row.median)}, the most accurate ${best.name} with ${best.row.top1} % after ${milliseconds(best.row.median)}. The area of a circle is the number of parameters. LeNet-5 is left out: it knows digits only.${sent.length ? " Dashed circles are the sender's." : ""}`,
      head: ["Network", "Device", "Median latency", "Top-1 accuracy", "Parameters"],
      rows: [...shown, ...sent].map(({ row, name, series }, i) => [name, `${series}${i < shown.length ? "" : ", sender"}`, milliseconds(row.median), `${row.top1} %`, count.format(row.parameters)]),
    };
  },
};

/** @type {Kind} */
const latency = {
  name: "latency",
  wide: false,
  title: "Latency: first run, median and p90",
  draw(plot, { own, theirs, cards, width }) {
    const narrow = width < NARROW; // then the names stand above the bars
    const [top, down] = narrow ? [20, 9] : [5, 0];
    const shown = points(own, cards);
    const sent = points(theirs, cards);
    if (!shown.length) return null;
    const several = new Set([...shown, ...sent].map(({ series }) => series)).size > 1;
    const label = (/** @type {Point} */ { name, series }) => (several ? `${name} · ${series}` : name);
    const rows = [...new Set([...shown, ...sent].map(label))];
    return {
      options: {
        x: { type: "log", label: "Milliseconds →", grid: true, nice: true, ticks: 5, tickFormat: plainTick },
        y: { label: null, domain: rows, axis: narrow ? null : "left" },
        color: colour(shown),
        height: 80 + rows.length * (narrow ? 44 : 34),
        marginTop: 16,
        marginBottom: 46,
        marginLeft: narrow ? 4 : 14 + 6.7 * Math.max(...rows.map((row) => row.length)),
        marginRight: 24,
        insetLeft: 52,
        marks: [
          plot.barX(shown, { x1: ({ row }) => row.min, x2: ({ row }) => row.p90, y: label, fill: "series", fillOpacity: 0.55, insetTop: top, insetBottom: 5, title: (point) => `${label(point)}: ${milliseconds(point.row.median)}` }),
          plot.tickX(shown, { x: ({ row }) => row.median, y: label, stroke: "series", strokeWidth: 4, insetTop: top - 3, insetBottom: 2 }),
          plot.dot(shown, { x: ({ row }) => row.first, y: label, symbol: "diamond", r: 5, dy: down, stroke: INK, fill: "var(--surface)" }),
          plot.tickX(sent, { x: ({ row }) => row.median, y: label, stroke: "var(--warn)", strokeWidth: 2.5, strokeDasharray: "3 2", insetTop: top - 5 }),
          ...(narrow ? [plot.text(rows, { frameAnchor: "left", y: (row) => row, text: (row) => row, dy: -11, textAnchor: "start", fill: INK })] : []),
          plot.text(shown, { x: ({ row }) => row.min, y: label, dy: down, text: ({ row }) => milliseconds(row.median), dx: -7, textAnchor: "end", fill: INK, stroke: "var(--surface)", strokeWidth: 3 }),
        ],
      },
      text: `${plural(shown.length, "row")}. A bar goes from the quickest run to p90, its line and its number are the median, and the diamond is the first run, which compiles and warms up.${sent.length ? " Dashed orange lines are the sender's medians." : ""} The scale is logarithmic.`,
      head: ["Network", "Device", "First run", "Median", "p90"],
      rows: [...shown, ...sent].map(({ row, name, series }, i) => [name, `${series}${i < shown.length ? "" : ", sender"}`, milliseconds(row.first), milliseconds(row.median), milliseconds(row.p90)]),
    };
  },
};

/** @type {Kind} */
const memory = {
  name: "parameters-activations",
  wide: false,
  title: "Parameters against activation memory",
  draw(plot, { own, theirs, cards, width }) {
    const seen = new Set();
    const shown = points([...own, ...theirs], cards).filter(({ row }) => row.activationBytes !== null && !seen.has(row.network) && seen.add(row.network));
    if (!shown.length) return null;
    const names = shown.map(({ row, name }) => ({ row, name: name.replace(/, .*$/, "") }));
    const x = (/** @type {{ row: Row }} */ { row }) => row.parameters;
    const y = (/** @type {{ row: Row }} */ { row }) => (row.activationBytes ?? 0) / 1e6;
    const most = [...names].sort((a, b) => y(b) - y(a))[0];
    return {
      options: {
        x: { type: "log", label: "Parameters →", grid: true, nice: true, ticks: width < NARROW ? 3 : 5, tickFormat: (value) => (/^[125]0*$/.test(String(value)) ? count.format(value) : "") },
        y: { type: "log", label: "↑ Activations of one run at their peak, MB", grid: true, nice: true, ticks: 5, tickFormat: plainTick },
        height: width < NARROW ? 320 : 380,
        marginTop: 34,
        marginBottom: 46,
        marginRight: width < NARROW ? 32 : 60,
        insetLeft: 32,
        insetBottom: 16,
        insetTop: 12,
        marks: [
          plot.dot(names, { x, y, r: 6, fill: "var(--accent)", fillOpacity: 0.6, stroke: "var(--accent)" }),
          plot.text(names, { x, y, text: "name", className: "labels", dy: -12, fill: INK, stroke: "var(--surface)", strokeWidth: 3 }),
        ],
      },
      text: `${plural(names.length, "network")}. What a network must keep while it runs does not follow its parameters: ${most.name} has the largest activations, ${megabytes(most.row.activationBytes ?? 0)}, with ${count.format(most.row.parameters)} parameters. Both scales are logarithmic.`,
      head: ["Network", "Parameters", "Activations"],
      rows: names.map(({ row, name }) => [name, count.format(row.parameters), megabytes(row.activationBytes ?? 0)]),
    };
  },
};

/** @type {Record<string, number>} the year of the challenge in which a family took part */
const FAMILIES = { alexnet: 2012, vgg16: 2014, vgg19: 2014, googlenet: 2014, resnet152: 2015, resnet101: 2015, resnet50: 2015, resnet34: 2015, resnet18: 2015 };

const TALLEST = 40; // percent: room for the names above the bars

/** @type {Kind} */
const timeline = {
  name: "ilsvrc-timeline",
  wide: true,
  title: "The challenge, year by year",
  draw(plot, { own, cards, width, overlay }) {
    const narrow = width < NARROW;
    const years = [...new Set(ENTRIES.map(({ year }) => year))];
    const measured = overlay ? points(own, cards).filter(({ row }) => row.network in FAMILIES) : [];
    const times = measured.map(({ row }) => row.median);
    const [least, most] = [Math.min(...times) / 1.6, Math.max(...times) * 1.6];
    const height = (/** @type {number} */ time) => (TALLEST * Math.log(time / least)) / Math.log(most / least); // a logarithmic scale beside the linear one
    const teamOf = (/** @type {number} */ year) => winners.find((entry) => entry.year === year)?.team ?? "";
    const yearOf = (/** @type {Point} */ { row }) => FAMILIES[row.network];
    const heightOf = (/** @type {Point} */ { row }) => height(row.median);
    const winners = ENTRIES.filter(({ winner }) => winner);
    const others = ENTRIES.filter(({ winner }) => !winner);
    const ticks = times.length ? decades(least, most) : [];
    return {
      options: {
        x: { type: "band", domain: years, label: null, tickFormat: narrow ? (year) => `’${String(year).slice(2)}` : (year) => `${year}\n${teamOf(year)}`, padding: 0.25 },
        y: { domain: [0, TALLEST] },
        color: colour(measured),
        height: narrow ? 380 : 420,
        marginTop: 34,
        marginLeft: 56,
        marginBottom: narrow ? 30 : 44,
        marginRight: narrow ? 36 : 52,
        marks: [
          plot.gridY({ ticks: 4 }),
          plot.axisY({ ticks: 4, label: "↑ Top-5 error, %" }),
          plot.barY(winners, { x: "year", y: "error", fill: ({ deep }) => (deep ? "var(--bar)" : "var(--control)"), fillOpacity: 0.8, title: ({ team, error }) => `${team}: ${error} %` }),
          plot.text(winners, { x: "year", y: "error", text: "error", dy: 3, lineAnchor: "top", fill: INK }),
          plot.tickY(others, { x: "year", y: "error", stroke: INK, strokeDasharray: "3 2", strokeWidth: 1.5 }),
          plot.ruleY([HUMAN.error], { stroke: "var(--warn)", strokeDasharray: "6 4", strokeWidth: 1.5 }),
          plot.text([HUMAN], { frameAnchor: "left", y: "error", text: () => `human\n${HUMAN.error}`, dx: -10, textAnchor: "end", fill: "var(--warn)", fontWeight: 600 }),
          ...(narrow ? [plot.text(winners, { x: "year", y: "error", text: "team", rotate: -90, dy: -8, textAnchor: "start", fill: INK, stroke: "var(--surface)", strokeWidth: 3 })] : []),
          plot.dot(measured, { x: yearOf, y: heightOf, fill: "series", r: 5, stroke: "var(--surface)" }),
          plot.text(narrow ? [] : measured, { x: yearOf, y: heightOf, className: "labels", text: ({ row, name }) => `${name}, ${milliseconds(row.median)}`, dy: -12, fill: INK, stroke: "var(--surface)", strokeWidth: 3 }),
          ...(ticks.length ? [plot.axisY(ticks.map(height), { anchor: "right", label: "Latency, ms ↑", tickFormat: (_, i) => String(ticks[i]) })] : []),
        ],
      },
      text: `The winners' top-5 error fell from ${ENTRIES[0].error} % in ${ENTRIES[0].year} to ${ENTRIES.at(-1)?.error} % in ${ENTRIES.at(-1)?.year}; since 2012 (coloured bars) they are deep networks, and since 2015 they are below the ${HUMAN.error} % of a trained human. The dashed tick of 2014 is VGG, second in that year. Winners are mostly ensembles.${measured.length ? ` Dots: ${measured.map(({ row, name }) => `${name} took ${milliseconds(row.median)}`).join(", ")}, on the logarithmic scale on the right.` : ""}`,
      head: ["Year", "Entry", "Top-5 error", "Source", ...(measured.length ? ["Measured latency"] : [])],
      rows: [
        ...ENTRIES.map(({ year, team, error, source }) => [String(year), team, `${error} %`, source, ...(measured.length ? [measured.filter(({ row }) => FAMILIES[row.network] === year && row.network.startsWith(team.toLowerCase())).map(({ row, name, series }) => `${name} on ${series}: ${milliseconds(row.median)}`).join("; ") || "–"] : [])]),
        ["–", "a trained human", `${HUMAN.error} %`, HUMAN.source, ...(measured.length ? ["–"] : [])],
      ],
    };
  },
};

/** @type {Kind[]} */
export const KINDS = [accuracy, latency, memory, timeline];

/**
 * Round numbers on a logarithmic scale.
 * @param {number} least
 * @param {number} most
 */
function decades(least, most) {
  const found = [];
  for (let power = Math.floor(Math.log10(least)); power <= Math.ceil(Math.log10(most)); power++) {
    for (const digit of most / least > 30 ? [1] : [1, 2, 5]) {
      const value = Number(`${digit}e${power}`);
      if (value >= least && value <= most) found.push(value);
    }
  }
  return found;
}

/** @param {number} value */
function plainTick(value) {
  return /^[125]0*$/.test(String(value)) || /^0\.0*[125]$/.test(String(value)) ? String(value) : "";
}
