//! The steps of a command: their number, what each does and about how long it takes, for the terminal and for the page.

mod heartbeat;

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use convscope_manifest::BuildingStep;

use crate::process;
use crate::report::{roughly, seconds};

/// How often the terminal says how far a step is.
const HEARTBEAT: Duration = Duration::from_secs(60);

/// How many of a program's last lines are part of the error when it fails.
const TOLD: usize = 25;

/// A step that is announced before it begins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Announced {
    /// What the terminal and the page call it.
    pub(crate) name: &'static str,
    /// What it does, as in "compiling the engine".
    pub(crate) what: &'static str,
    /// About how many seconds it takes on two cores the first time.
    pub(crate) about: u64,
}

impl Announced {
    fn roughly(self) -> String {
        roughly(Duration::from_secs(self.about))
    }

    /// How long it has taken so far, beside how long it usually takes.
    fn so_far(self, elapsed: Duration) -> String {
        let (now, usual) = (roughly(elapsed), self.roughly());
        // "1 min, longer than the usual 1 min" would say nothing.
        let is_longer = elapsed > Duration::from_secs(self.about) && now != usual;
        if is_longer { format!("{now}, longer than the usual {usual}") } else { format!("{now} of about {usual}") }
    }
}

#[derive(Debug)]
enum State {
    Waiting,
    Running { since: Instant, doing: String, parts: Vec<String> },
    Ended,
}

#[derive(Debug)]
struct Step {
    announced: Announced,
    state: State,
}

/// The steps of one command, which several threads may run.
#[derive(Debug)]
pub(crate) struct Progress {
    steps: Mutex<Vec<Step>>,
    logs: PathBuf,
}

impl Progress {
    /// The steps of a command, none of which has begun. What programs print is written into files in `target/logs`.
    pub(crate) fn new(target: &Path, steps: &[Announced]) -> Self {
        let waiting = |&announced| Step { announced, state: State::Waiting };
        Self { steps: Mutex::new(steps.iter().map(waiting).collect()), logs: target.join("logs") }
    }

    /// Announces a step, runs it, and prints how it ended, in the words that `work` gives.
    ///
    /// # Errors
    /// Those of `work`.
    pub(crate) fn run(&self, name: &str, work: impl FnOnce(&Task) -> Result<String>) -> Result<()> {
        self.announce(name);
        self.carry_out(name, work)
    }

    /// Says that a step begins, and about how long it takes.
    pub(crate) fn announce(&self, name: &str) {
        if let Ok((number, _, announced)) = self.find(name) {
            println!("{number} {name}: {}, about {} the first time", announced.what, announced.roughly());
        }
    }

    /// Says how a step ended that had nothing to do.
    pub(crate) fn tell(&self, name: &str, outcome: &str) {
        if let Ok((number, ..)) = self.find(name) {
            println!("{number} {name} … {outcome}");
        }
    }

    /// As [`Progress::run`], of a step that has been announced, or need not be because it probably has nothing to do.
    ///
    /// # Errors
    /// Those of `work`.
    pub(crate) fn carry_out(&self, name: &str, work: impl FnOnce(&Task) -> Result<String>) -> Result<()> {
        let (number, index, announced) = self.find(name)?;
        let since = Instant::now();
        self.set(index, State::Running { since, doing: announced.what.to_owned(), parts: Vec::new() });
        // Also where the work panics, so that nobody waits for it.
        let ended = Ended { progress: self, index };
        let task = Task { progress: self, index, log: self.logs.join(format!("{}.log", name.replace(' ', "-"))) };
        let tell = || {
            if let Some(line) = self.running(index) {
                println!("    {line}");
            }
        };
        let made = heartbeat::beside(HEARTBEAT, tell, || work(&task));
        let took = seconds(since.elapsed());
        match &made {
            Ok(outcome) => println!("{number} {name} … {outcome}, {took}"),
            Err(_) => println!("{number} {name} … FAILED after {took}"),
        }
        drop(ended);
        made.map(|_| ())
    }

