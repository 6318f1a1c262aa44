//! MNIST's files. (LeCun, Cortes & Burges; 60,000 and 10,000 digits of 28×28 pixels)

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use super::digits::Digits;

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
    let pixels = idx(&folder.join(format!("{set}-images-idx3-ubyte")), 3)?;
    let labels = idx(&folder.join(format!("{set}-labels-idx1-ubyte")), 1)?;
    Digits::new(pixels, labels).with_context(|| format!("{}: {set}", folder.display()))
}

/// The bytes of an IDX file with so many dimensions.
fn idx(path: &Path, dimensions: usize) -> Result<Vec<u8>> {
    let bytes = fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let header = 4 + 4 * dimensions;
    ensure!(
        bytes.len() > header && bytes[..4] == [0, 0, 8, dimensions as u8],
        "{} is no IDX file of bytes with {dimensions} dimensions",
        path.display()
    );
    Ok(bytes[header..].to_vec())
}
