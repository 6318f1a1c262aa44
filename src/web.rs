//! The JavaScript API: the only file that JavaScript sees. Plain typed objects in and out, one error form.
//!
//! | file | what |
//! |---|---|
//! | `types.d.ts` | the types of all objects, for TypeScript |
//! | [`device`] | devices in a browser, for this project's kernels and for burn |
//! | `answer`, `card` | what is handed out |
//! | [`frame`] | what is handed in |

use std::cell::RefCell;

use js_sys::{Float32Array, Function, Reflect, Uint8Array};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::engine::{self, Device, Loaded};
use crate::error::{Error, Result};
use crate::frame::Input;
use crate::graph::Node;
use crate::networks::CARDS;
use crate::prediction::{softmax, top_k, vote};

mod answer;
mod card;
pub mod device;
pub mod frame;

use answer::{ClassificationJs, HeadPredictionsJs, PredictionJs, TimingJs};
use card::CardJs;
#[cfg(feature = "burn")]
use device::burn::open;
#[cfg(not(feature = "burn"))]
use device::kernels::open;
use device::{DeviceInfo, compile, rejected_shaders, trouble};
pub use frame::JsFrame;

/// How many predictions [`Engine::classify`] returns unless told.
const TOP: u32 = 5;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("web/types.d.ts");

#[wasm_bindgen]
extern "C" {
    /// How an engine computes.
    #[wasm_bindgen(typescript_type = "EngineOptions")]
    pub type JsOptions;
    #[wasm_bindgen(method, getter)]
    fn f16(this: &JsOptions) -> Option<bool>;
}

/// Runs when the module is started; shows a panic in the console instead of a bare "unreachable".
#[wasm_bindgen(start)]
pub fn start() {
    #[cfg(feature = "burn")]
    device::burn::construct_statics();
    console_error_panic_hook::set_once();
}

/// Milliseconds of the clock that pages and workers have alike.
fn now() -> f64 {
    // A window has the property as well, under the same name.
    let scope: web_sys::WorkerGlobalScope = js_sys::global().unchecked_into();
    scope.performance().map_or_else(js_sys::Date::now, |clock| clock.now())
}

/// A device with loaded networks.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Engine {
    engine: RefCell<engine::Engine>,
    info: DeviceInfo,
}

#[wasm_bindgen]
impl Engine {
    /// Starts on "webgpu", "cpu" or "auto": a hardware WebGPU adapter that computes what the CPU computes, else the CPU.
    /// Computed by this project's kernels; in the package's folder `burn` by burn's operations.
    pub async fn create(
        #[wasm_bindgen(unchecked_param_type = "DeviceKind | \"auto\"")] device: String,
        options: Option<JsOptions>,
    ) -> std::result::Result<Engine, JsValue> {
        let half = options.is_some_and(|options| options.f16().unwrap_or(false));
        let created = open(&device, half).await;
        created.map(Self::on).map_err(to_js)
    }

    /// All networks' facts, oldest first.
    #[wasm_bindgen(unchecked_return_type = "Card[]")]
    pub fn cards() -> std::result::Result<JsValue, JsValue> {
        let cards: Vec<CardJs> = CARDS.iter().map(|card| CardJs::from(*card)).collect();
        plain(&cards)
    }

    /// Where this engine computes.
    #[wasm_bindgen(getter, unchecked_return_type = "DeviceInfo")]
    pub fn device(&self) -> std::result::Result<JsValue, JsValue> {
        plain(&self.info)
    }

    /// Loads a network from all its shards; one loaded before under this key, the id unless told, stays until this
    /// succeeds. `progress` is told how many of the new shaders are compiled.
    pub async fn load(
        &self,
        id: String,
        shards: Vec<Uint8Array>,
        key: Option<String>,
        #[wasm_bindgen(unchecked_optional_param_type = "(compiled: number, shaders: number) => void")] progress: Option<
            Function,
        >,
    ) -> std::result::Result<(), JsValue> {
        let shards = shards.iter().map(Uint8Array::to_vec).collect();
        let loaded = self.engine.borrow().read(&id, shards).map_err(to_js)?;
        self.keep(key.unwrap_or(id), loaded, progress).await.map_err(to_js)
    }

    /// Loads a network with random weights, for its speed and size; `classify` then refuses.
    #[wasm_bindgen(js_name = loadRandom)]
    pub async fn load_random(
        &self,
        id: String,
        seed: u32,
        key: Option<String>,
        #[wasm_bindgen(unchecked_optional_param_type = "(compiled: number, shaders: number) => void")] progress: Option<
            Function,
        >,
    ) -> std::result::Result<(), JsValue> {
        let loaded = self.engine.borrow().random(&id, seed.into()).map_err(to_js)?;
        self.keep(key.unwrap_or(id), loaded, progress).await.map_err(to_js)
    }

    /// The logits of a normalised input, channel by channel; also with random weights.
    pub async fn logits(&self, key: String, input: Float32Array) -> std::result::Result<Float32Array, JsValue> {
        let logits = self.raw_logits(&key, input.to_vec()).await.map_err(to_js)?;
        Ok(Float32Array::from(logits.as_slice()))
    }

