// @ts-check
import { make, write } from "../../../views/page.js";
import { extremesOf } from "../pure/cells.js";
import { legendGradient } from "../pure/heat.js";
import { legendText } from "../pure/words.js";

/** @typedef {import("../../../../pkg/convscope.js").AttentionMap} AttentionMap */

/** What the colours of a map mean, in numbers. */
export function legend() {
  const bar = make("div", { className: "attention-bar", ariaHidden: "true" });
  const [against, indifferent, speaking] = [make("span"), make("span"), make("span")];
  const ends = make("p", { className: "attention-ends" }, against, indifferent, speaking);
  const root = make("div", { className: "attention-legend" }, bar, ends);
  /** @type {{ map: AttentionMap | null }} */
  const shown = { map: null };

  /** @param {AttentionMap | null} map */
  function update(map) {
    root.hidden = !map;
    if (!map || map === shown.map) return;
    shown.map = map;
    const extremes = extremesOf(map.data);
    const { least, greatest } = extremes;
    bar.hidden = !least && !greatest;
    bar.style.backgroundImage = legendGradient(extremes);
    write(against, least < 0 ? legendText(map.method, least) : "0");
    write(indifferent, least || greatest ? "" : "No cell speaks for this class or against it.");
    write(speaking, greatest > 0 ? legendText(map.method, greatest) : "0");
    against.hidden = speaking.hidden = !least && !greatest;
  }

  return { root, update };
}
