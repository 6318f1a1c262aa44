//! Reads checkpoints: a wrong file is refused before anything is written.
//!
//! | file | what |
//! |---|---|
//! | [`file`] | where the bytes come from: anything that can be read at any place |
//! | `listing` | a file's format, and its tensors under the names that they have there |
//! | `pytorch` | PyTorch's files, whose pickle is parsed and never executed (`pickle`) |
//! | `safetensors_file` | safetensors |
//! | `caffe` | Caffe's files |
//! | `numpy` | pickles of numpy's arrays |
//! | `elements` | elements of each kind, in single precision |
//! | `fit` | which network the tensors are, whatever wraps them and whoever named them |
//! | [`checkpoint`] | what a file holds, and opening it as a network's |
//! | [`official`] | whether a file is the official one, by the hash on the card |
//! | `labels` | the names of classes |
//! | [`folded`] | the tensors checked against the network's graph, batch normalisation folded in |
//! | `idx` | pictures of digits and their classes, in MNIST's format |
//!
//! # What is read
//!
//! | what people save | how it is known | what becomes of it |
//! |---|---|---|
//! | `torch.save` since 1.6, whatever the file is called | a zip archive's first bytes | the tensors of its pickle, one storage each or shared, contiguous or not, parameters or not, in protocols 2 to 5 |
//! | `torch.save` before 1.6, or without the zip form | the magic number | the same |
//! | `{"state_dict": …, "optimizer": …, "epoch": …}` and the like | the keys that `pytorch/state` lists | the weights; what else is there is left aside, and said |
//! | weights beside their averages: `{"model": …, "model_ema": …}` | the keys that `pytorch/state` lists | the averages, which is said |
//! | names with `module.`, `_orig_mod.` or a part in front of all | the names (`fit`) | the names without it, which is said |
//! | safetensors, such as Hugging Face's | the header | its tensors; `__metadata__` is left aside |
//! | a `.caffemodel` | the ending `.caffemodel` | the blobs of its layers |
//! | a pickle of numpy's arrays, `layer → [kernel, bias]` | the ending `.pkl` | the arrays, kernels turned round |
//! | elements in 16, 32 or 64 bits, bfloat16 too | their type | single precision |
//! | counters such as `num_batches_tracked` | single integers | left aside |
//! | the names of torchvision, of timm, of this project's graphs | the card's `rename` and `namings` | the graph's names |
//! | another number of classes | the last layer's shape | a graph with so many |
//! | GoogLeNet without its auxiliary outputs | the tensors that are missing | a graph without them |
//!
//! Refused, with a sentence: a pickle that names any function but those that rebuild tensors and plain values, among them every whole
//! pickled network; TorchScript; compressed archives; big-endian and quantised elements; sizes that do not fit the file; and tensors
//! whose names are those of networks that compute differently, unless the file says which it is.
//!
//! Of a file, only what describes its tensors is in memory, and one tensor at a time.

use std::collections::BTreeMap;
use std::rc::Rc;

use anyhow::Result;

use crate::graph::Graph;
use crate::networks::Card;
use crate::weights::Weights;

mod caffe;
pub mod checkpoint;
mod elements;
pub mod file;
mod fit;
pub mod folded;
#[cfg(feature = "convert")]
pub mod idx;
#[cfg(feature = "convert")]
pub mod labels;
mod listing;
mod numpy;
pub mod official;
mod pickle;
mod pytorch;
mod safetensors_file;

pub use checkpoint::{Checkpoint, Fitting, inspect, open};
pub use file::{ReadAt, local};
pub use folded::Folded;
pub use listing::Format;

/// A tensor of a checkpoint, whose elements are read when they are needed.
pub struct Official {
    /// The shape, as in the file.
    pub shape: Vec<usize>,
    /// Reads the elements, the last dimension running fastest.
    pub read: Box<dyn Fn() -> Result<Vec<f32>>>,
}

/// A checkpoint's tensors, by the names that this project gives them.
pub type OfficialTensors = BTreeMap<String, Official>;

/// Reads a checkpoint whole: the graph for inference, and its weights in single precision.
///
/// # Errors
/// As [`open`], and if a tensor cannot be read.
pub fn read(card: &Card, file: Rc<dyn ReadAt>) -> Result<(Graph, Weights)> {
    open(card, file)?.all()
}
