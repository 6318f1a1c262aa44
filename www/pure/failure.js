// @ts-check

/** What is said where a module, a style or markup did not come. */
export const PART_MISSING = "A part of the page could not be downloaded. Check the connection and try again.";

/** An error with a stable code and a sentence that can be shown. */
export class Failure extends Error {
  /**
   * @param {string} code
   * @param {string} message
   */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/**
 * @param {unknown} error
 * @returns {string} its code, "internal" where it has none
 */
export function codeOf(error) {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "internal";
}

/**
 * @param {unknown} error
 * @returns {string}
 */
export function sentenceOf(error) {
  return error instanceof Error && error.message ? error.message : String(error);
}
