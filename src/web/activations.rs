//! What layers gave for the frame that a network saw last, as JavaScript gets it; `types.d.ts` documents each field.

use js_sys::Float32Array;
use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::engine::Engine;
use super::layers::dimensions;
use super::{JsResult, plain, to_js};
use crate::error::{Error, Result};
use crate::graph::{Graph, Node};

#[derive(Serialize)]
struct ActivationJs {
    layer: String,
    shape: [usize; 3],
    #[serde(with = "serde_wasm_bindgen::preserve")]
    data: Float32Array,
}

#[wasm_bindgen]
impl Engine {
    /// The outputs of some layers for the frame that the network saw last, in the order of `layers` and all in one run; also
    /// with random weights. "input" is the network's input, which is normalised. The buffers of the arrays belong to the caller.
    ///
    /// Rejects with "not-loaded" or "unknown-network" for a key that holds no network, with "no-frame" where the network has
    /// seen none, with "unknown-layer" for another name, and with "device-lost" or "out-of-memory".
    #[wasm_bindgen(unchecked_return_type = "Activation[]")]
    pub async fn activations(&self, key: String, layers: Vec<String>) -> JsResult<JsValue> {
        plain(&self.outputs_of(&key, layers).await.map_err(to_js)?)
    }

    /// The output of one layer; otherwise as `activations`.
    #[wasm_bindgen(unchecked_return_type = "Activation")]
    pub async fn activation(&self, key: String, layer: String) -> JsResult<JsValue> {
        plain(&self.outputs_of(&key, vec![layer]).await.map_err(to_js)?.pop())
    }
}

impl Engine {
    async fn outputs_of(&self, key: &str, layers: Vec<String>) -> Result<Vec<ActivationJs>> {
        let loaded = self.network(key)?;
        let graph = loaded.network.graph();
        let input = loaded.seen.borrow().clone().ok_or_else(|| Error::NoFrame(key.into()))?;
        let nodes = layers.iter().map(|layer| node(graph, layer)).collect::<Result<Vec<_>>>()?;
        // The input is not read back from the device, which may have rounded it.
        let computed: Vec<Node> = nodes.iter().copied().filter(|node| *node != Node::INPUT).collect();
        let found =
            if computed.is_empty() { Ok(Vec::new()) } else { loaded.network.activations(&input, &computed).await };
        self.settled()?;
        let (shapes, mut found) = (graph.shapes()?, found?.into_iter());
        let activations = layers.into_iter().zip(nodes).map(|(layer, node)| {
            let data = if node == Node::INPUT {
                Float32Array::from(input.values.as_slice())
            } else {
                Float32Array::from(found.next().unwrap_or_default().as_slice())
            };
            ActivationJs { layer, shape: dimensions(shapes[node.index()]), data }
        });
        Ok(activations.collect())
    }
}

/// The output of the layer of this name; "input" is the network's input.
///
/// # Errors
/// [`Error::UnknownLayer`].
fn node(graph: &Graph, layer: &str) -> Result<Node> {
    match graph.node(layer) {
        Some(node) => Ok(node),
        None if layer == graph.name(Node::INPUT) => Ok(Node::INPUT),
        None => Err(Error::UnknownLayer(layer.into())),
    }
}
