// @ts-check

/**
 * Where networks run, and how they are computed there.
 *
 * @typedef {import("../state.js").Place} Place
 */

/**
 * The place of a state or of anything else that has all of it.
 * @param {Place} place
 * @returns {Place}
 */
export const placeOf = ({ device, engine, arithmetic, threads }) => ({ device, engine, arithmetic, threads });

/**
 * Whether ConvScope's kernels may compute on the CPU there: only they can do so in 8 bits and with several threads.
 * @param {Pick<Place, "device" | "engine">} place
 */
export const mayUseCpu = ({ device, engine }) => device !== "webgpu" && engine === "convscope";

/**
 * A text that differs between places. What concerns the CPU alone makes no other place of one where the CPU does not compute.
 * @param {Place} place
 */
export function placeKey(place) {
  const { device, engine, arithmetic, threads } = place;
  return mayUseCpu(place) ? `${device} ${engine} ${arithmetic} ${threads ?? "automatic"}` : `${device} ${engine}`;
}

/**
 * @param {Place} one
 * @param {Place} other
 */
export const isSame = (one, other) => placeKey(one) === placeKey(other);
