// The race: on the smallest network all who compute on the CPU agree, and what fails is a row with its words.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { refuseOthers } from "../../bench/page/peers/convscope.js";
import { markdown } from "../../bench/race/report.mjs";
import { THREADS, equal, runtimes } from "../../bench/race/runtimes.mjs";
import { cosine, quantile, relativeDifference } from "../../bench/race/statistics.mjs";
import { isWrong, ratio, verdicts } from "../../bench/race/targets.mjs";
import { PATIENCE } from "./browser.mjs";

const RACE = fileURLToPath(new URL("../../bench/race.mjs", import.meta.url));

/** @param {Record<string, string>} options */
async function race(options) {
  const { CONVSCOPE_RACE_URL: site, CONVSCOPE_RACE_EXPORT: folder, CHROME: browser } = process.env;
  assert.ok(site && folder && browser, "Run the page tests with `cargo xtask test page`: it serves the race and exports a network.");
  const out = await mkdtemp(join(tmpdir(), "race-"));
  const all = { site, export: folder, browser, out, networks: "lenet5", rounds: "3", seconds: "2", frames: "0", loads: "0", ...options };
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [RACE, ...Object.entries(all).map(([name, value]) => `--${name}=${value}`)]);
    const [json, text] = await Promise.all(["results.json", "RESULTS.md"].map((file) => readFile(join(out, file), "utf8")));
    return { results: JSON.parse(json), text, stdout, files: await readdir(out) };
  } finally {
    await rm(out, { recursive: true });
  }
}

test("on LeNet-5 every runtime gives the same logits, and is measured", { timeout: PATIENCE }, async () => {
  const threads = THREADS > 1 ? ["ort-wasm-threads"] : [];
  const peers = ["convscope-cpu", "burn-cpu", "ort-wasm", ...threads, "tf-wasm"];
  const { results, text, files } = await race({ peers: peers.join(",") });
  assert.deepEqual(files.sort(), ["RESULTS.md", "results.json"], "nothing unfinished is left");
  assert.equal(results.options.threads, THREADS);
  const [{ results: rows }] = results.networks;
  assert.deepEqual(rows.map(({ id }) => id), peers);
  for (const row of rows) {
    assert.equal(row.failed, undefined, `${row.name}: ${row.failed?.why}`);
    assert.ok(row.difference < 1e-5, `${row.name} is off by ${row.difference}`);
    assert.equal(row.rounds.length, 3);
    assert.ok(row.runs >= 3 && row.least <= row.median && row.median <= row.p90, row.name);
    assert.ok(row.codeGzipped > 1e5 && row.weights > 6e4 && row.wasm > 1e6, row.name);
    assert.match(text, new RegExp(`^\\| ${row.name} \\| 32-bit \\| ${row.threads} \\|`, "m"));
    assert.equal(row.threads, row.id.endsWith("-threads") ? THREADS : 1);
  }
});

