//! The npm package around what wasm-bindgen makes: `package.json`, and the texts that go with it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Serialize;

/// What other projects import or fetch by the package's name, and whether it has types beside it. Each has the name of its file, so
/// that the same words find it with a bundler and, through an import map, without one.
const ENTRIES: [(&str, bool); 12] = [
    ("convscope.js", true),
    ("binary.js", true),
    ("convscope_bg.wasm", false),
    ("convscope_relaxed_bg.wasm", false),
    ("convscope_single_bg.wasm", false),
    ("thread.js", false),
    ("burn/convscope.js", true),
    ("burn/binary.js", true),
    ("burn/convscope_bg.wasm", false),
    ("reader/convscope.js", true),
    ("reader/binary.js", true),
    ("reader/convscope_bg.wasm", false),
];

/// What the entries import, with its types.
const IMPORTED: [&str; 6] =
    ["arguments.js", "burn/arguments.js", "memory.js", "memory.d.ts", "snippets", "burn/snippets"];

/// The texts that go with the package, and where they are in the repository.
const TEXTS: [(&str, &str); 4] = [
    ("README.md", "src/web/README.md"),
    ("LICENSE-APACHE", "LICENSE-APACHE"),
    ("LICENSE-MIT", "LICENSE-MIT"),
    ("NOTICES.md", "NOTICES.md"),
];

/// The fields of `package.json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Fields<'a> {
    name: &'a str,
    version: &'a str,
    description: &'a str,
    keywords: Vec<&'a str>,
    license: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    homepage: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repository: Option<Repository>,
    r#type: &'a str,
    engines: BTreeMap<&'a str, &'a str>,
    /// For tools that do not know `exports`.
    main: &'a str,
    types: &'a str,
    exports: BTreeMap<String, Exported>,
    /// What is more than its exports: a thread's script, which begins to listen.
    side_effects: [&'a str; 1],
    files: Vec<String>,
}

#[derive(Serialize)]
struct Repository {
    r#type: &'static str,
    url: String,
}

/// A file, or a module with its types, which have to stand first.
#[derive(Serialize)]
#[serde(untagged)]
enum Exported {
    File(String),
    Module { types: String, default: String },
}

/// The declarations of an entry.
fn types_of(entry: &str) -> String {
    entry.replace(".js", ".d.ts")
}

fn exported(&(entry, typed): &(&str, bool)) -> Exported {
    let default = format!("./{entry}");
    if typed { Exported::Module { types: types_of(&default), default } } else { Exported::File(default) }
}

