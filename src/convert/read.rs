//! Reads checkpoints: a wrong file is refused before anything is written.
//!
//! | file | what |
//! |---|---|
//! | [`file`] | where the bytes come from |
//! | [`checkpoint`] | what a file holds, and which networks it fits |
//! | [`official`] | whether a file is the official one, by the hash on the card |
//! | [`pytorch`] | `.pth` and `.pt`, whose pickle is inspected and never executed (`pickle`) |
//! | [`archive`] | the zip archives of `.pth` |
//! | [`caffe`] | `.caffemodel` |
//! | [`numpy`] | `.pkl` with numpy's arrays (`pickle/values`) |
//! | [`safetensors_file`] | `.safetensors` |
//! | [`idx`] | pictures of digits and their classes, in MNIST's format |
//! | [`folded`] | the tensors checked against the network's graph, batch normalisation folded in |

use std::collections::BTreeMap;
use std::rc::Rc;

use anyhow::{Context, Result, bail, ensure};
use half::f16;

use crate::graph::Graph;
use crate::networks::{Card, Source};
use crate::weights::{Weights, singles};

#[cfg(feature = "convert")]
mod archive;
#[cfg(feature = "convert")]
pub mod caffe;
pub mod checkpoint;
pub mod file;
pub mod folded;
#[cfg(feature = "convert")]
pub mod idx;
#[cfg(feature = "convert")]
pub mod numpy;
pub mod official;
#[cfg(feature = "convert")]
mod pickle;
#[cfg(feature = "convert")]
pub mod pytorch;
pub mod safetensors_file;

pub use checkpoint::{Checkpoint, inspect};
pub use file::{ReadAt, local};
pub use folded::Folded;

/// A tensor of a checkpoint, whose elements are read when they are needed.
pub struct Official {
    /// The shape, as in the file.
    pub shape: Vec<usize>,
    /// Reads the elements, the last dimension running fastest.
    pub read: Box<dyn Fn() -> Result<Vec<f32>>>,
}

/// A checkpoint's tensors, by the names that this project gives them.
pub type OfficialTensors = BTreeMap<String, Official>;

/// Opens a checkpoint of a network and checks its tensors against the network's graph, which gets the checkpoint's number of
/// classes.
///
/// # Errors
/// If the file is damaged or of another format, or its tensors do not fit.
pub fn open(card: &Card, file: Rc<dyn ReadAt>) -> Result<Folded> {
    let rename = match card.source {
        Source::PythonPackage { rename, .. } | Source::Download { rename, .. } => rename,
        Source::Trained { .. } => bail!("{} has no official file: it is trained here", card.id),
    };
    let tensors = checkpoint::tensors(&file, rename)?;
    let folded = Folded::new(&(card.graph)(), tensors);
    let folded = folded.with_context(|| format!("{} is not {}'s official file", file.name(), card.name))?;
    Ok(folded.of_file(&*file))
}

/// Reads a checkpoint whole: the graph for inference, and its weights in single precision.
///
/// # Errors
/// As [`open`], and if a tensor cannot be read.
pub fn read(card: &Card, file: Rc<dyn ReadAt>) -> Result<(Graph, Weights)> {
    open(card, file)?.all()
}

/// All bytes of a file, which must not be empty.
fn read_whole(file: &dyn ReadAt) -> Result<Vec<u8>> {
    ensure!(file.length() > 0, "it is empty");
    file::bytes(file, 0, file.length())
}

/// Whether a tensor is part of the network: PyTorch also stores how many batches it has seen.
fn is_weight(name: &str) -> bool {
    !name.ends_with(".num_batches_tracked")
}

/// Little-endian elements in half precision.
fn halves(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks().0.iter().map(|&two| f16::from_le_bytes(two).to_f32()).collect()
}
