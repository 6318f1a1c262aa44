//! The layouts of the kinds of blocks, which the page's diagram draws: `www/inside/diagram/layouts.json`.
//!
//! Made by `xtask/layouts.mjs` in Node.js, which asks the built engine for the networks' layers. The file names what it was made
//! of, so that one file is all there is: it is current, or it is made again.

use std::fs;

use anyhow::{Context as _, Result};

use crate::context::Context;
use crate::process;
use crate::setup;

const FILE: &str = "www/inside/diagram/layouts.json";
const SCRIPT: &str = "xtask/layouts.mjs";
const DAGRE: &str = "node_modules/@dagrejs/dagre/dist/dagre.esm.js";

/// What decides over the layouts.
const INPUTS: [&str; 7] = [
    "pkg/convscope.js",
    "pkg/convscope_bg.wasm",
    SCRIPT,
    DAGRE,
    "www/inside/diagram/pure/blocks.js",
    "www/inside/diagram/pure/sizes.js",
    "www/inside/diagram/pure/structure.js",
];

/// Lays the blocks out, unless the layouts are those of the built engine.
pub(crate) fn ensure(context: &Context) -> Result<()> {
    let stamp = stamp(context)?;
    let file = context.root.join(FILE);
    if fs::read_to_string(&file).is_ok_and(|text| is_of(&text, &stamp)) {
        return Ok(());
    }
    let mut node = context.command("node");
    node.current_dir(&context.root).args([SCRIPT, "pkg", DAGRE, FILE, &stamp]);
    process::output(&mut node).context(
        "the engine is built, and the page's tab “Diagram” cannot show blocks: their layouts could not be made with Node.js",
    )?;
    Ok(())
}

fn stamp(context: &Context) -> Result<String> {
    let hashes: Result<String> = INPUTS
        .iter()
        .map(|name| {
            let bytes = fs::read(context.root.join(name)).with_context(|| missing(name))?;
            Ok(setup::sha256_of(&bytes))
        })
        .collect();
    Ok(setup::sha256_of(hashes?.as_bytes()))
}

fn missing(name: &str) -> String {
    let remedy = if name == DAGRE { "`cargo xtask setup` gets it" } else { "check it out again" };
    format!("the layouts of the page's tab “Diagram” cannot be made, because {name} is missing: {remedy}")
}

/// Whether the file is whole and was made of what the stamp stands for.
fn is_of(text: &str, stamp: &str) -> bool {
    #[derive(serde::Deserialize)]
    struct Layouts {
        stamp: String,
        layouts: serde_json::Map<String, serde_json::Value>,
    }
    serde_json::from_str::<Layouts>(text).is_ok_and(|found| found.stamp == stamp && !found.layouts.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_current_when_it_is_whole_and_of_the_same_inputs() {
        let whole = r#"{"stamp":"ab12","layouts":{"convolution in":{}}}"#;
        assert!(is_of(whole, "ab12"));
        assert!(!is_of(whole, "ab13"), "of other inputs");
        assert!(!is_of(&whole[..whole.len() - 4], "ab12"), "cut off");
        assert!(!is_of(r#"{"stamp":"ab12","layouts":{}}"#, "ab12"), "without any layout");
    }

    #[test]
    fn what_is_missing_is_named_with_its_remedy() {
        let context =
            Context { root: std::env::temp_dir().join("no-convscope"), target: std::env::temp_dir(), toolchain: None };
        let error = ensure(&context).expect_err("nothing is there");
        assert!(error.to_string().contains("pkg/convscope.js is missing"), "{error}");
        assert!(missing(DAGRE).ends_with("`cargo xtask setup` gets it"));
    }
}
