// @ts-check
import { answering } from "../../pure/answers.js";
import { RANDOM, rowOf } from "../../pure/entries.js";
import { megabytes } from "../../pure/text.js";
import { cardOf, stepOf, subscribe } from "../../state.js";
import { element, linked, make, write } from "../../views/page.js";

/** @typedef {import("../../state.js").Row} Row */

const control = element("weights-control", HTMLDivElement);
const select = element("weights", HTMLSelectElement);
const badge = element("random", HTMLParagraphElement);
const why = element("random-why", HTMLDivElement);
const name = element("random-name", HTMLSpanElement);
const way = element("random-get", HTMLParagraphElement);
const command = element("random-command", HTMLElement);
const own = element("random-own", HTMLParagraphElement);
const from = element("random-from", HTMLElement);
const official = element("random-source", HTMLSpanElement);
const coming = element("random-coming", HTMLParagraphElement);

/** The official weights that are named. */
const told = { source: "" };

/** @type {Record<string, string>} */
const SCHEMES = { q8: "8 bits", q4: "4 bits in linear layers" };

/** @param {(variant: string) => void} onChosen */
export function showWeights(onChosen) {
  select.addEventListener("change", () => onChosen(select.value));

  /** @type {Row[]} */
  let listed = [];
  subscribe((state) => {
    const { network, variant, rows } = state;
    const offered = (rows ?? []).filter(({ id }) => id === network);
    if (offered.length !== listed.length || offered.some((row, i) => row !== listed[i])) {
      listed = offered;
      select.replaceChildren(...offered.map((row) => make("option", { value: row.variant, textContent: describe(row) })));
    }
    control.hidden = offered.length < 2;
    const used = rowOf(offered, network, variant)?.variant ?? "";
    if (select.value !== used) select.value = used;
    const running = answering(state);
    showRandom(running?.weights === RANDOM ? running.network : null);
  });
}

/** @param {Row} row */
function describe({ variant, bytes }) {
  return `${SCHEMES[variant] ?? variant}, ${megabytes(bytes)}`;
}

/** @param {string | null} network with random weights */
function showRandom(network) {
  badge.hidden = why.hidden = !network;
  if (!network) return;
  const card = cardOf(network);
  const get = `cargo xtask weights ${network}`;
  coming.hidden = !stepOf(`weights of ${network}`);
  way.hidden = own.hidden = !coming.hidden;
  write(name, card?.name ?? network);
  write(command, get);
  write(from, `${get} --from FILE`);
  if (card && told.source !== card.source) official.replaceChildren(linked((told.source = card.source)));
}
