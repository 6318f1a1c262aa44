// @ts-check
import "./photo.js";
import "./compile.js";

/**
 * What the page asks for first: the photo and the engine's code, and only then the many files of its own code, which would
 * otherwise stand before them in a slow connection's queue.
 */
const modules = document.getElementById("modules");
if (modules instanceof HTMLTemplateElement) document.head.append(modules.content);
