// The site under test behind a slow connection: a proxy that all of the visitor's requests share, those of workers too.
import { createServer, request } from "node:http";
import { site } from "./browser.mjs";

const TICK = 20; // milliseconds between two portions

/**
 * @param {{ bytesPerSecond: number, latency: number }} connection latency: milliseconds before the first byte of each answer
 * @returns {Promise<{ address: string, sent: () => number, close: () => void }>} sent: how many bytes of content so far
 */
export async function slowSite({ bytesPerSecond, latency }) {
  /** Answers whose bytes wait for their turn. @type {{ body: Buffer, sent: number, to: import("node:http").ServerResponse }[]} */
  const waiting = [];
  const server = createServer((asked, to) => {
    const { accept, "accept-encoding": encoding } = asked.headers;
    const upstream = request(new URL(asked.url ?? "/", site()), { method: asked.method, headers: { accept, "accept-encoding": encoding } }, (from) => {
      /** @type {Buffer[]} */
      const parts = [];
      from.on("data", (part) => parts.push(part));
      from.on("end", () => setTimeout(() => {
        to.writeHead(from.statusCode ?? 502, from.headers);
        waiting.push({ body: Buffer.concat(parts), sent: 0, to });
      }, latency));
    });
    upstream.on("error", () => to.destroy());
    upstream.end();
  });
  let last = performance.now();
  let sent = 0;
  const ticking = setInterval(() => {
    const now = performance.now();
    let portion = Math.round(((now - last) / 1000) * bytesPerSecond);
    last = now;
    while (portion > 0 && waiting.length) {
      const left = sendRound(waiting, portion);
      sent += portion - left;
      portion = left;
    }
  }, TICK);
  await new Promise((/** @type {(value: void) => void} */ listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    address: `http://127.0.0.1:${port}/`,
    sent: () => sent,
    close() {
      clearInterval(ticking);
      server.closeAllConnections();
      server.close();
    },
  };
}

/**
 * Gives each waiting answer an equal share.
 * @param {{ body: Buffer, sent: number, to: import("node:http").ServerResponse }[]} waiting
 * @param {number} portion bytes
 * @returns {number} bytes that are left
 */
function sendRound(waiting, portion) {
  const share = Math.ceil(portion / waiting.length);
  for (const answer of [...waiting]) {
    const end = Math.min(answer.sent + Math.min(share, portion), answer.body.length);
    portion -= end - answer.sent;
    if (end > answer.sent) answer.to.write(answer.body.subarray(answer.sent, end));
    answer.sent = end;
    if (end < answer.body.length && !answer.to.destroyed) continue;
    answer.to.end();
    waiting.splice(waiting.indexOf(answer), 1);
  }
  return portion;
}
