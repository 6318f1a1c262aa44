// @ts-check

/**
 * Colours for values. Both scales are straight lines in OKLCH, so that equal steps of a value look equally large: from dark to
 * light for values from zero on, and from a light neutral to two dark hues for values with a sign. A colour is a number as
 * ImageData stores it, with red in its lowest byte.
 *
 * Conversion: Björn Ottosson, "A perceptual color space for image processing", 2020, https://bottosson.github.io/posts/oklab/
 */

/** What is exactly zero has a colour of its own, without a hue. */
export const ZERO = packed([8, 9, 10]);

const STEPS = 255;
/** The entry of the diverging scale that stands for zero. */
const MIDDLE = 127;

/** The colours of values from zero, which is the first entry, to the greatest one. */
export const SEQUENTIAL = Uint32Array.from({ length: STEPS + 1 }, (_, i) => (i ? oklch(0.26 + (0.68 * i) / STEPS, 0.15, 300 - (195 * i) / STEPS) : ZERO));

/** The colours of values from the negative of the greatest magnitude to the greatest magnitude; zero is in the middle. */
export const DIVERGING = Uint32Array.from({ length: 2 * MIDDLE + 1 }, (_, i) => {
  const share = (i - MIDDLE) / MIDDLE;
  return oklch(0.95 - 0.55 * Math.abs(share), 0.17 * Math.abs(share), share < 0 ? 255 : 38);
});

/**
 * @param {number} value
 * @param {number} greatest magnitude among the values; 0 where all are zero
 * @param {boolean} isSigned whether values of this kind may be negative
 * @returns {number}
 */
export function colourOf(value, greatest, isSigned) {
  const share = greatest > 0 ? Math.min(1, Math.max(-1, value / greatest)) : 0;
  if (isSigned) return DIVERGING[MIDDLE + Math.round(share * MIDDLE)];
  return share > 0 ? SEQUENTIAL[Math.max(1, Math.round(share * STEPS))] : ZERO;
}

/**
 * @param {number} lightness 0 to 1
 * @param {number} chroma lowered until the colour can be shown
 * @param {number} hue degrees
 * @returns {number}
 */
function oklch(lightness, chroma, hue) {
  const angle = (hue * Math.PI) / 180;
  const rgb = linearRgb(lightness, chroma * Math.cos(angle), chroma * Math.sin(angle));
  if (chroma > 0.001 && rgb.some((value) => value < -0.0005 || value > 1.0005)) return oklch(lightness, chroma * 0.96, hue);
  return packed(rgb.map(encoded));
}

/**
 * @param {number} lightness
 * @param {number} a
 * @param {number} b
 */
function linearRgb(lightness, a, b) {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}

/** @param {number} value of a linear channel */
function encoded(value) {
  const clipped = Math.min(1, Math.max(0, value));
  return Math.round(255 * (clipped <= 0.0031308 ? 12.92 * clipped : 1.055 * clipped ** (1 / 2.4) - 0.055));
}

/** @param {number[]} rgb 0 to 255 */
export function packed([red, green, blue]) {
  return (0xff000000 | (blue << 16) | (green << 8) | red) >>> 0;
}
