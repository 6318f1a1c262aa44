//! `cargo xtask build`: the crate as WebAssembly, three times: with this project's kernels alone in `pkg`, the readers of weight
//! files in `pkg/reader`, with burn in `pkg/burn`.
//!
//! | step | with |
//! |---|---|
//! | compile | cargo, profile `web`; the engine with atomics and a memory that threads share ([`threads`]) |
//! | bind ([`bindgen`]) | wasm-bindgen's own library, of the version in Cargo.lock |
//! | optimise | `wasm-opt` of the npm package binaryen, with named features |
//! | lower | [`plain_simd`]: the binary for browsers without relaxed SIMD, and the one for those without memory for threads |
//! | tell | Node.js: the networks' cards, for what the page shows before the engine has come |
//! | compress ([`compress`]) | gzip and Brotli, beside the files |
//! | lay out ([`layouts`]) | Node.js and dagre: the blocks of the page's diagram, after the engine |

mod bindgen;
pub(crate) mod compress;
mod package;
mod thread;
mod threads;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use clap::ValueEnum;

use crate::context::Context;
use crate::layouts;
use crate::plain_simd;
use crate::process;
use crate::progress::{Announced, Progress, Task};
use crate::report::megabytes;
use crate::setup;

/// Of the native programs with burn, and of the native tests: another set of features would compile burn once more.
pub(crate) const NATIVE_FEATURES: &str = "convert,train,native-gpu";

/// What decides over the built bytes, besides the tools.
const INPUTS: [&str; 8] = [
    "src",
    "Cargo.toml",
    "Cargo.lock",
    ".cargo/config.toml",
    "xtask/src/build.rs",
    "xtask/src/build",
    "xtask/src/plain_simd.rs",
    CARDS_SCRIPT,
];

/// Native code, and the package's README, which no WebAssembly holds.
const NATIVE: [&str; 6] = [
    "src/bin",
    "src/convert/report",
    "src/train/augment.rs",
    "src/train/fit.rs",
    "src/train/mnist.rs",
    "src/web/README.md",
];

/// What the reader's build alone holds.
const READERS: [&str; 4] = ["src/convert", "src/convert.rs", "src/web/reader.rs", "src/web/reader.d.ts"];

/// What decides over the reader's bytes besides [`INPUTS`]: the types of the manifest, and their declarations.
const READERS_INPUTS: [&str; 2] = ["manifest", "www/pure/manifest.d.ts"];

/// WebAssembly features that wasm-opt may use. All of them would be too many: it would then emit imports that
/// browsers refuse.
const FEATURES: [&str; 10] = [
    "--enable-simd",
    "--enable-relaxed-simd",
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
    "--enable-threads",
];

/// Speed of the CPU kernels first, which the compiler's own opt-level 3 has shaped; -Os would be a little smaller. What is
/// worth inlining the compiler has inlined: to inline every function with one caller would make the compressed file a tenth
/// larger, and take kernels out of functions where their values stay in registers.
const LEVEL: [&str; 2] = ["-O2", "--one-caller-inline-max-function-size=20"];

/// The binary for every browser: wasm-bindgen's own name, which its code asks for unless it is told another one.
const PLAIN: &str = "convscope_bg.wasm";

/// The binary for browsers with relaxed SIMD.
const RELAXED: &str = "convscope_relaxed_bg.wasm";

/// The binary for browsers that make no memory for threads.
const SINGLE: &str = "convscope_single_bg.wasm";

/// The networks' cards as the engine tells them.
const CARDS: &str = "cards.json";

/// Writes them.
const CARDS_SCRIPT: &str = "xtask/cards.mjs";

/// What only the WebAssembly with burn holds: the name of its CPU device (`src/web/device/burn.rs`).
const BURNS_WORDS: &[u8] = b"burn-flex, WebAssembly";

/// What only the reader's WebAssembly holds: the code of its errors (`src/web/reader.rs`).
const READERS_WORDS: &[u8] = b"bad-checkpoint";

/// The reader is loaded when somebody brings a file: it is made small, except for what goes through all of its bytes.
const READERS_PROFILE: [&str; 4] = [
    "profile.web.package.convscope.opt-level=\"z\"",
    "profile.web.package.sha1.opt-level=3",
    "profile.web.package.sha2.opt-level=3",
    "profile.web.package.crc32fast.opt-level=3",
];

