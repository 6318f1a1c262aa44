// @ts-check

/** Files of weights, by their names: PyTorch's, safetensors, Caffe's, and pickled arrays of numpy. */
export const WEIGHTS_FILE = /\.(pth?|pth\.tar|ckpt|caffemodel|pkl|safetensors)$|^pytorch_model\.bin$/i;

/** Files that may hold the names of classes. */
const LABEL_FILE = /\.(txt|json)$/i;

/**
 * Looks for a file of weights, beside which there may be one with the names of the classes.
 * @param {File[]} files that were dropped or pasted together, or chosen
 * @returns {{ weights: File, labels: File | null } | { trouble: string } | null} null where they are no weights
 */
export function weightsAmong(files) {
  const weights = files.filter(({ name }) => WEIGHTS_FILE.test(name));
  const others = files.filter((file) => !weights.includes(file));
  if (!weights.length || others.some(({ name }) => !LABEL_FILE.test(name))) return null;
  if (weights.length === 1 && others.length <= 1) return { weights: weights[0], labels: others[0] ?? null };
  return { trouble: "Drop one file of weights at a time, alone or together with one file that names its classes." };
}
