//! PyTorch's `.pth`, in its zip form and the older one. The pickle inside is parsed, never executed.
//!
//! pytorch-reader ignores what it does not know, so a file is inspected first: one that wants to call anything but the functions
//! that rebuild tensors is not a file of weights, even though a reader that calls nothing would be safe from it.

use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use pytorch_reader::{DType, PytorchReader};
use zip::{CompressionMethod, ZipArchive};

use super::archive::{Readable, readable};
use super::pickle::inspect;
use super::{Official, OfficialTensors, ReadAt, halves, is_weight, singles};
use crate::networks::Rename;

/// What both forms begin with: a zip archive's first entry, or the pickle of the older form's magic number.
const ZIP: &[u8] = b"PK\x03\x04";
const MAGIC: &[u8] = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.";
/// Pickles of the older form: magic number, protocol, system, tensors, order of the storages.
const PICKLES: usize = 5;
/// End of the name of the archive's entry that holds the tensors' names and shapes.
const TENSORS: &str = "data.pkl";

/// Lists a file's tensors under the names that `rename` gives them.
///
/// # Errors
/// If the file is damaged or is not a PyTorch file, if its pickle wants to call anything but what rebuilds tensors, or if it
/// would unpack to more bytes than it has. The error names every tensor whose elements are not 16- or 32-bit floats.
pub fn read(file: &dyn ReadAt, rename: Rename) -> Result<OfficialTensors> {
    let path = Path::new(file.name());
    tensors(path, rename).with_context(|| format!("{} cannot be read as a PyTorch file", path.display()))
}

fn tensors(path: &Path, rename: Rename) -> Result<OfficialTensors> {
    let archive = inspect_file(path)?;
    let readable = archive.as_ref().map_or(path, Readable::path);
    let reader = PytorchReader::new(readable).context("it is damaged or cut short")?;
    let mut tensors = OfficialTensors::new();
    let mut faults = Vec::new();
    for (name, tensor) in reader.into_tensors().into_iter().filter(|(name, _)| is_weight(name)) {
        let floats = match tensor.dtype() {
            DType::F32 => singles,
            DType::F16 => halves,
            other => {
                faults.push(format!("the elements of {name} are {other:?}"));
                continue;
            }
        };
        let shape = tensor.shape().to_vec();
        tensors.insert(rename(&name), Official { shape, read: Box::new(move || Ok(floats(&tensor.read()?))) });
    }
    faults.sort();
    ensure!(faults.is_empty(), "{}; only 16- and 32-bit floats are weights", faults.join(", "));
    Ok(tensors)
}

/// Checks a file; the archive that it is, in the newer form.
fn inspect_file(path: &Path) -> Result<Option<Readable<'_>>> {
    let mut file = File::open(path)?;
    let mut start = Vec::new();
    file.by_ref().take(MAGIC.len() as u64).read_to_end(&mut start)?;
    file.rewind()?;
    ensure!(!start.is_empty(), "it is empty");
    if start.starts_with(ZIP) {
        let archive = readable(path)?;
        inspect_zip(File::open(archive.path())?)?;
        Ok(Some(archive))
    } else if start == MAGIC {
        let mut reader = BufReader::new(file);
        (0..PICKLES).try_for_each(|_| inspect(&mut reader))?;
        Ok(None)
    } else {
        bail!("it is neither of the two forms that PyTorch writes")
    }
}

/// PyTorch does not compress its archives, so one that would grow was not written by it.
fn inspect_zip(file: File) -> Result<()> {
    let length = file.metadata()?.len();
    let mut archive = ZipArchive::new(BufReader::new(file)).context("it is damaged or cut short")?;
    let mut unpacked = 0u64;
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).context("it is damaged or cut short")?;
        unpacked = unpacked.saturating_add(entry.size());
        ensure!(entry.compression() == CompressionMethod::Stored, "it is compressed, which PyTorch's files are not");
    }
    ensure!(unpacked <= length, "it would unpack to {unpacked} bytes and has {length}");
    for index in 0..archive.len() {
        let entry = archive.by_index(index).context("it is damaged or cut short")?;
        if entry.name().context("it is damaged")?.ends_with(TENSORS) {
            inspect(&mut BufReader::new(entry))?;
        }
    }
    Ok(())
}
