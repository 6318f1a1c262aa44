//! The page's libraries: copied from `node_modules` to where the page is served from, with their licences.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::context::Context;

/// The npm package and its file that runs in a browser as it is. Charts by the second one, which wants the first.
const LIBRARIES: [(&str, &str); 2] = [("d3", "dist/d3.min.js"), ("@observablehq/plot", "dist/plot.umd.min.js")];

/// The npm packages of which the page has a copy.
pub(crate) const VENDORED: [&str; 2] = [LIBRARIES[0].0, LIBRARIES[1].0];

/// Licences of all that went into the files.
const LICENCES: &str = "LICENSES.txt";

/// Makes www/vendor equal to what `node_modules` holds.
pub(super) fn ensure(context: &Context) -> Result<()> {
    let modules = context.root.join("node_modules");
    let vendor = context.root.join("www/vendor");
    fs::create_dir_all(&vendor)?;
    let mut packages = BTreeMap::new();
    for (package, file) in LIBRARIES {
        let source = modules.join(package).join(file);
        let bytes = fs::read(&source)
            .with_context(|| format!("{} is missing; remove node_modules and try again", source.display()))?;
        let name = source.file_name().context("a library's path names no file")?;
        write_changed(&vendor.join(name), &bytes)?;
        collect(&modules, package, &mut packages)?;
    }
    let mut text = String::new();
    for (package, (version, licence)) in &packages {
        writeln!(text, "== {package} {version}\n\n{}\n", licence.trim())?;
    }
    write_changed(&vendor.join(LICENCES), text.as_bytes())
}

/// A file that is as it should be keeps its time.
fn write_changed(file: &Path, bytes: &[u8]) -> Result<()> {
    if fs::read(file).is_ok_and(|found| found == bytes) {
        return Ok(());
    }
    fs::write(file, bytes).with_context(|| format!("{} cannot be written", file.display()))
}

/// The package and all it is made of: name → version and licence.
fn collect(modules: &Path, package: &str, found: &mut BTreeMap<String, (String, String)>) -> Result<()> {
    #[derive(serde::Deserialize)]
    struct Manifest {
        version: String,
        #[serde(default)]
        license: String,
        #[serde(default)]
        dependencies: BTreeMap<String, String>,
    }
    if found.contains_key(package) {
        return Ok(());
    }
    let folder = modules.join(package);
    let json = fs::read_to_string(folder.join("package.json"))
        .with_context(|| format!("the npm package {package} is missing; remove node_modules and try again"))?;
    let manifest: Manifest = serde_json::from_str(&json).with_context(|| format!("{package}'s package.json"))?;
    found.insert(package.to_owned(), (manifest.version, licence(&folder, manifest.license)?));
    for dependency in manifest.dependencies.keys() {
        collect(modules, dependency, found)?;
    }
    Ok(())
}

/// The licence's text, or its name where the package has no text.
fn licence(folder: &Path, name: String) -> Result<String> {
    let mut files: Vec<_> = fs::read_dir(folder)?.collect::<std::io::Result<Vec<_>>>()?;
    files.sort_by_key(fs::DirEntry::file_name);
    let text = files.iter().find(|entry| {
        let name = entry.file_name().to_string_lossy().to_lowercase();
        ["license", "licence", "copying"].iter().any(|start| name.starts_with(start)) && entry.path().is_file()
    });
    Ok(match text {
        Some(entry) => fs::read_to_string(entry.path())?,
        None => name,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn licences_of_a_package_and_of_what_it_is_made_of() {
        let modules = std::env::temp_dir().join(format!("convscope-vendor-{}", std::process::id()));
        for (package, manifest, licence) in [
            ("@a/one", r#"{"version":"1.0.0","license":"ISC","dependencies":{"two":"^2"}}"#, Some("Of One")),
            ("two", r#"{"version":"2.1.0","license":"MIT","dependencies":{"@a/one":"*"}}"#, None),
        ] {
            let folder = modules.join(package);
            fs::create_dir_all(&folder).expect("a folder");
            fs::write(folder.join("package.json"), manifest).expect("a manifest");
            if let Some(text) = licence {
                fs::write(folder.join("LICENSE.md"), text).expect("a licence");
            }
        }
        let mut found = BTreeMap::new();
        collect(&modules, "@a/one", &mut found).expect("both packages");
        fs::remove_dir_all(&modules).expect("the folder");
        let of = |version: &str, licence: &str| (version.to_owned(), licence.to_owned());
        assert_eq!(found.into_values().collect::<Vec<_>>(), [of("1.0.0", "Of One"), of("2.1.0", "MIT")]);
    }
}
