//! The tests of the page, in a browser.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

use super::{Outcome, command};
use crate::context::Context;
use crate::report::plural;
use crate::serve::Server;
use crate::{bench, dist, process, setup};

/// The files of page tests that hold the page against a clock. They run one at a time: two browsers would share the cores, and
/// their clocks would measure each other.
const TIMED: [&str; 12] = [
    "benchmark",
    "first",
    "folder",
    "insideAttention",
    "insideDiagram",
    "insideFeatures",
    "insideLayers",
    "lab",
    "labRunning",
    "picture",
    "race",
    "slow",
];

/// Where the weights of the folder are in the test of `cargo xtask dist --weights`; the browser of the test answers for it.
const ELSEWHERE: &str = "https://weights.example/convscope/";

/// Most failed tests that are repeated: a busy spell of the machine disturbs several in a row, and more than these have another cause.
const MOST_REPEATED: usize = 12;

/// How a test ended, as tests/page/outcomes.mjs writes it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct Ended {
    file: PathBuf,
    name: String,
    passed: bool,
    /// Why it did not run, where it was skipped.
    #[serde(default)]
    skipped: Option<String>,
}

pub(super) fn page(context: &Context) -> Result<Outcome> {
    let tests = files(context)?;
    if tests.is_empty() {
        return Ok(Outcome::Skipped("tests/page holds no *.test.mjs".to_owned()));
    }
    let browser = setup::find_browser(context)?;
    // Without it its tests are skipped, and say so.
    let firefox = setup::find_firefox(context).ok();
    let server = Server::start(&context.root)?;
    let export = context.target.join("tmp/race");
    bench::export_networks(context, &["lenet5"], &export)?;
    let race = Server::race(&context.root, &export, None)?;
    let dist = context.target.join("tmp/dist");
    let elsewhere = context.target.join("tmp/dist-elsewhere");
    dist::make(&context.root, &dist, &dist::Weights::Here)?;
    dist::make(&context.root, &elsewhere, &dist::Weights::Elsewhere(ELSEWHERE.to_owned()))?;
    let list = context.target.join(format!("tmp/page-tests-{}.txt", std::process::id()));
    let run = |tests: &[PathBuf], at_once: usize, names: &[&str]| {
        let mut node = node(context, tests, at_once, names, &list);
        node.env("CONVSCOPE_URL", server.url())
            .env("CONVSCOPE_RACE_URL", race.url())
            .env("CONVSCOPE_RACE_EXPORT", &export)
            .env("CONVSCOPE_DIST", &dist)
            .env("CONVSCOPE_DIST_ELSEWHERE", &elsewhere)
            // Where the native tests write weights that are not part of the repository.
            .env("CONVSCOPE_MADE", context.target.join("tmp/weights"))
            .env("CHROME", &browser.chrome)
            .env_remove("FIREFOX");
        if let Some(firefox) = &firefox {
            node.env("FIREFOX", &firefox.program);
        }
        let outcome = process::run(&mut node);
        let ended = ended_in(&list)?;
        // It also ends with an error where something else than a test fails.
        if ended.iter().all(|test| test.passed) { outcome.map(|()| ended) } else { Ok(ended) }
    };
    let (timed, others): (Vec<PathBuf>, Vec<PathBuf>) = tests.into_iter().partition(|test| is_timed(test));
    // Both, whether or not the first passes.
    let runs = [run(&others, 2, &[]), run(&timed, 1, &[])];
    let ended: Vec<Ended> = runs.into_iter().collect::<Result<Vec<_>>>()?.concat();
    let failed: Vec<&Ended> = ended.iter().filter(|test| !test.passed).collect();
    ensure!(failed.len() <= MOST_REPEATED, "{} failed", plural(failed.len(), "page test"));
    // In a repetition the other tests of the file are skipped.
    let alone = |file: &Path, names: &[&str]| {
        run(&[file.to_owned()], 1, names).map(|ended| ended.into_iter().filter(|test| test.skipped.is_none()).collect())
    };
    repeat(&failed, alone)?;
    let skipped = reasons(&ended);
    Ok(if skipped.is_empty() { Outcome::Passed } else { Outcome::PassedBut(skipped) })
}

/// A line for each test that was skipped.
fn reasons(ended: &[Ended]) -> Vec<String> {
    let reason = |test: &Ended| Some(format!("{}: skipped: {}", test.name, test.skipped.as_ref()?));
    ended.iter().filter_map(reason).collect()
}

/// Runs failed tests once more, alone. Page tests wait for a real browser, which another program can hold up for longer than they
/// are patient: what fails for that reason passes now, and is named. What is wrong fails again.
fn repeat(failed: &[&Ended], run: impl Fn(&Path, &[&str]) -> Result<Vec<Ended>>) -> Result<()> {
    let mut by_file: BTreeMap<&Path, Vec<&str>> = BTreeMap::new();
    for Ended { file, name, .. } in failed {
        by_file.entry(file).or_default().push(name);
    }
    let mut again = Vec::new();
    for (file, names) in by_file {
        println!("Repeating what failed in {}: {}", file.display(), quoted(&names));
        let ended = run(file, &names)?;
        let is_whole = names.iter().any(|name| is_file(name));
        let passes = |name: &&str| ended.iter().any(|test| test.name == **name && test.passed);
        again.extend(
            names
                .into_iter()
                .filter(|name| if is_whole { ended.iter().any(|test| !test.passed) } else { !passes(name) }),
        );
    }
    ensure!(again.is_empty(), "{} failed twice: {}", plural(again.len(), "page test"), quoted(&again));
    if !failed.is_empty() {
        let names: Vec<&str> = failed.iter().map(|test| test.name.as_str()).collect();
        println!("{} failed at first and passed when repeated: {}", plural(failed.len(), "page test"), quoted(&names));
    }
    Ok(())
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("“{name}”")).collect::<Vec<_>>().join(", ")
}

