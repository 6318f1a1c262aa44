//! The weights of the first convolution, which alone can be looked at as pictures: its inputs are colours.

use crate::graph::tensors::TensorSpec;
use crate::graph::{Graph, Op};
use crate::weights::Tensor;

/// The weights of a network's first convolution, as they were loaded: kernels keep them in forms of their own.
#[derive(Debug)]
pub struct Filters {
    /// The layer's name.
    pub layer: String,
    /// `[output channels, input channels, height, width]`
    pub shape: Vec<usize>,
    tensor: Tensor,
}

impl Filters {
    /// A copy of `values`, if `tensor` is the weight of the first convolution of `graph`.
    pub(super) fn of(graph: &Graph, tensor: &TensorSpec, values: &Tensor) -> Option<Self> {
        let first = graph.layers().iter().find(|layer| matches!(layer.op, Op::Conv(_)))?;
        let is_its_weight = tensor.name.strip_prefix(first.name.as_str()) == Some(".weight");
        let copy = || Self { layer: first.name.clone(), shape: tensor.shape.clone(), tensor: values.clone() };
        is_its_weight.then(copy)
    }

    /// The elements in single precision, the last dimension running fastest.
    pub fn elements(&self) -> Vec<f32> {
        self.tensor.dequantise()
    }
}
