// @ts-check
import { isSigned, kernelOf, peakOf, pictureOf, sizeOf, strengthOf, strongestOf } from "../pure/maps.js";
import { fitting, onPage, slices } from "../pure/pages.js";
import { valueText } from "../pure/text.js";
import { state, subscribe } from "../../../state.js";
import { element, make, write } from "../../../views/page.js";
import { bar, fillBar } from "./bars.js";
import { put } from "./canvas.js";
import { Painter } from "./painter.js";
import { kernelsOf, namesOf, shownMaps } from "./shown.js";

/**
 * The channels of the chosen layer, a page of them: maps, beside their kernels where these are known, or bars where a channel has
 * one value.
 *
 * @typedef {import("../pure/maps.js").Maps} Maps
 * @typedef {"maps" | "pairs" | "bars"} Look
 */

const SLICE = 150_000; // pixels that are painted before the page's thread is given back
const GAP = 8;
const SHARE = 0.85; // of the window's height, which a page of channels fills at most
const LABEL = 24;
/** Least width of a tile, and its height, in CSS pixels; features.css has the same widths. @type {Record<Look, [number, (width: number) => number]>} */
const TILES = {
  maps: [88, (width) => width + LABEL],
  pairs: [136, (width) => (width * 2) / 3 + LABEL],
  bars: [240, () => 22],
};

/**
 * @param {(opened: { layer: string, channel: number }) => void} onOpen
 * @param {(perPage: number) => void} onFit
 */
export function showChannels(onOpen, onFit) {
  const grid = element("features-grid", HTMLOListElement);
  const painter = new Painter();
  /** @type {{ seen: unknown, order: unknown, page: number, perPage: number, kernels: unknown, classes: unknown }} */
  const shown = { seen: null, order: null, page: 0, perPage: 0, kernels: null, classes: null };

  grid.addEventListener("click", ({ target }) => {
    const button = target instanceof Element && target.closest("button");
    const { seen } = state.inside.features;
    if (button && seen?.layer) onOpen({ layer: seen.layer, channel: Number(button.value) });
  });
  const fit = () => {
    const [least, heightOf] = TILES[/** @type {Look} */ (grid.dataset.look)] ?? TILES.maps;
    if (grid.clientWidth) onFit(fitting({ width: grid.clientWidth, height: innerHeight * SHARE }, least, heightOf, GAP));
  };
  new ResizeObserver(fit).observe(grid);
  subscribe((state) => {
    const { labels, inside: { key, features: { seen, order, page, perPage, kernels, opened } } } = state;
    const classes = labels[key];
    const maps = shownMaps(state);
    grid.hidden = !maps;
    if (!maps) return;
    const isSame = shown.seen === seen && shown.order === order && shown.page === page && shown.perPage === perPage && shown.kernels === kernels && shown.classes === classes;
    Object.assign(shown, { seen, order, page, perPage, kernels, classes });
    if (!isSame) {
      const before = grid.dataset.look;
      show(grid, painter, maps);
      if (grid.dataset.look !== before) queueMicrotask(fit);
    }
    for (const button of grid.querySelectorAll("button")) button.setAttribute("aria-pressed", String(opened?.channel === Number(button.value)));
  });
}

/**
 * @param {HTMLOListElement} grid
 * @param {Painter} painter
 * @param {Maps} maps
 */
function show(grid, painter, maps) {
  const { order, page, perPage } = state.inside.features;
  const { items } = onPage(order, page, perPage);
  const kernels = kernelsOf(state);
  /** @type {Look} */
  const look = sizeOf(maps.activation) === 1 ? "bars" : kernels ? "pairs" : "maps";
  if (grid.dataset.look !== look) grid.replaceChildren();
  grid.dataset.look = look;
  while (grid.children.length < items.length) grid.append(look === "bars" ? bar() : tile());
  while (grid.children.length > items.length) grid.lastElementChild?.remove();
  if (look === "bars") return showBars(grid, maps, items);
  items.forEach((channel, i) => label(grid.children[i], maps, channel));
  const tiles = [...grid.children];
  painter.paint({
    parts: slices(items.length, sizeOf(maps.activation), SLICE),
    paint(from, to) {
      for (let i = from; i < to; i++) {
        const [kernel, map] = tiles[i].querySelectorAll("canvas");
        put(map, pictureOf(maps, items[i]), maps.activation.shape[2]);
        if (kernels) put(kernel, kernelOf(kernels, items[i]), kernels.shape[3]);
      }
    },
  });
}

function tile() {
  const [kernel, map] = [make("canvas", { className: "features-kernel" }), make("canvas", { className: "features-image" })];
  return make("li", {}, make("button", { type: "button", className: "features-map" }, kernel, map, make("span", { className: "features-number" }), make("span", { className: "features-value" })));
}

/**
 * @param {Element} tile
 * @param {Maps} maps
 * @param {number} channel
 */
function label(tile, { extremes }, channel) {
  const button = /** @type {HTMLButtonElement} */ (tile.firstElementChild);
  const [number, value] = button.querySelectorAll("span");
  const isDead = strengthOf(extremes, channel) === 0;
  const text = isDead ? "dead" : valueText(peakOf(extremes, channel));
  button.value = String(channel);
  button.setAttribute("aria-label", isDead ? `Channel ${channel}, zero everywhere` : `Channel ${channel}, greatest value ${text}`);
  write(number, String(channel));
  write(value, text);
}

/**
 * @param {HTMLOListElement} list
 * @param {Maps} maps
 * @param {number[]} items
 */
function showBars(list, { activation, extremes }, items) {
  const names = namesOf(state, activation.layer);
  const [greatest, signed] = [strongestOf(extremes), isSigned(extremes)];
  items.forEach((channel, i) => fillBar(list.children[i], names ? `${channel} ${names[channel]}` : String(channel), activation.data[channel], greatest, signed));
}
