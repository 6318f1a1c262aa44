// @ts-check
import { megabytes, plural } from "../../pure/text.js";
import { countFormat, dotsOf, hollowText, listOf, logAxis, logDomain, logTicks, points } from "./chartParts.js";
import { median } from "./statistics.js";

/** @typedef {import("./chartParts.js").Point} Point */

const APART = 10; // a network that is so many times smaller than the middle one, in both, would leave the others no room
const R = 6;

/** @type {import("./chartParts.js").Kind} */
export const memory = {
  name: "parameters-activations",
  wide: true,
  title: "Parameters against activation memory",
  draw(plot, given) {
    const { own, theirs, cards, width, font } = given;
    const seen = new Set();
    const all = points([...own, ...theirs], cards).filter(({ row }) => row.activationBytes !== null && !seen.has(row.network) && seen.add(row.network));
    if (!all.length) return null;
    const networks = all.map((point) => ({ ...point, name: point.name.replace(/, .*$/, ""), series: "" })); // the variant of the weights changes neither
    const x = (/** @type {Point} */ { row }) => row.parameters;
    const y = (/** @type {Point} */ { row }) => (row.activationBytes ?? 0) / 1e6;
    const isSmall = smallNextTo(networks, x, y);
    const [shown, left] = [networks.filter((point) => !isSmall(point)), networks.filter(isSmall)];
    const most = [...shown].sort((a, b) => y(b) - y(a))[0];
    const [across, up] = [logDomain(shown.map(x)), logDomain(shown.map(y))];
    const leftOut = left.length ? ` ${listOf(left.map(({ row, name }) => `${name} (${countFormat.format(row.parameters)} parameters, ${megabytes(row.activationBytes ?? 0)})`))} is left out: beside it the others would lie on top of one another.` : "";
    return {
      panels: [{
        options: {
          x: { type: "log", domain: across },
          y: { type: "log", domain: up },
          color: { domain: [""], range: ["var(--accent)"] },
          height: 28 * font + 40,
          marginTop: 2.6 * font,
          marginLeft: 3.6 * font,
          marginBottom: 3.8 * font,
          marginRight: 2 * font,
          inset: font,
          marks: [
            ...logAxis(plot, "x", logTicks(across, width / (5 * font)), "Parameters →", countFormat.format),
            ...logAxis(plot, "y", logTicks(up, 8), "↑ Activations of one run at their peak, MB"),
            ...dotsOf(plot, shown, { x, y, r: R }),
          ],
        },
        dots: shown.map((point) => ({ x: x(point), y: y(point), r: R, name: point.name })),
      }],
      colours: { domain: [], range: [] },
      text: `${plural(shown.length, "network")}. What a network must keep while it runs does not follow its parameters: ${most.name} has the largest activations, ${megabytes(most.row.activationBytes ?? 0)}, with ${countFormat.format(most.row.parameters)} parameters.${leftOut}${hollowText(shown)} Both scales are logarithmic.`,
      head: ["Network", "Parameters", "Activations"],
      rows: networks.map(({ row, name }) => [name, countFormat.format(row.parameters), megabytes(row.activationBytes ?? 0)]),
    };
  },
};

/**
 * @param {Point[]} all
 * @param {((point: Point) => number)[]} measures
 * @returns {(point: Point) => boolean}
 */
function smallNextTo(all, ...measures) {
  const middles = measures.map((measure) => median(all.map(measure)));
  return (point) => all.length > 2 && measures.every((measure, i) => APART * measure(point) < middles[i]);
}
