// @ts-check
import { element, make, outside, write } from "../../views/page.js";

/**
 * How the package is installed and used, and where its source code is.
 * @param {object} told by the package; each empty where it could not be read, or is not there
 * @param {string} told.install with code between backticks
 * @param {string} told.sample
 * @param {string} told.repository its address
 */
export function showCode({ install, sample, repository }) {
  const installing = element("about-install", HTMLParagraphElement);
  installing.hidden = !install;
  installing.replaceChildren(...install.split("`").map((part, i) => (i % 2 ? make("code", { textContent: part }) : part)));
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
