//! `Engine`, the class that JavaScript sees.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Float32Array, Function, Uint8Array};
use wasm_bindgen::prelude::*;

use super::answer::{ClassificationJs, HeadPredictionsJs, MemoryJs, PredictionJs, TimingJs};
use super::card::CardJs;
#[cfg(feature = "burn")]
use super::device::burn::open;
#[cfg(not(feature = "burn"))]
use super::device::kernels::open;
use super::device::{DeviceInfo, Wanted, compile, rejected_shaders};
use super::frame::{self, JsFrame};
use super::{JsResult, plain, to_js};
use crate::engine::{self, Arithmetic, Device, LinearFormat, Loaded};
use crate::error::{Error, Result};
use crate::frame::Input;
use crate::graph::Node;
use crate::networks::{CARDS, card};
use crate::prediction::{ClassNames, softmax, top_k, vote};

/// How many predictions [`Engine::classify`] gives unless it is told.
const TOP: u32 = 5;

#[wasm_bindgen]
extern "C" {
    /// How an engine computes.
    #[wasm_bindgen(typescript_type = "EngineOptions")]
    pub type JsOptions;
    #[wasm_bindgen(method, getter)]
    fn f16(this: &JsOptions) -> Option<bool>;
    #[wasm_bindgen(method, getter)]
    fn threads(this: &JsOptions) -> Option<f64>;
    #[wasm_bindgen(method, getter)]
    fn arithmetic(this: &JsOptions) -> JsValue;
}

impl JsOptions {
    /// What the options ask for.
    ///
    /// # Errors
    /// [`Error::UnknownArithmetic`] for another arithmetic than there are.
    fn wanted(&self) -> Result<Wanted> {
        let arithmetic = self.arithmetic();
        let arithmetic = if arithmetic.is_undefined() || arithmetic.is_null() {
            Arithmetic::default()
        } else {
            let name = arithmetic.as_string().unwrap_or_else(|| format!("{arithmetic:?}"));
            Arithmetic::named(&name).ok_or(Error::UnknownArithmetic(name))?
        };
        // What is no number at all is not a choice, and a cast takes any other number to the nearest that there can be.
        let threads = self.threads().filter(|threads| !threads.is_nan()).map(|threads| threads as u32);
        Ok(Wanted { half: self.f16().unwrap_or(false), arithmetic, threads })
    }
}

