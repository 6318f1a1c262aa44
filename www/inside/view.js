// @ts-check
import { bringPart } from "../parts.js";
import { entryOf } from "../pure/entries.js";
import { state, subscribe, updateInside } from "../state.js";
import { element, make } from "../views/page.js";
import { followLayers } from "./followLayers.js";
import { showTabs } from "./views/tabs.js";
import { showNetworks } from "./views/networks.js";

/**
 * Wires the view that looks inside networks. Each tab is a folder with its markup, logic, views and style, brought in when it
 * is shown for the first time.
 *
 * @typedef {object} TabWiring of a tab that has come
 * @property {(page: import("../views.js").Page, section: HTMLElement) => void} start called once, with the tab's markup in its section
 */

const wired = { once: false };
/** Tabs that have been brought. @type {Set<string>} */
const brought = new Set();

/** @param {import("../views.js").Page} page */
export function start(page) {
  if (wired.once) return;
  wired.once = true;
  showNetworks((choice) => updateInside(chosen(choice)));
  showTabs((tab) => updateInside({ tab }));
  followLayers(page.lineUp);
  subscribe(({ view, inside: { tab } }) => {
    if (view === "inside") bring(tab, page);
  });
  bringStory(page);
}

/**
 * What becomes of a choice of one of the two networks: they are never the same, and what was chosen in the other one stays.
 * @param {{ key: string } | { other: string | null }} choice
 * @returns {Partial<import("./state.js").Inside>}
 */
function chosen(choice) {
  if ("other" in choice) return { ...choice, otherLayer: null };
  const { other } = state.inside;
  return { ...choice, other: other === choice.key ? null : other, layer: null, class: null };
}

/** There is nothing to end, because the line-up is shared by all views. */
export function rest() {}

/** @type {import("../story/view.js").Setting} */
const STORY = {
  view: "inside",
  network: ({ inside: { key } }) => entryOf(key).network,
  key: ({ inside: { key } }) => key,
  address: (id) => `?inside=${id}`,
  choose: (key) => updateInside({ key, other: state.inside.other === key ? null : state.inside.other, layer: null, class: null }),
};
const ROOMY = "(min-width: 60rem) and (max-width: 1599px) and (min-height: 64rem), (min-width: 1600px) and (min-height: 80rem)"; // else what was new, in the larger text of wide windows too, would push the tabs out of sight

/** What was new in the network, above the tabs. @param {import("../views.js").Page} page */
function bringStory(page) {
  return bringPart("story above the tabs", async () => {
    const { start } = await import("../story/view.js");
    const fold = make("details", { className: "fold", open: matchMedia(ROOMY).matches }, make("summary", { textContent: "What was new in it" }));
    await start(page, element("inside-story", HTMLDivElement), fold, STORY);
  });
}

/** @type {Record<import("./state.js").Tab, () => Promise<TabWiring>>} */
const TABS = {
  layers: () => import("./layers/tab.js"),
  diagram: () => import("./diagram/tab.js"),
  features: () => import("./features/tab.js"),
  attention: () => import("./attention/tab.js"),
};

/**
 * @param {import("./state.js").Tab} tab
 * @param {import("../views.js").Page} page
 */
function bring(tab, page) {
  if (brought.has(tab)) return;
  brought.add(tab); // also where it fails: it is not asked for again before the visitor wants it
  void bringPart(`${tab}'s tab`, async () => {
    const { bringMarkup, bringStyle } = await import("../bring.js");
    const section = /** @type {HTMLElement} */ (document.getElementById(`inside-${tab}`));
    const [wiring, markup] = await Promise.all([
      TABS[tab](),
      bringMarkup(new URL(`./${tab}/${tab}.html`, import.meta.url)),
      bringStyle(new URL(`./${tab}/${tab}.css`, import.meta.url)),
    ]);
    section.replaceChildren(markup);
    wiring.start(page, section);
  });
}
