export type DeviceKind = "webgpu" | "cpu";

/** Where an engine computes. */
export interface DeviceInfo {
  kind: DeviceKind;
  /** What computes: this project's kernels, or burn's operations in the package's folder burn. */
  engine: "convscope" | "burn";
  /** The adapter's own name. */
  adapter: string;
  /** A software adapter: right answers, slowly. */
  software: boolean;
  f16: boolean;
  maxBindingBytes: number;
  /** Why this device was chosen, a sentence; "" when there is nothing to say. */
  note: string;
}

/** How a WebGPU engine computes. */
export interface EngineOptions {
  /**
   * Stores and multiplies in half precision, where the device can (DeviceInfo.f16); sums stay in single precision.
   * The burn build refuses it.
   */
  f16?: boolean;
}

/** Pixels as ImageData gives them, or a video's planes of even sides as VideoFrame.copyTo gives them. */
export interface Frame {
  data: Uint8ClampedArray;
  width: number;
  height: number;
  /** RGBA unless told. */
  format?: "RGBA" | "I420" | "NV12";
  /** Of planes; bt601 unless told. */
  matrix?: "bt601" | "bt709";
  /** Of planes; not unless told. */
  fullRange?: boolean;
}

export interface Prediction { index: number; label: string; probability: number }

/** Milliseconds; inference includes the read-back. */
export interface Timing { preprocess: number; inference: number; total: number }

/** The most probable classes, the most probable first. */
export interface Classification {
  predictions: Prediction[];
  timing: Timing;
  /** What the auxiliary heads say, from the input on; empty unless asked for. */
  heads: { name: string; predictions: Prediction[] }[];
  /** All outputs' probabilities, weighted as in training; null unless the heads were asked for. */
  vote: Prediction[] | null;
}

/** A network's facts. */
export interface Card {
  id: string;
  name: string;
  year: number;
  paper: { title: string; authors: string; url: string };
  about: string;
  parameters: number;
  macs: number;
  /** Bytes of what lies between the layers during one prediction, in single precision. */
  activationBytes: number;
  input: { channels: number; height: number; width: number };
  /** The frame it likes best: its kind, and the side of a centre square that needs no resizing. */
  frame: { kind: "photo" | "digit"; side: number };
  classes: number;
  /** Auxiliary outputs and their weight in a vote, the main output's being 1; most networks have none. */
  heads: { name: string; weight: number }[];
  /** Percent; null where none was published. */
  top1: number | null;
  top5: number | null;
  source: string;
  licence: string;
}

/** What every rejected promise carries: a sentence that says what to do, and a stable code. */
export interface EngineError extends Error {
  code: "no-webgpu" | "unknown-device" | "wrong-results" | "device-lost" | "out-of-memory" | "bad-weights" | "unknown-network"
    | "not-loaded" | "random-weights" | "bad-frame" | "internal";
}
