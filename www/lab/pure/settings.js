// @ts-check

/**
 * The settings of an experiment: how each is shown, said in a sentence, and written into an address.
 *
 * @typedef {import("../state.js").LabConfig} LabConfig
 * @typedef {keyof LabConfig} Name
 * @typedef {"Network" | "Training" | "Data"} Group
 *
 * @typedef {object} Field
 * @property {Name} name
 * @property {Group} group
 * @property {string} label
 * @property {string} thing in a sentence
 * @property {string} help
 * @property {string} [ofLenet] what LeNet-5 has, in a sentence, where it cannot be chosen
 * @property {Record<string, string>} [options] the choices and their names
 * @property {{ least: number, most: number, whole?: boolean, open?: boolean }} [bounds] of a number or of the limit; open: the greatest is not among them
 * @property {boolean} [isSwitch]
 * @property {boolean} [isClipping]
 */

/** Of a learning rate and of a limit. The least is the smallest number that 32-bit floats hold with all their digits. */
const POSITIVE = { least: 2 ** -126, most: 1000 };

/** @type {Field[]} */
export const FIELDS = [
  { name: "family", group: "Network", label: "Kind of network", thing: "the kind of network", help: "Linear layers see all pixels; 3×3 convolutions see 14×14 pixels.", options: { linear: "Linear layers", convolutional: "Convolutions", lenet5: "LeNet-5" } },
  { name: "depth", group: "Network", label: "Hidden layers", thing: "the number of hidden layers", help: "A whole number from 2 to 50. With 50 the gradient passes 50 layers on its way back.", ofLenet: "LeNet-5's own", bounds: { least: 2, most: 50, whole: true } },
  { name: "width", group: "Network", label: "Width of a layer", thing: "the width", help: "Units or channels of a hidden layer, a whole number from 1 to 512.", ofLenet: "LeNet-5's own", bounds: { least: 1, most: 512, whole: true } },
  { name: "activation", group: "Network", label: "Activation function", thing: "the activation function", help: "What is applied to each output of a hidden layer.", ofLenet: "LeNet-5's own", options: { sigmoid: "sigmoid", tanh: "tanh", relu: "ReLU" } },
  { name: "initialisation", group: "Network", label: "Initialisation", thing: "the initialisation", help: "The distribution that the first weights are drawn from.", options: { small: "N(0, 0.01²)", unit: "N(0, 1)", xavier: "Xavier", he: "He" } },
  { name: "dropout", group: "Network", label: "Dropout", thing: "dropout", help: "The probability with which an output is dropped in training, 0 to less than 1.", ofLenet: "none", bounds: { least: 0, most: 1, open: true } },
  { name: "batchNorm", group: "Network", label: "Batch normalisation", thing: "batch normalisation", help: "Behind each hidden layer.", ofLenet: "off", isSwitch: true },
  { name: "shortcuts", group: "Network", label: "Residual shortcuts", thing: "the shortcuts", help: "Around pairs of hidden layers, as in ResNet: the second and third, the fourth and fifth, and so on.", ofLenet: "off", isSwitch: true },
  { name: "auxiliary", group: "Network", label: "Auxiliary classifiers", thing: "the auxiliary classifiers", help: "At a third and two thirds of the depth, as in GoogLeNet.", ofLenet: "off", isSwitch: true },
  { name: "optimiser", group: "Training", label: "Optimiser", thing: "the optimiser", help: "SGD goes against the gradient. Momentum (0.9) goes against the sum of the gradients, in which older ones count less. Adam (0.9, 0.999) also divides by how large each weight's gradient usually is.", options: { sgd: "SGD", momentum: "Momentum", adam: "Adam" } },
  { name: "rate", group: "Training", label: "Learning rate", thing: "the learning rate", help: "How large a step is, greater than 0 and at most 1000.", bounds: POSITIVE },
  { name: "clipping", group: "Training", label: "Clipping", thing: "clipping", help: "A limit for gradients, greater than 0 and at most 1000: of their norm over all weights and biases, or of each value.", isClipping: true, bounds: POSITIVE, options: { none: "none", norm: "by norm", value: "by value" } },
  { name: "batch", group: "Training", label: "Batch size", thing: "the batch size", help: "Pictures in a step, a whole number from 1 to 1024.", bounds: { least: 1, most: 1024, whole: true } },
  { name: "digits", group: "Data", label: "Pictures to train with", thing: "the number of pictures to train with", help: "A whole number from 10 to 6000; few pictures are learned by heart.", bounds: { least: 10, most: 6000, whole: true } },
  { name: "seed", group: "Data", label: "Seed", thing: "the seed", help: "Of all random numbers, a whole number from 0 to 4294967295. The same seed gives the same weights and batches.", bounds: { least: 0, most: 2 ** 32 - 1, whole: true } },
];

