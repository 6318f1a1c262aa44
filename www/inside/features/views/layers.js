// @ts-check
import { factsOf, groupsOf, isFlat, sizeText, showsAll } from "../pure/layers.js";
import { subscribe } from "../../../state.js";
import { element, make } from "../../../views/page.js";
import { termed } from "../../../views/terms.js";
import { cardIn, layerIn, layersOf } from "./shown.js";

/** @typedef {import("../pure/layers.js").Layer} Layer */

/**
 * The layer chooser and the facts about the chosen layer.
 * @param {(layer: string | null) => void} onChosen
 * @param {(by: -1 | 1) => void} onStep
 */
export function showLayers(onChosen, onStep) {
  const list = element("features-layer", HTMLSelectElement);
  const previous = element("features-previous", HTMLButtonElement);
  const next = element("features-next", HTMLButtonElement);
  const facts = element("features-facts", HTMLDListElement);
  list.addEventListener("change", () => onChosen(list.value || null));
  previous.addEventListener("click", () => onStep(-1));
  next.addEventListener("click", () => onStep(1));

  /** @type {{ layers: Layer[] | null, layer: Layer | null }} */
  const shown = { layers: null, layer: null };
  subscribe((state) => {
    const [layers, card, layer] = [layersOf(state), cardIn(state), layerIn(state)];
    if (!layers.length || !card) {
      list.disabled = previous.disabled = next.disabled = true;
      return;
    }
    if (shown.layers !== layers) {
      const all = showsAll(card) ? [make("option", { value: "", textContent: "All layers" })] : [];
      list.replaceChildren(...all, ...groupsOf(layers).flatMap(groupElements));
    }
    if (shown.layers !== layers || shown.layer !== layer) {
      facts.replaceChildren(...(layer ? factsOf(layer, card) : []).map(([name, value]) => make("div", {}, make("dt", {}, termed(name)), make("dd", { textContent: value }))));
    }
    Object.assign(shown, { layers, layer });
    list.disabled = false;
    list.value = layer?.name ?? "";
    previous.disabled = list.selectedIndex <= 0;
    next.disabled = list.selectedIndex === list.options.length - 1;
  });
}

/** @param {import("../pure/layers.js").Group} group */
function groupElements({ block, layers }) {
  const options = layers.map((layer) => {
    const { name, kind, outputShape } = layer;
    return make("option", { value: name, textContent: `${name} · ${kind}, ${isFlat(layer) ? outputShape[0] : sizeText(outputShape)}` });
  });
  return block ? [make("optgroup", { label: block }, ...options)] : options;
}
