//! The JavaScript API: the only file that JavaScript sees. Plain typed objects in and out, one error form.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;
use std::sync::Once;

use burn::tensor::wgpu::{WgpuSetup, wgpu};
use js_sys::{Float32Array, Function, Reflect, Uint8Array, Uint8ClampedArray};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

use crate::engine::kernels::cpu::fuses;
use crate::engine::kernels::plan::Plan;
use crate::engine::kernels::webgpu::Gpu;
use crate::engine::{self, Device, Loaded, check::check};
use crate::error::{Error, Result};
use crate::frame::{self, Framing, Input, Layout, Matrix, Planes};
use crate::graph::Node;
use crate::networks::{CARDS, Card, Source};
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

/** How a WebGPU engine computes. */
export interface EngineOptions {
  /** Stores and multiplies in half precision, where the device can (DeviceInfo.f16); sums stay in single precision. */
  f16?: boolean;
}

/** Pixels as ImageData gives them, or a video's planes of even sides as VideoFrame.copyTo gives them. */
export interface Frame {
  data: Uint8ClampedArray;
  width: number;
  height: number;
  /** RGBA unless told. */
  format?: "RGBA" | "I420" | "NV12";
  /** Of planes; bt601 unless told. */
  matrix?: "bt601" | "bt709";
  /** Of planes; not unless told. */
  fullRange?: boolean;
}

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
  /** Bytes of what lies between the layers during one prediction, in single precision. */
  activationBytes: number;
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
    #[wasm_bindgen(js_name = compileShaders)]
    async fn compile_shaders(device: &JsValue, texts: Vec<String>, progress: Option<Function>);
    #[wasm_bindgen(js_name = describeAdapter, catch)]
    async fn describe_adapter() -> std::result::Result<JsValue, JsValue>;
}

#[wasm_bindgen]
extern "C" {
    /// Milliseconds.
    #[wasm_bindgen(js_namespace = performance)]
    fn now() -> f64;

    /// Pixels or planes as JavaScript holds them.
    #[wasm_bindgen(typescript_type = "Frame")]
    pub type JsFrame;
    #[wasm_bindgen(method, getter)]
    fn data(this: &JsFrame) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn width(this: &JsFrame) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn height(this: &JsFrame) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn format(this: &JsFrame) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn matrix(this: &JsFrame) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = fullRange)]
    fn full_range(this: &JsFrame) -> JsValue;
}

#[wasm_bindgen]
extern "C" {
    /// How an engine computes.
    #[wasm_bindgen(typescript_type = "EngineOptions")]
    pub type JsOptions;
    #[wasm_bindgen(method, getter)]
    fn f16(this: &JsOptions) -> Option<bool>;
}

thread_local! {
    /// One device serves all engines: a browser gives few, and burn can be told of one only once.
    static WEBGPU: OnceCell<WgpuSetup> = const { OnceCell::new() };
    /// By precision: single, half.
    static GPUS: [OnceCell<Rc<Gpu>>; 2] = const { [OnceCell::new(), OnceCell::new()] };
    static STOCK: OnceCell<burn::tensor::Device> = const { OnceCell::new() };
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
#[serde(rename_all = "camelCase")]
struct CardJs {
    id: &'static str,
    name: &'static str,
    year: u16,
    paper: PaperJs,
    about: &'static str,
    parameters: usize,
    macs: u64,
    activation_bytes: usize,
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
            activation_bytes: activation_bytes(card),
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

unsafe extern "C" {
    /// Made by the linker: runs the constructors of statics, which crates below burn have.
    safe fn __wasm_call_ctors();
}

/// Where nobody calls them, the linker lets every exported function call them first: half a millisecond each time.
fn construct_statics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| __wasm_call_ctors());
}

