// @ts-check
import { bringStyle } from "../bring.js";
import { bringLayers } from "../bringLayers.js";
import { entryOf } from "../pure/entries.js";
import { state, subscribe } from "../state.js";
import { make } from "../views/page.js";
import { neededFor } from "./pure/stories.js";
import { showChallenge } from "./views/challenge.js";
import { showStory } from "./views/story.js";
import { showYearLine } from "./views/yearLine.js";

/**
 * Wires the story of a network: the line of the years, what was new in it, and what the challenge was.
 *
 * @typedef {object} Setting where a story is told
 * @property {string} view
 * @property {(state: import("../state.js").State) => string} network the id of the one that the story is of
 * @property {(state: import("../state.js").State) => string} key of the entry whose answer is taken for an example
 * @property {(id: string) => string} address of the same view for another network
 * @property {(id: string) => void} choose another network
 */

/**
 * @param {import("../views.js").Page} page
 * @param {HTMLElement} host
 * @param {HTMLDetailsElement} fold in which what was new is told; put into the host where it is not around it
 * @param {Setting} setting
 */
export async function start({ lineUp }, host, fold, setting) {
  await bringStyle(new URL("./story.css", import.meta.url));
  const [line, told] = [make("div"), make("div", { className: "story-points" })];
  const challenge = make("details", { className: "fold" }, make("summary", { textContent: "What the challenge was, and what a top-5 error means" }));
  const isInside = fold.contains(host);
  if (!isInside) fold.append(told);
  host.classList.add("story");
  host.replaceChildren(line, isInside ? told : fold, challenge);

  showYearLine(line, setting, (id) => {
    history.pushState(null, "", setting.address(id));
    setting.choose(id);
  });
  showStory(told, setting);
  showChallenge(challenge, setting);
  const ask = () => {
    if (state.view === setting.view && fold.open) bringLayers(neededFor(setting.network(state)).map(entryOf), lineUp);
  };
  fold.addEventListener("toggle", ask);
  subscribe(ask);
}