test("a runtime that cannot run is a row with its words, and the others go on", { timeout: PATIENCE }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "export-"));
  try {
    await cp(process.env.CONVSCOPE_RACE_EXPORT, folder, { recursive: true });
    const description = JSON.parse(await readFile(join(folder, "lenet5.json"), "utf8"));
    description.layers[1].op = { Fourier: {} };
    await writeFile(join(folder, "lenet5.json"), JSON.stringify(description));
    const { results, text } = await race({ export: folder, peers: "ort-wasm,tf-wasm" });
    const [ort, tf] = results.networks[0].results;
    assert.ok(ort.median > 0);
    assert.deepEqual(tf.failed, { at: "load", why: "a layer of kind Fourier is not translated to TensorFlow.js" });
    assert.match(text, /TensorFlow\.js wasm<br>failed at load: a layer of kind Fourier/);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("a race whose server is gone stops with a sentence and leaves the results alone", { timeout: PATIENCE }, async () => {
  // Passes the race's pages on until a network is asked for.
  const server = createServer(async ({ url }, response) => {
    if (url.startsWith("/export/")) return server.close(() => {}), server.closeAllConnections();
    const answer = await fetch(new URL(url, process.env.CONVSCOPE_RACE_URL));
    response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "text/plain" });
    response.end(Buffer.from(await answer.arrayBuffer()));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const out = await mkdtemp(join(tmpdir(), "race-"));
  const files = ["results.json", "RESULTS.md"];
  for (const file of files) await writeFile(join(out, file), "an earlier race's");
  try {
    await assert.rejects(race({ site: `http://127.0.0.1:${server.address().port}/`, peers: "ort-wasm", out }), /server at http:\S+ does not answer any more[^]*results\.json\.unfinished and RESULTS\.md\.unfinished/);
    for (const file of files) assert.equal(await readFile(join(out, file), "utf8"), "an earlier race's");
    const { networks } = JSON.parse(await readFile(join(out, "results.json.unfinished"), "utf8"));
    assert.deepEqual(networks, [], "no failure was written");
  } finally {
    server.close();
    await rm(out, { recursive: true });
  }
});

test("who reads files of the user's own races where there is one, and the command says who does not", { timeout: PATIENCE }, async () => {
  await assert.rejects(race({ peers: "ort-wasm,litert-int8" }), /litert-int8 need a folder with files of their own: --tflite FOLDER/);
  const folder = await mkdtemp(join(tmpdir(), "models-"));
  try {
    // Not a model: its row is a failure, and the one without a file has no row.
    await writeFile(join(folder, "lenet5.int8.tflite"), "not a model");
    const { results, stdout } = await race({ peers: "ort-wasm,litert-int8,litert-f32", tflite: folder });
    assert.deepEqual(results.networks[0].results.map(({ id, failed }) => [id, failed?.at]), [["ort-wasm", undefined], ["litert-int8", "load"]]);
    assert.match(stdout, /LiteRT\.js is left out: there is no lenet5\.f32\.tflite/);
    assert.match(results.command, / --tflite FOLDER /, "not where it lies");
    assert.deepEqual(Object.keys(results.versions), ["ConvScope", "burn", "onnxruntime-web", "@litertjs/core"]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("a build that computes with other threads or in another arithmetic than asked is refused", async () => {
  const options = { threads: 2, arithmetic: "int8" };
  refuseOthers(options, options);
  assert.throws(() => refuseOthers({ ...options, threads: 1 }, options), /computes with one thread instead of 2/);
  assert.throws(() => refuseOthers({ ...options, arithmetic: "f32" }, options), /computes in f32 instead of int8/);
  // An earlier build tells neither.
  refuseOthers({}, { threads: 1, arithmetic: "f32" });
});

test("each runtime has a name of its own, with one thread and with more", () => {
  const all = runtimes(2);
  for (const of of ["id", "name"]) assert.equal(new Set(all.map((one) => one[of])).size, all.length);
  assert.deepEqual(runtimes(1).map(({ threads }) => threads), runtimes(1).map(() => 1));
  const named = (id) => all.find((one) => one.id === id);
  assert.equal(named("convscope-int8-threads").name, "ConvScope CPU, 8 bits, 2 threads");
  assert.deepEqual(named("convscope-int8-threads").args, ["cpu", "/pkg", { threads: 2, arithmetic: "int8" }]);
  assert.equal(named("litert-dyn8").name, "LiteRT.js, 8-bit weights");
  const rivals = { "litert-dyn8": "convscope-int8", "litert-int8-threads": "convscope-int8-threads", "ort-wasm-threads": "convscope-cpu-threads", "tf-webgpu": "convscope-webgpu", "burn-cpu": "convscope-cpu" };
  for (const [id, own] of Object.entries(rivals)) assert.equal(equal(named(id)), own, id);
});

test("a runtime that there is not is refused", { timeout: PATIENCE }, async () => {
  await assert.rejects(race({ peers: "ort-wasm,jax" }), /There is no runtime jax\. There are convscope-cpu, /);
});

test("statistics", () => {
  assert.equal(quantile([3, 1, 2], 0.5), 2);
  assert.equal(quantile([4, 1, 2, 3], 0.5), 2.5);
  assert.equal(quantile([10, 20], 0.9), 19);
  assert.equal(quantile([7], 0.9), 7);
  assert.equal(relativeDifference([1, -4], [1.5, -4]), 0.125);
  assert.equal(relativeDifference([1, 2], [1]), Infinity);
  assert.equal(relativeDifference([1, 2], [1, NaN]), Infinity);
  assert.equal(cosine([3, 4], [6, 8]), 1);
  assert.equal(cosine([1, 0], [0, 2]), 0);
  assert.ok(Math.abs(cosine([1, 0], [1, 1]) - Math.SQRT1_2) < 1e-12);
  assert.ok(Number.isNaN(cosine([1, 2], [1])));
});

/** A made-up race on ResNet-18. */
function made({ own = 20, first = 1000, after = 100, buffers = 0 } = {}) {
  const row = (id, median, more) => ({ id, name: id, device: id.includes("webgpu") ? "webgpu" : "cpu", arithmetic: "f32", threads: 1, median, p90: median, runs: 3, rounds: [median, median * 2], ...more });
  const rows = [
    row("convscope-cpu", 10, { difference: 0 }),
    row("convscope-webgpu", own, { difference: 1e-5, load: 500, first }),
    row("burn-webgpu", 100),
    { id: "ort-webgpu", name: "ort-webgpu", device: "webgpu", arithmetic: "f32", threads: 1, failed: { at: "load", why: "no | memory\nleft" } },
    row("ort-wasm", 9, { difference: 0.5 }),
    row("convscope-int8", 6, { arithmetic: "int8", difference: 0.05, cosine: 0.999 }),
    row("litert-int8", 8, { arithmetic: "int8", difference: 0.9, cosine: 0.5 }),
    row("convscope-cpu-threads", 6, { threads: 2 }),
    row("litert-f32-threads", 12, { threads: 2 }),
    row("ort-wasm-threads", 10, { threads: 2 }),
  ];
  return {
    command: "cargo xtask bench", date: "2026-01-02T03:04:05Z", machine: { cpu: "a CPU", cores: 2, memory: 2 ** 34, system: "Linux", load: [0, 0, 0] },
    browser: "a browser", adapter: { name: "an adapter", software: true, features: [] }, versions: {}, build: { gzipped: 0.26e6 }, options: { rounds: 2, seconds: 2, threads: 2 },
    networks: [{ id: "resnet18", name: "ResNet-18", macs: 1.8e9, seed: 1, results: rows, photos: null }],
    frames: { network: "lenet5", frames: 3, besides: 1.5, draw: 1, preprocess: 0.3, rest: 0.2, p90: 2, inference: 1 },
    memory: [{ what: "frames", name: "convscope-cpu", times: 3, first: { wasm: 100, buffersNow: 0, uncollected: 0 }, last: { wasm: after, buffersNow: buffers, uncollected: buffers } }],
  };
}

test("targets are met, missed or not measured, each with its figure", () => {
  const say = (results, pattern) => verdicts(results).find(({ target }) => pattern.test(target));
  assert.equal(say(made(), /≤ 0\.25/).met, true);
  assert.equal(say(made({ own: 26 }), /≤ 0\.25/).met, false);
  assert.match(say(made({ own: 26 }), /≤ 0\.25/).figure, /^0\.260 /);
  assert.deepEqual([say(made(), /≤ 0\.15/).met, say(made(), /≤ 0\.15/).figure], [null, "ort-webgpu failed: no | memory\nleft"]);
  assert.equal(say(made(), /≤ 1 ×/).met, false);
  assert.deepEqual([say(made(), /8 bits ≤ 0\.9 ×/).met, say(made(), /8 bits ≤ 0\.9 ×/).figure.slice(0, 5)], [true, "0.750"]);
  // The quickest peer counts.
  const threads = say(made(), /ConvScope CPU, 2 threads ≤ 0\.7 × the quickest of LiteRT\.js, 2 threads; onnxruntime-web wasm, 2 threads/);
  assert.match(threads.figure, /^0\.600 of ort-wasm-threads /);
  assert.equal(threads.met, true);
  assert.equal(say(made(), /first inference/).met, true);
  assert.equal(say(made({ first: 1041 }), /first inference/).met, false, "load belongs to the first inference");
  assert.equal(say(made(), /no growth/).met, true);
  assert.equal(say(made({ after: 101 }), /no growth/).met, false);
  assert.equal(say(made({ buffers: 1 }), /no growth/).met, false);
  assert.equal(say(made(), /640 × 480/).met, true);
  const { results: [, own, burn] } = made().networks[0];
  assert.deepEqual(ratio(own, burn), { of: 0.2, least: 0.2, most: 0.2 });
});

test("the report tells failures, wrong answers and a software adapter", () => {
  const text = markdown(made());
  assert.match(text, /ort-webgpu<br>failed at load: no \\\| memory left/);
  assert.match(text, /The time of ort-wasm, litert-int8 is that of a wrong answer\./);
  assert.match(text, /^\| convscope-int8 \| 8-bit \| 1 \|.* 5\.0e-2, cosine 0\.9990 \|/m);
  assert.match(text, /^\| litert-int8 \| 8-bit \| 1 \|.* \*\*9\.0e-1, cosine 0\.5000\*\* \|/m);
  assert.match(text, /^\| litert-int8 \| 0\.75 \(0\.75–0\.75\) \|$/m);
  assert.match(text, /^\| ort-wasm-threads \| 0\.60 \(0\.60–0\.60\) \|$/m);
  assert.match(text, /^\| threads, where there are more than one \| 2 \|$/m);
  assert.equal(isWrong({ difference: 0.1, cosine: NaN, arithmetic: "int8" }), true);
  assert.match(text, /\*\*a software adapter\*\*/);
  assert.match(text, /ResNet-18 \(random weights\)/);
  assert.doesNotMatch(text, /undefined|NaN|Infinity/);
});
