//! What the commands print: one line for each step, and a list of what could not be done.

use std::time::Duration;

use anyhow::{Result, bail};

/// Says what a step found or did: `wasm32 target … found`.
pub(crate) fn step(name: &str, outcome: impl std::fmt::Display) {
    println!("{name} … {outcome}");
}

/// One thing that could not be done.
#[derive(Debug)]
pub(crate) struct Problem {
    /// The name of the step.
    pub(crate) step: String,
    /// What went wrong.
    pub(crate) why: String,
    /// What still works, and what to do.
    pub(crate) remedy: String,
}

/// What could not be done, in order. Steps go on after a problem, so that one missing tool does not hide the next.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<Problem>);

impl Problems {
    /// Notes the failure of a step, and says so at once.
    pub(crate) fn note(&mut self, step: &str, why: impl std::fmt::Display, remedy: &str) {
        println!("{step} … FAILED: {why}\n    {remedy}");
        self.0.push(Problem { step: step.to_owned(), why: why.to_string(), remedy: remedy.to_owned() });
    }

    /// Runs a step and notes its error.
    pub(crate) fn attempt(&mut self, step: &str, remedy: &str, work: impl FnOnce() -> Result<()>) {
        if let Err(error) = work() {
            self.note(step, format!("{error:#}"), remedy);
        }
    }

    /// Adds the problems of another list.
    pub(crate) fn extend(&mut self, other: Problems) {
        self.0.extend(other.0);
    }

    /// This list and another one.
    pub(crate) fn extended_by(mut self, other: Problems) -> Self {
        self.extend(other);
        self
    }

    /// The outcome of a step that had these problems.
    pub(crate) fn or_done(&self) -> String {
        if self.is_empty() { "done" } else { "done in part (see above)" }.to_owned()
    }

    /// Whether everything could be done.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the step of that name failed, and why.
    pub(crate) fn of(&self, step: &str) -> Option<&Problem> {
        self.0.iter().find(|problem| problem.step == step)
    }

    /// An error that names every problem, where there is one.
    pub(crate) fn into_result(self, command: &str) -> Result<()> {
        if self.is_empty() {
            return Ok(());
        }
        let lines: Vec<String> = self.0.iter().map(|p| format!("  {}: {}\n    {}", p.step, p.why, p.remedy)).collect();
        bail!("{command}: {} could not be done\n{}", plural(lines.len(), "step"), lines.join("\n"));
    }
}

/// "1 step", "2 steps".
pub(crate) fn plural(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// A size in MB, as the page says it.
pub(crate) fn megabytes(bytes: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "shown with two digits")]
    let value = bytes as f64 / 1e6;
    format!("{value:.2} MB")
}

/// A duration: "0.4 s", "3 min 12 s".
pub(crate) fn seconds(duration: Duration) -> String {
    let whole = duration.as_secs();
    if whole < 60 { format!("{:.1} s", duration.as_secs_f64()) } else { format!("{} min {} s", whole / 60, whole % 60) }
}

/// About how long something takes or has taken: "40 s", "9 min".
pub(crate) fn roughly(duration: Duration) -> String {
    let whole = duration.as_secs();
    if whole < 60 { format!("{whole} s") } else { format!("{} min", (whole + 30) / 60) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn estimates_are_rounded() {
        assert_eq!(roughly(Duration::from_millis(15_900)), "15 s");
        assert_eq!(roughly(Duration::from_secs(89)), "1 min");
        assert_eq!(roughly(Duration::from_secs(540)), "9 min");
    }

    #[test]
    fn durations_read_well() {
        assert_eq!(seconds(Duration::from_millis(449)), "0.4 s");
        assert_eq!(seconds(Duration::from_secs(192)), "3 min 12 s");
    }

    #[test]
    fn problems_name_each_step() {
        let mut problems = Problems::default();
        problems.note("npm", "not found", "Install Node.js 20 or newer.");
        let message = problems.into_result("set-up").expect_err("one problem").to_string();
        assert!(message.starts_with("set-up: 1 step could not be done"));
        assert!(message.contains("npm: not found"));
        assert!(message.contains("Node.js 20"));
    }
}
