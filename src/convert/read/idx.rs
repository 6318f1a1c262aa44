//! IDX files: MNIST's format, a header and then the elements. (LeCun, Cortes & Burges)

use std::fs;
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use flate2::read::GzDecoder;

/// The elements of the file `name` in a folder, which has bytes in so many dimensions. Where there is no such file, `name.gz`
/// is read, compressed with gzip.
///
/// # Errors
/// If neither can be read, or it is another kind of file.
pub fn read(folder: &Path, name: &str, dimensions: usize) -> Result<Vec<u8>> {
    let path = folder.join(name);
    let bytes =
        if path.is_file() { fs::read(&path).map_err(Into::into) } else { unpacked(&folder.join(format!("{name}.gz"))) };
    let bytes = bytes.with_context(|| format!("{} cannot be read", path.display()))?;
    let header = 4 + 4 * dimensions;
    ensure!(
        bytes.len() > header && bytes[..4] == [0, 0, 8, dimensions as u8],
        "{} is no IDX file of bytes with {dimensions} dimensions",
        path.display()
    );
    Ok(bytes[header..].to_vec())
}

fn unpacked(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    GzDecoder::new(fs::File::open(path)?).read_to_end(&mut bytes)?;
    Ok(bytes)
}
