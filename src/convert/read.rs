//! Reads official files: a wrong file is refused before anything is written.
//!
//! | file | what |
//! |---|---|
//! | [`official`] | whether a file is the official one, by the hash on the card |
//! | [`pytorch`] | `.pth` and `.pt`, whose pickle is inspected and never executed (`pickle`) |
//! | [`archive`] | the zip archives of `.pth` |
//! | [`caffe`] | `.caffemodel` |
//! | [`numpy`] | `.pkl` with numpy's arrays (`pickle/values`) |
//! | [`safetensors_file`] | `.safetensors` |
//! | [`idx`] | pictures of digits and their classes, in MNIST's format |
//! | [`folded`] | the tensors checked against the network's graph, batch normalisation folded in |

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use half::f16;

use crate::graph::Graph;
use crate::networks::{Card, Source};
use crate::weights::{Weights, singles};

mod archive;
pub mod caffe;
pub mod folded;
pub mod idx;
pub mod numpy;
pub mod official;
mod pickle;
pub mod pytorch;
pub mod safetensors_file;

pub use folded::Folded;

/// A tensor of an official file, whose elements are read when they are needed.
pub struct Official {
    /// The shape, as in the file.
    pub shape: Vec<usize>,
    /// Reads the elements, the last dimension running fastest.
    pub read: Box<dyn Fn() -> Result<Vec<f32>>>,
}

/// An official file's tensors, by the names that this project gives them.
pub type OfficialTensors = BTreeMap<String, Official>;

/// Opens a network's official file and checks its tensors against the network's graph.
///
/// The ending of the file's name tells its format: `.pth` or `.pt`, `.caffemodel`, `.pkl`, `.safetensors`.
///
/// # Errors
/// If the file is damaged or of another format. If its tensors do not fit, the error lists every one that is missing, unknown
/// or of another shape.
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
        _ => bail!(
            "{} is not of a known format: its name must end in .pth, .pt, .caffemodel, .pkl or .safetensors",
            path.display()
        ),
    };
    let folded = Folded::new(&(card.graph)(), tensors);
    let folded = folded.with_context(|| format!("{} is not {}'s official file", path.display(), card.name))?;
    Ok(folded.of_file(path))
}

/// Reads a network's official file whole: the graph for inference, and its weights in single precision.
///
/// # Errors
/// As [`open`], and if a tensor cannot be read.
pub fn read(card: &Card, path: &Path) -> Result<(Graph, Weights)> {
    open(card, path)?.all()
}

/// All bytes of a file, which must not be empty.
fn read_whole(path: &Path) -> Result<Vec<u8>> {
    let bytes = std::fs::read(path)?;
    ensure!(!bytes.is_empty(), "it is empty");
    Ok(bytes)
}

/// Whether a tensor is part of the network: PyTorch also stores how many batches it has seen.
fn is_weight(name: &str) -> bool {
    !name.ends_with(".num_batches_tracked")
}

/// Little-endian elements in half precision.
fn halves(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks().0.iter().map(|&two| f16::from_le_bytes(two).to_f32()).collect()
}
