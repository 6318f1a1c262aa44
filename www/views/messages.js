// @ts-check
import { subscribe } from "../state.js";
import { element, make } from "./page.js";

/**
 * Problems and notices.
 *
 * @typedef {import("../state.js").Notice} Notice
 * @typedef {import("../state.js").Scope} Scope
 * @typedef {import("../state.js").State} State
 */

const errors = element("errors", HTMLDivElement);
const notices = element("notices", HTMLDivElement);

/**
 * @param {(scope: Scope) => void} onProblemDismissed
 * @param {(text: string) => void} onNoticeDismissed
 */
export function showMessages(onProblemDismissed, onNoticeDismissed) {
  /** @type {{ problems: State["problems"] | null, notices: Notice[] | null }} */
  const shown = { problems: null, notices: null };
  subscribe(({ problems, notices: all }) => {
    if (shown.problems !== problems) errors.replaceChildren(...problemsOf((shown.problems = problems), onProblemDismissed));
    if (shown.notices !== all) notices.replaceChildren(...(shown.notices = all).map((notice) => noticeOf(notice, onNoticeDismissed)));
  });
}

/**
 * @param {State["problems"]} problems
 * @param {(scope: Scope) => void} onDismissed
 */
function problemsOf(problems, onDismissed) {
  const scopes = /** @type {Scope[]} */ (Object.keys(problems));
  return scopes.flatMap((scope) => {
    const problem = problems[scope];
    if (!problem) return [];
    const { text, retry, label, question } = problem;
    const act = retry ? { label: question ?? label ?? "Try again", run: retry } : null;
    return [message(question ? "message question" : "message error", text, act, () => onDismissed(scope))];
  });
}

/**
 * @param {Notice} notice
 * @param {(text: string) => void} onDismissed
 */
function noticeOf({ text, offer }, onDismissed) {
  return message("message", text, offer, () => onDismissed(text));
}

/**
 * @param {string} className
 * @param {string} text
 * @param {Notice["offer"]} act
 * @param {() => void} dismiss
 */
function message(className, text, act, dismiss) {
  const made = make("div", { className }, make("p", { textContent: text }));
  if (act) made.append(make("button", { type: "button", textContent: act.label, onclick: act.run }));
  made.append(make("button", { type: "button", className: "quiet", textContent: act?.otherwise ?? "Dismiss", onclick: dismiss }));
  return made;
}
