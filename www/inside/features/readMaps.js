// @ts-check
import { bringLabels } from "../../bringLabels.js";
import { isStale } from "../../pure/answers.js";
import { isFatal } from "../../engine.js";
import { entryOf, layersKey } from "../../pure/entries.js";
import { codeOf, sentenceOf } from "../../pure/failure.js";
import { cardOf, notice, state, subscribe, updateInside } from "../../state.js";
import { updateFeatures } from "./actions.js";
import { firstConvolution, lastLayer, shownLayer, showsAll } from "./pure/layers.js";
import { channelsOf, findExtremes, noExtremes, ranked, sizeOf } from "./pure/maps.js";
import { slices } from "./pure/pages.js";

/**
 * Brings the maps of what the network saw last, after each of its answers. One call is on its way at a time; answers that come
 * meanwhile are passed over, except for the newest one.
 *
 * @typedef {import("./pure/maps.js").Activation} Activation
 * @typedef {import("./pure/maps.js").Maps} Maps
 * @typedef {import("../../engine.js").Engine} Engine
 * @typedef {import("../../pure/answers.js").Answer} Answer
 * @typedef {import("../../pure/entries.js").Card} Card
 *
 * @typedef {object} Want
 * @property {Engine} engine
 * @property {string} key
 * @property {Card} card
 * @property {import("./pure/layers.js").Layer[]} layers of the network
 * @property {string | null} layer null: all of them
 * @property {string[]} names of what is read
 * @property {Answer} answer after which it is wanted
 */

const SHORTEST = 100; // milliseconds from one reading to the next: more often would only cost time
const SLICE = 200_000; // values that are looked at before the page's thread is given back
/** What may happen while networks change, and passes: another answer is on its way. */
const PASSING = new Set(["no-frame", "not-loaded", "closed", "cancelled"]);

export class MapReader {
  #lineUp;
  /** @type {Want | null} */
  #last = null;
  #isReading = false;

  /** @param {Pick<import("../../lineup.js").LineUp, "engine">} lineUp */
  constructor(lineUp) {
    this.#lineUp = lineUp;
  }

  /** @returns {() => void} ends it */
  follow() {
    return subscribe(() => {
      leaveUnknownLayer();
      this.#wake();
    });
  }

  /** Reads once more what could not be read. */
  again() {
    this.#last = null;
    updateFeatures({ trouble: "" });
  }

  async #wake() {
    if (this.#isReading) return;
    this.#isReading = true;
    for (let want = this.#next(); want; want = this.#next()) {
      if (this.#last && (want.key !== this.#last.key || want.layer !== this.#last.layer)) updateFeatures({ trouble: "" });
      this.#last = want;
      const start = performance.now();
      await this.#read(want);
      await pause(Math.max(0, start + SHORTEST - performance.now()));
    }
    this.#isReading = false;
  }

  /** @returns {Want | null} what has not been read yet */
  #next() {
    const want = wantIn(this.#lineUp.engine);
    return want && this.#last && isSame(want, this.#last) ? null : want;
  }

  /** @param {Want} want */
  async #read(want) {
    const isWanted = () => {
      const now = wantIn(this.#lineUp.engine);
      return now !== null && isSame({ ...now, answer: want.answer }, want);
    };
    try {
      /** @type {Record<string, Maps>} */
      const maps = {};
      for (const activation of await want.engine.activations(want.key, want.names)) maps[activation.layer] = await mapsOf(activation);
      if (!isWanted()) return;
      show(want, maps);
      await bringKernels(want);
      await bringClasses(want);
    } catch (error) {
      if (!isFatal(error) && !PASSING.has(codeOf(error)) && isWanted()) updateFeatures({ trouble: `The maps could not be computed. ${sentenceOf(error)}` });
    }
  }
}

/**
 * @param {Want} one
 * @param {Want} other
 */
function isSame(one, other) {
  return one.engine === other.engine && one.key === other.key && one.answer.predictions === other.answer.predictions && one.names.join() === other.names.join();
}

/**
 * What is to be read now.
 * @param {Engine | null} engine
 * @returns {Want | null}
 */
function wantIn(engine) {
  const { view, running, answers, inside } = state;
  const { key, tab, layer: name } = inside;
  const { network } = entryOf(key);
  const [layers, card, answer] = [inside.layers[layersKey(entryOf(key))], cardOf(network), answers[key]];
  if (view !== "inside" || tab !== "features" || !engine || !layers || !card || !answer?.timing || isStale(answer, state)) return null;
  if (!running.some((other) => other.key === key)) return null;
  const layer = shownLayer(layers, name, card)?.name ?? null;
  const names = layer === null ? layers.map((other) => other.name) : [layer];
  return { engine, key, card, layers, layer, names: showsAll(card) ? ["input", ...names] : names, answer };
}

/** An address may name a layer that the network does not have. */
function leaveUnknownLayer() {
  const { view, inside: { key, tab, layer, layers } } = state;
  const entry = entryOf(key);
  const card = cardOf(entry.network);
  const known = layers[layersKey(entry)];
  if (view !== "inside" || tab !== "features" || layer === null || !card || !known || known.some(({ name }) => name === layer)) return;
  notice(`${card.name} has no layer “${layer}”. ${showsAll(card) ? "All its layers are shown" : "Its first convolution is shown"} instead; choose another one in the list.`);
  updateInside({ layer: null });
}

/**
 * Finds each channel's extremes, in parts, because a layer may have millions of values.
 * @param {Activation} activation
 * @returns {Promise<Maps>}
 */
async function mapsOf(activation) {
  const extremes = noExtremes(channelsOf(activation));
  const parts = slices(channelsOf(activation), sizeOf(activation), SLICE);
  for (const [from, to] of parts) {
    if (from) await pause(0);
    findExtremes(activation, extremes, from, to);
  }
  return { activation, extremes };
}

/** @param {number} milliseconds */
const pause = (milliseconds) => new Promise((/** @type {(value: void) => void} */ resolve) => setTimeout(resolve, milliseconds));

/**
 * Has the maps be shown. The channels stay in their order as long as the picture changes by itself or under the pen.
 * @param {Want} want
 * @param {Record<string, Maps>} maps
 */
function show({ key, layer, answer: { picture } }, maps) {
  const { seen: before, order, page, opened } = state.inside.features;
  const isOther = before?.key !== key || before.layer !== layer;
  const isSorted = !isOther && (state.source?.kind === "drawing" || before.picture === picture);
  updateFeatures({
    seen: { key, layer, picture, maps },
    order: isSorted || !layer ? order : ranked(maps[layer].extremes),
    page: isOther ? 0 : page,
    opened: !isOther && opened && maps[opened.layer] ? opened : null,
    trouble: "",
  });
}

/** Brings the kernels of the first convolution where that is shown. @param {Want} want */
async function bringKernels({ engine, key, layers, layer }) {
  const weights = state.running.find((other) => other.key === key)?.weights ?? "";
  const { kernels } = state.inside.features;
  if (layer !== firstConvolution(layers).name || (kernels?.key === key && kernels.weights === weights)) return;
  updateFeatures({ kernels: { key, weights, filters: await engine.filters(key) } });
}

/** Brings the names of the classes where the last layer is shown. @param {Want} want */
async function bringClasses({ engine, key, layers, names }) {
  if (names.includes(lastLayer(layers).name)) await bringLabels(entryOf(key), engine);
}
