// @ts-check
import { state, subscribe } from "../../state.js";
import { element, fillBar, make, write } from "../../views/page.js";
import { computedBy } from "../../pure/text.js";
import { recentMeans } from "../pure/layers.js";
import { isGoingOn } from "../pure/phase.js";
import { changeSentence, runName, runSentence, spoken } from "../pure/words.js";
import { onUse, setUsable } from "./usable.js";

const BETWEEN_SENTENCES = 10_000; // milliseconds

/**
 * @typedef {object} RunCalls
 * @property {() => void} onStart
 * @property {() => void} onPause
 * @property {() => void} onStep
 * @property {() => void} onReset
 */

/** What is trained, how far it is, and the buttons for it. @param {RunCalls} calls */
export function showRun({ onStart, onPause, onStep, onReset }) {
  const [start, step, reset] = ["lab-start", "lab-step", "lab-reset"].map((id) => element(id, HTMLButtonElement));
  const [figures, change, over, announcement] = ["lab-figures", "lab-change", "lab-over", "lab-announcement"].map((id) => element(id, HTMLParagraphElement));
  const [opening, openingText, progress] = [element("lab-opening", HTMLDivElement), element("lab-opening-text", HTMLParagraphElement), element("lab-progress", HTMLProgressElement)];
  const [trouble, troubleText, retry] = [element("lab-trouble", HTMLDivElement), element("lab-trouble-text", HTMLParagraphElement), element("lab-retry", HTMLButtonElement)];
  const list = element("lab-runs", HTMLUListElement);
  onUse(start, () => (isGoingOn(state.lab) ? onPause() : onStart()));
  onUse(step, onStep);
  onUse(reset, onReset);
  retry.addEventListener("click", () => {
    start.focus(); // this button goes away
    state.lab.trouble?.retry?.();
  });

  const told = { at: 0, phase: "", isResting: false, text: "" };
  subscribe(({ view, device, lab }) => {
    if (view !== "lab") return;
    const { phase, stepping, runs, settings, text, share } = lab;
    write(start, startWord(lab));
    start.disabled = step.disabled = !settings;
    setUsable(start, phase !== "stopped");
    setUsable(step, !stepping && phase !== "opening" && phase !== "stopped" && phase !== "ended");
    setUsable(reset, runs.length > 0);
    opening.hidden = !text;
    write(openingText, text);
    progress.hidden = share === null;
    fillBar(progress, share);
    trouble.hidden = !lab.trouble;
    write(troubleText, lab.trouble?.text ?? "");
    retry.hidden = !lab.trouble?.retry;
    over.hidden = phase !== "stopped" || lab.trouble !== null;
    write(figures, figuresOf(lab, device));
    write(change, settings && lab.change ? changeSentence(settings, lab.change) : "");
    const sentences = runs.map((run) => runSentence(run, recentMeans(run)));
    showSentences(list, sentences);
    announce(lab, sentences);
  });

  /**
   * @param {import("../state.js").Lab} lab
   * @param {string[]} sentences
   */
  function announce({ phase, working, runs, text }, sentences) {
    const isResting = !working && phase !== "training";
    const hasCome = isResting && (!told.isResting || phase !== told.phase);
    const isLate = runs.length > 0 && text !== "" && text !== told.text;
    const isDue = isLate || hasCome || (phase === "training" && runs.some(({ record }) => record.steps) && performance.now() - told.at >= BETWEEN_SENTENCES);
    Object.assign(told, { phase, isResting, text });
    if (!runs.length) write(announcement, "");
    if (!runs.length || !isDue) return;
    told.at = performance.now();
    write(announcement, isLate ? text : spoken(sentences));
  }
}

/** @param {import("../state.js").Lab} lab */
function startWord({ phase, runs }) {
  if (phase === "opening") return "Cancel";
  if (phase === "training") return "Pause";
  if (phase === "ended") return "Start again";
  return runs.length ? "Go on" : "Start";
}

/**
 * @param {import("../state.js").Lab} lab
 * @param {import("../../state.js").DeviceChoice} chosen
 */
function figuresOf({ runs, speed, device, phase, working }, chosen) {
  if (!runs.length || phase === "opening") return "";
  const steps = Math.max(...runs.map(({ record }) => record.steps));
  const parts = [`Step ${steps}`];
  if (working && phase === "paused") parts.push("Finishing the step…");
  if (speed) parts.push(`${speed >= 10 ? Math.round(speed) : speed.toFixed(1)} steps a second`);
  if (device) parts.push(computedBy(device));
  if (device && chosen === "auto") parts.push("Auto is the CPU here, often quicker for small networks");
  return parts.join(" · ");
}

/**
 * @param {HTMLUListElement} list
 * @param {string[]} sentences
 */
function showSentences(list, sentences) {
  while (list.children.length > sentences.length) list.lastElementChild?.remove();
  for (const [i, sentence] of sentences.entries()) {
    const name = sentences.length > 1 ? runName(i) : "";
    if (!list.children[i]) list.append(make("li", {}, make("span", { className: "lab-name" }), make("span")));
    const [title, text] = /** @type {HTMLElement[]} */ ([...list.children[i].children]);
    title.className = `lab-name ${i ? "second" : "first"}`;
    title.hidden = !name;
    write(title, name);
    write(text, sentence);
  }
}
