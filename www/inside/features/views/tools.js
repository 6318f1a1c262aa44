// @ts-check
import { DIVERGING, SEQUENTIAL } from "../../../pure/colours.js";
import { channelsOf, deadOf, isSigned, sizeOf } from "../pure/maps.js";
import { onPage, pagesOf } from "../pure/pages.js";
import { isLive } from "../../../pure/source.js";
import { plural } from "../../../pure/text.js";
import { subscribe } from "../../../state.js";
import { element, write } from "../../../views/page.js";
import { put } from "./canvas.js";
import { kernelsOf, seenIn, shownMaps } from "./shown.js";

/** @typedef {import("../pure/maps.js").Maps} Maps */

/** The scale with enough of the colour of zero to be seen. */
const FROM_ZERO = Uint32Array.of(...Array.from({ length: 32 }, () => SEQUENTIAL[0]), ...SEQUENTIAL);

/**
 * How many channels there are, their order and their pages, and what the colours mean.
 * @param {() => void} onSort
 * @param {(page: number) => void} onPageChosen
 */
export function showTools(onSort, onPageChosen) {
  const summary = element("features-summary", HTMLParagraphElement);
  const sort = element("features-sort", HTMLButtonElement);
  const pages = element("features-pages", HTMLDivElement);
  const place = element("features-page", HTMLSpanElement);
  const previous = element("features-page-previous", HTMLButtonElement);
  const next = element("features-page-next", HTMLButtonElement);
  const scale = element("features-scale", HTMLCanvasElement);
  const legend = element("features-legend", HTMLParagraphElement);
  const now = { page: 0 };
  sort.addEventListener("click", onSort);
  previous.addEventListener("click", () => onPageChosen(now.page - 1));
  next.addEventListener("click", () => onPageChosen(now.page + 1));

  subscribe((state) => {
    const { order, page, perPage } = state.inside.features;
    const [maps, seen] = [shownMaps(state), seenIn(state)];
    if (!seen) return;
    const count = pagesOf(order.length, perPage);
    const { from, items } = onPage(order, page, perPage);
    now.page = Math.min(page, count - 1);
    write(summary, maps ? summaryOf(maps) : "All layers, from the input to the classes. A click on a map shows it over the input.");
    sort.hidden = !maps || !(isLive(state) || state.source?.kind === "drawing");
    pages.hidden = !maps || count < 2;
    write(place, `${from + 1} to ${from + items.length} of ${order.length}`);
    previous.disabled = now.page === 0;
    next.disabled = now.page === count - 1;
    const signed = Object.values(seen.maps).some(({ activation, extremes }) => activation.layer !== "input" && isSigned(extremes));
    put(scale, signed ? DIVERGING : FROM_ZERO, signed ? DIVERGING.length : FROM_ZERO.length);
    scale.hidden = maps !== null && sizeOf(maps.activation) === 1;
    write(legend, legendOf(maps, signed) + (kernelsOf(state) ? " Left of each map is its kernel; a weight of zero is mid-grey." : ""));
  });
}

/** @param {Maps} maps */
function summaryOf({ activation, extremes }) {
  const dead = deadOf(extremes);
  const zero = dead ? ` ${dead === 1 ? "One is" : `${dead} are`} dead here: zero everywhere.` : "";
  const sign = isSigned(extremes) ? ", whatever its sign" : "";
  if (sizeOf(activation) === 1) return `${plural(channelsOf(activation), "value")}, the greatest first${sign}.${zero}`;
  return `${plural(channelsOf(activation), "channel")}, the strongest first: by the greatest value${sign}, then by the mean.${zero}`;
}

/**
 * @param {Maps | null} maps null where those of all layers are shown
 * @param {boolean} signed
 */
function legendOf(maps, signed) {
  if (maps && sizeOf(maps.activation) === 1) return "Every channel has one value for the whole picture.";
  const colours = signed ? "Blue is negative, almost white is zero, red is positive." : "Black is exactly zero; the lighter, the greater.";
  return `${colours} Each map reaches to its own greatest value.`;
}
