// @ts-check
import { state, updateInside } from "../../state.js";

/**
 * @typedef {import("./state.d.ts").Attention} Attention
 * @typedef {import("./state.d.ts").Sight} Sight
 */

/** @param {Partial<Attention>} patch */
export function updateAttention(patch) {
  updateInside({ attention: { ...state.inside.attention, ...patch } });
}

/**
 * Adds to what is known of a network's map, unless it is about something else by now.
 * @param {string} key
 * @param {string} subject
 * @param {Partial<Sight>} patch
 */
export function updateSight(key, subject, patch) {
  const { sights } = state.inside.attention;
  const sight = sights[key];
  if (sight?.subject === subject) updateAttention({ sights: { ...sights, [key]: { ...sight, ...patch } } });
}
