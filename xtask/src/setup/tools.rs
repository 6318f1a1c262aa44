//! wasm-bindgen's programs and wasm-pack: the tests' tools. The build uses wasm-bindgen's library.

use anyhow::{Context as _, Result, bail};

use super::steps;
use crate::context::Context;
use crate::process;
use crate::report::step;

/// Known to work with this project's profile, tests and toolchains.
const WASM_PACK: &str = "0.15.1";

/// wasm-bindgen's program, of exactly the version of the library in Cargo.lock: the two share an unstable format.
pub(super) fn bindgen(context: &Context) -> Result<()> {
    let lock = std::fs::read_to_string(context.root.join("Cargo.lock")).context("Cargo.lock cannot be read")?;
    let version = locked_version(&lock, "wasm-bindgen")?;
    // The test runner comes with it, and an installation by other means may lack it.
    if process::which("wasm-bindgen-test-runner").is_none() {
        return install(context, steps::RUNNER, "wasm-bindgen-cli", "wasm-bindgen", &version);
    }
    ensure(context, steps::RUNNER, "wasm-bindgen-cli", "wasm-bindgen", &version)
}

/// wasm-pack, for those who type `wasm-pack test` or `wasm-pack build`.
pub(super) fn wasm_pack(context: &Context) -> Result<()> {
    ensure(context, steps::PACK, "wasm-pack", "wasm-pack", WASM_PACK)
}

fn ensure(context: &Context, name: &str, package: &str, program: &str, version: &str) -> Result<()> {
    if installed(context, program).as_deref() == Some(version) {
        step(name, format_args!("found ({version})"));
        return Ok(());
    }
    install(context, name, package, program, version)
}

fn install(context: &Context, name: &str, package: &str, program: &str, version: &str) -> Result<()> {
    println!("    {package} {version} is not here; compiling it takes about 5 minutes on two cores");
    let install = |locked: &[&str]| {
        let mut command = context.command("cargo");
        command.args(["install", "--force", "--version", version]).args(locked).arg(package);
        process::run(&mut command)
    };
    // The package's own lock file may name a version of a dependency that its registry no longer has, or not yet.
    if install(&["--locked"]).is_err() {
        println!("    trying again without the package's lock file");
        install(&[])?;
    }
    match installed(context, program) {
        Some(now) if now == version => step(name, format_args!("installed ({version})")),
        Some(other) => {
            bail!("version {version} was installed, but version {other} stands before it on the search path")
        }
        None => bail!("version {version} was installed, but is not on the search path"),
    }
    Ok(())
}

/// The version that a program on the search path says it has.
fn installed(context: &Context, program: &str) -> Option<String> {
    let text = process::output(context.command(program).arg("--version")).ok()?;
    Some(text.split_whitespace().nth(1)?.to_owned())
}

/// The version of a package in Cargo.lock.
fn locked_version(lock: &str, name: &str) -> Result<String> {
    #[derive(serde::Deserialize)]
    struct Lock {
        package: Vec<Package>,
    }
    #[derive(serde::Deserialize)]
    struct Package {
        name: String,
        version: String,
    }
    let lock: Lock = toml::from_str(lock).context("Cargo.lock is not what cargo writes")?;
    let versions: Vec<String> =
        lock.package.into_iter().filter(|package| package.name == name).map(|package| package.version).collect();
    match versions.as_slice() {
        [version] => Ok(version.clone()),
        [] => bail!("Cargo.lock holds no {name}"),
        several => bail!("Cargo.lock holds {name} in the versions {}: there must be one", several.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "version = 4\n\n[[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n\n\
                        [[package]]\nname = \"wasm-bindgen-futures\"\nversion = \"0.4.80\"\ndependencies = [\n \
                        \"wasm-bindgen\",\n]\n\n[[package]]\nname = \"syn\"\nversion = \"1.0.1\"\n\n[[package]]\nname = \
                        \"syn\"\nversion = \"2.0.1\"\n";

    #[test]
    fn the_locked_version_is_read() {
        assert_eq!(locked_version(LOCK, "wasm-bindgen").expect("it is there"), "0.2.130");
    }

    /// The build's library and the code that it binds share a form of data that changes with every version.
    #[test]
    fn the_build_binds_with_the_version_that_the_crate_uses() {
        let lock = include_str!("../../../Cargo.lock");
        let of = |name| locked_version(lock, name).expect("it is there");
        assert_eq!(of("wasm-bindgen-cli-support"), of("wasm-bindgen"));
    }

    #[test]
    fn a_version_that_is_not_one_is_refused() {
        assert!(locked_version(LOCK, "burn").is_err());
        assert!(locked_version(LOCK, "syn").expect_err("two").to_string().contains("1.0.1, 2.0.1"));
    }
}
