//! Fixtures: files and devices that a test needs and the repository does not hold. A missing one never passes silently.
//!
//! | function | for a fixture that | `cargo xtask test` | plain `cargo test` |
//! |---|---|---|---|
//! | [`skip_or_fail`], [`file`] | set-up provides: photos, MNIST, official weights, a graphics adapter | the test fails | the test is skipped |
//! | [`skip`] | only some machines can have | the test is skipped | the test is skipped |
//!
//! A skipped test writes a line straight to standard error, where the test harness cannot hide it, and into the file that
//! `CONVSCOPE_SKIPPED` names, from which `cargo xtask test` reports how many tests were skipped and which.
#![allow(dead_code, reason = "each test uses a part")]

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::PathBuf;
use std::{env, io, thread};

/// Set to `required` by `cargo xtask test`: every fixture that set-up provides must be there.
const FIXTURES: &str = "CONVSCOPE_FIXTURES";
/// Names the file that gets a line for each skipped test.
const SKIPPED: &str = "CONVSCOPE_SKIPPED";

/// Skips the running test because `fixture` is missing, or fails it where fixtures are required; the caller then returns.
///
/// `why` says what is missing and which command provides it.
///
/// # Panics
/// Where the environment variable `CONVSCOPE_FIXTURES` is `required`.
pub(crate) fn skip_or_fail(fixture: &str, why: &str) {
    let required = env::var(FIXTURES).is_ok_and(|value| value == "required");
    assert!(!required, "{fixture} is missing: {}. {FIXTURES}=required makes that a failure", why.trim_end_matches('.'));
    skip(fixture, why);
}

/// Skips the running test because `fixture` is missing, which set-up cannot provide; the caller then returns.
///
/// `why` says what is missing and where it would have to be.
pub(crate) fn skip(fixture: &str, why: &str) {
    let thread = thread::current();
    // The harness names a test's thread after the test.
    let line = format!("{}: skipped because {fixture} is missing: {why}\n", thread.name().unwrap_or("a test"));
    io::stderr().write_all(line.as_bytes()).unwrap();
    if let Some(path) = env::var_os(SKIPPED) {
        let mut file = OpenOptions::new().create(true).append(true).open(path).unwrap();
        file.write_all(line.as_bytes()).unwrap();
    }
}

/// The file at `path`, or nothing where it is missing and the running test is skipped.
///
/// # Panics
/// As [`skip_or_fail`].
pub(crate) fn file(path: PathBuf, command: &str) -> Option<PathBuf> {
    if path.exists() {
        return Some(path);
    }
    skip_or_fail(&path.display().to_string(), &format!("`{command}` fetches it"));
    None
}
