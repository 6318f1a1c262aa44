// @ts-check
import { entryOf, layersKey, nameOf } from "../../../pure/entries.js";
import { memoryOf } from "../../../pure/memory.js";
import { megabytes } from "../../../pure/text.js";
import { cardOf, state, subscribe } from "../../../state.js";
import { element, make, outside } from "../../../views/page.js";
import { keysOf } from "../../pure/keys.js";
import { BATCHES, PRECISIONS, PUBLISHED } from "../pure/activations.js";
import { barsOf, beside, reuseText } from "../pure/bars.js";

/**
 * How the memory of activations comes about, for a batch size and a precision that the reader chooses.
 *
 * @typedef {import("../../../state.js").State} State
 * @typedef {import("../pure/activations.js").Bits} Bits
 */

export function showActivations() {
  const place = element("activations", HTMLElement);
  const choice = { batch: BATCHES[0], bits: PRECISIONS[0] };
  let drawn = "";
  const render = (/** @type {State} */ state) => {
    const { view, cards, rows, memories, deviceInfo, inside } = state;
    if (view !== "inside" || inside.tab !== "layers") return;
    const networks = keysOf(inside).flatMap((key) => {
      const entry = entryOf(key);
      const card = cardOf(entry.network);
      const layers = inside.layers[layersKey(entry)];
      return card && layers ? [{ name: nameOf(entry, cards, rows), card, layers, memory: memoryOf(entry, memories, rows ?? []) }] : [];
    });
    const signature = JSON.stringify([choice, deviceInfo?.engine, networks.map(({ name, memory }) => [name, memory])]);
    if (signature === drawn) return;
    drawn = signature;
    const isEstimate = deviceInfo?.engine === "burn";
    const all = networks.map((network) => ({ ...network, bars: barsOf(network.layers, network.card, choice, network.memory, engineNote(network.memory, isEstimate)) }));
    const widest = Math.max(0, ...all.flatMap(({ bars }) => bars.map(({ bytes }) => bytes ?? 0)));
    place.replaceChildren(...all.map((network) => draw(network, widest, all.length > 1)));
  };
  offer(element("batch", HTMLFieldSetElement), "batch", BATCHES.map((count) => [String(count), String(count)]), (value) => (choice.batch = Number(value)));
  offer(element("precision", HTMLFieldSetElement), "precision", PRECISIONS.map((bits) => [String(bits), `${bits} bits`]), (value) => (choice.bits = /** @type {Bits} */ (Number(value))));

  /**
   * @param {HTMLFieldSetElement} group
   * @param {string} name
   * @param {[string, string][]} values and their words; the first one is chosen
   * @param {(value: string) => void} onChosen
   */
  function offer(group, name, values, onChosen) {
    group.querySelector(".segments")?.append(...values.map(([value, text], index) => {
      const radio = make("input", { type: "radio", name, value, checked: index === 0 });
      radio.addEventListener("change", () => {
        onChosen(value);
        render(state);
      });
      return make("label", {}, radio, make("span", { textContent: text }));
    }));
  }
  subscribe(render);
}

/**
 * @param {import("../../../pure/memory.js").Memory | null} memory
 * @param {boolean} isEstimate
 */
function engineNote(memory, isEstimate) {
  if (!memory) return "The engine tells it as soon as a network runs.";
  return isEstimate ? "In single precision; burn's is an estimate." : "In single precision, with the zeros at the borders and the kernels' scratch memory.";
}

/**
 * @param {{ name: string, card: import("../../../state.js").Card, layers: import("../../state.js").Layer[], memory: import("../../../pure/memory.js").Memory | null, bars: import("../pure/bars.js").Bar[] }} network
 * @param {number} widest bytes
 * @param {boolean} isNamed
 */
function draw({ name, card, layers, memory, bars }, widest, isNamed) {
  const list = make("ul", { className: "memory-bars" }, ...bars.map(({ name, label, note, bytes }) => {
    const bar = make("span", { className: "memory-bar" });
    bar.style.setProperty("--share", String(bytes ? bytes / widest : 0));
    const row = make("li", {}, make("span", { className: "memory-label", textContent: label }), make("b", { textContent: bytes === null ? "–" : megabytes(bytes) }), bar, make("small", { textContent: note }));
    row.dataset.bar = name;
    return row;
  }));
  const reuse = memory ? [make("p", { className: "note", textContent: reuseText(layers, memory) })] : [];
  const published = PUBLISHED[card.id];
  const source = published && make("p", { className: "note" }, `${beside(layers, card.input, published)} `, outside(published.url, "The course's notes"));
  return make("section", { ariaLabel: `Memory of ${name}` }, ...(isNamed ? [make("h3", { textContent: name })] : []), list, ...reuse, ...(source ? [source] : []));
}
