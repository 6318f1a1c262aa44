// @ts-check
import { equal } from "./runtimes.mjs";
import { COSINE, DIFFERENCE, isWrong, ratio, verdicts } from "./targets.mjs";

/** @type {Record<import("./runtimes.mjs").Arithmetic, string>} */
const ARITHMETICS = { f32: "32-bit", int8: "8-bit", dyn8: "8-bit weights" };

/**
 * @typedef {import("./network.mjs").Result} Result
 *
 * @typedef {object} Results
 * @property {string} command
 * @property {string} date
 * @property {{ cpu: string, cores: number, memory: number, system: string, load: number[] }} machine
 * @property {string} browser
 * @property {{ name: string, software: boolean, features: string[] } | null} adapter
 * @property {Record<string, string>} versions
 * @property {{ gzipped: number }} build bytes of the wasm
 * @property {{ rounds: number, seconds: number, threads: number }} options `threads` of those who race with more than one
 * @property {{ id: string, name: string, macs: number, seed: number | null, results: (Result & { codeGzipped?: number })[], photos: import("./network.mjs").Photos | null }[]} networks
 * @property {import("./frames.mjs").FramePath | null} frames
 * @property {import("./memory.mjs").Growth[]} memory
 */

/** @param {Results} results */
export function markdown(results) {
  return [
    "# The race\n",
    introduction(results),
    "## Targets\n",
    targets(results),
    "## Ratios of warm medians\n",
    ratios(results),
    "## Every runtime on every network\n",
    ...results.networks.map((network) => table(network)),
    "## Besides inference\n",
    frames(results),
    "## Memory over time\n",
    memory(results),
    "## Method\n",
    method(results),
  ].join("\n");
}

/** @param {Results} results */
function introduction({ command, date, machine, browser, adapter, versions, networks, options }) {
  const random = networks.filter(({ seed }) => seed !== null).map(({ name }) => name);
  const device = adapter ? `${adapter.name}${adapter.software ? ", **a software adapter**: the CPU computes what a GPU would" : ""}` : "none";
  const lines = [
    `Written by \`${command}\` on ${date.slice(0, 10)}, all in one run.`,
    "",
    "| | |",
    "|---|---|",
    `| CPU | ${machine.cpu}, ${machine.cores} cores, ${gigabytes(machine.memory)} of memory, ${machine.system} |`,
    `| load of the machine before | ${machine.load.map((load) => load.toFixed(2)).join(", ")} (1, 5, 15 minutes) |`,
    `| browser | ${browser} |`,
    `| threads, where there are more than one | ${options.threads === 1 ? "none: one core" : options.threads} |`,
    `| WebGPU adapter | ${device} |`,
    ...Object.entries(versions).map(([name, version]) => `| ${name} | ${version} |`),
    "",
  ];
  if (adapter?.software) {
    lines.push(
      "On a software adapter the WebGPU times tell how much arithmetic and memory traffic each runtime's shaders need, not how fast a",
      "graphics card is: there the gaps differ, and so may the order. `cargo xtask bench --gpu` measures a real one.",
      "",
    );
  }
  if (random.length > 0) {
    lines.push(`Random weights of 8 bits, the same for all runtimes: ${random.join(", ")}. Their official files were not here; the arithmetic is the same.`, "");
  }
  return lines.join("\n");
}

/** @param {Results} results */
function targets(results) {
  const rows = verdicts(results).map(({ target, of, figure, met }) => `| ${target} | ${of} | ${cell(figure)} | ${met === null ? "not measured" : met ? "met" : "**not met**"} |`);
  return [
    "| target | of | measured | |",
    "|---|---|---|---|",
    ...rows,
    "",
    "What single layers take is measured without a browser: `cargo xtask bench --native`.",
    "",
  ].join("\n");
}

