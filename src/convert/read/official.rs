//! Is a file the official one?

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::convert::export::install::hexadecimal;
use crate::networks::{Card, Hash, Source};

/// Compares a file with the hash on the card.
///
/// # Errors
/// If it differs or cannot be read.
pub fn check(card: &Card, path: &Path) -> Result<()> {
    let unreadable = || format!("{} cannot be read", path.display());
    let mut file = File::open(path).with_context(unreadable)?;
    let official = match card.source {
        Source::Trained { .. } => true,
        Source::PythonPackage { sha256, .. } => hash::<Sha256>(&mut file).with_context(unreadable)? == sha256,
        Source::Download { hash: Hash::Sha256Prefix(digits), .. } => {
            hash::<Sha256>(&mut file).with_context(unreadable)?.starts_with(digits)
        }
        Source::Download { hash: Hash::Sha1(digits), .. } => {
            hash::<Sha1>(&mut file).with_context(unreadable)? == digits
        }
    };
    ensure!(official, "{} is not the official file of {}: its hash differs", path.display(), card.name);
    Ok(())
}

fn hash<D: Digest>(file: &mut File) -> io::Result<String> {
    let mut digest = D::new();
    let mut part = vec![0; 1 << 20];
    loop {
        match file.read(&mut part)? {
            0 => return Ok(hexadecimal(&digest.finalize())),
            length => digest.update(&part[..length]),
        }
    }
}
