// @ts-check

/**
 * The names of a network's classes, in the order of their numbers. A network names all of them when it is asked for as
 * many predictions.
 * @param {import("../engine.js").Engine} engine
 * @param {string} key of a network that is loaded
 * @param {number} count how many classes it has
 * @returns {Promise<string[]>}
 */
export async function classNames(engine, key, count) {
  const blank = { data: new Uint8ClampedArray(4 * 64 * 64).fill(255), width: 64, height: 64 };
  const { predictions } = await engine.classify(key, blank, count);
  return predictions.sort((a, b) => a.index - b.index).map(({ label }) => label);
}
