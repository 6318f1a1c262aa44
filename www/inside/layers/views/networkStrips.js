// @ts-check
import { make, write } from "../../../views/page.js";
import { timeText } from "../pure/columns.js";
import { totalsOf } from "../pure/rows.js";
import { HEIGHT, STRIPS, bands, blocksOf, columns, firstHalf, indexAt, labelsOf } from "../pure/strips.js";
import { amount, caption, layerCount, layerText, share, spokenLayer } from "../pure/words.js";

const SVG = "http://www.w3.org/2000/svg";

/**
 * @typedef {import("../pure/rows.js").Row} Row
 * @typedef {import("../pure/strips.js").Strip} Strip
 * @typedef {import("../pure/strips.js").StripName} StripName
 */

/** The strips of one network. A layer is marked while the pointer is on it, and otherwise the one that is chosen. */
export class NetworkStrips {
  key;
  root;
  #rows;
  #onChosen;
  /** @type {number | null} */
  #chosen = null;
  #strips;
  #slider;
  #about = make("p", { className: "strip-layer" });

  /**
   * @param {object} network
   * @param {string} network.key
   * @param {string} network.name
   * @param {Row[]} network.rows
   * @param {Map<StripName, number>} network.tops the value of a column as high as its strip
   * @param {(layer: string) => void} network.onChosen
   */
  constructor({ key, name, rows, tops, onChosen }) {
    this.key = key;
    this.#rows = rows;
    this.#onChosen = onChosen;
    const blocks = blocksOf(rows);
    this.#strips = STRIPS.map((strip) => new StripView(strip, rows, tops.get(strip.name) ?? 0, bands(blocks)));
    this.#slider = make("input", { type: "range", min: "1", max: String(rows.length), step: "1", value: "1", className: "layer-slider" });
    this.#slider.setAttribute("aria-label", `Layer of ${name}`);
    this.#slider.addEventListener("input", () => this.#choose(Number(this.#slider.value) - 1));
    const title = make("h3", {}, name, " ", make("small", { textContent: layerCount(totalsOf(rows)) }));
    const labels = make("div", { className: "strip-blocks", ariaHidden: "true" }, ...labelsOf(blocks).map(({ long, short }, index) => {
      const { block, start, count } = blocks[index];
      const label = make("span", {}, make("span", { className: "long", textContent: long, title: block }), make("span", { className: "short", textContent: short, title: block }));
      label.style.left = `${(start / rows.length) * 100}%`;
      label.style.width = `${(count / rows.length) * 100}%`;
      return label;
    }));
    this.root = make("section", { className: "strips", ariaLabel: `Strips of ${name}` }, title, ...this.#strips.flatMap(({ parts }) => parts), make("p", { className: "strip-blocks-name", textContent: "Blocks" }), labels, this.#slider, this.#about);
    for (const { chart } of this.#strips) this.#follow(chart);
    this.#mark(null);
  }

  /** @param {string | null} layer */
  choose(layer) {
    const index = this.#rows.findIndex((row) => row.layer.name === layer);
    const chosen = index < 0 ? null : index;
    if (chosen === this.#chosen) return;
    this.#chosen = chosen;
    this.#slider.value = String((chosen ?? 0) + 1);
    this.#mark(chosen);
  }

  /** @param {number} index */
  #choose(index) {
    this.#onChosen(this.#rows[index].layer.name);
  }

  /** @param {HTMLElement} chart */
  #follow(chart) {
    const at = (/** @type {MouseEvent} */ { clientX }) => {
      const { left, width } = chart.getBoundingClientRect();
      return indexAt((clientX - left) / width, this.#rows.length);
    };
    chart.addEventListener("pointermove", (event) => {
      if (event.pointerType !== "touch") this.#mark(at(event));
    });
    chart.addEventListener("pointerleave", () => this.#mark(this.#chosen));
    chart.addEventListener("click", (event) => this.#choose(at(event)));
  }

  /** @param {number | null} index */
  #mark(index) {
    for (const strip of this.#strips) strip.mark(index);
    const row = index === null ? null : this.#rows[index];
    this.#about.replaceChildren(...(row ? [make("b", { textContent: row.layer.name }), ` ${layerText(row)}`] : ["Choose a layer in a chart, or move through the layers with the slider."]));
    this.#slider.setAttribute("aria-valuetext", row ? spokenLayer(row, this.#rows) : "no layer chosen");
    this.#slider.classList.toggle("unset", this.#chosen === null);
  }
}

/** One strip, with its words beside it. */
class StripView {
  chart;
  parts;
  #name;
  #rows;
  #value;
  #total;
  #marked = svg("rect", { class: "marked", y: "0", width: "1", height: String(HEIGHT), visibility: "hidden" });
  #own = make("p", { className: "strip-own" });

  /**
   * @param {Strip} strip
   * @param {Row[]} rows
   * @param {number} top
   * @param {string} band
   */
  constructor({ name, label, value }, rows, top, band) {
    this.#name = name;
    this.#rows = rows;
    this.#value = value;
    this.#total = rows.reduce((sum, row) => sum + value(row), 0);
    const drawing = svg("svg", { viewBox: `0 0 ${rows.length} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" });
    drawing.append(svg("path", { class: "band", d: band }), ...[...columns(rows, value, top)].map(([kind, d]) => svg("path", { class: "column", "data-kind": kind, d })));
    const half = firstHalf(rows, value);
    if (half) drawing.append(svg("path", { class: "half", d: `M${half} 0V${HEIGHT}` }));
    drawing.append(this.#marked);
    const text = caption(name, rows) || "Not measured yet.";
    this.chart = make("div", { className: "strip-chart" });
    this.chart.dataset.strip = name;
    this.chart.append(drawing);
    const head = make("h4", {}, label, " ", make("b", { textContent: this.#total ? amount(name, this.#total) : "–" }));
    this.parts = [make("div", { className: "strip-text" }, head, make("p", { className: "strip-caption", textContent: text }), this.#own), this.chart];
  }

  /** @param {number | null} index */
  mark(index) {
    this.#marked.setAttribute("visibility", index === null ? "hidden" : "visible");
    if (index !== null) this.#marked.setAttribute("x", String(index));
    write(this.#own, index === null || !this.#total ? "" : this.#words(this.#rows[index]));
  }

  /** @param {Row} row */
  #words(row) {
    if (this.#name === "time" && row.milliseconds === null) return `${row.layer.name}: ${timeText(row)}`;
    const value = this.#value(row);
    return `${row.layer.name}: ${value ? `${amount(this.#name, value)}, ${share(value / this.#total)}` : "none"}`;
  }
}

/**
 * @param {string} tag
 * @param {Record<string, string>} attributes
 */
function svg(tag, attributes) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}
