// @ts-check
// Checks what Engine's methods are called with, before WebAssembly is. Without that, a wrong argument would end in an error without a
// code, in a call that never ends, or be taken for another one.

/**
 * @typedef {{ code: string, message: string }} Fault
 * @typedef {(value: any, name: string) => Fault | undefined} Check of one argument
 */

const MOST = 2 ** 32 - 1;
/** With more classes, a network would have more weights than WebAssembly can address. */
const MOST_CLASSES = 1_000_000;

/**
 * @param {string} what an argument has to be
 * @param {(value: any) => boolean} holds
 * @returns {Check}
 */
const is = (what, holds) => (value, name) => (holds(value) ? undefined : { code: "bad-argument", message: `The argument “${name}” must be ${what}. convscope.d.ts describes every argument.` });

/** @param {Check} check @returns {Check} */
const optional = (check) => (value, name) => (value === undefined || value === null ? undefined : check(value, name));

/** Whether an array still has its buffer: one that was transferred can only be told by trying. @param {any} array */
function isHere(array) {
  if (!ArrayBuffer.isView(array) || array.byteLength > 0) return true; // the engine says what is wrong with others
  try {
    new Uint8Array(array.buffer);
    return true;
  } catch {
    return false;
  }
}

const isObject = (/** @type {unknown} */ value) => typeof value === "object" && value !== null;

/**
 * @param {number} least
 * @param {number} most
 */
const whole = (least = 0, most = MOST) => is(`a whole number from ${least} to ${most}`, (value) => Number.isInteger(value) && value >= least && value <= most);

const text = is("a string", (value) => typeof value === "string");
const number = is("a number", (value) => typeof value === "number" && !Number.isNaN(value));
const yesOrNo = is("true or false", (value) => typeof value === "boolean");
const callback = optional(is("a function", (value) => typeof value === "function"));
const texts = is("an array of strings", (value) => Array.isArray(value) && Array.from(value).every((one) => typeof one === "string"));
/** Whether a value is an array of this kind, also one of another frame. @param {any} value @param {string} kind */
const isArray = (value, kind) => ArrayBuffer.isView(value) && /** @type {any} */ (value)[Symbol.toStringTag] === kind && isHere(value);
const files = is("an array of Uint8Array, one for each shard, that were not transferred", (value) => Array.isArray(value) && Array.from(value).every((one) => isArray(one, "Uint8Array")));
const floats = is("a Float32Array that was not transferred", (value) => isArray(value, "Float32Array"));

/**
 * @param {Record<string, Check>} fields
 * @returns {Check}
 */
const fields = (fields) => (value, name) => Object.entries(fields).map(([field, check]) => check(value[field], `${name}.${field}`)).find((fault) => fault);

/** @param {Record<string, Check>} some @returns {Check} */
const options = (some) => optional((value, name) => is("an object", isObject)(value, name) ?? fields(some)(value, name));

/** @type {Check} */
const frame = (value) => {
  const bad = (/** @type {string} */ why) => ({ code: "bad-frame", message: `This picture cannot be used: ${why}. Hand over what ImageData gives.` });
  if (!isObject(value)) return bad("it must be an object with data, width and height");
  return isHere(value.data) ? undefined : bad("its data was transferred to somebody else");
};

/** @type {Check} */
const map = (value, name) => {
  const made = isObject(value) && isHere(value.data) && fields({ class: whole(), width: whole(), height: whole(), centre: number, step: number })(value, name) === undefined;
  return made ? undefined : { code: "no-map", message: "There is no such map of this network: what was handed over is no map; hand over what Engine.attention gave." };
};

