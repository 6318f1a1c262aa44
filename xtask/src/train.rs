//! `cargo xtask train`: trains a network whose weights nobody publishes.

use anyhow::Result;

use crate::context::Context;
use crate::{build, process, setup};

/// Trains LeNet-5 on MNIST and writes its weights into www/weights.
pub(crate) fn lenet5(context: &Context) -> Result<()> {
    setup::mnist(context).into_result("training")?;
    build::native_programs(context)?;
    process::run(
        context
            .command(context.native_program("train_lenet5"))
            .arg("--mnist")
            .arg(context.mnist())
            .args(["--out", "www/weights"]),
    )
}
