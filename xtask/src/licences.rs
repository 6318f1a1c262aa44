//! The licences of what others have written and the page is made of: the crates in the three builds of the WebAssembly, as cargo
//! resolves them for exactly these builds, and the npm packages that the page has a copy of.
//!
//! `cargo xtask documents` writes the list into NOTICES.md. A test fails where the list is not what the builds hold, or where a licence
//! is not among [`ALLOWED`].

mod expression;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};

use crate::build::Build;
use crate::context::Context;
use crate::process;
use crate::setup::VENDORED;

/// The licences that code may have which the page is made of. All allow to pass it on in any form; MPL-2.0 asks for the sources of
/// the crates under it alone, which are public and unchanged. `deny.toml` has the same list, and a test compares the two.
pub(crate) const ALLOWED: [&str; 14] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Between these lines of NOTICES.md stands the list.
const START: &str = "<!-- third parties: cargo xtask documents -->";
const END: &str = "<!-- /third parties -->";

/// Something of others': a crate or an npm package.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Package {
    name: String,
    version: String,
    /// An SPDX expression.
    licence: String,
}

/// Writes the list into NOTICES.md.
pub(crate) fn write(context: &Context) -> Result<()> {
    let file = context.root.join("NOTICES.md");
    let text = fs::read_to_string(&file)?;
    fs::write(&file, placed(&text, &listed(context)?)?)?;
    Ok(())
}

/// The licences' texts, each once, with the crates and packages that have it: for a folder that is passed on.
pub(crate) fn texts(context: &Context) -> Result<String> {
    let mut by_text: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in crates(context)? {
        let text =
            text_of(&source(&package)?)?.unwrap_or_else(|| format!("{} (the crate brings no text)", package.licence));
        by_text.entry(text).or_default().insert(format!("{} {}", package.name, package.version));
    }
    let mut out = String::from(
        "Licences of the crates that are in pkg/*.wasm. Those of the charts are in www/vendor/LICENSES.txt.\n",
    );
    for (text, names) in by_text {
        write!(out, "\n== {}\n\n{}\n", names.into_iter().collect::<Vec<_>>().join(", "), text.trim())?;
    }
    Ok(out)
}

/// The text with the list at its place.
fn placed(text: &str, list: &str) -> Result<String> {
    let (before, rest) = text.split_once(START).with_context(|| format!("NOTICES.md has no line `{START}`"))?;
    let (_, after) = rest.split_once(END).with_context(|| format!("NOTICES.md has no line `{END}`"))?;
    Ok(format!("{before}{START}\n{list}{END}{after}"))
}

/// The list: a row for each licence, with the crates and packages under it.
fn listed(context: &Context) -> Result<String> {
    let mut out = String::new();
    for (what, packages) in
        [("Crates in the WebAssembly", crates(context)?), ("npm packages in `www/vendor`", vendored(&context.root)?)]
    {
        let mut by_licence: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for Package { name, version, licence } in &packages {
            ensure!(
                expression::is_allowed(licence, &ALLOWED)?,
                "{name} {version} has the licence {licence}, which is not allowed"
            );
            by_licence.entry(licence).or_default().push(format!("{name} {version}"));
        }
        writeln!(out, "\n{what}, by licence:\n")?;
        for (licence, names) in by_licence {
            writeln!(out, "- **{licence}**: {}", names.join(", "))?;
        }
    }
    out.push('\n');
    Ok(out)
}

