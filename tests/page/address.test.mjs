// The table of views and the addresses that it reads and writes.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { readAddress, writeAddress } from "../../www/address.js";
import { state, update } from "../../www/state.js";
import { viewNamed } from "../../www/views.js";

const CARD = { frame: { kind: "photo", side: 256 }, heads: [{ name: "loss1", weight: 0.3 }], input: { channels: 3, height: 224, width: 224 } };
const INITIAL = { ...state };

/**
 * What an address becomes when it is read and written again.
 * @param {string} search
 */
function there(search) {
  const cards = [{ ...CARD, id: "googlenet" }, { ...CARD, id: "lenet5", heads: [], frame: { kind: "digit", side: 280 } }];
  const samples = [{ id: "coffee" }, { id: "chelsea" }];
  update(/** @type {any} */ ({ ...INITIAL, cards, samples, rows: [{ id: "googlenet", variant: "q8" }, { id: "googlenet", variant: "q4" }] }));
  const { source, ...choice } = readAddress(search);
  update({ ...choice, source: source ?? { kind: "sample", id: "coffee" } });
  /** @type {string[]} */
  const written = [];
  Object.assign(globalThis, { location: { search: "before", pathname: "/", hash: "" }, history: { replaceState: (/** @type {any} */ _, /** @type {any} */ __, /** @type {string} */ address) => written.push(address) } });
  writeAddress(state);
  return written[0].slice(1);
}

for (const address of [
  "",
  "?network=googlenet",
  "?device=cpu&source=sample:chelsea",
  "?network=googlenet&device=webgpu&engine=burn&weights=q4&source=camera&heads=1&vote=1",
  "?networks=lenet5,googlenet-q4",
  "?networks=lenet5&tab=folder&device=cpu&engine=burn&source=sample:chelsea",
  "?networks=&tab=benchmark",
  "?device=cpu&arithmetic=int8&threads=2",
  "?networks=lenet5&arithmetic=int8&source=sample:chelsea",
  "?inside=googlenet&threads=16",
]) {
  test(`an address stays as it is: ${address || "the bare one"}`, () => assert.equal(there(address), address));
}

test("what an address does not need is left out, and what it cannot mean is not taken", () => {
  assert.equal(there("?network=efficientnet_lite0&device=auto&engine=other&source=sample:coffee&weights=q8&heads=0"), "");
  assert.equal(there("?network=googlenet&weights=q16"), "?network=googlenet");
  assert.equal(there("?network=lenet5&heads=1&vote=1&source=drawing"), "?network=lenet5");
  assert.equal(there("?networks=a,a,b<c,../d&tab=other&network=googlenet"), "?networks=a");
});

test("an arithmetic or a number of threads that there is not is the usual one", () => {
  for (const address of ["?arithmetic=f32", "?arithmetic=int4", "?arithmetic=", "?threads=0", "?threads=17", "?threads=1e1", "?threads=-1", "?threads=2.5", "?threads=auto"]) assert.equal(there(address), "", address);
  there("?arithmetic=int8&threads=02");
  assert.deepEqual([state.arithmetic, state.threads], ["int8", 2]);
});

test("a picture of the visitor's own has no place in an address", () => {
  there("?device=cpu");
  update({ source: { kind: "file", name: "mine.png" } });
  const query = new URLSearchParams();
  viewNamed(state.view).write(query, state);
  assert.equal(String(query), "device=cpu");
});

test("the page's links and parts name views of the table", () => {
  const html = readFileSync(new URL("../../index.html", import.meta.url), "utf8");
  const links = [...html.matchAll(/<a href="([^"]*)" data-to="(\w+)"/g)];
  assert.ok(links.length >= 2);
  for (const [, href, name] of links) {
    assert.equal(viewNamed(name).name, name);
    assert.equal(readAddress(href).view, name, `${href} is not ${name}'s`);
  }
  const named = [...html.matchAll(/ data-in="([\w ]+)"/g)].flatMap(([, names]) => names.split(" "));
  assert.ok(named.length > 5);
  for (const name of named) assert.ok(links.some(([, , other]) => other === name), `there is no link to ${name}`);
});
