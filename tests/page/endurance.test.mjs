// The arithmetic of long runs: slopes, what is said of them, what is done, and what the loops with damaged files print.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fedIn } from "../../bench/endurance/fuzz.mjs";
import { HOURLY, SWITCHED, changesOf, periodOf, placeAfter, planOf } from "../../bench/endurance/plan.mjs";
import { faultsOf, line as lineOf, markdown } from "../../bench/endurance/report.mjs";
import { BOUND, FEWEST, WARM_UP, line, trendOf, verdictOf } from "../../bench/endurance/trend.mjs";

const points = (count, value) => Array.from({ length: count }, (_, index) => ({ at: 10 * index, value: value(index) }));

test("the line of least squares is that of a textbook", () => {
  // The means are 2 and 4; dx² sums up to 10, dx·dy to 13.
  const found = line([{ at: 0, value: 1 }, { at: 1, value: 3 }, { at: 2, value: 5 }, { at: 3, value: 4 }, { at: 4, value: 7 }]);
  assert.ok(Math.abs(found.slope - 1.3) < 1e-12, String(found.slope));
  // Rests: -0.4, 0.3, 1, -1.3, 0.4; their squares sum up to 3.1.
  assert.ok(Math.abs(found.error - Math.sqrt(3.1 / 3 / 10)) < 1e-12, String(found.error));
  assert.deepEqual(line(points(5, (index) => 7 + 20 * index)), { slope: 2, error: 0 });
});

test("flat and growing are said where the error does not change it", () => {
  const hourly = 1000;
  const bound = BOUND / hourly;
  assert.equal(verdictOf({ slope: 0, error: 0 }, hourly), "flat");
  assert.equal(verdictOf({ slope: -5 * bound, error: bound }, hourly), "flat", "what shrinks does not grow");
  assert.equal(verdictOf({ slope: bound, error: 0 }, hourly), "flat");
  assert.equal(verdictOf({ slope: 0, error: bound }, hourly), "undecided", "so uncertain that it may grow");
  assert.equal(verdictOf({ slope: 1.5 * bound, error: 0.5 * bound }, hourly), "undecided");
  assert.equal(verdictOf({ slope: 1.5 * bound, error: 0.2 * bound }, hourly), "grows");
});

test("an object for each frame is found, and noise and warm-up are not taken for one", () => {
  const noise = (index) => ((index * 7919) % 101) * 500 - 25_000;
  const frames = (value) => Array.from({ length: 40 }, (_, index) => ({ at: 500 * (index + 1), value: value(500 * (index + 1)) + noise(index) }));
  assert.equal(trendOf(frames(() => 2e6), HOURLY.frames).verdict, "flat");
  const leak = trendOf(frames((frame) => 2e6 + 100 * frame), HOURLY.frames);
  assert.equal(leak.verdict, "grows");
  assert.ok(Math.abs(leak.slope - 100_000) < 4 * leak.error && leak.error > 0, `${leak.slope} ± ${leak.error}`);
  assert.ok(Math.abs(leak.hourly - leak.slope * 108) < 1e-3, String(leak.hourly));
  const small = trendOf(points(40, (index) => 1000 * index), HOURLY.frames);
  assert.ok(small.hourly > BOUND && small.verdict === "flat", "23 kB in all may be code that the browser compiles");
  assert.equal(trendOf(points(40, (index) => 2000 * index), HOURLY.frames).verdict, "grows");
  const warm = trendOf(points(40, (index) => (index < 8 ? index * 1e6 : 8e6)), HOURLY.frames);
  assert.deepEqual(warm, { first: 8e6, last: 8e6, slope: 0, error: 0, hourly: 0, verdict: "flat" });
  assert.equal(trendOf(points(FEWEST, () => 1), HOURLY.frames), null, "the warm-up leaves too few");
  assert.notEqual(trendOf(points(Math.ceil(FEWEST / (1 - WARM_UP)), () => 1), HOURLY.frames), null);
});

test("the plan has all that is asked of it, and only what the machine can do", () => {
  const all = planOf(2, "hardware", false);
  const sum = (kind, network, where) => all.find((run) => run.kind === kind && run.network === network && run.where === where)?.times;
  for (const where of ["CPU, one thread", "CPU, 2 threads", "CPU, 8 bits, one thread", "CPU, 8 bits, 2 threads", "WebGPU"]) {
    assert.equal(sum("frames", "lenet5", where), 20_000, where);
    assert.equal(sum("frames", "efficientnet_lite0", where), 2000, where);
    assert.equal(sum("loads", "efficientnet_lite0", where), 20, where);
  }
  assert.equal(all.find(({ kind }) => kind === "changes").times, 50);
  assert.ok(all.find(({ kind }) => kind === "switches").times >= 200);
  assert.equal(new Set(all.map((run) => JSON.stringify(run))).size, all.length);
  const software = planOf(2, "software", false).filter(({ device }) => device === "webgpu");
  assert.ok(software.every(({ where }) => where === "WebGPU in software"));
  assert.deepEqual(software.filter(({ kind }) => kind === "frames").map(({ times }) => times), [20_000, 2000]);
  const least = planOf(1, null, false);
  assert.ok(least.every(({ device, options }) => device === "cpu" && options.threads === 1));
  assert.equal(least.filter(({ kind }) => kind === "frames").length, 4);
  assert.deepEqual(planOf(2, null, true).filter(({ kind, network }) => kind === "frames" && network === "lenet5").map(({ times }) => times), [200, 200, 200, 200]);
});

