//! `cargo xtask dist`: the page as a folder for any static host.
//!
//! | part | what of it |
//! |---|---|
//! | `index.html` | as it is; with `--weights ADDRESS` it names the address, and its policy allows that one |
//! | `www/` | what browsers load: no types, no settings of tools, no full-size sample photos |
//! | `pkg/` | the npm package as it is installed, which is what the page loads, with its texts and types |
//! | weights | the files that the list of weights names, unless they are left out or lie elsewhere |
//! | `sw.js`, `www/shell.js` | the service worker, and the list of the folder's files with their hashes, for use without a network |
//! | beside the files | copies compressed by gzip and Brotli, for hosts that can send them |
//! | `LICENSES.txt` | the texts of the licences of the crates in the WebAssembly |
//! | `_headers`, `HOSTING.md` | what a host should send, and what holds where it does not |

mod files;
mod hosting;
mod markup;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use convscope_manifest::Manifest;

use crate::build::compress;
use crate::context::Context;
use crate::report::{Problems, megabytes, plural, step};
use crate::shell;
use crate::weights::{self, Choice, Patience};
use crate::{build, digits, licences, setup};
pub(crate) use markup::Weights;

/// What `cargo xtask dist` is told.
#[derive(Args)]
pub(crate) struct Options {
    /// The folder to make, from the repository's root; an earlier one is replaced
    #[arg(long, value_name = "FOLDER", default_value = "dist")]
    out: PathBuf,
    /// Where weights are: `here`, in the folder; `none`, left out; or the address of a folder on another host
    #[arg(long, value_name = "here|none|ADDRESS", default_value = "here")]
    weights: Weights,
    /// Take what has been built before, without set-up, build and weights
    #[arg(long)]
    no_build: bool,
}

#[cfg(test)]
impl Options {
    /// The folder to make.
    pub(crate) fn out(&self) -> &Path {
        &self.out
    }
}

/// The texts of the licences of what is in the WebAssembly.
const LICENCES: &str = "LICENSES.txt";

/// The list of weights, from the folder's root.
const MANIFEST: &str = "www/weights/manifest.json";

/// Makes the folder.
pub(crate) fn run(context: &mut Context, options: &Options) -> Result<()> {
    if !options.no_build {
        prepare(context, options.weights == Weights::Here)?;
    }
    let folder = context.root.join(&options.out);
    make(&context.root, &folder, &options.weights)?;
    fs::write(folder.join(LICENCES), licences::texts(context)?)?;
    for (part, bytes) in files::sizes(&folder)? {
        step(&part, megabytes(bytes));
    }
    step("folder", format_args!("{}; HOSTING.md in it says how to serve it", folder.display()));
    Ok(())
}

/// Builds all that the folder holds.
fn prepare(context: &mut Context, with_weights: bool) -> Result<()> {
    setup::wasm_tools(context, setup::ToolchainChoice::Auto)
        .extended_by(setup::samples(context))
        .into_result("set-up")?;
    build::all(context, None, true)?;
    let problems =
        if with_weights { weights::alone(context, &Choice::Small, Patience::Full)? } else { Problems::default() };
    // The page goes on without what could not be fetched, and so does the folder; what is missing has been said.
    drop(problems.extended_by(digits::run(context)).extended_by(setup::validation(context)));
    Ok(())
}

