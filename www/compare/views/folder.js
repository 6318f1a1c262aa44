// @ts-check
import { entryOf, isOwnVariant, nameOf, rowOfEntry } from "../../pure/entries.js";
import { MUCH_MEMORY, costOf } from "../../pure/memory.js";
import { duration, megabytes, milliseconds, percent, placeName, plural } from "../../pure/text.js";
import { cardOf, state, subscribe } from "../../state.js";
import { element, fillBar, make, write } from "../../views/page.js";
import { termed } from "../../views/terms.js";
import { agreementText, partsOf } from "../pure/arithmetics.js";
import { publishedText } from "../pure/published.js";
import { shareInterval } from "../pure/statistics.js";
import { fillMatrix } from "./matrix.js";

/**
 * @typedef {import("../evaluation.js").Report} Report
 *
 * @typedef {object} FolderCalls
 * @property {(files: FileList) => void} onFolder
 * @property {(table: File | null) => void} onTable
 * @property {(isWanted: boolean) => void} onBoth in 32-bit and in 8-bit arithmetic
 * @property {() => void} onAgain
 * @property {() => void} onCancel
 */

const section = element("folder", HTMLElement);
const choose = element("folder-choose", HTMLButtonElement);
const input = element("folder-input", HTMLInputElement);
const table = element("folder-table", HTMLButtonElement);
const tableInput = element("folder-table-input", HTMLInputElement);
const tableName = element("folder-table-name", HTMLSpanElement);
const repeat = element("folder-again", HTMLButtonElement);
const stop = element("folder-cancel", HTMLButtonElement);
const both = element("folder-both", HTMLInputElement);
const note = element("folder-note", HTMLParagraphElement);
const running = element("folder-run", HTMLDivElement);
const progress = element("folder-progress", HTMLProgressElement);
const status = element("folder-status", HTMLParagraphElement);
const announcement = element("folder-announcement", HTMLParagraphElement);
const results = element("folder-results", HTMLElement);
const summary = element("folder-summary", HTMLParagraphElement);
const scores = element("folder-scores", HTMLTableElement);
const published = element("folder-published", HTMLParagraphElement);
const arithmetic = element("folder-arithmetic", HTMLParagraphElement);
const agreements = element("folder-agreements", HTMLDivElement);
const odd = element("folder-odd", HTMLDetailsElement);
const oddList = element("folder-odd-list", HTMLUListElement);

const TOP = 5;
const NAMED = 3; // files or folders of a kind

/** @param {FolderCalls} calls */
export function showFolder({ onFolder, onTable, onBoth, onAgain, onCancel }) {
  choose.addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    if (input.files) onFolder(input.files);
    input.value = ""; // the same folder can be chosen again
  });
  table.addEventListener("click", () => tableInput.click());
  tableInput.addEventListener("change", () => onTable(tableInput.files?.[0] ?? null));
  both.addEventListener("change", () => onBoth(both.checked));
  repeat.addEventListener("click", onAgain);
  stop.addEventListener("click", onCancel);
  subscribe(show);
}

/** @param {import("../../state.js").State} state */
function show({ view, compare: { tab, keys, run, evaluation, table: labels, inBoth } }) {
  section.hidden = view !== "compare" || tab !== "folder";
  if (section.hidden) return;
  const busy = Boolean(evaluation?.running);
  write(tableName, labels ? `Labels: ${labels.name}` : "Labels: from the folders' names");
  both.checked = inBoth;
  both.disabled = busy;
  choose.disabled = repeat.disabled = busy || run !== null || !keys?.length;
  repeat.hidden = busy || !evaluation;
  stop.hidden = !busy;
  write(note, run ? "The benchmark is running: wait for its end, or cancel it, so that the two do not slow each other." : busy ? "" : memoryNote(keys ?? [], inBoth ? 2 : 1));
  running.hidden = !busy;
  if (evaluation && busy) {
    const { text, done, total, remaining } = evaluation;
    fillBar(progress, text ? null : done / total);
    write(status, text || `${done} of ${total} pictures${remaining === null ? "" : `, about ${duration(remaining)} left`}`);
  }
  write(announcement, !evaluation ? "" : busy ? "The folder is being evaluated." : evaluation.text);
  results.hidden = !evaluation?.report?.pictures;
  if (evaluation?.report?.pictures) showReport(evaluation.report, busy ? "" : evaluation.text);
}

