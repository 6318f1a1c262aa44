// @ts-check
import { bringManifest } from "./manifest.js";
import { sentenceOf } from "./pure/failure.js";
import { setProblem, state, subscribe } from "./state.js";
import { viewNamed } from "./views.js";

/**
 * Has the line-up be what the view that is shown wants. The camera rests while nothing looks at its pictures. Where the
 * manifest could not be downloaded, another choice is another try.
 * @param {Pick<import("./lineup.js").LineUp, "set">} lineUp
 * @param {Pick<import("./source.js").PictureSource, "rest">} source
 * @returns {() => void} ends it
 */
export function followChoice(lineUp, source) {
  startManifest();
  return subscribe((state) => {
    const choice = viewNamed(state.view).lineUp(state);
    source.rest(!choice || choice.looks === false);
    if (lineUp.set(choice)) startManifest();
  });
}

async function startManifest() {
  if (state.rows) return;
  try {
    await bringManifest();
  } catch (error) {
    setProblem("network", { text: `No network is ready. ${sentenceOf(error)}`, retry: () => void startManifest() });
  }
}