/** @param {Results} results */
function ratios({ networks }) {
  // A row for each runtime: there are more of them than networks.
  const others = new Map(networks.flatMap(({ results }) => results).filter((result) => result.id !== equal(result)).map((result) => [result.id, result]));
  const rows = [...others.values()].map((other) => {
    const cells = networks.map(({ results }) => {
      const find = (/** @type {string} */ id) => results.find((result) => result.id === id);
      const found = ratio(find(equal(other)), find(other.id));
      return found ? `${found.of.toFixed(2)} (${found.least.toFixed(2)}–${found.most.toFixed(2)})` : "–";
    });
    return `| ${other.name} | ${cells.join(" | ")} |`;
  });
  return [
    "ConvScope's time in that of each other runtime on the same device, with as many threads and in the same arithmetic (8 bits also against",
    "8-bit weights); below 1 ConvScope is faster. In parentheses the least and greatest ratio of single rounds.",
    "",
    `| runtime | ${networks.map(({ name }) => name).join(" | ")} |`,
    `|---|${networks.map(() => "---|").join("")}`,
    ...rows,
    "",
  ].join("\n");
}

/** @param {Results["networks"][number]} network */
function table({ name, macs, seed, results }) {
  const rows = results.map((result) => {
    const { failed, runs, start, load, first, weights, codeGzipped, wasm, buffers, refusedShaders, device, arithmetic, threads } = result;
    const cells = [
      ARITHMETICS[arithmetic],
      device === "cpu" ? threads : "–",
      time(result.median),
      time(result.p90),
      runs ?? "–",
      result.median === undefined ? "–" : (macs / result.median / 1e6).toPrecision(3),
      time(start),
      time(load),
      time(first),
      codeGzipped === undefined ? "–" : megabytes(codeGzipped),
      weights === undefined ? "–" : megabytes(weights),
      wasm ? megabytes(wasm) : "–",
      buffers ? megabytes(buffers) : "–",
      off(result),
      device === "cpu" ? "–" : (refusedShaders ?? "–"),
    ];
    const trouble = failed ? `<br>failed at ${failed.at}: ${cell(failed.why)}` : "";
    return `| ${result.name}${trouble} | ${cells.join(" | ")} |`;
  });
  const notes = results.filter(({ said }) => said?.length).map(({ name, said }) => `${name} complains: “${cell(said?.[0] ?? "")}”`);
  const wrong = results.filter(isWrong).map(({ name }) => name);
  if (wrong.length > 0) notes.unshift(`The time of ${wrong.join(", ")} is that of a wrong answer.`);
  return [
    `### ${name}${seed === null ? "" : " (random weights)"}\n`,
    "| runtime | arithmetic | threads | median | p90 | n | GMAC/s | start | load | first | code | weights | wasm memory | device buffers | logits off by | refused shaders |",
    "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|",
    ...rows,
    "",
    ...notes.flatMap((note) => [note, ""]),
  ].join("\n");
}

/** Not one of 8 bits is as exact as single precision: there the angle tells more. @param {Result} result */
function off(result) {
  const { difference, cosine, arithmetic } = result;
  if (difference === undefined) return "–";
  const angle = arithmetic === "f32" ? "" : `, cosine ${cosine?.toFixed(4)}`;
  const figure = `${difference === 0 ? "0" : difference.toExponential(1)}${angle}`;
  return isWrong(result) ? `**${figure}**` : figure;
}

/** @param {Results} results */
function frames({ frames }) {
  if (!frames) return "Not measured.\n";
  if (frames.besides === undefined) return `Failed: ${cell(frames.failed ?? "")}\n`;
  return [
    `Medians of ${frames.frames} frames of 640 × 480 from a camera's stream (the browser's own film) on the CPU, through the page's own camera.js, engine.js and`,
    `worker.js, on ${frames.network} (inference ${time(frames.inference)}).`,
    "",
    "| take the picture | preprocess | messages, softmax, top 5 | all three | p90 |",
    "|---|---|---|---|---|",
    `| ${time(frames.draw)} | ${time(frames.preprocess)} | ${time(frames.rest)} | ${time(frames.besides)} | ${time(frames.p90)} |`,
    "",
  ].join("\n");
}