/**
 * @param {string[]} keys
 * @param {number} engines
 */
function memoryNote(keys, engines) {
  if (!keys.length) return "Choose networks above.";
  const { memory } = costOf(keys.map(entryOf), state.memories, state.rows ?? []);
  return memory !== null && memory * engines > MUCH_MEMORY ? `This takes ${megabytes(memory * engines)} of memory. On a phone, the browser may close the page.` : "";
}

/** @type {{ report: Report | null }} */
const shown = { report: null };

/**
 * @param {Report} report
 * @param {string} text how it ended
 */
function showReport(report, text) {
  write(summary, summaryOf(report, text));
  if (report === shown.report) return;
  shown.report = report;
  showScores(report);
  write(arithmetic, agreementText(report.agreements, report.pictures, title));
  showAgreements(report);
  odd.hidden = !report.odd.length;
  const names = [...new Set(report.odd.map(({ path }) => path))].join();
  if (oddList.dataset.names !== names) {
    oddList.dataset.names = names;
    oddList.replaceChildren(...report.odd.map(({ path, says }) => make("li", {}, make("b", { textContent: path }), make("span", { textContent: says.map(saying).join(" · ") }))));
  }
}

/** @param {string} pair */
function saying(pair) {
  const [key, label] = pair.split("\n");
  return `${title(key)}: ${label}`;
}

/** @param {string} key */
const title = (key) => nameOf(entryIn(key), state.cards, state.rows) + (partsOf(key).isEightBit ? ", 8-bit" : "");

/** @param {string} key under which answers are counted */
const entryIn = (key) => entryOf(partsOf(key).key);

/**
 * @param {Report} report
 * @param {string} text
 */
function summaryOf({ pictures, labelled, scores, unnamed, unread, unreadable, others, closed, table, trouble, random, seconds, device, engine, arithmetics }, text) {
  const rate = seconds ? `, ${(pictures / seconds).toFixed(1)} a second on ${placeName({ device, engine, arithmetic: arithmetics.length > 1 ? "f32" : arithmetics[0], f16: false })}${arithmetics.length > 1 ? " in 32-bit and 8-bit arithmetic" : ""}` : "";
  const labels = labelled === pictures ? "all with a label" : labelled ? `${labelled} with a label` : table ? "none with a label" : "none with a label: neither a folder's name nor a table names a class that the networks know";
  const whose = scores.some(isValidation) ? " of ImageNet's validation set" : "";
  const folders = unnamed.length ? ` No class has the name of ${unnamed.length === 1 ? "this folder" : "these folders"}: ${some(unnamed)}.` : "";
  const bad = unread ? ` ${unread === 1 ? "One file" : `${unread} files`} could not be opened as a picture: ${unreadable.slice(0, 3).join(", ")}${unread > 3 ? "…" : ""}.` : "";
  const skipped = others.length ? ` Left out, as ${others.length === 1 ? "it is no picture" : "they are no pictures"}: ${some(others)}.` : "";
  const shut = closed.length ? ` Could not be read: ${closed.length === 1 ? "the folder" : "the folders"} ${some(closed)}.` : "";
  const unmatched = table && !labelled ? ` ${unmatchedText(table)}` : "";
  const without = random.length ? ` Not asked, as they have random weights: ${random.map(title).join(", ")}.` : "";
  return `${text ? `${text} ` : ""}${plural(pictures, "picture")}${rate}; ${labels}${whose}.${unmatched}${folders}${bad}${skipped}${shut}${trouble ? ` ${trouble}` : ""}${without}`;
}

/** @param {string[]} names */
const some = (names) => `${names.slice(0, NAMED).map((name) => `“${name}”`).join(", ")}${names.length > NAMED ? ` and ${names.length - NAMED} more` : ""}`;

