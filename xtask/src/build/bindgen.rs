//! wasm-bindgen's library, and what is changed in its code.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use wasm_bindgen_cli_support::Bindgen;

/// What TypeScript has to know so that it can read the types: every class has `[Symbol.dispose]`, which older targets lack.
const TYPES_NEED: &str = "/// <reference lib=\"esnext.disposable\" />\n";

/// Writes `convscope.js`, its types, the binary and what it imports into `folder`, for pages without a bundler.
pub(super) fn bind(wasm: Vec<u8>, folder: &Path) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen.input_bytes("convscope", wasm).out_name("convscope").typescript(true);
    // `init()` without an argument finds the binary beside the script.
    bindgen.omit_default_module_path(false);
    bindgen.web(true)?;
    bindgen.generate(folder).context("wasm-bindgen cannot bind the WebAssembly")?;
    // It lists the page's libraries from npm, which it takes for the package's.
    let listed = folder.join("package.json");
    if listed.exists() {
        fs::remove_file(listed)?;
    }
    let types = folder.join("convscope.d.ts");
    let text = fs::read_to_string(&types)?;
    fs::write(types, format!("{TYPES_NEED}{text}"))?;
    Ok(())
}

/// Has what `Engine` is called with checked by `arguments.js`, which comes beside it.
pub(super) fn check_arguments(source: &Path, folder: &Path) -> Result<()> {
    let script = folder.join("convscope.js");
    let text = fs::read_to_string(&script)?;
    ensure!(
        text.contains("export class Engine {") && text.contains(", wasm;"),
        "wasm-bindgen writes other code than it did"
    );
    let checked = "checkArguments(Engine, () => wasm !== undefined);";
    fs::write(script, format!("import {{ checkArguments }} from \"./arguments.js\";\n{text}\n{checked}\n"))?;
    fs::copy(source, folder.join("arguments.js"))?;
    Ok(())
}

/// Has the memory that `convscope.js` makes for itself made by `memory.js`: some browsers refuse the maximum that the binary allows.
pub(super) fn share_memory(folder: &Path) -> Result<()> {
    const BEFORE: &str = "new WebAssembly.Memory({initial:";
    const AFTER: &str = ",shared:true})";
    let script = folder.join("convscope.js");
    let text = fs::read_to_string(&script)?;
    let found = text.split_once(BEFORE).and_then(|(before, rest)| {
        let (limits, after) = rest.split_once(AFTER)?;
        let initial = limits.split(',').next()?;
        Some(format!("import {{ newMemory }} from \"./memory.js\";\n{before}newMemory({initial}){after}"))
    });
    let text = found.context("wasm-bindgen's code makes no shared memory")?;
    ensure!(!text.contains(BEFORE), "wasm-bindgen's code makes more than one memory");
    fs::write(script, text)?;
    Ok(())
}