/// One of the builds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Build {
    /// This project's kernels alone: what the page loads first.
    Engine,
    /// The readers of weight files: what the page loads when somebody brings one.
    Reader,
    /// burn's operations: what the page loads when somebody asks for burn.
    Burn,
}

impl Build {
    /// Where it goes, from the repository's root.
    pub(crate) fn folder(self) -> &'static str {
        match self {
            Self::Engine => "pkg",
            Self::Reader => "pkg/reader",
            Self::Burn => "pkg/burn",
        }
    }

    pub(crate) fn announced(self) -> Announced {
        match self {
            Self::Engine => ENGINE,
            Self::Reader => READER,
            Self::Burn => BURN,
        }
    }

    /// The features of the crate that it is compiled with.
    pub(crate) fn features(self) -> &'static [&'static str] {
        match self {
            Self::Engine => &["--no-default-features"],
            Self::Reader => &["--no-default-features", "--features", "reader"],
            Self::Burn => &[],
        }
    }

    /// Settings of cargo that only this build has.
    fn settings(self) -> &'static [&'static str] {
        match self {
            Self::Engine | Self::Burn => &[],
            Self::Reader => &READERS_PROFILE,
        }
    }

    /// A program of this build. The page is in use while all but the engine are built.
    fn command(self, context: &Context, program: &str) -> Command {
        match self {
            Self::Engine => context.command(program),
            Self::Reader | Self::Burn => context.patient_command(program),
        }
    }

    /// The binaries that are loaded. Only the kernels ask for relaxed SIMD.
    fn binaries(self) -> &'static [&'static str] {
        match self {
            Self::Engine => &[RELAXED, PLAIN, SINGLE],
            Self::Reader | Self::Burn => &[PLAIN],
        }
    }

    /// Whether its JavaScript comes with that of the devices (`src/web/gpu.js`).
    fn has_snippets(self) -> bool {
        self != Self::Reader
    }

    /// Whether a source file, by its name from the repository's root, decides over its bytes.
    fn holds(self, name: &Path) -> bool {
        let others = if self == Self::Reader { &[][..] } else { &READERS[..] };
        !NATIVE.iter().chain(others).any(|other| name.starts_with(other))
    }

    /// The files that the page loads.
    fn loaded(self) -> Vec<&'static str> {
        let cards: &[&str] = if self == Self::Engine { &[CARDS] } else { &[] };
        let threads: &[&str] = if self == Self::Engine { &["memory.js", "thread.js"] } else { &[] };
        let checks: &[&str] = if self == Self::Reader { &[] } else { &["arguments.js"] };
        [self.binaries(), &["convscope.js", "binary.js"], checks, cards, threads].concat()
    }

    /// What tells JavaScript which binary to load, as it stands in src/web.
    fn choice(self) -> &'static str {
        match self {
            Self::Engine => "binary",
            Self::Reader => "reader_binary",
            Self::Burn => "burn_binary",
        }
    }
}

/// The steps of the builds, in the words of the terminal and of the page.
pub(crate) const ENGINE: Announced =
    Announced { name: "engine", what: "compiling the engine to WebAssembly", about: 60 };
pub(crate) const CONVERTER: Announced =
    Announced { name: "converter", what: "compiling the converter of weights", about: 90 };
pub(crate) const READER: Announced =
    Announced { name: "reader", what: "compiling the readers of weight files to WebAssembly", about: 60 };
pub(crate) const BURN: Announced = Announced { name: "burn", what: "compiling burn to WebAssembly", about: 600 };

/// Makes all builds, or one of them.
pub(crate) fn all(context: &Context, only: Option<Build>, optimise: bool) -> Result<()> {
    let requested: Vec<Build> = [Build::Engine, Build::Reader, Build::Burn]
        .into_iter()
        .filter(|&build| only.is_none_or(|one| one == build))
        .collect();
    let steps: Vec<Announced> = requested.iter().map(|build| build.announced()).collect();
    let progress = Progress::new(&context.target, &steps);
    requested
        .into_iter()
        .try_for_each(|build| progress.run(build.announced().name, |task| run(context, build, optimise, task)))
}

/// Whether the build stands for the inputs as they are, and is what was made of them: `wasm-pack build` writes into the same
/// folder.
pub(crate) fn is_current(context: &Context, build: Build, optimise: bool) -> Result<bool> {
    Ok(stands(&context.root.join(build.folder()), build, &inputs(context, build, optimise)?))
}

