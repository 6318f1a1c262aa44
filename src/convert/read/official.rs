//! Whether a file is the official one.

use std::rc::Rc;

use anyhow::{Context, Result, bail};
use convscope_manifest::Hash;

use super::file::{Cursor, ReadAt};
use crate::networks::{self, Card, Source};

/// Whether a file is a network's official one, by the hash on the card. A network that is trained here has none.
///
/// # Errors
/// If the file cannot be read.
pub fn is_official(card: &Card, file: &Rc<dyn ReadAt>) -> Result<bool> {
    match hash(card) {
        Some(hash) => Ok(fault(&hash, file)?.is_none()),
        None => Ok(false),
    }
}

/// Refuses any file but the official one.
///
/// # Errors
/// If the hash differs, the network has no official file, or the file cannot be read.
pub fn check(card: &Card, file: &Rc<dyn ReadAt>) -> Result<()> {
    let Some(hash) = hash(card) else { bail!("{} has no official file: it is trained here", card.name) };
    match fault(&hash, file)? {
        None => Ok(()),
        Some(fault) => bail!("{} is not the official file of {}: {fault}", file.name(), card.name),
    }
}

fn hash(card: &Card) -> Option<Hash> {
    match card.source {
        Source::Trained { .. } => None,
        Source::PythonPackage { sha256, .. } => Some(Hash::Sha256(sha256.into())),
        Source::Download { hash: networks::Hash::Sha256Prefix(digits), .. } => Some(Hash::Sha256Prefix(digits.into())),
        Source::Download { hash: networks::Hash::Sha1(digits), .. } => Some(Hash::Sha1(digits.into())),
    }
}

fn fault(hash: &Hash, file: &Rc<dyn ReadAt>) -> Result<Option<String>> {
    hash.fault_of(Cursor::new(file, 0)).with_context(|| format!("{} cannot be read", file.name()))
}
