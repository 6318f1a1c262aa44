// @ts-check
// Layers → TensorFlow.js's operations, channels last. Weights are brought into TensorFlow's order before the clock starts.

/** @typedef {import("../description.js").Description} Description */
/** @typedef {import("../description.js").Layer} Layer */
/** @typedef {import("../description.js").Shape} Shape */
/** Numbers and their shape, outermost first. @typedef {{ data: Float32Array, shape: number[] }} Numbers */
/** Uploads once what it holds on to, and computes with it. @typedef {(tf: any) => (...inputs: any[]) => any} Step */

/**
 * The activation function of a layer: TensorFlow.js's name for it where its fused operations compute it, and its steps.
 * @typedef {{ fused: string | undefined, steps: import("../description.js").ActivationStep[] }} Activation
 */

/** Activation functions that TensorFlow.js computes together with the operation before. @type {Record<string, string>} */
const FUSED = { Identity: "linear", Relu: "relu", Relu6: "relu6" };

/** ONNX's operators, of which activation functions consist. @type {Record<string, (tf: any, ...inputs: any[]) => any>} */
const OPERATORS = {
  Relu: (tf, x) => tf.relu(x),
  Clip: (tf, x, least, greatest) => tf.clipByValue(x, least, greatest),
  Mul: (tf, a, b) => tf.mul(a, b),
  Tanh: (tf, x) => tf.tanh(x),
  Sigmoid: (tf, x) => tf.sigmoid(x),
};

/**
 * @param {Description} description
 * @param {ArrayBuffer} numbers all tensors
 * @returns {(tf: any) => (input: any) => any} uploads the weights; then one input `1 × H × W × C` → logits `1 × classes`
 */
export function network({ input, layers }, numbers) {
  /** @type {Shape[]} */
  const shapes = [input];
  for (const { value, output } of layers) shapes[value] = output;
  const steps = layers.map((layer) => step(layer, layer.inputs.map((value) => shapes[value]), numbers));
  return (tf) => {
    const ready = steps.map((step) => step(tf));
    return (input) => {
      const values = [input];
      layers.forEach(({ value, inputs }, index) => (values[value] = ready[index](...inputs.map((input) => values[input]))));
      const logits = values[values.length - 1];
      return tf.reshape(logits, [1, logits.size]);
    };
  };
}

/**
 * @param {Layer} layer
 * @param {Shape[]} inputs
 * @param {ArrayBuffer} numbers
 * @returns {Step}
 */
function step(layer, inputs, numbers) {
  const { op, tensors, pads } = layer;
  const activation = { fused: FUSED[layer.activation], steps: layer.activation_steps };
  const [kind, options] = typeof op === "string" ? [op, /** @type {any} */ ({})] : Object.entries(op)[0];
  /** @param {string} part @returns {Numbers} */
  const tensor = (part) => {
    const { offset, length, shape } = tensors[part];
    return { data: new Float32Array(numbers, offset, length / 4), shape };
  };
  const [top, left, bottom, right] = pads;
  const padding = pads.some(Boolean) ? [[0, 0], [top, bottom], [left, right], [0, 0]] : "valid";
  switch (kind) {
    case "Conv":
      return convolution(options, inputs[0], tensor("weight"), options.bias ? tensor("bias") : null, padding, activation);
    case "Linear":
      return linear(inputs[0], tensor("weight"), tensor("bias"), activation);
    case "MaxPool":
      return plain(activation, (tf, x) => tf.maxPool(x, options.kernel, options.stride, padding));
    case "AvgPool":
      if (padding !== "valid") throw new Error("an average pooling with padding is not translated to TensorFlow.js");
      return plain(activation, (tf, x) => tf.avgPool(x, options.kernel, options.stride, padding));
    case "GlobalAvgPool":
      return plain(activation, (tf, x) => tf.mean(x, [1, 2], true));
    case "Lrn": {
      // TensorFlow's alpha is that of the sum of squares, not of their mean.
      const { size, alpha, beta, k } = options;
      return plain(activation, (tf, x) => tf.localResponseNormalization(x, (size - 1) / 2, k, alpha / size, beta));
    }
    case "Add":
      return plain(activation, (tf, a, b) => tf.add(a, b));
    case "Scale":
      return plain(activation, (tf, x, factor) => tf.mul(x, factor));
    case "Concat":
      return plain(activation, (tf, ...xs) => tf.concat(xs, 3));
    default:
      throw new Error(`a layer of kind ${kind} is not translated to TensorFlow.js`);
  }
}

/**
 * An operation that TensorFlow.js does not compute together with an activation function.
 * @param {Activation} activation
 * @param {(tf: any, ...inputs: any[]) => any} compute
 * @returns {Step}
 */
