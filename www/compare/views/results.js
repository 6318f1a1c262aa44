// @ts-check
import { RANDOM, entryOf } from "../../pure/entries.js";
import { deviceName, percent, threeDigits } from "../../pure/text.js";
import { state, subscribe } from "../../state.js";
import { element, make, write } from "../../views/page.js";
import { termed } from "../../views/terms.js";
import { dateOf, differenceOf, isGainless, notesOf, preprocessingShare, rowKey, rowName, summaryOf, timingsOf } from "../pure/results.js";

/**
 * @typedef {import("../pure/results.js").Result} Result
 * @typedef {import("../pure/results.js").Row} Row
 * @typedef {{ own: Row | undefined, theirs: Row | undefined, waits: string, differs: string }} Line differs: from what would be measured now
 */

const section = element("bench-results", HTMLElement);
const machine = element("bench-machine", HTMLParagraphElement);
const notes = element("bench-notes", HTMLUListElement);
const table = element("bench-table", HTMLTableElement);
const sender = element("bench-sender", HTMLDivElement);
const senderText = element("bench-sender-text", HTMLParagraphElement);
const senderNotes = element("bench-sender-notes", HTMLUListElement);

/** @param {number | null} bytes */
const mega = (bytes) => threeDigits(bytes === null ? null : bytes / 1e6);
/** @param {number | null} share percent */
const share = (share) => (share === null ? "–" : share.toFixed(1));

/** @type {[string, string, string, (row: Row) => string][]} heading, unit, what it means, cell */
const COLUMNS = [
  ["Inference", "median, ms", "From the input to the logits read back, without the preprocessing", ({ median }) => threeDigits(median)],
  ["95 % interval", "ms", "The true median lies between these in 95 of 100 cases", ({ low, high }) => `${threeDigits(low)}–${threeDigits(high)}`],
  ["p90", "ms", "Nine of ten timings took at most this long; blank where there are fewer than 50", ({ p90 }) => (p90 === null ? "too few" : threeDigits(p90))],
  ["Min", "ms", "The quickest timing", ({ min }) => threeDigits(min)],
  ["Preprocess", "median, ms", "From the picture's pixels to the input, before each inference", ({ preprocess }) => threeDigits(preprocess)],
  ["Runs", "", "Timed runs, after the warm-up; of short ones several make one timing", (row) => (row.batch > 1 ? `${timingsOf(row)} × ${row.batch}` : String(row.runs))],
  ["Ended", "", "Why no further run was timed", endedText],
  ["First", "ms", "The first inference: it compiles and warms up", ({ first }) => threeDigits(first)],
  ["Load", "ms", "From the bytes of the weights to a network on the device", ({ load }) => threeDigits(load)],
  ["Frames", "a second", "1 / (preprocess + inference)", ({ framesPerSecond }) => threeDigits(framesPerSecond)],
  ["GMAC", "a second", "10⁹ multiply–accumulates, for each second of inference", ({ gmacPerSecond }) => threeDigits(gmacPerSecond)],
  ["Threads", "on the CPU", "With how many threads the CPU computed", ({ device, threads }) => (device === "cpu" && threads !== null ? String(threads) : "–")],
  ["Weights", "MB", "Download of the weights", ({ weightsBytes }) => mega(weightsBytes)],
  ["Activations", "MB", "Memory that a run takes besides the weights: activations and scratch memory", ({ activationBytes }) => mega(activationBytes)],
  ["Top-1", "%", "Published accuracy", ({ top1 }) => share(top1)],
  ["Top-5", "%", "Published accuracy", ({ top5 }) => share(top5)],
];

const MEASURED = COLUMNS.findIndex(([name]) => name === "Load"); // columns before it are empty until a row is timed

/** @type {import("../pure/results.js").Note} */
const OTHER = { kind: "remark", text: "Marked rows were measured with another choice of networks, weights or devices than the present one." };

/**
 * Why a row ended, and where its time went if it was used up and most of it is not in the times beside.
 * @param {Row} row
 */
function endedText(row) {
  const share = row.ended === "time used up" ? preprocessingShare(row) : null;
  return `${row.ended ?? "not told"}${share === null ? "" : `; ${percent(share, 0)} of its time was preprocessing`}`;
}

export function showResults() {
  let drawn = "";
  subscribe(({ view, cards, threads, rows: manifest, compare: { tab, keys, setups, run, result, sender: sent } }) => {
    const own = run ? null : result;
    section.hidden = view !== "compare" || tab !== "benchmark" || !(run?.rows.length || own || sent);
    if (section.hidden) return;
    write(machine, own ? `${machineOf(own)}, ${dateOf(own)}` : "");
    const chosen = keys && manifest && { entries: keys.map(entryOf), setups, threads, manifest };
    const lines = run ? runLines(run.rows) : resultLines(own, (row) => (chosen ? differenceOf(row, chosen) : ""));
    const isOther = lines.some(({ differs }) => differs);
    list(notes, own ? [...notesOf(own), ...(isOther ? [OTHER] : [])] : []);
    sender.hidden = !sent;
    write(senderText, sent ? `Beside it, from the link: ${machineOf(sent)}, ${dateOf(sent)}` : "");
    list(senderNotes, sent ? notesOf(sent) : []);
    const all = beside(lines, sent);
    const signature = cards.length + JSON.stringify(all.map(({ own, theirs, waits, differs }) => [own?.network, own?.runs, own?.median, theirs?.median, waits, differs]));
    if (signature === drawn) return;
    drawn = signature;
    fillTable(all, Boolean(sent));
  });
}