/// Runs when the module is started; shows a panic in the console instead of a bare "unreachable".
#[wasm_bindgen(start)]
pub fn start() {
    construct_statics();
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
        options: Option<JsOptions>,
    ) -> std::result::Result<Engine, JsValue> {
        let half = options.is_some_and(|options| options.f16().unwrap_or(false));
        let created = match device.as_str() {
            "cpu" => Ok(cpu(String::new())),
            "webgpu" => webgpu(describe().await, half).await,
            "auto" => Ok(auto(half).await),
            other => Err(Error::UnknownDevice(other.into())),
        };
        created.map(Self::on).map_err(to_js)
    }

    /// The same by burn's own operations, without a kernel of this project's: to measure against.
    #[wasm_bindgen(js_name = createStock)]
    pub async fn create_stock(
        #[wasm_bindgen(unchecked_param_type = "DeviceKind")] device: String,
    ) -> std::result::Result<Engine, JsValue> {
        let created = match device.as_str() {
            "cpu" => Ok((Device::Stock(burn::tensor::Device::flex()), cpu(String::new()).1)),
            "webgpu" => stock_webgpu(describe().await).await,
            other => Err(Error::UnknownDevice(other.into())),
        };
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

/// What the browser said of the device since it was started: calls go on and tell nothing.
fn trouble() -> Result<()> {
    let Some(trouble) = device_trouble() else { return Ok(()) };
    let (code, words) = (trouble.first().map(String::as_str), trouble.last().cloned().unwrap_or_default());
    Err(match code {
        Some("device-lost") => Error::DeviceLost(words),
        Some("out-of-memory") => Error::OutOfMemory(words),
        _ => Error::Internal(words),
    })
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
        if values.len() != shape.len() {
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

    /// Frame → wanted values, with the clock running.
    async fn run(&self, loaded: &Loaded, frame: &JsFrame, wanted: &[Node]) -> Result<(TimingJs, Vec<Vec<f32>>)> {
        let start = now();
        let input = input(loaded.card, frame)?;
        let ready = now();
        let values = loaded.network.values(input, wanted).await;
        let end = now();
        self.settled()?;
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
    let fused = if fuses() { " with fused multiply-add" } else { "" };
    let adapter = format!("WebAssembly SIMD{fused}, 1 thread");
    let info = DeviceInfo { kind: "cpu".into(), adapter, software: false, f16: false, max_binding_bytes: 0.0, note };
    (Device::Cpu, info)
}

async fn webgpu(info: Result<DeviceInfo>, half: bool) -> Result<(Device, DeviceInfo)> {
    let info = info?;
    if half && !info.f16 {
        return Err(Error::NoWebGpu("its adapter has no half precision; create the engine without f16".into()));
    }
    let setup = setup(&info).await?;
    let gpu = GPUS.with(|gpus| {
        let make = || Rc::new(Gpu::new(setup.device, setup.queue, info.software, half));
        gpus[usize::from(half)].get_or_init(make).clone()
    });
    let device = Device::WebGpu(gpu);
    check(&device, async |texts| compile(texts, None).await).await?;
    trusted((device, info)).await
}

/// burn's own WebGPU, on the same device.
async fn stock_webgpu(info: Result<DeviceInfo>) -> Result<(Device, DeviceInfo)> {
    // A test's module has a start of its own.
    construct_statics();
    let info = info?;
    let setup = setup(&info).await?;
    let device = match STOCK.with(|device| device.get().cloned()) {
        Some(device) => device,
        None => {
            let started = burn::tensor::Device::wgpu_options().setup(setup).init();
            let started = started.map_err(|error| Error::NoWebGpu(error.to_string()))?;
            STOCK.with(|device| device.get_or_init(|| started).clone())
        }
    };
    trusted((Device::Stock(device), info)).await
}

/// Refuses a device on which the browser refused a shader.
async fn trusted(device: (Device, DeviceInfo)) -> Result<(Device, DeviceInfo)> {
    match rejected_shaders().await.as_f64() {
        Some(0.0) => Ok(device),
        _ => Err(Error::WrongResults("the browser refused a shader".into())),
    }
}

/// The browser's WebGPU device, started once.
async fn setup(info: &DeviceInfo) -> Result<WgpuSetup> {
    watch_shaders();
    if let Some(setup) = WEBGPU.with(|setup| setup.get().cloned()) {
        return Ok(setup);
    }
    let refused = |error: String| Error::NoWebGpu(error);
    let descriptor = wgpu::InstanceDescriptor {
        backends: wgpu::Backends::BROWSER_WEBGPU,
        ..wgpu::InstanceDescriptor::new_without_display_handle()
    };
    let instance = wgpu::Instance::new(descriptor);
    let power_preference = wgpu::PowerPreference::HighPerformance;
    let options = wgpu::RequestAdapterOptions { power_preference, ..Default::default() };
    let adapter = instance.request_adapter(&options).await.map_err(|error| refused(error.to_string()))?;
    let descriptor = wgpu::DeviceDescriptor {
        required_features: if info.f16 { wgpu::Features::SHADER_F16 } else { wgpu::Features::empty() },
        // Large linear layers need more than the default.
        required_limits: adapter.limits(),
        ..Default::default()
    };
    let (device, queue) = adapter.request_device(&descriptor).await.map_err(|error| refused(error.to_string()))?;
    let setup = WgpuSetup { instance, adapter, device, queue, backend: wgpu::Backend::BrowserWebGpu };
    Ok(WEBGPU.with(|found| found.get_or_init(|| setup).clone()))
}

/// Compiles shaders side by side, where the browser can.
async fn compile(texts: Vec<String>, progress: Option<Function>) {
    let device = WEBGPU.with(|setup| setup.get().map(|setup| setup.device.clone()));
    if let Some(device) = device.as_ref().and_then(|device| device.as_webgpu()) {
        compile_shaders(device.as_ref(), texts, progress).await;
    }
}

async fn auto(half: bool) -> (Device, DeviceInfo) {
    match describe().await {
        Ok(info) if info.software => {
            let note = "WebGPU runs in software on this machine, which is slower than the CPU alone: the CPU is used.";
            cpu(note.into())
        }
        info => {
            let half = half && info.as_ref().is_ok_and(|info| info.f16);
            webgpu(info, half).await.unwrap_or_else(|error| cpu(format!("{error} The CPU is used.")))
        }
    }
}

/// Peak of what lies between the layers; 0 for a graph that has no plan, which the tests exclude.
fn activation_bytes(card: &Card) -> usize {
    let graph = card.inference();
    Plan::new(&graph, &[graph.output()], true).map_or(0, |plan| plan.bytes())
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
    let (width, height) = (width as usize, height as usize);
    let layout = match frame.format().as_string().as_deref() {
        Some("I420") => Layout::I420,
        Some("NV12") => Layout::Nv12,
        Some("RGBA") | None => return Ok(Input::from_frame(&frame::Frame::new(&data, width, height)?, card)),
        Some(_) => return Err(Error::BadFrame("its format is none of RGBA, I420 and NV12".into())),
    };
    let matrix = if frame.matrix().as_string().as_deref() == Some("bt709") { Matrix::Bt709 } else { Matrix::Bt601 };
    let planes = Planes::new(&data, width, height, layout, matrix, frame.full_range().is_truthy())?;
    Ok(Input::from_planes(&planes, card))
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
