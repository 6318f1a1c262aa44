// @ts-check
import { answering } from "../../pure/answers.js";
import { entryOf, isOwnVariant, nameOf } from "../../pure/entries.js";
import { costOf } from "../../pure/memory.js";
import { shareOf, standingText, startText } from "../../pure/standing.js";
import { cardOf, stepOf, subscribe } from "../../state.js";
import { element, fillBar, write } from "../../views/page.js";

/** @typedef {import("../../state.js").State} State */

const status = element("status", HTMLParagraphElement);
const progress = element("progress", HTMLProgressElement);

/** How far the chosen network is. */
export function showStatus() {
  subscribe((state) => {
    const standing = standingOf(state);
    write(status, sentence(state));
    progress.hidden = standing ? ["ready", "failed", "asking"].includes(standing.phase) : state.problems.network !== null;
    fillBar(progress, shareOf(standing));
  });
}

/** @param {State} state */
const standingOf = ({ entries: [entry], standings }) => (entry ? standings[entry.key] : undefined);

/** @param {State} state */
function nameOfRunning(state) {
  const running = answering(state);
  return running && nameOf(entryOf(isOwnVariant(running.weights) ? running.key : running.network), state.cards, state.rows);
}

/** @param {State} state */
function sentence(state) {
  const standing = standingOf(state);
  if (!standing && state.problems.network) return "Not ready";
  const start = startText(standing, state.engine === "burn" ? stepOf("burn") : undefined);
  if (start !== null || !standing) return start ?? "";
  const { network } = state.entries[0];
  const card = cardOf(network);
  switch (standing.phase) {
    case "failed":
    case "asking":
      return "Not ready";
    case "ready":
      return nameOfRunning(state) ?? "Ready";
    default:
      return standingText(standing, card?.name ?? "the network", costOf(state.entries, state.memories, state.rows ?? []).memory);
  }
}
