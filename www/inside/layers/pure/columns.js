// @ts-check

/**
 * The columns of the table of layers: how a row is sorted by one, and what its cell says.
 *
 * @typedef {import("./rows.js").Row} Row
 * @typedef {import("./rows.js").Totals} Totals
 * @typedef {"number" | "name" | "kind" | "window" | "output" | "parameters" | "macs" | "activation" | "field" | "time" | "rate"} ColumnName
 *
 * @typedef {object} Column
 * @property {ColumnName} name
 * @property {string} label
 * @property {string} unit
 * @property {string} title what it means
 * @property {(row: Row) => number | string | null} value that it is sorted by; null: last
 * @property {(row: Row) => string} text
 * @property {(totals: Totals) => string} [total]
 *
 * @typedef {{ column: ColumnName, descending: boolean }} Order
 */

const whole = new Intl.NumberFormat("en");
const decimal = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });
const hundredths = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const tenths = new Intl.NumberFormat("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** @param {number | null} value */
const milli = (value) => (value === null ? "–" : value.toFixed(value < 10 ? 3 : value < 100 ? 2 : 1));
/** @param {number | null} value */
const rate = (value) => (value === null ? "–" : decimal.format(value));

/** @type {Column[]} */
export const COLUMNS = [
  { name: "number", label: "No.", unit: "", title: "Place in the order in which the layers run", value: ({ number }) => number, text: ({ number }) => String(number) },
  { name: "name", label: "Layer", unit: "", title: "The layer's name", value: ({ layer }) => layer.name, text: ({ layer }) => layer.name },
  { name: "kind", label: "Kind", unit: "", title: "What the layer computes, and its activation function", value: kindText, text: kindText },
  { name: "window", label: "Kernel", unit: "side / stride", title: "Side of the windows and the distance between them, in pixels; then the groups of a grouped convolution", value: ({ layer }) => layer.kernel, text: windowText },
  { name: "output", label: "Output", unit: "C × H × W", title: "Channels, height and width of the output; sorted by their product", value: ({ layer }) => layer.outputShape.reduce((product, size) => product * size, 1), text: ({ layer }) => layer.outputShape.join(" × ") },
  { name: "parameters", label: "Parameters", unit: "", title: "Trained parameters, with those of a folded batch normalisation", value: ({ layer }) => layer.parameters, text: ({ layer }) => whole.format(layer.parameters), total: ({ parameters }) => whole.format(parameters) },
  { name: "macs", label: "MACs", unit: "millions", title: "Multiply–accumulates of one prediction", value: ({ layer }) => layer.macs, text: ({ layer }) => hundredths.format(layer.macs / 1e6), total: ({ macs }) => hundredths.format(macs / 1e6) },
  { name: "activation", label: "Memory", unit: "kB", title: "Bytes of the output in single precision, for one picture", value: ({ layer }) => layer.activationBytes, text: ({ layer }) => tenths.format(layer.activationBytes / 1e3), total: ({ activationBytes }) => tenths.format(activationBytes / 1e3) },
  { name: "field", label: "Sees", unit: "pixels", title: "Receptive field: side of the square of the input that an element of the output depends on, padding counted", value: ({ layer }) => layer.receptiveField, text: ({ layer }) => whole.format(layer.receptiveField) },
  { name: "time", label: "Time", unit: "ms", title: "Measured time of one run", value: ({ milliseconds }) => milliseconds, text: timeText, total: ({ milliseconds }) => milli(milliseconds) },
  { name: "rate", label: "GMAC", unit: "a second", title: "10⁹ multiply–accumulates a second", value: ({ gmacPerSecond }) => gmacPerSecond, text: ({ gmacPerSecond }) => rate(gmacPerSecond), total: ({ gmacPerSecond }) => rate(gmacPerSecond) },
];

/** @param {Row} row */
export function kindText({ layer: { kind, activationFunction } }) {
  return activationFunction ? `${kind}, ${activationFunction}` : kind;
}

/** @param {Row} row */
function windowText({ layer: { kernel, stride, groups } }) {
  if (kernel === null) return "–";
  return `${kernel}\u00a0/\u00a0${stride}${groups !== null && groups > 1 ? `, ${whole.format(groups)}\u00a0groups` : ""}`;
}

/** @param {Row} row where another layer's kernel computes it, the name of that one, without the block if both are in it */
export function timeText({ layer: { block }, milliseconds, computedBy }) {
  if (computedBy === null) return milli(milliseconds);
  const isInBlock = block !== "" && [".", "/"].some((mark) => computedBy.startsWith(block + mark));
  return `in ${isInBlock ? computedBy.slice(block.length + 1) : computedBy}`;
}

/** @type {Order} as the layers run */
export const AS_THEY_RUN = { column: "number", descending: false };

/**
 * The order after a column's head is chosen: the other way round if it is sorted by that column, otherwise numbers from the
 * greatest and texts from A on.
 * @param {Order} order
 * @param {ColumnName} column
 * @returns {Order}
 */
export function nextOrder(order, column) {
  if (order.column === column) return { column, descending: !order.descending };
  return { column, descending: !["number", "name", "kind"].includes(column) };
}

/**
 * @param {Row[]} rows
 * @param {Order} order
 * @returns {Row[]} those without a value last; those with the same value as they run
 */
export function sorted(rows, { column, descending }) {
  const { value } = /** @type {Column} */ (COLUMNS.find(({ name }) => name === column));
  return [...rows].sort((one, other) => {
    const [a, b] = [value(one), value(other)];
    if (a === null || b === null) return Number(a === null) - Number(b === null) || one.number - other.number;
    const difference = typeof a === "string" ? a.localeCompare(String(b), "en", { numeric: true }) : a - Number(b);
    return (descending ? -difference : difference) || one.number - other.number;
  });
}
