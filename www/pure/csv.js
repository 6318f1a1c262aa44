// @ts-check

/**
 * A table as other programs read it.
 * @param {unknown[][]} lines the first has the columns' names
 */
export const csvOf = (lines) => `${lines.map((line) => line.map(field).join(",")).join("\n")}\n`;

/** @param {unknown} value */
function field(value) {
  if (value === null || value === undefined) return "";
  const text = String(value);
  // A spreadsheet would take a text that begins like this for a formula.
  const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
