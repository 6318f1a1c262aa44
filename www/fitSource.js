// @ts-check
import { answering } from "./pure/answers.js";
import { defaultSource } from "./pure/source.js";
import { cardOf, subscribe } from "./state.js";
import { viewNamed } from "./views.js";

/**
 * Networks for photos do not read drawings, and a network for digits says little about photos. When a network of one kind
 * replaces one of the other, the source changes to its default. The camera and the visitor's own file stay.
 * @param {import("./source.js").PictureSource} source
 */
export function fitSource(source) {
  /** @type {{ kind: string | undefined }} */
  const before = { kind: undefined };
  subscribe((state) => {
    if (viewNamed(state.view).card(state) === null) return void (before.kind = undefined);
    const card = cardOf(answering(state)?.network);
    if (!card || card.frame.kind === before.kind) return;
    const isOther = before.kind !== undefined;
    before.kind = card.frame.kind;
    const next = defaultSource(card, state.samples);
    if (isOther && next && (state.source?.kind === "sample" || state.source?.kind === "drawing")) source.show(next);
  });
}