    /// Marks a step as ended that has nothing to do or cannot be done.
    pub(crate) fn skip(&self, name: &str) {
        if let Some(step) = self.steps().iter_mut().find(|step| step.announced.name == name) {
            step.state = State::Ended;
        }
    }

    /// Whether a step has not begun.
    pub(crate) fn waits(&self, name: &str) -> bool {
        self.steps().iter().any(|step| step.announced.name == name && matches!(step.state, State::Waiting))
    }

    /// The steps that wait or run, for the page. A step of several parts is listed part by part.
    pub(crate) fn unfinished(&self) -> Vec<BuildingStep> {
        let described = |step: &Step| {
            let name = step.announced.name.to_owned();
            match &step.state {
                State::Waiting => vec![BuildingStep { name, text: "waiting".to_owned() }],
                State::Running { since, parts, .. } if parts.is_empty() => {
                    let text = format!("being built, {}", step.announced.so_far(since.elapsed()));
                    vec![BuildingStep { name, text }]
                }
                State::Running { parts, .. } => {
                    let text = |index| if index == 0 { "being fetched and converted" } else { "waiting" }.to_owned();
                    parts
                        .iter()
                        .enumerate()
                        .map(|(index, part)| BuildingStep { name: part.clone(), text: text(index) })
                        .collect()
                }
                State::Ended => Vec::new(),
            }
        };
        self.steps().iter().flat_map(described).collect()
    }

    /// How far a step is, in one line for the terminal; none where it does not run.
    fn running(&self, index: usize) -> Option<String> {
        let Step { announced, state } = &self.steps()[index];
        match state {
            State::Running { since, doing, .. } => {
                Some(format!("{}: {doing}, {}", announced.name, announced.so_far(since.elapsed())))
            }
            State::Waiting | State::Ended => None,
        }
    }

    /// A step's number as it is printed, its place, and what is announced of it.
    fn find(&self, name: &str) -> Result<(String, usize, Announced)> {
        let steps = self.steps();
        let index = steps.iter().position(|step| step.announced.name == name);
        let index = index.with_context(|| format!("no step is called {name}"))?;
        Ok((format!("[{}/{}]", index + 1, steps.len()), index, steps[index].announced))
    }

    fn set(&self, index: usize, state: State) {
        self.steps()[index].state = state;
    }

    /// A thread that ended early leaves the steps as they were.
    fn steps(&self) -> MutexGuard<'_, Vec<Step>> {
        self.steps.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Marks a step as ended when it is dropped.
struct Ended<'a> {
    progress: &'a Progress,
    index: usize,
}

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.progress.set(self.index, State::Ended);
    }
}

/// The step that runs.
pub(crate) struct Task<'a> {
    progress: &'a Progress,
    index: usize,
    log: PathBuf,
}

impl Task<'_> {
    /// Sets what the terminal and the page say that the step does now.
    pub(crate) fn say(&self, now: &str) {
        if let State::Running { doing, .. } = &mut self.progress.steps()[self.index].state {
            now.clone_into(doing);
        }
    }

    /// Sets which parts are left; the first is the one that is being worked on.
    pub(crate) fn left(&self, names: Vec<String>) {
        if let State::Running { parts, .. } = &mut self.progress.steps()[self.index].state {
            *parts = names;
        }
    }

    /// Runs a program and writes what it prints into the step's log. Its last lines are part of the error.
    ///
    /// # Errors
    /// If the program cannot be started or fails.
    pub(crate) fn run(&self, command: &mut Command) -> Result<()> {
        if let Some(folder) = self.log.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut log = File::create(&self.log).with_context(|| format!("{} cannot be written", self.log.display()))?;
        let program = process::line(command);
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("`{program}` could not be started"))?;
        let stderr = child.stderr.take().context("no standard error of the child")?;
        let mut last = Vec::new();
        for line in BufReader::new(stderr).split(b'\n') {
            // A pipe that cannot be read ends here; the program's own end says whether that matters.
            let Ok(line) = line else { break };
            let line = String::from_utf8_lossy(&line).into_owned();
            // A full disk must not stop the program, whose output is read here.
            let _ = writeln!(log, "{line}");
            if let Some(what) = line.trim_start().strip_prefix("Compiling ") {
                self.say(&format!("compiling {}", what.split(" (").next().unwrap_or(what)));
            }
            last.push(line);
            if last.len() > TOLD {
                last.remove(0);
            }
        }
        let status = child.wait()?;
        if !status.success() {
            bail!("`{program}` failed ({status}); all it said is in {}:\n{}", self.log.display(), last.join("\n"));
        }
        Ok(())
    }
}

