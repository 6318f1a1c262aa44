import type { Activation, AttentionMap, DeletionCurve } from "../../../pkg/convscope.js";

/** Which of a network's maps: the one that is computed from its layers, or the occlusion map. */
export type Kind = "own" | "occlusion";

/** What takes many runs of a network. */
export type Task = "occlusion" | "deletion";

export type Trouble = { code: string; text: string };

/** Where one network looks for one class in one picture, as far as it has been found out. */
export interface Sight {
  /** The class, the picture and the engine that it is about, as a text that differs where they do. */
  subject: string;
  class: number;
  /** The number of the picture. */
  picture: number;
  /** Of the class; null where it is not known. */
  probability: number | null;
  own: AttentionMap | null;
  occlusion: AttentionMap | null;
  /** By the map whose cells are deleted. */
  curves: Partial<Record<Kind, DeletionCurve>>;
  /** What the network saw, where the picture on the stage does not show it. */
  input: Activation | null;
  /** Why there is no own map. */
  trouble: Trouble | null;
}

/** A task that is under way. */
export interface Work {
  key: string;
  task: Task;
  /** Parts that are done. */
  done: number;
  /** Parts in all; 0 until it is known. */
  total: number;
}

/** What the tab "What it looks at" knows. */
export interface Attention {
  /** By key. */
  sights: Record<string, Sight>;
  /** Which map is chosen, by key; the own one where none is. */
  shown: Record<string, Kind>;
  work: Work | null;
  /** Why tasks ended without a result, by key. */
  ended: Record<string, Partial<Record<Task, Trouble>>>;
  /** Of the maps, 0 to 1. */
  opacity: number;
}
