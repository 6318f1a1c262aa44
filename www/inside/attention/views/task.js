// @ts-check
import { fillBar, make, write } from "../../../views/page.js";
import { timeText } from "../pure/words.js";

/**
 * @typedef {import("../../../state.js").State} State
 * @typedef {import("../state.d.ts").Task} Task
 */

/** @type {Record<Task, { name: string, start: string, what: string }>} */
const TASKS = {
  occlusion: { name: "Occlusion map", start: "Compute the occlusion map", what: "An independent check: what is lost when parts of the input are covered." },
  deletion: { name: "Deletion curve", start: "Test this map by deletion", what: "Blurs the hottest squares first, and compares with random orders: the probability of the class must fall sooner if the map is right (Petsiuk et al., 2018)." },
};

/**
 * What starts a task that takes many runs, shows how far it is, and cancels it.
 * @param {Task} task
 * @param {() => void} onStart
 * @param {() => void} onCancel
 */
export function taskTool(task, onStart, onCancel) {
  const { name, start, what } = TASKS[task];
  const button = make("button", { type: "button", textContent: start, onclick: onStart });
  const time = make("span", { className: "note" });
  const offer = make("div", { className: "attention-start" }, button, time);
  const bar = make("progress", { ariaLabel: name });
  const done = make("span", { className: "note" });
  const cancel = make("button", { type: "button", textContent: "Cancel", onclick: onCancel });
  const running = make("div", { className: "attention-running", hidden: true }, bar, done, cancel);
  const ended = make("p", { className: "note", role: "status", hidden: true });
  const root = make("div", { className: "attention-task", hidden: true }, offer, running, make("p", { className: "note", textContent: what }), ended);

  /**
   * @param {State} state
   * @param {string} key
   * @param {boolean} isOffered there is something to compute, and it has not been computed
   * @param {boolean} isPaused the picture stands still
   */
  function update({ answers, inside: { attention: { work, ended: troubles } } }, key, isOffered, isPaused) {
    const own = work?.key === key && work.task === task ? work : null;
    const trouble = troubles[key]?.[task];
    root.hidden = !isOffered && !own && isPaused;
    offer.hidden = own !== null;
    button.disabled = !isOffered || work !== null;
    write(time, isPaused ? timeText(task, answers[key]?.timing?.inference) : "Pause the camera's picture for this.");
    running.hidden = !own;
    if (own) {
      fillBar(bar, own.total ? own.done / own.total : null);
      write(done, own.total ? `${own.done} of ${own.total}` : "Starting…");
    }
    ended.hidden = !trouble || own !== null;
    write(ended, trouble?.text ?? "");
  }

  return { root, update };
}
