//! An official `.safetensors`, in single or half precision.

use std::rc::Rc;

use anyhow::{Context, Result, ensure};
use safetensors::tensor::{Dtype, SafeTensors};

use super::{Official, OfficialTensors, ReadAt, halves, is_weight, read_whole, singles};
use crate::networks::Rename;

/// Lists a file's tensors under the names that `rename` gives them.
///
/// # Errors
/// If the file is damaged or is not a safetensors file. The error names every tensor whose elements are not 16- or 32-bit
/// floats.
pub fn read(file: &dyn ReadAt, rename: Rename) -> Result<OfficialTensors> {
    tensors(file, rename).with_context(|| format!("{} cannot be read as a safetensors file", file.name()))
}

fn tensors(file: &dyn ReadAt, rename: Rename) -> Result<OfficialTensors> {
    let bytes = Rc::new(read_whole(file)?);
    SafeTensors::deserialize(&bytes).context("it is another format, damaged or cut short")?;
    let (header, metadata) = SafeTensors::read_metadata(&bytes)?;
    // The length of the header, in eight bytes, stands before it.
    let start = 8 + header;
    let mut tensors = OfficialTensors::new();
    let mut faults = Vec::new();
    for (name, info) in metadata.tensors().into_iter().filter(|(name, _)| is_weight(name)) {
        let floats = match info.dtype {
            Dtype::F32 => singles,
            Dtype::F16 => halves,
            other => {
                faults.push(format!("the elements of {name} are {other:?}"));
                continue;
            }
        };
        let (from, to) = info.data_offsets;
        let bytes = Rc::clone(&bytes);
        let read = Box::new(move || Ok(floats(&bytes[start + from..start + to])));
        tensors.insert(rename(&name), Official { shape: info.shape.clone(), read });
    }
    faults.sort();
    ensure!(faults.is_empty(), "{}; only 16- and 32-bit floats are weights", faults.join(", "));
    Ok(tensors)
}
