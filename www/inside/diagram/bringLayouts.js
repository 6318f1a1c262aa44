// @ts-check

/** @typedef {import("./pure/stack.js").Layouts} Layouts */

/** @type {{ coming: Promise<Layouts> | null }} */
const layouts = { coming: null };

/** The layouts of all kinds of blocks, which are made when the page is built. */
export function bringLayouts() {
  return (layouts.coming ??= fetchLayouts().catch((error) => {
    layouts.coming = null;
    throw error;
  }));
}

/** @returns {Promise<Layouts>} */
async function fetchLayouts() {
  const response = await fetch(new URL("./layouts.json", import.meta.url)).catch(() => null);
  if (!response) throw new Error("The layouts of the diagram could not be downloaded. Check the connection and try again.");
  if (!response.ok) throw new Error("The server does not have the layouts of the diagram. Run `cargo xtask build engine` there, then try again.");
  return (await response.json()).layouts;
}