/// Writes `package.json`.
pub(super) fn write(root: &Path, folder: &Path) -> Result<()> {
    let manifest: toml::Table = toml::from_str(&fs::read_to_string(root.join("Cargo.toml"))?)?;
    let value = |path: &[&str]| path[1..].iter().try_fold(manifest.get(path[0])?, |value, key| value.get(key));
    let text = |path: &[&str]| value(path).and_then(toml::Value::as_str);
    let named = |path: &[&str]| text(path).with_context(|| format!("Cargo.toml names no {}", path.join(".")));
    let keywords =
        value(&["package", "keywords"]).and_then(toml::Value::as_array).context("Cargo.toml has no keywords")?;
    let mut exports: BTreeMap<String, Exported> =
        ENTRIES.iter().map(|entry| (format!("./{}", entry.0), exported(entry))).collect();
    exports.insert(".".to_owned(), exported(&ENTRIES[0]));
    exports.insert("./package.json".to_owned(), Exported::File("./package.json".to_owned()));
    let typed = ENTRIES.iter().filter(|entry| entry.1).map(|entry| types_of(entry.0));
    let others = ENTRIES.iter().map(|entry| entry.0).chain(IMPORTED).chain(TEXTS.map(|(name, _)| name));
    let fields = Fields {
        name: named(&["package", "name"])?,
        version: named(&["workspace", "package", "version"])?,
        description: named(&["package", "description"])?,
        keywords: keywords.iter().filter_map(toml::Value::as_str).collect(),
        license: named(&["workspace", "package", "license"])?,
        homepage: text(&["workspace", "package", "homepage"]),
        repository: text(&["workspace", "package", "repository"])
            .map(|address| Repository { r#type: "git", url: format!("git+{address}.git") }),
        r#type: "module",
        engines: BTreeMap::from([("node", ">=20")]),
        main: "convscope.js",
        types: "convscope.d.ts",
        exports,
        side_effects: ["./thread.js"],
        files: others.map(str::to_owned).chain(typed).collect(),
    };
    fs::write(folder.join("package.json"), serde_json::to_string_pretty(&fields)? + "\n")?;
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
    use serde_json::{Value, from_str};

    use super::*;

    /// The package.json of a repository, as it is written.
    fn written(name: &str, root: &Path) -> (Value, String) {
        let folder = std::env::temp_dir().join(format!("xtask-package-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        write(root, &folder).expect("a package.json");
        texts(root, &folder).expect("the texts");
        for (name, source) in TEXTS {
            assert_eq!(fs::read(folder.join(name)).expect(name), fs::read(root.join(source)).expect(source));
        }
        let text = fs::read_to_string(folder.join("package.json")).expect("a file");
        fs::remove_dir_all(&folder).expect("the folder");
        (from_str(&text).expect("JSON"), text)
    }

    #[test]
    fn the_package_names_its_files_and_brings_its_texts() {
        let (json, text) = written("files", &Path::new(env!("CARGO_MANIFEST_DIR")).join(".."));
        let listed: Vec<&str> = json["files"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
        for (name, _) in TEXTS {
            assert!(listed.contains(&name), "{name} is not among {listed:?}");
        }
        let exports = json["exports"].as_object().expect("exports");
        assert_eq!(exports["."], exports["./convscope.js"]);
        assert_eq!(exports["./burn/binary.js"]["types"], "./burn/binary.d.ts");
        assert_eq!(exports["./convscope_single_bg.wasm"], "./convscope_single_bg.wasm");
        // Every file that is exported is in the package.
        let files = exports
            .values()
            .flat_map(|value| value.as_object().map_or(vec![value], |object| object.values().collect()));
        for file in files.filter_map(Value::as_str).filter(|file| *file != "./package.json") {
            assert!(listed.contains(&file.trim_start_matches("./")), "{file} is not among {listed:?}");
        }
        // The first condition that fits is taken.
        assert!(text.find("\"types\": \"./binary.d.ts\"") < text.find("\"default\": \"./binary.js\""), "{text}");
    }

    #[test]
    fn the_package_tells_where_its_repository_is_when_it_is_known() {
        let root = std::env::temp_dir().join(format!("xtask-repository-{}", std::process::id()));
        fs::create_dir_all(root.join("src/web")).expect("a folder");
        for (_, source) in TEXTS {
            fs::write(root.join(source), "text").expect("a text");
        }
        let cargo = |more: &str| {
            format!(
                "[workspace.package]\nversion = \"1.2.3\"\nlicense = \"MIT\"\n{more}\n[package]\nname = \"a\"\ndescription = \"b\"\nkeywords = [\"c\"]\n"
            )
        };
        fs::write(root.join("Cargo.toml"), cargo("")).expect("a manifest");
        let (json, _) = written("unknown", &root);
        assert_eq!((&json["version"], &json["keywords"][0]), (&Value::from("1.2.3"), &Value::from("c")));
        assert!(json.get("repository").is_none() && json.get("homepage").is_none(), "{json}");
        fs::write(root.join("Cargo.toml"), cargo("repository = \"https://host.example/a\"")).expect("a manifest");
        let (json, _) = written("known", &root);
        assert_eq!(json["repository"]["url"], "git+https://host.example/a.git");
        fs::remove_dir_all(&root).expect("the folder");
    }
}
