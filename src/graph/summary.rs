//! Counts what a graph costs, layer by layer.

use super::{Graph, Op, Shape};
use crate::error::Result;

/// One layer's cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerSummary {
    /// The layer's name.
    pub name: String,
    /// What it is, in words.
    pub kind: &'static str,
    /// Its output's shape.
    pub output: Shape,
    /// Trained numbers; the statistics of batch normalisation are not trained.
    pub parameters: usize,
    /// Multiply–accumulates of convolutions and linear layers for one input; bias not counted.
    pub macs: u64,
}

/// Every layer's cost, in order.
///
/// # Errors
/// As [`Graph::shapes`].
pub fn summary(graph: &Graph) -> Result<Vec<LayerSummary>> {
    let shapes = graph.shapes()?;
    let rows = graph.layers().iter().zip(&shapes[1..]).map(|(layer, &output)| {
        let input = shapes[layer.inputs[0].0];
        let (parameters, macs) = match &layer.op {
            Op::Conv(conv) => {
                let weights_an_output = input.channels / conv.groups * conv.kernel * conv.kernel;
                let bias = if conv.bias { conv.channels } else { 0 };
                (conv.channels * weights_an_output + bias, output.len() as u64 * weights_an_output as u64)
            }
            Op::Linear { outputs } => ((input.len() + 1) * outputs, input.len() as u64 * *outputs as u64),
            Op::BatchNorm { .. } => (2 * input.channels, 0),
            _ => (0, 0),
        };
        LayerSummary { name: layer.name.clone(), kind: layer.op.kind(), output, parameters, macs }
    });
    Ok(rows.collect())
}

/// Parameters and multiply–accumulates of what leads to the logits; auxiliary outputs are not counted.
///
/// # Errors
/// As [`Graph::shapes`].
pub fn totals(graph: &Graph) -> Result<(usize, u64)> {
    let needed = graph.needed(&[graph.output()]);
    let rows = summary(graph)?.into_iter().zip(needed).filter_map(|(row, needed)| needed.then_some(row));
    Ok(rows.fold((0, 0), |(parameters, macs), row| (parameters + row.parameters, macs + row.macs)))
}
