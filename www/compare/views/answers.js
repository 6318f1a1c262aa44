// @ts-check
import { NO_INK, isStale, sawNoInk } from "../../pure/answers.js";
import { haveSameClasses } from "../../pure/classes.js";
import { RANDOM, entryOf, isOwnVariant, nameOf } from "../../pure/entries.js";
import { isPending, shareOf, standingText, startText } from "../../pure/standing.js";
import { isChanging } from "../../pure/source.js";
import { answeredBy, milliseconds, ordinal } from "../../pure/text.js";
import { runsText } from "../../pure/typical.js";
import { cardOf, state, stepOf, subscribe } from "../../state.js";
import { announcer, element, fillBar, make, write } from "../../views/page.js";
import { rank } from "../../views/ranking.js";
import { termed } from "../../views/terms.js";
import { majority, placeOf } from "../pure/agreement.js";

/**
 * @typedef {import("../../state.js").Answer} Answer
 * @typedef {import("../../state.js").Entry} Entry
 * @typedef {import("../../state.js").Standing} Standing
 * @typedef {ReturnType<typeof majority>} Majority
 * @typedef {ReturnType<typeof panel>} Panel
 */

const section = element("answers", HTMLElement);
const verdict = element("verdict", HTMLParagraphElement);
const device = element("answers-by", HTMLParagraphElement);
const announcement = element("verdict-announcement", HTMLParagraphElement);
const cards = element("answers-cards", HTMLDivElement);
const empty = element("answers-empty", HTMLParagraphElement);
const hold = element("hold", HTMLButtonElement);
const start = element("answers-start", HTMLDivElement);
const startWords = element("answers-start-text", HTMLParagraphElement);
const startProgress = element("answers-start-progress", HTMLProgressElement);

/** @type {Map<string, Panel>} */
const panels = new Map();
const announce = announcer(announcement);
/** The source that all have answered last. */
const answered = { since: 0 };

/** @param {(isHeld: boolean) => void} onHold */
export function showAnswers(onHold) {
  hold.addEventListener("click", () => onHold(!state.held));
  subscribe((state) => {
    const { view, held, source, standings, answers, compare: { keys, tab, run } } = state;
    section.hidden = view !== "compare" || tab !== "picture";
    if (section.hidden) return;
    hold.hidden = source?.kind !== "camera";
    hold.setAttribute("aria-pressed", String(held));
    write(hold, held ? "Go on" : "Pause on this picture");
    device.hidden = !state.deviceInfo || !Object.keys(answers).length || run !== null;
    write(device, state.deviceInfo ? answeredBy(state.device, state.deviceInfo) : "");
    showStart(state);
    const entries = (keys ?? []).map(entryOf);
    empty.hidden = entries.length > 0 && !run;
    write(empty, run ? "The benchmark is running. When it has ended, the networks look at the picture again." : "Choose networks above, and they look at the picture together.");
    cards.hidden = run !== null;
    arrange(entries);
    const most = majority(voices(entries, answers).map(([key, { predictions }]) => ({ key, predictions })));
    for (const entry of entries) fill(entry, standings[entry.key], answers[entry.key], most);
    if (entries.every(({ key }) => answers[key] && !isStale(answers[key], state))) answered.since = state.sourceSince;
    tell(verdictOf(entries, answers, most));
  });
}

/**
 * How far the start of burn's engine is. ConvScope's own engine starts too quickly for that to be shown.
 * @param {import("../../state.js").State} state
 */
function showStart(state) {
  const { engine, entries, standings, compare: { run } } = state;
  const opening = entries.map(({ key }) => standings[key]).find((standing) => standing?.phase === "opening");
  const text = opening ? startText(opening, stepOf("burn")) : null;
  start.hidden = engine !== "burn" || run !== null || text === null;
  if (start.hidden) return;
  write(startWords, text ?? "");
  fillBar(startProgress, opening ? shareOf(opening) : null);
}

/**
 * The answers of those that know the usual thousand classes.
 * @param {Entry[]} entries
 * @param {Record<string, Answer>} answers
 */
export function voices(entries, answers) {
  return entries.flatMap((entry) => {
    const answer = answers[entry.key];
    return answer?.predictions.length && hasVote(entry) ? [/** @type {const} */ ([entry.key, answer])] : [];
  });
}

