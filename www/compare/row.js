// @ts-check
import { entryOf } from "../pure/entries.js";
import { placeOf } from "../pure/place.js";
import { writePlace, writeSource } from "../pure/query.js";
import { state, update, updateCompare } from "../state.js";

/** @type {import("./state.js").Tab[]} */
const TABS = ["picture", "benchmark", "folder"];
const LONGEST = 40; // entries in an address

/**
 * Several networks compared: `?networks=vgg16,vgg16-q4&tab=…`.
 *
 * @type {import("../views.js").View}
 */
export const compare = {
  name: "compare",
  claims: (query) => query.has("networks"),
  read(query) {
    const keys = (query.get("networks") ?? "").split(",").filter((key) => /^\w+(-\w+)?$/.test(key));
    const tab = TABS.find((tab) => tab === query.get("tab")) ?? "picture";
    return { compare: { ...state.compare, keys: keys.length ? [...new Set(keys)].slice(0, LONGEST) : null, tab } };
  },
  write(query, state) {
    const { keys, tab } = state.compare;
    query.set("networks", (keys ?? []).join(","));
    if (tab !== "picture") query.set("tab", tab);
    writePlace(query, state);
    writeSource(query, state, undefined);
  },
  card: () => null, // every source suits
  waitsForCard: () => false,
  lineUp(wanted) {
    const { rows, compare: { keys, tab, run } } = wanted;
    const place = placeOf(wanted);
    if (tab !== "picture" || run) return null; // a benchmark or an evaluation has engines of its own, and two at once would slow each other
    return {
      entries: rows && (keys?.map(entryOf) ?? null),
      place,
      view: "compare",
      heads: false,
      stays: true,
      choose() {
        update(place);
        updateCompare({ keys });
      },
    };
  },
  async bring() {
    const style = import("../bring.js").then(({ bringStyle }) => bringStyle(new URL("./compare.css", import.meta.url)));
    const [view] = await Promise.all([import("./view.js"), style]);
    return view;
  },
};
