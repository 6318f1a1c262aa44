// @ts-check
import { chooseLayer, fitPage, open, sortAgain, stepChannel, stepLayer, updateFeatures } from "./actions.js";
import { MapReader } from "./readMaps.js";
import { showAllLayers } from "./views/allLayers.js";
import { showChannels } from "./views/channels.js";
import { showDetail } from "./views/detail.js";
import { showLayers } from "./views/layers.js";
import { showNotes } from "./views/notes.js";
import { showTools } from "./views/tools.js";

/** @type {import("../view.js").TabWiring["start"]} */
export function start({ lineUp }) {
  const reader = new MapReader(lineUp);
  showLayers(chooseLayer, stepLayer);
  showNotes(() => reader.again());
  showTools(sortAgain, (page) => updateFeatures({ page }));
  showChannels(open, fitPage);
  showAllLayers(open);
  showDetail({ onClose: () => open(null), onStep: stepChannel, onOpacity: (opacity) => updateFeatures({ opacity }) });
  reader.follow();
}
