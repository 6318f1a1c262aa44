//! `cargo xtask quantisation`: what 8 and 4 bits cost each network, into bench/QUANTISATION.md.

use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};
use clap::Args;

use crate::context::Context;
use crate::weights::{self, Choice, Patience};
use crate::{process, setup};

/// What the networks are measured on.
#[derive(Args)]
pub(crate) struct Options {
    /// A further folder of photos to measure with, besides those that can be fetched; may be given several times
    #[arg(long, value_name = "FOLDER")]
    photos: Vec<PathBuf>,
}

/// Converts what can be had, then compares it with the official weights.
pub(crate) fn run(context: &Context, options: &Options) -> Result<()> {
    // What cannot be had was named; the rest is measured.
    setup::samples(context);
    weights::alone(context, &Choice::Small, Patience::Brief)?;
    let official = context.data().join("official");
    ensure!(official.is_dir(), "no official file is in {}: `cargo xtask weights` fetches them", official.display());
    let mut command = context.command(context.native_program("convert"));
    command.arg("report").arg(official).arg("--photos").arg(setup::photos(context)?);
    for folder in &options.photos {
        // The converter runs in the repository's root, wherever this was called.
        let folder = folder.canonicalize().with_context(|| format!("{} is not there", folder.display()))?;
        command.arg("--photos").arg(folder);
    }
    process::run(&mut command)
}
