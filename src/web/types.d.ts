export type DeviceKind = "webgpu" | "cpu";

/** The device on which an engine computes. */
export interface DeviceInfo {
  kind: DeviceKind;
  /** What computes: this project's kernels, or, in the package's folder burn, burn's operations. */
  engine: "convscope" | "burn";
  /** The adapter's name of itself, or a description of the CPU path. */
  adapter: string;
  /** Whether WebGPU is computed by software: its answers are right, and slow. */
  software: boolean;
  /** Whether the adapter can compute in half precision (EngineOptions.f16). */
  f16: boolean;
  /** The greatest buffer that a WebGPU shader may read, in bytes; 0 on the CPU. */
  maxBindingBytes: number;
  /** How many threads compute on the CPU; 1 on WebGPU and in the burn build. */
  threads: number;
  /**
   * The numbers that are multiplied: "f32" is single precision; with "int8", the CPU multiplies 8-bit weights with 7-bit inputs in
   * convolutions and linear layers, where that is quicker and exact enough. "f32" on WebGPU.
   */
  arithmetic: "f32" | "int8";
  /**
   * Whether this browser and machine have an 8-bit product that is clearly quicker than one in single precision: timed when the first
   * engine on the CPU is made. Where they do not, "int8" gains little or nothing. false on WebGPU and in the burn build.
   */
  dot8: boolean;
  /** Why "auto" did not take WebGPU, or why threads that were asked for could not be started, in sentences; "" otherwise. */
  note: string;
}

/** How an engine computes. f16 concerns WebGPU; threads and arithmetic concern the CPU. */
export interface EngineOptions {
  /**
   * Stores and multiplies in half precision, where the device can (DeviceInfo.f16); sums stay in single precision.
   * "webgpu" is rejected where the device cannot, and always in the burn build; "auto" computes in single precision then.
   */
  f16?: boolean;
  /**
   * How many threads compute on the CPU, at most 32. Without it the quickest number is found by timing a small network when the
   * first engine is created, which takes about a tenth of a second. There is one thread where the page is not cross-origin isolated,
   * where the engine is not created in a worker, and in the burn build. WebGPU ignores it. Results do not depend on it.
   */
  threads?: number;
  /**
   * The numbers that the CPU multiplies, as in DeviceInfo: "f32" where it is missing. The burn build has no "int8" and rejects it with
   * "unknown-arithmetic". WebGPU takes no notice of it.
   */
  arithmetic?: "f32" | "int8";
}

/**
 * A picture: RGBA pixels as ImageData gives them, or the planes of a video frame as VideoFrame.copyTo gives them. Each side has
 * at most 65536 pixels, the whole picture at most 67108864; with planes, both sides are even.
 */
export interface Frame {
  /** RGBA: four bytes a pixel, row by row. Planes: brightness for each pixel, then both differences of colour for each four. */
  data: Uint8ClampedArray;
  /** In pixels. */
  width: number;
  /** In pixels. */
  height: number;
  /** How data is laid out; RGBA where it is missing. */
  format?: "RGBA" | "I420" | "NV12";
  /** Matrix coefficients of planes, as VideoColorSpace names them; bt601 where they are missing. */
  matrix?: "bt601" | "bt709";
  /** Whether the values of planes go from 0 to 255 instead of from 16 to 235; false where it is missing. */
  fullRange?: boolean;
}

/** A class, its place among the network's classes, its name, and its probability between 0 and 1. */
export interface Prediction { index: number; label: string; probability: number }

/** Milliseconds. preprocess: frame to input; inference: input to logits, which includes reading them back; total: both. */
export interface Timing { preprocess: number; inference: number; total: number }

/** A network's answer. */
export interface Classification {
  /** The most probable classes, the most probable first. None where a network of digits finds no ink on the frame. */
  predictions: Prediction[];
  timing: Timing;
  /** The same of each auxiliary output, the one nearest to the input first; empty unless they were asked for. */
  heads: { name: string; predictions: Prediction[] }[];
  /** The most probable classes of the weighted mean of all outputs' probabilities; null unless the heads were asked for. */
  vote: Prediction[] | null;
}