/// Whether the test is a file that failed as a whole: it has its path for a name, and is repeated as a whole.
fn is_file(name: &str) -> bool {
    Path::new(name).is_file()
}

/// Node's test runner for these tests, or for those with these names among them. It writes to a list how each ended.
fn node(context: &Context, tests: &[PathBuf], at_once: usize, names: &[&str], list: &Path) -> Command {
    let mut node = command(context, "node");
    let reporter = context.root.join("tests/page/outcomes.mjs");
    node.args(["--test", &format!("--test-concurrency={at_once}")])
        .arg(format!("--test-reporter={}", if io::stdout().is_terminal() { "spec" } else { "tap" }))
        .arg("--test-reporter-destination=stdout")
        .arg(format!("--test-reporter={}", reporter.display()))
        .arg(format!("--test-reporter-destination={}", list.display()));
    if !names.iter().any(|name| is_file(name)) {
        node.args(names.iter().map(|name| format!("--test-name-pattern={}", pattern(name))));
    }
    node.args(tests);
    node
}

/// A regular expression of JavaScript that fits one name.
fn pattern(name: &str) -> String {
    let escaped: String =
        name.chars().flat_map(|c| r"\^$.*+?()[]{}|/".contains(c).then_some('\\').into_iter().chain([c])).collect();
    format!("^{escaped}$")
}

/// The tests of a run.
fn ended_in(list: &Path) -> Result<Vec<Ended>> {
    let lines = fs::read_to_string(list).with_context(|| format!("{} cannot be read", list.display()))?;
    lines.lines().map(|line| serde_json::from_str(line).with_context(|| format!("{line} is no test"))).collect()
}

fn is_timed(test: &Path) -> bool {
    test.file_name().and_then(|name| name.to_str()?.strip_suffix(".test.mjs")).is_some_and(|name| TIMED.contains(&name))
}

fn files(context: &Context) -> Result<Vec<PathBuf>> {
    let folder = context.root.join("tests/page");
    let mut tests = Vec::new();
    if folder.is_dir() {
        for entry in fs::read_dir(&folder).with_context(|| format!("{} cannot be read", folder.display()))? {
            let path = entry?.path();
            if path.to_string_lossy().ends_with(".test.mjs") {
                tests.push(path);
            }
        }
    }
    tests.sort();
    Ok(tests)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    #[test]
    fn the_tests_that_are_held_against_a_clock_are_there() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/page");
        for name in TIMED {
            let file = folder.join(format!("{name}.test.mjs"));
            assert!(file.is_file() && is_timed(&file), "{} is listed in TIMED and is not there", file.display());
        }
        assert!(!is_timed(&folder.join("screenshots.test.mjs")));
    }

    #[test]
    fn what_fails_is_repeated_by_its_name_and_must_pass() {
        let test =
            |file: &str, name: &str, passed| Ended { file: file.into(), name: name.into(), passed, skipped: None };
        let [one, two, three] = [test("a", "one", false), test("b", "two", false), test("a", "three", false)];
        let failed = [&one, &two, &three];
        let runs = RefCell::new(Vec::new());
        let passing = |file: &Path, names: &[&str]| {
            runs.borrow_mut().push((file.to_owned(), names.join(" ")));
            Ok(names.iter().map(|name| test(&file.to_string_lossy(), name, true)).collect())
        };
        repeat(&failed, passing).expect("all pass now");
        assert_eq!(*runs.borrow(), [("a".into(), "one three".into()), ("b".into(), "two".into())]);
        let again = repeat(&failed, |file, names| {
            Ok(names.iter().map(|name| test(&file.to_string_lossy(), name, *name != "two")).collect())
        });
        assert_eq!(again.expect_err("one fails again").to_string(), "1 page test failed twice: “two”");
        let unseen = repeat(&[&two], |_, _| Ok(Vec::new()));
        assert!(unseen.is_err(), "a test that did not run has not passed");
        repeat(&[], |_, _| panic!("nothing has failed")).expect("nothing to repeat");
    }

    #[test]
    fn a_skipped_test_is_told_with_its_reason() {
        let lines = [
            r#"{"file":"/a.test.mjs","name":"one","passed":true}"#,
            r#"{"file":"/a.test.mjs","name":"two","passed":true,"skipped":"Firefox is missing"}"#,
        ];
        let ended = lines.map(|line| serde_json::from_str(line).expect("a test"));
        assert_eq!(reasons(&ended), ["two: skipped: Firefox is missing"]);
    }

    #[test]
    fn a_pattern_fits_its_name_only() {
        assert_eq!(pattern("a (b) 1 × 1?"), r"^a \(b\) 1 × 1\?$");
    }
}
