// @ts-check
import { drawStrokes } from "../pure/canvas.js";
import { plural } from "../pure/text.js";
import { cardOf, state, subscribe } from "../state.js";
import { element } from "./page.js";

/** @typedef {import("../pure/canvas.js").Point} Point */

const pad = element("pad", HTMLCanvasElement);
const hint = element("pad-hint", HTMLParagraphElement);
const undo = element("undo", HTMLButtonElement);
const clear = element("clear", HTMLButtonElement);

/** @param {(strokes: Point[][]) => void} onDrawing called with all strokes after every change */
export function showPad(onDrawing) {
  followPen(pad, () => state.strokes, onDrawing);
  /** What was cleared last, and has not come back. @type {{ strokes: Point[][] }} */
  const cleared = { strokes: [] };
  undo.addEventListener("click", () => {
    const { strokes } = state;
    onDrawing(strokes.length ? strokes.slice(0, -1) : cleared.strokes);
    if (!strokes.length) cleared.strokes = [];
  });
  clear.addEventListener("click", () => {
    cleared.strokes = state.strokes;
    onDrawing([]);
  });

  /** @type {{ strokes: Point[][] | null }} */
  const drawn = { strokes: null };
  subscribe(({ entries, running, source, strokes, answers }) => {
    const digits = entries.map(({ network }) => cardOf(network)).find((card) => card?.frame.kind === "digit");
    if (digits && pad.width !== digits.frame.side) {
      pad.width = pad.height = digits.frame.side;
      drawn.strokes = null;
    }
    if (strokes !== drawn.strokes) drawStrokes(pad, (drawn.strokes = strokes));
    hint.hidden = source?.kind !== "drawing" || strokes.length > 0;
    clear.disabled = !strokes.length;
    undo.disabled = !strokes.length && !cleared.strokes.length;
    const reader = running.find(({ network }) => cardOf(network)?.frame.kind === "digit");
    const answer = reader && answers[reader.key];
    pad.setAttribute("aria-label", describe(strokes.length, answer?.predictions[0]?.label ?? (answer?.timing ? "no digit" : undefined)));
  });
}

/**
 * Adds to a drawing what a pointer draws on a canvas.
 * @param {HTMLCanvasElement} canvas
 * @param {() => Point[][]} strokes until now
 * @param {(strokes: Point[][]) => void} onDrawing called with all strokes after every change
 */
export function followPen(canvas, strokes, onDrawing) {
  const pointOf = (/** @type {PointerEvent} */ { clientX, clientY }) => {
    const box = canvas.getBoundingClientRect();
    return { x: (clientX - box.left) / box.width, y: (clientY - box.top) / box.height };
  };
  /** The one pointer that draws: a second finger and the palm of a hand do not. @type {{ id: number, isPen: boolean } | null} */
  let drawing = null;
  canvas.addEventListener("pointerdown", (event) => {
    const isPen = event.pointerType === "pen";
    if (event.button !== 0 || (drawing && (drawing.isPen || !isPen))) return;
    // A palm that lay down before the pen has begun a stroke, which nobody wanted.
    const kept = drawing ? strokes().slice(0, -1) : strokes();
    drawing = { id: event.pointerId, isPen };
    canvas.setPointerCapture(event.pointerId);
    onDrawing([...kept, [pointOf(event)]]);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerId !== drawing?.id || !strokes().length) return;
    const passed = event.getCoalescedEvents?.() ?? [];
    const last = strokes().at(-1) ?? [];
    onDrawing([...strokes().slice(0, -1), [...last, ...(passed.length ? passed : [event]).map(pointOf)]]);
  });
  const end = (/** @type {PointerEvent} */ { pointerId }) => {
    if (pointerId === drawing?.id) drawing = null;
  };
  for (const type of /** @type {const} */ (["pointerup", "pointercancel", "lostpointercapture"])) canvas.addEventListener(type, end);
}

/**
 * @param {number} strokes
 * @param {string | undefined} read
 */
function describe(strokes, read) {
  if (!strokes) return "Drawing pad, empty. It needs a pointer; a picture of a digit can be opened or pasted instead.";
  return `Drawing pad, ${plural(strokes, "stroke")}${read ? `, read as ${read}` : ""}`;
}
