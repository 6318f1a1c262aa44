//! The page's tools from npm, exactly as package-lock.json has them.

use std::fs;

use anyhow::{Context as _, Result, bail};

use super::{sha256_of, steps};
use crate::context::Context;
use crate::process;
use crate::report::step;

const OLDEST_NODE: u32 = 20;

/// Makes node_modules equal to package-lock.json.
pub(super) fn ensure(context: &Context) -> Result<()> {
    let node = process::output(context.command("node").arg("--version"))?;
    let major = node.trim().trim_start_matches('v').split('.').next().and_then(|text| text.parse::<u32>().ok());
    if major.is_none_or(|major| major < OLDEST_NODE) {
        bail!("Node.js {} is too old: {OLDEST_NODE} or newer is needed", node.trim());
    }
    // npm keeps no note of the lock file it installed from; a hash does not depend on a check-out's times.
    let lock = fs::read(context.root.join("package-lock.json")).context("package-lock.json cannot be read")?;
    let expected = sha256_of(&lock);
    let stamp = context.root.join("node_modules/.package-lock.sha256");
    if fs::read_to_string(&stamp).is_ok_and(|found| found == expected) {
        step(steps::NPM, format_args!("found (Node.js {})", node.trim()));
        return Ok(());
    }
    process::output(context.command("npm").args(["ci", "--no-fund", "--no-audit"]))?;
    fs::write(&stamp, expected)?;
    step(steps::NPM, "installed");
    Ok(())
}
