// @ts-check
import { RANDOM } from "../../download.js";
import { majority, placeOf } from "../../compare/agreement.js";
import { nameOf } from "../../compare/presets.js";
import { entryOf } from "../../compare/state.js";
import { holdCamera, releaseCamera } from "../../source.js";
import { cardOf, state, subscribe } from "../../state.js";
import { element, make, write } from "../page.js";
import { rank } from "../ranking.js";
import { startText } from "../status.js";
import { milliseconds, ordinal } from "./words.js";

/**
 * @typedef {import("../../compare/state.js").Entry} Entry
 * @typedef {import("../../compare/state.js").Standing} Standing
 * @typedef {import("../../compare/state.js").Answer} Answer
 * @typedef {ReturnType<typeof majority>} Majority
 * @typedef {ReturnType<typeof panel>} Panel
 */

const SETTLED = 1200; // milliseconds for which the verdict must stay the same to be announced

const section = element("arena", HTMLElement);
const verdict = element("verdict", HTMLParagraphElement);
const announcement = element("verdict-announcement", HTMLParagraphElement);
const cards = element("arena-cards", HTMLDivElement);
const empty = element("arena-empty", HTMLParagraphElement);
const hold = element("hold", HTMLButtonElement);
const start = element("arena-start", HTMLDivElement);
const startWords = element("arena-start-text", HTMLParagraphElement);
const startProgress = element("arena-start-progress", HTMLProgressElement);

/** @type {Map<string, Panel>} */
const panels = new Map();
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

export function showArena() {
  hold.addEventListener("click", () => (state.held ? releaseCamera() : holdCamera()));
  subscribe((state) => {
    const { view, held, source, compare: { keys, tab, run, standings, answers, picture } } = state;
    section.hidden = view !== "compare" || tab !== "picture";
    if (section.hidden) return;
    hold.hidden = source?.kind !== "camera";
    hold.setAttribute("aria-pressed", String(held));
    write(hold, held ? "Go on" : "Pause on this picture");
    showStart(state);
    const entries = (keys ?? []).map(entryOf);
    empty.hidden = entries.length > 0 && !run;
    write(empty, run ? "The benchmark is running. When it has ended, the networks look at the picture again." : "Choose networks above, and they look at the picture together.");
    cards.hidden = run !== null;
    arrange(entries);
    const most = majority(voices(entries, answers).map(([key, { predictions }]) => ({ key, predictions })));
    for (const entry of entries) fill(entry, standings[entry.key], answers[entry.key], most, picture);
    say(verdictOf(entries, answers, most));
  });
}

/**
 * How far burn's code is: an engine of ConvScope's own starts too soon to be told of.
 * @param {import("../../state.js").State} state
 */
function showStart(state) {
  const { engine, phase, progress, compare: { run } } = state;
  start.hidden = engine !== "burn" || run !== null || (phase !== "starting" && phase !== "fetching");
  if (start.hidden) return;
  write(startWords, startText(state));
  if (progress) {
    startProgress.max = progress.total;
    startProgress.value = progress.received;
  } else {
    startProgress.removeAttribute("value");
  }
}

/**
 * The answers of those that know the usual thousand classes.
 * @param {Entry[]} entries
 * @param {Record<string, Answer>} answers
 */
export function voices(entries, answers) {
  return entries.flatMap(({ key, network }) => {
    const answer = answers[key];
    return answer?.predictions.length && cardOf(network)?.frame.kind === "photo" ? [/** @type {const} */ ([key, answer])] : [];
  });
}

/** @param {Entry[]} entries */
function arrange(entries) {
  const wanted = entries.map(({ key }) => key);
  for (const [key, { article }] of panels) {
    if (wanted.includes(key)) continue;
    article.remove();
    panels.delete(key);
  }
  entries.forEach((entry, i) => {
    let made = panels.get(entry.key);
    if (!made) panels.set(entry.key, (made = panel(entry.key)));
    if (cards.children[i] !== made.article) cards.insertBefore(made.article, cards.children[i] ?? null);
  });
}

/** @param {string} key */
function panel(key) {
  const id = `arena-${key}`;
  const heading = make("h3", { id });
  const badge = make("p", { className: "badge", textContent: "random weights", hidden: true });
  const standing = make("p", { className: "standing" });
  const stance = make("p", { className: "stance" });
  const list = make("ol", { className: "predictions small", role: "list" });
  const why = make("p", { className: "why" });
  const progress = make("progress", { className: "progress", hidden: true, ariaLabel: "Download" });
  const [latency, rate, first] = ["Latency", "Frames a second", "First run"].map((term) => ({ term, value: make("dd", { textContent: "–" }) }));
  const times = make("dl", { className: "times" }, ...[latency, rate, first].map(({ term, value }) => make("div", {}, make("dt", { textContent: term }), value)));
  const article = make("article", { className: "entry" }, progress, make("header", {}, heading, badge), standing, stance, list, why, times);
  article.setAttribute("aria-labelledby", id);
  return { article, heading, badge, standing, stance, list, why, progress, latency: latency.value, rate: rate.value, first: first.value };
}