/** Whether it knows the usual thousand classes. @param {Entry} entry */
function hasVote({ key, network, variant }) {
  if (cardOf(network)?.frame.kind !== "photo") return false;
  return !isOwnVariant(variant) || haveSameClasses(state.labels[key], state.labels[network]) === true;
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
  const id = `answers-${key}`;
  const heading = make("h3", { id });
  const badge = make("p", { className: "badge", textContent: "random weights", hidden: true });
  const standing = make("p", { className: "standing" });
  const stance = make("p", { className: "stance" });
  const list = make("ol", { className: "predictions small", role: "list" });
  const why = make("p", { className: "why" });
  const progress = make("progress", { className: "progress", hidden: true, ariaLabel: "Download" });
  const [latency, rate, first] = ["Latency", "Frames a second", "First run"].map((term) => ({ term, value: make("dd", { textContent: "–" }) }));
  const runs = make("p", { className: "note" });
  const times = make("dl", { className: "times" }, ...[latency, rate, first].map(({ term, value }) => make("div", {}, make("dt", {}, termed(term)), value)));
  const article = make("article", { className: "entry" }, progress, make("header", {}, heading, badge), standing, stance, list, why, times, runs);
  article.setAttribute("aria-labelledby", id);
  return { article, heading, badge, standing, stance, list, why, progress, runs, latency: latency.value, rate: rate.value, first: first.value };
}

/**
 * @param {Entry} entry
 * @param {Standing | undefined} standing
 * @param {Answer | undefined} answer
 * @param {Majority} most
 */
function fill(entry, standing, answer, most) {
  const shown = panels.get(entry.key);
  if (!shown) return;
  const name = nameOf(entry, state.cards, state.rows);
  const card = cardOf(entry.network);
  const random = standing?.weights === RANDOM;
  const predictions = answer?.predictions ?? [];
  const title = `${name} ${card?.year ?? ""}`;
  if (shown.heading.textContent !== title) shown.heading.replaceChildren(`${name} `, make("small", { textContent: String(card?.year ?? "") }));
  shown.badge.hidden = !random;
  write(shown.standing, standing?.phase === "ready" && !answer ? "Waiting for the picture…" : standingText(standing, name));
  shown.progress.hidden = !isPending(standing);
  fillBar(shown.progress, shareOf(standing));
  if (shown.list.ariaLabel !== `Predictions of ${name}`) shown.list.ariaLabel = `Predictions of ${name}`;
  shown.list.hidden = !predictions.length;
  shown.list.setAttribute("aria-busy", String(answer !== undefined && isStale(answer, state)));
  rank(shown.list, predictions);
  const { kind, text } = stanceOf(predictions, entry, most);
  shown.stance.dataset.stance = kind;
  write(shown.stance, text);
  predictions.forEach(({ index }, i) => shown.list.children[i].classList.toggle("majority", hasVote(entry) && index === most?.index));
  write(shown.why, sawNoInk(answer, card, random) ? NO_INK : random && answer ? `No answer: with random weights it is as fast as the official one but knows nothing. Drop the official file on this page to run it with that.` : "");
  write(shown.latency, milliseconds(answer?.timing?.total));
  if (shown.rate.parentElement) shown.rate.parentElement.hidden = !answer?.rate;
  write(shown.rate, answer?.rate ? answer.rate.toFixed(1) : "–");
  if (shown.first.parentElement) shown.first.parentElement.hidden = answer?.runs === 0;
  write(shown.first, milliseconds(answer?.first));
  write(shown.runs, answer?.timing ? `${runsText(answer.runs, isChanging(state))}.` : "");
}

/**
 * @param {import("../../pure/answers.js").Prediction[]} predictions
 * @param {Entry} entry
 * @param {Majority} most
 */
function stanceOf(predictions, entry, most) {
  if (!predictions.length) return { kind: "none", text: "" };
  if (isOwnVariant(entry.variant) && haveSameClasses(state.labels[entry.key], state.labels[entry.network]) === null) return { kind: "none", text: "" };
  if (!hasVote(entry)) return { kind: "none", text: `Knows ${isOwnVariant(entry.variant) ? "other classes" : "only digits"}, so it has no say in the vote.` };
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
function tell(text) {
  write(verdict, text);
  announce(text, String(answered.since));
}
