//! Tensor specifications: the names and shapes of the tensors that a graph needs, as PyTorch has them.

use super::Graph;
use crate::error::Result;

/// The specification of a tensor that a graph needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TensorSpec {
    /// `<layer>.<part>`, where the part is "weight", "bias", "running_mean" or "running_var".
    pub name: String,
    /// `[out, in / groups, kernel, kernel]` for a convolution's weight, `[out, in]` for a linear layer's weight, `[out]`
    /// for everything else.
    pub shape: Vec<usize>,
    /// Whether gradient descent changes the tensor. The running statistics of batch normalisation are not trained.
    pub trained: bool,
}

impl TensorSpec {
    /// Whether the tensor has the factors of a normalisation, one for each channel, which change nothing at 1.
    pub fn is_gain(&self) -> bool {
        self.shape.len() == 1 && self.name.ends_with(".weight")
    }
}

/// The specifications of all tensors of a graph, in the order of the layers.
///
/// # Errors
/// As [`Graph::shapes`].
pub fn tensor_specs(graph: &Graph) -> Result<Vec<TensorSpec>> {
    Ok(specs_by_layer(graph)?.into_iter().flatten().collect())
}

/// The specifications of each layer's tensors: one list for each layer, which is empty for a layer without tensors.
///
/// # Errors
/// As [`Graph::shapes`].
pub fn specs_by_layer(graph: &Graph) -> Result<Vec<Vec<TensorSpec>>> {
    let shapes = graph.shapes()?;
    let specs = graph.layers().iter().map(|layer| {
        let parts = layer.op.parts(shapes[layer.inputs[0].0]).into_iter();
        let specs = parts.map(|part| TensorSpec {
            name: format!("{}.{}", layer.name, part.part),
            shape: part.shape,
            trained: part.trained,
        });
        specs.collect()
    });
    Ok(specs.collect())
}