fn stands(folder: &Path, build: Build, inputs: &str) -> bool {
    let made = outputs(folder, build).map(|outputs| format!("{inputs} {outputs}"));
    let whole = folder.join("snippets").is_dir() == build.has_snippets() && sizes(folder, build).is_ok();
    whole && made.is_ok_and(|made| fs::read_to_string(stamp(folder)).is_ok_and(|found| found == made))
}

/// A hash over the files that the page loads.
fn outputs(folder: &Path, build: Build) -> Result<String> {
    let hashes: Result<String> =
        build.loaded().iter().map(|name| Ok(setup::sha256_of(&fs::read(folder.join(name))?))).collect();
    Ok(setup::sha256_of(hashes?.as_bytes()))
}

/// Builds, unless the build stands for the inputs as they are, and what the page makes of the engine; says which sizes came of it.
pub(crate) fn run(context: &Context, build: Build, optimise: bool, task: &Task) -> Result<String> {
    let outcome = make(context, build, optimise, task)?;
    if build == Build::Engine {
        package::texts(&context.root, &context.root.join(build.folder()))?;
        task.say("laying out the blocks of the diagram");
        layouts::ensure(context)?;
    }
    Ok(outcome)
}

fn make(context: &Context, build: Build, optimise: bool, task: &Task) -> Result<String> {
    let folder = context.root.join(build.folder());
    // One command at a time for each build: two would write the same files. Who waited finds the build made. The others
    // are free meanwhile, so that a second `serve` need not wait for the first one's burn.
    fs::create_dir_all(context.root.join("pkg"))?;
    let lock = context.root.join("pkg").join(format!(".{}.lock", build.announced().name));
    let lock = fs::File::create(&lock).with_context(|| format!("{} cannot be written", lock.display()))?;
    lock.lock().context("the build's lock file cannot be locked")?;
    let shared = build == Build::Engine
        && match threads::source(context) {
            Ok(()) => true,
            Err(error) => {
                println!("    the engine is compiled with one thread: {error:#}");
                false
            }
        };
    let inputs = inputs(context, build, optimise)?;
    if stands(&folder, build, &inputs) {
        return Ok(format!("up to date ({})", sizes(&folder, build)?));
    }
    let wasm = compile(context, build, shared, task)?;

    task.say("binding it to JavaScript");
    // In a folder of its own: what is served is replaced at the end, by a whole build. On the file system of `pkg`, which
    // cargo's target folder need not share.
    let made = context.root.join("pkg").join(format!(".{}", build.announced().name));
    if made.exists() {
        fs::remove_dir_all(&made)?;
    }
    fs::create_dir_all(&made)?;
    bindgen::bind(wasm, &made)?;
    if shared {
        bindgen::share_memory(&made)?;
    }
    if build != Build::Reader {
        bindgen::check_arguments(&context.root.join("src/web/arguments.js"), &made)?;
    }
    let bound = made.join(PLAIN);
    if optimise {
        task.say("optimising it");
        wasm_opt(build.command(context, "node"), &bound)?;
    }
    task.say("writing the binary without relaxed SIMD");
    let relaxed = fs::read(&bound)?;
    let plain = plain_simd::lowered(&relaxed)?;
    if build == Build::Engine {
        fs::write(made.join(SINGLE), if shared { plain_simd::unshared(&plain)? } else { plain.clone() })?;
        fs::write(made.join(RELAXED), relaxed)?;
        for name in ["memory.js", "memory.d.ts"] {
            fs::copy(context.root.join("src/web").join(name), made.join(name))?;
        }
        fs::write(made.join("thread.js"), thread::whole(&context.root.join("src/web/thread.js"), &made)?)?;
    }
    fs::write(made.join(PLAIN), plain)?;
    choice(context, build, &made)?;
    if build == Build::Engine {
        package::write(&context.root, &made)?;
        cards(context, &made)?;
    }
    task.say("compressing it");
    compress::all(&made)?;
    // Half a build must not pass for a whole one.
    if stamp(&folder).exists() {
        fs::remove_file(stamp(&folder))?;
    }
    put(&made, &folder)?;
    fs::remove_dir_all(&made)?;
    fs::write(stamp(&folder), format!("{inputs} {}", outputs(&folder, build)?))?;
    Ok(format!("built ({})", sizes(&folder, build)?))
}

fn stamp(folder: &Path) -> PathBuf {
    folder.join(".inputs.sha256")
}

