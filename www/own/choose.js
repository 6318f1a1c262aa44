// @ts-check
import { DEFAULT_VARIANT, entryOf } from "../pure/entries.js";
import { state, update, updateCompare, updateInside } from "../state.js";

/**
 * @typedef {Pick<import("../pure/entries.js").Row, "id" | "variant">} Named a network and a variant of its weights
 */

/** @param {Named} row */
export const entryOfRow = ({ id, variant }) => entryOf(variant === DEFAULT_VARIANT ? id : `${id}-${variant}`);

/**
 * Has the view that is shown run a network with these weights; where it is one that runs none, the view of one network does.
 * @param {Named} row
 * @param {import("../views.js").Page["show"]} show
 */
export function chooseRow(row, show) {
  const { id: network, variant } = row;
  const { key } = entryOfRow(row);
  const { view, compare, inside } = state;
  if (view === "compare") return updateCompare({ keys: [...new Set([...(compare.keys ?? []), key])] });
  if (view === "inside") return updateInside({ key, other: inside.other === key ? null : inside.other, layer: null, class: null });
  if (view === "single") return update({ network, variant });
  history.pushState(null, "", "?");
  void show("single", { network, variant });
}
