// @ts-check
import { entryOf, nameOf } from "../../../pure/entries.js";
import { isLive } from "../../../pure/source.js";
import { shareOf } from "../../../pure/standing.js";
import { percent } from "../../../pure/text.js";
import { cardOf, subscribe } from "../../../state.js";
import { announcer, element, fillBar, make, write } from "../../../views/page.js";
import { agreementText } from "../pure/agreement.js";
import { verdictOf } from "../pure/deletion.js";
import { statusOf } from "../pure/status.js";
import { keysOf } from "../../pure/keys.js";
import { isOfPicture, isSeen, shownKind } from "../pure/subject.js";
import { METHODS, cellsText } from "../pure/words.js";
import { curveFigure } from "./curve.js";
import { figure } from "./figure.js";
import { legend } from "./legend.js";
import { taskTool } from "./task.js";
import { voicesFigure } from "./voices.js";

/**
 * A column for each network: its map over the picture, what the map is and how far to trust it, and its outputs.
 *
 * @typedef {import("../../../../pkg/convscope.js").AttentionMap} AttentionMap
 * @typedef {import("../../../state.js").State} State
 * @typedef {import("../state.d.ts").Kind} Kind
 * @typedef {import("../state.d.ts").Sight} Sight
 * @typedef {import("../state.d.ts").Task} Task
 *
 * @typedef {object} NetworkCalls
 * @property {(key: string, kind: Kind) => void} onKind
 * @property {(key: string, task: Task) => void} onStart
 * @property {() => void} onCancel
 * @property {() => void} onBurn
 * @property {(key: string) => void} onAgain computes a map once more
 */

/** @param {NetworkCalls} calls */
export function showNetworks(calls) {
  const place = element("attention-networks", HTMLDivElement);
  const announce = announcer(element("attention-announcement", HTMLParagraphElement));
  /** @type {Map<string, ReturnType<typeof column>>} */
  const columns = new Map();
  subscribe((state) => {
    if (!isSeen(state)) return;
    const keys = keysOf(state.inside);
    for (const [key, { root }] of columns) {
      if (keys.includes(key)) continue;
      root.remove();
      columns.delete(key);
    }
    place.classList.toggle("several", keys.length > 1);
    keys.forEach((key, i) => {
      const own = columns.get(key) ?? column(key, calls);
      columns.set(key, own);
      if (place.children[i] !== own.root) place.insertBefore(own.root, place.children[i] ?? null);
      own.update(state);
    });
    announce(keys.map((key) => spoken(state.inside.attention.sights[key], state.inside.attention.shown[key])).filter(Boolean).join(" "), `${state.sourceSince} ${state.inside.class}`);
  });
}

/**
 * What is read out when a task has ended.
 * @param {Sight | undefined} sight
 * @param {Kind | undefined} chosen
 */
function spoken(sight, chosen) {
  if (!sight) return "";
  const curve = sight.curves[shownKind(sight, chosen)];
  const agreement = sight.own && sight.occlusion ? agreementText(sight.own, sight.occlusion) : "";
  return [agreement, curve ? verdictOf(curve) : ""].filter(Boolean).join(" ");
}

/**
 * @param {string} key
 * @param {NetworkCalls} calls
 */
