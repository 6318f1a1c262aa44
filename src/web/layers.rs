//! The layers of a network, as JavaScript gets them; `types.d.ts` documents each field.

use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::engine::Engine;
use super::{JsResult, plain, to_js};
use crate::error::Result;
use crate::graph::block::blocks;
use crate::graph::fold::fold;
use crate::graph::receptive_field::receptive_fields;
use crate::graph::summary::summary;
use crate::graph::{Graph, Op, Sees, Shape};
use crate::networks::card;

/// Bytes of an element in single precision.
const ELEMENT_BYTES: usize = 4;

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LayerJs {
    pub(super) name: String,
    kind: &'static str,
    block: String,
    inputs: Vec<String>,
    kernel: Option<usize>,
    stride: Option<usize>,
    groups: Option<usize>,
    activation_function: &'static str,
    output_shape: [usize; 3],
    parameters: usize,
    macs: u64,
    activation_bytes: usize,
    receptive_field: i64,
    receptive_field_start: i64,
    receptive_field_step: i64,
    auxiliary: bool,
}

#[wasm_bindgen]
impl Engine {
    /// The layers of a network, in the order in which they run, with batch normalisation folded into the convolutions
    /// before it. No engine and no weights are needed.
    ///
    /// Throws "unknown-network" for an id that no card has.
    #[wasm_bindgen(unchecked_return_type = "Layer[]")]
    pub fn layers(id: &str) -> JsResult<JsValue> {
        let card = card(id).map_err(to_js)?;
        plain(&layers(&(card.graph)()).map_err(to_js)?)
    }
}

/// The layers for inference of a graph as published.
pub(super) fn layers(published: &Graph) -> Result<Vec<LayerJs>> {
    let (graph, foldings) = fold(published);
    let (shapes, fields, blocks) = (graph.shapes()?, receptive_fields(&graph)?, blocks(&graph));
    let published = summary(published)?;
    // Folding changes how parameters are stored and not how many were trained: the normalisation's are its convolution's.
    let trained = |layer: &str| {
        let folded = foldings.iter().filter(|folding| folding.conv == layer).map(|folding| folding.batch_norm.as_str());
        let counted: Vec<&str> = folded.chain([layer]).collect();
        published.iter().filter(|row| counted.contains(&row.name.as_str())).map(|row| row.parameters).sum()
    };
    let main = graph.needed(&[graph.output()]);
    let rows = graph.layers().iter().enumerate().map(|(index, layer)| {
        let (input, output) = (shapes[layer.inputs[0].index()], shapes[index + 1]);
        let (kernel, stride) = match layer.op.sees(input) {
            Sees::Window { kernel, stride, .. } => (Some(kernel), Some(stride)),
            Sees::Place | Sees::All => (None, None),
        };
        // All networks have square inputs, so that rows and columns are alike.
        let field = fields[index + 1].columns;
        LayerJs {
            name: layer.name.clone(),
            kind: layer.op.kind(),
            block: blocks[index].unwrap_or_default().into(),
            inputs: layer.inputs.iter().map(|node| graph.name(*node).into()).collect(),
            kernel,
            stride,
            groups: if let Op::Conv(conv) = layer.op { Some(conv.groups) } else { None },
            activation_function: layer.activation.name(),
            output_shape: dimensions(output),
            parameters: trained(&layer.name),
            macs: layer.op.macs(input, output),
            activation_bytes: ELEMENT_BYTES * output.elements(),
            receptive_field: field.size,
            receptive_field_start: field.start,
            receptive_field_step: field.step,
            auxiliary: !main[index],
        }
    });
    Ok(rows.collect())
}

/// `[channels, height, width]`
pub(super) fn dimensions(shape: Shape) -> [usize; 3] {
    [shape.channels, shape.height, shape.width]
}
