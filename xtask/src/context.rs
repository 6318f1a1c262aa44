//! The repository's folders, and the environment in which the tools run.

use std::env;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::process;

/// The name under which rustup knows a toolchain composed by [`crate::setup`].
pub(crate) const LINKED_TOOLCHAIN: &str = "convscope";

/// The repository, its build folder, and the Rust toolchain its tools run with.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    /// The repository's root.
    pub(crate) root: PathBuf,
    /// Cargo's target folder, wherever the configuration puts it.
    pub(crate) target: PathBuf,
    /// The rustup toolchain for every child; `None`: the one this program was started with.
    pub(crate) toolchain: Option<String>,
}

impl Context {
    /// Finds the repository this program was built from.
    pub(crate) fn find() -> Result<Self> {
        // Set by `cargo run`, so that the program is right in each clone that shares a target folder.
        let root = match env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from) {
            Some(xtask) => xtask.parent().map(Path::to_owned),
            None => env::current_dir()?
                .ancestors()
                .find(|folder| folder.join("xtask/Cargo.toml").is_file())
                .map(Path::to_owned),
        }
        .context("the repository's root was not found; start this as `cargo xtask` inside the repository")?;

        let mut context = Self { root, target: PathBuf::new(), toolchain: None };
        context.target = match env::var_os("CARGO_TARGET_DIR") {
            Some(target) => context.root.join(target),
            None => context.target_from_cargo()?,
        };
        Ok(context)
    }

    fn target_from_cargo(&self) -> Result<PathBuf> {
        #[derive(serde::Deserialize)]
        struct Metadata {
            target_directory: PathBuf,
        }
        let json =
            process::output(self.command("cargo").args(["metadata", "--no-deps", "--format-version=1", "--offline"]))?;
        let metadata: Metadata =
            serde_json::from_str(&json).context("`cargo metadata` printed something unexpected")?;
        Ok(metadata.target_directory)
    }

    /// The folder of files that are fetched and kept between runs.
    pub(crate) fn data(&self) -> PathBuf {
        self.target.join("data")
    }

    /// The folder of MNIST's four files.
    pub(crate) fn mnist(&self) -> PathBuf {
        self.data().join("mnist")
    }

    /// Does what two commands must not do at once, because they would write the same files: the later one waits, and finds it done.
    pub(crate) fn alone<T>(&self, name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let folder = self.target.join("locks");
        fs::create_dir_all(&folder)?;
        let path = folder.join(name.replace(|letter: char| !letter.is_ascii_alphanumeric(), "-"));
        let lock = File::create(&path).with_context(|| format!("{} cannot be written", path.display()))?;
        if let Err(TryLockError::WouldBlock) = lock.try_lock() {
            println!("    waiting until another command has finished with: {name}");
        }
        lock.lock().with_context(|| format!("{} cannot be locked", path.display()))?;
        work()
    }

    /// Whether what a native program makes is there, and as new as the program, which decides over it.
    pub(crate) fn is_made_by(&self, program: &str, file: &Path) -> bool {
        let time = |file: &Path| fs::metadata(file).and_then(|file| file.modified());
        time(file).is_ok_and(|made| time(&self.native_program(program)).is_ok_and(|built| made >= built))
    }

    /// A native program of this crate, as `cargo build --release` leaves it.
    pub(crate) fn native_program(&self, name: &str) -> PathBuf {
        self.target.join("release").join(format!("{name}{}", env::consts::EXE_SUFFIX))
    }

    /// As [`Context::command`], but at low priority.
    pub(crate) fn patient_command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        if process::which("nice").is_none() {
            return self.command(program);
        }
        let mut command = self.command("nice");
        command.args(["-n", "19"]).arg(program);
        command
    }

    /// A command that runs in the repository's root with the right Rust toolchain.
    ///
    /// This program was itself started by a cargo, perhaps by that of another toolchain. The variables that cargo sets would mislead
    /// the command, so they are removed: `CARGO` (which cargo_metadata, used by wasm-pack, starts), those of the package, and
    /// rustup's library path.
    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root);
        for (name, _) in env::vars_os() {
            let name_text = name.to_string_lossy();
            if name_text == "CARGO"
                || name_text == "RUST_RECURSION_COUNT"
                || ["CARGO_MANIFEST_", "CARGO_PKG_", "CARGO_CRATE_", "CARGO_BIN_"]
                    .iter()
                    .any(|prefix| name_text.starts_with(prefix))
            {
                command.env_remove(&name);
            }
        }
        let mut path = process::search_path();
        if let Some(toolchain) = &self.toolchain {
            command.env("RUSTUP_TOOLCHAIN", toolchain);
            path = without_toolchains(path);
            if let Some(libraries) = env::var_os("LD_LIBRARY_PATH")
                && let Ok(libraries) = env::join_paths(without_toolchains(env::split_paths(&libraries)))
            {
                command.env("LD_LIBRARY_PATH", libraries);
            }
        }
        if let Ok(path) = env::join_paths(path) {
            command.env("PATH", path);
        }
        command
    }
}

/// A search path without the folders inside a rustup toolchain.
fn without_toolchains(path: impl IntoIterator<Item = PathBuf>) -> Vec<PathBuf> {
    path.into_iter()
        .filter(|folder| {
            let parts: Vec<_> = folder.iter().map(|part| part.to_string_lossy()).collect();
            !parts.windows(2).any(|pair| pair[0].ends_with("rustup") && pair[1] == "toolchains")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_target(name: &str) -> Context {
        let target = env::temp_dir().join(format!("xtask-context-{name}-{}", std::process::id()));
        Context { root: target.clone(), target, toolchain: None }
    }

    #[test]
    fn what_two_commands_must_not_do_at_once_is_done_one_after_the_other() {
        let context = with_target("alone");
        let at_once = std::sync::atomic::AtomicUsize::new(0);
        let work = || {
            context.alone("a step", || {
                let others = at_once.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                std::thread::sleep(std::time::Duration::from_millis(30));
                at_once.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
                Ok(others)
            })
        };
        let others: Vec<usize> = std::thread::scope(|scope| {
            let running: Vec<_> = (0..4).map(|_| scope.spawn(work)).collect();
            running.into_iter().map(|one| one.join().expect("a thread").expect("the work")).collect()
        });
        assert_eq!(others, [0; 4]);
        fs::remove_dir_all(&context.target).expect("the folder");
    }

    #[test]
    fn what_is_older_than_the_program_that_makes_it_is_made_again() {
        let context = with_target("made");
        let (file, program) = (context.target.join("digits"), context.native_program("convert"));
        fs::create_dir_all(program.parent().expect("a folder")).expect("a folder");
        fs::write(&program, "").expect("a program");
        assert!(!context.is_made_by("convert", &file), "it is not there");
        fs::write(&file, "").expect("a file");
        assert!(context.is_made_by("convert", &file));
        let later = std::time::SystemTime::now() + std::time::Duration::from_secs(60);
        File::options().write(true).open(&program).and_then(|program| program.set_modified(later)).expect("a time");
        assert!(!context.is_made_by("convert", &file));
        fs::remove_dir_all(&context.target).expect("the folder");
    }

    #[test]
    fn toolchain_folders_leave_the_search_path() {
        let path = ["/a/.rustup/toolchains/stable/lib", "/a/.cargo/bin", "/usr/bin"].map(PathBuf::from);
        assert_eq!(without_toolchains(path), ["/a/.cargo/bin", "/usr/bin"].map(PathBuf::from));
    }
}
