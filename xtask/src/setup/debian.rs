//! Debian's Rust as a toolchain for WebAssembly.
//!
//! Debian ships a current rustc and the source of its standard library, but no standard library for wasm32. It is
//! built once with `-Z build-std` and put where rustc looks for it. Where rustup stands first on the search path, a
//! toolchain directory of links makes Debian's compiler available to rustup under the name `convscope`, for this
//! folder only.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::toolchain;
use crate::context::{Context, LINKED_TOOLCHAIN};
use crate::process;

const RUSTC: &str = "/usr/bin/rustc";
const CARGO: &str = "/usr/bin/cargo";
const RUSTLIB: &str = "/usr/lib/rustlib";
const STD: &str = "/usr/lib/rustlib/wasm32-unknown-unknown/lib";
/// The throw-away crate whose build brings the standard library.
const CARRIER: &str = "std-carrier";

/// Tools that Debian's Rust lacks and the previous toolchain lends: file name, and the start of what it runs.
const LENT: [(&str, &str); 4] = [
    ("cargo-clippy", "cargo clippy"),
    ("cargo-fmt", "cargo fmt"),
    ("rustfmt", "rustfmt"),
    ("clippy-driver", "clippy-driver"),
];

/// Installs, builds and links whatever of it is missing.
pub(super) fn ensure(context: &mut Context) -> Result<()> {
    process::apt_install(&["rustc-web", "cargo-web", "rust-web-src"])?;
    let about = process::output(context.command(RUSTC).arg("-vV"))?;
    // Objects of one LLVM want the linker of the same one.
    let llvm = llvm_major(&about).context("`rustc -vV` names no LLVM version")?;
    let linker = PathBuf::from(format!("/usr/bin/lld-{llvm}"));
    if !linker.is_file() {
        process::apt_install(&[&format!("lld-{llvm}")])?;
    }
    let host = about_line(&about, "host: ").context("`rustc -vV` names no host")?;
    name_linker(&Path::new(RUSTLIB).join(host).join("bin"), &linker)?;
    if !toolchain::compiles(context, RUSTC) {
        build_std(context, llvm)?;
    }
    if process::which("rustup").is_some() {
        link(context)?;
        context.toolchain = Some(LINKED_TOOLCHAIN.to_owned());
        set_override(context)?;
    } else if process::which("cargo").as_deref() != Some(Path::new(CARGO)) {
        bail!(
            "Debian's Rust is set up, but another cargo stands before {CARGO} on the search path; put /usr/bin first"
        );
    }
    Ok(())
}

/// The rest of the line of `rustc -vV` that starts so.
fn about_line<'a>(about: &'a str, start: &str) -> Option<&'a str> {
    about.lines().find_map(|line| line.strip_prefix(start))
}

fn llvm_major(about: &str) -> Option<&str> {
    about_line(about, "LLVM version: ")?.split('.').next()
}

/// Gives Debian's linker the name under which rustc looks for it: `rust-lld`, beside the host's library.
fn name_linker(bin: &Path, linker: &Path) -> Result<()> {
    let name = bin.join("rust-lld");
    if fs::read_link(&name).is_ok_and(|found| found == linker) {
        return Ok(());
    }
    // A package's own file would be right as it is; a link is an earlier set-up's.
    if name.is_symlink() {
        fs::remove_file(&name)?;
    } else if name.exists() {
        return Ok(());
    }
    fs::create_dir_all(bin).with_context(|| format!("{} cannot be made", bin.display()))?;
    link_file(linker, &name)
}

fn build_std(context: &Context, linker: &str) -> Result<()> {
    println!("    building the standard library for wasm32 with Debian's rustc (under a minute)");
    let carrier = context.target.join(CARRIER);
    let target = carrier.join("target");
    // A target folder of an older rustc would leave its rlibs among the new ones.
    if target.exists() {
        fs::remove_dir_all(&target)?;
    }
    fs::create_dir_all(carrier.join("src"))?;
    fs::write(carrier.join("src/lib.rs"), "")?;
    fs::write(
        carrier.join("Cargo.toml"),
        format!("[package]\nname = \"{CARRIER}\"\nversion = \"0.0.0\"\nedition = \"2021\"\n\n[workspace]\n"),
    )?;
    process::output(
        context
            .command(CARGO)
            .current_dir(&carrier)
            .args(["build", "--release", "-Z", "build-std=std,panic_abort,test,proc_macro"])
            .args(["--target", "wasm32-unknown-unknown"])
            // -Z on a stable compiler: the standard library's own way of being built.
            .env("RUSTC_BOOTSTRAP", "1")
            .env("RUSTC", RUSTC)
            .env("CARGO_TARGET_DIR", &target)
            .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", format!("wasm-ld-{linker}"))
            // Without bitcode inside, a test binary cannot be linked with LTO.
            .env("RUSTFLAGS", "-C embed-bitcode=yes")
            .env_remove("CARGO_ENCODED_RUSTFLAGS"),
    )?;

    fs::create_dir_all(STD).with_context(|| format!("{STD} cannot be made"))?;
    // Two copies of one crate would be an error to rustc.
    for old in rlibs(Path::new(STD))? {
        fs::remove_file(old)?;
    }
    let own = format!("lib{}-", CARRIER.replace('-', "_"));
    for rlib in rlibs(&target.join("wasm32-unknown-unknown/release/deps"))? {
        let name = rlib.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if !name.starts_with(&own) {
            fs::copy(&rlib, Path::new(STD).join(&name)).with_context(|| format!("{name} cannot be put into {STD}"))?;
        }
    }
    fs::remove_dir_all(&carrier)?;
    Ok(())
}

fn rlibs(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "rlib") {
            found.push(path);
        }
    }
    Ok(found)
}

