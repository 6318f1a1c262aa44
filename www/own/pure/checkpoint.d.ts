// What the reader of weight files says, see src/web/reader.rs.
import type { ManifestRow } from "../../pure/manifest.d.ts";

/** A network whose tensors are in the file. */
export interface Fit {
  id: string;
  classes: number;
  /** Whether it is the official file, byte by byte. */
  official: boolean;
}

export interface CheckpointSummary {
  format: "PyTorch" | "safetensors" | "Caffe" | "numpy";
  /** Sentences: what was unwrapped, and what was left aside. */
  notes: string[];
  tensors: number;
  parameters: number;
  networks: Fit[];
  /** Why none fits; "" where one does. */
  misfit: string;
}

export interface ConvertOptions {
  /** Of weights of one's own, as it is shown; "" for the official ones. */
  name: string;
  /** The same in the address. */
  variant: string;
  /** In the order of the classes; null: the official ones where there are as many, else numbers. */
  labels: string[] | null;
  /** How pictures are prepared, in a word that the reader knows; null: as for the official weights. */
  framing: string | null;
}

export interface ConvertedWeights {
  row: ManifestRow;
  shards: Uint8Array<ArrayBuffer>[];
}

/** What the page uses of pkg/reader. */
export interface Reader {
  default: () => Promise<unknown>;
  Checkpoint: new (file: Blob, name: string) => {
    summary(): CheckpointSummary;
    convert(network: string, options: ConvertOptions, progress?: (done: number, total: number) => void): ConvertedWeights;
    free(): void;
  };
}
