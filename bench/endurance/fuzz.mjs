// @ts-check
import { spawn } from "node:child_process";

/**
 * The loops that feed readers with damaged files.
 *
 * @typedef {{ reader: string, of: "engine and converter" | "page", executions: number, seconds: number }} Fed
 * @typedef {{ date: string, each: number, fed: Fed[], faults: string[] }} Fuzz each: seconds for each reader
 */

/** @type {{ of: Fed["of"], command: string[] }[]} */
const LOOPS = [
  { of: "engine and converter", command: ["cargo", "test", "--release", "--no-default-features", "--features", "convert", "--test", "fuzz", "--", "--nocapture", "--test-threads=1"] },
  { of: "page", command: ["node", "--test-reporter=tap", "tests/page/fuzz.test.mjs"] },
];

/**
 * @param {string} text what a loop printed
 * @param {Fed["of"]} of
 * @returns {Fed[]}
 */
export function fedIn(text, of) {
  const lines = text.matchAll(/^(?:test \S+ \.\.\. |# )?(.+): (\d+) executions in ([\d.]+) s$/gm);
  return [...lines].map(([, reader, executions, seconds]) => ({ reader, of, executions: Number(executions), seconds: Number(seconds) }));
}

/**
 * @param {string} root of the repository
 * @param {number} seconds for each reader
 * @returns {Promise<Fuzz>}
 */
export async function fuzz(root, seconds) {
  /** @type {Fuzz} */
  const fuzz = { date: new Date().toISOString(), each: seconds, fed: [], faults: [] };
  for (const { of, command } of LOOPS) {
    console.log(`Damaged files for each reader of the ${of}, ${seconds} s each …`);
    const { code, text } = await printed(root, command, seconds);
    const fed = fedIn(text, of);
    fuzz.fed.push(...fed);
    for (const { reader, executions } of fed) console.log(`    ${reader}: ${executions} executions`);
    const faults = [...text.matchAll(/^.*CONVSCOPE_FUZZ_SEED=\d+: .*$/gm)].map(([line]) => line.trim().slice(0, 300));
    fuzz.faults.push(...faults);
    if (code !== 0 && faults.length === 0) throw new Error(`\`${command.join(" ")}\` failed: ${text.trim().split("\n").slice(-4).join(" / ")}`);
  }
  return fuzz;
}

/**
 * @param {string} root
 * @param {string[]} command
 * @param {number} seconds
 * @returns {Promise<{ code: number | null, text: string }>}
 */
function printed(root, [program, ...args], seconds) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, env: { ...process.env, CONVSCOPE_FUZZ_SECONDS: String(seconds) }, stdio: ["ignore", "pipe", "pipe"] });
    let text = "";
    child.stdout.on("data", (data) => (text += data));
    child.stderr.on("data", (data) => (text += data));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, text }));
  });
}
