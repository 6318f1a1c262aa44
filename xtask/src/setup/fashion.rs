//! Fashion-MNIST, from Debian's package.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::process;

const PACKAGE: &str = "dataset-fashion-mnist";
/// Where the package puts its four files.
const FOLDER: &str = "/usr/share/datasets/fashion-mnist";

/// The folder of the four files, compressed with gzip.
pub(super) fn ensure() -> Result<PathBuf> {
    let folder = Path::new(FOLDER);
    if !folder.is_dir() {
        if !process::can_apt() {
            bail!("it comes from Debian's package {PACKAGE}, which cannot be installed here");
        }
        process::apt_install(&[PACKAGE])?;
    }
    Ok(folder.to_owned())
}
