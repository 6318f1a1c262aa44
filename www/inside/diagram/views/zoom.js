// @ts-check

/**
 * Zooming and moving a sheet with the mouse, the keyboard and two fingers. One finger and the wheel scroll the page, as everywhere.
 *
 * @typedef {{ x: number, y: number }} Point on the screen
 * @typedef {(factor: number, still?: Point) => void} OnZoom
 */

/** For a turn of the wheel by one pixel; a pinch on a touch pad comes as many small turns. */
const WHEEL = 0.0035;
const STEP = 1.25;
/** @type {Record<string, number>} */
const KEYS = { "+": STEP, "=": STEP, "-": 1 / STEP, 0: 0 };

/**
 * @param {HTMLElement} sheet
 * @param {OnZoom} onZoom factor 0: as wide as the sheet
 */
export function zoomable(sheet, onZoom) {
  sheet.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    onZoom(Math.exp(-event.deltaY * WHEEL), { x: event.clientX, y: event.clientY });
  }, { passive: false });
  sheet.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.key in KEYS)) return;
    event.preventDefault();
    onZoom(KEYS[event.key]);
  });
  dragged(sheet);
  pinched(sheet, onZoom);
}

/** @param {HTMLElement} sheet */
function dragged(sheet) {
  sheet.addEventListener("pointerdown", (event) => {
    const isGround = event.target instanceof Element && !event.target.closest("[data-block] .title, [data-layer]");
    if (event.pointerType !== "mouse" || event.button !== 0 || !isGround) return;
    event.preventDefault(); // no text is selected meanwhile
    sheet.setPointerCapture(event.pointerId);
    const last = { x: event.clientX, y: event.clientY };
    const move = (/** @type {PointerEvent} */ { clientX: x, clientY: y }) => {
      sheet.scrollLeft -= x - last.x;
      scrollBy(0, last.y - y);
      Object.assign(last, { x, y });
    };
    sheet.classList.add("dragged");
    sheet.addEventListener("pointermove", move);
    sheet.addEventListener("lostpointercapture", () => {
      sheet.classList.remove("dragged");
      sheet.removeEventListener("pointermove", move);
    }, { once: true });
  });
}

/**
 * @param {HTMLElement} sheet
 * @param {OnZoom} onZoom
 */
function pinched(sheet, onZoom) {
  const last = { apart: 0 };
  const apartOf = (/** @type {Touch[]} */ [a, b]) => Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
  sheet.addEventListener("touchstart", ({ touches }) => {
    if (touches.length === 2) last.apart = apartOf([...touches]);
  }, { passive: true });
  sheet.addEventListener("touchmove", (event) => {
    if (event.touches.length !== 2) return;
    event.preventDefault();
    const [a, b] = event.touches;
    const apart = apartOf([a, b]);
    onZoom(apart / last.apart, { x: (a.clientX + b.clientX) / 2, y: (a.clientY + b.clientY) / 2 });
    last.apart = apart;
  }, { passive: false });
}
