// @ts-check
import { arrowOf, lineOf } from "../pure/lines.js";
import { blockKey, layerKey, moveTo, nodesOf } from "../pure/moves.js";
import { GAP, MARGIN, PADDING, ROW, TERMINAL } from "../pure/sizes.js";
import { bandsOf } from "../pure/stack.js";
import { chartScale } from "../../../views/chartScale.js";
import { make } from "../../../views/page.js";
import { fillRow } from "./nodes.js";
import { draw } from "./svg.js";

/**
 * The drawing of one network.
 *
 * @typedef {import("../pure/stack.js").Stack} Stack
 * @typedef {import("./nodes.js").Colouring} Colouring
 * @typedef {{ block: string } | { layer: string }} Target
 *
 * @typedef {object} Drawn
 * @property {string} name of the network
 * @property {Stack} stack
 * @property {import("../pure/titles.js").Titles[]} titles of its rows
 * @property {Colouring} colouring
 * @property {string} colours differs where the colouring differs
 * @property {string} input the shape of the network's input
 * @property {string | null} chosen a layer
 *
 * @typedef {object} Calls
 * @property {(target: Target) => void} onChosen clicked, tapped, or Enter
 * @property {(target: Target | null) => void} onPointed hovered or focused; null: nothing is any more
 * @property {(block: string | null) => void} onClosed Escape: within this block
 */

/** For how long rows are drawn at a stretch, in milliseconds. Style, layout and paint of what was drawn take five times as long. */
const SLICE = 3;
/** Below this width there is no room for the sizes of the feature maps. */
const NARROW = 480;
const LARGEST = 1.15;
/** By how many pixels of the screen a finger may miss a node above or below. */
const FINGER = [7, -7, 14, -14];
/** From one label of a band to the next one. */
const LABELS = 480;
/** @type {Record<string, import("../pure/moves.js").Direction>} */
const KEYS = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "left", ArrowRight: "right", Home: "first", End: "last" };

