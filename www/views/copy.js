// @ts-check
import { say } from "./page.js";

/**
 * Copies a text, or shows it for copying by hand where the browser does not let the page copy.
 * @param {string} text
 * @param {string} done what is said when it is copied
 * @param {HTMLInputElement} field in which it is shown otherwise
 * @param {HTMLElement} said
 * @param {string} [remark] said in both cases
 */
export async function copyText(text, done, field, said, remark = "") {
  try {
    await navigator.clipboard.writeText(text);
    field.hidden = true;
    say(said, `${done} ${remark}`.trim());
  } catch {
    field.hidden = false;
    field.value = text;
    field.select();
    say(said, `This browser does not let the page copy: copy it from here. ${remark}`.trim());
  }
}
