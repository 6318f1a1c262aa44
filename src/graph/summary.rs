//! What is known of every layer of a graph: its size, its cost, and its place among the others.

use super::block::blocks;
use super::fold::fold;
use super::receptive_field::{ReceptiveField, receptive_fields};
use super::{Graph, Op, Sees, Shape};
use crate::error::Result;

/// What is known of one layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerSummary {
    /// The layer's name.
    pub name: String,
    /// The layer's kind in words, such as "depthwise convolution".
    pub kind: &'static str,
    /// The block that the layer belongs to; none for a layer that stands alone.
    pub block: Option<String>,
    /// The names of the layers whose outputs it reads; "input" is the graph's input.
    pub inputs: Vec<String>,
    /// The layer's windows; none for a layer without windows.
    pub window: Option<Window>,
    /// Number of groups of channels that do not read each other; none for layers other than convolutions.
    pub groups: Option<usize>,
    /// The name of the activation function, such as "ReLU"; empty for none.
    pub activation_function: &'static str,
    /// The shape of the layer's output.
    pub output: Shape,
    /// Number of trained parameters. The running statistics of batch normalisation are not trained.
    pub parameters: usize,
    /// Number of multiply–accumulates for one input, as [`Op::macs`] counts them.
    pub macs: u64,
    /// The pixels of the graph's input on which the units of the output depend.
    pub receptive_field: ReceptiveField,
    /// Whether only auxiliary outputs need the layer.
    pub auxiliary: bool,
}

/// Square windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Side of a window, in pixels.
    pub kernel: usize,
    /// Distance between neighbouring windows, in pixels.
    pub stride: usize,
}

impl LayerSummary {
    /// Bytes of the output in single precision, for one input.
    pub fn activation_bytes(&self) -> usize {
        size_of::<f32>() * self.output.elements()
    }
}

/// Every layer of `graph` as it is, in the order of the layers.
///
/// # Errors
/// As [`Graph::shapes`].
pub fn summary(graph: &Graph) -> Result<Vec<LayerSummary>> {
    let (shapes, fields, blocks) = (graph.shapes()?, receptive_fields(graph)?, blocks(graph));
    let main = graph.needed(&[graph.output()]);
    let rows = graph.layers().iter().enumerate().map(|(index, layer)| {
        let (input, output) = (shapes[layer.inputs[0].index()], shapes[index + 1]);
        let trained = layer.op.parts(input).into_iter().filter(|part| part.trained);
        LayerSummary {
            name: layer.name.clone(),
            kind: layer.op.kind(),
            block: blocks[index].map(String::from),
            inputs: layer.inputs.iter().map(|node| graph.name(*node).into()).collect(),
            window: match layer.op.sees(input) {
                Sees::Window { kernel, stride, .. } => Some(Window { kernel, stride }),
                Sees::Place | Sees::All => None,
            },
            groups: if let Op::Conv(conv) = layer.op { Some(conv.groups) } else { None },
            activation_function: layer.activation.name(),
            output,
            parameters: trained.map(|part| part.elements()).sum(),
            macs: layer.op.macs(input, output),
            receptive_field: fields[index + 1],
            auxiliary: !main[index],
        }
    });
    Ok(rows.collect())
}

/// Every layer for inference of the graph `published`: batch normalisation is part of the convolution that it is folded
/// into. Folding changes how parameters are stored and not how many were trained, so that the normalisation's parameters
/// are counted with its convolution's own.
///
/// # Errors
/// As [`Graph::shapes`].
pub fn inference_summary(published: &Graph) -> Result<Vec<LayerSummary>> {
    let (graph, foldings) = fold(published);
    let trained = summary(published)?;
    let mut rows = summary(&graph)?;
    for row in &mut rows {
        let folded = foldings.iter().filter(|folding| folding.conv == row.name).map(|folding| &folding.batch_norm);
        let counted: Vec<&String> = folded.chain([&row.name]).collect();
        row.parameters = trained.iter().filter(|row| counted.contains(&&row.name)).map(|row| row.parameters).sum();
    }
    Ok(rows)
}

/// The number of trained parameters and of multiply–accumulates of all layers that lead to the logits. Layers that only
/// auxiliary outputs need are not counted.
///
/// # Errors
/// As [`Graph::shapes`].
pub fn totals(graph: &Graph) -> Result<(usize, u64)> {
    let rows = summary(graph)?.into_iter().filter(|row| !row.auxiliary);
    Ok(rows.fold((0, 0), |(parameters, macs), row| (parameters + row.parameters, macs + row.macs)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn folding_moves_trained_parameters_and_nothing_else() {
        let mut g = Graph::new(Shape::rgb(8));
        g.conv("conv", 4, 3).stride(2).pad(1).no_bias();
        g.batch_norm("norm", 1e-5).relu();
        g.linear("out", 2);
        let rows = inference_summary(&g).unwrap();
        let counted: Vec<(&str, usize)> = rows.iter().map(|row| (row.name.as_str(), row.parameters)).collect();
        // A bias of four elements and no weight of the normalisation are stored.
        assert_eq!(counted, [("conv", 4 * 27 + 4 + 4), ("out", 2 * 4 * 16 + 2)]);
        assert_eq!((rows[0].inputs[0].as_str(), rows[0].activation_function), ("input", "ReLU"));
        assert_eq!(rows[0].window, Some(Window { kernel: 3, stride: 2 }));
        assert_eq!((rows[0].activation_bytes(), rows[1].activation_bytes()), (4 * 4 * 16, 4 * 2));
    }
}
