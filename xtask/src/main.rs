//! The project's chores, each one a command: `cargo xtask <command>`.
//!
//! Every command first installs the tools that it needs and does not find ([`setup`]), says what it found, and leaves out what
//! is done already.

mod bench;
mod build;
mod context;
mod digits;
mod dist;
mod endurance;
mod layouts;
mod licences;
mod plain_simd;
mod process;
mod progress;
mod quantisation;
mod report;
mod serve;
mod setup;
mod shell;
mod test;
mod train;
mod weights;
#[cfg(test)]
mod workflows;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

use context::Context;
use weights::{Choice, Patience};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "ConvScope's chores", disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

/// The words of `src/frame/preprocessing.rs`.
const FRAMING_HELP: &str = "\
How pictures are prepared for --own, where it is not as for the official weights: words with commas between them, such as \
256/224,half. What they do not say is as for the official weights.

  256/224            the shorter side is resized to 256 pixels, then the centre square of 224 is cut out
  squash             the whole picture becomes the square, without its proportions
  bilinear, bicubic  how pixels are weighed when a picture is resized
  imagenet           ImageNet's mean is subtracted, and the difference divided by its standard deviation
  half               values from -1 to 1: mean and standard deviation of 0.5
  none               values from 0 to 1
  caffe              values from 0 to 255 without the mean pixel, and blue first
  rgb, bgr           the order of the colours";

#[derive(Subcommand)]
enum Command {
    /// Install what building the page needs: the wasm target, npm packages, sample photos
    Setup {
        /// Also install what the tests need: Chromium, ChromeDriver, Firefox, MNIST, wasm-bindgen's test runner, wasm-pack, Vite, webpack
        #[arg(long)]
        tests: bool,
        /// Which Rust toolchain compiles the wasm
        #[arg(long, value_enum, default_value_t = setup::ToolchainChoice::Auto)]
        toolchain: setup::ToolchainChoice,
    },
    /// Fetch official weights, convert them into www/weights, and make the sample photos and the digits that the page loads
    Weights {
        /// Networks to convert; where none is named, those of --small
        ids: Vec<String>,
        /// The small set: every network whose official file has at most 105 MB
        #[arg(long, conflicts_with = "ids")]
        small: bool,
        /// Every network
        #[arg(long, conflicts_with_all = ["ids", "small"])]
        all: bool,
        /// Convert this file, which must be the official one of the one network named unless --own is given, instead of fetching it
        #[arg(long, value_name = "FILE", requires = "ids", conflicts_with_all = ["small", "all"])]
        from: Option<PathBuf>,
        /// Take any checkpoint of the network as --from, whatever it was trained on, and show it on the page under this name
        #[arg(long, value_name = "NAME", requires = "from")]
        own: Option<String>,
        /// The names of the classes of --own: a file with one a line, a JSON array, or a JSON object of index and name; without it,
        /// the network's own names where there are as many classes, else "class 0", "class 1" and so on
        #[arg(long, value_name = "FILE", requires = "own")]
        labels: Option<PathBuf>,
        /// How pictures are prepared for --own, where it is not as for the official weights: words with commas between them
        #[arg(long, value_name = "WORDS", requires = "own", long_help = FRAMING_HELP)]
        framing: Option<String>,
    },
    /// Build the WebAssembly: the engine into pkg, the readers of weight files into pkg/reader, then burn into pkg/burn; and list the
    /// page's files for its service worker in www/shell.js
    Build {
        /// Which of them; all where none is named
        #[arg(value_enum)]
        only: Option<build::Build>,
        /// Do not run wasm-opt: the build is quicker, and its result about 1.6 times as large
        #[arg(long)]
        no_opt: bool,
    },
    /// Set up, build, and serve the page on this machine
    Serve {
        /// The port; if it is taken, the next free one
        #[arg(long, default_value_t = 8080)]
        port: u16,
        /// Open the page in the default browser
        #[arg(long)]
        open: bool,
        /// Serve what has been built before, without set-up, build and weights
        #[arg(long)]
        no_build: bool,
    },
    /// Make the folder that any static host can serve
    Dist(dist::Options),
    /// Run the tests, all of them or the named suites
    Test {
        /// Suites to run
        #[arg(value_enum)]
        suites: Vec<test::Suite>,
    },
    /// Race against other runtimes in a browser, into bench/RESULTS.md
    Bench(bench::Options),
    /// Have the page's engine at work for a long time, into bench/RELIABILITY.md
    Endurance(endurance::Options),
    /// Measure what quantisation costs, into bench/QUANTISATION.md
    Quantisation(quantisation::Options),
    /// Write the tables of networks in README.md and NOTICES.md and the list of networks in index.html from the cards, the licences
    /// of dependencies in NOTICES.md, and www/pure/manifest.d.ts from its structs
    Documents,
    /// Train a network whose weights nobody publishes
    Train {
        /// The network
        #[arg(value_enum)]
        network: Trainable,
    },
}

/// The networks that are trained here.
#[derive(Clone, Copy, ValueEnum)]
enum Trainable {
    /// LeNet-5, on MNIST
    Lenet5,
}

fn main() -> ExitCode {
    let done = Context::find().and_then(|mut context| match Arguments::parse().command {
        Command::Setup { tests, toolchain } => {
            let mut problems = setup::page(&mut context, toolchain);
            if tests {
                problems.extend(setup::tests(&context).extended_by(setup::wasm_pack(&context)));
            }
            problems.into_result("set-up")
        }
        Command::Weights { ids, small, all, from, own, labels, framing } => {
            // The converter checks its result on the sample photos.
            let problems = setup::samples(&context);
            if let Some(file) = from {
                let own = own.map(|name| weights::Own { name, labels, framing });
                weights::run_from(&context, &ids, &file, own.as_ref())?;
                return problems.into_result("weights");
            }
            let choice = match (all, small || ids.is_empty()) {
                (true, _) => Choice::All,
                (false, true) => Choice::Small,
                (false, false) => Choice::Named(ids),
            };
            let problems = problems.extended_by(weights::alone(&context, &choice, Patience::Full)?);
            problems.extended_by(digits::run(&context)).extended_by(setup::validation(&context)).into_result("weights")
        }
        Command::Build { only, no_opt } => {
            setup::wasm_tools(&mut context, setup::ToolchainChoice::Auto).into_result("set-up")?;
            build::all(&context, only, !no_opt)?;
            shell::write(&context.root)
        }
        Command::Serve { port, open, no_build } => serve::run(&mut context, port, open, !no_build),
        Command::Dist(options) => dist::run(&mut context, &options),
        Command::Test { suites } => test::run(&mut context, &suites),
        Command::Bench(options) => bench::run(&mut context, &options),
        Command::Endurance(options) => endurance::run(&mut context, &options),
        Command::Quantisation(options) => quantisation::run(&context, &options),
        Command::Documents => licences::write(&context).and_then(|()| weights::documents(&context)),
        Command::Train { network: Trainable::Lenet5 } => train::lenet5(&context),
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
