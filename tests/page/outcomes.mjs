// A reporter for Node's test runner: a line of JSON for each test, so that `cargo xtask test` can repeat those that failed and name
// those that were skipped.

/** @param {AsyncIterable<{ type: string, data: { file?: string, name: string, nesting: number, skip?: string | boolean } }>} events */
export default async function* outcomes(events) {
  for await (const { type, data: { file, name, nesting, skip } } of events) {
    if ((type !== "test:pass" && type !== "test:fail") || nesting) continue;
    const skipped = skip ? { skipped: skip === true ? "no reason was given" : skip } : {};
    yield `${JSON.stringify({ file, name, passed: type === "test:pass", ...skipped })}\n`;
  }
}
