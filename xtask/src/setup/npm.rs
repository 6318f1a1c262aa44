//! Tools from npm, exactly as a package-lock.json has them: the page's, and those that the npm package is tested with.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use super::{sha256_of, steps};
use crate::context::Context;
use crate::process;
use crate::report::step;

const OLDEST_NODE: u32 = 20;

/// The page's tools.
pub(super) fn page(context: &Context) -> Result<()> {
    ensure(context, &context.root, steps::NPM)
}

/// Vite and webpack, in the versions that the npm package is tested with.
pub(super) fn bundlers(context: &Context) -> Result<()> {
    ensure(context, &context.root.join("tests/bundlers"), steps::BUNDLERS)
}

/// Makes the folder's node_modules equal to its package-lock.json.
fn ensure(context: &Context, folder: &Path, name: &str) -> Result<()> {
    let node = process::output(context.command("node").arg("--version"))?;
    let major = node.trim().trim_start_matches('v').split('.').next().and_then(|text| text.parse::<u32>().ok());
    if major.is_none_or(|major| major < OLDEST_NODE) {
        bail!("Node.js {} is too old: {OLDEST_NODE} or newer is needed", node.trim());
    }
    // npm keeps no note of the lock file it installed from; a hash does not depend on a check-out's times.
    let lock = fs::read(folder.join("package-lock.json"))
        .with_context(|| format!("{} holds no package-lock.json", folder.display()))?;
    let expected = sha256_of(&lock);
    let stamp = folder.join("node_modules/.package-lock.sha256");
    if fs::read_to_string(&stamp).is_ok_and(|found| found == expected) {
        step(name, format_args!("found (Node.js {})", node.trim()));
        return Ok(());
    }
    process::output(context.command("npm").current_dir(folder).args(["ci", "--no-fund", "--no-audit"]))?;
    fs::write(&stamp, expected)?;
    step(name, "installed");
    Ok(())
}
