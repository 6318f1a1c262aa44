//! The quantised file: safetensors with 8-bit integers where they are exact enough, 16-bit floats elsewhere.
//!
//! `<layer>.weight` is I8 with `<layer>.scale` F32, one scale an output channel, symmetric, −127…127, or F16
//! `[out, row / 32]`, one scale for each 32 weights of an output's row; or F16; or, for large linear layers, U8
//! `[out, in / 2]` with two 4-bit numbers a byte, the first in the low half, as `value + 8`, and `<layer>.scale` F16
//! `[out, in / 32]`. `<layer>.bias` is F32. Large networks are split into shards of at most [`SHARD_BYTES`]. The
//! metadata names the network, its graph's hash, the source and the measured error.
//!
//! | file | what |
//! |---|---|
//! | [`tensor`] | the forms in which a tensor's elements are kept, and how they are rounded to each |
//! | `read` | reads a file; every fault is listed |
//! | `write` | writes a file, in shards |
//! | `formula` | weights that need no file |

use std::collections::HashMap;

use crate::error::{Error, Result};
use crate::graph::Graph;
use crate::graph::tensors::TensorSpec;

mod formula;
mod read;
pub mod tensor;
mod write;

pub use read::faults;
use read::refuse;
#[cfg(feature = "convert")]
pub(crate) use read::singles;
pub use tensor::{GROUP, Tensor};
pub use write::SHARD_BYTES;

/// A folded graph's weights.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    tensors: HashMap<String, Tensor>,
}

impl Weights {
    /// Takes tensors that fit `graph`, a folded one.
    ///
    /// # Errors
    /// [`Error::BadWeights`] lists all missing, extra and mis-sized tensors.
    pub fn new(graph: &Graph, tensors: HashMap<String, Tensor>) -> Result<Self> {
        let sizes = tensors.iter().map(|(name, values)| (name.clone(), vec![values.length()])).collect();
        refuse(&faults(graph, &sizes, |found, expected| found[0] == expected.iter().product::<usize>())?)?;
        Ok(Self { tensors })
    }

    /// A tensor's numbers.
    ///
    /// # Errors
    /// [`Error::BadWeights`] if there is no such tensor.
    pub fn tensor(&self, name: &str) -> Result<&Tensor> {
        self.tensors.get(name).ok_or_else(|| Error::BadWeights(format!("{name} is missing")))
    }

    /// Gives a tensor away, so that its memory is free once it is packed.
    ///
    /// # Errors
    /// [`Error::BadWeights`] if there is no such tensor.
    pub fn take(&mut self, name: &str) -> Result<Tensor> {
        self.tensors.remove(name).ok_or_else(|| Error::BadWeights(format!("{name} is missing")))
    }

    /// A tensor's numbers as a network computes with them.
    ///
    /// # Errors
    /// [`Error::BadWeights`] if there is no such tensor.
    pub fn numbers(&self, tensor: &TensorSpec) -> Result<Vec<f32>> {
        Ok(self.tensor(&tensor.name)?.dequantise())
    }

    /// Bytes of all tensors.
    pub fn bytes(&self) -> usize {
        self.tensors.values().map(Tensor::bytes).sum()
    }
}

/// `<layer>.weight` → `<layer>.scale`.
fn scale_name(weight: &str) -> String {
    format!("{}.scale", weight.trim_end_matches(".weight"))
}