function plain({ steps }, compute) {
  return (tf) => (...inputs) => activate(tf, compute(tf, ...inputs), steps);
}

/** @param {any} tf @param {any} x @param {Activation["steps"]} steps */
function activate(tf, x, steps) {
  let previous = x;
  for (const { op_type, reads } of steps) {
    const operator = OPERATORS[op_type];
    if (!operator) throw new Error(`ONNX's operator ${op_type} is not translated to TensorFlow.js`);
    const operands = reads.map((read) => (read === "Argument" ? x : read === "Previous" ? previous : read.Constant));
    previous = operator(tf, ...operands);
  }
  return previous;
}

/**
 * @param {{ channels: number, stride: number, groups: number }} options
 * @param {Shape} input
 * @param {Numbers} weight `[out, in / groups, kernel, kernel]`
 * @param {Numbers | null} bias
 * @param {number[][] | "valid"} pad
 * @param {Activation} activation
 * @returns {Step}
 */
function convolution({ channels, stride, groups }, input, weight, bias, pad, activation) {
  const shared = { strides: stride, pad, activation: activation.fused ?? "linear" };
  const after = activation.fused ? [] : activation.steps;
  if (groups === input.channels && groups === channels) {
    const filter = reordered(weight, [2, 3, 0, 1]);
    return (tf) => {
      const held = { filter: upload(tf, filter), bias: bias && upload(tf, bias) };
      return (x) => activate(tf, tf.fused.depthwiseConv2d({ x, ...held, ...shared }), after);
    };
  }
  // TensorFlow.js has no groups: each is a convolution of its own.
  const each = { filters: channels / groups, inputs: input.channels / groups };
  const parts = Array.from({ length: groups }, (_, group) => ({
    filter: reordered(rows(weight, group * each.filters, each.filters), [2, 3, 1, 0]),
    bias: bias && rows(bias, group * each.filters, each.filters),
  }));
  return (tf) => {
    const held = parts.map(({ filter, bias }) => ({ filter: upload(tf, filter), bias: bias && upload(tf, bias) }));
    return (x) => {
      const xs = groups === 1 ? [x] : tf.split(x, groups, 3);
      const ys = held.map((held, group) => tf.fused.conv2d({ x: xs[group], ...held, ...shared }));
      return activate(tf, groups === 1 ? ys[0] : tf.concat(ys, 3), after);
    };
  };
}

/**
 * @param {Shape} input
 * @param {Numbers} weight `[out, in]`, a picture flattened channel by channel
 * @param {Numbers} bias
 * @param {Activation} activation
 * @returns {Step}
 */
function linear({ channels, height, width }, weight, bias, activation) {
  const outputs = weight.shape[0];
  const inputs = channels * height * width;
  const { data } = reordered({ data: weight.data, shape: [outputs, channels, height, width] }, [2, 3, 1, 0]);
  const fused = activation.fused ?? "linear";
  const after = activation.fused ? [] : activation.steps;
  return (tf) => {
    const b = upload(tf, { data, shape: [inputs, outputs] });
    const held = upload(tf, bias);
    return (x) => {
      const a = tf.reshape(x, [1, inputs]);
      const y = tf.fused.matMul({ a, b, bias: held, activation: fused });
      return tf.reshape(activate(tf, y, after), [1, 1, 1, outputs]);
    };
  };
}

/** @param {any} tf @param {Numbers} numbers */
function upload(tf, { data, shape }) {
  return tf.keep(tf.tensor(data, shape));
}

/** Some of the outermost dimension. @param {Numbers} numbers @param {number} first @param {number} count @returns {Numbers} */
function rows({ data, shape: [all, ...rest] }, first, count) {
  const size = data.length / all;
  return { data: data.subarray(first * size, (first + count) * size), shape: [count, ...rest] };
}

/**
 * Four dimensions in another order: dimension `i` of the result is dimension `order[i]` of the numbers.
 * @param {Numbers} numbers
 * @param {number[]} order
 * @returns {Numbers}
 */
function reordered({ data, shape }, order) {
  const strides = [shape[1] * shape[2] * shape[3], shape[2] * shape[3], shape[3], 1];
  const [n0, n1, n2, n3] = order.map((dimension) => shape[dimension]);
  const [s0, s1, s2, s3] = order.map((dimension) => strides[dimension]);
  const result = new Float32Array(data.length);
  let index = 0;
  for (let a = 0; a < n0; a += 1)
    for (let b = 0; b < n1; b += 1)
      for (let c = 0; c < n2; c += 1)
        for (let d = 0; d < n3; d += 1) result[index++] = data[a * s0 + b * s1 + c * s2 + d * s3];
  return { data: result, shape: [n0, n1, n2, n3] };
}