/// The clock that pages and workers have alike, in milliseconds.
pub(super) fn clock() -> impl Fn() -> f64 {
    // A window has the property as well, under the same name.
    let scope: web_sys::WorkerGlobalScope = js_sys::global().unchecked_into();
    let performance = scope.performance();
    move || performance.as_ref().map_or_else(js_sys::Date::now, web_sys::Performance::now)
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
    /// Starts an engine without networks on "webgpu", "cpu" or "auto". With "auto", WebGPU is used where there is a hardware
    /// adapter that computes what the CPU computes, otherwise the CPU.
    ///
    /// This project's kernels compute; in the package's folder `burn`, burn's operations do.
    ///
    /// Rejects with "unknown-device" for another name, and with "unknown-arithmetic" for an arithmetic that does not exist, or that
    /// burn does not have; for "webgpu" with "no-webgpu" where there is no adapter or it lacks
    /// what `options` ask for, and with "wrong-results" where its answers differ from the CPU's.
    pub async fn create(
        #[wasm_bindgen(unchecked_param_type = "DeviceKind | \"auto\"")] device: String,
        options: Option<JsOptions>,
    ) -> JsResult<Engine> {
        let wanted = options.map_or_else(|| Ok(Wanted::default()), |options| options.wanted()).map_err(to_js)?;
        let created = open(&device, wanted).await;
        created.map(Self::on).map_err(to_js)
    }

    /// The facts about every network, oldest network first.
    #[wasm_bindgen(unchecked_return_type = "Card[]")]
    pub fn cards() -> JsResult<JsValue> {
        let cards: Vec<CardJs> = CARDS.iter().map(|card| CardJs::from(*card)).collect();
        plain(&cards)
    }

    /// The names of the classes of a network's official weights, in the order of its logits. No engine and no weights are needed.
    ///
    /// Throws "unknown-network" for an id that no card has.
    pub fn labels(id: &str) -> JsResult<Vec<String>> {
        let card = card(id).map_err(to_js)?;
        Ok(ClassNames::Official(card.labels).to_vec())
    }

    /// The names of the classes of the network that is loaded under a key, in the order of its logits: those of its weights.
    ///
    /// Throws "not-loaded" or "unknown-network" for a key that holds no network.
    #[wasm_bindgen(js_name = labelsOf)]
    pub fn labels_of(&self, key: &str) -> JsResult<Vec<String>> {
        Ok(self.network(key).map_err(to_js)?.about.names.to_vec())
    }

    /// The device on which this engine computes.
    #[wasm_bindgen(getter, unchecked_return_type = "DeviceInfo")]
    pub fn device(&self) -> JsResult<JsValue> {
        plain(&self.info)
    }

    /// The memory that a network would take on this engine's device, without loading it. `variant` is the variant of its
    /// weights: "q8", which is also what random weights and weights of one's own are stored as, or "q4".
    ///
    /// Throws "unknown-network" for an id that no card has, and "bad-weights" for another variant.
    #[wasm_bindgen(unchecked_return_type = "Memory")]
    pub fn memory(
        &self,
        id: &str,
        #[wasm_bindgen(unchecked_optional_param_type = "\"q8\" | \"q4\"")] variant: Option<String>,
    ) -> JsResult<JsValue> {
        let linear = match variant.unwrap_or_else(|| "q8".into()).as_str() {
            "q8" => LinearFormat::Int8,
            "q4" => LinearFormat::Int4,
            other => {
                return Err(to_js(Error::BadWeights(format!("no network has a variant “{other}”: name q8 or q4"))));
            }
        };
        let graph = card(id).map_err(to_js)?.inference();
        let memory = self.below().memory(&graph, linear).map_err(to_js)?;
        plain(&MemoryJs::from(memory))
    }

    /// Loads a network from the bytes of all its shards, and keeps it under `key`, which is the id unless it is given. A
    /// network that was loaded under this key before stays until the new one is ready. `progress` is called with the number
    /// of compiled shaders and the number of all new ones.
    ///
    /// Rejects with "unknown-network", "bad-weights", "out-of-memory" or "device-lost".
    pub async fn load(
        &self,
        id: String,
        shards: Vec<Uint8Array>,
        #[wasm_bindgen(unchecked_optional_param_type = "string | null")] key: Option<String>,
        #[wasm_bindgen(unchecked_optional_param_type = "(compiled: number, shaders: number) => void")] progress: Option<
            Function,
        >,
    ) -> JsResult<()> {
        let shards = shards.iter().map(Uint8Array::to_vec).collect();
        let loaded = self.engine.borrow().read(&id, shards).map_err(to_js)?;
        self.keep(key.unwrap_or(id), loaded, progress).await.map_err(to_js)
    }

    /// Loads a network with random weights, for measuring its speed and size: `classify` rejects it with "random-weights".
    /// The same seed gives the same weights. Otherwise as `load`.
    #[wasm_bindgen(js_name = loadRandom)]
    pub async fn load_random(
        &self,
        id: String,
        seed: u32,
        #[wasm_bindgen(unchecked_optional_param_type = "string | null")] key: Option<String>,
        #[wasm_bindgen(unchecked_optional_param_type = "(compiled: number, shaders: number) => void")] progress: Option<
            Function,
        >,
    ) -> JsResult<()> {
        let loaded = self.engine.borrow().random(&id, seed.into()).map_err(to_js)?;
        self.keep(key.unwrap_or(id), loaded, progress).await.map_err(to_js)
    }

    /// The logits, one for each class, of a normalised input of shape [channels, height, width], channel by channel; also
    /// with random weights.
    ///
    /// Rejects with "not-loaded" or "unknown-network" for a key that holds no network, with "bad-frame" for an input of
    /// another length, and with "device-lost" or "out-of-memory".
    pub async fn logits(&self, key: String, input: Float32Array) -> JsResult<Float32Array> {
        let logits = self.raw_logits(&key, input.to_vec()).await.map_err(to_js)?;
        Ok(Float32Array::from(logits.as_slice()))
    }

    /// The `k` most probable classes of a frame, 5 unless `k` is given; with `heads` also those of the auxiliary outputs.
    /// There are none where LeNet-5 finds no ink on the frame.
    ///
    /// Rejects with "random-weights" for a network without official weights, with "bad-frame" for a frame that cannot be
    /// read, and otherwise as `logits`.
    #[wasm_bindgen(unchecked_return_type = "Classification")]
    pub async fn classify(
        &self,
        key: String,
        frame: JsFrame,
        k: Option<u32>,
        heads: Option<bool>,
    ) -> JsResult<JsValue> {
        let answer = self.classification(&key, &frame, k.unwrap_or(TOP) as usize, heads.unwrap_or(false)).await;
        plain(&answer.map_err(to_js)?)
    }

    /// How long each of `runs` predictions of one frame takes, in the order in which they ran; also with random weights.
    ///
    /// Rejects as `classify`, except for random weights.
    #[wasm_bindgen(unchecked_return_type = "Timing[]")]
    pub async fn time(&self, key: String, frame: JsFrame, runs: u32) -> JsResult<JsValue> {
        let loaded = self.network(&key).map_err(to_js)?;
        let outputs = [loaded.network.graph().output()];
        let mut timings = Vec::new();
        for _ in 0..runs {
            let (timing, _) = self.run(&loaded, &frame, &outputs).await.map_err(to_js)?;
            timings.push(timing);
        }
        plain(&timings)
    }

    /// How many shaders the browser has refused since the module was started. A count that rises while an engine is in use
    /// makes its results worthless.
    #[wasm_bindgen(js_name = rejectedShaders, unchecked_return_type = "number")]
    pub async fn rejected_shaders(&self) -> JsValue {
        rejected_shaders().await
    }

    /// Frees the memory of the network under this key; where there is none, nothing happens.
    pub fn unload(&self, key: &str) {
        self.engine.borrow_mut().unload(key);
    }
}

