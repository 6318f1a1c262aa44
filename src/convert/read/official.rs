//! Whether a file is the official one.

use std::path::Path;

use anyhow::{Result, bail};
use convscope_manifest::Hash;

use crate::networks::{self, Card, Source};

/// Compares a file with the hash on the card; a network that is trained here has none, so that any file passes.
///
/// # Errors
/// If the hash differs or the file cannot be read.
pub fn check(card: &Card, path: &Path) -> Result<()> {
    let hash = match card.source {
        Source::Trained { .. } => return Ok(()),
        Source::PythonPackage { sha256, .. } => Hash::Sha256(sha256.into()),
        Source::Download { hash: networks::Hash::Sha256Prefix(digits), .. } => Hash::Sha256Prefix(digits.into()),
        Source::Download { hash: networks::Hash::Sha1(digits), .. } => Hash::Sha1(digits.into()),
    };
    match hash.fault(path)? {
        None => Ok(()),
        Some(fault) => bail!("{} is not the official file of {}: {fault}", path.display(), card.name),
    }
}
