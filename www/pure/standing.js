// @ts-check
import { downloadText, megabytes } from "./text.js";

/**
 * How far an entry of the line-up is: the state machine of its life.
 *
 *   idle → opening → loading → ready → lost → opening …
 *
 * An entry may also wait for the visitor's consent (`asking`), and it may fail while it is opened, loaded or restarted. A
 * ready entry is opened again when other weights of it have come; it is ready again, with those before, if they fail.
 *
 * @typedef {"idle" | "asking" | "opening" | "loading" | "ready" | "failed" | "lost"} Phase
 * @typedef {"engine" | "code" | "weights"} Step of opening: the engine starts; burn's code or the network's weights are downloaded
 * @typedef {{ received: number, total: number, left?: number | null }} Progress bytes while opening, shaders while loading; left: seconds, where they can be told
 *
 * @typedef {object} Standing
 * @property {Phase} phase
 * @property {Step | null} step while opening
 * @property {Progress | null} progress
 * @property {string} weights the variant of the weights, known from loading on; RANDOM where there are none
 * @property {string} text why it failed
 */

/** @type {Record<Phase, Phase[]>} */
const NEXT = {
  idle: ["asking", "opening", "failed"],
  asking: ["opening"],
  opening: ["opening", "asking", "loading", "ready", "failed", "lost"],
  loading: ["loading", "ready", "failed", "lost"],
  ready: ["opening", "lost"],
  lost: ["asking", "opening", "failed"],
  failed: ["asking", "opening"],
};

/** @type {Standing} */
export const IDLE = { phase: "idle", step: null, progress: null, weights: "", text: "" };

/**
 * The one place where an entry's phase changes.
 * @param {Standing} standing
 * @param {Phase} phase the same one where only the progress has changed
 * @param {Partial<Omit<Standing, "phase">>} [details] of the phase; the weights stay known from one phase to the next
 * @returns {Standing}
 */
export function advance(standing, phase, details = {}) {
  if (!NEXT[standing.phase].includes(phase)) throw new Error(`An entry that is ${standing.phase} cannot become ${phase}.`);
  return { ...IDLE, weights: standing.weights, phase, ...details };
}

/** @param {Standing | undefined} standing */
export const isPending = (standing) => standing?.phase === "opening" || standing?.phase === "loading";

/**
 * How far a download or a compilation is.
 * @param {Standing | undefined} standing
 * @returns {number | null} 0 to 1; null where nothing tells
 */
export function shareOf(standing) {
  return standing?.progress ? standing.progress.received / standing.progress.total : null;
}

/**
 * What the engine's start is waiting for, as text.
 * @param {Standing | undefined} standing of the first entry
 * @param {{ text: string } | undefined} building how far the server is with the engine's build, where it is not there yet
 * @returns {string | null} null where the engine has started
 */
export function startText(standing, building) {
  if (standing && standing.phase !== "idle" && (standing.phase !== "opening" || standing.step === "weights")) return null;
  if (building) return `burn is not built yet: ${building.text}`;
  return standing?.phase === "opening" ? standingText(standing, "") : "Starting the engine…";
}

/**
 * A standing as text.
 * @param {Standing | undefined} standing
 * @param {string} name of the network
 * @param {number | null} memory bytes that it takes, where they are known
 * @returns {string} empty for an entry that is ready
 */
export function standingText(standing, name, memory = null) {
  const { phase, step, progress, text } = standing ?? IDLE;
  switch (phase) {
    case "idle":
      return "Waiting for its turn…";
    case "asking":
      return "Waiting for your consent, because it takes much memory.";
    case "opening":
      if (!progress) return step === "weights" ? `Downloading ${name}…` : "Starting the engine…";
      return downloadText(step === "code" ? "burn" : name, progress);
    case "loading":
      if (progress) return `Preparing ${name}: ${progress.received} of ${progress.total} shaders`;
      return memory === null ? `Preparing ${name}…` : `Preparing ${name}: ${megabytes(memory)} of memory…`;
    case "lost":
      return "The engine is started again…";
    case "failed":
      return text;
    default:
      return "";
  }
}
