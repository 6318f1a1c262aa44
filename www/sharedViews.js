// @ts-check
import { forgetThreads } from "./cpu.js";
import { takeGivenFiles } from "./givenFiles.js";
import { followOwnPicture } from "./ownPicture.js";
import { bringPart } from "./parts.js";
import { areTakenOtherwise } from "./pixels.js";
import { preferredEntry } from "./pure/entries.js";
import { weightsAmong } from "./pure/weightFiles.js";
import { dismiss, notice, setProblem, state, update } from "./state.js";
import { showFooter } from "./views/footer.js";
import { showLink } from "./views/link.js";
import { showMessages } from "./views/messages.js";
import { showNavigation } from "./views/navigation.js";
import { showOwnWeights } from "./views/ownWeights.js";
import { showPad } from "./views/pad.js";
import { showPlace } from "./views/place.js";
import { showSources } from "./views/sources.js";
import { showStage } from "./views/stage.js";
import { showTerms } from "./views/terms.js";
import { showThreads } from "./views/threads.js";

/** What of the footer's is no section of the dialog about the page. */
const STORED = "stored";

/**
 * Wires the parts of the page that all views have: the stage, the source's and the engine's controls, messages and links.
 * @param {import("./source.js").PictureSource} source
 * @param {import("./views.js").Page["show"]} show
 * @param {Pick<import("./views/sources.js").SourceCalls, "isReady" | "takeDrop">} calls
 */
export function wireSharedViews(source, show, { isReady, takeDrop }) {
  showStage(() => void source.show({ kind: "camera" }));
  showPad((strokes) => source.draw(strokes));
  showMessages((scope) => setProblem(scope, null), dismiss);
  showTerms();
  showLink();
  showFooter((section) => void (section === STORED ? stored() : about(({ open }) => open(section))));
  const openNamed = () => void (location.hash && (location.hash === `#${STORED}` ? stored() : about(({ openNamed }) => openNamed())));
  addEventListener("hashchange", openNamed);
  openNamed();
  const askForFile = showSources({
    onSource: (chosen, file) => void source.show(chosen, file),
    onMirror: (mirror) => update({ mirror }),
    onCamera: (choice) => void source.chooseCamera(choice),
    onGivenFiles: takeGivenFiles,
    isReady,
    takeDrop,
    takeWeights: wireOwnWeights(show),
    onNothing: () => setProblem("source", { text: "There was no picture in that. Drop or paste a picture file, or copy a picture and paste it.", retry: null }),
  });
  followOwnPicture(askForFile);
  areTakenOtherwise().then((isSo) => isSo && notice("This browser changes the pixels that a page reads from its canvas, so that sites cannot recognise it. The networks get the pictures in another way and see them as they are."));
  showPlace((device) => update({ device }), (engine) => update({ engine }), (arithmetic) => update({ arithmetic }));
  showThreads((threads) => {
    if (threads === null) forgetThreads(); // who chooses it again wants it timed again
    update({ threads });
  });
  showNavigation((view, address) => {
    const from = state.view;
    history.pushState(null, "", address);
    show(view, view === "inside" && from === "single" ? lookInto(state) : {});
  });
}

/**
 * Brings what the footer leads to.
 * @param {(about: typeof import("./about/view.js")) => unknown} then
 */
function about(then) {
  return bringPart("about", async () => then(await import("./about/view.js")));
}

/** Brings the dialog about what this browser keeps. */
function stored() {
  return bringPart("stored weights", async () => (await import("./stored/view.js")).open());
}

/**
 * @param {import("./views.js").Page["show"]} show
 * @returns {(files: File[]) => boolean} opens weights, which may come with the names of their classes; false where they are none
 */
function wireOwnWeights(show) {
  let latest = 0;
  /**
   * @param {File} weights
   * @param {File | null} labels
   */
  const openWeights = (weights, labels) => {
    const ticket = ++latest;
    own(({ open }) => ticket === latest && open(weights, labels, { show, askForFile })); // two calls need not come back in their order
  };
  const askForFile = showOwnWeights((weights) => openWeights(weights, null));
  return (files) => {
    const found = weightsAmong(files);
    if (!found) return false;
    setProblem("source", "trouble" in found ? { text: found.trouble, retry: null } : null);
    if ("trouble" in found) return true;
    if (found.unused.length) notice(`Not used: ${found.unused.map((name) => `“${name}”`).join(", ")}. Beside a file of weights, one file with the names of its classes is read (.txt, .json or .names).`);
    openWeights(found.weights, found.labels);
    return true;
  };
}

/**
 * Brings the dialog about a file of weights.
 * @param {(own: typeof import("./own/view.js")) => unknown} then
 */
function own(then) {
  return bringPart("own weights", async () => then(await import("./own/view.js")));
}

/**
 * What runs in the view of one network is what is looked into from there.
 * @param {import("./state.js").State} state
 * @returns {Partial<import("./state.js").State>}
 */
function lookInto({ network, variant, rows, inside }) {
  const { key } = preferredEntry(network, variant, rows ?? []);
  return inside.key === key ? {} : { inside: { ...inside, key, other: null, layer: null, class: null } };
}
