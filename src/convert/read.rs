//! Reads official files: a wrong file is refused before anything is written.
//!
//! | file | what |
//! |---|---|
//! | [`official`] | whether a file is the official one, by the hash on the card |
//! | [`pytorch`] | `.pth` and `.pt`, whose pickle is inspected and never executed (`pickle`) |
//! | [`caffe`] | `.caffemodel` |
//! | [`numpy`] | `.pkl` with numpy's arrays (`pickle/values`) |
//! | [`safetensors_file`] | `.safetensors` |
//! | [`folded`] | the tensors checked against the network's graph, batch normalisation folded in |

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use half::f16;

use crate::graph::Graph;
use crate::networks::{Card, Source};
use crate::weights::{Weights, singles};

pub mod caffe;
pub mod folded;
pub mod numpy;
pub mod official;
mod pickle;
pub mod pytorch;
pub mod safetensors_file;

pub use folded::Folded;

/// A tensor of an official file, read when it is needed.
pub struct Official {
    /// As in the file.
    pub shape: Vec<usize>,
    /// Reads its numbers.
    pub read: Box<dyn Fn() -> Result<Vec<f32>>>,
}

/// An official file's tensors under this project's names.
pub type OfficialTensors = BTreeMap<String, Official>;

/// Opens a card's official file.
///
/// The file's ending tells its format: `.pth` or `.pt`, `.caffemodel`, `.pkl`, `.safetensors`.
///
/// # Errors
/// Says what is wrong with the file: damaged, another format, or every missing, extra and mis-shaped tensor.
pub fn open(card: &Card, path: &Path) -> Result<Folded> {
    let rename = match card.source {
        Source::PythonPackage { rename, .. } | Source::Download { rename, .. } => rename,
        Source::Trained { .. } => bail!("{} has no official file: it is trained here", card.id),
    };
    let ending = path.extension().and_then(OsStr::to_str).unwrap_or_default().to_ascii_lowercase();
    let tensors = match ending.as_str() {
        "pth" | "pt" => pytorch::read(path, rename)?,
        "caffemodel" => caffe::read(path, rename)?,
        "pkl" => numpy::read(path, rename)?,
        "safetensors" => safetensors_file::read(path, rename)?,
        _ => bail!("{} ends in none of .pth, .caffemodel, .pkl and .safetensors, which are read here", path.display()),
    };
    let folded = Folded::new(&(card.graph)(), tensors);
    let folded = folded.with_context(|| format!("{} is not {}'s official file", path.display(), card.name))?;
    Ok(folded.of_file(path))
}

/// Reads a card's official file into the graph for inference, in single precision.
///
/// # Errors
/// As [`open`], or if a tensor cannot be read.
pub fn read(card: &Card, path: &Path) -> Result<(Graph, Weights)> {
    open(card, path)?.all()
}

/// A file's bytes.
fn whole(path: &Path) -> Result<Vec<u8>> {
    let bytes = std::fs::read(path)?;
    ensure!(!bytes.is_empty(), "it is empty");
    Ok(bytes)
}

/// PyTorch's count of training steps is of no use afterwards.
fn is_weight(name: &str) -> bool {
    !name.ends_with(".num_batches_tracked")
}

fn halves(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks().0.iter().map(|&two| f16::from_le_bytes(two).to_f32()).collect()
}
