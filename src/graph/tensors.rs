//! Which tensors a graph needs: names and shapes as PyTorch has them.

use super::{Graph, Op};
use crate::error::Result;

/// A tensor that a graph needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TensorSpec {
    /// `<layer>.<weight, bias, running_mean or running_var>`
    pub name: String,
    /// `[out, in / groups, kernel, kernel]` for a convolution's weight, `[out, in]` for a linear layer's, else `[out]`.
    pub shape: Vec<usize>,
}

/// All tensors of a graph, in the layers' order.
///
/// # Errors
/// As [`Graph::shapes`].
pub fn tensor_specs(graph: &Graph) -> Result<Vec<TensorSpec>> {
    let shapes = graph.shapes()?;
    let mut tensors = Vec::new();
    for layer in graph.layers() {
        let input = shapes[layer.inputs[0].0];
        let mut need = |part: &str, shape: &[usize]| {
            tensors.push(TensorSpec { name: format!("{}.{part}", layer.name), shape: shape.to_vec() });
        };
        match &layer.op {
            Op::Conv(conv) => {
                need("weight", &[conv.channels, input.channels / conv.groups, conv.kernel, conv.kernel]);
                if conv.bias {
                    need("bias", &[conv.channels]);
                }
            }
            Op::Linear { outputs } => {
                need("weight", &[*outputs, input.len()]);
                need("bias", &[*outputs]);
            }
            Op::BatchNorm { .. } => {
                for part in ["weight", "bias", "running_mean", "running_var"] {
                    need(part, &[input.channels]);
                }
            }
            _ => {}
        }
    }
    Ok(tensors)
}
