//! The list of the page's files for its service worker (`sw.js`): `www/shell.js`.
//!
//! | part | files | the worker |
//! |---|---|---|
//! | `shell` | what the page needs to open and to classify | keeps them all before it says that the page works offline |
//! | `later` | the other views, the readers, burn, libraries, photos, digits | keeps each after its first use |
//!
//! Weights stand in neither: the page keeps them by itself (`www/download.js`). Each file has its SHA-256, and the list's own hash
//! is the version, so that a page is only ever made of files of one version. [`serve`](crate::serve) gives a list without
//! hashes: the worker then asks the server first, and uses what it kept where the server does not answer.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Serialize;

use crate::setup;

/// Where the list lies, from the repository's root.
pub(crate) const FILE: &str = "www/shell.js";

const INDEX: &str = "index.html";

/// Folders that hold none of the page's own files.
const NOT_LISTED: [&str; 1] = ["www/weights/"];

/// Folders all of whose files the first view needs, or one of its workers.
const SHELL: [&str; 5] = ["www/app/", "www/pure/", "www/views/", "www/single/", "pkg/snippets/"];

/// Endings of files that no page loads: compressed copies beside the files, and declarations for TypeScript.
const NOT_LOADED: [&str; 5] = [".br", ".gz", ".d.ts", "tsconfig.json", ".schema.json"];

/// What the list is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Serving {
    /// A folder that stays as it is until it is replaced: each file has its hash.
    Deployed,
    /// Development: files change at any time, so that none has a hash.
    Live,
}

/// As `sw.js` reads it.
#[derive(Serialize)]
struct Shell {
    version: String,
    live: bool,
    shell: BTreeMap<String, String>,
    later: BTreeMap<String, String>,
}

/// Writes the list of the files that lie below `root` now.
pub(crate) fn write(root: &Path) -> Result<()> {
    let text = list(root, Serving::Deployed)?;
    fs::write(root.join(FILE), text).with_context(|| format!("{FILE} cannot be written"))
}

/// The list as a script.
pub(crate) fn list(root: &Path, serving: Serving) -> Result<String> {
    let index = fs::read_to_string(root.join(INDEX)).with_context(|| format!("{INDEX} cannot be read"))?;
    let mut names = vec![INDEX.to_owned()];
    for folder in ["www", "pkg"] {
        collect(root, folder, &mut names)?;
    }
    let (mut shell, mut later) = (BTreeMap::new(), BTreeMap::new());
    for name in names {
        let hash = match serving {
            Serving::Live => String::new(),
            Serving::Deployed => {
                let bytes = fs::read(root.join(&name)).with_context(|| format!("{name} cannot be read"))?;
                setup::sha256_of(&bytes)
            }
        };
        let part = if is_shell(&name, &index) { &mut shell } else { &mut later };
        part.insert(name, hash);
    }
    let version = match serving {
        Serving::Live => "live".to_owned(),
        Serving::Deployed => setup::sha256_of(serde_json::to_string(&(&shell, &later))?.as_bytes()),
    };
    let live = serving == Serving::Live;
    Ok(format!("self.SHELL = {};\n", serde_json::to_string_pretty(&Shell { version, live, shell, later })?))
}

/// The files of a folder that a page may load, by their names from the root.
fn collect(root: &Path, folder: &str, names: &mut Vec<String>) -> Result<()> {
    let path = root.join(folder);
    for entry in fs::read_dir(&path).with_context(|| format!("{folder} cannot be read"))? {
        let entry = entry?;
        let Ok(file) = entry.file_name().into_string() else { continue };
        let name = format!("{folder}/{file}");
        if entry.file_type()?.is_dir() {
            if !file.starts_with('.') && !NOT_LISTED.contains(&format!("{name}/").as_str()) {
                collect(root, &name, names)?;
            }
        } else if is_loaded(&file, &name) {
            names.push(name);
        }
    }
    Ok(())
}

fn is_loaded(file: &str, name: &str) -> bool {
    // The digits are files of their own, which happen to be compressed.
    let is_copy = !name.starts_with("www/data/") && NOT_LOADED.iter().any(|ending| file.ends_with(ending));
    !file.starts_with('.') && !is_copy && name != FILE
}

