// The networks' cards as a file, for what a page shows before the engine has come: node xtask/cards.mjs PACKAGE FILE
//
// Asks the engine in the folder PACKAGE, so that every fact has one place, which is the network's card in Rust.
import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, file] = process.argv.slice(2);
const { Engine, initSync } = await import(pathToFileURL(resolve(folder, "convscope.js")).href);
initSync({ module: await readFile(resolve(folder, "convscope_bg.wasm")) });
await writeFile(file, JSON.stringify(Engine.cards()));