/// cargo's WebAssembly. All builds, and the tests', leave it under one name, so that its bytes are taken at once.
fn compile(context: &Context, build: Build, shared: bool, task: &Task) -> Result<Vec<u8>> {
    task.say("compiling");
    let web = ["--profile", "web", "--target", "wasm32-unknown-unknown"];
    // A library for the browser has one file name, whatever its features and whichever clone it is of. cargo takes the file that
    // another build left for this one's, so that this crate, and nothing else, is compiled anew.
    let target = if shared { threads::target(context) } else { context.target.clone() };
    let mut clean = context.command("cargo");
    task.run(clean.args(["clean", "--package", "convscope"]).args(web).arg("--target-dir").arg(&target))?;
    let mut command = build.command(context, "cargo");
    command.args(["build", "--lib"]).args(web).args(build.features());
    command.args(build.settings().iter().flat_map(|setting| ["--config", setting]));
    if shared {
        threads::set(context, &mut command);
    }
    task.run(&mut command)?;
    let wasm = fs::read(target.join("wasm32-unknown-unknown/web/convscope.wasm"))?;
    let has = |words: &[u8]| wasm.windows(words.len()).any(|found| found == words);
    ensure!(
        has(BURNS_WORDS) == (build == Build::Burn) && has(READERS_WORDS) == (build == Build::Reader),
        "another command compiled the crate with other features at this moment; run this one again"
    );
    Ok(wasm)
}

fn wasm_opt(mut node: Command, wasm: &Path) -> Result<()> {
    let smaller = wasm.with_extension("smaller");
    node.arg("node_modules/binaryen/bin/wasm-opt").args(LEVEL).args(FEATURES).arg(wasm).arg("-o").arg(&smaller);
    process::output(&mut node)?;
    fs::rename(&smaller, wasm)?;
    Ok(())
}

/// Writes `binary.js` and its types, with the binaries' sizes: a browser is not told how long a compressed file is unpacked.
fn choice(context: &Context, build: Build, made: &Path) -> Result<()> {
    let source = context.root.join("src/web").join(build.choice());
    let mut text = fs::read_to_string(source.with_extension("js"))?;
    for name in build.binaries() {
        let bytes = fs::metadata(made.join(name))?.len();
        let placeholder = format!("0 /* bytes of {name} */");
        ensure!(text.contains(&placeholder), "{} has no place for the size of {name}", source.display());
        text = text.replace(&placeholder, &bytes.to_string());
    }
    fs::write(made.join("binary.js"), text)?;
    fs::copy(source.with_extension("d.ts"), made.join("binary.d.ts"))?;
    Ok(())
}

/// Writes the networks' cards beside the engine that tells them.
fn cards(context: &Context, made: &Path) -> Result<()> {
    let mut node = context.command("node");
    node.current_dir(&context.root).arg(CARDS_SCRIPT).arg(made).arg(made.join(CARDS));
    process::output(&mut node).context("the built engine could not be asked for the networks' cards with Node.js")?;
    Ok(())
}

/// Puts the files of one folder into another one, over those that are there.
fn put(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            if target.exists() {
                fs::remove_dir_all(&target)?;
            }
            put(&entry.path(), &target)?;
        } else {
            fs::rename(entry.path(), &target)?;
        }
    }
    Ok(())
}

/// The step [`CONVERTER`]: builds the converter, without burn, unless it is up to date.
pub(crate) fn converter(context: &Context, task: &Task) -> Result<String> {
    let mut cargo = context.command("cargo");
    cargo.args(["build", "--release", "--bin", "convert", "--no-default-features", "--features", "convert"]);
    task.run(&mut cargo)?;
    Ok("ready".to_owned())
}

/// Builds the native programs that need burn: the trainer.
pub(crate) fn native_programs(context: &Context) -> Result<()> {
    process::run(context.command("cargo").args(["build", "--release", "--features", NATIVE_FEATURES, "--bins"]))
}

