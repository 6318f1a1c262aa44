//! Whether a file is the official one.

use std::rc::Rc;

use anyhow::{Context, Result, bail};
use convscope_manifest::Hash;

use super::file::{Cursor, ReadAt};
use crate::networks::{self, Card, Source};

/// Whether a file is a network's official one, by the hashes on the card. A network that is trained here has none.
///
/// # Errors
/// If the file cannot be read.
pub fn is_official(card: &Card, file: &Rc<dyn ReadAt>) -> Result<bool> {
    Ok(fault(card, file)?.is_some_and(|fault| fault.is_empty()))
}

/// Refuses any file but the official one.
///
/// # Errors
/// If the hash differs, the network has no official file, or the file cannot be read. The error says which file it is and where it
/// is to be had.
pub fn check(card: &Card, file: &Rc<dyn ReadAt>) -> Result<()> {
    match fault(card, file)? {
        None => bail!("{} has no official file: it is trained here", card.name),
        Some(fault) if fault.is_empty() => Ok(()),
        Some(fault) => bail!(
            "{} is not the official file of {}: {fault}. The official one is {}",
            file.name(),
            card.name,
            wanted(card)
        ),
    }
}

/// Whether a file may be the official one by its length, which the card gives about. It saves the hash of most other files.
pub(super) fn may_be_official(card: &Card, file: &dyn ReadAt) -> bool {
    let (Source::PythonPackage { bytes, .. } | Source::Download { bytes, .. }) = card.source else { return false };
    file.length().abs_diff(bytes) <= bytes / 20
}

/// The hashes that the official file may have, the present one's first.
fn hashes(source: Source) -> Vec<Hash> {
    match source {
        Source::Trained { .. } => Vec::new(),
        Source::PythonPackage { sha256, .. } => vec![Hash::Sha256(sha256.into())],
        Source::Download { hash, earlier, .. } => [hash].iter().chain(earlier).map(|&hash| hash.into()).collect(),
    }
}

impl From<networks::Hash> for Hash {
    fn from(hash: networks::Hash) -> Self {
        match hash {
            networks::Hash::Sha256Prefix(digits) => Self::Sha256Prefix(digits.into()),
            networks::Hash::Sha1(digits) => Self::Sha1(digits.into()),
        }
    }
}

/// How a file's hash differs from the present official one; empty where it is one of them, none where there is none.
fn fault(card: &Card, file: &Rc<dyn ReadAt>) -> Result<Option<String>> {
    let mut first = None;
    for hash in hashes(card.source) {
        let fault = hash.fault_of(Cursor::new(file, 0)).with_context(|| format!("{} cannot be read", file.name()))?;
        let Some(fault) = fault else { return Ok(Some(String::new())) };
        first.get_or_insert(fault);
    }
    Ok(first)
}

/// The official file: its name, its size, and where it is.
fn wanted(card: &Card) -> String {
    let name = card.source.file_name().unwrap_or_default();
    match card.source {
        Source::Trained { .. } => String::new(),
        Source::PythonPackage { package, version, file, bytes, .. } => {
            format!(
                "{name} ({}), the file {file} in version {version} of the Python package {package}",
                megabytes(bytes)
            )
        }
        Source::Download { url, bytes, .. } => format!("{name} ({}), from {url}", megabytes(bytes)),
    }
}

fn megabytes(bytes: u64) -> String {
    format!("{:.0} MB", bytes as f64 / 1e6)
}
