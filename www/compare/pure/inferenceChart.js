// @ts-check
import { milliseconds, plural } from "../../pure/text.js";
import { HALO, INK, coloursOf, groupedBy, hollowText, isNarrow, isRandom, listOf, logAxis, logDomain, logTicks, points } from "./chartParts.js";
import { thinned } from "./sample.js";
import { median } from "./statistics.js";

/**
 * @typedef {import("./chartParts.js").Point} Point
 * @typedef {{ label: string, own: Point[], sent: Point[] }} Line a line of the chart
 * @typedef {{ point: Point, at: number, time: number, share: number }} Timing at: its line; share: its place among the timings of its row, 0 to 1
 */

const APART = 10; // a network that is so many times quicker than the next one has a scale of its own
const MOST_DOTS = 1200; // of all lines together: drawing them must not block the page
const MOST_OF_A_LINE = 300;

/** @type {import("./chartParts.js").Kind} */
export const inference = {
  name: "inference",
  wide: true,
  title: "Inference: every timing, median and p90",
  draw(plot, given) {
    const { own, theirs, cards, font } = given;
    const shown = points(own, cards);
    const sent = points(theirs, cards);
    if (!shown.length) return null;
    const all = [...shown, ...sent];
    const several = new Set(all.map(({ series }) => series)).size > 1;
    const labelOf = (/** @type {Point} */ { name, series }) => (several ? `${name} · ${series}` : name);
    const lines = [...new Set(all.map(labelOf))].map((label) => ({ label, own: shown.filter((point) => labelOf(point) === label), sent: sent.filter((point) => labelOf(point) === label) }));
    const groups = groupsOf(lines);
    const dots = Math.min(MOST_OF_A_LINE, Math.floor(MOST_DOTS / lines.length));
    const names = font * (0.58 * Math.max(...lines.map(({ label }) => label.length)) + 1.5);
    return {
      panels: groups.map((group, i) => ({ options: panel(plot, group, { ...given, names, dots, isLast: i === groups.length - 1 }), dots: [] })),
      colours: coloursOf(all),
      text: textOf(shown, sent, groups, dots),
      head: ["Network", "Device", "First inference", "Median inference", "p90"],
      rows: all.map(({ row, name, series }, i) => [name, `${series}${i < shown.length ? "" : ", sender"}`, milliseconds(row.first), milliseconds(row.median), milliseconds(row.p90)]),
    };
  },
};

/**
 * Lines whose times can be read from one scale. All lines of a network stay together.
 * @param {Line[]} lines
 * @returns {Line[][]} the quickest ones first, in each the order of the rows
 */
export function groupsOf(lines) {
  const networks = [...groupedBy(lines, ({ own, sent }) => (own[0] ?? sent[0]).row.network).values()]
    .map((lines) => ({ lines, usual: Math.exp(median(lines.map(({ own, sent }) => Math.log((own[0] ?? sent[0]).row.median)))) }))
    .sort((a, b) => a.usual - b.usual);
  const starts = networks.flatMap(({ usual }, i) => (i === 0 || usual >= APART * networks[i - 1].usual ? [i] : []));
  return starts.map((start, i) => {
    const members = new Set(networks.slice(start, starts[i + 1]).flatMap(({ lines }) => lines));
    return lines.filter((line) => members.has(line));
  });
}

/**
 * @param {import("./chartParts.js").Plot} plot
 * @param {Line[]} lines
 * @param {import("./chartParts.js").Given & { names: number, dots: number, isLast: boolean }} given names: pixels that the names take; dots: of a line at most
 * @returns {import("@observablehq/plot").PlotOptions}
 */
