// @ts-check
import { milliseconds } from "../../pure/text.js";
import { HALO, INK, coloursOf, dotsOf, groupedBy, hollowText, isNarrow, listOf, logAxis, logDomain, logTicks, named, points } from "./chartParts.js";
import { ENTRIES, HUMAN, absenceOf, yearOf } from "./timeline.js";

/** @typedef {import("./chartParts.js").Point} Point */

const TALLEST = 30; // percent
const TALLEST_NARROW = 40; // with room for the names above the bars
const HALF = 0.38; // of a bar's width, in years
const HALF_NARROW = 0.47; // as wide as the number in it
const R = 5;

/** @type {import("./chartParts.js").Kind} */
export const years = {
  name: "ilsvrc-timeline",
  wide: true,
  title: "The challenge, year by year",
  draw(plot, given) {
    const { own, cards, overlay } = given;
    const all = overlay ? points(own, cards) : [];
    const measured = all.filter(({ row }) => yearOf(row.network) !== undefined);
    const took = measured.length ? ` Below: ${measured.map(({ row, name }) => `${name} took ${milliseconds(row.median)}`).join(", ")} for an inference, ${new Set(measured.map(({ name }) => name)).size > 1 ? "each in" : "in"} the year in which its family took part, on a logarithmic scale.` : "";
    const cellOf = (/** @type {import("./timeline.js").Entry} */ { year, family }) => measured.filter(({ row }) => yearOf(row.network) === year && row.network.startsWith(family ?? " ")).map(({ row, name, series }) => `${name} on ${series}: ${milliseconds(row.median)}`).join("; ") || "–";
    return {
      panels: [errors(plot, given), ...(measured.length ? [inferences(plot, given, measured)] : [])],
      colours: coloursOf(measured),
      text: `The winners' top-5 error fell from ${ENTRIES[0].error} % in ${ENTRIES[0].year} to ${ENTRIES.at(-1)?.error} % in ${ENTRIES.at(-1)?.year}; since 2012 (coloured bars) they are deep networks, and since 2015 they are below the ${HUMAN.error} % of a trained human. The dashed tick of 2014 is VGG, second in that year. Winners are mostly ensembles.${took}${hollowText(measured)}${absentText(all)}`,
      head: ["Year", "Entry", "Top-5 error", "Source", ...(measured.length ? ["Measured inference"] : [])],
      rows: [
        ...ENTRIES.map((entry) => [String(entry.year), entry.team, `${entry.error} %`, entry.source, ...(measured.length ? [cellOf(entry)] : [])]),
        ["–", "a trained human", `${HUMAN.error} %`, HUMAN.source, ...(measured.length ? ["–"] : [])],
      ],
    };
  },
};

/**
 * Which of the measured networks are not on the chart, and why.
 * @param {Point[]} all
 */
function absentText(all) {
  const absent = groupedBy(all.filter(({ row }) => yearOf(row.network) === undefined), ({ row }) => absenceOf(row.network));
  const parts = [...absent].map(([why, shown]) => `${listOf([...new Set(shown.map(({ name }) => name))])}, ${why}`);
  return parts.length ? ` Not on it: ${parts.join("; ")}.` : "";
}

/**
 * What both panels have: the years, one below the other.
 * @param {import("./chartParts.js").Given} given
 */
const frameOf = ({ font }) => ({
  x: { domain: [ENTRIES[0].year - 0.5, (ENTRIES.at(-1)?.year ?? 0) + 0.5], axis: /** @type {null} */ (null) },
  marginLeft: 5.2 * font,
  marginRight: 1.5 * font,
});

/**
 * @param {import("./chartParts.js").Plot} plot
 * @param {import("./chartParts.js").Given} given
 * @returns {import("./chartParts.js").Panel}
 */
