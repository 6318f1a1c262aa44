//! The weights of the first convolution, as JavaScript gets them; `types.d.ts` documents each field.

use js_sys::Float32Array;
use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::engine::Engine;
use super::{JsResult, plain, to_js};
use crate::error::{Error, Result};
use crate::frame::Order;

#[derive(Serialize)]
struct FiltersJs {
    layer: String,
    shape: Vec<usize>,
    #[serde(with = "serde_wasm_bindgen::preserve")]
    data: Float32Array,
    order: &'static str,
}

#[wasm_bindgen]
impl Engine {
    /// The weights of the first convolution, with batch normalisation folded into them; also random ones. The array's buffer
    /// belongs to the caller.
    ///
    /// Throws "not-loaded" or "unknown-network" for a key that holds no network.
    #[wasm_bindgen(unchecked_return_type = "Filters")]
    pub fn filters(&self, key: &str) -> JsResult<JsValue> {
        plain(&self.first_filters(key).map_err(to_js)?)
    }
}

impl Engine {
    fn first_filters(&self, key: &str) -> Result<FiltersJs> {
        let loaded = self.network(key)?;
        let filters = loaded.network.filters();
        let filters = filters.ok_or_else(|| Error::Internal("the network has no convolution".into()))?;
        let order = match (filters.shape[1], loaded.about.preprocessing.normalisation.order) {
            (1, _) => "grey",
            (_, Order::Rgb) => "RGB",
            (_, Order::Bgr) => "BGR",
        };
        let data = Float32Array::from(filters.elements().as_slice());
        Ok(FiltersJs { layer: filters.layer.clone(), shape: filters.shape.clone(), data, order })
    }
}
