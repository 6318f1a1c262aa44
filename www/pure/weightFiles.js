// @ts-check

/** Files of weights, by their names: PyTorch's, safetensors, Caffe's, and pickled arrays of numpy. */
export const WEIGHTS_FILE = /\.(pth?|pth\.tar|ckpt|caffemodel|pkl|safetensors)$|^pytorch_model\.bin$/i;

/** Files that may hold the names of classes. */
const LABEL_FILE = /\.(txt|json|names)$/i;
/** Of several of them, the one that does. Hugging Face's `config.json` has the names, and other files lie beside it. */
const NAMED_LABELS = /^config\.json$|label|class|names|synset|categor/i;

/** Pictures, by their names, whether or not this browser can decode them. */
export const PICTURE_FILE = /\.(jpe?g|jpe|jfif|pjpe?g|pjp|a?png|webp|gif|bmp|avif|tiff?|hei[cf]|ico)$/i;

/**
 * @typedef {object} Weights
 * @property {File} weights
 * @property {File | null} labels with the names of the classes
 * @property {string[]} unused the names of what came with them and is neither
 */

/**
 * Looks for a file of weights, beside which there may be one with the names of the classes.
 * @param {File[]} files that were dropped or pasted together, or chosen
 * @returns {Weights | { trouble: string } | null} null where they are no weights, or pictures as well
 */
export function weightsAmong(files) {
  const weights = files.filter(({ name }) => WEIGHTS_FILE.test(name));
  const others = files.filter((file) => !weights.includes(file));
  if (!weights.length || others.some(({ name, type }) => type.startsWith("image/") || PICTURE_FILE.test(name))) return null; // not every system tells a type
  if (weights.length > 1) return { trouble: "Drop one file of weights at a time, alone or together with one file that names its classes." };
  const candidates = others.filter(({ name }) => LABEL_FILE.test(name));
  const named = candidates.filter(({ name }) => NAMED_LABELS.test(name));
  const labels = candidates.length === 1 ? candidates[0] : named.length === 1 ? named[0] : null;
  return { weights: weights[0], labels, unused: others.filter((file) => file !== labels).map(({ name }) => name) };
}
