//! The layers of a network, as JavaScript gets them; `types.d.ts` documents each field.

use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::engine::Engine;
use super::{JsResult, plain, to_js};
use crate::error::Result;
use crate::graph::summary::{LayerSummary, inference_summary};
use crate::graph::{Graph, Shape};
use crate::networks::card;

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

impl From<LayerSummary> for LayerJs {
    fn from(layer: LayerSummary) -> Self {
        // All networks have square inputs, so that rows and columns are alike; a native test asks for that.
        let field = layer.receptive_field.columns;
        Self {
            kind: layer.kind,
            kernel: layer.window.map(|window| window.kernel),
            stride: layer.window.map(|window| window.stride),
            groups: layer.groups,
            activation_function: layer.activation_function,
            output_shape: dimensions(layer.output),
            parameters: layer.parameters,
            macs: layer.macs,
            activation_bytes: layer.activation_bytes(),
            receptive_field: field.size,
            receptive_field_start: field.start,
            receptive_field_step: field.step,
            auxiliary: layer.auxiliary,
            name: layer.name,
            block: layer.block.unwrap_or_default(),
            inputs: layer.inputs,
        }
    }
}

#[wasm_bindgen]
impl Engine {
    /// The layers of a network, in the order in which they run, with batch normalisation folded into the convolutions
    /// before it. With `classes`, they are those of weights for so many classes. No engine and no weights are needed.
    ///
    /// Throws "unknown-network" for an id that no card has.
    #[wasm_bindgen(unchecked_return_type = "Layer[]")]
    pub fn layers(id: &str, classes: Option<u32>) -> JsResult<JsValue> {
        let card = card(id).map_err(to_js)?;
        let graph = (card.graph)();
        let graph = match classes {
            Some(classes) => graph.with_classes(classes as usize),
            None => graph,
        };
        plain(&layers(&graph).map_err(to_js)?)
    }
}

/// The layers for inference of a graph as published.
pub(super) fn layers(published: &Graph) -> Result<Vec<LayerJs>> {
    Ok(inference_summary(published)?.into_iter().map(LayerJs::from).collect())
}

/// `[channels, height, width]`
pub(super) fn dimensions(shape: Shape) -> [usize; 3] {
    [shape.channels, shape.height, shape.width]
}