/** The arguments of each method, in their order. What is not here, the engine checks itself. @type {Record<string, Record<string, Check>>} */
const STATIC = {
  cards: {},
  labels: { id: text },
  layers: { id: text, classes: optional(whole(1, MOST_CLASSES)) },
};
const STATIC_PROMISED = {
  create: { device: text, options: options({ f16: optional(yesOrNo), threads: optional(number) }) },
};
/** @type {Record<string, Record<string, Check>>} */
const OWN = {
  labelsOf: { key: text },
  memory: { id: text, variant: optional(text) },
  filters: { key: text },
  unload: { key: text },
};
/** @type {Record<string, Record<string, Check>>} */
const OWN_PROMISED = {
  load: { id: text, shards: files, key: optional(text), progress: callback },
  loadRandom: { id: text, seed: whole(), key: optional(text), progress: callback },
  logits: { key: text, input: floats },
  classify: { key: text, frame, k: optional(whole()), heads: optional(yesOrNo) },
  time: { key: text, frame, runs: whole() },
  activations: { key: text, layers: texts },
  activation: { key: text, layer: text },
  attention: { key: text, options: options({ class: optional(whole()), progress: callback }) },
  deletion: { key: text, map, options: options({ steps: optional(whole()), seed: optional(whole()), progress: callback }) },
  profile: { key: text, runs: whole(), progress: callback },
  rejectedShaders: {},
};

/** @param {Fault} fault */
const error = ({ code, message }) => Object.assign(new Error(message), { code });

/**
 * @param {any} Engine the class that wasm-bindgen wrote
 * @param {() => boolean} isStarted whether `init` has ended
 */
export function checkArguments(Engine, isStarted) {
  /** Calls of an engine that have not ended. @type {WeakMap<object, number>} */
  const open = new WeakMap();
  const count = (/** @type {object} */ engine, /** @type {number} */ more) => void open.set(engine, (open.get(engine) ?? 0) + more);

  const started = () => {
    if (!isStarted()) throw error({ code: "not-started", message: "The module is not started. Await init(), its default export, before anything else." });
  };
  const alive = (/** @type {any} */ engine) => {
    started();
    if (!engine?.__wbg_ptr) throw error({ code: "freed", message: "This engine was freed, or Engine.create did not make it. Create another one." });
  };
  const examine = (/** @type {Record<string, Check>} */ signature, /** @type {any[]} */ args) => {
    const fault = Object.entries(signature).map(([name, check], i) => check(args[i], name)).find((fault) => fault);
    if (fault) throw error(fault);
  };

  /**
   * @param {any} owner of the methods
   * @param {Record<string, Record<string, Check>>} signatures
   * @param {(self: any) => void} before
   * @param {boolean} isPromised
   */
  const wrap = (owner, signatures, before, isPromised) => {
    for (const [name, signature] of Object.entries(signatures)) {
      const method = owner[name];
      /** @this {any} */
      const checked = function (/** @type {any[]} */ ...args) {
        before(this);
        examine(signature, args);
        return method.apply(this, args);
      };
      /** @this {any} */
      const promised = async function (/** @type {any[]} */ ...args) {
        const answer = checked.apply(this, args);
        if (!this?.__wbg_ptr) return answer; // a static method: nothing can be freed meanwhile
        count(this, 1);
        return answer.finally(() => count(this, -1));
      };
      owner[name] = isPromised ? promised : checked;
    }
  };
  wrap(Engine, STATIC, started, false);
  wrap(Engine, STATIC_PROMISED, started, true);
  wrap(Engine.prototype, OWN, alive, false);
  wrap(Engine.prototype, OWN_PROMISED, alive, true);

  const device = Object.getOwnPropertyDescriptor(Engine.prototype, "device");
  Object.defineProperty(Engine.prototype, "device", { ...device, get() {
    alive(this);
    return device?.get?.call(this);
  } });

  const free = Engine.prototype.free;
  Engine.prototype.free = function () {
    if (!this.__wbg_ptr) return; // a second time
    if (open.get(this)) throw error({ code: "busy", message: "The engine is still busy with what was asked of it. Wait until that has ended, then free it; where WebAssembly itself has stopped, end the worker." });
    free.call(this);
  };
  if (Symbol.dispose) Engine.prototype[Symbol.dispose] = Engine.prototype.free;
}