    /// The `k` most probable classes of a frame, 5 unless told; with `heads` also what the auxiliary heads say.
    #[wasm_bindgen(unchecked_return_type = "Classification")]
    pub async fn classify(
        &self,
        key: String,
        frame: JsFrame,
        k: Option<u32>,
        heads: Option<bool>,
    ) -> std::result::Result<JsValue, JsValue> {
        let answer = self.classification(&key, &frame, k.unwrap_or(TOP) as usize, heads.unwrap_or(false)).await;
        plain(&answer.map_err(to_js)?)
    }

    /// How long `runs` predictions of one frame take, in order; also with random weights.
    #[wasm_bindgen(unchecked_return_type = "Timing[]")]
    pub async fn time(&self, key: String, frame: JsFrame, runs: u32) -> std::result::Result<JsValue, JsValue> {
        let loaded = self.engine.borrow().network(&key).map_err(to_js)?;
        let wanted = [loaded.network.graph().output()];
        let mut timings = Vec::new();
        for _ in 0..runs {
            let (timing, _) = self.run(&loaded, &frame, &wanted).await.map_err(to_js)?;
            timings.push(timing);
        }
        plain(&timings)
    }

    /// Shaders that the browser refused since the page was opened; anything but 0 makes results worthless.
    #[wasm_bindgen(js_name = rejectedShaders, unchecked_return_type = "number")]
    pub async fn rejected_shaders(&self) -> JsValue {
        rejected_shaders().await
    }

    /// Frees a network's memory; one that is not loaded is no error.
    pub fn unload(&self, key: &str) {
        self.engine.borrow_mut().unload(key);
    }
}

impl Engine {
    fn on((device, info): (Device, DeviceInfo)) -> Self {
        Self { engine: RefCell::new(engine::Engine::new(device)), info }
    }

    /// The device below.
    pub fn below(&self) -> Device {
        self.engine.borrow().device().clone()
    }

    async fn keep(&self, key: String, loaded: Loaded, progress: Option<Function>) -> Result<()> {
        loaded.network.prepare(async |texts| compile(texts, progress).await).await?;
        self.settled()?;
        self.engine.borrow_mut().keep(&key, loaded);
        Ok(())
    }

    /// Refuses to go on where the browser said that the device is in trouble.
    fn settled(&self) -> Result<()> {
        if self.info.kind == "webgpu" { trouble() } else { Ok(()) }
    }

    async fn raw_logits(&self, key: &str, values: Vec<f32>) -> Result<Vec<f32>> {
        let loaded = self.engine.borrow().network(key)?;
        let shape = loaded.network.graph().input();
        if values.len() != shape.elements() {
            return Err(Error::BadFrame(format!("{} numbers are no input of {shape}", values.len())));
        }
        let logits = loaded.network.logits(Input { values, shape }).await;
        self.settled()?;
        logits
    }

    async fn classification(&self, key: &str, frame: &JsFrame, k: usize, heads: bool) -> Result<ClassificationJs> {
        let loaded = self.engine.borrow().network(key)?;
        let Loaded { card, network } = &*loaded;
        if network.is_random() {
            return Err(Error::RandomWeights(key.into()));
        }
        let graph = network.graph();
        let heads = if heads { graph.heads() } else { &[] };
        let mut wanted: Vec<Node> = heads.iter().map(|head| head.node).collect();
        wanted.push(graph.output());
        let (timing, logits) = self.run(&loaded, frame, &wanted).await?;

        let top =
            |probabilities: &[f32]| top_k(probabilities, card.labels, k).into_iter().map(PredictionJs::from).collect();
        let outputs: Vec<Vec<f32>> = logits.iter().map(|logits| softmax(logits)).collect();
        let weights: Vec<f32> = heads.iter().map(|head| head.weight).chain([1.0]).collect();
        let beside = heads.iter().zip(&outputs);
        Ok(ClassificationJs {
            predictions: outputs.last().map(|output| top(output)).unwrap_or_default(),
            timing,
            heads: beside
                .map(|(head, output)| HeadPredictionsJs {
                    name: graph.name(head.node).into(),
                    predictions: top(output),
                })
                .collect(),
            vote: (!heads.is_empty()).then(|| top(&vote(&outputs, &weights))),
        })
    }

    /// Frame → the values of the wanted nodes, with the clock running.
    async fn run(&self, loaded: &Loaded, frame: &JsFrame, wanted: &[Node]) -> Result<(TimingJs, Vec<Vec<f32>>)> {
        let start = now();
        let input = frame::input(loaded.card, frame)?;
        let ready = now();
        let values = loaded.network.activations(input, wanted).await;
        let end = now();
        self.settled()?;
        Ok((TimingJs { preprocess: ready - start, inference: end - ready, total: end - start }, values?))
    }
}

/// Plain objects, arrays and numbers.
fn plain(value: &impl Serialize) -> std::result::Result<JsValue, JsValue> {
    value
        .serialize(&serde_wasm_bindgen::Serializer::new().serialize_missing_as_null(true))
        .map_err(|error| to_js(Error::Internal(error.to_string())))
}

/// An `Error` object with `code`.
#[expect(clippy::needless_pass_by_value, reason = "map_err hands it over")]
fn to_js(error: Error) -> JsValue {
    let object = js_sys::Error::new(&error.to_string());
    // Setting a property of a fresh object cannot fail.
    let _ = Reflect::set(&object, &"code".into(), &error.code().into());
    object.into()
}