/// Whether the page needs the file to open and to classify. Which binary of the engine it needs, the browser decides: that one is
/// kept after its first use.
fn is_shell(name: &str, index: &str) -> bool {
    let is_in = |folder: &str| name.strip_prefix(folder).is_some_and(|rest| !rest.contains('/'));
    let is_code = name.ends_with(".js") || name.ends_with(".json") || name.ends_with(".css");
    name == INDEX
        || is_code && (is_in("www/") || is_in("pkg/"))
        || SHELL.iter().any(|folder| name.starts_with(folder))
        || name.ends_with(".thumbnail.jpg")
        || index.contains(&format!("=\"{name}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page of a few files, in a folder of its own.
    fn page(test: &str) -> std::path::PathBuf {
        let root = std::env::temp_dir().join(format!("xtask-shell-{test}-{}", std::process::id()));
        for (name, text) in [
            ("index.html", r#"<link rel="modulepreload" href="www/lab/row.js">"#),
            ("www/main.js", "main"),
            ("www/main.js.br", "compressed"),
            ("www/shell.js", "an earlier list"),
            ("www/tsconfig.json", "{}"),
            ("www/pure/manifest.d.ts", "types"),
            ("www/pure/text.js", "text"),
            ("www/lab/row.js", "row"),
            ("www/lab/view.js", "view"),
            ("www/data/mnist.safetensors.gz", "digits"),
            ("www/weights/lenet5/weights.safetensors", "weights"),
            ("pkg/.inputs.sha256", "stamp"),
            ("pkg/.engine/convscope.js", "half a build"),
            ("pkg/convscope.js", "engine"),
            ("pkg/convscope_bg.wasm", "binary"),
            ("pkg/burn/binary.js", "burn"),
        ] {
            let file = root.join(name);
            fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
            fs::write(file, text).expect("a file");
        }
        root
    }

    fn parsed(text: &str) -> serde_json::Value {
        let json = text.strip_prefix("self.SHELL = ").and_then(|rest| rest.trim_end().strip_suffix(';'));
        serde_json::from_str(json.expect("one assignment")).expect("JSON")
    }

    fn names(list: &serde_json::Value, part: &str) -> Vec<String> {
        list[part].as_object().expect("files").keys().cloned().collect()
    }

    #[test]
    fn each_file_that_a_page_loads_is_listed_once_with_its_hash() {
        let root = page("files");
        let list = parsed(&list(&root, Serving::Deployed).expect("a list"));
        let shell = ["index.html", "pkg/convscope.js", "www/lab/row.js", "www/main.js", "www/pure/text.js"];
        assert_eq!(names(&list, "shell"), shell);
        let later = ["pkg/burn/binary.js", "pkg/convscope_bg.wasm", "www/data/mnist.safetensors.gz", "www/lab/view.js"];
        assert_eq!(names(&list, "later"), later);
        assert_eq!(list["shell"]["www/main.js"], setup::sha256_of(b"main"));
        assert_eq!(list["live"], false);
        fs::remove_dir_all(&root).expect("the folder");
    }

    #[test]
    fn the_version_is_that_of_the_files_and_a_live_list_has_none() {
        let root = page("version");
        let version = || parsed(&list(&root, Serving::Deployed).expect("a list"))["version"].clone();
        let live = || list(&root, Serving::Live).expect("a list");
        let (first, first_live) = (version(), live());
        fs::write(root.join(FILE), "another list").expect("a file");
        assert_eq!(version(), first, "the list is not part of itself");
        fs::write(root.join("www/lab/view.js"), "changed").expect("a file");
        assert_ne!(version(), first);
        assert_eq!(live(), first_live, "the worker of a page in development stays");
        assert_eq!(parsed(&first_live)["live"], true);
        fs::write(root.join("www/lab/new.js"), "new").expect("a file");
        assert_ne!(live(), first_live);
        fs::remove_dir_all(&root).expect("the folder");
    }
}