/** @param {Calls} calls */
export function drawing({ onChosen, onPointed, onClosed }) {
  const bands = draw("g", { class: "bands", "aria-hidden": "true" });
  const lines = draw("path", { class: "line" });
  const arrows = draw("path", { class: "arrow" });
  const terminals = draw("g", { class: "terminals", "aria-hidden": "true" });
  const rows = draw("g", { role: "presentation" });
  const svg = draw("svg", { class: "drawing", role: "tree" }, bands, lines, arrows, rows, terminals);
  const heading = make("h3", { className: "diagram-name" });
  const sheet = make("div", { className: "sheet" }, svg);
  const host = make("section", { className: "diagram-network" }, heading, sheet);

  /** @type {{ drawn: Drawn | null, nodes: import("../pure/moves.js").Node[], at: string, zoom: number, pass: number }} */
  const shown = { drawn: null, nodes: [], at: "", zoom: 1, pass: 0 };
  /** The rows' groups, and how they look. @type {Map<string, { group: SVGGElement, look: string, transform: string }>} */
  const groups = new Map();

  svg.addEventListener("click", (event) => {
    const found = targetNear(event);
    if (!found) return;
    focus(keyOf(found));
    onChosen(found);
  });
  svg.addEventListener("pointerover", ({ target, pointerType }) => {
    if (pointerType === "mouse") onPointed(targetAt(target));
  });
  svg.addEventListener("pointerleave", () => onPointed(null));
  svg.addEventListener("focusin", ({ target }) => {
    const found = targetAt(target);
    if (!found) return;
    goTo(keyOf(found));
    if (target instanceof Element && target.matches(":focus-visible")) onPointed(found);
  });
  svg.addEventListener("focusout", () => onPointed(null));
  svg.addEventListener("keydown", (event) => {
    const found = targetAt(event.target);
    if (!found || event.ctrlKey || event.metaKey || event.altKey) return;
    const direction = KEYS[event.key];
    if (direction) focus(moveTo(shown.nodes, keyOf(found), direction));
    else if (event.key === "Enter" || event.key === " ") onChosen(found);
    else if (event.key === "Escape") onClosed("block" in found ? found.block : blockAround(event.target));
    else return;
    event.preventDefault();
  });
  new ResizeObserver(() => fit()).observe(sheet);

  /** @param {Drawn} drawn */
  function show(drawn) {
    // Asked before anything is written: afterwards the browser would have to lay everything out for the answers.
    const room = sheet.clientWidth;
    const sight = middleInSight();
    const isOther = drawn.name !== shown.drawn?.name;
    const { stack } = (shown.drawn = drawn);
    if (isOther) {
      heading.textContent = drawn.name;
      svg.setAttribute("aria-label", `${drawn.name}, from the input to the output`);
      groups.clear();
      rows.replaceChildren();
    }
    shown.nodes = nodesOf(stack, ROW.height);
    if (!shown.nodes.some(({ key }) => key === shown.at)) shown.at = rowAround(stack, shown.at);
    drawLines(stack);
    drawTerminals(stack, drawn.input);
    drawBands(stack);
    fit(room);
    place(stack);
    shown.pass += 1;
    fillRows(drawn, sight, shown.pass);
  }

  /** Puts each row's group where it belongs. @param {Stack} stack */
  function place({ places }) {
    for (const { row, x, y } of places) {
      const transform = `translate(${x} ${y})`;
      let known = groups.get(row.name);
      if (!known) {
        known = { group: draw("g", { class: row.isBlock ? "node row block" : "node row", role: "treeitem", "aria-level": 1, tabindex: -1 }), look: "", transform: "" };
        groups.set(row.name, known);
        rows.append(known.group);
      }
      if (known.transform === transform) continue;
      known.transform = transform;
      known.group.setAttribute("transform", transform);
    }
  }

  /**
   * Draws the rows that do not look as they should: those in sight first, and no longer at a stretch than the page may be busy.
   * @param {Drawn} drawn
   * @param {number} sight the height in the drawing that is in the middle of the screen
   * @param {number} pass
   */
  async function fillRows({ stack, titles, colouring, colours }, sight, pass) {
    const waiting = stack.places.flatMap((place, index) => {
      const known = groups.get(place.row.name);
      const look = `${place.layout !== null} ${colours}`;
      return known && known.look !== look ? [{ place, known, look, titles: titles[index] }] : [];
    });
    waiting.sort((a, b) => Math.abs(a.place.y - sight) - Math.abs(b.place.y - sight));
    svg.setAttribute("aria-busy", "true");
    let since = performance.now();
    for (const { place, known, look, titles } of waiting) {
      if (performance.now() - since > SLICE) {
        mark();
        await new Promise(requestAnimationFrame);
        if (pass !== shown.pass) return;
        since = performance.now();
      }
      const hadFocus = document.activeElement !== known.group && known.group.contains(document.activeElement);
      fillRow(known.group, place, titles, colouring);
      known.look = look;
      if (hadFocus) focus(shown.at);
    }
    mark();
    svg.setAttribute("aria-busy", "false");
  }

  function middleInSight() {
    const { top, height } = svg.getBoundingClientRect();
    return height ? ((innerHeight / 2 - top) * svg.viewBox.baseVal.height) / height : 0;
  }

  /** Where a height in the drawing is on the screen. @param {number} y */
  function heightOnScreen(y) {
    const { top, height } = svg.getBoundingClientRect();
    return top + (y * height) / svg.viewBox.baseVal.height;
  }

  /** The lines between the rows, and from the network's line to the auxiliary heads. @param {Stack} stack */
  function drawLines({ places, height }) {
    /** @type {number[][]} */
    const all = [];
    let from = TERMINAL.height;
    for (const { row, layout, x, y, height: own } of places) {
      const foot = y + own - (layout ? PADDING : 0);
      if (row.auxiliary) {
        all.push([0, from, 0, y - GAP / 2, x, y - GAP / 2, x, y], [x, foot, x, y + own + GAP]);
      } else {
        all.push([0, from, 0, y]);
        from = foot;
      }
    }
    all.push([0, from, 0, height - TERMINAL.height]);
    lines.setAttribute("d", all.map(lineOf).join(""));
    arrows.setAttribute("d", all.map(arrowOf).join(""));
  }

  /**
   * @param {Stack} stack
   * @param {string} input
   */
  function drawTerminals({ places, height }, input) {
    const classes = (/** @type {import("../pure/stack.js").Place} */ { row }) => row.output.outputShape[0];
    const heads = places.filter(({ row }) => row.auxiliary);
    const last = places.filter(({ row }) => !row.auxiliary).at(-1);
    terminals.replaceChildren(
      terminal(0, 0, `input ${input}`),
      ...heads.map((place) => terminal(place.x, place.y + place.height + GAP, `auxiliary output, ${classes(place)} classes`)),
      ...(last ? [terminal(0, height - TERMINAL.height, `output, ${classes(last)} classes`)] : []),
    );
  }

  /** @param {number} x @param {number} y @param {string} text */
  function terminal(x, y, text) {
    const { width, height } = TERMINAL;
    return draw("g", { transform: `translate(${x} ${y})` }, draw("rect", { x: -width / 2, width, height, rx: height / 2 }), draw("text", { y: 18 }, text));
  }

  /** @param {Stack} stack */
  function drawBands({ places, extent }) {
    const x = extent[0] - 14;
    bands.replaceChildren(
      ...bandsOf(places).flatMap(({ text, from, to }) => [
        draw("path", { d: `M${x + 5} ${from}H${x}V${to}H${x + 5}` }),
        ...Array.from({ length: Math.ceil((to - from) / LABELS) }, (_, index) => draw("text", { x: x - 7, y: from + 27 + index * LABELS }, text)),
      ]),
    );
  }

  /**
   * Gives the drawing its size: as wide as the sheet, where it is not zoomed, and not much larger than its text should be.
   * @param {number} [room] the width of the sheet
   */
  function fit(room = sheet.clientWidth) {
    if (!shown.drawn || !room) return;
    const { extent, height } = shown.drawn.stack;
    const isNarrow = room < NARROW;
    const left = extent[0] - (isNarrow ? 6 : MARGIN);
    const width = extent[1] + (isNarrow ? 10 : 14) - left;
    const scale = Math.min(LARGEST * chartScale(), room / width) * shown.zoom;
    bands.style.display = isNarrow ? "none" : "";
    const size = [width * scale, (height + 8) * scale].map((value) => value.toFixed(1));
    if (svg.getAttribute("width") === size[0] && svg.getAttribute("height") === size[1]) return;
    svg.setAttribute("viewBox", `${left} -2 ${width} ${height + 8}`);
    svg.setAttribute("width", size[0]);
    svg.setAttribute("height", size[1]);
  }

  /**
   * @param {number} zoom 1: as wide as the sheet
   * @param {{ x: number, y: number }} [still] what stays where it is on the screen; the middle of what is seen, where it is missing
   */
  function setZoom(zoom, still) {
    const before = svg.getBoundingClientRect();
    const box = sheet.getBoundingClientRect();
    const { x, y } = still ?? { x: box.left + box.width / 2, y: (Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)) / 2 };
    const share = { x: (x - before.left) / before.width, y: (y - before.top) / before.height };
    shown.zoom = zoom;
    fit();
    const after = svg.getBoundingClientRect();
    sheet.scrollLeft += after.left + share.x * after.width - x;
    scrollBy(0, after.top + share.y * after.height - y);
  }

  /** @param {string} key of the node that the tabulator reaches */
  function goTo(key) {
    find(shown.at)?.setAttribute("tabindex", "-1");
    shown.at = key;
    find(key)?.setAttribute("tabindex", "0");
  }

  /** @param {string} key */
  function focus(key) {
    goTo(key);
    find(key)?.focus();
  }

  /** Marks the chosen layer, and what the tabulator reaches. */
  function mark() {
    for (const node of rows.querySelectorAll("[aria-selected]")) node.removeAttribute("aria-selected");
    if (shown.drawn?.chosen) find(layerKey(shown.drawn.chosen))?.setAttribute("aria-selected", "true");
    find(shown.at)?.setAttribute("tabindex", "0");
  }

  /** @param {string} key @returns {SVGGElement | null} */
  function find(key) {
    const [kind] = key.split(" ", 1);
    return svg.querySelector(`[data-${kind}="${CSS.escape(key.slice(kind.length + 1))}"]`);
  }

  /** Brings a node into sight, which need not be drawn yet. @param {Target} target */
  function reveal(target) {
    goTo(keyOf(target));
    const node = shown.nodes.find(({ key }) => key === shown.at);
    if (node) scrollBy(0, heightOnScreen(node.y) - innerHeight / 2);
  }

  return { host, sheet, show, setZoom, reveal };
}