/** @type {Group[]} */
export const GROUPS = ["Network", "Training", "Data"];

/** @param {string} name */
export const fieldOf = (name) => FIELDS.find((field) => field.name === name);

/**
 * Whether a network of this kind has the setting.
 * @param {Field} field
 * @param {LabConfig["family"]} family
 */
export const applies = (field, family) => family !== "lenet5" || !field.ofLenet;

/**
 * The settings that a network of its kind has: what else is in a configuration makes no difference to it.
 * @param {LabConfig} config
 * @returns {Partial<LabConfig>}
 */
export const appliedOf = (config) => Object.fromEntries(FIELDS.filter((field) => applies(field, config.family)).map(({ name }) => [name, config[name]]));

/**
 * @param {any} value of a setting
 * @returns {string} as an address has it
 */
export function wordOf(value) {
  if (typeof value !== "object") return String(value);
  return "norm" in value ? `norm:${value.norm}` : `value:${value.value}`;
}

/**
 * @param {Field} field
 * @param {string} word
 * @returns {any} undefined where it is no value of the setting
 */
export function valueOf({ options, bounds, isSwitch, isClipping }, word) {
  if (isSwitch) return word === "true" ? true : word === "false" ? false : undefined;
  if (isClipping) {
    if (word === "none") return "none";
    const found = /^(norm|value):(.+)$/.exec(word);
    const limit = found && numberIn(bounds, found[2]);
    return found && limit !== undefined ? { [found[1]]: limit } : undefined;
  }
  if (options) return Object.hasOwn(options, word) ? word : undefined;
  return numberIn(bounds, word);
}

/**
 * @param {Field["bounds"]} bounds
 * @param {string} word
 * @returns {number | undefined} undefined where it is no number within the bounds
 */
function numberIn(bounds, word) {
  const value = word.trim() ? Number(word) : NaN;
  if (!bounds || (bounds.whole && !Number.isInteger(value))) return undefined;
  const stored = bounds.whole ? value : Math.fround(value); // the networks compute with 32-bit floats
  return stored >= bounds.least && (bounds.open ? stored < bounds.most : stored <= bounds.most) ? value : undefined;
}

/**
 * @param {[string, string][]} entries names and words of an address
 * @param {(field: Field) => boolean} isThere whether a network has the setting
 * @returns {{ read: Partial<LabConfig>, unknown: string[], absent: Field[], unread: { field: Field, word: string }[] }} unknown: names of no setting; absent: what no network has; unread: words that are no value of the setting
 */
export function readAll(entries, isThere) {
  /** @type {Record<string, any>} */
  const read = {};
  const [unknown, absent, unread] = [/** @type {string[]} */ ([]), /** @type {Field[]} */ ([]), /** @type {{ field: Field, word: string }[]} */ ([])];
  for (const [name, word] of entries) {
    const field = fieldOf(name);
    const value = field && valueOf(field, word);
    if (!field) unknown.push(name);
    else if (!isThere(field)) absent.push(field);
    else if (value === undefined) unread.push({ field, word });
    else read[name] = value;
  }
  return { read, unknown, absent, unread };
}

/**
 * @param {Partial<LabConfig>} settings
 * @param {Partial<LabConfig>} own what needs no word
 * @returns {Record<string, string>}
 */
export function writeAll(settings, own) {
  /** @type {Record<string, string>} */
  const words = {};
  for (const { name } of FIELDS) {
    if (settings[name] === undefined) continue;
    const word = wordOf(settings[name]);
    if (own[name] === undefined || word !== wordOf(own[name])) words[name] = word;
  }
  return words;
}

/**
 * @param {any} found
 * @returns {boolean} it has settings only, with values that they can have
 */
export const areSettings = (found) => typeof found === "object" && found !== null && Object.entries(found).every(([name, value]) => {
  const field = fieldOf(name);
  const read = field && value !== null ? valueOf(field, wordOf(value)) : undefined;
  return read !== undefined && typeof read === typeof value;
});

/**
 * @param {Field} field
 * @param {LabConfig} config
 * @returns {string} what a network has of it, in a sentence
 */
export const saidOf = (field, config) => (applies(field, config.family) ? said(field, config[field.name]) : field.ofLenet ?? "");

/**
 * @param {Field} field
 * @param {any} value
 * @returns {string} in a sentence
 */
export function said({ isSwitch, isClipping, options }, value) {
  if (isSwitch) return value ? "on" : "off";
  if (isClipping) return value === "none" ? "off" : "norm" in value ? `by a norm of ${value.norm}` : `by a value of ${value.value}`;
  return options?.[value] ?? String(value);
}
