// @ts-check

/**
 * By how much charts are drawn larger than their own pixels, so that their text can be read on a projector: the style sheet's
 * `--chart-scale`. A chart is laid out for a width that is smaller by this factor, and scaled up whole.
 */
export const chartScale = () => Number(getComputedStyle(document.documentElement).getPropertyValue("--chart-scale"));