/** The memory that a network takes on the device of an engine, in bytes. In the burn build it is an estimate. */
export interface Memory {
  /** The weights as the device's kernels read them, for as long as the network is loaded. */
  weightsBytes: number;
  /**
   * The buffers of layer outputs, with the zeros around them, and everything else that running the network needs. Uniform buffers
   * and pipelines, a few kilobytes for each layer, are not counted.
   */
  activationBytes: number;
}

/** The facts about a network. */
export interface Card {
  /** Stable name, for addresses and files. */
  id: string;
  /** Name as people write it. */
  name: string;
  /** Year of publication. */
  year: number;
  paper: { title: string; authors: string; url: string };
  /** Why the network came to be, in a sentence or two. */
  about: string;
  /** What the network achieved in the ImageNet challenge (2010 to 2017), or why it took no part, as a phrase. */
  challenge: string;
  /** Address of the page of the challenge's results that says so; null for a network that took no part. */
  challengeSource: string | null;
  /** Number of trained parameters. */
  parameters: number;
  /** Multiply–accumulates of one prediction. */
  macs: number;
  /** Shape of the input. */
  input: { channels: number; height: number; width: number };
  /** What a frame should show, and the side, in pixels, of a square frame that needs no resizing. */
  frame: { kind: "photo" | "digit"; side: number };
  /** How many classes there are; Engine.labels names them. */
  classes: number;
  /** Auxiliary outputs and their weights in a vote, in which the main output has weight 1; most networks have none. */
  heads: { name: string; weight: number }[];
  /** Accuracy of the most probable class, in percent, on ImageNet's validation set or MNIST's test set; null where unpublished. */
  top1: number | null;
  /** How often the right class is among the five most probable ones, in percent; null where unpublished. */
  top5: number | null;
  /** Where the official weights come from. */
  source: string;
  /** Licence of the weights. */
  licence: string;
}

/** A layer of a network as it runs: batch normalisation is part of the convolution before it. */
export interface Layer {
  /** Unique within the network. */
  name: string;
  /** What it computes, in words, such as "depthwise convolution". */
  kind: string;
  /** The block of layers that the layer belongs to; "" for a layer that stands alone. */
  block: string;
  /** The layers whose outputs it reads; "input" is the network's input. */
  inputs: string[];
  /** Side of its windows, in pixels; null for a layer without windows. */
  kernel: number | null;
  /** Distance between neighbouring windows, in pixels; null for a layer without windows. */
  stride: number | null;
  /** Groups of channels that do not read each other; null for layers other than convolutions. */
  groups: number | null;
  /** What is applied to each element of the output, such as "ReLU"; "" for nothing. */
  activationFunction: string;
  /** [channels, height, width] */
  outputShape: number[];
  /** Trained parameters, with those of the batch normalisation that is folded into a convolution. */
  parameters: number;
  /** Multiply–accumulates of one prediction; normalisation, pooling and element-wise operations are not counted. */
  macs: number;
  /** Bytes of the output in single precision, for one picture. */
  activationBytes: number;
  /**
   * Side of the square of the input's pixels that a unit of the output depends on. Padding is counted, so that it can be larger
   * than the input.
   */
  receptiveField: number;
  /**
   * The unit at row y and column x depends on the pixels of the input from column start + step · x and row start + step · y on,
   * as many as receptiveField says. Step is 0 where every unit depends on the same pixels.
   */
  receptiveFieldStart: number;
  receptiveFieldStep: number;
  /** Whether only auxiliary outputs need it. Totals of a network leave such layers out. */
  auxiliary: boolean;
}

/**
 * A layer and the time that it takes. Layers of auxiliary outputs are timed too; those that are not auxiliary together take as
 * long as a run that computes one layer after the other, without preparing the input and reading the logits back.
 */
export interface LayerProfile extends Layer {
  /** Milliseconds of one run; 0 where another layer's kernel computes it as well. */
  milliseconds: number;
  /**
   * The layer whose kernel computes this one as well, because it is the last of those that this one reads: the convolution that
   * an addition runs in, or the layer that writes the last part of a concatenation. Null where a layer has a kernel of its own.
   */
  computedBy: string | null;
}

/** The output of a layer. */
export interface Activation {
  layer: string;
  /** [channels, height, width] */
  shape: number[];
  /** Channel by channel and row by row. */
  data: Float32Array;
}