/// Makes the folder of what lies in the repository `root`.
pub(crate) fn make(root: &Path, folder: &Path, weights: &Weights) -> Result<()> {
    ensure!(root.join("pkg/convscope.js").is_file(), "pkg holds no build of the page; run `cargo xtask build`");
    if folder.exists() {
        ensure!(
            folder.join(hosting::GUIDE).is_file(),
            "{} is not a folder that this command made; remove it, or name another one with --out",
            folder.display()
        );
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    // First the text that tells the folder from others: a run that is interrupted can be repeated.
    let index = fs::read_to_string(root.join("index.html")).context("index.html cannot be read")?;
    let index = markup::index(&index, weights)?;
    fs::write(folder.join(hosting::GUIDE), hosting::guide(weights))?;
    fs::write(folder.join(hosting::HEADERS), hosting::headers(markup::policy(&index)?))?;
    fs::write(folder.join("index.html"), index)?;
    files::copy_www(root, folder)?;
    files::copy_package(&root.join("pkg"), &folder.join("pkg"))?;
    copy_weights(root, folder, weights)?;
    files::copy(&root.join("sw.js"), &folder.join("sw.js"))?;
    // It lists the files that the folder holds now; compressed copies are no files of their own.
    shell::write(folder)?;
    let missing = files::uncompressed(folder)?;
    compress::files(&missing)?;
    step("copies", format_args!("{} compressed by gzip and Brotli", plural(missing.len(), "file")));
    Ok(())
}

/// Copies the list of weights, and the files that it names.
fn copy_weights(root: &Path, folder: &Path, weights: &Weights) -> Result<()> {
    let list = root.join(MANIFEST);
    let text =
        fs::read(&list).with_context(|| format!("{} cannot be read; run `cargo xtask weights`", list.display()))?;
    let mut manifest: Manifest = serde_json::from_slice(&text).with_context(|| format!("{}", list.display()))?;
    if *weights == Weights::None {
        manifest.networks.clear();
    }
    let target = folder.join(MANIFEST);
    files::make_room(&target)?;
    fs::write(&target, serde_json::to_string_pretty(&manifest)? + "\n")?;
    if *weights != Weights::Here {
        return Ok(());
    }
    for shard in manifest.networks.iter().flat_map(|network| &network.shards) {
        let name = Path::new("www/weights").join(&shard.file);
        files::copy(&root.join(&name), &folder.join(&name))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A repository of a few files, and what the command makes of it.
    fn made(name: &str, weights: &Weights) -> (PathBuf, PathBuf) {
        let root = std::env::temp_dir().join(format!("xtask-dist-{name}-{}", std::process::id()));
        let policy = "default-src 'none'; connect-src 'self'; img-src 'self'";
        let index = format!(
            "<head>\n  <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n  <title>x</title>\n</head>{}",
            "<p>words</p>".repeat(50)
        );
        let manifest = r#"{ "version": 1, "networks": [{ "id": "a", "graph": "0", "converter": 2, "variant": "q8", "bytes": 3,
            "shards": [{ "file": "a/1.safetensors", "bytes": 3, "sha256": "00" }],
            "source": { "from": "here", "hash": "" }, "measured": { "pictures": 48, "lowest_cosine": 0.9, "top1": 1.0, "top5": 1.0 } }] }"#;
        for (file, text) in [
            ("index.html", index.as_str()),
            ("sw.js", "self.importScripts(\"www/shell.js\");"),
            ("www/main.js", "export const one = 1;"),
            ("www/tsconfig.json", "{}"),
            ("www/pure/manifest.d.ts", "export type A = 1;"),
            ("www/samples/coffee.png", "a large photo"),
            ("www/samples/page/coffee.jpg", "a photo"),
            ("www/weights/manifest.json", manifest),
            ("www/weights/a/1.safetensors", "abc"),
            ("www/weights/a/manifest.json", "{}"),
            ("www/weights/b/1.safetensors", "of an earlier set-up"),
            ("pkg/convscope.js", "export {};"),
            ("pkg/convscope.js.br", "compressed when it was built"),
            ("pkg/convscope.js.gz", "compressed when it was built"),
            ("pkg/convscope.d.ts", "export {};"),
            ("pkg/.engine.lock", ""),
            ("pkg/package.json", r#"{ "files": ["convscope.js", "convscope.d.ts"] }"#),
            ("pkg/left.over", "from an earlier build"),
        ] {
            files::make_room(&root.join(file)).expect("a folder");
            fs::write(root.join(file), text).expect("a file");
        }
        let folder = root.join("dist");
        make(&root, &folder, weights).expect("a folder to serve");
        (root, folder)
    }

    #[test]
    fn it_holds_what_browsers_load_and_nothing_else() {
        let (root, folder) = made("here", &Weights::Here);
        let mut found = files::all(&folder).expect("files");
        found.sort();
        let found: Vec<String> = found.iter().map(|file| file.display().to_string()).collect();
        let compressed = |name: &str| [name.to_owned(), format!("{name}.br"), format!("{name}.gz")];
        let mut wanted: Vec<String> =
            ["HOSTING.md", "_headers", "pkg/convscope.d.ts", "pkg/package.json", "www/main.js"]
                .map(str::to_owned)
                .into();
        wanted.push("sw.js".to_owned());
        wanted.extend(compressed("www/shell.js"));
        wanted.extend(compressed("index.html"));
        wanted.extend(compressed("pkg/convscope.js"));
        wanted.extend(
            ["www/samples/page/coffee.jpg", "www/weights/a/1.safetensors", "www/weights/manifest.json"]
                .map(str::to_owned),
        );
        wanted.sort();
        assert_eq!(found, wanted);
        let copy = fs::read_to_string(folder.join("pkg/convscope.js.br")).expect("a copy");
        assert_eq!(copy, "compressed when it was built");
        fs::remove_dir_all(&root).expect("the folder");
    }

    #[test]
    fn weights_are_left_out_or_named_at_another_address() {
        let (root, folder) = made("none", &Weights::None);
        let list = fs::read_to_string(folder.join(MANIFEST)).expect("a list");
        assert_eq!(serde_json::from_str::<Manifest>(&list).expect("a manifest").networks.len(), 0);
        assert!(!folder.join("www/weights/a").exists());

        make(&root, &folder, &"https://weights.example/a".parse().expect("an address")).expect("made again");
        let list = fs::read_to_string(folder.join(MANIFEST)).expect("a list");
        assert_eq!(serde_json::from_str::<Manifest>(&list).expect("a manifest").networks.len(), 1);
        assert!(!folder.join("www/weights/a").exists());
        let index = fs::read_to_string(folder.join("index.html")).expect("a page");
        assert!(index.contains(r#"<meta name="convscope-weights" content="https://weights.example/a/">"#), "{index}");
        assert!(index.contains("connect-src 'self' https://weights.example; img-src"), "{index}");
        let headers = fs::read_to_string(folder.join("_headers")).expect("headers");
        assert!(headers.contains("connect-src 'self' https://weights.example; img-src"), "{headers}");
        fs::remove_dir_all(&root).expect("the folder");
    }

    #[test]
    fn a_folder_of_somebody_elses_is_not_replaced() {
        let (root, _) = made("others", &Weights::None);
        let error = make(&root, &root.join("www"), &Weights::None).expect_err("www has been replaced");
        assert!(error.to_string().contains("is not a folder that this command made"), "{error}");
        assert!(root.join("www/main.js").is_file());
        fs::remove_dir_all(&root).expect("the folder");
    }
}