/// Whether rustup knows the linked toolchain.
pub(super) fn is_linked(context: &Context) -> bool {
    process::which("rustup").is_some()
        && process::output(context.command("rustup").args(["toolchain", "list"]))
            .is_ok_and(|list| list.lines().any(|line| line.split_whitespace().next() == Some(LINKED_TOOLCHAIN)))
}

/// Composes the toolchain directory and tells rustup of it.
fn link(context: &Context) -> Result<()> {
    let home = process::cargo_home().context("neither CARGO_HOME nor HOME is set")?;
    let folder = home.join("convscope-toolchain");
    let previous = previous_toolchain(context, &folder)?;
    let bin = folder.join("bin");
    if bin.exists() {
        fs::remove_dir_all(&bin)?;
    }
    fs::create_dir_all(&bin)?;
    // rustup wants a lib folder and puts it on the library path: it stays empty.
    fs::create_dir_all(folder.join("lib"))?;
    fs::write(folder.join("previous"), &previous)?;

    for program in ["rustc", "cargo", "rustdoc"] {
        link_file(&Path::new("/usr/bin").join(program), &bin.join(program))?;
    }
    for (file, runs) in LENT {
        let lends = process::output(context.command("rustup").args(["which", "--toolchain", &previous, file])).is_ok();
        if lends {
            write_script(&bin.join(file), &forwarding_script(&previous, runs))?;
        }
    }
    if !is_linked(context) {
        process::output(context.command("rustup").args(["toolchain", "link", LINKED_TOOLCHAIN]).arg(&folder))?;
    }
    Ok(())
}

/// The toolchain that lends clippy and rustfmt: the active one, that of an earlier link, or rustup's default.
fn previous_toolchain(context: &Context, folder: &Path) -> Result<String> {
    if let Ok(active) = env::var("RUSTUP_TOOLCHAIN")
        && !active.is_empty()
        && active != LINKED_TOOLCHAIN
    {
        return Ok(active);
    }
    if let Ok(previous) = fs::read_to_string(folder.join("previous")) {
        return Ok(previous);
    }
    let default = process::output(context.command("rustup").arg("default"))?;
    default.split_whitespace().next().map(str::to_owned).context("rustup has no default toolchain")
}

/// A shell script that hands its arguments to a tool of another toolchain.
///
/// cargo starts `cargo-clippy` with `clippy` as first argument; a person may leave it out.
fn forwarding_script(toolchain: &str, runs: &str) -> String {
    let mut script = String::from(
        "#!/bin/sh\n# Debian's Rust lacks this tool: another toolchain lends it.\n\
         unset CARGO RUSTC RUSTDOC RUST_RECURSION_COUNT\n",
    );
    let program = match runs.split_once(' ') {
        Some((program, subcommand)) => {
            script += &format!("[ \"$1\" = {subcommand} ] || set -- {subcommand} \"$@\"\n");
            program
        }
        None => runs,
    };
    script += &format!("exec rustup run '{toolchain}' {program} \"$@\"\n");
    script
}

/// Makes plain `cargo` and `wasm-pack` in the repository use the linked toolchain.
pub(super) fn set_override(context: &Context) -> Result<()> {
    let active =
        process::output(context.command("rustup").args(["show", "active-toolchain"]).env_remove("RUSTUP_TOOLCHAIN"));
    if active.is_ok_and(|name| name.split_whitespace().next() == Some(LINKED_TOOLCHAIN)) {
        return Ok(());
    }
    process::output(
        context.command("rustup").args(["override", "set", LINKED_TOOLCHAIN, "--path"]).arg(&context.root),
    )?;
    println!(
        "    In this folder, plain `cargo` and `wasm-pack` now use Debian's Rust (rustup's override \
         {LINKED_TOOLCHAIN}).\n    To undo it: `rustup override unset`, here."
    );
    Ok(())
}

#[cfg(unix)]
fn link_file(original: &Path, link: &Path) -> Result<()> {
    std::os::unix::fs::symlink(original, link).with_context(|| format!("{} cannot be made", link.display()))
}

#[cfg(unix)]
fn write_script(file: &Path, text: &str) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::write(file, text)?;
    fs::set_permissions(file, fs::Permissions::from_mode(0o755))?;
    Ok(())
}

#[cfg(not(unix))]
fn link_file(_original: &Path, _link: &Path) -> Result<()> {
    bail!("Debian's Rust is for Debian")
}

#[cfg(not(unix))]
fn write_script(_file: &Path, _text: &str) -> Result<()> {
    bail!("Debian's Rust is for Debian")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_linker_follows_llvm() {
        assert_eq!(llvm_major("rustc 1.96.0\nhost: x\nLLVM version: 22.1.8\n"), Some("22"));
        assert_eq!(llvm_major("rustc 1.96.0\n"), None);
    }

    #[cfg(unix)]
    #[test]
    fn the_linker_gets_its_name_and_keeps_up() {
        let bin = env::temp_dir().join(format!("xtask-linker-{}", std::process::id()));
        for linker in ["/usr/bin/lld-21", "/usr/bin/lld-22", "/usr/bin/lld-22"].map(Path::new) {
            name_linker(&bin, linker).expect("a link");
            assert_eq!(fs::read_link(bin.join("rust-lld")).expect("a link"), linker);
        }
        fs::remove_dir_all(&bin).expect("a folder");
    }

    #[test]
    fn a_script_adds_the_subcommand_only_where_it_is_missing() {
        let script = forwarding_script("stable", "cargo clippy");
        assert!(script.contains("[ \"$1\" = clippy ] || set -- clippy \"$@\""));
        assert!(script.ends_with("exec rustup run 'stable' cargo \"$@\"\n"));
        assert!(!forwarding_script("stable", "rustfmt").contains("set --"));
    }
}
