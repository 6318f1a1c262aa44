//! `cargo xtask endurance`: thousands of frames, loads and switches in one browser, into bench/RELIABILITY.md.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use crate::context::Context;
use crate::serve::Server;
use crate::{bench, process};

/// How long runs are made.
#[derive(Args)]
pub(crate) struct Options {
    /// Do a hundredth of everything, print it and write nothing
    #[arg(long)]
    short: bool,
    /// Afterwards feed each reader with damaged files for so many seconds; without it the report keeps what was found before
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..))]
    fuzz: Option<u32>,
    /// The browser: Chromium, Chrome or Edge; that of the tests where none is named
    #[arg(long, value_name = "PATH")]
    browser: Option<PathBuf>,
    /// Use a graphics card; otherwise WebGPU is computed in software, in the same way on every machine
    #[arg(long)]
    gpu: bool,
    /// Show the browser's window: some browsers give a graphics card only to visible pages
    #[arg(long)]
    headed: bool,
    /// Folder that RELIABILITY.md and reliability.json are written into
    #[arg(long, value_name = "FOLDER", default_value = "bench")]
    out: PathBuf,
}

/// Builds and serves the page, and has the browser work on it.
pub(crate) fn run(context: &mut Context, options: &Options) -> Result<()> {
    let browser = bench::prepare(context, options.browser.as_deref(), "long runs")?;
    let server = Server::endurance(&context.root)?;
    let mut command = context.command("node");
    command.arg("bench/endurance.mjs").args(arguments(options));
    command.args(["--site", &server.url()]).arg("--browser").arg(browser);
    process::run(&mut command)
}

/// Those that are the user's.
fn arguments(options: &Options) -> Vec<String> {
    let mut arguments = Vec::new();
    for (name, requested) in [("--short", options.short), ("--gpu", options.gpu), ("--headed", options.headed)] {
        if requested {
            arguments.push(name.to_owned());
        }
    }
    if let Some(seconds) = options.fuzz {
        arguments.extend(["--fuzz".to_owned(), seconds.to_string()]);
    }
    arguments.extend(["--out".to_owned(), options.out.to_string_lossy().into_owned()]);
    arguments
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(clap::Parser)]
    struct Typed {
        #[command(flatten)]
        options: Options,
    }

    fn typed(words: &str) -> clap::error::Result<Vec<String>> {
        Typed::try_parse_from(words.split(' ')).map(|typed| arguments(&typed.options))
    }

    #[test]
    fn what_was_typed_is_passed_on() {
        assert_eq!(typed("endurance").expect("options"), ["--out", "bench"]);
        let all = typed("endurance --gpu --short --fuzz 60 --headed --out target/long").expect("options");
        assert_eq!(all, ["--short", "--gpu", "--headed", "--fuzz", "60", "--out", "target/long"]);
        assert!(typed("endurance --fuzz 0").is_err(), "a loop of no time finds nothing");
    }
}
