// @ts-check

/**
 * Where this copy of the page lies on its origin, `/a/` for example. Browsers keep one storage for all pages of an origin, and several
 * copies can lie on one, as those of one person on GitHub Pages do.
 */
const PATH = new URL("..", import.meta.url).pathname;

/**
 * @param {string} name of what is stored
 * @returns {string} the name under which this copy of the page stores it
 */
export const ownName = (name) => `${name} ${PATH}`;
