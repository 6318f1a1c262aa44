//! PyTorch's `.pth`, in its zip form and the older one. The pickle inside is parsed, never executed.

use std::path::Path;

use anyhow::{Context, Result, bail};
use half::f16;
use pytorch_reader::{DType, PytorchReader, Tensor};

use super::{Official, OfficialTensors};

/// Counts training steps; no use afterwards.
const NOT_WEIGHTS: &str = ".num_batches_tracked";

/// Lists a file's tensors under the names that `rename` gives them.
///
/// # Errors
/// For a file that is damaged, is no PyTorch file, or whose pickle wants anything but tensors.
pub fn read(path: &Path, rename: fn(&str) -> String) -> Result<OfficialTensors> {
    let reader =
        PytorchReader::new(path).with_context(|| format!("{} cannot be read as a PyTorch file", path.display()))?;
    let tensors = reader.into_tensors().into_iter().filter(|(name, _)| !name.ends_with(NOT_WEIGHTS));
    let tensors = tensors.map(|(name, tensor)| {
        let official = Official { shape: tensor.shape().to_vec(), read: Box::new(move || floats(&tensor)) };
        (rename(&name), official)
    });
    Ok(tensors.collect())
}

fn floats(tensor: &Tensor) -> Result<Vec<f32>> {
    let bytes = tensor.read()?;
    match tensor.dtype() {
        DType::F32 => {
            Ok(bytes.chunks_exact(4).map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]])).collect())
        }
        DType::F16 => Ok(bytes.chunks_exact(2).map(|two| f16::from_le_bytes([two[0], two[1]]).to_f32()).collect()),
        other => bail!("its numbers are {other:?}; only 16- and 32-bit floats are weights"),
    }
}
