// @ts-check
import { entryOf } from "../pure/entries.js";
import { placeOf } from "../pure/place.js";
import { writePlace, writeSource } from "../pure/query.js";
import { DEFAULT_NETWORK, cardOf, state, update, updateInside } from "../state.js";
import { TABS } from "./state.js";

const KEY = /^\w+(-\w+)?$/;

/** @param {string | null} text */
const keyOf = (text) => (text && KEY.test(text) && !(text in Object.prototype) ? text : null);

/**
 * The inside of one network, or of two beside one another: `?inside=vgg16&with=resnet50&tab=…&layer=…&class=…`.
 *
 * @type {import("../views.js").View}
 */
export const inside = {
  name: "inside",
  claims: (query) => query.has("inside"),
  read(query) {
    const key = keyOf(query.get("inside")) ?? DEFAULT_NETWORK;
    const other = keyOf(query.get("with"));
    const tab = TABS.find((tab) => tab === query.get("tab")) ?? TABS[0];
    const number = query.get("class") ?? "";
    return {
      inside: { ...state.inside, key, other: other === key ? null : other, tab, layer: query.get("layer") || null, class: /^\d{1,6}$/.test(number) ? Number(number) : null },
    };
  },
  write(query, state) {
    const { key, other, tab, layer, class: index } = state.inside;
    query.set("inside", key);
    if (other) query.set("with", other);
    if (tab !== TABS[0]) query.set("tab", tab);
    if (layer) query.set("layer", layer);
    if (index !== null) query.set("class", String(index));
    writePlace(query, state);
    writeSource(query, state, cardOf(entryOf(key).network));
  },
  card: ({ inside: { key } }) => cardOf(entryOf(key).network),
  waitsForCard: ({ inside: { key } }) => entryOf(key).network !== DEFAULT_NETWORK,
  lineUp(wanted) {
    const { rows, inside: { key, other, tab } } = wanted;
    const place = placeOf(wanted);
    return {
      entries: rows && [key, ...(other ? [other] : [])].map(entryOf),
      place,
      view: "inside",
      heads: tab === "attention",
      looks: tab === "features" || tab === "attention",
      stays: true,
      choose() {
        update(place);
        updateInside({ key, other });
      },
    };
  },
  async bring() {
    const style = import("../bring.js").then(({ bringStyle }) => bringStyle(new URL("./inside.css", import.meta.url)));
    const [view] = await Promise.all([import("./view.js"), style]);
    return view;
  },
};
