// A browser that ends while it starts, as now and then one does.
import assert from "node:assert/strict";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { start } from "./chromium.mjs";

/** A browser that ends by itself at its first `times` starts, and a count of them. */
async function frail(times) {
  const folder = await mkdtemp(join(tmpdir(), "frail-"));
  const [path, count] = [join(folder, "chromium"), join(folder, "count")];
  await writeFile(count, "");
  await writeFile(path, `#!/bin/sh\necho start >> "${count}"\n[ $(wc -l < "${count}") -le ${times} ] && exit 1\nexec "${process.env.CHROME}" "$@"\n`);
  await chmod(path, 0o755);
  return { path, starts: async () => (await readFile(count, "utf8")).split("\n").length - 1, remove: () => rm(folder, { recursive: true }) };
}

test("is started again", async () => {
  const { path, starts, remove } = await frail(1);
  const browser = await start(path, []);
  try {
    const page = await browser.newPage();
    assert.equal(await page.evaluate(() => 6 * 7), 42);
    assert.equal(await starts(), 2);
  } finally {
    await browser.close();
    await remove();
  }
});

test("but not for ever", async () => {
  const { path, starts, remove } = await frail(100);
  await assert.rejects(start(path, []), /has been closed/);
  assert.equal(await starts(), 3);
  await remove();
});

test("and not where there is none", async () => {
  await assert.rejects(start("/no/such/chromium", []), /no\/such\/chromium/);
});
