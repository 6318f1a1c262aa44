// @ts-check
import { Engine } from "../engine.js";
import { sentenceOf } from "../failure.js";
import { bringManifest } from "../opening.js";
import { Decoder } from "../pictures.js";
import { openWith, restCamera } from "../source.js";
import { setProblem, state, subscribe, update, updateCompare } from "../state.js";
import { showArena } from "../views/compare/arena.js";
import { showBenchmark } from "../views/compare/benchmark.js";
import { showCharts } from "../views/compare/charts.js";
import { showChooser } from "../views/compare/chooser.js";
import { showFolder } from "../views/compare/folder.js";
import { showMatrix } from "../views/compare/matrix.js";
import { showResults } from "../views/compare/results.js";
import { showShare } from "../views/compare/share.js";
import { showTabs } from "../views/compare/tabs.js";
import * as arena from "./arena.js";
import { lineUpOf } from "./lineup.js";
import { cancel } from "./measure.js";
import { usualKeys } from "./presets.js";
import { entryOf } from "./state.js";
import { cancel as cancelWalk } from "./walk.js";

/** The compare view's wiring. */

let shown = false;

export async function start() {
  if (!shown) show();
  try {
    await bringManifest();
    if (!state.cards.length && state.compare.tab !== "picture") update({ cards: await Engine.cards() });
  } catch (error) {
    return setProblem("network", { text: sentenceOf(error), retry: () => void start() });
  }
  follow();
}

export function rest() {
  updateCompare({ lined: "" });
  restCamera(false);
  cancel();
  cancelWalk();
  arena.rest();
}

export const look = arena.newPicture;

function show() {
  shown = true;
  openWith(new Decoder());
  showChooser();
  showTabs();
  showArena();
  showMatrix();
  showBenchmark();
  showResults();
  showShare();
  showCharts();
  showFolder();
  subscribe(follow);
}

/** The arena holds what is chosen, while it is looked at. */
function follow() {
  const { view, rows, cards, device, engine, compare: { keys, tab, run, lined } } = state;
  if (view !== "compare" || !rows) return;
  if (!keys && cards.length) return updateCompare({ keys: usualKeys(cards, rows) });
  const looks = tab === "picture" && !run; // two at once would slow each other
  restCamera(!looks);
  const wanted = looks ? lineUpOf({ device, engine }) : "";
  if (wanted === lined || (!looks && !lined)) return;
  updateCompare({ lined: wanted });
  if (wanted) arena.line((keys ?? []).map(entryOf), { device, engine });
  else arena.rest();
}
