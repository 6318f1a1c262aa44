// @ts-check
import { cardOf, state, updateInside } from "../../state.js";
import { chosenEntries } from "./subjects.js";

/** @typedef {{ text: string, action?: { label: string, run: () => void } }} Note */

/**
 * What keeps a network from being drawn.
 * @param {import("./subjects.js").Subject[]} subjects those whose layers are known
 * @returns {Note | null}
 */
export function missingNote(subjects) {
  const missing = chosenEntries().find(({ key }) => !subjects.some((subject) => subject.key === key));
  if (!missing) return null;
  const card = cardOf(missing.network);
  if (state.cards.length && !card) return { text: `There is no network called “${missing.network}”. Choose one above.` };
  return { text: `The layers of ${card?.name ?? missing.network} are being read.` };
}

/**
 * Where the times come from by which the diagram is coloured, or what has to be done before it can be.
 * @param {import("./subjects.js").Subject[]} subjects
 * @returns {Note | null}
 */
export function timesNote(subjects) {
  const names = subjects.filter(({ times }) => !times.size).map(({ name }) => name);
  if (!names.length) return { text: `Measured times. ${subjects.map(({ key, name }) => `${name}: ${state.inside.profiles[key].place}.`).join(" ")}` };
  return {
    text: `The times of the layers of ${names.join(" and ")} have not been measured yet. Measure them in the tab “Layers”, then come back.`,
    action: { label: "Go to Layers", run: () => updateInside({ tab: "layers" }) },
  };
}
