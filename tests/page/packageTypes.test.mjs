// The npm package's types in a strict project of TypeScript that has installed its tarball, for each way in which TypeScript finds modules.
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { installed, run } from "./installed.mjs";

const CODE = `
import init, { Engine, type Classification, type Frame } from "convscope";
import { binary, bytes } from "convscope/binary.js";
import { Engine as Same } from "convscope/convscope.js";
import burn, { Lab } from "convscope/burn/convscope.js";
import { binary as burnBinary } from "convscope/burn/binary.js";
import reader, { Checkpoint } from "convscope/reader/convscope.js";
import { binary as readerBinary } from "convscope/reader/binary.js";

await Promise.all([init({ module_or_path: binary }), burn({ module_or_path: burnBinary }), reader({ module_or_path: readerBinary })]);
const engine: Same = await Engine.create("cpu", { threads: 2 });
const frame: Frame = { data: new Uint8ClampedArray(4), width: 1, height: 1 };
const { predictions }: Classification = await engine.classify("lenet5", frame);
const label: string | undefined = predictions[0]?.label;
console.log(label, bytes.toFixed(), typeof Lab, typeof Checkpoint);
engine[Symbol.dispose]();

// @ts-expect-error there is no such device
await Engine.create("abacus");
// @ts-expect-error it is a number
const words: string = bytes;
// @ts-expect-error a frame has pixels
await engine.classify("lenet5", { width: 1, height: 1 });
// @ts-expect-error what is not exported is not found
await import("convscope/memory.js");
console.log(words);
`;

let project;
before(async () => { project = await installed(); });
after(() => project?.remove());

for (const [module, moduleResolution] of [["esnext", "bundler"], ["node16", "node16"], ["nodenext", "nodenext"]]) {
  test(`TypeScript takes them with the module resolution ${moduleResolution}`, async () => {
    const compilerOptions = { strict: true, noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true, noEmit: true, skipLibCheck: false, target: "es2022", module, moduleResolution, types: [] };
    await writeFile(join(project.folder, "main.ts"), CODE);
    await writeFile(join(project.folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["main.ts"] }));
    const { stdout } = await run(resolve("node_modules/.bin/tsc"), ["-p", project.folder]).catch((error) => error);
    assert.equal(stdout, "");
  });
}