/** @param {Target} target */
const keyOf = (target) => ("block" in target ? blockKey(target.block) : layerKey(target.layer));

/**
 * The key of the row that holds a layer which is not shown any more, or that of the first row.
 * @param {Stack} stack
 * @param {string} key
 */
function rowAround({ places }, key) {
  const { row } = places.find(({ row: { layers } }) => layers.some(({ name }) => layerKey(name) === key)) ?? places[0];
  return row.isBlock ? blockKey(row.name) : layerKey(row.name);
}

/** @param {EventTarget | null} at @returns {Target | null} */
function targetAt(at) {
  const { block, layer } = (at instanceof Element ? /** @type {SVGGElement | null} */ (at.closest("[data-block], [data-layer]")) : null)?.dataset ?? {};
  if (layer !== undefined) return { layer };
  return block === undefined ? null : { block };
}

/**
 * What was clicked; a finger may miss it by a little.
 * @param {MouseEvent} event
 */
function targetNear(event) {
  const direct = targetAt(event.target);
  if (direct || ("pointerType" in event && event.pointerType === "mouse")) return direct;
  const { clientX: x, clientY: y } = event;
  return FINGER.map((away) => targetAt(document.elementFromPoint(x, y + away))).find(Boolean) ?? null;
}

/** @param {EventTarget | null} at a layer */
function blockAround(at) {
  return at instanceof Element ? /** @type {SVGGElement | null} */ (at.closest("[data-block]"))?.dataset.block ?? null : null;
}