/** The weights of the first convolution. */
export interface Filters {
  layer: string;
  /** [output channels, input channels, height, width] */
  shape: number[];
  data: Float32Array;
  /** The order of the input channels, "RGB" or "BGR"; "grey" where there is one. */
  order: "RGB" | "BGR" | "grey";
}

/** Called before each part of a longer computation. It goes on when what is returned is fulfilled, and ends with "cancelled" when that is rejected. */
export type Progress = (done: number, total: number) => void | Promise<void>;

/** How an attention map is computed. */
export interface AttentionOptions {
  /** The class that is looked for; the most probable one where it is missing. */
  class?: number;
  /**
   * "cam": class activation map, exact for networks that end in global average pooling. "hirescam": the gradient of the class's
   * logit with respect to a layer, multiplied with the layer element by element; only in the burn build. "occlusion": how much of
   * the class's probability is lost when a square of the input is covered with the input's mean colour, in about 200 runs. Where
   * it is missing, "cam" for networks that have it, otherwise "hirescam".
   */
  method?: "cam" | "hirescam" | "occlusion";
  /** The layer that a "hirescam" is of; where it is missing, the last one whose output has more than one pixel. */
  layer?: string;
  progress?: Progress;
}

/** Where a network looks: what each place of the input contributes to a class. */
export interface AttentionMap {
  method: "cam" | "hirescam" | "occlusion";
  /** The layer that the map is computed from; "input" for an occlusion map. */
  layer: string;
  class: number;
  /** Cells of the map. */
  width: number;
  height: number;
  /**
   * Row by row. "cam" and "hirescam": what a cell adds to the logit, negative where it speaks against the class. The cells of a
   * "cam" add up to the logit without its bias; those of a "hirescam" of another layer do so only in part. "occlusion": the
   * probability that is lost without the square around the cell's centre, which is two steps wide; negative where the class
   * becomes more probable.
   */
  data: Float32Array;
  /**
   * The centre of cell (x, y), in pixels of the input: centre + step · x and centre + step · y, where 0 is the centre of the first
   * pixel. The windows of the first cells can reach so far into the padding that their centre is at 0 or before it.
   */
  centre: number;
  step: number;
}

/** How a deletion curve is computed. */
export interface DeletionOptions {
  /** Points of the curve after the first one; 14 where it is missing. */
  steps?: number;
  /** Of the random orders, of which there are four; 0 where it is missing. */
  seed?: number;
  progress?: Progress;
}

/**
 * What is left of a class's probability while squares of the input are blurred one after the other: those where a map is highest
 * first, and in random orders, of which it is the mean. There are about 14 × 14 squares, and the blur is a Gaussian whose standard
 * deviation is a square's side. Where an object fills the picture, the two differ little.
 */
export interface DeletionCurve {
  /** Share of the squares that are blurred, from 0 to 1. */
  shares: number[];
  hottest: number[];
  random: number[];
  /** Mean probability over the curve, from 0 to 1: a map that has found what the network looks at has the smaller one. */
  hottestArea: number;
  randomArea: number;
}

/**
 * What every rejected promise carries and every call throws: a sentence that says what to do, and a stable code. Any call can end in
 * "not-started" (before `init`), in "freed" (after `free`) and in "bad-argument" (an argument of another type, or out of its range);
 * `free` ends in "busy" while a call has not ended. After "device-lost", and after "crashed", which says that a thread has stopped, only a
 * new engine in a new worker helps. Where WebAssembly itself stops, no call ends any more: the worker gets an `error` event with a
 * `WebAssembly.RuntimeError`, and has to be ended.
 */
export interface EngineError extends Error {
  code: "not-started" | "freed" | "bad-argument" | "crashed" | "no-webgpu" | "unknown-device" | "unknown-arithmetic" | "wrong-results" | "device-lost" | "out-of-memory" | "bad-weights"
    | "unknown-network" | "not-loaded" | "random-weights" | "bad-frame" | "no-frame" | "unknown-layer" | "unknown-class"
    | "needs-gradients" | "no-map" | "no-profile" | "bad-data" | "busy" | "cancelled" | "internal";
}
