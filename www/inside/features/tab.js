// @ts-check

/** @type {import("../view.js").TabWiring["start"]} */
export function start() {}
