//! Running other programs.

use std::env;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

/// The command as it would be typed.
pub(crate) fn line(command: &Command) -> String {
    let mut text = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        let argument = argument.to_string_lossy();
        // A write to a String does not fail.
        let _ = if argument.contains(' ') { write!(text, " '{argument}'") } else { write!(text, " {argument}") };
    }
    text
}

/// Runs a command whose output the user sees.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    println!("    $ {}", line(command));
    let status = command.stdin(Stdio::null()).status().with_context(|| cannot_start(command))?;
    check(command, status, "")
}

/// Runs a command and gives what it printed. The last lines of its standard error are part of the error.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output().with_context(|| cannot_start(command))?;
    check(command, output.status, &String::from_utf8_lossy(&output.stderr))?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs a command and ends it after `limit`. The last lines of its standard error are part of the error.
pub(crate) fn run_within(command: &mut Command, limit: Duration) -> Result<()> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| cannot_start(command))?;
    // Read beside the wait: a child that fills its pipe would never end.
    let mut stderr = child.stderr.take().context("no standard error of the child")?;
    let reader = thread::spawn(move || {
        let mut text = String::new();
        // What could be read before an error is all there is to say.
        let _ = std::io::Read::read_to_string(&mut stderr, &mut text);
        text
    });
    let started = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if started.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            bail!("`{}` did not end within {} s", line(command), limit.as_secs());
        }
        thread::sleep(Duration::from_millis(50));
    };
    check(command, status, &reader.join().unwrap_or_default())
}

fn cannot_start(command: &Command) -> String {
    format!("`{}` could not be started", command.get_program().to_string_lossy())
}

fn check(command: &Command, status: ExitStatus, complaints: &str) -> Result<()> {
    if status.success() {
        return Ok(());
    }
    // The last lines say what went wrong; the rest is progress.
    let lines: Vec<&str> = complaints.lines().filter(|line| !line.trim().is_empty()).collect();
    let tail = lines[lines.len().saturating_sub(4)..].join(" / ");
    let colon = if tail.is_empty() { "" } else { ": " };
    bail!("`{}` failed ({status}){colon}{tail}", line(command));
}

/// Cargo's own folder.
pub(crate) fn cargo_home() -> Option<PathBuf> {
    env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| env::var_os("HOME").map(|home| Path::new(&home).join(".cargo")))
}

/// The search path, with the folder into which `cargo install` puts programs.
pub(crate) fn search_path() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> =
        env::var_os("PATH").map(|path| env::split_paths(&path).collect()).unwrap_or_default();
    if let Some(installed) = cargo_home().map(|home| home.join("bin"))
        && !folders.contains(&installed)
    {
        folders.push(installed);
    }
    folders
}

/// The program of that name on the search path.
pub(crate) fn which(name: &str) -> Option<PathBuf> {
    search_path()
        .into_iter()
        .map(|folder| folder.join(format!("{name}{}", env::consts::EXE_SUFFIX)))
        .find(|file| is_executable(file))
}

fn is_executable(file: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        file.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
    }
    #[cfg(not(unix))]
    file.is_file()
}

/// Whether packages of Debian or Ubuntu can be installed here: apt-get is there, and this is root.
pub(crate) fn can_apt() -> bool {
    which("apt-get").is_some()
        && which("dpkg-query").is_some()
        && output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

/// Installs those of the Debian packages that are missing.
pub(crate) fn apt_install(packages: &[&str]) -> Result<()> {
    let missing: Vec<&str> = packages
        .iter()
        .copied()
        .filter(|package| {
            !output(Command::new("dpkg-query").args(["-W", "-f=${Status}", package]))
                .is_ok_and(|status| status.contains("install ok installed"))
        })
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    println!("    installing the Debian packages {}", missing.join(" "));
    output(Command::new("apt-get").args(["update", "-qq"]))?;
    output(
        Command::new("apt-get")
            .args(["install", "-y", "-qq", "--no-install-recommends"])
            .args(&missing)
            .env("DEBIAN_FRONTEND", "noninteractive"),
    )?;
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_hangs_is_ended() {
        let error = run_within(Command::new("sleep").arg("30"), Duration::from_millis(100)).expect_err("it hangs");
        assert!(error.to_string().contains("did not end within"));
    }

    #[test]
    fn a_failure_carries_the_complaint() {
        let error = output(Command::new("sh").args(["-c", "echo no such thing >&2; exit 3"])).expect_err("it fails");
        assert!(error.to_string().ends_with("no such thing"), "{error}");
    }
}
