//! Where a network looks, as JavaScript asks for it and gets it; `types.d.ts` documents each field.

use std::rc::Rc;

use js_sys::{Float32Array, Function};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::engine::Engine;
use super::progress::report;
use super::{JsResult, plain, to_js};
use crate::engine::Loaded;
use crate::engine::attention::deletion::{self, deletion};
use crate::engine::attention::{self, AttentionMap, Cells, Method, map};
use crate::error::{Error, Result};
use crate::frame::Input;

#[wasm_bindgen]
extern "C" {
    /// How an attention map is computed.
    #[wasm_bindgen(typescript_type = "AttentionOptions")]
    pub type JsAttentionOptions;
    #[wasm_bindgen(method, getter)]
    fn class(this: &JsAttentionOptions) -> Option<u32>;
    #[wasm_bindgen(method, getter)]
    fn method(this: &JsAttentionOptions) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn layer(this: &JsAttentionOptions) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn progress(this: &JsAttentionOptions) -> Option<Function>;

    /// An attention map.
    #[wasm_bindgen(typescript_type = "AttentionMap")]
    pub type JsAttentionMap;
    #[wasm_bindgen(method, getter)]
    fn class(this: &JsAttentionMap) -> u32;
    #[wasm_bindgen(method, getter)]
    fn width(this: &JsAttentionMap) -> u32;
    #[wasm_bindgen(method, getter)]
    fn height(this: &JsAttentionMap) -> u32;
    #[wasm_bindgen(method, getter)]
    fn data(this: &JsAttentionMap) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn centre(this: &JsAttentionMap) -> f32;
    #[wasm_bindgen(method, getter)]
    fn step(this: &JsAttentionMap) -> f32;

    /// How a deletion curve is computed.
    #[wasm_bindgen(typescript_type = "DeletionOptions")]
    pub type JsDeletionOptions;
    #[wasm_bindgen(method, getter)]
    fn steps(this: &JsDeletionOptions) -> Option<u32>;
    #[wasm_bindgen(method, getter)]
    fn seed(this: &JsDeletionOptions) -> Option<u32>;
    #[wasm_bindgen(method, getter)]
    fn progress(this: &JsDeletionOptions) -> Option<Function>;
}

#[derive(Serialize)]
struct AttentionMapJs {
    method: &'static str,
    layer: String,
    class: usize,
    width: usize,
    height: usize,
    #[serde(with = "serde_wasm_bindgen::preserve")]
    data: Float32Array,
    centre: f32,
    step: f32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DeletionCurveJs {
    shares: Vec<f32>,
    hottest: Vec<f32>,
    random: Vec<f32>,
    hottest_area: f32,
    random_area: f32,
}

#[wasm_bindgen]
impl Engine {
    /// Where the network looked for a class in the frame that it saw last.
    ///
    /// Rejects with "random-weights" for a network without official weights, of which a map means nothing; with "no-frame"
    /// before the network has seen a frame; with "unknown-class" or "unknown-layer"; with "no-map" where the network or the
    /// layer has no such map; with "needs-gradients" for "hirescam" outside of the burn build; with "cancelled" where
    /// `progress` rejects; and otherwise as `logits`.
    #[wasm_bindgen(unchecked_return_type = "AttentionMap")]
    pub async fn attention(&self, key: String, options: Option<JsAttentionOptions>) -> JsResult<JsValue> {
        let map = self.attention_map(&key, options.as_ref()).await.map_err(to_js)?;
        let AttentionMap { method, layer, class, cells: Cells { width, height, data, centre, step } } = map;
        let data = Float32Array::from(data.as_slice());
        plain(&AttentionMapJs { method: method.name(), layer, class, width, height, data, centre, step })
    }

    /// How much of the probability of a map's class is left while what the map marks is blurred, in the frame that the
    /// network saw last.
    ///
    /// Rejects with "no-map" for what is no map, and otherwise as `attention`.
    #[wasm_bindgen(unchecked_return_type = "DeletionCurve")]
    pub async fn deletion(
        &self,
        key: String,
        map: JsAttentionMap,
        options: Option<JsDeletionOptions>,
    ) -> JsResult<JsValue> {
        plain(&self.deletion_curve(&key, &map, options.as_ref()).await.map_err(to_js)?)
    }
}

/// The text of an option; none where it is missing.
///
/// # Errors
/// [`Error::NoMap`] for what is no text.
fn text(value: Option<JsValue>) -> Result<Option<String>> {
    match value.filter(|value| !value.is_undefined() && !value.is_null()) {
        None => Ok(None),
        Some(value) => match value.as_string() {
            Some(text) => Ok(Some(text)),
            None => Err(Error::NoMap("its method and its layer are named by strings".into())),
        },
    }
}

impl Engine {
    async fn attention_map(&self, key: &str, options: Option<&JsAttentionOptions>) -> Result<AttentionMap> {
        let (loaded, input) = self.looked_at(key)?;
        let method = text(options.map(JsAttentionOptions::method))?;
        let asked = attention::Options {
            class: options.and_then(JsAttentionOptions::class).map(|class| class as usize),
            method: method.map(|name| Method::named(&name)).transpose()?,
            layer: text(options.map(JsAttentionOptions::layer))?,
        };
        let progress = options.and_then(JsAttentionOptions::progress);
        let pause = async |done, total| report(progress.as_ref(), done, total).await;
        let found = map(&loaded.network, &input, &asked, pause).await;
        self.settled()?;
        found
    }

    async fn deletion_curve(
        &self,
        key: &str,
        map: &JsAttentionMap,
        options: Option<&JsDeletionOptions>,
    ) -> Result<DeletionCurveJs> {
        let (loaded, input) = self.looked_at(key)?;
        let no_map = || Error::NoMap("what was handed over is no map; hand over what Engine.attention gave".into());
        // The getters throw where there is no object, outside of any promise.
        let data = if map.is_object() { map.data().dyn_into::<Float32Array>().ok() } else { None };
        let cells = Cells {
            data: data.ok_or_else(no_map)?.to_vec(),
            width: map.width() as usize,
            height: map.height() as usize,
            centre: map.centre(),
            step: map.step(),
        };
        let asked = deletion::Options {
            class: map.class() as usize,
            steps: options.and_then(JsDeletionOptions::steps).map_or(deletion::STEPS, |steps| steps as usize),
            seed: options.and_then(JsDeletionOptions::seed).unwrap_or_default().into(),
        };
        let progress = options.and_then(JsDeletionOptions::progress);
        let pause = async |done, total| report(progress.as_ref(), done, total).await;
        let curve = deletion(&loaded.network, &input, &cells, asked, pause).await;
        self.settled()?;
        let deletion::Curve { shares, hottest, random, hottest_area, random_area } = curve?;
        Ok(DeletionCurveJs { shares, hottest, random, hottest_area, random_area })
    }

    /// A network and the input that it saw last.
    ///
    /// # Errors
    /// As [`engine::Engine::network`](crate::engine::Engine::network), [`Error::RandomWeights`] and [`Error::NoFrame`].
    fn looked_at(&self, key: &str) -> Result<(Rc<Loaded>, Rc<Input>)> {
        let loaded = self.network(key)?;
        if loaded.network.is_random() {
            return Err(Error::RandomWeights(key.into()));
        }
        let input = loaded.seen.borrow().clone();
        Ok((loaded, input.ok_or_else(|| Error::NoFrame(key.into()))?))
    }
}
