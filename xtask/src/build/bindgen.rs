//! wasm-bindgen's library, and the npm package around what it makes.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use wasm_bindgen_cli_support::Bindgen;

/// What the npm package holds of a build: not the compressed copies, which are for this project's own server.
const ENGINE_FILES: [&str; 12] = [
    "convscope_bg.wasm",
    "convscope_relaxed_bg.wasm",
    "convscope_single_bg.wasm",
    "convscope.js",
    "convscope.d.ts",
    "arguments.js",
    "binary.js",
    "binary.d.ts",
    "memory.js",
    "memory.d.ts",
    "thread.js",
    "snippets",
];
const BURN_FILES: [&str; 7] = [
    "burn/convscope_bg.wasm",
    "burn/convscope.js",
    "burn/convscope.d.ts",
    "burn/arguments.js",
    "burn/binary.js",
    "burn/binary.d.ts",
    "burn/snippets",
];
const READER_FILES: [&str; 5] = [
    "reader/convscope_bg.wasm",
    "reader/convscope.js",
    "reader/convscope.d.ts",
    "reader/binary.js",
    "reader/binary.d.ts",
];

/// The texts that go with the package, and where they are in the repository.
const TEXTS: [(&str, &str); 4] = [
    ("README.md", "src/web/README.md"),
    ("LICENSE-APACHE", "LICENSE-APACHE"),
    ("LICENSE-MIT", "LICENSE-MIT"),
    ("NOTICES.md", "NOTICES.md"),
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

/// Writes `package.json`.
pub(super) fn package(root: &Path, folder: &Path) -> Result<()> {
    let manifest: toml::Table = toml::from_str(&fs::read_to_string(root.join("Cargo.toml"))?)?;
    let value = |path: &[&str]| {
        let found = path[1..].iter().try_fold(manifest.get(path[0])?, |value, key| value.get(key));
        found.and_then(toml::Value::as_str)
    };
    let named = |path: &[&str]| value(path).with_context(|| format!("Cargo.toml names no {}", path.join(".")));
    let texts = TEXTS.map(|(name, _)| name);
    let files: Vec<&str> = ENGINE_FILES.into_iter().chain(BURN_FILES).chain(READER_FILES).chain(texts).collect();
    let mut text = json!({
        "name": named(&["package", "name"])?,
        "description": named(&["package", "description"])?,
        "version": named(&["workspace", "package", "version"])?,
        "license": named(&["workspace", "package", "license"])?,
        "type": "module",
        "main": "convscope.js",
        "types": "convscope.d.ts",
        "files": files,
        "sideEffects": ["./convscope.js", "./thread.js", "./snippets/*", "./burn/convscope.js", "./burn/snippets/*", "./reader/convscope.js"],
    });
    for name in ["repository", "homepage"] {
        if let Some(address) = value(&["workspace", "package", name]) {
            text[name] = address.into();
        }
    }
    fs::write(folder.join("package.json"), serde_json::to_string_pretty(&text)? + "\n")?;
    Ok(())
}

/// Copies the texts that go with the package. They decide over none of the built bytes, so that a build can stand while they change.
pub(super) fn texts(root: &Path, folder: &Path) -> Result<()> {
    for (name, source) in TEXTS {
        let source = root.join(source);
        fs::copy(&source, folder.join(name)).with_context(|| format!("{} cannot be copied", source.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_names_its_texts_and_brings_them() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let folder = std::env::temp_dir().join(format!("xtask-package-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        package(&root, &folder).expect("a package.json");
        texts(&root, &folder).expect("the texts");
        let listed: serde_json::Value =
            serde_json::from_slice(&fs::read(folder.join("package.json")).expect("a file")).expect("JSON");
        let listed: Vec<&str> =
            listed["files"].as_array().expect("a list").iter().filter_map(serde_json::Value::as_str).collect();
        for (name, source) in TEXTS {
            assert!(listed.contains(&name), "{name} is not among {listed:?}");
            assert_eq!(fs::read(folder.join(name)).expect(name), fs::read(root.join(source)).expect(source));
        }
        fs::remove_dir_all(&folder).expect("the folder");
    }
}
