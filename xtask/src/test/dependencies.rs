//! What is known of faults in the code that the project depends on: `cargo deny` for the crates, `npm audit` for what the page has of
//! npm. Both ask databases on the network. Where one cannot be asked, a line says what was not checked and why, and nothing fails;
//! the licences are checked without a network by a native test (`licences.rs`).

use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};

use super::command;
use crate::context::Context;
use crate::process;
use crate::report::step;

/// How long a database may take to answer.
const PATIENCE: Duration = Duration::from_secs(120);

/// How a check ended.
#[derive(Debug, PartialEq, Eq)]
enum Checked {
    Clean,
    /// What was found.
    Found(String),
    /// Why it could not be asked.
    Not(String),
}

pub(super) fn check(context: &Context) -> Result<()> {
    let deny = if process::output(command(context, "cargo").args(["deny", "--version"])).is_err() {
        let reason = "cargo-deny is not installed (`cargo install --locked cargo-deny`)";
        vec![("advisories, bans and sources of crates", Checked::Not(reason.to_owned()))]
    } else {
        let ask = |checks: &[&str]| {
            ended(command(context, "cargo").args(["deny", "check"]).args(checks), &["advisory database", "fetch"])
        };
        vec![
            ("bans, licences and sources of crates", ask(&["bans", "licenses", "sources"])),
            ("advisories on crates", ask(&["advisories"])),
        ]
    };
    // Without what only tests and measurements use, which no visitor gets.
    let mut npm = command(context, "npm");
    npm.args(["audit", "--omit=dev", "--audit-level=high"]);
    let npm = ended(
        &mut npm,
        &["audit endpoint returned an error", "ENOTFOUND", "ECONNREFUSED", "ETIMEDOUT", "EAI_AGAIN", "network"],
    );
    let mut found = Vec::new();
    for (what, checked) in deny.into_iter().chain([("advisories on npm packages", npm)]) {
        match checked {
            Checked::Clean => step(what, "none found"),
            Checked::Not(reason) => step(what, format_args!("NOT CHECKED: {reason}")),
            Checked::Found(text) => {
                step(what, "FOUND");
                found.push(format!("{what}: {text}"));
            }
        }
    }
    if !found.is_empty() {
        bail!("{}", found.join("; "));
    }
    Ok(())
}

/// Runs a check. What it says when it cannot reach its database contains one of `unreachable`.
fn ended(check: &mut Command, unreachable: &[&str]) -> Checked {
    match process::run_within(check, PATIENCE) {
        Ok(()) => Checked::Clean,
        Err(error) => {
            let text = format!("{error:#}");
            let is_unreachable = unreachable.iter().any(|words| text.contains(words)) || text.contains("did not end");
            if is_unreachable { Checked::Not(text) } else { Checked::Found(text) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(script: &str) -> Checked {
        ended(Command::new("sh").args(["-c", script]), &["ENOTFOUND"])
    }

    #[cfg(unix)]
    #[test]
    fn a_finding_fails_and_a_missing_network_does_not() {
        assert_eq!(said("exit 0"), Checked::Clean);
        assert!(
            matches!(said("echo '2 high severity vulnerabilities' >&2; exit 1"), Checked::Found(text) if text.contains("2 high"))
        );
        assert!(
            matches!(said("echo 'npm error code ENOTFOUND' >&2; exit 1"), Checked::Not(text) if text.contains("ENOTFOUND"))
        );
    }
}
