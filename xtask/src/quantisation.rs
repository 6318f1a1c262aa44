//! `cargo xtask quantisation`: what 8 and 4 bits cost each network, into bench/QUANTISATION.md.

use anyhow::{Result, ensure};

use crate::context::Context;
use crate::weights::{self, Choice, Patience};
use crate::{process, setup};

/// Photos that lie beside the project on some machines; more variety where they are there.
const MORE_PHOTOS: &str = "../shared/fixtures/photos";

/// Converts what can be had, then compares it with the official weights.
pub(crate) fn run(context: &Context) -> Result<()> {
    // What cannot be had was named; the rest is measured.
    setup::samples(context);
    weights::alone(context, &Choice::Small, Patience::Brief)?;
    let official = context.data().join("official");
    ensure!(official.is_dir(), "no official file is in {}: `cargo xtask weights` fetches them", official.display());
    let mut command = context.command(context.native_program("convert"));
    command.arg("report").arg(official).arg("--photos").arg(setup::photos(context)?);
    if context.root.join(MORE_PHOTOS).is_dir() {
        command.arg("--photos").arg(MORE_PHOTOS);
    }
    process::run(&mut command)
}
