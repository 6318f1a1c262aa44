//! The digits that the page's gradient lab learns: two files in www/data, made by the converter from MNIST and Fashion-MNIST.

use std::path::Path;

use anyhow::Result;

use crate::context::Context;
use crate::process;
use crate::progress::Announced;
use crate::report::{Problems, step};
use crate::setup;

/// Fetching and choosing, as a step of a command.
pub(crate) const DIGITS: Announced =
    Announced { name: "digits", what: "fetching the gradient lab's digits", about: 30 };

/// What remains where they cannot be made.
const AS_BEFORE: &str =
    "The gradient lab has the digits of an earlier set-up, or none. `cargo xtask weights` tries again.";

const MNIST: &str = "www/data/mnist.safetensors.gz";
const FASHION: &str = "www/data/fashion.safetensors.gz";

/// Makes those of the two files that are missing or older than the converter, which decides over what they hold. The converter must have been built
/// ([`converter`](crate::weights::converter)).
///
/// Without Fashion-MNIST the lab lacks a choice, which is said and is no problem: only Debian has a package of it.
pub(crate) fn run(context: &Context) -> Problems {
    let done = context.alone(DIGITS.name, || Ok(run_alone(context)));
    done.unwrap_or_else(|error| {
        let mut problems = Problems::default();
        problems.note(DIGITS.name, format!("{error:#}"), AS_BEFORE);
        problems
    })
}

fn run_alone(context: &Context) -> Problems {
    let mut problems = Problems::default();
    if is_current(context, MNIST) {
        step(MNIST, "found");
    } else {
        problems.extend(setup::mnist(context));
        if problems.is_empty() {
            problems.attempt(MNIST, AS_BEFORE, || convert(context, &context.mnist(), MNIST));
        }
    }
    if is_current(context, FASHION) {
        step(FASHION, "found");
    } else if let Err(error) = setup::fashion_mnist().and_then(|folder| convert(context, &folder, FASHION)) {
        let outcome = match context.root.join(FASHION).is_file() {
            true => "kept as an earlier set-up made it",
            false => "left out, the gradient lab offers MNIST only",
        };
        step(FASHION, format_args!("{outcome}: {error:#}"));
    }
    problems
}

/// Whether [`run`] has something to do.
pub(crate) fn is_due(context: &Context) -> bool {
    !is_current(context, MNIST) || !is_current(context, FASHION)
}

fn is_current(context: &Context, file: &str) -> bool {
    context.is_made_by("convert", &context.root.join(file))
}

fn convert(context: &Context, folder: &Path, file: &str) -> Result<()> {
    process::output(
        context
            .patient_command(context.native_program("convert"))
            .args(["digits", "--out", file, "--from"])
            .arg(folder),
    )?;
    step(file, "made");
    Ok(())
}
