// @ts-check

/**
 * The keys of what is looked into: of one entry or of two.
 * @param {Pick<import("../state.js").Inside, "key" | "other">} inside
 */
export const keysOf = ({ key, other }) => (other ? [key, other] : [key]);
