//! Runs a graph with burn's operations, for one input or a batch, with or without gradients. This is the reference that
//! the kernels in `engine/kernels/` are tested against, and what training differentiates.

use burn::tensor::Tensor;

use super::parameters::Parameters;
use crate::error::{Error, Result};
use crate::graph::{Graph, Node};

/// Computes the values `outputs` for an input of `[batch, channels, height, width]`; each value has that form, too.
///
/// `parameters` has one entry for each layer, as [`upload`](super::parameters::upload) gives them. Layers that no output
/// needs do not run, and a value is freed as soon as the last layer that reads it has run.
///
/// # Errors
/// [`Error::Internal`] if `parameters` belong to another graph.
pub fn run(graph: &Graph, parameters: &[Parameters], input: Tensor<4>, outputs: &[Node]) -> Result<Vec<Tensor<4>>> {
    let needed = graph.needed(outputs);
    let mut last_reader = vec![0; graph.layers().len() + 1];
    for (index, layer) in graph.layers().iter().enumerate().filter(|(index, _)| needed[*index]) {
        layer.inputs.iter().for_each(|node| last_reader[node.0] = index);
    }
    outputs.iter().for_each(|node| last_reader[node.0] = usize::MAX);

    let missing = |node: Node| Error::Internal(format!("the value of {} was not computed", graph.name(node)));
    let mut values: Vec<Option<Tensor<4>>> = vec![None; graph.layers().len() + 1];
    values[0] = Some(input);
    for (index, (layer, parameters)) in graph.layers().iter().zip(parameters).enumerate() {
        if !needed[index] {
            continue;
        }
        let mut inputs = Vec::new();
        for (position, &node) in layer.inputs.iter().enumerate() {
            let again = layer.inputs[position + 1..].contains(&node);
            let value = &mut values[node.0];
            let value = if last_reader[node.0] == index && !again { value.take() } else { value.clone() };
            inputs.push(value.ok_or_else(|| missing(node))?);
        }
        let x = inputs.remove(0);
        values[index + 1] = Some(layer.activation.forward(layer.op.forward(x, inputs, parameters)?));
    }
    outputs.iter().map(|&node| values[node.0].clone().ok_or_else(|| missing(node))).collect()
}
