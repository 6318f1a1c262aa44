//! `cargo xtask bench`: ConvScope against other runtimes in one browser, into bench/RESULTS.md, or its kernels without one.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use clap::Args;

use crate::context::Context;
use crate::serve::Server;
use crate::setup::{self, ToolchainChoice, steps};
use crate::weights::{self, Choice, Patience};
use crate::{build, process};

/// Seed of the random weights of networks whose official ones cannot be fetched.
const SEED: &str = "1";
/// Networks that the race needs for the frame path and for memory over frames and over loads.
const EXTRA_NETWORKS: [&str; 3] = ["lenet5", "efficientnet_lite0", "resnet18"];

/// How the race is run.
#[derive(Args)]
pub(crate) struct Options {
    /// Run the engine's kernels on this machine's graphics device instead, without a browser
    #[arg(long)]
    native: bool,
    /// The browser: Chromium, Chrome or Edge; that of the tests where none is named
    #[arg(long, value_name = "PATH", conflicts_with = "native")]
    browser: Option<PathBuf>,
    /// Use a graphics card; otherwise WebGPU is computed in software, in the same way on every machine
    #[arg(long, conflicts_with = "native")]
    gpu: bool,
    /// Show the browser's window: some browsers give a graphics card only to visible pages
    #[arg(long, conflicts_with = "native")]
    headed: bool,
    /// Networks to race on, the slowest last
    #[arg(
        long,
        value_name = "IDS",
        value_delimiter = ',',
        default_value = "resnet18,resnet50,googlenet,alexnet,mobilenet_v2,efficientnet_lite0,vgg16",
        conflicts_with = "native"
    )]
    networks: Vec<String>,
    /// Runtimes that race, by their ids in bench/race/runtimes.mjs; all where none is named
    #[arg(long, value_name = "IDS", conflicts_with = "native")]
    peers: Option<String>,
    /// Folder with files that LiteRT.js and onnxruntime-web in 8 bits read, made as bench/MODELS.md says; without it they do not race
    #[arg(long, value_name = "FOLDER", conflicts_with = "native")]
    tflite: Option<PathBuf>,
    /// How many turns each runtime has on each network
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..), conflicts_with = "native")]
    rounds: u32,
    /// About how many seconds of warm runs each runtime has on each network; even the slowest has three runs
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..), conflicts_with = "native")]
    seconds: u32,
    /// How many frames to measure the frame path and memory with; 0 leaves both out
    #[arg(long, default_value_t = 300, conflicts_with = "native")]
    frames: u32,
    /// How many loads to measure memory with; 0 leaves this out
    #[arg(long, default_value_t = 20, conflicts_with = "native")]
    loads: u32,
    /// Folder that RESULTS.md and results.json are written into
    #[arg(long, value_name = "FOLDER", default_value = "bench", conflicts_with = "native")]
    out: PathBuf,
    /// Arguments of the native program, behind `--`
    #[arg(last = true, requires = "native", value_name = "ARGUMENTS")]
    arguments: Vec<String>,
}

/// Runs the race, or the native program.
pub(crate) fn run(context: &mut Context, options: &Options) -> Result<()> {
    if options.native {
        let cargo =
            ["run", "--release", "--no-default-features", "--features", "native-gpu", "--bin", "bench_native", "--"];
        let mut program = context.command("cargo");
        setup::lend_vulkan(context, &mut program);
        return process::run(program.args(cargo).args(&options.arguments));
    }
    // Before the build, which takes minutes.
    let models = options.tflite.as_deref().map(folder).transpose()?;
    let browser = prepare(context, options.browser.as_deref(), "the race")?;
    let export = context.target.join("race");
    let extra = EXTRA_NETWORKS.iter().copied().filter(|id| !options.networks.iter().any(|network| network == id));
    let ids: Vec<&str> = options.networks.iter().map(String::as_str).chain(extra).collect();
    export_networks(context, &ids, &export)?;
    let server = Server::race(&context.root, &export, models.as_deref())?;
    let mut race = race(context, options);
    race.args(["--site", &server.url()]).arg("--export").arg(&export).arg("--browser").arg(browser);
    if let Some(models) = &models {
        race.arg("--tflite").arg(models);
    }
    process::run(&mut race)
}

/// The absolute path of a folder: the race starts in the repository's root, wherever this was called.
fn folder(path: &Path) -> Result<PathBuf> {
    let folder = path.canonicalize().with_context(|| format!("{} is not there", path.display()))?;
    ensure!(folder.is_dir(), "{} is no folder", path.display());
    Ok(folder)
}

/// Provides tools, build and weights for what needs a browser, and the path of one, if none is named.
pub(crate) fn prepare(context: &mut Context, named: Option<&Path>, purpose: &str) -> Result<PathBuf> {
    let mut problems = setup::wasm_tools(context, ToolchainChoice::Auto);
    if named.is_none() {
        problems.extend(setup::browser(context));
    }
    problems.into_result(purpose)?;
    build::all(context, None, true)?;
    // Networks whose official file cannot be fetched are named, and race with random weights; converting the others needs photos.
    let photos = setup::samples(context);
    if photos.of(steps::SAMPLES).is_none() {
        weights::alone(context, &Choice::Tested, Patience::Brief)?;
    } else {
        weights::converter(context)?;
    }
    Ok(match named {
        // The program that drives it starts in the repository's root, wherever this was called.
        Some(path) => path.canonicalize().with_context(|| format!("{} is not there", path.display()))?,
        None => setup::find_browser(context)?.chrome,
    })
}

/// Writes the networks as the other runtimes read them.
pub(crate) fn export_networks(context: &Context, ids: &[&str], export: &Path) -> Result<()> {
    process::run(
        context
            .command(context.native_program("convert"))
            .arg("onnx")
            .args(ids)
            .args(["--random", SEED])
            .arg("--out")
            .arg(export),
    )
}

/// The command that starts the race, with those arguments that are the user's.
fn race(context: &Context, options: &Options) -> std::process::Command {
    let mut command = context.command("node");
    command.arg("bench/race.mjs");
    let numbers = [
        ("--rounds", options.rounds),
        ("--seconds", options.seconds),
        ("--frames", options.frames),
        ("--loads", options.loads),
    ];
    for (name, value) in numbers {
        command.arg(name).arg(value.to_string());
    }
    command.arg("--networks").arg(options.networks.join(","));
    if let Some(peers) = &options.peers {
        command.arg("--peers").arg(peers);
    }
    for (name, requested) in [("--gpu", options.gpu), ("--headed", options.headed)] {
        if requested {
            command.arg(name);
        }
    }
    command.arg("--out").arg(&options.out);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_are_in_a_folder_that_is_there() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert_eq!(
            folder(&root.join("../xtask/src")).expect("a folder"),
            root.join("src").canonicalize().expect("a path")
        );
        let refusal = |path: &str| format!("{:#}", folder(&root.join(path)).expect_err("no folder"));
        assert!(refusal("Cargo.toml").ends_with("Cargo.toml is no folder"), "{}", refusal("Cargo.toml"));
        assert!(refusal("nowhere").contains("nowhere is not there"), "{}", refusal("nowhere"));
    }
}
