//! `cargo xtask test`: runs the suites one after the other, each whether or not the one before passed.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use clap::ValueEnum;

use crate::context::Context;
use crate::digits;
use crate::progress::{self, Announced};
use crate::report::{Problems, plural, seconds};
use crate::setup::{self, ToolchainChoice, steps};
use crate::weights::{self, Choice, Patience};
use crate::{build, process};

mod dependencies;
mod page;

/// A suite of tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Suite {
    /// The crate and this program, on this machine
    Native,
    /// The crate in a browser
    Wasm,
    /// rustfmt, clippy, and what is known of faults in dependencies
    Lint,
    /// The types of the page and of the race
    Types,
    /// The page, in a browser
    Page,
}

/// How a suite ended.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Passed,
    /// Passed, except for these skipped tests, each with the fixture that it lacks.
    PassedBut(Vec<String>),
    Skipped(String),
}

/// Runs the suites, all of them where none is named.
pub(crate) fn run(context: &mut Context, suites: &[Suite]) -> Result<()> {
    let suites = if suites.is_empty() { Suite::value_variants() } else { suites };
    let started = Instant::now();
    let prepared = prepare(context, suites);
    let context = &*context;

    let mut passed = 0;
    let mut lines = Vec::new();
    let mut failed = 0;
    let mut skipped_tests = 0;
    thread::scope(|scope| {
        // The last step of burn's WebAssembly takes minutes of one core: the native suite runs beside it.
        let mut compiled = suites.contains(&Suite::Wasm).then(|| scope.spawn(|| compile_wasm(context, &prepared)));
        for &suite in suites {
            if suite != Suite::Native
                && let Some(compiled) = compiled.take()
                && !matches!(compiled.join(), Ok(Ok(())))
            {
                println!("    the tests of the WebAssembly did not compile");
            }
            let name = suite.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
            println!("\n== {name}");
            let clock = Instant::now();
            let line = match suite_run(context, suite, &prepared) {
                Ok(Outcome::Passed) => {
                    passed += 1;
                    format!("{name}: passed in {}", seconds(clock.elapsed()))
                }
                Ok(Outcome::PassedBut(tests)) => {
                    passed += 1;
                    skipped_tests += tests.len();
                    let (count, tests) = (plural(tests.len(), "test"), tests.join("\n    "));
                    format!("{name}: passed in {}, {count} skipped:\n    {tests}", seconds(clock.elapsed()))
                }
                Ok(Outcome::Skipped(why)) => format!("{name}: skipped: {why}"),
                Err(error) => {
                    failed += 1;
                    format!("{name}: FAILED after {}: {error:#}", seconds(clock.elapsed()))
                }
            };
            println!("{line}");
            lines.push(line);
        }
    });

    let skipped = suites.len() - passed - failed;
    println!("\n{}", lines.join("\n"));
    if !prepared.is_empty() {
        println!("not all of the set-up could be done:");
        if let Err(error) = prepared.into_result("set-up") {
            println!("{error:#}");
        }
    }
    println!(
        "{}: {passed} passed, {failed} failed, {skipped} skipped; {} skipped inside them; in {}",
        plural(suites.len(), "suite"),
        plural(skipped_tests, "test"),
        seconds(started.elapsed())
    );
    if failed > 0 {
        bail!("{} failed", plural(failed, "suite"));
    }
    Ok(())
}

/// Provides what the suites need. What cannot be provided is a problem, and fails the suites that need it.
fn prepare(context: &mut Context, suites: &[Suite]) -> Problems {
    let mut problems = Problems::default();
    let in_browser = suites.iter().any(|suite| matches!(suite, Suite::Wasm | Suite::Page));
    let with_package = in_browser || suites.contains(&Suite::Types);
    if with_package {
        problems.extend(setup::wasm_tools(context, ToolchainChoice::Auto));
    } else if suites.contains(&Suite::Lint) {
        problems.extend(setup::target(context, ToolchainChoice::Auto));
    }
    problems.extend(setup::samples(context));
    if in_browser || suites.contains(&Suite::Native) {
        problems.extend(setup::tests(context));
    }
    if suites.iter().any(|suite| matches!(suite, Suite::Page | Suite::Native)) {
        let remedy = "Tests that classify cannot run.";
        match weights::alone(context, &Choice::Tested, Patience::Full) {
            Ok(more) => {
                problems.extend(more.extended_by(digits::run(context)).extended_by(setup::validation(context)));
            }
            Err(error) => problems.note(WEIGHTS, format!("{error:#}"), remedy),
        }
    }
    let can_package = with_package && [steps::TARGET, steps::NPM].iter().all(|step| problems.of(step).is_none());
    let native = suites.contains(&Suite::Native);
    // Side by side: the last step of the WebAssembly, which optimises it as a whole, takes minutes of one core.
    let (native, package) = thread::scope(|scope| {
        let native = scope.spawn(|| if native { compile_native(context) } else { Ok(()) });
        let package = if can_package { build::all(context, None, true) } else { Ok(()) };
        (native.join(), package)
    });
    if let Err(error) = package {
        problems.note(PACKAGE, format!("{error:#}"), "The suites `types` and `page` need it.");
    }
    if !matches!(native, Ok(Ok(()))) {
        // The suite compiles again, in plain sight.
        println!("    the native tests did not compile");
    }
    problems
}

