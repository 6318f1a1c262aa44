// @ts-check
import { writePlace, writeSource } from "../pure/query.js";
import { state } from "../state.js";
import { NO_LAB } from "./state.js";

/** What an address has that is not the lab's. */
const OTHERS = new Set(["lab", "device", "engine", "arithmetic", "threads", "source"]);
const DEVICES = new Set(["auto", "webgpu", "cpu"]);

/** @param {[string, string]} entry @returns {boolean} it is for the lab to read, or to say that it cannot be read */
const isAsked = ([name, word]) => !OTHERS.has(name) || (name === "device" && !DEVICES.has(word));

/**
 * The gradient lab: `?lab=vanishing&depth=10&change.activation=relu`, with every setting that differs from the scenario's.
 *
 * @type {import("../views.js").View}
 */
export const lab = {
  name: "lab",
  claims: (query) => query.has("lab"),
  read(query) {
    const asked = Object.fromEntries([...query].filter(isAsked));
    const scenario = query.get("lab") || NO_LAB.scenario;
    if (state.lab.settings && scenario === state.lab.scenario && isSame(asked, state.lab.asked)) return {}; // its runs stay
    return { lab: { ...state.lab, scenario, asked, settings: null } };
  },
  write(query, state) {
    query.set("lab", state.lab.scenario);
    for (const [name, value] of Object.entries(state.lab.asked)) query.set(name, value);
    writePlace(query, state);
    writeSource(query, state, undefined);
  },
  card: () => null, // every source suits
  waitsForCard: () => false,
  lineUp: () => null, // training has an engine of its own, and networks that look at a picture would slow it down
  async bring() {
    const { bringMarkup, bringStyle } = await import("../bring.js");
    const [view, markup] = await Promise.all([
      import("./view.js"),
      bringMarkup(new URL("./lab.html", import.meta.url)),
      bringStyle(new URL("./lab.css", import.meta.url)),
    ]);
    return view.wiring(markup);
  },
};

/**
 * @param {Record<string, string>} one
 * @param {Record<string, string>} other
 */
const isSame = (one, other) => Object.keys(one).length === Object.keys(other).length && Object.entries(one).every(([name, value]) => other[name] === value);