function errors(plot, given) {
  const { font } = given;
  const narrow = isNarrow(given);
  const winners = ENTRIES.filter(({ winner }) => winner);
  const others = ENTRIES.filter(({ winner }) => !winner);
  const half = narrow ? HALF_NARROW : HALF;
  const bar = { x1: (/** @type {import("./timeline.js").Entry} */ { year }) => year - half, x2: (/** @type {import("./timeline.js").Entry} */ { year }) => year + half };
  return {
    options: {
      ...frameOf(given),
      y: { domain: [0, narrow ? TALLEST_NARROW : TALLEST] },
      height: 26 * font,
      marginTop: 2.6 * font,
      marginBottom: (narrow ? 2 : 3.2) * font,
      marks: [
        plot.gridY({ ticks: 3 }),
        plot.axisY({ ticks: 3, label: "↑ Top-5 error, %" }),
        plot.rect(winners, { ...bar, y1: 0, y2: "error", fill: ({ deep }) => (deep ? "var(--bar)" : "var(--control)"), fillOpacity: 0.8, title: ({ team, error }) => `${team}: ${error} %` }),
        plot.text(winners, { x: "year", y: "error", text: "error", dy: 3, lineAnchor: "top", fill: INK }),
        plot.ruleY(others, { ...bar, y: "error", stroke: INK, strokeDasharray: "3 2", strokeWidth: 1.5 }),
        plot.ruleY([HUMAN.error], { stroke: "var(--warn)", strokeDasharray: "6 4", strokeWidth: 1.5 }),
        plot.text([HUMAN], { frameAnchor: "left", y: "error", text: () => `human\n${HUMAN.error}`, dx: -10, textAnchor: "end", fill: "var(--warn)", fontWeight: 600, ...HALO }),
        plot.text(winners, { x: "year", frameAnchor: "bottom", dy: 0.5 * font, lineAnchor: "top", text: ({ year, team }) => (narrow ? `’${String(year).slice(2)}` : `${year}\n${team}`), fill: INK }),
        ...(narrow ? [plot.text(winners, { x: "year", y: ({ error }) => Math.max(error, HUMAN.error), text: "team", rotate: -90, dy: -8, textAnchor: "start", fill: INK, ...HALO })] : []),
      ],
    },
    dots: [],
  };
}

/**
 * @param {import("./chartParts.js").Plot} plot
 * @param {import("./chartParts.js").Given} given
 * @param {Point[]} measured
 * @returns {import("./chartParts.js").Panel}
 */
function inferences(plot, given, measured) {
  const { font } = given;
  const x = placesIn(measured);
  const y = (/** @type {Point} */ { row }) => row.median;
  const domain = logDomain(measured.map(y));
  const withName = named(measured);
  const lines = [...groupedBy(measured, ({ name }) => name).values()].filter(({ length }) => length > 1);
  const all = [...new Set(ENTRIES.map(({ year }) => year))];
  return {
    options: {
      ...frameOf(given),
      y: { type: "log", domain },
      height: 24 * font,
      marginTop: 2.8 * font,
      marginBottom: 2 * font,
      inset: font,
      insetLeft: 0,
      insetRight: 0,
      marks: [
        ...logAxis(plot, "y", logTicks(domain, 7), "↑ Median inference here, ms"),
        plot.ruleX(all.slice(1), { x: (year) => year - 0.5, stroke: "var(--line)" }),
        plot.text(all, { x: (year) => year, frameAnchor: "bottom", dy: 0.5 * font, lineAnchor: "top", text: (year) => (isNarrow(given) ? `’${String(year).slice(2)}` : String(year)), fill: INK }),
        plot.ruleX(lines, { x: ([point]) => x(point), y1: (line) => Math.min(...line.map(y)), y2: (line) => Math.max(...line.map(y)), stroke: "var(--control)" }),
        ...dotsOf(plot, measured, { x, y, r: R, title: (/** @type {Point} */ { row, name }) => `${name}: ${milliseconds(row.median)}` }),
      ],
    },
    dots: measured.map((point) => ({ x: x(point), y: y(point), r: R, name: withName.has(point) ? point.name : "" })),
  };
}

/**
 * Each network has a place of its own in its year.
 * @param {Point[]} measured
 * @returns {(point: Point) => number}
 */
function placesIn(measured) {
  const byYear = groupedBy(measured, ({ row }) => yearOf(row.network) ?? 0);
  return (point) => {
    const year = yearOf(point.row.network) ?? 0;
    const names = [...new Set(byYear.get(year)?.map(({ name }) => name))];
    return year + HALF * 1.6 * ((names.indexOf(point.name) + 0.5) / names.length - 0.5);
  };
}
