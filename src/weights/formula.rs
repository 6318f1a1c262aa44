//! Weights that need no file.

use super::{Tensor, Weights};
use crate::error::Result;
use crate::graph::Graph;
use crate::graph::tensors::tensor_specs;

impl Weights {
    /// Weights from a formula of their names and indices, which are the same on every machine: for checks that need no file.
    ///
    /// Element `i` of a tensor is `u · √(6 / inputs)`, a bias's or mean's `u / 10`, a gain's or variance's `1 + u / 2`,
    /// with `u = 2 · ((7919 i + h) mod 10007) / 10007 − 1` and `h` the name's 32-bit FNV-1a hash.
    ///
    /// # Errors
    /// As [`Graph::shapes`].
    pub fn formula(graph: &Graph) -> Result<Self> {
        let tensors = tensor_specs(graph)?.into_iter().map(|tensor| {
            let inputs: usize = tensor.shape.iter().skip(1).product();
            let (offset, factor) = match tensor.shape.len() {
                1 if tensor.is_gain() || tensor.name.ends_with(".running_var") => (1.0, 0.5),
                1 => (0.0, 0.1),
                _ => (0.0, (6.0 / inputs as f64).sqrt()),
            };
            let hash = u64::from(fnv1a(&tensor.name));
            let value = |i: usize| {
                let u = ((7919 * i as u64 + hash) % 10_007) as f64 / 10_007.0 * 2.0 - 1.0;
                (offset + u * factor) as f32
            };
            (tensor.name, Tensor::F32((0..tensor.shape.iter().product()).map(value).collect()))
        });
        Self::new(graph, tensors.collect())
    }
}

fn fnv1a(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}