test("switches go through every network on every device and come back", () => {
  for (const devices of [["cpu"], ["cpu", "webgpu"]]) {
    const period = periodOf(devices.length);
    const places = Array.from({ length: period }, (_, done) => placeAfter(done, devices));
    assert.equal(new Set(places.map(({ network, device }) => network + device)).size, SWITCHED.length * devices.length);
    assert.deepEqual(placeAfter(period, devices), places[0]);
    for (let done = 0; done < period; done += 1) {
      const [before, now] = [places[done], placeAfter(done + 1, devices)];
      assert.equal(Number(before.network !== now.network) + Number(before.device !== now.device), 1, "one thing changes at a time");
    }
    assert.equal(planOf(2, devices.length > 1 ? "hardware" : null, false).find(({ kind }) => kind === "switches").times % period, 0);
  }
  assert.deepEqual(changesOf(1), [{ arithmetic: "f32", threads: 1 }, { arithmetic: "int8", threads: 1 }]);
  assert.equal(changesOf(3).length, 4);
});

const flat = { first: 1e6, last: 1e6, slope: 0, error: 0, hourly: 0, verdict: "flat" };
const sample = (workers) => ({ at: 1, wasm: 1e6, heap: 1e6, arrays: 0, buffers: 0, workers });
const OUTCOME = {
  kind: "frames", where: "CPU, one thread", network: "lenet5", times: 20_000, seconds: 60, others: 0, samples: [sample(1), sample(1)],
  trends: { wasm: flat, heap: flat, arrays: flat, buffers: flat },
  happened: { begun: 3, settled: 3, unhandled: 0, failures: 0, words: null },
};

test("whatever is not as it should be is said, in the terminal and in the report", () => {
  assert.deepEqual(faultsOf(OUTCOME), []);
  assert.match(lineOf(OUTCOME), /^20,000 frames, lenet5, CPU, one thread, in 60 s: flat\n/);
  const faulty = [
    [{ trends: { ...OUTCOME.trends, heap: { ...flat, verdict: "grows" } } }, /JavaScript's heap: grows/],
    [{ trends: { ...OUTCOME.trends, wasm: { ...flat, verdict: "undecided" } } }, /WebAssembly memory: undecided/],
    [{ others: 2 }, /2 answers are other/],
    [{ happened: { ...OUTCOME.happened, settled: 1 } }, /2 promises never settled/],
    [{ happened: { ...OUTCOME.happened, unhandled: 1, words: "it broke" } }, /1 rejections were not handled, 0 errors: it broke/],
    [{ samples: [sample(1), sample(1), sample(1), sample(2)] }, /1 workers became 2/],
    [{ failed: "its page crashed" }, /failed: its page crashed/],
  ];
  const results = { command: "cargo xtask endurance", date: "2026-01-02T03:04:05Z", machine: { cpu: "a CPU", cores: 2, memory: 2 ** 33, system: "Linux" }, browser: "Chromium 1", adapter: { name: "SwiftShader", software: true }, version: "0.1.0", threads: 2, fuzz: null };
  assert.match(markdown({ ...results, runs: [OUTCOME] }), /1 of 1 runs are flat/);
  for (const [changed, words] of faulty) {
    const outcome = { ...OUTCOME, ...changed };
    assert.match(faultsOf(outcome).join(), words);
    assert.match(lineOf(outcome), words);
    const text = markdown({ ...results, runs: [outcome, OUTCOME] });
    assert.match(text, words);
    assert.match(text, /1 of 2 runs are flat/);
  }
  const short = { ...OUTCOME, trends: { wasm: null, heap: null, arrays: null, buffers: null } };
  assert.match(markdown({ ...results, runs: [short] }), /0 of 1 runs are flat[^]*Too short to say/);
});

test("the executions of each reader are read from what the loops print", () => {
  const rust = "running 3 tests\ntest caffes_files ... Caffe's files: 1234 executions in 60.0 s\nok\nPyTorch's archives: 99 executions in 60.1 s\n";
  assert.deepEqual(fedIn(rust, "engine and converter"), [
    { reader: "Caffe's files", of: "engine and converter", executions: 1234, seconds: 60 },
    { reader: "PyTorch's archives", of: "engine and converter", executions: 99, seconds: 60.1 },
  ]);
  assert.deepEqual(fedIn("TAP version 13\n# tables of labels: 7 executions in 1.0 s\nok 1 - tables of labels\n", "page").map(({ reader, executions }) => [reader, executions]), [["tables of labels", 7]]);
  const fuzz = { date: "2026-01-02T03:04:05Z", each: 60, fed: fedIn(rust, "engine and converter"), faults: [] };
  const results = { command: "", date: "2026-01-02", machine: { cpu: "", cores: 1, memory: 1, system: "" }, browser: "", adapter: null, version: "", threads: 1, runs: [], fuzz };
  assert.match(markdown(results), /60 s for each reader: 1,333 executions in all[^]*Nothing went wrong/);
  assert.match(markdown({ ...results, fuzz: { ...fuzz, faults: ["lists of labels, CONVSCOPE_FUZZ_SEED=5: it panics"] } }), /What went wrong:\n\n- lists of labels, CONVSCOPE_FUZZ_SEED=5/);
});
