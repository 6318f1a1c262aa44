//! MNIST's files. (LeCun, Cortes & Burges; 60,000 and 10,000 digits of 28×28 pixels)

use std::path::Path;

use anyhow::{Context, Result};

use super::digits::Digits;
use crate::convert::read::idx;

/// The 60,000 digits to train with.
///
/// # Errors
/// If a file is missing or is no MNIST file.
pub fn training(folder: &Path) -> Result<Digits> {
    read(folder, "train")
}

/// The 10,000 digits to test with.
///
/// # Errors
/// If a file is missing or is no MNIST file.
pub fn test(folder: &Path) -> Result<Digits> {
    read(folder, "t10k")
}

fn read(folder: &Path, set: &str) -> Result<Digits> {
    let pixels = idx::read(folder, &format!("{set}-images-idx3-ubyte"), 3)?;
    let labels = idx::read(folder, &format!("{set}-labels-idx1-ubyte"), 1)?;
    Digits::new(pixels, labels).with_context(|| format!("{}: {set}", folder.display()))
}
