// @ts-check

/** @typedef {import("./geometry.js").Rectangle} Rectangle */

/**
 * A value of an activation.
 * @param {number} value
 */
export function valueText(value) {
  if (!Number.isFinite(value)) return value > 0 ? "∞" : value < 0 ? "−∞" : "not a number";
  const size = Math.abs(value);
  const text = size >= 100 ? size.toFixed(0) : size === 0 || size >= 0.1 ? String(Number(size.toPrecision(3))) : size.toPrecision(2);
  return value < 0 ? `−${text}` : text;
}

/**
 * What the strongest unit of a channel sees.
 * @param {"inside" | "beyond" | "everything"} reach
 * @param {Rectangle} field
 * @param {Rectangle} seen the part of it within the picture
 */
export function fieldText(reach, field, seen) {
  const whole = `${field.width} × ${field.height} pixels`;
  switch (reach) {
    case "everything":
      return `Its receptive field, ${whole}, covers everything that the network sees.`;
    case "beyond":
      return `Its receptive field, ${whole}, reaches beyond the picture, where there are only zeros: ${seen.width} × ${seen.height} pixels of it lie within.`;
    default:
      return `Its receptive field is these ${whole}.`;
  }
}