impl Engine {
    fn on((device, info): (Device, DeviceInfo)) -> Self {
        Self { engine: RefCell::new(engine::Engine::new(device)), info }
    }

    /// The network under a key.
    pub(super) fn network(&self, key: &str) -> Result<Rc<Loaded>> {
        self.engine.borrow().network(key)
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

    /// An error where the browser reported one of the device since the last call: the calls themselves report none.
    pub(super) fn settled(&self) -> Result<()> {
        self.info.settled()
    }

    async fn raw_logits(&self, key: &str, values: Vec<f32>) -> Result<Vec<f32>> {
        let loaded = self.network(key)?;
        let shape = loaded.network.graph().input();
        if values.len() != shape.elements() {
            return Err(Error::BadFrame(format!("{} elements are no input of {shape}", values.len())));
        }
        let logits = loaded.network.logits(Input { values, shape }).await;
        self.settled()?;
        logits
    }

    async fn classification(&self, key: &str, frame: &JsFrame, k: usize, heads: bool) -> Result<ClassificationJs> {
        let loaded = self.network(key)?;
        let Loaded { about, network, .. } = &*loaded;
        if network.is_random() {
            return Err(Error::RandomWeights(key.into()));
        }
        let graph = network.graph();
        let heads = if heads { graph.heads() } else { &[] };
        let nodes: Vec<Node> = heads.iter().map(|head| head.node).chain([graph.output()]).collect();
        let (timing, logits) = self.run(&loaded, frame, &nodes).await?;
        // On an empty sheet a network of digits sees none, whatever its logits are.
        let k = if loaded.seen.borrow().as_ref().is_some_and(|input| input.is_blank()) { 0 } else { k };

        let top =
            |probabilities: &[f32]| top_k(probabilities, &about.names, k).into_iter().map(PredictionJs::from).collect();
        let outputs: Vec<Vec<f32>> = logits.iter().map(|logits| softmax(logits)).collect();
        let weights: Vec<f32> = heads.iter().map(|head| head.weight).chain([1.0]).collect();
        let auxiliary = heads.iter().zip(&outputs);
        Ok(ClassificationJs {
            predictions: outputs.last().map(|output| top(output)).unwrap_or_default(),
            timing,
            heads: auxiliary
                .map(|(head, output)| HeadPredictionsJs {
                    name: graph.name(head.node).into(),
                    predictions: top(output),
                })
                .collect(),
            vote: (!heads.is_empty()).then(|| top(&vote(&outputs, &weights))),
        })
    }

    /// What the nodes `outputs` give for a frame, and how long that takes.
    async fn run(&self, loaded: &Loaded, frame: &JsFrame, outputs: &[Node]) -> Result<(TimingJs, Vec<Vec<f32>>)> {
        let now = clock();
        let start = now();
        let input = Rc::new(frame::input(loaded.about.preprocessing, frame)?);
        let ready = now();
        let values = loaded.network.activations(&input, outputs).await;
        let end = now();
        loaded.seen.replace(Some(input));
        self.settled()?;
        Ok((TimingJs { preprocess: ready - start, inference: end - ready, total: end - start }, values?))
    }
}