/// The native tests' programs, with burn.
fn compile_native(context: &Context) -> Result<()> {
    let step = Announced { name: "native tests", what: "compiling the native tests with burn", about: 500 };
    progress::single(&context.target, step, |task| {
        task.run(native_tests(context).arg("--no-run"))?;
        Ok("ready".to_owned())
    })
}

/// The programs of the tests in a browser, where their tools are there.
fn compile_wasm(context: &Context, prepared: &Problems) -> Result<()> {
    if needs(Suite::Wasm).iter().any(|step| prepared.of(step).is_some()) {
        return Ok(());
    }
    let step = Announced {
        name: "wasm tests",
        what: "compiling the tests of the WebAssembly, with and without burn",
        about: 420,
    };
    progress::single(&context.target, step, |task| {
        WASM_FEATURES.into_iter().try_for_each(|features| task.run(wasm_tests(context, features).arg("--no-run")))?;
        Ok("ready".to_owned())
    })
}

/// The builds whose tests run in a browser. The one without burn comes first, because it is compiled in a minute.
const WASM_FEATURES: [&[&str]; 2] = [&["--no-default-features"], &[]];

/// What `wasm-pack test --headless --chrome` runs, but with the profile of the page, so that burn is compiled only once.
fn wasm_tests(context: &Context, features: &[&str]) -> Command {
    let mut tests = command(context, "cargo");
    tests.args(["test", "--profile", "web", "--target", "wasm32-unknown-unknown", "--test", "web"]).args(features);
    tests
}

fn native_tests(context: &Context) -> Command {
    let mut tests = command(context, "cargo");
    tests.args(["test", "--release", "--features", build::NATIVE_FEATURES]);
    tests
}

const WEIGHTS: &str = "weights";
const PACKAGE: &str = "pkg";

fn suite_run(context: &Context, suite: Suite, prepared: &Problems) -> Result<Outcome> {
    for needed in needs(suite) {
        if let Some(problem) = prepared.of(needed) {
            bail!("it could not start: {needed}: {}", problem.why);
        }
    }
    match suite {
        Suite::Lint => lint(context),
        Suite::Native => native(context),
        Suite::Wasm => wasm(context),
        Suite::Types => types(context),
        Suite::Page => page::page(context),
    }
}

/// The steps of the set-up without which a suite cannot run.
fn needs(suite: Suite) -> &'static [&'static str] {
    match suite {
        Suite::Lint => &[steps::TARGET],
        Suite::Native => &[steps::SAMPLES],
        Suite::Wasm => &[steps::TARGET, steps::RUNNER, steps::BROWSER],
        Suite::Types => &[steps::NPM, steps::TARGET, PACKAGE],
        Suite::Page => &[steps::NPM, steps::TARGET, steps::SAMPLES, steps::BROWSER, WEIGHTS, PACKAGE],
    }
}

/// A command of a suite, with the variable that tells programs that nobody watches.
fn command(context: &Context, program: &str) -> Command {
    let mut command = context.command(program);
    command.env("CI", "true");
    command
}

