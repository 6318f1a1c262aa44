// @ts-check
import { bringPlot } from "../bring.js";
import { bringMemories } from "../openEngine.js";
import { forgetWeights } from "../forgetWeights.js";
import { sentenceOf } from "../pure/failure.js";
import { Decoder } from "../pictureFiles.js";
import { setProblem, state, subscribe, updateCompare } from "../state.js";
import { chosen, dropped } from "./folderFiles.js";
import { forget, open, openKept } from "./keptResults.js";
import { followOwnLabels } from "./ownLabels.js";
import { usualKeys } from "./pure/presets.js";
import { BenchmarkRun } from "./runBenchmark.js";
import { EvaluationRun } from "./runEvaluation.js";
import { followFragment, leaveOut } from "./sentResult.js";
import { chooseSetups, setSetup } from "./setups.js";
import { showAnswers } from "./views/answers.js";
import { showBenchmark } from "./views/benchmark.js";
import { showCharts } from "./views/charts.js";
import { showChooser } from "./views/chooser.js";
import { showFolder } from "./views/folder.js";
import { showKept } from "./views/kept.js";
import { showMatrix } from "./views/matrix.js";
import { showResults } from "./views/results.js";
import { showShare } from "./views/share.js";
import { showTabs } from "./views/tabs.js";

/** Wires the view that compares networks. */

const wired = { once: false, asksForMemories: false, asksForPlot: false };
const benchmark = new BenchmarkRun();
const evaluation = new EvaluationRun();

/** @param {import("../views.js").Page} page */
export function start(page) {
  if (!wired.once) wire(page);
}

export function rest() {
  benchmark.cancel();
  evaluation.cancel();
}

/**
 * @param {import("../givenFiles.js").Given} drop
 * @returns {boolean} it is a folder, or several pictures; or one, where folders are looked at
 */
export function takeDrop(drop) {
  const found = dropped(drop);
  if (!found && state.compare.tab !== "folder") return false;
  updateCompare({ tab: "folder" });
  void evaluation.start(found ?? chosen(drop.files));
  return true;
}

/** @param {import("../views.js").Page} page */
function wire({ source, lineUp }) {
  wired.once = true;
  const decoder = new Decoder();
  source.openWith((blob, name, side) => decoder.open(blob, name, side));
  showChooser((keys) => updateCompare({ keys }), (row) => void forgetWeights(row));
  showTabs((tab) => updateCompare({ tab }));
  showAnswers((isHeld) => (isHeld ? source.hold() : source.release()));
  showMatrix();
  showBenchmark({ onSetup: setSetup, onStart: (seconds) => void benchmark.start(seconds), onCancel: () => benchmark.cancel() });
  showResults();
  showKept({ onOpen: open, onForget: forget });
  showShare(leaveOut);
  showCharts(() => {
    wired.asksForPlot = false;
    wantPlot(state);
  });
  showFolder({
    onFolder: (files) => void evaluation.start(chosen(files)),
    onTable: (table) => updateCompare({ table }),
    onBoth: (inBoth) => updateCompare({ inBoth }),
    onAgain: () => void evaluation.again(),
    onCancel: () => evaluation.cancel(),
  });
  followOwnLabels(lineUp);
  chooseSetups();
  followFragment();
  openKept();
  subscribe(chooseUsual);
  subscribe(wantMemories);
  subscribe(wantPlot);
}

/** @param {import("../state.js").State} state */
function chooseUsual({ view, cards, rows, compare: { keys } }) {
  if (view === "compare" && !keys && cards.length && rows) updateCompare({ keys: usualKeys(cards, rows) });
}

/**
 * Brings what the networks take in memory. An engine tells it, but only the tab of one picture opens one.
 * @param {import("../state.js").State} state
 */
async function wantMemories({ view, memories, compare: { tab } }) {
  if (view !== "compare" || tab === "picture" || Object.keys(memories).length || wired.asksForMemories) return;
  wired.asksForMemories = true;
  try {
    await bringMemories();
  } catch (error) {
    const retry = () => {
      wired.asksForMemories = false;
      wantMemories(state);
    };
    setProblem("network", { text: sentenceOf(error), retry });
  }
}

/**
 * Brings the charts' library when the benchmark's tab is shown and no benchmark runs.
 * @param {import("../state.js").State} state
 */
async function wantPlot({ view, compare: { tab, run, plot } }) {
  if (tab !== "benchmark") wired.asksForPlot = false; // it is tried again when the tab is shown again
  if (view !== "compare" || tab !== "benchmark" || run || plot || wired.asksForPlot) return;
  wired.asksForPlot = true;
  try {
    updateCompare({ plot: await bringPlot(), plotTrouble: "" });
  } catch (error) {
    updateCompare({ plotTrouble: sentenceOf(error) });
  }
}
