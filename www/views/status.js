// @ts-check
import { cardOf, dismiss, memoryOf, setProblem, stepOf, subscribe } from "../state.js";
import { amount, element, make, megabytes, write } from "./page.js";

/**
 * @typedef {import("../state.js").State} State
 * @typedef {import("../state.js").Notice} Notice
 * @typedef {import("../state.js").Scope} Scope
 */

const status = element("status", HTMLParagraphElement);
const progress = element("progress", HTMLProgressElement);
const errors = element("errors", HTMLDivElement);
const notices = element("notices", HTMLDivElement);

export function showStatus() {
  /** @type {State["problems"] | null} */
  let problems = null;
  /** @type {State["notices"] | null} */
  let shown = null;
  subscribe((state) => {
    write(status, sentence(state));
    showProgress(state);
    if (problems !== state.problems) showProblems((problems = state.problems));
    if (shown !== state.notices) notices.replaceChildren(...(shown = state.notices).map(noticeOf));
  });
}

/**
 * What the engine's start waits for.
 * @param {State} state
 */
export function startText({ phase, engine, building, progress }) {
  const step = engine === "burn" && stepOf("burn", building);
  if (phase === "starting" && step) return `burn is not built yet: ${step.text}`;
  if (phase === "fetching" && progress) return `Downloading burn: ${amount(progress)}`;
  return "Starting the engine…";
}

/** @param {State} state */
function sentence(state) {
  const { phase, network, loaded, progress } = state;
  const card = cardOf(network);
  const name = card?.name ?? "the network";
  switch (phase) {
    case "starting":
    case "fetching":
      return startText(state);
    case "downloading":
      return progress ? `Downloading ${name}: ${amount(progress)}` : "";
    case "loading":
      if (progress) return `Preparing ${name}: ${progress.received} of ${progress.total} shaders`;
      return `Preparing ${name}${card ? `: ${megabytes(memoryOf(card))} of memory` : ""}…`;
    case "failed":
      return "Not ready";
    default:
      return cardOf(loaded)?.name ?? "Ready";
  }
}

/** @param {State} state */
function showProgress({ phase, progress: bytes }) {
  progress.hidden = phase === "ready" || phase === "failed";
  if (bytes) {
    progress.max = bytes.total;
    progress.value = bytes.received;
  } else {
    progress.removeAttribute("value");
  }
}

/** @param {State["problems"]} problems */
function showProblems(problems) {
  const scopes = /** @type {Scope[]} */ (Object.keys(problems));
  errors.replaceChildren(...scopes.flatMap((scope) => {
    const problem = problems[scope];
    if (!problem) return [];
    const { text, retry, question } = problem;
    const message = make("div", { className: question ? "message" : "message error" }, make("p", { textContent: text }));
    if (retry) message.append(make("button", { type: "button", textContent: question ?? "Try again", onclick: retry }));
    message.append(closeButton(() => setProblem(scope, null)));
    return [message];
  }));
}

/** @param {Notice} notice */
function noticeOf({ text, offer }) {
  const message = make("div", { className: "message" }, make("p", { textContent: text }));
  if (offer) message.append(make("button", { type: "button", textContent: offer.label, onclick: offer.run }));
  message.append(closeButton(() => dismiss(text)));
  return message;
}

/** @param {() => void} onclick */
function closeButton(onclick) {
  return make("button", { type: "button", className: "quiet", textContent: "Dismiss", onclick });
}
