//! The JavaScript API: the only file that JavaScript sees. Plain typed objects in and out, one error form.

use std::cell::{OnceCell, RefCell};

use burn::tensor::Device;
use js_sys::{Reflect, Uint8Array, Uint8ClampedArray};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

use crate::engine::{self, check::check};
use crate::error::{Error, Result};
use crate::frame::{self, Framing, Input};
use crate::graph::Node;
use crate::networks::{CARDS, Card, Source, card};
use crate::prediction::{Prediction, softmax, top_k, vote};

/// How many predictions [`Engine::classify`] returns unless told.
const TOP: u32 = 5;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
export type DeviceKind = "webgpu" | "cpu";

/** Where an engine computes. */
export interface DeviceInfo {
  kind: DeviceKind;
  /** The adapter's own name. */
  adapter: string;
  /** A software adapter: right answers, slowly. */
  software: boolean;
  f16: boolean;
  maxBindingBytes: number;
  /** Why this device was chosen, a sentence; "" when there is nothing to say. */
  note: string;
}

/** RGBA pixels, as ImageData gives them. */
export interface Frame { data: Uint8ClampedArray; width: number; height: number }

export interface Prediction { index: number; label: string; probability: number }

/** Milliseconds; inference includes the read-back. */
export interface Timing { preprocess: number; inference: number; total: number }

/** The most probable classes, the most probable first. */
export interface Classification {
  predictions: Prediction[];
  timing: Timing;
  /** What the auxiliary heads say, from the input on; empty unless asked for. */
  heads: { name: string; predictions: Prediction[] }[];
  /** All outputs' probabilities, weighted as in training; null unless the heads were asked for. */
  vote: Prediction[] | null;
}

/** A network's facts. */
export interface Card {
  id: string;
  name: string;
  year: number;
  paper: { title: string; authors: string; url: string };
  about: string;
  parameters: number;
  macs: number;
  input: { channels: number; height: number; width: number };
  /** The frame it likes best: its kind, and the side of a centre square that needs no resizing. */
  frame: { kind: "photo" | "digit"; side: number };
  classes: number;
  /** Auxiliary outputs and their weight in a vote, the main output's being 1; most networks have none. */
  heads: { name: string; weight: number }[];
  /** Percent; null where none was published. */
  top1: number | null;
  top5: number | null;
  source: string;
  licence: string;
}

/** What every rejected promise carries: a sentence that says what to do, and a stable code. */
export interface EngineError extends Error {
  code: "no-webgpu" | "unknown-device" | "wrong-results" | "device-lost" | "out-of-memory" | "bad-weights" | "unknown-network"
    | "not-loaded" | "random-weights" | "bad-frame" | "internal";
}
"#;

#[wasm_bindgen(module = "/src/web/gpu.js")]
extern "C" {
    #[wasm_bindgen(js_name = watch)]
    fn watch_shaders();
    #[wasm_bindgen(js_name = rejectedShaders)]
    async fn rejected_shaders() -> JsValue;
    #[wasm_bindgen(js_name = deviceTrouble)]
    fn device_trouble() -> Option<Vec<String>>;
    #[wasm_bindgen(js_name = describeAdapter, catch)]
    async fn describe_adapter() -> std::result::Result<JsValue, JsValue>;
}

#[wasm_bindgen]
extern "C" {
    /// Milliseconds.
    #[wasm_bindgen(js_namespace = performance)]
    fn now() -> f64;

    /// RGBA pixels as JavaScript holds them.
    #[wasm_bindgen(typescript_type = "Frame")]
    pub type JsFrame;
    #[wasm_bindgen(method, getter)]
    fn data(this: &JsFrame) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn width(this: &JsFrame) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn height(this: &JsFrame) -> JsValue;
}

