// @ts-check
import { entryOf, layersKey, nameOf } from "../../../pure/entries.js";
import { state, subscribe } from "../../../state.js";
import { element, make, write } from "../../../views/page.js";
import { keysOf } from "../../pure/keys.js";
import { kindName, kindsIn } from "../pure/kinds.js";
import { mainOf, rowsOf, totalsOf } from "../pure/rows.js";
import { STRIPS, largest, scaleAdvice } from "../pure/strips.js";
import { comparison } from "../pure/words.js";
import { NetworkStrips } from "./networkStrips.js";

/**
 * The strips of the networks that are looked into, one network below the other.
 *
 * @typedef {import("../../../state.js").State} State
 * @typedef {import("../pure/rows.js").Row} Row
 */

/** @param {(key: string, layer: string) => void} onChosen */
export function showStrips(onChosen) {
  const place = element("strips", HTMLElement);
  const legend = element("kinds", HTMLUListElement);
  const compared = element("strips-comparison", HTMLParagraphElement);
  const scaling = element("same-scaling", HTMLLabelElement);
  const isSame = element("same-scale", HTMLInputElement);
  const advice = element("scale-advice", HTMLParagraphElement);
  /** @type {{ of: unknown[], networks: NetworkStrips[] }} */
  const drawn = { of: [], networks: [] };

  const render = (/** @type {State} */ state) => {
    if (state.view !== "inside" || state.inside.tab !== "layers") return;
    const seen = networksOf(state);
    const of = [isSame.checked, ...seen.flatMap(({ key, name, layers, profile }) => [key, name, layers, profile])];
    if (of.length !== drawn.of.length || of.some((part, index) => part !== drawn.of[index])) {
      drawn.of = of;
      scaling.hidden = seen.length < 2;
      drawn.networks = draw(seen, isSame.checked, onChosen);
      place.replaceChildren(...drawn.networks.map(({ root }) => root));
      write(advice, isSame.checked && seen.length > 1 ? scaleAdvice(seen) : "");
      fillLegend(legend, seen.flatMap(({ rows }) => rows));
      compare(compared, seen);
    }
    const chosen = [state.inside.layer, state.inside.otherLayer];
    for (const network of drawn.networks) network.choose(chosen[network.key === state.inside.key ? 0 : 1]);
  };
  subscribe(render);
  isSame.addEventListener("change", () => render(state));
}

/** @typedef {ReturnType<typeof networksOf>[number]} Seen a network whose layers are known */

/** @param {State} state */
function networksOf({ cards, rows, inside }) {
  return keysOf(inside).flatMap((key) => {
    const entry = entryOf(key);
    const layers = inside.layers[layersKey(entry)];
    const profile = inside.profiles[key] ?? null;
    return layers ? [{ key, name: nameOf(entry, cards, rows), layers, profile, rows: mainOf(rowsOf(layers, profile)) }] : [];
  });
}

/**
 * @param {Seen[]} seen
 * @param {boolean} isSame
 * @param {(key: string, layer: string) => void} onChosen
 */
function draw(seen, isSame, onChosen) {
  return seen.map(({ key, name, rows }) => {
    const measured = isSame ? seen.flatMap((other) => other.rows) : rows;
    const tops = new Map(STRIPS.map((strip) => [strip.name, largest(measured, strip.value)]));
    return new NetworkStrips({ key, name, rows, tops, onChosen: (layer) => onChosen(key, layer) });
  });
}

/**
 * @param {HTMLUListElement} legend
 * @param {Row[]} rows
 */
function fillLegend(legend, rows) {
  const found = kindsIn(rows);
  const kinds = found.map((kind) => {
    const swatch = make("span", { className: "swatch" });
    swatch.dataset.kind = kind;
    return make("li", {}, swatch, kindName(kind, found));
  });
  legend.replaceChildren(...kinds, make("li", {}, make("span", { className: "half-sign" }), "half of the total lies before it"));
}

/**
 * @param {HTMLParagraphElement} target
 * @param {Seen[]} seen
 */
function compare(target, [first, second]) {
  target.hidden = !second;
  if (!second) return;
  const isSamePlace = first.profile !== null && first.profile.place === second.profile?.place;
  const [one, other] = [first, second].map(({ name, rows }) => ({ name, totals: totalsOf(rows) }));
  write(target, comparison(one, other, isSamePlace));
}
