/** What a file of weights holds. */
export interface CheckpointSummary {
  format: "PyTorch" | "safetensors" | "Caffe" | "numpy";
  /** Sentences: what was unwrapped or left aside. */
  notes: string[];
  /** How many tensors it has, and how many elements they have together. */
  tensors: number;
  parameters: number;
  /** The networks that it fits, the number of classes that it was trained for, and whether it is the network's official file. */
  networks: { id: string; classes: number; official: boolean }[];
  /** Why it fits none of the networks, in a sentence; "" where it fits one. */
  misfit: string;
}

/** How a file of weights is converted. */
export interface ConvertOptions {
  /** The name under which the weights are shown; "" for the official file, whose row is then that of the official weights. */
  name: string;
  /** The variant that they are: lower-case letters, digits and "_"; made of the name where it is missing. */
  variant?: string | null;
  /**
   * The names of the classes in the order of the network's outputs. Where they are null, those of the official weights if there are
   * as many classes, else "class 0", "class 1" and so on.
   */
  labels?: string[] | null;
  /** How pictures are prepared, where it is not as for the official weights: words with commas between them, such as "squash,half". */
  framing?: string | null;
}

/** Weights as an engine loads them: `engine.load(network, shards, key)`. */
export interface ConvertedWeights {
  /** Their row of the manifest. */
  row: ManifestRow;
  /** The bytes of the files that the row lists. */
  shards: Uint8Array[];
}

/** What the class Checkpoint throws: a sentence, and a stable code. */
export interface CheckpointError extends Error {
  code: "bad-checkpoint";
}

