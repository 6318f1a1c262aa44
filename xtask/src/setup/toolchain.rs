//! A Rust toolchain that compiles for wasm32-unknown-unknown.
//!
//! First choice: the active toolchain, to which rustup adds the target. Second, where rustup cannot reach its server:
//! Debian's own Rust ([`super::debian`]).

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::ValueEnum;

use super::{debian, steps};
use crate::context::{Context, LINKED_TOOLCHAIN};
use crate::process;
use crate::report::step;

const TRIPLE: &str = "wasm32-unknown-unknown";

/// Where the wasm compiler comes from.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ToolchainChoice {
    /// The active toolchain; else rustup; else Debian's packages
    Auto,
    /// The active toolchain, with rustup
    Rustup,
    /// Debian's packages, even where the active toolchain would do
    Debian,
}

/// Makes sure that the tools this program starts can compile for the target.
pub(crate) fn ensure(context: &mut Context, choice: ToolchainChoice) -> Result<()> {
    let mut reasons = Vec::new();

    if choice != ToolchainChoice::Debian {
        if usable(context) {
            step(steps::TARGET, format_args!("found ({})", version(context)?));
            return Ok(());
        }
        // An earlier set-up's toolchain, when this program was started with another one.
        if choice == ToolchainChoice::Auto && debian::is_linked(context) {
            let started_with = context.toolchain.replace(LINKED_TOOLCHAIN.to_owned());
            if usable(context) {
                debian::set_override(context)?;
                step(steps::TARGET, format_args!("found ({}, toolchain {LINKED_TOOLCHAIN})", version(context)?));
                return Ok(());
            }
            context.toolchain = started_with;
        }
        match add_with_rustup(context) {
            Ok(()) => {
                step(steps::TARGET, format_args!("added with rustup ({})", version(context)?));
                return Ok(());
            }
            Err(error) => reasons.push(format!("{error:#}")),
        }
    }

    if choice == ToolchainChoice::Rustup {
        bail!("{}", reasons.join("; "));
    }
    if !process::can_apt() {
        reasons.push("Debian's packages can only be installed by root on Debian or Ubuntu".to_owned());
        bail!("{}", reasons.join("; "));
    }
    for reason in &reasons {
        println!("    {reason}; going on with Debian's Rust");
    }
    debian::ensure(context)?;
    if !usable(context) {
        bail!("Debian's Rust was set up, but `rustc --target {TRIPLE}` still fails with {}", version(context)?);
    }
    step(steps::TARGET, format_args!("set up with Debian's packages ({})", version(context)?));
    Ok(())
}

/// Whether an empty library compiles and links for the target.
///
/// This finds more than a look into the folder would: a standard library built by another rustc is refused here, and
/// a missing linker is missed.
fn usable(context: &Context) -> bool {
    compiles(context, "rustc")
}

/// The same for a given rustc.
pub(super) fn compiles(context: &Context, rustc: &str) -> bool {
    let probe = context.target.join(format!("probe-{}.wasm", std::process::id()));
    // The empty source comes from an empty standard input.
    let compiled = fs::create_dir_all(&context.target).is_ok()
        && context
            .command(rustc)
            .args(["--target", TRIPLE, "--crate-type", "cdylib", "--crate-name", "probe", "-C", "strip=symbols", "-o"])
            .arg(&probe)
            .arg("-")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success());
    // Nothing was written where it did not compile.
    let _ = fs::remove_file(&probe);
    compiled
}

fn version(context: &Context) -> Result<String> {
    Ok(process::output(context.command("rustc").arg("-V"))?.trim().to_owned())
}

fn add_with_rustup(context: &Context) -> Result<()> {
    if process::which("rustup").is_none() {
        bail!("rustup was not found");
    }
    if std::env::var("RUSTUP_TOOLCHAIN").is_ok_and(|name| name == LINKED_TOOLCHAIN) {
        bail!("the toolchain {LINKED_TOOLCHAIN} is Debian's, to which rustup cannot add");
    }
    // Without its server, rustup may wait for minutes before it gives up.
    process::run_within(context.command("rustup").args(["target", "add", TRIPLE]), Duration::from_secs(60))?;
    if !usable(context) {
        bail!("rustup added the target, but rustc does not find it");
    }
    Ok(())
}
