// @ts-check
import { make } from "../../../views/page.js";
import { greyPixels, heatPixels } from "../pure/heat.js";
import { isOfPicture, shownKind } from "../pure/subject.js";

/**
 * The picture as a network saw it, with a map over it.
 *
 * @typedef {import("../../../../pkg/convscope.js").Activation} Activation
 * @typedef {import("../../../../pkg/convscope.js").AttentionMap} AttentionMap
 * @typedef {import("../../../state.js").Card} Card
 * @typedef {import("../../../state.js").State} State
 * @typedef {import("../state.d.ts").Sight} Sight
 */

/** Pixels a side of the canvas below the map: enough for a dense screen. */
const SHARP = 640;
/** Pixels a side of the map, which has no finer detail. */
const HEAT = 224;

export function figure() {
  const picture = make("canvas", { className: "attention-seen" });
  const heat = make("canvas", { className: "attention-heat", width: HEAT, height: HEAT });
  const root = make("div", { className: "attention-picture", role: "img" }, picture, heat);
  /** @type {{ below: ImageBitmap | Activation | null, share: number, map: AttentionMap | null }} */
  const drawn = { below: null, share: 0, map: null };

  /**
   * @param {State} state
   * @param {Card} card
   * @param {Sight | undefined} sight
   * @returns {AttentionMap | null} the map that is shown
   */
  function update(state, card, sight, /** @type {import("../state.d.ts").Kind | undefined} */ chosen) {
    const isShown = sight !== undefined && isOfPicture(sight, state);
    const still = state.source && state.source.kind !== "drawing" && card.frame.kind === "photo" ? state.still : null;
    const below = still ?? (isShown ? sight.input : null);
    const share = card.input.height / card.frame.side;
    if (below !== drawn.below || share !== drawn.share) drawBelow(picture, below, share);
    Object.assign(drawn, { below, share });
    const map = isShown ? sight[shownKind(sight, chosen)] : null;
    if (map && map !== drawn.map) drawHeat(heat, map, card.input.height);
    drawn.map = map;
    heat.hidden = !map;
    picture.hidden = !below;
    root.classList.toggle("mirrored", state.source?.kind === "camera" && state.mirror);
    root.classList.toggle("grey", map !== null);
    return map;
  }

  return { root, update };
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {ImageBitmap | Activation | null} below
 * @param {number} share of the picture's centre square that the network sees, along an axis
 */
function drawBelow(canvas, below, share) {
  if (!below) return;
  if (below instanceof ImageBitmap) return drawCrop(canvas, below, share);
  const { pixels, width, height } = greyPixels(below);
  Object.assign(canvas, { width, height });
  canvas.getContext("2d")?.putImageData(new ImageData(pixels, width, height), 0, 0);
  canvas.classList.toggle("coarse", width < 100);
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {ImageBitmap} picture
 * @param {number} share
 */
function drawCrop(canvas, picture, share) {
  const crop = Math.min(picture.width, picture.height) * share;
  canvas.width = canvas.height = SHARP;
  canvas.classList.remove("coarse");
  const context = canvas.getContext("2d");
  if (!context) return;
  context.fillStyle = "#fff"; // behind transparent pictures, as on the stage
  context.fillRect(0, 0, SHARP, SHARP);
  context.drawImage(picture, (picture.width - crop) / 2, (picture.height - crop) / 2, crop, crop, 0, 0, SHARP, SHARP);
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {AttentionMap} map
 * @param {number} inputSide
 */
function drawHeat(canvas, map, inputSide) {
  canvas.getContext("2d")?.putImageData(new ImageData(heatPixels(map, inputSide, HEAT), HEAT, HEAT), 0, 0);
}
