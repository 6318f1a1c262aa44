// @ts-check
import { element } from "./page.js";

/**
 * The buttons beside the lists of networks that open a file of weights.
 * @param {(file: File) => void} onFile
 * @returns {() => void} has the visitor choose a file
 */
export function showOwnWeights(onFile) {
  const input = element("own-input", HTMLInputElement);
  const askForFile = () => input.click();
  for (const button of document.querySelectorAll("button.own-open")) button.addEventListener("click", askForFile);
  input.addEventListener("change", () => {
    if (input.files?.[0]) onFile(input.files[0]);
    input.value = ""; // the same file can be chosen again
  });
  return askForFile;
}
