// @ts-check
import { titleOf } from "./load.js";
import { forgetOwn, withOwn } from "./ownWeights.js";
import { DEFAULT_VARIANT, entryOf, isOwnVariant } from "./pure/entries.js";
import { notice, setProblem, state, update } from "./state.js";

/**
 * Deletes weights that only this browser has, and has no view choose them any more.
 * @param {import("./state.js").Row} row
 */
export async function forgetWeights(row) {
  const { id, variant } = row;
  const gone = entryOf(variant === DEFAULT_VARIANT ? id : `${id}-${variant}`);
  const title = titleOf(gone);
  await forgetOwn(row);
  setProblem("network", null); // it may have been of these weights
  const { network, compare, inside, labels } = state;
  const { [gone.key]: _, ...others } = labels;
  const layers = isOwnVariant(gone.variant) ? Object.fromEntries(Object.entries(inside.layers).filter(([name]) => name !== gone.key)) : inside.layers;
  const isUsual = gone.variant === null; // the network goes on, with random weights
  update({
    rows: withOwn(state.rows ?? []),
    labels: others,
    ...(network === id && state.variant === variant && { variant: DEFAULT_VARIANT }),
    compare: { ...compare, keys: compare.keys?.filter((key) => isUsual || key !== gone.key) ?? null },
    inside: { ...inside, layers, key: !isUsual && inside.key === gone.key ? id : inside.key, other: !isUsual && inside.other === gone.key ? null : inside.other },
  });
  notice(`${title}: the weights are deleted from this browser. Their file is where it was.`);
}
