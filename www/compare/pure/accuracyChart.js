// @ts-check
import { milliseconds, plural } from "../../pure/text.js";
import { accuracyText, coloursOf, countFormat, dotsOf, groupedBy, hollowText, isNarrow, logAxis, logDomain, logTicks, named, points } from "./chartParts.js";

/** @typedef {import("./chartParts.js").Point} Point */

const DIGITS_ONLY = "lenet5"; // its accuracy is of another task
const LEAST_RANGE = 10; // percent

/** @type {import("./chartParts.js").Kind} */
export const accuracy = {
  name: "accuracy-inference",
  wide: true,
  title: "Accuracy against inference time",
  draw(plot, given) {
    const { own, theirs, cards, width, font } = given;
    const known = (/** @type {import("./results.js").Row[]} */ rows) => points(rows, cards).filter(({ row }) => row.top1 !== null && row.network !== DIGITS_ONLY);
    const [shown, sent] = [known(own), known(theirs)];
    if (!shown.length) return null;
    const all = [...shown, ...sent];
    const narrow = isNarrow(given);
    const x = (/** @type {Point} */ { row }) => row.median;
    const y = (/** @type {Point} */ { row }) => row.top1 ?? 0;
    const r = (/** @type {Point} */ { row }) => row.parameters;
    const domain = logDomain(all.map(x));
    const lines = [...groupedBy(shown, ({ name }) => name).values()].filter(({ length }) => length > 1);
    const withName = named(shown);
    const left = [...own, ...theirs].some(({ network }) => network === DIGITS_ONLY) ? " LeNet-5 is left out: it knows digits only." : "";
    return {
      panels: [{
        options: {
          x: { type: "log", domain },
          y: { domain: percentDomain(all.map(y)), label: "↑ Top-1 accuracy, %", grid: true, ticks: 6 },
          r: { range: [0, narrow ? 14 : 20], domain: [0, Math.max(...all.map(r))] },
          height: 30 * font + 60,
          marginTop: 2.6 * font,
          marginLeft: 3.6 * font,
          marginBottom: 3.8 * font,
          marginRight: 2 * font,
          insetLeft: 2 * font,
          insetRight: 2 * font,
          marks: [
            ...logAxis(plot, "x", logTicks(domain, width / (5 * font)), "Median inference, ms →"),
            plot.ruleY(lines, { y: ([point]) => y(point), x1: (line) => Math.min(...line.map(x)), x2: (line) => Math.max(...line.map(x)), stroke: "var(--control)" }),
            plot.dot(sent, { x, y, r, stroke: "series", strokeDasharray: "3 3", strokeWidth: 1.5 }),
            ...dotsOf(plot, shown, { x, y, r, title: (/** @type {Point} */ { row, name }) => `${name}: ${milliseconds(row.median)}, ${accuracyText(row.top1)}` }),
          ],
        },
        dots: all.map((point) => ({ x: x(point), y: y(point), r: r(point), name: withName.has(point) ? point.name : "" })),
      }],
      colours: coloursOf(all),
      text: `${plural(all.length, "row")}. ${extremesText(all)} The area of a circle is the number of parameters.${lines.length ? " A line joins the rows of one network." : ""}${hollowText(shown)}${left}${sent.length ? " Dashed circles are the sender's." : ""}`,
      head: ["Network", "Device", "Median inference", "Top-1 accuracy", "Parameters"],
      rows: all.map(({ row, name, series }, i) => [name, `${series}${i < shown.length ? "" : ", sender"}`, milliseconds(row.median), accuracyText(row.top1), countFormat.format(row.parameters)]),
    };
  },
};

/**
 * @param {Point[]} all
 * @returns {string} which is the quickest, and which the most accurate: of several, the quickest of them
 */
function extremesText(all) {
  const byTime = [...all].sort((a, b) => a.row.median - b.row.median);
  const [quickest] = byTime;
  const best = byTime.reduce((best, point) => ((point.row.top1 ?? 0) > (best.row.top1 ?? 0) ? point : best));
  const [time, share] = [milliseconds(quickest.row.median), accuracyText(best.row.top1)];
  if (all.length === 1) return `An inference of ${quickest.name} takes ${time}, and its accuracy is ${share}.`;
  if (best === quickest) return `${quickest.name} is both the quickest (${time}) and the most accurate (${share}).`;
  return `The quickest is ${quickest.name} with ${time}, the most accurate ${best.name} with ${share} after ${milliseconds(best.row.median)}.`;
}

/**
 * @param {number[]} values
 * @returns {[number, number]} round ends, with room around a single value
 */
function percentDomain(values) {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const room = Math.max(2, (LEAST_RANGE - (most - least)) / 2);
  return [Math.max(0, Math.floor(least - room)), Math.min(100, Math.ceil(most + room))];
}
