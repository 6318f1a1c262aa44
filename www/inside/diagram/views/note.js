// @ts-check
import { element, write } from "../../../views/page.js";

/**
 * A sentence above the diagram, and what can be done about it.
 * @param {{ text: string, action?: { label: string, run: () => void } } | null} note
 */
export function showNote(note) {
  const button = element("diagram-note-action", HTMLButtonElement);
  element("diagram-note", HTMLElement).hidden = !note;
  write(element("diagram-note-text", HTMLElement), note?.text ?? "");
  write(button, note?.action?.label ?? "");
  button.hidden = !note?.action;
  button.onclick = note?.action?.run ?? null;
}
