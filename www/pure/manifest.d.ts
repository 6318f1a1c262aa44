// Written by `cargo xtask documents` from the structs in manifest/src/lib.rs: what www/weights/manifest.json holds.

/** The list of all installed weights: `www/weights/manifest.json`. */
export type Manifest = {
  /** Version of this form. */
  version: number,
  /** One row for each network and variant, in the order of their folders' names. */
  networks: Array<ManifestRow>,
  /** What the server still builds, in order; missing where everything is built. */
  building?: Array<BuildingStep>,
};

/** One network's weights in one variant. */
export type ManifestRow = {
  /** The network's id, as on its card. */
  id: string,
  /** Hash of the graph whose tensors the shards hold. */
  graph: string,
  /** Version of the converter that wrote the shards; raised when the way of quantising changes. */
  converter: number,
  /** "q8": 8 bits, 16 where needed; "q4": the same with linear layers at 4 bits; of weights of one's own, the variant that their
 * name makes. */
  variant: string,
  /** What weights of one's own say of themselves; missing for the official ones. */
  own?: OwnWeights,
  /** Size of all shards together, in bytes. */
  bytes: number,
  /** The files, in the order in which the engine takes them. */
  shards: Array<Shard>,
  /** The file that was converted. */
  source: OfficialFile,
  /** What quantisation did to the network's answers. */
  measured: Measured,
};

/** What weights of one's own say of themselves. */
export type OwnWeights = {
  /** Their name, as it is shown. */
  name: string,
  /** How many classes they tell apart; the shards' metadata names them. */
  classes: number,
};

/** A file of weights. */
export type Shard = {
  /** Its path below `www/weights`. */
  file: string,
  /** Its size in bytes. */
  bytes: number,
  /** Its SHA-256, in hexadecimal digits. */
  sha256: string,
};

/** Where weights come from. */
export type OfficialFile = {
  /** Address of the file, or the package that holds it, or the data that the network was trained on here; of weights of one's
 * own, the file's name. */
  from: string,
  /** The digits of its hash as its publisher gives them, or of its SHA-256; empty for a network that was trained here. */
  hash: string,
};

/** How a quantised network was compared with the one in single precision. */
export type Measured = Agreement | DigitAccuracy | RoundingError;

/** How far a quantised network agrees with the one in single precision, on photos and crops of them. */
export type Agreement = {
  /** How many pictures were compared. */
  pictures: number,
  /** Lowest cosine of the two networks' logits. */
  lowest_cosine: number,
  /** Share of the pictures with the same most probable class, 0 to 1. */
  top1: number,
  /** Mean share of one network's five most probable classes that are among the other's five, 0 to 1. */
  top5: number,
};

/** How many of MNIST's test digits a network that was trained here reads. */
export type DigitAccuracy = {
  /** How many digits were read. */
  digits: number,
  /** Share that the quantised network reads correctly, 0 to 1. */
  accuracy: number,
  /** Share that the network in single precision reads correctly, 0 to 1. */
  accuracy_f32: number,
  /** Share that both read alike, 0 to 1. */
  top1: number,
  /** Seed of the training. */
  seed: number,
  /** How often the training saw every digit. */
  epochs: number,
};

/** How far the rounded weights are from those in single precision, where the network was not run. */
export type RoundingError = {
  /** How many tensors were rounded. */
  tensors: number,
  /** The greatest relative error of a tensor, `√(Σ (a − b)² / Σ a²)` over its elements. */
  greatest_error: number,
};

/** A step of what the server still builds. */
export type BuildingStep = {
  /** What it is called. */
  name: string,
  /** How far it is, for people. */
  text: string,
};
