//! The digits that the page's gradient lab learns: www/data, made by the converter from MNIST and Fashion-MNIST.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::context::Context;
use crate::process;
use crate::progress::Announced;
use crate::report::{Problems, step};
use crate::setup;

/// Fetching and choosing, as a step of a command.
pub(crate) const DIGITS: Announced =
    Announced { name: "digits", what: "fetching the gradient lab's digits", about: 30 };

const MNIST: &str = "www/data/mnist.safetensors.gz";
const FASHION: &str = "www/data/fashion.safetensors.gz";

/// Makes those of the two files that are missing. The converter must have been built
/// ([`converter`](crate::weights::converter)).
///
/// Without Fashion-MNIST the lab lacks a choice, which is said and is no problem: only Debian has a package of it.
pub(crate) fn run(context: &Context) -> Problems {
    let mut problems = Problems::default();
    if is_there(context, MNIST) {
        step(MNIST, "found");
    } else {
        problems.extend(setup::mnist(context));
        if problems.is_empty() {
            let remedy = "The gradient lab has no digits. `cargo xtask weights` tries again.";
            problems.attempt(MNIST, remedy, || convert(context, &context.mnist(), MNIST));
        }
    }
    if is_there(context, FASHION) {
        step(FASHION, "found");
    } else if let Err(error) = setup::fashion_mnist().and_then(|folder| convert(context, &folder, FASHION)) {
        step(FASHION, format_args!("left out, the gradient lab offers MNIST only: {error:#}"));
    }
    problems
}

fn is_there(context: &Context, file: &str) -> bool {
    context.root.join(file).is_file()
}

fn convert(context: &Context, folder: &Path, file: &str) -> Result<()> {
    let program: PathBuf = context.native_program("convert");
    process::output(context.patient_command(program).args(["digits", "--out", file, "--from"]).arg(folder))?;
    step(file, "made");
    Ok(())
}
