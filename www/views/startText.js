// @ts-check
import { standingText } from "../pure/standing.js";
import { stepOf } from "../state.js";

/**
 * What the start of an engine waits for.
 * @param {import("../pure/standing.js").Standing | undefined} standing of the first entry
 * @param {import("../state.js").EngineName} engine
 * @returns {string | null} null where it has started
 */
export function startText(standing, engine) {
  if (standing && standing.phase !== "idle" && (standing.phase !== "opening" || standing.step === "weights")) return null;
  const building = engine === "burn" && stepOf("burn");
  if (building) return `burn is not built yet: ${building.text}`;
  return standing?.phase === "opening" ? standingText(standing, "") : "Starting the engine…";
}
