// @ts-check
import { cardOf, subscribe } from "../state.js";
import { element } from "./page.js";

/** @typedef {{ x: number, y: number }} Point */

const PEN = 1 / 13; // of the side: as thick as the digits the network learnt from

const pad = element("pad", HTMLCanvasElement);
const hint = element("pad-hint", HTMLParagraphElement);
const undo = element("undo", HTMLButtonElement);
const clear = element("clear", HTMLButtonElement);
const context = /** @type {CanvasRenderingContext2D} */ (pad.getContext("2d", { willReadFrequently: true }));

/** @type {Point[][]} */
let strokes = [];

/** @param {() => void} onDrawing called after every change */
export function showPad(onDrawing) {
  const changed = () => {
    redraw();
    onDrawing();
  };
  pad.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !event.isPrimary) return;
    pad.setPointerCapture(event.pointerId);
    strokes.push([pointOf(event)]);
    changed();
  });
  pad.addEventListener("pointermove", (event) => {
    if (!pad.hasPointerCapture(event.pointerId)) return;
    const passed = event.getCoalescedEvents?.() ?? [];
    strokes.at(-1)?.push(...(passed.length ? passed : [event]).map(pointOf));
    changed();
  });
  undo.addEventListener("click", () => {
    strokes.pop();
    changed();
  });
  clear.addEventListener("click", () => {
    strokes = [];
    changed();
  });

  redraw();
  subscribe(({ network, loaded, source, predictions }) => {
    const card = cardOf(loaded ?? network);
    if (card?.frame.kind === "digit" && pad.width !== card.frame.side) {
      pad.width = pad.height = card.frame.side;
      redraw();
    }
    hint.hidden = source?.kind !== "drawing" || strokes.length > 0;
    pad.setAttribute("aria-label", describe(predictions[0]?.label));
  });
}

/** @param {PointerEvent} event */
function pointOf(event) {
  const box = pad.getBoundingClientRect();
  return { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height };
}

function redraw() {
  const side = pad.width;
  context.fillStyle = "#fff";
  context.fillRect(0, 0, side, side);
  context.strokeStyle = "#111";
  context.lineWidth = side * PEN;
  context.lineCap = context.lineJoin = "round";
  for (const stroke of strokes) {
    context.beginPath();
    context.moveTo(stroke[0].x * side, stroke[0].y * side); // a line to the same point draws a dot
    for (const { x, y } of stroke) context.lineTo(x * side, y * side);
    context.stroke();
  }
  hint.hidden = strokes.length > 0;
  pad.dataset.strokes = String(strokes.length);
  undo.disabled = clear.disabled = !strokes.length;
}

/** @param {string | undefined} read */
function describe(read) {
  if (!strokes.length) return "Drawing pad, empty. It needs a pointer; a picture of a digit can be opened or pasted instead.";
  return `Drawing pad, ${strokes.length} ${strokes.length === 1 ? "stroke" : "strokes"}${read ? `, read as ${read}` : ""}`;
}