/// A hash over the inputs' names and bytes, and over the tools' versions.
fn inputs(context: &Context, build: Build, optimise: bool) -> Result<String> {
    let mut files = Vec::new();
    let more = if build == Build::Reader { &READERS_INPUTS[..] } else { &[] };
    for input in INPUTS.iter().chain(more) {
        collect(&context.root.join(input), &mut files)?;
    }
    files.sort();
    let mut text = String::new();
    for file in files {
        let name = file.strip_prefix(&context.root).unwrap_or(&file);
        if !build.holds(name) {
            continue;
        }
        let name = name.display().to_string();
        let hash = setup::sha256_of(&fs::read(&file).with_context(|| format!("{name} cannot be read"))?);
        text += &format!("{hash} {name}\n");
    }
    text += &process::output(context.command("rustc").arg("-V"))?;
    if build == Build::Engine {
        text += &format!("threads: {}\n", threads::has_source(context));
    }
    if optimise {
        text += &fs::read_to_string(context.root.join("node_modules/binaryen/package.json"))
            .context("wasm-opt is not here: `cargo xtask setup` gets it, `--no-opt` does without it")?;
    }
    Ok(setup::sha256_of(text.as_bytes()))
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            collect(&entry?.path(), files)?;
        }
    } else if path.is_file() {
        files.push(path.to_owned());
    }
    Ok(())
}

/// The sizes of the binary that most browsers load.
fn sizes(folder: &Path, build: Build) -> Result<String> {
    let wasm = folder.join(build.binaries()[0]);
    let size = |file: &Path| -> Result<String> {
        Ok(megabytes(fs::metadata(file).with_context(|| format!("{} is missing", file.display()))?.len()))
    };
    let [gzip, brotli] = compress::ENDINGS.map(|ending| size(&compress::beside(&wasm, ending)));
    Ok(format!("{} wasm, {} gzip, {} brotli", size(&wasm)?, gzip?, brotli?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names of all packages that the crate is made of, with these features.
    fn tree(features: &[&str]) -> Vec<String> {
        let text = process::output(
            Command::new(env!("CARGO"))
                .args(["tree", "--package", "convscope", "--target", "wasm32-unknown-unknown", "--edges", "normal"])
                .args(["--prefix", "none"])
                .args(features),
        );
        let text = text.expect("cargo knows the tree");
        text.lines().filter_map(|line| Some(line.split_whitespace().next()?.to_owned())).collect()
    }

    fn is_burns(name: &&String) -> bool {
        ["burn", "cubecl", "cubek"].iter().any(|start| name.starts_with(start))
    }

    #[test]
    fn the_engine_is_made_without_burn_and_the_other_build_with_it() {
        let engine = tree(Build::Engine.features());
        assert!(engine.contains(&"wgpu".to_owned()), "{engine:?}");
        assert_eq!(engine.iter().find(is_burns), None);
        assert_eq!(tree(Build::Reader.features()).iter().find(is_burns), None);
        assert!(tree(Build::Burn.features()).iter().any(|name| name == "burn"));
        assert_eq!(
            tree(&["--no-default-features", "--features", "convert"]).iter().find(is_burns),
            None,
            "the converter"
        );
    }

    #[test]
    fn a_build_is_made_anew_for_its_own_files_alone() {
        let holds = |build: Build, name: &str| build.holds(Path::new(name));
        for (name, engine, reader) in [
            ("src/graph.rs", true, true),
            ("src/convert/read/pytorch.rs", false, true),
            ("src/web/reader.rs", false, true),
            ("src/convert/report/documents.rs", false, false),
            ("src/bin/convert.rs", false, false),
        ] {
            let found = [Build::Engine, Build::Burn, Build::Reader].map(|build| holds(build, name));
            assert_eq!(found, [engine, engine, reader], "{name}");
        }
    }

    #[test]
    fn a_folder_is_put_over_another_one_and_leaves_what_it_does_not_hold() {
        let root = std::env::temp_dir().join(format!("xtask-put-{}", std::process::id()));
        let write = |name: &str, text: &str| {
            let file = root.join(name);
            fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
            fs::write(file, text).expect("a file");
        };
        write("made/a.js", "new");
        write("made/snippets/new/gpu.js", "new");
        write("pkg/a.js", "old");
        write("pkg/snippets/old/gpu.js", "old");
        write("pkg/burn/a.js", "burn");
        put(&root.join("made"), &root.join("pkg")).expect("it is put there");
        let read = |name: &str| fs::read_to_string(root.join(name)).ok();
        assert_eq!(read("pkg/a.js").as_deref(), Some("new"));
        assert_eq!(read("pkg/snippets/new/gpu.js").as_deref(), Some("new"));
        assert_eq!(read("pkg/snippets/old/gpu.js"), None);
        assert_eq!(read("pkg/burn/a.js").as_deref(), Some("burn"));
        fs::remove_dir_all(&root).expect("the folder");
    }
}
