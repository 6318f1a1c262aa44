// @ts-check
import { state, update, updateInside } from "../../state.js";
import { followHeads } from "./askHeads.js";
import { followMaps } from "./attend.js";
import { followLabels } from "./bringLabels.js";
import { followHold } from "./hold.js";
import { Tasks } from "./tasks.js";
import { updateAttention } from "./update.js";
import { showClasses, showHold, showOpacity } from "./views/classes.js";
import { showNetworks } from "./views/networks.js";
import { showSearch } from "./views/search.js";

/** @type {import("../view.js").TabWiring["start"]} */
export function start({ source, lineUp }) {
  const tasks = new Tasks(lineUp);
  const onClass = (/** @type {number | null} */ index) => updateInside({ class: index });
  showClasses(onClass);
  showSearch(onClass);
  showHold((isHeld) => (isHeld ? source.hold() : source.release()));
  showOpacity((opacity) => updateAttention({ opacity }));
  showNetworks({
    onKind: (key, kind) => updateAttention({ shown: { ...state.inside.attention.shown, [key]: kind } }),
    onStart: (key, task) => void tasks.start(key, task),
    onCancel: () => tasks.cancel(),
    onBurn: () => update({ engine: "burn" }),
    onAgain(key) {
      const { [key]: failed, ...sights } = state.inside.attention.sights;
      if (failed) updateAttention({ sights });
    },
  });
  followHold(source);
  followLabels(lineUp);
  followHeads(source);
  followMaps(lineUp);
  tasks.follow();
}
