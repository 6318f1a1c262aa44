//! The quantised file: safetensors with 8-bit integers where they are exact enough, 16-bit floats elsewhere.
//!
//! | tensor | dtype | shape | scale: `<layer>.scale` |
//! |---|---|---|---|
//! | `<layer>.weight` | I8, −127 to 127 | as in the graph, output channels first | F32 `[out]`, or F16 `[out, row / 32]` with one scale for each 32 weights of an output channel |
//! | | F16 | as in the graph | none |
//! | | U8, for linear layers | `[out, in / 2]`: two 4-bit elements a byte, the first in the low half, as `value + 8` | F16 `[out, in / 32]` |
//! | `<layer>.bias` | F32 | `[out]` | none |
//!
//! The divisions in the table round up. An element is `value × scale`. Large networks are split into shards of at most
//! [`SHARD_BYTES`]. The metadata names the network, the hash of its graph, the file that was converted and its hash, and what
//! was measured; for weights of one's own also `labels` and `framing`, where they are not the network's ([`About`]).
//!
//! | file | what |
//! |---|---|
//! | [`tensor`] | the formats in which a tensor's elements are stored, and how they are rounded to each |
//! | `about` | what a file says of its classes and of the preprocessing |
//! | `read` | reads a file; every fault is listed |
//! | `write` | writes a file, in shards |
//! | `formula` | weights that need no file |

// A match that names every variant does not compile before it knows a new one.
#![deny(clippy::wildcard_enum_match_arm)]

use std::collections::HashMap;

use crate::error::{Error, Result};
use crate::graph::Graph;
use crate::graph::tensors::TensorSpec;

mod about;
mod formula;
mod read;
pub mod tensor;
mod write;

pub use about::About;
pub use read::faults;
use read::refuse;
pub use tensor::{GROUP, Tensor};
pub use write::SHARD_BYTES;

/// A folded graph's weights.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    tensors: HashMap<String, Tensor>,
}

impl Weights {
    /// Weights of the folded `graph`, from its tensors by name.
    ///
    /// # Errors
    /// [`Error::BadWeights`] lists every tensor that is missing, unknown or of another number of elements.
    pub fn new(graph: &Graph, tensors: HashMap<String, Tensor>) -> Result<Self> {
        let sizes = tensors.iter().map(|(name, values)| (name.clone(), vec![values.count()])).collect();
        refuse(&faults(graph, &sizes, |found, expected| found[0] == expected.iter().product::<usize>())?)?;
        Ok(Self { tensors })
    }

    /// The tensor of this name.
    ///
    /// # Errors
    /// [`Error::BadWeights`] if there is no such tensor.
    pub fn tensor(&self, name: &str) -> Result<&Tensor> {
        self.tensors.get(name).ok_or_else(|| Error::BadWeights(format!("{name} is missing")))
    }

    /// Moves a tensor out, so that its memory is free once the caller has packed it.
    ///
    /// # Errors
    /// [`Error::BadWeights`] if there is no such tensor.
    pub fn take(&mut self, name: &str) -> Result<Tensor> {
        self.tensors.remove(name).ok_or_else(|| Error::BadWeights(format!("{name} is missing")))
    }

    /// A tensor's elements in single precision, the last dimension running fastest.
    ///
    /// # Errors
    /// [`Error::BadWeights`] if there is no such tensor.
    pub fn elements(&self, tensor: &TensorSpec) -> Result<Vec<f32>> {
        Ok(self.tensor(&tensor.name)?.dequantise())
    }

    /// Size of all tensors in the file, in bytes.
    pub fn bytes(&self) -> usize {
        self.tensors.values().map(Tensor::bytes).sum()
    }
}

/// `<layer>.weight` → `<layer>.scale`.
fn scale_name(weight: &str) -> String {
    format!("{}.scale", weight.trim_end_matches(".weight"))
}
