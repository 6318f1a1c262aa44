//! wasm-bindgen's library, and the npm package around what it makes.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::json;
use wasm_bindgen_cli_support::Bindgen;

/// What the npm package holds: not the compressed copies, which are for this project's own server.
const FILES: [&str; 16] = [
    "convscope_bg.wasm",
    "convscope_relaxed_bg.wasm",
    "convscope.js",
    "convscope.d.ts",
    "binary.js",
    "binary.d.ts",
    "snippets",
    "burn/convscope_bg.wasm",
    "burn/convscope.js",
    "burn/convscope.d.ts",
    "burn/binary.js",
    "burn/binary.d.ts",
    "burn/snippets",
    "README.md",
    "LICENSE-APACHE",
    "LICENSE-MIT",
];

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
    Ok(())
}

/// Writes `package.json` and the texts that go with the package.
pub(super) fn package(root: &Path, folder: &Path) -> Result<()> {
    let manifest: toml::Table = toml::from_str(&fs::read_to_string(root.join("Cargo.toml"))?)?;
    let value = |path: &[&str]| {
        let found = path[1..].iter().try_fold(manifest.get(path[0])?, |value, key| value.get(key));
        found.and_then(toml::Value::as_str)
    };
    let named = |path: &[&str]| value(path).with_context(|| format!("Cargo.toml names no {}", path.join(".")));
    let mut text = json!({
        "name": named(&["package", "name"])?,
        "description": named(&["package", "description"])?,
        "version": named(&["workspace", "package", "version"])?,
        "license": named(&["workspace", "package", "license"])?,
        "type": "module",
        "main": "convscope.js",
        "types": "convscope.d.ts",
        "files": FILES,
        "sideEffects": ["./convscope.js", "./snippets/*", "./burn/convscope.js", "./burn/snippets/*"],
    });
    for name in ["repository", "homepage"] {
        if let Some(address) = value(&["workspace", "package", name]) {
            text[name] = address.into();
        }
    }
    fs::write(folder.join("package.json"), serde_json::to_string_pretty(&text)? + "\n")?;
    fs::copy(root.join("src/web/README.md"), folder.join("README.md"))?;
    for name in ["LICENSE-APACHE", "LICENSE-MIT"] {
        fs::copy(root.join(name), folder.join(name))?;
    }
    Ok(())
}
