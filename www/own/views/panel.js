// @ts-check
import { DEFAULT_VARIANT, entryOf, rowOf } from "../../pure/entries.js";
import { megabytes, percent } from "../../pure/text.js";
import { cardOf, state, subscribe } from "../../state.js";
import { closeDialog } from "../../views/dialog.js";
import { element, fillBar, make, write } from "../../views/page.js";
import { labelsText } from "../pure/labels.js";
import { nameOfFile, nameTrouble } from "../pure/names.js";
import { contentText, firstFit, fitText, keepText } from "../pure/texts.js";

/**
 * What is asked about a file of weights.
 *
 * @typedef {import("../../state.js").State} State
 * @typedef {import("../state.js").CheckpointSummary} CheckpointSummary
 *
 * @typedef {object} PanelCalls
 * @property {(wanted: import("../opening.js").Wanted) => void} onRun
 * @property {(file: File | null) => void} onLabels
 * @property {() => void} onCancel the conversion
 * @property {() => void} onClose
 * @property {() => void} onOther another file is wanted
 */

/**
 * @param {HTMLDialogElement} dialog that holds the markup
 * @param {PanelCalls} calls
 */
export function showPanel(dialog, { onRun, onLabels, onCancel, onClose, onOther }) {
  const form = element("own-form", HTMLFormElement);
  const choice = element("own-choice", HTMLFieldSetElement);
  const network = element("own-network", HTMLSelectElement);
  const name = element("own-name", HTMLInputElement);
  const values = element("own-values", HTMLSelectElement);
  const keep = element("own-keep", HTMLInputElement);
  const labelsInput = element("own-labels-input", HTMLInputElement);
  const start = element("own-start", HTMLButtonElement);
  const cancel = element("own-cancel", HTMLButtonElement);
  const other = element("own-other", HTMLButtonElement);
  const noLabels = element("own-labels-none", HTMLButtonElement);
  /** Whose questions are shown. @type {{ summary: CheckpointSummary | null }} */
  const shown = { summary: null };

  element("own-close", HTMLButtonElement).addEventListener("click", () => closeDialog(dialog));
  dialog.addEventListener("close", onClose);
  element("own-labels", HTMLButtonElement).addEventListener("click", () => labelsInput.click());
  labelsInput.addEventListener("change", () => {
    if (labelsInput.files?.[0]) onLabels(labelsInput.files[0]);
    labelsInput.value = ""; // the same file can be chosen again
  });
  noLabels.addEventListener("click", () => onLabels(null));
  cancel.addEventListener("click", onCancel);
  other.addEventListener("click", onOther);
  for (const field of [network, name]) field.addEventListener("input", () => render(state));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!start.disabled) onRun({ network: network.value, name: name.value, framing: values.value || null, keep: keep.checked });
  });
  subscribe(render);

  /** @param {State} state */
  function render(state) {
    const { phase, file, summary, trouble, progress } = state.own;
    if (phase === "none") {
      shown.summary = null;
      if (dialog.open) closeDialog(dialog);
      return;
    }
    write(element("own-file", HTMLParagraphElement), file ? `${file.name}, ${megabytes(file.size)}` : "");
    write(element("own-status", HTMLParagraphElement), phase === "reading" ? "Reading what is in it…" : "");
    write(element("own-trouble", HTMLParagraphElement), trouble);
    const isConverting = phase === "converting";
    element("own-run", HTMLDivElement).hidden = !isConverting;
    fillBar(element("own-progress", HTMLProgressElement), progress && progress.done / progress.total);
    write(element("own-progress-text", HTMLParagraphElement), !isConverting ? "" : progress ? `Converting: ${percent(progress.done / progress.total, 0)}` : "Converting…");
    cancel.hidden = !isConverting;
    const fits = summary?.networks ?? [];
    choice.hidden = !fits.length;
    choice.disabled = start.disabled = isConverting;
    start.hidden = !fits.length;
    other.hidden = phase !== "asking" || fits.length > 0;
    if (summary !== shown.summary) ask(state);
    write(element("own-content", HTMLParagraphElement), summary ? contentText(summary) : "");
    if (summary && fits.length) answer(state, summary);
  }

  /** Begins anew with the questions. @param {State} state */
  function ask({ own: { file, summary } }) {
    shown.summary = summary;
    const fits = summary?.networks ?? [];
    element("own-notes", HTMLUListElement).replaceChildren(...(summary?.notes ?? []).map((textContent) => make("li", { textContent })));
    network.replaceChildren(...fits.map(({ id }) => make("option", { value: id, textContent: cardOf(id)?.name ?? id })));
    network.value = firstFit(fits, chosenNetworks(state))?.id ?? "";
    element("own-network-control", HTMLDivElement).hidden = fits.length < 2;
    name.value = file ? nameOfFile(file.name) : "";
    keep.checked = false;
    values.value = "";
    if (summary) write(element("own-keep-text", HTMLSpanElement), keepText(summary));
  }

  /**
   * Says what becomes of the file by what is filled in.
   * @param {State} state
   * @param {CheckpointSummary} summary
   */
  function answer({ rows, own: { phase, labels } }, summary) {
    const fit = summary.networks.find(({ id }) => id === network.value);
    const card = cardOf(network.value);
    if (!fit) return;
    const isHere = rowOf(rows ?? [], fit.id, DEFAULT_VARIANT)?.variant === DEFAULT_VARIANT;
    write(element("own-fit", HTMLParagraphElement), fitText(fit, card?.name ?? fit.id, isHere));
    element("own-parts", HTMLDivElement).hidden = fit.official;
    element("own-values-control", HTMLDivElement).hidden = card?.frame.kind === "digit"; // it finds the ink by itself
    if (card?.frame.kind === "digit") values.value = "";
    /** @type {HTMLElement} */ (keep.parentElement).hidden = fit.official && isHere;
    const about = labelsText(labels, fit.classes, card);
    const note = element("own-labels-note", HTMLParagraphElement);
    write(note, about.text);
    note.classList.toggle("wrong", about.isWrong);
    noLabels.hidden = !labels;
    const wrong = fit.official ? "" : nameTrouble(name.value, fit.id, rows ?? []);
    write(element("own-name-note", HTMLParagraphElement), wrong);
    element("own-name-note", HTMLParagraphElement).classList.toggle("wrong", wrong !== "");
    name.setAttribute("aria-invalid", String(wrong !== ""));
    write(start, fit.official && isHere ? "Show them" : "Run it");
    start.disabled = phase !== "asking" || (!fit.official && (wrong !== "" || about.isWrong));
  }
}

/** The networks that the view has chosen. @param {State} state */
function chosenNetworks({ view, network, compare, inside }) {
  if (view === "single") return [network];
  if (view === "inside") return [entryOf(inside.key).network];
  return view === "compare" ? (compare.keys ?? []).map((key) => entryOf(key).network) : [];
}
