// @ts-check

/**
 * Whether networks are trained, or will be as soon as they can.
 * @param {Pick<import("../state.js").Lab, "phase">} lab
 */
export const isGoingOn = ({ phase }) => phase === "training" || phase === "opening";
