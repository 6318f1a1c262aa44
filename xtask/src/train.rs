//! `cargo xtask train`: weights that are nowhere to be had.

use anyhow::Result;

use crate::context::Context;
use crate::{process, setup};

/// Trains LeNet-5 on MNIST and writes its weights into www/weights.
pub(crate) fn lenet5(context: &Context) -> Result<()> {
    setup::mnist(context).into_result("training")?;
    process::run(context.command("cargo").args(["build", "--release", "--features", "convert,train", "--bins"]))?;
    process::run(
        context
            .command(context.native_program("train_lenet5"))
            .arg("--mnist")
            .arg(context.mnist())
            .args(["--out", "www/weights"]),
    )
}
