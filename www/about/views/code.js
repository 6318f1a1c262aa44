// @ts-check
import { element, outside, write } from "../../views/page.js";

/**
 * How the package is used, and where its source code is.
 * @param {string} sample empty where it could not be read
 * @param {string} repository its address; empty where the package names none
 */
export function showCode(sample, repository) {
  const code = element("about-sample", HTMLPreElement);
  code.hidden = !sample;
  write(/** @type {HTMLElement} */ (code.firstElementChild), sample);
  const more = outside("pkg/README.md", "The package's README");
  element("about-package", HTMLParagraphElement).replaceChildren(...(sample
    ? ["More of it, from the layers of a network to attention maps and training: ", more, "."]
    : ["The sample could not be read from the package. Check the connection and open this again, or try ", more, " itself."]));
  element("about-repository", HTMLParagraphElement).replaceChildren(...(repository
    ? ["The whole project, with its tests and measurements: ", outside(repository, repository.replace("https://", "")), "."]
    : ["The package on this server names no public repository. Whoever runs this page has the whole project, with its tests and measurements."]));
}
