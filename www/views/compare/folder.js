// @ts-check
import { chosen, dropped } from "../../compare/folder.js";
import { cost } from "../../compare/lineup.js";
import { nameOf } from "../../compare/presets.js";
import { entryOf } from "../../compare/state.js";
import { shareInterval } from "../../compare/statistics.js";
import { again, cancel, labelWith, walk } from "../../compare/walk.js";
import { MUCH_MEMORY, cardOf, state, subscribe, updateCompare } from "../../state.js";
import { element, make, megabytes, write } from "../page.js";
import { takeFolders } from "../sources.js";
import { fillMatrix } from "./matrix.js";
import { duration, milliseconds, placeName } from "./words.js";

/** @typedef {import("../../compare/evaluation.js").Report} Report */

const section = element("folder", HTMLElement);
const choose = element("folder-choose", HTMLButtonElement);
const input = element("folder-input", HTMLInputElement);
const table = element("folder-table", HTMLButtonElement);
const tableInput = element("folder-table-input", HTMLInputElement);
const tableName = element("folder-table-name", HTMLSpanElement);
const repeat = element("folder-again", HTMLButtonElement);
const stop = element("folder-cancel", HTMLButtonElement);
const note = element("folder-note", HTMLParagraphElement);
const running = element("folder-run", HTMLDivElement);
const progress = element("folder-progress", HTMLProgressElement);
const status = element("folder-status", HTMLParagraphElement);
const announcement = element("folder-announcement", HTMLParagraphElement);
const results = element("folder-results", HTMLElement);
const summary = element("folder-summary", HTMLParagraphElement);
const scores = element("folder-scores", HTMLTableElement);
const agreements = element("folder-agreements", HTMLDivElement);
const odd = element("folder-odd", HTMLDetailsElement);
const oddList = element("folder-odd-list", HTMLUListElement);

const percent = (/** @type {number} */ share) => `${(100 * share).toFixed(1)}\u00a0%`;

export function showFolder() {
  choose.addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    if (input.files?.length) walk(chosen(input.files));
    input.value = ""; // the same folder can be chosen again
  });
  table.addEventListener("click", () => tableInput.click());
  tableInput.addEventListener("change", () => {
    const file = tableInput.files?.[0] ?? null;
    labelWith(file);
    write(tableName, file ? `Labels: ${file.name}` : "Labels: from the folders' names");
  });
  repeat.addEventListener("click", again);
  stop.addEventListener("click", cancel);
  takeFolders((data) => {
    const found = dropped(data);
    if (!found && state.compare.tab !== "folder") return false; // one picture, for the arena
    updateCompare({ tab: "folder" });
    (found ?? Promise.resolve(chosen(data.files))).then(walk);
    return true;
  });
  subscribe(show);
}

/** @param {import("../../state.js").State} state */
function show({ view, rows, compare: { tab, keys, run, walk } }) {
  section.hidden = view !== "compare" || tab !== "folder";
  if (section.hidden) return;
  const busy = Boolean(walk?.running);
  choose.disabled = repeat.disabled = busy || run !== null || !keys?.length;
  repeat.hidden = busy || !walk;
  stop.hidden = !busy;
  write(note, run ? "The benchmark is running: wait for its end, or cancel it, so that the two do not slow each other." : busy ? "" : memoryNote(keys ?? [], rows ?? []));
  running.hidden = !busy;
  if (walk && busy) {
    if (walk.text) progress.removeAttribute("value");
    else progress.value = walk.done / walk.total;
    write(status, walk.text || `${walk.done} of ${walk.total} pictures${walk.remaining === null ? "" : `, about ${duration(walk.remaining)} left`}`);
  }
  write(announcement, !walk ? "" : busy ? "The folder is being looked at." : `The folder: ${walk.text}`);
  results.hidden = !walk?.report?.pictures;
  if (walk?.report?.pictures) showReport(walk.report, busy ? "" : walk.text);
}

/**
 * @param {string[]} keys
 * @param {import("../../download.js").Row[]} rows
 */
function memoryNote(keys, rows) {
  if (!keys.length) return "Choose networks above.";
  const { memory } = cost(keys.map(entryOf), rows);
  return memory > MUCH_MEMORY ? `This takes ${megabytes(memory)} of memory; on a phone the browser may close the page.` : "";
}

/** @type {Report | null} */
let shown = null;

/**
 * @param {Report} report
 * @param {string} text how it ended
 */
function showReport(report, text) {
  write(summary, summaryOf(report, text));
  if (report === shown) return;
  shown = report;
  showScores(report);
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
const title = (key) => nameOf(entryOf(key), state.cards);

/**
 * @param {Report} report
 * @param {string} text
 */
function summaryOf({ pictures, labelled, unread, unreadable, random, seconds, device, engine }, text) {
  const rate = seconds ? `, ${(pictures / seconds).toFixed(1)} a second on ${placeName({ device, engine, f16: false })}` : "";
  const labels = labelled === pictures ? "all with a label" : labelled ? `${labelled} with a label` : "none with a label: neither a folder's name nor a table names a class that the networks know";
  const bad = unread ? ` ${unread === 1 ? "One file" : `${unread} files`} could not be opened as a picture: ${unreadable.slice(0, 3).join(", ")}${unread > 3 ? "…" : ""}.` : "";
  const without = random.length ? ` Not asked, as they have random weights: ${random.map(title).join(", ")}.` : "";
  return `${text ? `${text} ` : ""}${pictures} ${pictures === 1 ? "picture" : "pictures"}${rate}; ${labels}.${bad}${without}`;
}

/** @param {Report} report */
function showScores({ scores: all, labelled }) {
  const heads = ["Network", ...(labelled ? ["Top-1", "95 %", "Top-5", "Published top-1"] : []), "Time of one"];
  const rows = all.map(({ key, labelled: of, top1, top5, milliseconds: time }) => {
    const { low, high } = shareInterval(top1, of || 1);
    const published = cardOf(entryOf(key).network)?.top1;
    const known = of ? [percent(top1 / of), `${(100 * low).toFixed(1)}–${(100 * high).toFixed(1)}`, percent(top5 / of), published ? `${published}\u00a0%` : "–"] : ["–", "–", "–", "–"];
    return make("tr", {}, make("th", { scope: "row", textContent: title(key) }), ...[...(labelled ? known : []), milliseconds(time)].map((textContent) => make("td", { textContent })));
  });
  scores.replaceChildren(make("thead", {}, make("tr", {}, ...heads.map((textContent) => make("th", { scope: "col", textContent })))), make("tbody", {}, ...rows));
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
