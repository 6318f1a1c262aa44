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
  /** A sentence that says why "auto" did not take WebGPU; "" otherwise. */
  note: string;
}

/** How a WebGPU engine computes. */
export interface EngineOptions {
  /**
   * Stores and multiplies in half precision, where the device can (DeviceInfo.f16); sums stay in single precision.
   * "webgpu" is rejected where the device cannot, and always in the burn build; "auto" computes in single precision then.
   */
  f16?: boolean;
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
  /** The most probable classes, the most probable first. */
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

/** What every rejected promise carries and every call throws: a sentence that says what to do, and a stable code. */
export interface EngineError extends Error {
  code: "no-webgpu" | "unknown-device" | "wrong-results" | "device-lost" | "out-of-memory" | "bad-weights" | "unknown-network"
    | "not-loaded" | "random-weights" | "bad-frame" | "internal";
}