/** @param {import("../pure/tables.js").Table} table of which nothing fits */
function unmatchedText({ name, columns, first, unknown }) {
  if (unknown.length) return `The table “${name}” has the columns ${some(unknown)}. Call the one with the pictures' files “file” and the one with their classes “label”, and run it again.`;
  if (!first.length) return `The table “${name}” has no row with a file and a class.`;
  const read = columns.length ? `the columns “${columns.join("” and “")}”` : "the first two columns, because no head names others,";
  return `Of the table “${name}”, ${read} were read, and the first row is “${first.join("”, “")}”. A row is looked for that names a picture's file, and a class by its name, by its number counted from 0 or by its id in WordNet.`;
}

/**
 * Whether all labels are those of ImageNet's validation set, on which accuracies are published. None are published of own weights.
 * @param {import("../evaluation.js").Score} score
 */
const isValidation = ({ key, labelled, validation }) => labelled > 0 && validation === labelled && !isOwnVariant(entryIn(key).variant);

/** @param {string} key */
function publishedOf(key) {
  const { top1 = null, top5 = null } = cardOf(entryIn(key).network) ?? {};
  return { top1, top5 };
}

/** Whether the right one is always among its first five. @param {string} key */
function knowsFew(key) {
  const own = rowOfEntry(entryIn(key), state.rows ?? [])?.own;
  return own !== undefined && own.classes <= TOP;
}

/** @param {Report} report */
function showScores({ scores: all, labelled }) {
  const compared = all.filter(isValidation);
  const headsOf = (/** @type {string} */ share) => [`Top-${share}`, "95 % interval", ...(compared.length ? [`Published top-${share}`] : [])];
  const heads = ["Network", ...(labelled ? [...headsOf("1"), ...headsOf("5")] : []), "Time of one"];
  const rows = all.map((score) => {
    const { key, labelled: of, top1, top5, milliseconds: time } = score;
    const figures = isValidation(score) ? publishedOf(key) : { top1: null, top5: null };
    const cellsOf = (/** @type {number} */ hits, /** @type {number | null} */ figure, /** @type {boolean} */ isKnown) => [...(isKnown ? [percent(hits / of), intervalText(hits, of)] : ["–", "–"]), ...(compared.length ? [figure ? percent(figure / 100) : "–"] : [])];
    const known = [...cellsOf(top1, figures.top1, of > 0), ...cellsOf(top5, figures.top5, of > 0 && !knowsFew(key))];
    return make("tr", {}, make("th", { scope: "row", textContent: title(key) }), ...[...(labelled ? known : []), milliseconds(time)].map((textContent) => make("td", { textContent })));
  });
  scores.replaceChildren(make("thead", {}, make("tr", {}, ...heads.map((label) => make("th", { scope: "col" }, termed(label))))), make("tbody", {}, ...rows));
  write(published, publishedText(compared.map(({ key, labelled: of, top1, top5 }) => ({ name: title(key), of, top1, top5, published: publishedOf(key) }))));
}

/**
 * @param {number} hits
 * @param {number} of
 */
function intervalText(hits, of) {
  const { low, high } = shareInterval(hits, of);
  return `${(100 * low).toFixed(1)}–${(100 * high).toFixed(1)}\u00a0%`;
}

/** @param {Report} report */
function showAgreements({ agreements: all, pictures }) {
  agreements.hidden = !all.length;
  while (agreements.children.length > all.length) agreements.lastElementChild?.remove();
  all.forEach(({ keys, table, all: agreed }, i) => {
    const block = agreements.children[i] ?? agreements.appendChild(make("div", {}, make("p", { className: "note" }), make("div", { className: "scroll" }, make("table", { className: "matrix" }))));
    const names = keys.map(title);
    write(/** @type {HTMLElement} */ (block.children[0]), `${keys.length === 2 ? "Both" : `All ${keys.length}`} name the same first class for ${percent(agreed / pictures)} of the pictures. Each cell: how often two name the same first class, and how many of their first five they share on average.`);
    fillMatrix(/** @type {HTMLTableElement} */ (block.querySelector("table")), names, (row, column) => {
      const { same, shared } = table[row][column];
      return { text: `${(100 * same).toFixed(0)}\u00a0% · ${shared.toFixed(1)}`, share: same, title: `${names[row]} and ${names[column]}: the same first class for ${percent(same)}, ${shared.toFixed(1)} of 5 in common` };
    });
  });
}