function column(key, calls) {
  const { network } = entryOf(key);
  const heading = make("h3", { id: `attention-of-${key}` });
  const status = make("p", { className: "attention-status" });
  const progress = make("progress", { hidden: true, ariaLabel: "Download" });
  const picture = figure();
  const colours = legend();
  const caption = make("figcaption");
  const kinds = kindChoice(key, (kind) => calls.onKind(key, kind));
  const method = make("p", { className: "attention-method" });
  const what = make("p", { className: "note" });
  const agreement = make("p", { className: "attention-verdict" });
  const offer = troubleOffer(() => calls.onBurn(), () => calls.onAgain(key));
  const occlusion = taskTool("occlusion", () => calls.onStart(key, "occlusion"), calls.onCancel);
  const deletion = taskTool("deletion", () => calls.onStart(key, "deletion"), calls.onCancel);
  const curve = curveFigure();
  const voices = voicesFigure();
  const shown = make("figure", {}, caption, picture.root, colours.root);
  const words = make("div", { className: "attention-words" }, kinds.root, method, what, agreement, offer.root, occlusion.root, deletion.root, curve.root);
  const body = make("div", { className: "attention-body" }, shown, words);
  const root = make("article", { className: "attention-panel attention-network" }, heading, status, progress, body, voices.root);
  root.setAttribute("aria-labelledby", heading.id);

  /** @param {State} state */
  function update(state) {
    const card = cardOf(network);
    const name = nameOf(entryOf(key), state.cards, state.rows);
    const { sights, shown: chosen } = state.inside.attention;
    const text = statusOf(state, key, name);
    const sight = sights[key];
    const label = sight && (state.labels[key]?.[sight.class] ?? `class ${sight.class}`);
    write(heading, name);
    write(status, text);
    status.hidden = !text;
    progress.hidden = state.standings[key]?.phase !== "opening" && state.standings[key]?.phase !== "loading";
    fillBar(progress, shareOf(state.standings[key]));
    const map = card ? picture.update(state, card, sight, chosen[key]) : null;
    body.hidden = !card || (text !== "" && !map);
    voices.update(state, key);
    if (body.hidden) return;
    colours.update(map);
    write(caption, !sight || !isOfPicture(sight, state) ? "" : sight.probability === null ? label ?? "" : `${label}, ${percent(sight.probability)}`);
    picture.root.ariaLabel = map ? `${METHODS[map.method].name} of ${name} for ${label}, over the picture` : `What ${name} sees`;
    const current = sight && isOfPicture(sight, state) ? sight : undefined;
    kinds.update(current, chosen[key]);
    offer.update(current, state);
    write(method, map ? `${METHODS[map.method].name}: ${cellsText(map)}` : "");
    write(what, map ? METHODS[map.method].what : "");
    write(agreement, current?.own && current.occlusion ? agreementText(current.own, current.occlusion) : "");
    agreement.hidden = !agreement.textContent;
    const isPaused = !isLive(state);
    occlusion.update(state, key, isPaused && current !== undefined && !current.occlusion, isPaused);
    const kind = current && shownKind(current, chosen[key]);
    deletion.update(state, key, isPaused && map !== null && current !== undefined && kind !== undefined && !current.curves[kind], isPaused);
    curve.update((kind && current?.curves[kind]) ?? null);
  }

  return { root, update };
}

/**
 * The choice between the two maps, where there are both.
 * @param {string} key
 * @param {(kind: Kind) => void} onKind
 */
function kindChoice(key, onKind) {
  const name = `attention-kind-${key}`;
  const options = /** @type {const} */ (["own", "occlusion"]).map((kind) => {
    const input = make("input", { type: "radio", name, value: kind, onchange: () => onKind(kind) });
    return { kind, input, text: make("span") };
  });
  const root = make("div", { className: "segments", hidden: true, role: "radiogroup", ariaLabel: "Map" }, ...options.map(({ input, text }) => make("label", {}, input, text)));

  /**
   * @param {Sight | undefined} sight
   * @param {Kind | undefined} chosen
   */
  function update(sight, chosen) {
    root.hidden = !sight?.own || !sight.occlusion;
    if (!sight) return;
    for (const { kind, input, text } of options) {
      input.checked = shownKind(sight, chosen) === kind;
      const map = sight[kind];
      if (map) write(text, METHODS[map.method].name);
    }
  }

  return { root, update };
}

/**
 * What to do where the network's own map could not be computed.
 * @param {() => void} onBurn
 * @param {() => void} onAgain
 */
function troubleOffer(onBurn, onAgain) {
  const text = make("p");
  const burn = make("button", { type: "button", className: "primary", textContent: "Compute it with burn (about 2.5 MB to download)", onclick: onBurn });
  const meaning = make("p", { className: "note", textContent: "burn is the Rust deep-learning framework that this project trains with. It can compute gradients, which ConvScope's own kernels cannot. With it, burn's general operations compute every layer here; the predictions are the same, and take longer. “Computed by” in the controls leads back." });
  const again = make("button", { type: "button", textContent: "Try again", onclick: onAgain });
  const root = make("div", { className: "attention-offer", hidden: true }, text, burn, meaning, again);

  /**
   * @param {Sight | undefined} sight
   * @param {State} state
   */
  function update(sight, { engine }) {
    const trouble = sight?.trouble;
    root.hidden = !trouble;
    if (!trouble) return;
    const needsBurn = trouble.code === "needs-gradients";
    write(text, needsBurn ? "This network does not end in global average pooling, so that a class activation map cannot be read off its layers. Its map, a HiResCAM, takes the gradient of the class's logit, which the burn build of the engine computes." : trouble.text);
    burn.hidden = meaning.hidden = !needsBurn;
    burn.disabled = engine === "burn"; // it is on its way
    again.hidden = needsBurn || trouble.code === "no-map" || trouble.code === "unknown-class";
  }

  return { root, update };
}