/** @param {Results} results */
function memory({ memory }) {
  if (memory.length === 0) return "Not measured.\n";
  const rows = memory.map(({ what, name, times, first, last, failed }) => {
    if (!first || !last) return `| ${times} ${what} | ${name} | ${cell(failed ?? "")} | | | | |`;
    const sizes = [first.wasm, last.wasm, first.buffersNow, last.buffersNow, last.uncollected].map(megabytes);
    return `| ${times} ${what} | ${name} | ${sizes.join(" | ")} |`;
  });
  return [
    "Counted after a garbage collection: a browser frees a device buffer when it is destroyed, or at the latest then. The last column is",
    "before it.",
    "",
    "| what | runtime | wasm, after the warm-up | after the last | device buffers, after the warm-up | after the last | uncollected |",
    "|---|---|---|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

/** @param {Results} results */
function method({ options: { rounds, seconds, threads } }) {
  return `- Every runtime has a page, a worker and caches of its own on each network, and computes while all others wait. After the first inference
  of all come ${rounds} rounds in which each takes its turn, in another order each round; a turn is as many runs as fit ${seconds / rounds} s, one
  at least. A slow runtime stops once it has three runs and ${seconds} s.
- A run is timed in the worker: from a normalised input in single precision to the logits read back. The input is the same noise for
  all; TensorFlow.js and LiteRT.js get it channels last, as their operations want it, turned before the clock starts.
- Weights have the same values for all: those of the quantised file, in single precision for the others (\`convert onnx\`).
  TensorFlow.js, which reads no ONNX, is called operation by operation with fused bias and activation; weights are brought into its
  order before the clock starts.
- *Start*: code loaded from this machine, compiled, device ready. *Load*: session made, weights on the device, without their download;
  onnxruntime-web starts its wasm only then, and TensorFlow.js uploads weights only when they are first used. *Code* is gzipped, *weights* are as served. *wasm memory* and *device buffers* are the most
  that was held; browsers do not tell what else a runtime takes.
- *Logits off by*: greatest difference from ConvScope's CPU in single precision, relative to the greatest logit; beyond ${DIFFERENCE} an
  answer is wrong. In 8 bits it is wrong where the cosine of the angle between both logits is below ${COSINE}.
- Wasm runs on one thread where the row names no more${threads > 1 ? `, otherwise on ${threads}` : ""}, with SIMD. A runtime that takes another number of threads than it is
  asked for is a failure. Defaults otherwise: no runtime is tuned, neither is any held back.
- Arithmetic: *32-bit* is single precision; *8-bit* has weights and inputs of 8 bits, ConvScope with ranges measured on the very input, others with
  ranges from their files; *8-bit weights* has inputs quantised as they come. LiteRT.js, and onnxruntime-web in 8 bits, read files that the
  user brings (\`bench/MODELS.md\`); where one was not there its row is missing.
- burn is the same crate built with burn's operations in place of ConvScope's kernels (\`pkg/burn\`). Both builds are optimised for size,
  except for the crates in which the CPU's time goes.
- p90 of few runs is close to the slowest one. A ratio whose single rounds lie far apart was measured on a busy machine.
`;
}

/** @param {string} text in a table */
function cell(text) {
  return text.replace(/\s+/g, " ").replaceAll("|", "\\|").replaceAll("<", "&lt;");
}

/** @param {number | undefined} milliseconds */
function time(milliseconds) {
  if (milliseconds === undefined) return "–";
  if (milliseconds >= 10_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  return milliseconds >= 100 ? `${milliseconds.toFixed(0)} ms` : `${milliseconds.toPrecision(3)} ms`;
}

/** @param {number} bytes */
function megabytes(bytes) {
  const value = bytes / 1e6;
  return `${value >= 100 ? value.toFixed(0) : value >= 1 ? value.toFixed(1) : value.toFixed(2)} MB`;
}

/** @param {number} bytes */
function gigabytes(bytes) {
  return `${(bytes / 2 ** 30).toFixed(0)} GiB`;
}
