// @ts-check

/**
 * Calls to a worker: requests with replies, the same for every worker of the page. `Calls` is the page's side, `serve` the
 * worker's. The module imports nothing, so that a worker starts without waiting for further files.
 *
 * @typedef {Error & { code: string }} Failure
 * @typedef {{ data: Uint8ClampedArray }} Lent an argument whose buffer goes to the worker and comes back with the reply
 * @typedef {{ id: number, call: string, args: any[], lent?: Lent }} Request
 * @typedef {{ cancelled: number }} Cancellation of the request with this id
 * @typedef {{ id: number, lent?: ArrayBufferLike } & ({ value: unknown } | { error: { code: string, message: string } })} Reply
 * @typedef {{ id: number, progress: any[] }} Progress before the reply
 *
 * @typedef {object} CallOptions
 * @property {Transferable[]} [transfer] buffers among the arguments that are handed over
 * @property {Lent} [lent] one of the arguments: its `data` is empty until the reply
 * @property {(...progress: any[]) => void} [onProgress]
 * @property {AbortSignal} [signal] cancels the call: it fails with the code "cancelled" at its next pause, or before it begins
 *
 * @typedef {object} Open a call that has no reply yet
 * @property {(value: any) => void} resolve
 * @property {(error: unknown) => void} reject
 * @property {CallOptions} options
 * @property {number} length of the array that is lent, which is empty until the reply
 *
 * @typedef {(args: any[], tell: Tell, pause: Pause) => unknown} Handler its promise is awaited before the next request is taken
 * @typedef {(...progress: any[]) => void} Tell reports progress
 * @typedef {(...progress: any[]) => Promise<void>} Pause reports progress, lets messages come in, and rejects where the call was cancelled
 */

export class Calls {
  #worker;
  /** @type {Map<number, Open>} */
  #open = new Map();
  #last = 0;
  /** @type {Failure | null} */
  #ended = null;

  /**
   * @param {Worker} worker that nobody else has
   * @param {() => void} onError called when the worker fails outside of a call; the calls stay open until `end`
   */
  constructor(worker, onError) {
    this.#worker = worker;
    worker.addEventListener("message", ({ data }) => this.#receive(data));
    worker.addEventListener("error", onError);
  }

  /** The number of calls that have no reply yet. */
  get open() {
    return this.#open.size;
  }

  /**
   * @param {string} call
   * @param {any[]} args
   * @param {CallOptions} [options]
   * @returns {Promise<any>}
   */
  ask(call, args, options = {}) {
    return new Promise((resolve, reject) => {
      if (this.#ended) return reject(this.#ended);
      const id = ++this.#last;
      const { transfer = [], lent, signal } = options;
      const length = lent?.data.length ?? 0;
      this.#worker.postMessage({ id, call, args, lent }, lent ? [...transfer, lent.data.buffer] : transfer); // it throws if an argument cannot be sent
      this.#open.set(id, { resolve, reject, options, length });
      if (signal?.aborted) this.#cancel(id);
      else signal?.addEventListener("abort", () => this.#cancel(id), { once: true });
    });
  }

  /** @param {number} id of a call, which may have its reply already */
  #cancel(id) {
    if (this.#open.has(id)) this.#worker.postMessage({ cancelled: id });
  }

  /**
   * Ends the worker. Calls without a reply, and all later ones, fail.
   * @param {Failure} failure
   */
  end(failure) {
    if (this.#ended) return;
    this.#ended = failure;
    this.#worker.terminate();
    for (const { reject } of this.#open.values()) reject(failure);
    this.#open.clear();
  }

  /** @param {Reply | Progress} reply */
  #receive(reply) {
    const call = this.#open.get(reply.id);
    if (!call) return;
    if ("progress" in reply) return call.options.onProgress?.(...reply.progress);
    this.#open.delete(reply.id);
    const { lent } = call.options;
    if (lent && reply.lent) lent.data = new Uint8ClampedArray(reply.lent, 0, call.length);
    if ("value" in reply) call.resolve(reply.value);
    else call.reject(Object.assign(new Error(reply.error.message), { code: reply.error.code }));
  }
}

/**
 * What a handler returns to transfer buffers of its value to the page instead of copying them.
 * @param {unknown} value
 * @param {Transferable[]} transfer
 */
export const handOver = (value, transfer) => new HandedOver(value, transfer);

class HandedOver {
  /**
   * @param {unknown} value
   * @param {Transferable[]} transfer
   */
  constructor(value, transfer) {
    this.value = value;
    this.transfer = transfer;
  }
}

/** @param {any} error */
const asItIs = (error) => ({ code: String(error?.code ?? "internal"), message: String(error?.message ?? error) });

/**
 * Answers requests in a worker, one after another.
 * @param {Record<string, Handler>} handlers
 * @param {(error: unknown) => { code: string, message: string } | null} [describe] errors that need words of their own
 */
export function serve(handlers, describe = () => null) {
  /** @type {Promise<void>} */
  let queue = Promise.resolve();
  /** Requests that were cancelled before their reply. @type {Set<number>} */
  const cancelled = new Set();
  const turns = new Turns();
  addEventListener("message", (/** @type {MessageEvent<Request | Cancellation>} */ { data }) => {
    if ("cancelled" in data) cancelled.add(data.cancelled);
    else queue = queue.then(() => answer(data)).finally(() => void cancelled.delete(data.id));
  });

  /** @param {Request} request */
  async function answer({ id, call, args, lent }) {
    const back = lent?.data.buffer;
    const transfer = back ? [back] : [];
    const tell = (/** @type {any[]} */ ...progress) => postMessage({ id, progress });
    const check = () => {
      if (cancelled.has(id)) throw Object.assign(new Error("It was cancelled."), { code: "cancelled" });
    };
    const pause = async (/** @type {any[]} */ ...progress) => {
      tell(...progress);
      await turns.next();
      check();
    };
    try {
      check();
      const given = await handlers[call](args, tell, pause);
      const { value, transfer: handed } = given instanceof HandedOver ? given : { value: given, transfer: [] };
      postMessage({ id, value, lent: back }, { transfer: [...transfer, ...handed] });
    } catch (error) {
      postMessage({ id, error: describe(error) ?? asItIs(error), lent: back }, { transfer });
    }
  }
}

/** Lets the messages that have come in be taken. A timer would wait for four milliseconds each time. */
class Turns {
  #channel = new MessageChannel();
  /** @type {(() => void)[]} */
  #waiting = [];

  constructor() {
    this.#channel.port1.onmessage = () => this.#waiting.shift()?.();
  }

  /** @returns {Promise<void>} */
  next() {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#channel.port2.postMessage(null);
    });
  }
}
