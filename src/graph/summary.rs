//! The size and the cost of a graph, layer by layer.

use super::{Graph, Shape};
use crate::error::Result;

/// The size and the cost of one layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerSummary {
    /// The layer's name.
    pub name: String,
    /// The layer's kind in words, such as "depthwise convolution".
    pub kind: &'static str,
    /// The shape of the layer's output.
    pub output: Shape,
    /// Number of trained parameters. The running statistics of batch normalisation are not trained.
    pub parameters: usize,
    /// Number of multiply–accumulates for one input, as [`Op::macs`](super::Op::macs) counts them.
    pub macs: u64,
}

/// The size and the cost of every layer, in the order of the layers.
///
/// # Errors
/// As [`Graph::shapes`].
pub fn summary(graph: &Graph) -> Result<Vec<LayerSummary>> {
    let shapes = graph.shapes()?;
    let rows = graph.layers().iter().zip(&shapes[1..]).map(|(layer, &output)| {
        let input = shapes[layer.inputs[0].0];
        let trained = layer.op.parts(input).into_iter().filter(|part| part.trained);
        LayerSummary {
            name: layer.name.clone(),
            kind: layer.op.kind(),
            output,
            parameters: trained.map(|part| part.elements()).sum(),
            macs: layer.op.macs(input, output),
        }
    });
    Ok(rows.collect())
}

/// The number of trained parameters and of multiply–accumulates of all layers that lead to the logits. Layers that only
/// auxiliary outputs need are not counted.
///
/// # Errors
/// As [`Graph::shapes`].
pub fn totals(graph: &Graph) -> Result<(usize, u64)> {
    let needed = graph.needed(&[graph.output()]);
    let rows = summary(graph)?.into_iter().zip(needed).filter_map(|(row, needed)| needed.then_some(row));
    Ok(rows.fold((0, 0), |(parameters, macs), row| (parameters + row.parameters, macs + row.macs)))
}