/// Runs a command that has a single step.
///
/// # Errors
/// Those of `work`.
pub(crate) fn single(target: &Path, step: Announced, work: impl FnOnce(&Task) -> Result<String>) -> Result<()> {
    Progress::new(target, &[step]).run(step.name, work)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: [Announced; 2] = [
        Announced { name: "engine", what: "compiling the engine", about: 40 },
        Announced { name: "burn", what: "compiling burn", about: 540 },
    ];

    fn progress() -> Progress {
        Progress::new(&std::env::temp_dir().join(format!("xtask-progress-{}", std::process::id())), &STEPS)
    }

    fn unfinished(name: &str, text: &str) -> BuildingStep {
        BuildingStep { name: name.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn what_waits_and_what_runs_is_told_and_what_has_ended_is_not() {
        let progress = progress();
        progress
            .run("engine", |task| {
                task.say("binding it");
                let told = [unfinished("engine", "being built, 0 s of about 40 s"), unfinished("burn", "waiting")];
                assert_eq!(progress.unfinished(), told);
                assert_eq!(progress.running(0).expect("it runs"), "engine: binding it, 0 s of about 40 s");
                assert_eq!(progress.running(1), None);
                task.left(vec!["weights of a".to_owned(), "weights of b".to_owned()]);
                let told =
                    [unfinished("weights of a", "being fetched and converted"), unfinished("weights of b", "waiting")];
                assert_eq!(progress.unfinished()[..2], told);
                Ok("built".to_owned())
            })
            .expect("it ends well");
        assert_eq!(progress.unfinished(), [unfinished("burn", "waiting")]);
        assert_eq!(progress.running(0), None);
        progress.run("burn", |_| bail!("no memory")).expect_err("it fails");
        assert!(progress.unfinished().is_empty());
    }

    #[test]
    fn an_estimate_that_is_exceeded_is_named_as_what_is_usual() {
        let [engine, burn] = STEPS;
        for (step, elapsed, told) in [
            (engine, 40, "40 s of about 40 s"),
            (engine, 45, "45 s, longer than the usual 40 s"),
            (burn, 180, "3 min of about 9 min"),
            (burn, 560, "9 min of about 9 min"),
            (burn, 960, "16 min, longer than the usual 9 min"),
        ] {
            assert_eq!(step.so_far(Duration::from_secs(elapsed)), told);
        }
    }

    #[test]
    fn a_step_that_panics_has_ended() {
        let progress = progress();
        let run = || progress.run("burn", |_| panic!("a bug"));
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).expect_err("it panics");
        assert_eq!(progress.unfinished(), [unfinished("engine", "waiting")]);
    }

    #[cfg(unix)]
    #[test]
    fn a_program_that_fails_leaves_its_words() {
        let progress = progress();
        let said = progress.run("burn", |task| {
            task.run(Command::new("sh").args(["-c", "echo Compiling burn v1 >&2; echo no such thing >&2; exit 3"]))?;
            Ok(String::new())
        });
        let said = said.expect_err("it fails").to_string();
        assert!(said.contains("burn.log") && said.ends_with("no such thing"), "{said}");
    }
}