function panel(plot, lines, { width, font, names, dots, isLast }) {
  const narrow = isNarrow({ width, font }); // then the names stand above the lines
  const height = (narrow ? 4 : 2.9) * font;
  const [top, bottom] = narrow ? [0.42, 0.96] : [0.1, 0.9]; // of a line, from its upper edge
  const between = (/** @type {number} */ at, /** @type {number} */ share) => at + top + share * (bottom - top);
  const own = lines.flatMap(({ own }, at) => own.map((point) => ({ point, at, series: point.series })));
  const sent = lines.flatMap(({ sent }, at) => sent.map((point) => ({ point, at })));
  const timings = own.flatMap(({ point, at, series }) => {
    const kept = thinned(point.row.times ?? [], dots);
    return kept.map((time, i) => ({ point, at, series, time, share: (i + 0.5) / kept.length }));
  });
  const far = (/** @type {Point} */ { row }) => row.p90 ?? row.high;
  const domain = logDomain([...own.flatMap(({ point }) => [point.row.min, far(point), point.row.first]), ...sent.map(({ point }) => point.row.median), ...timings.map(({ time }) => time)]);
  const right = narrow ? 1.5 * font : 6 * font;
  const dot = { x: (/** @type {Timing} */ { time }) => time, y: (/** @type {Timing} */ { at, share }) => between(at, 0.08 + 0.84 * share), r: font / 7 };
  return {
    x: { type: "log", domain },
    y: { domain: [0, lines.length], reverse: true, axis: null },
    height: lines.length * height + (isLast ? 4.4 : 3) * font,
    marginTop: 0.7 * font,
    marginBottom: (isLast ? 3.7 : 2.3) * font,
    marginLeft: narrow ? 1 * font : names,
    marginRight: right,
    marks: [
      ...logAxis(plot, "x", logTicks(domain, (width - (narrow ? 0 : names) - right) / (4.5 * font)), isLast ? "Milliseconds →" : null),
      plot.rect(own, { x1: ({ point }) => point.row.min, x2: ({ point }) => far(point), y1: ({ at }) => between(at, 0.3), y2: ({ at }) => between(at, 0.7), fill: "series", fillOpacity: 0.22 }),
      plot.dot(timings.filter(({ point }) => !isRandom(point)), { ...dot, fill: "series", fillOpacity: 0.6 }),
      plot.dot(timings.filter(({ point }) => isRandom(point)), { ...dot, stroke: "series", strokeOpacity: 0.7, strokeWidth: 0.8 }),
      plot.ruleX(own, { x: ({ point }) => point.row.median, y1: ({ at }) => between(at, 0), y2: ({ at }) => between(at, 1), stroke: "series", strokeWidth: 3, title: ({ point }) => `${point.name}: ${milliseconds(point.row.median)}` }),
      plot.ruleX(sent, { x: ({ point }) => point.row.median, y1: ({ at }) => between(at, -0.05), y2: ({ at }) => between(at, 1.05), stroke: "var(--warn)", strokeWidth: 2.5, strokeDasharray: "3 2" }),
      plot.dot(own, { x: ({ point }) => point.row.first, y: ({ at }) => between(at, 0.5), symbol: "diamond", r: 5, stroke: INK, fill: "var(--surface)" }),
      plot.text(lines, { frameAnchor: "left", dx: narrow ? 0 : -0.7 * font, y: (_, i) => (narrow ? i + 0.2 : between(i, 0.5)), text: "label", textAnchor: narrow ? "start" : "end", fill: INK, ...HALO }),
      plot.text(own, { frameAnchor: "right", dx: narrow ? 0 : right - 0.3 * font, y: ({ at }) => (narrow ? at + 0.2 : between(at, 0.5)), text: ({ point }) => milliseconds(point.row.median), textAnchor: "end", fontWeight: 600, fill: INK, ...HALO }),
    ],
  };
}

/**
 * @param {Point[]} shown
 * @param {Point[]} sent
 * @param {Line[][]} groups
 * @param {number} dots
 */
function textOf(shown, sent, groups, dots) {
  const single = shown.some(({ row }) => row.times?.length)
    ? `A dot is one timing; the first is at the top of its line, the last at the bottom.${shown.some(({ row }) => (row.times?.length ?? 0) > dots) ? ` Of rows with more than ${dots} timings every second or further one is drawn, spread evenly over the row.` : ""}`
    : "The single timings are not in a link.";
  const quick = [...new Set(groups.slice(0, -1).flat().map(({ own, sent }) => (own[0] ?? sent[0]).name))];
  const apart = quick.length ? ` ${listOf(quick)} ${quick.length === 1 ? "has" : "have"} a scale of ${quick.length === 1 ? "its" : "their"} own, because ${quick.length === 1 ? "it is" : "they are"} more than ${APART} times quicker than the others.` : "";
  return `${plural(shown.length, "row")}: the inference alone, without the preprocessing. ${single} A bar goes from the quickest timing to p90, or to the interval's upper end where there is no p90; the line across it and the number are the median, and the diamond is the first run, which compiles and warms up.${hollowText(shown)}${apart}${sent.length ? " Dashed orange lines are the sender's medians." : ""} The scales are logarithmic.`;
}