/**
 * @param {import("../pure/results.js").Measured[]} rows
 * @returns {Line[]}
 */
function runLines(rows) {
  return rows.flatMap((measured) => {
    if (measured.phase === "failed") return [];
    const started = measured.sample.count > 0;
    return [{ own: summaryOf(measured), theirs: undefined, waits: started ? "" : measured.phase === "loading" ? "loading…" : "…", differs: "" }];
  });
}

/**
 * @param {Result | null} result
 * @param {(row: Row) => string} differenceOf
 * @returns {Line[]}
 */
const resultLines = (result, differenceOf) => (result?.rows ?? []).map((own) => ({ own, theirs: undefined, waits: "", differs: differenceOf(own) }));

/**
 * @param {Line[]} lines
 * @param {Result | null} sent
 * @returns {Line[]} and after them what only the sender measured
 */
function beside(lines, sent) {
  if (!sent) return lines;
  const theirs = new Map(sent.rows.map((row) => [rowKey(row), row]));
  const own = new Set(lines.map((line) => (line.own ? rowKey(line.own) : "")));
  const others = sent.rows.filter((row) => !own.has(rowKey(row))).map((row) => ({ own: undefined, theirs: row, waits: "", differs: "" }));
  return [...lines.map((line) => ({ ...line, theirs: line.own && theirs.get(rowKey(line.own)) })), ...others];
}

/**
 * @param {Line[]} lines
 * @param {boolean} withSender
 */
function fillTable(lines, withSender) {
  const head = (/** @type {string} */ text, /** @type {string} */ unit, title = "", className = "") => make("th", { scope: "col", title, className }, termed(text), " ", make("br"), make("small", { textContent: unit }));
  const heads = COLUMNS.map(([text, unit, title]) => head(text, unit, title));
  const theirs = withSender ? [head("Sender's", "median, ms", "The sender's inference", "theirs"), head("Ratio", "yours / theirs", "", "theirs")] : [];
  const first = make("th", { scope: "col", textContent: "Network and device" });
  const rows = lines.map((line) => {
    const { own, theirs: their, waits, differs } = line;
    const row = /** @type {Row} */ (own ?? their);
    const cells = COLUMNS.map(([, , , cell], i) => make("td", { textContent: !own || (waits && i < MEASURED) ? (i ? "" : waits || "–") : cell(own), className: i === 1 && own && !own.settled && !waits ? "open" : "" }));
    const ratio = own && their && !waits ? threeDigits(own.median / their.median) : "–";
    const compared = withSender ? [their ? threeDigits(their.median) : "–", ratio].map((textContent) => make("td", { textContent, className: "theirs" })) : [];
    return make("tr", {}, rowHead(row, differs), ...cells.slice(0, 1), ...compared, ...cells.slice(1));
  });
  table.tHead?.remove();
  for (const body of [...table.tBodies]) body.remove();
  table.append(make("thead", {}, make("tr", {}, first, heads[0], ...theirs, ...heads.slice(1))), make("tbody", {}, ...rows));
}

/**
 * @param {Row} row
 * @param {string} differs
 */
function rowHead(row, differs) {
  const head = make("th", { scope: "row" }, rowName(row, state.cards), make("br"), make("small", { textContent: deviceName(row) + (row.software ? ", software" : "") }));
  if (isGainless(row)) head.append(make("br"), make("small", { textContent: "no fast 8-bit arithmetic" }));
  if (row.variant === RANDOM) head.append(" ", make("span", { className: "badge", textContent: "random weights" }));
  if (differs) head.append(" ", make("span", { className: "badge other", textContent: differs }));
  return head;
}

/** @param {Result} result */
function machineOf({ browser, os, convscope, rows }) {
  const adapters = [...new Set(rows.map((row) => `${deviceName({ ...row, f16: false, arithmetic: "f32" })}: ${row.adapter}`))];
  return `${browser} on ${os}, ConvScope ${convscope}; ${adapters.join("; ")}`;
}

/**
 * @param {HTMLUListElement} target
 * @param {import("../pure/results.js").Note[]} wanted
 */
function list(target, wanted) {
  const words = wanted.map(({ text }) => text).join("\n");
  if (target.dataset.words === words) return;
  target.dataset.words = words;
  target.replaceChildren(...wanted.map(({ kind, text }) => make("li", { className: kind, textContent: text })));
}
