//! The time of each layer, as JavaScript gets it; `types.d.ts` documents each field.

use std::rc::Rc;

use js_sys::{Array, Function, Reflect};
use wasm_bindgen::prelude::*;

use super::engine::{Engine, clock};
use super::progress::report;
use super::{JsResult, plain, to_js};
use crate::engine::Loaded;
use crate::engine::profile::{LayerTime, waves};
use crate::error::Result;

#[wasm_bindgen]
impl Engine {
    /// Times each layer, in the order in which the layers run, on the input that the network saw last or on a made-up one;
    /// also with random weights. The main output's layers together take about as long as a prediction.
    ///
    /// `runs` is the number of measurements. On the CPU a measurement is a run of the whole network, repeated until it has
    /// taken 20 ms, and the mean of the quicker half of the measurements counts. On WebGPU a measurement is one of each layer
    /// by itself, repeated until it has taken 10 ms, and the median counts; the time that an empty submission takes is
    /// subtracted.
    ///
    /// `progress` is awaited before each part of the measurement.
    ///
    /// Rejects with "not-loaded" or "unknown-network" for a key that holds no network, with "cancelled" where `progress` is
    /// rejected, with "no-profile" in the burn build, and with "device-lost" or "out-of-memory".
    #[wasm_bindgen(unchecked_return_type = "LayerProfile[]")]
    pub async fn profile(
        &self,
        key: String,
        runs: u32,
        #[wasm_bindgen(unchecked_optional_param_type = "Progress")] progress: Option<Function>,
    ) -> JsResult<JsValue> {
        let loaded = self.network(&key).map_err(to_js)?;
        let times = self.layer_times(&loaded, runs as usize, progress.as_ref()).await.map_err(to_js)?;
        // The rows of `Engine.layers` for these weights, with two more fields each.
        let published = (loaded.card.graph)().with_classes(loaded.about.names.count());
        let has_heads = !loaded.network.graph().heads().is_empty();
        let published = if has_heads { published } else { published.without_heads() };
        let rows = plain(&super::layers::layers(&published).map_err(to_js)?)?;
        let layers = loaded.network.graph().layers();
        for (row, time) in Array::from(&rows).iter().zip(times) {
            let computed_by = time.computed_by.map_or(JsValue::NULL, |layer| layers[layer].name.as_str().into());
            Reflect::set(&row, &"milliseconds".into(), &time.milliseconds.into())?;
            Reflect::set(&row, &"computedBy".into(), &computed_by)?;
        }
        Ok(rows)
    }
}

impl Engine {
    async fn layer_times(&self, loaded: &Loaded, runs: usize, progress: Option<&Function>) -> Result<Vec<LayerTime>> {
        let seen = loaded.seen.borrow().clone();
        let input = seen.unwrap_or_else(|| Rc::new(waves(loaded.network.graph().input())));
        let progress = async |done, total| report(progress, done, total).await;
        let times = loaded.network.profile(&input, runs, &clock(), progress).await;
        self.settled()?;
        times
    }
}
