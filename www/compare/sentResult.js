// @ts-check
import { sentenceOf } from "../pure/failure.js";
import { setProblem, updateCompare } from "../state.js";
import { fromFragment, isResult } from "./pure/link.js";
import { bringSchema } from "./resultSchema.js";

/** A result that comes with the address. */

export function followFragment() {
  addEventListener("hashchange", open);
  open();
}

async function open() {
  const { hash } = location;
  if (!isResult(hash)) return;
  try {
    const sender = await fromFragment(hash, await bringSchema());
    if (sender) updateCompare({ sender, tab: "benchmark" });
  } catch (error) {
    setProblem("source", { text: sentenceOf(error), retry: () => void open() });
  }
}

export function leaveOut() {
  history.replaceState(null, "", location.pathname + location.search);
  updateCompare({ sender: null });
}