fn lint(context: &Context) -> Result<Outcome> {
    let has = |tool: &str| process::output(command(context, "cargo").args([tool, "--version"])).is_ok();
    let (fmt, clippy) = (has("fmt"), has("clippy"));
    let mut failures = Vec::new();
    let mut attempt = |command: &mut Command| {
        if let Err(error) = process::run(command) {
            failures.push(format!("{error:#}"));
        }
    };
    if fmt {
        attempt(command(context, "cargo").args(["fmt", "--all", "--check"]));
    }
    if clippy {
        let native = format!("--release --features {} --all-targets", build::NATIVE_FEATURES);
        // Other code than the native: what the browser alone compiles.
        let wasm = "--profile web --target wasm32-unknown-unknown --lib --test web";
        let engine = format!("{wasm} --no-default-features");
        let reader = "--profile web --target wasm32-unknown-unknown --lib --no-default-features --features reader";
        for of in [
            native.as_str(),
            wasm,
            &engine,
            reader,
            "--profile xtask --package xtask --package convscope-manifest --all-targets",
        ] {
            let arguments = of.split(' ').chain(["--", "-D", "warnings"]);
            attempt(command(context, "cargo").args(["clippy", "--quiet"]).args(arguments));
        }
    }
    if let Err(error) = dependencies::check(context) {
        failures.push(format!("{error:#}"));
    }
    if !failures.is_empty() {
        bail!("{}", failures.join("; "));
    }
    Ok(match (fmt, clippy) {
        (true, true) => Outcome::Passed,
        (true, false) => Outcome::Skipped("rustfmt passed, but clippy is not installed".to_owned()),
        (false, true) => Outcome::Skipped("clippy passed, but rustfmt is not installed".to_owned()),
        (false, false) => Outcome::Skipped("rustfmt and clippy are not installed".to_owned()),
    })
}

/// The tests of xtask and those of the crate in two runs: one run would unite the features of all packages and compile burn once
/// more.
fn native(context: &Context) -> Result<Outcome> {
    let own = process::run(command(context, "cargo").args([
        "test",
        "--quiet",
        "--profile",
        "xtask",
        "--package",
        "xtask",
        "--package",
        "convscope-manifest",
    ]));
    let mut tests = native_tests(context);
    tests.env("CONVSCOPE_MNIST", context.mnist());
    // What the set-up provides must be there; what it cannot provide is reported (tests/common/fixtures.rs).
    let skipped = context.target.join(format!("tmp/skipped-tests-{}.txt", std::process::id()));
    if skipped.exists() {
        fs::remove_file(&skipped)?;
    }
    tests.env("CONVSCOPE_FIXTURES", "required").env("CONVSCOPE_SKIPPED", &skipped);
    setup::lend_vulkan(context, &mut tests);
    process::run(&mut tests)?;
    own?;
    passed_but(&skipped)
}

/// The outcome of native tests that did not fail: `report` has a line for each that was skipped, and is missing where none was.
fn passed_but(report: &Path) -> Result<Outcome> {
    let lines = match fs::read_to_string(report) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Outcome::Passed),
        lines => lines.with_context(|| format!("the list of skipped tests, {}, cannot be read", report.display()))?,
    };
    let skipped: Vec<String> = lines.lines().map(str::to_owned).collect();
    Ok(if skipped.is_empty() { Outcome::Passed } else { Outcome::PassedBut(skipped) })
}

fn wasm(context: &Context) -> Result<Outcome> {
    if !context.root.join("tests/web.rs").is_file() {
        return Ok(Outcome::Skipped("there is no tests/web.rs".to_owned()));
    }
    let browser = setup::find_browser(context)?;
    let runs = WASM_FEATURES.map(|features| {
        process::run(
            wasm_tests(context, features)
                .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", "wasm-bindgen-test-runner")
                .env("CHROMEDRIVER", &browser.driver),
        )
    });
    runs.into_iter().collect::<Result<Vec<()>>>()?;
    Ok(Outcome::Passed)
}

fn types(context: &Context) -> Result<Outcome> {
    for project in ["www/tsconfig.json", "bench/tsconfig.json", "tsconfig.json"] {
        process::run(command(context, "npx").args(["--no-install", "tsc", "-p", project]))?;
    }
    Ok(Outcome::Passed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_skipped_test_is_named() {
        let report = std::env::temp_dir().join(format!("xtask-skipped-{}", std::process::id()));
        assert_eq!(passed_but(&report).unwrap(), Outcome::Passed);
        fs::write(&report, "a: skipped for want of b: c\nd: skipped for want of e: f\n").expect("a report");
        let skipped = ["a: skipped for want of b: c", "d: skipped for want of e: f"].map(str::to_owned);
        assert_eq!(passed_but(&report).unwrap(), Outcome::PassedBut(skipped.to_vec()));
        fs::remove_file(&report).expect("the report");
    }
}
