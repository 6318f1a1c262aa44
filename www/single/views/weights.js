// @ts-check
import { answering } from "../../pure/answers.js";
import { RANDOM, isOwnVariant, rowOf } from "../../pure/entries.js";
import { megabytes } from "../../pure/text.js";
import { cardOf, stepOf, subscribe } from "../../state.js";
import { element, linked, make, write } from "../../views/page.js";

/** @typedef {import("../../state.js").Row} Row */

const control = element("weights-control", HTMLDivElement);
const select = element("weights", HTMLSelectElement);
const badge = element("random", HTMLParagraphElement);
const why = element("random-why", HTMLDivElement);
const name = element("random-name", HTMLSpanElement);
const ownBadge = element("own-badge", HTMLParagraphElement);
const remove = element("weights-delete", HTMLButtonElement);
const way = element("random-get", HTMLParagraphElement);
const command = element("random-command", HTMLElement);
const own = element("random-own", HTMLParagraphElement);
const official = element("random-source", HTMLSpanElement);
const coming = element("random-coming", HTMLParagraphElement);

/** The official weights that are named. */
const told = { source: "" };

/** @type {Record<string, string>} */
const SCHEMES = { q8: "8 bits", q4: "4 bits in linear layers" };

/**
 * @param {(variant: string) => void} onChosen
 * @param {(row: Row) => void} onDelete the visitor wants this browser to have these weights no more
 */
export function showWeights(onChosen, onDelete) {
  select.addEventListener("change", () => onChosen(select.value));
  /** The chosen weights, where only this browser has them. @type {{ own: Row | undefined }} */
  const chosen = { own: undefined };
  remove.addEventListener("click", () => {
    if (!chosen.own) return;
    onDelete(chosen.own);
    document.getElementById("network")?.focus(); // the button is gone
  });

  /** @type {Row[]} */
  let listed = [];
  subscribe((state) => {
    const { network, variant, rows } = state;
    const offered = (rows ?? []).filter(({ id }) => id === network);
    if (offered.length !== listed.length || offered.some((row, i) => row !== listed[i])) {
      listed = offered;
      const random = offered.every((row) => isOwnVariant(row.variant)) ? [make("option", { value: RANDOM, textContent: "random: speed only" })] : [];
      select.replaceChildren(...random, ...offered.map((row) => make("option", { value: row.variant, textContent: describe(row) })));
    }
    control.hidden = offered.length < 2 && !offered.some(({ here }) => here);
    const row = rowOf(offered, network, variant);
    const used = row?.variant ?? RANDOM;
    if (select.value !== used) select.value = used;
    chosen.own = row?.here && row;
    remove.hidden = !row?.here;
    const running = answering(state);
    ownBadge.hidden = !running || !isOwnVariant(running.weights);
    showRandom(running?.weights === RANDOM ? running.network : null);
  });
}

/** @param {Row} row */
function describe({ variant, bytes, own, here }) {
  const name = isOwnVariant(variant) ? `own: “${own?.name ?? variant}”` : `${SCHEMES[variant] ?? variant}${here ? ", from your file" : ""}`;
  return `${name}, ${megabytes(bytes)}`;
}

/** @param {string | null} network with random weights */
function showRandom(network) {
  badge.hidden = why.hidden = !network;
  if (!network) return;
  const card = cardOf(network);
  coming.hidden = !stepOf(`weights of ${network}`);
  way.hidden = own.hidden = !coming.hidden;
  write(name, card?.name ?? network);
  write(command, `cargo xtask weights ${network}`);
  if (card && told.source !== card.source) official.replaceChildren(linked((told.source = card.source)));
}
