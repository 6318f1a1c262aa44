// The site under test as a static host has it: one or several copies, each in a folder of its own, with hashes in the list of their
// files, without headers for isolation if so wanted. A copy can get a new version, and the host can go away.
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { site } from "./browser.mjs";

const LIST = "www/shell.js";
/** Of what is kept after its first use: as much as the tests use. */
const LISTED = /^(?!pkg\/burn\/|www\/data\/|www\/vendor\/)/;
const ISOLATION = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp", "cross-origin-resource-policy": "same-origin" };
const LEFT_OUT = new Set([...Object.keys(ISOLATION), "cache-control", "content-encoding", "content-length", "transfer-encoding", "connection"]);

/** Files of the site, each asked for once. @type {Map<string, Promise<{ status: number, headers: [string, string][], bytes: Buffer }>>} */
const files = new Map();

/** @param {string} path */
function fileOf(path) {
  const asked = files.get(path) ?? fetch(site() + path).then(async (answer) => ({ status: answer.status, headers: [...answer.headers], bytes: Buffer.from(await answer.arrayBuffer()) }));
  files.set(path, asked);
  return asked;
}

/** @param {Buffer} bytes */
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

/**
 * @param {{ isolates?: boolean, live?: boolean, folders?: string[] }} [options] isolates: the host sends the headers of cross-origin isolation; live: its list is that of a server in development
 * @returns {Promise<{ address: string, asked: string[], change: (folder: string, path: string, text: ((before: string) => string) | null) => void, leave: () => Promise<void> }>}
 *   asked: paths so far; change: text null where the file is removed; leave: the host is gone, for which it may be asked twice
 */
export async function hostedSite({ isolates = true, live = false, folders = [""] } = {}) {
  /** What a folder has in place of the site's files. @type {Map<string, ((before: string) => string) | null>} */
  const changes = new Map();
  /** @type {string[]} */
  const asked = [];

  /** @param {string} folder @param {string} path */
  async function answerOf(folder, path) {
    const file = await fileOf(path);
    if (changes.get(folder + path) === null) return { ...file, status: 404, bytes: Buffer.alloc(0) };
    if (path === LIST) return { ...file, bytes: Buffer.from(await listOf(folder)) };
    const change = changes.get(folder + path);
    return change ? { ...file, bytes: Buffer.from(change(file.bytes.toString())) } : file;
  }

  /** @param {string} folder */
  async function listOf(folder) {
    const text = (await fileOf(LIST)).bytes.toString();
    const { shell, later } = JSON.parse(text.replace(/^self\.SHELL = |;\s*$/g, ""));
    /** @param {Record<string, string>} part */
    const hashed = async (part) => Object.fromEntries(await Promise.all(Object.keys(part).filter((path) => LISTED.test(path)).map(async (path) => [path, sha256((await answerOf(folder, path)).bytes)])));
    if (live) return `self.SHELL = ${JSON.stringify({ version: "live", live, shell, later })};`;
    const list = { live, shell: await hashed(shell), later: await hashed(later) };
    return `self.SHELL = ${JSON.stringify({ version: sha256(Buffer.from(JSON.stringify(list))), ...list })};`;
  }

  const server = createServer(async (request, to) => {
    const full = new URL(request.url ?? "/", "http://host").pathname.slice(1);
    asked.push(full);
    const folder = folders.find((one) => full.startsWith(one));
    if (folder === undefined) return to.writeHead(404).end();
    const { status, headers, bytes } = await answerOf(folder, full.slice(folder.length) || "index.html");
    const sent = headers.filter(([name]) => !LEFT_OUT.has(name));
    to.writeHead(status, { ...Object.fromEntries(sent), ...(isolates && ISOLATION), "cache-control": live ? "no-cache" : "max-age=600" }); // as GitHub Pages does
    to.end(request.method === "HEAD" ? undefined : bytes);
  });
  await new Promise((/** @type {(value: void) => void} */ listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const leave = () => {
    server.closeAllConnections();
    return new Promise((/** @type {(value: void) => void} */ closed) => server.close(() => closed()));
  };
  return { address: `http://127.0.0.1:${port}/`, asked, change: (folder, path, text) => void changes.set(folder + path, text), leave };
}