/**
 * @param {Entry} entry
 * @param {Standing | undefined} standing
 * @param {Answer | undefined} answer
 * @param {Majority} most
 * @param {number} picture
 */
function fill(entry, standing, answer, most, picture) {
  const shown = panels.get(entry.key);
  if (!shown) return;
  const name = nameOf(entry, state.cards);
  const card = cardOf(entry.network);
  const random = standing?.variant === RANDOM;
  const predictions = answer?.predictions ?? [];
  const title = `${name} ${card?.year ?? ""}`;
  if (shown.heading.textContent !== title) shown.heading.replaceChildren(`${name} `, make("small", { textContent: String(card?.year ?? "") }));
  shown.badge.hidden = !random;
  write(shown.standing, standingText(standing, answer));
  shown.progress.hidden = standing?.phase !== "downloading" && standing?.phase !== "loading";
  if (standing?.share) shown.progress.value = standing.share;
  else shown.progress.removeAttribute("value");
  if (shown.list.ariaLabel !== `Predictions of ${name}`) shown.list.ariaLabel = `Predictions of ${name}`;
  shown.list.hidden = !predictions.length;
  shown.list.setAttribute("aria-busy", String(answer !== undefined && answer.picture !== picture));
  rank(shown.list, predictions);
  const { kind, text } = stanceOf(predictions, card?.frame.kind, most);
  shown.stance.dataset.stance = kind;
  write(shown.stance, text);
  predictions.forEach(({ index }, i) => shown.list.children[i].classList.toggle("majority", card?.frame.kind === "photo" && index === most?.index));
  write(shown.why, random && answer ? `No answer: with random weights it is as fast as the official one but knows nothing. The official weights come with “cargo xtask weights ${entry.network}”.` : "");
  write(shown.latency, milliseconds(answer?.timing.total));
  if (shown.rate.parentElement) shown.rate.parentElement.hidden = !answer?.rate;
  write(shown.rate, answer?.rate ? answer.rate.toFixed(1) : "–");
  write(shown.first, milliseconds(answer?.first));
}

/**
 * @param {Standing | undefined} standing
 * @param {Answer | undefined} answer
 */
function standingText(standing, answer) {
  switch (standing?.phase) {
    case "downloading":
      return `Downloading: ${Math.round(standing.share * 100)}\u00a0%`;
    case "loading":
      return standing.share ? `Compiling shaders: ${Math.round(standing.share * 100)}\u00a0%` : "Preparing…";
    case "asking":
      return "Waits for your word: it takes much memory.";
    case "failed":
      return standing.text;
    case "ready":
      return answer ? "" : "Waiting for the picture…";
    default:
      return "Waiting for its turn…";
  }
}

/**
 * @param {import("../../state.js").Prediction[]} predictions
 * @param {"photo" | "digit" | undefined} kind
 * @param {Majority} most
 */
function stanceOf(predictions, kind, most) {
  if (!predictions.length) return { kind: "none", text: "" };
  if (kind === "digit") return { kind: "none", text: "Knows only digits, so it has no say in the vote." };
  if (!most) return { kind: "none", text: "" };
  const place = placeOf(predictions, most.index);
  if (place === 1) return { kind: "with", text: "Agrees with the majority" };
  return { kind: "against", text: place ? `Disagrees: “${most.label}” is its ${ordinal(place)} choice` : `Disagrees: “${most.label}” is not among its five` };
}

/**
 * @param {Entry[]} entries
 * @param {Record<string, Answer>} answers
 * @param {Majority} most
 */
function verdictOf(entries, answers, most) {
  const said = voices(entries, answers);
  if (!said.length) return "";
  if (said.length === 1) return `One network has answered: “${said[0][1].predictions[0].label}”.`;
  if (!most) return `No majority: the ${said.length} networks name different classes first.`;
  if (most.votes === said.length) return `${said.length === 2 ? "Both" : `All ${said.length}`} say “${most.label}”.`;
  return `${most.votes} of ${said.length} say “${most.label}”.`;
}

/** @param {string} text */
function say(text) {
  if (verdict.textContent === text) return;
  verdict.textContent = text;
  clearTimeout(timer);
  timer = setTimeout(() => write(announcement, text), SETTLED);
}