thread_local! {
    /// burn starts a WebGPU device once and cannot be asked again.
    static WEBGPU: OnceCell<Device> = const { OnceCell::new() };
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct DeviceInfo {
    #[serde(default)]
    kind: String,
    adapter: String,
    software: bool,
    f16: bool,
    max_binding_bytes: f64,
    #[serde(default)]
    note: String,
}

#[derive(Serialize)]
struct PredictionJs {
    index: usize,
    label: &'static str,
    probability: f32,
}

#[derive(Serialize)]
struct TimingJs {
    preprocess: f64,
    inference: f64,
    total: f64,
}

#[derive(Serialize)]
struct ClassificationJs {
    predictions: Vec<PredictionJs>,
    timing: TimingJs,
    heads: Vec<HeadPredictionsJs>,
    vote: Option<Vec<PredictionJs>>,
}

#[derive(Serialize)]
struct HeadPredictionsJs {
    name: String,
    predictions: Vec<PredictionJs>,
}

#[derive(Serialize)]
struct HeadJs {
    name: String,
    weight: f32,
}

#[derive(Serialize)]
struct CardJs {
    id: &'static str,
    name: &'static str,
    year: u16,
    paper: PaperJs,
    about: &'static str,
    parameters: usize,
    macs: u64,
    input: crate::graph::Shape,
    frame: FrameJs,
    classes: usize,
    heads: Vec<HeadJs>,
    top1: Option<f64>,
    top5: Option<f64>,
    source: String,
    licence: &'static str,
}

#[derive(Serialize)]
struct PaperJs {
    title: &'static str,
    authors: &'static str,
    url: &'static str,
}

#[derive(Serialize)]
struct FrameJs {
    kind: &'static str,
    side: usize,
}

impl From<Prediction> for PredictionJs {
    fn from(prediction: Prediction) -> Self {
        Self { index: prediction.index, label: prediction.label, probability: prediction.probability }
    }
}

impl From<&Card> for CardJs {
    fn from(card: &Card) -> Self {
        let source = match card.source {
            Source::Trained { data } => format!("trained by this project on {data}"),
            Source::PythonPackage { package, version, .. } => format!("Python package {package} {version}"),
            Source::Download { url, .. } => url.into(),
        };
        let kind = match card.framing {
            Framing::Photo { .. } => "photo",
            Framing::Digit => "digit",
        };
        let graph = (card.graph)();
        let heads = graph.heads().iter().map(|head| HeadJs { name: graph.name(head.node).into(), weight: head.weight });
        Self {
            id: card.id,
            name: card.name,
            year: card.year,
            paper: PaperJs { title: card.paper.title, authors: card.paper.authors, url: card.paper.url },
            about: card.about,
            parameters: card.parameters,
            macs: card.macs,
            input: graph.input(),
            frame: FrameJs { kind, side: card.framing.side() },
            classes: card.labels.count(),
            heads: heads.collect(),
            top1: card.top1,
            top5: card.top5,
            source,
            licence: card.licence,
        }
    }
}

/// Shows a panic in the console instead of a bare "unreachable".
#[wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
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
    pub async fn create(
        #[wasm_bindgen(unchecked_param_type = "DeviceKind | \"auto\"")] device: String,
    ) -> std::result::Result<Engine, JsValue> {
        let created = match device.as_str() {
            "cpu" => Ok(cpu(String::new())),
            "webgpu" => webgpu(describe().await).await,
            "auto" => Ok(auto().await),
            other => Err(Error::UnknownDevice(other.into())),
        };
        let (device, info) = created.map_err(to_js)?;
        Ok(Self { engine: RefCell::new(engine::Engine::new(device)), info })
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

    /// Loads a network from all its shards; one loaded before stays until this succeeds.
    pub async fn load(&self, id: String, shards: Vec<Uint8Array>) -> std::result::Result<(), JsValue> {
        let shards: Vec<Vec<u8>> = shards.iter().map(Uint8Array::to_vec).collect();
        self.engine.borrow_mut().load(&id, &shards).map_err(to_js)
    }

    /// Loads a network with random weights, for its speed and size; `classify` then refuses.
    #[wasm_bindgen(js_name = loadRandom)]
    pub async fn load_random(&self, id: String, seed: u32) -> std::result::Result<(), JsValue> {
        self.engine.borrow_mut().load_random(&id, seed.into()).map_err(to_js)
    }

    /// The `k` most probable classes of a frame, 5 unless told; with `heads` also what the auxiliary heads say.
    #[wasm_bindgen(unchecked_return_type = "Classification")]
    pub async fn classify(
        &self,
        id: String,
        frame: JsFrame,
        k: Option<u32>,
        heads: Option<bool>,
    ) -> std::result::Result<JsValue, JsValue> {
        let answer = self.classification(&id, &frame, k.unwrap_or(TOP) as usize, heads.unwrap_or(false)).await;
        plain(&answer.map_err(to_js)?)
    }

    /// How long `runs` predictions of one frame take, in order; also with random weights.
    #[wasm_bindgen(unchecked_return_type = "Timing[]")]
    pub async fn time(&self, id: String, frame: JsFrame, runs: u32) -> std::result::Result<JsValue, JsValue> {
        let card = card(&id).map_err(to_js)?;
        let network = self.engine.borrow().network(&id).map_err(to_js)?;
        let mut timings = Vec::new();
        for _ in 0..runs {
            let (timing, _) = self.run(&network, card, &frame, &[network.graph().output()]).await.map_err(to_js)?;
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
    pub fn unload(&self, id: &str) {
        self.engine.borrow_mut().unload(id);
    }
}

/// What the browser said of the device since it was started: burn computes on and tells nothing.
fn trouble() -> Result<()> {
    let Some(trouble) = device_trouble() else { return Ok(()) };
    let (code, words) = (trouble.first().map(String::as_str), trouble.last().cloned().unwrap_or_default());
    Err(match code {
        Some("device-lost") => Error::DeviceLost(words),
        Some("out-of-memory") => Error::OutOfMemory(words),
        _ => Error::Internal(words),
    })
}

/// The WebGPU device, once an engine was created on it.
pub fn webgpu_device() -> Option<Device> {
    WEBGPU.with(|device| device.get().cloned())
}

impl Engine {
    async fn classification(&self, id: &str, frame: &JsFrame, k: usize, heads: bool) -> Result<ClassificationJs> {
        let card = card(id)?;
        let network = self.engine.borrow().network(id)?;
        if network.is_random() {
            return Err(Error::RandomWeights(id.into()));
        }
        let graph = network.graph();
        let heads = if heads { graph.heads() } else { &[] };
        let mut wanted: Vec<Node> = heads.iter().map(|head| head.node).collect();
        wanted.push(graph.output());
        let (timing, logits) = self.run(&network, card, frame, &wanted).await?;

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

    /// Frame → wanted values, with the clock running.
    async fn run(
        &self,
        network: &engine::Network,
        card: &Card,
        frame: &JsFrame,
        wanted: &[Node],
    ) -> Result<(TimingJs, Vec<Vec<f32>>)> {
        let start = now();
        let input = input(card, frame)?;
        let ready = now();
        let values = network.values(input, wanted).await;
        let end = now();
        if self.info.kind == "webgpu" {
            trouble()?;
        }
        Ok((TimingJs { preprocess: ready - start, inference: end - ready, total: end - start }, values?))
    }
}

/// What WebGPU's adapter says of itself.
async fn describe() -> Result<DeviceInfo> {
    let described = describe_adapter().await.map_err(|error| Error::NoWebGpu(format!("{error:?}")))?;
    if described.is_undefined() {
        return Err(Error::NoWebGpu("it has no WebGPU, or no adapter for it".into()));
    }
    let info: DeviceInfo =
        serde_wasm_bindgen::from_value(described).map_err(|error| Error::NoWebGpu(error.to_string()))?;
    Ok(DeviceInfo { kind: "webgpu".into(), ..info })
}

fn cpu(note: String) -> (Device, DeviceInfo) {
    let adapter = "WebAssembly SIMD, 1 thread".into();
    let info = DeviceInfo { kind: "cpu".into(), adapter, software: false, f16: false, max_binding_bytes: 0.0, note };
    (Device::flex(), info)
}

async fn webgpu(info: Result<DeviceInfo>) -> Result<(Device, DeviceInfo)> {
    let info = info?;
    watch_shaders();
    let device = match webgpu_device() {
        Some(device) => device,
        None => {
            let started = Device::wgpu_options().init_async().await;
            let started = started.map_err(|error| Error::NoWebGpu(error.to_string()))?;
            WEBGPU.with(|device| device.get_or_init(|| started).clone())
        }
    };
    check(&device).await?;
    match rejected_shaders().await.as_f64() {
        Some(0.0) => Ok((device, info)),
        _ => Err(Error::WrongResults("the browser refused a shader".into())),
    }
}

async fn auto() -> (Device, DeviceInfo) {
    match describe().await {
        Ok(info) if info.software => {
            let note = "WebGPU runs in software on this machine, which is slower than the CPU alone: the CPU is used.";
            cpu(note.into())
        }
        info => webgpu(info).await.unwrap_or_else(|error| cpu(format!("{error} The CPU is used."))),
    }
}

fn input(card: &Card, frame: &JsFrame) -> Result<Input> {
    let side = |value: JsValue| value.as_f64().filter(|side| side.fract() == 0.0 && *side >= 0.0);
    let (Some(width), Some(height)) = (side(frame.width()), side(frame.height())) else {
        return Err(Error::BadFrame("its width and height are no whole numbers".into()));
    };
    let data = match frame.data().dyn_into::<Uint8ClampedArray>() {
        Ok(data) => data.to_vec(),
        Err(_) => return Err(Error::BadFrame("its data is no Uint8ClampedArray".into())),
    };
    Ok(Input::from_frame(&frame::Frame::new(&data, width as usize, height as usize)?, card))
}

/// Plain objects, arrays and numbers.
fn plain(value: &impl Serialize) -> std::result::Result<JsValue, JsValue> {
    value
        .serialize(&serde_wasm_bindgen::Serializer::new().serialize_missing_as_null(true))
        .map_err(|error| to_js(Error::Internal(error.to_string())))
}

/// An `Error` object with `code`.
fn to_js(error: Error) -> JsValue {
    let object = js_sys::Error::new(&error.to_string());
    // Setting a property of a fresh object cannot fail.
    let _ = Reflect::set(&object, &"code".into(), &error.code().into());
    object.into()
}
