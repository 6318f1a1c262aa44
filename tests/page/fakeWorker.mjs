// A worker that does as it is told, for tests of what asks an engine without a browser.

/**
 * What the fake workers are told, and what they were asked: replies: the answer to each call, a promise is waited for.
 * @type {{ replies: Record<string, (args: any[]) => unknown>, calls: string[], workers: FakeWorker[] }}
 */
export const told = { replies: {}, calls: [], workers: [] };

export class FakeWorker extends EventTarget {
  ended = false;
  /** @param {unknown} _ @param {{ type?: string }} [options] */
  constructor(_, options) {
    super();
    void options?.type; // as a browser does, it asks
    told.workers.push(this);
  }
  /** @param {{ id: number, call: string, args: any[] }} request */
  async postMessage({ id, call, args }) {
    told.calls.push([call, ...args.filter((arg) => typeof arg === "string")].join(" "));
    await new Promise((resolve) => setTimeout(resolve)); // as a worker does, it answers in another task
    let data;
    try {
      data = { id, value: (await told.replies[call]?.(args)) ?? null };
    } catch (error) {
      data = { id, error: { code: error.code ?? "internal", message: error.message } };
    }
    if (!this.ended) this.dispatchEvent(new MessageEvent("message", { data }));
  }
  terminate() {
    this.ended = true;
  }
}

/** @param {string} code @param {string} message */
export const failure = (code, message) => Object.assign(new Error(message), { code });

/** @param {string} id @param {number} parameters */
export const card = (id, parameters) => ({ id, name: id.toUpperCase(), parameters, heads: [], frame: { kind: "photo", side: 256 } });

/** Until all that is under way has been done. */
export async function settled(turns = 40) {
  for (let i = 0; i < turns; i++) await new Promise((resolve) => setTimeout(resolve));
}

/** The engine as it is where nothing fails. @param {ReturnType<typeof card>[]} cards */
export function wellBehaved(cards) {
  const memory = (/** @type {any[]} */ [id]) => ({ weightsBytes: 4 * (cards.find((card) => card.id === id)?.parameters ?? 0), activationBytes: 0 });
  Object.assign(told, { replies: { start: () => cards, memory, create: ([, { arithmetic = "f32", threads = 1 } = {}]) => ({ kind: "cpu", engine: "convscope", adapter: "fake", software: false, note: "", threads, arithmetic, dot8: true }) }, calls: [], workers: [] });
}