/// The crates of others' in the builds.
fn crates(context: &Context) -> Result<BTreeSet<Package>> {
    let mut found = BTreeSet::new();
    for build in [Build::Engine, Build::Reader, Build::Burn] {
        let mut cargo = context.command("cargo");
        cargo.args(["tree", "--locked", "--package", "convscope", "--target", "wasm32-unknown-unknown"]);
        // Also those whose code is only run while another one is compiled, such as derive macros: what they write is in the builds.
        cargo.args(["--edges", "normal", "--prefix", "none", "--format", "{p}|{l}"]).args(build.features());
        for line in process::output(&mut cargo)?.lines().filter(|line| !line.trim().is_empty()) {
            let (package, licence) = line.split_once('|').with_context(|| format!("cargo tree printed `{line}`"))?;
            let mut words = package.split(' ');
            let (Some(name), Some(version)) = (words.next(), words.next()) else {
                bail!("cargo tree printed `{line}`")
            };
            if name == "convscope" || name == "convscope-manifest" {
                continue;
            }
            let licence = expression::tidied(licence.trim_end_matches("(*)"));
            found.insert(Package {
                name: name.to_owned(),
                version: version.trim_start_matches('v').to_owned(),
                licence,
            });
        }
    }
    Ok(found)
}

/// The npm packages in `www/vendor`, with all that they are made of.
fn vendored(root: &Path) -> Result<BTreeSet<Package>> {
    #[derive(serde::Deserialize)]
    struct Manifest {
        version: String,
        license: String,
        #[serde(default)]
        dependencies: BTreeMap<String, String>,
    }
    let mut found = BTreeSet::new();
    let mut names: Vec<String> = VENDORED.map(str::to_owned).into();
    let mut seen = BTreeSet::new();
    while let Some(name) = names.pop() {
        if !seen.insert(name.clone()) {
            continue;
        }
        let file = root.join("node_modules").join(&name).join("package.json");
        let text = fs::read_to_string(&file)
            .with_context(|| format!("{} is missing; run `cargo xtask setup`", file.display()))?;
        let manifest: Manifest =
            serde_json::from_str(&text).with_context(|| format!("{} names no licence", file.display()))?;
        names.extend(manifest.dependencies.into_keys());
        found.insert(Package { name, version: manifest.version, licence: expression::tidied(&manifest.license) });
    }
    Ok(found)
}

/// Where cargo keeps a crate's source.
fn source(package: &Package) -> Result<PathBuf> {
    let sources = process::cargo_home().context("cargo's folder is not known")?.join("registry/src");
    let name = format!("{}-{}", package.name, package.version);
    let folders = fs::read_dir(&sources).with_context(|| format!("{} cannot be read", sources.display()))?;
    let mut found =
        folders.filter_map(Result::ok).map(|registry| registry.path().join(&name)).filter(|folder| folder.is_dir());
    found.next().with_context(|| format!("the source of {name} is not in {}", sources.display()))
}

/// The texts of a crate's licences, one after the other; `None` where it brings none.
fn text_of(folder: &Path) -> Result<Option<String>> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    files.retain(|file| {
        let name = file.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        file.is_file()
            && ["license", "licence", "copying", "unlicense", "notice"].iter().any(|start| name.starts_with(start))
    });
    files.sort();
    let texts: Vec<String> = files.iter().map(fs::read_to_string).collect::<std::io::Result<_>>()?;
    Ok((!texts.is_empty()).then(|| texts.join("\n\n")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here() -> Context {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        Context { target: root.join("target"), root, toolchain: None }
    }

    #[test]
    fn the_notices_list_what_the_builds_hold_and_every_licence_is_allowed() {
        let context = here();
        let notices = fs::read_to_string(context.root.join("NOTICES.md")).expect("NOTICES.md");
        let list = listed(&context).expect("a list of allowed licences");
        for known in ["wgpu ", "burn-flex ", "crc32fast ", "d3-array "] {
            assert!(list.contains(known), "{known} is missing");
        }
        let current = placed(&notices, &list).expect("marked places");
        assert!(notices == current, "NOTICES.md does not list what the builds hold: run `cargo xtask documents`");
    }

    #[test]
    fn cargo_deny_allows_the_same_licences() {
        let text = fs::read_to_string(here().root.join("deny.toml")).expect("deny.toml");
        let deny: toml::Table = toml::from_str(&text).expect("TOML");
        let allowed = deny["licenses"]["allow"].as_array().expect("a list");
        assert_eq!(allowed.iter().filter_map(toml::Value::as_str).collect::<Vec<_>>(), ALLOWED);
    }
}
