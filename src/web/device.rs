//! Devices in a browser: what the adapter says of itself, the one WebGPU device of a worker, and whether it can be trusted.
//!
//! [`kernels`] makes engines of this project's kernels on them, `burn` makes engines of burn's operations.

use std::cell::OnceCell;

use js_sys::Function;
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

use crate::engine::check::check;
use crate::engine::{Arithmetic, Device};
use crate::error::{Error, Result};

#[cfg(feature = "burn")]
pub mod burn;
pub mod kernels;

// `web-sys` has WebGPU only behind a compiler flag that every user of this crate would have to set.
#[wasm_bindgen(module = "/src/web/gpu.js")]
extern "C" {
    #[wasm_bindgen(js_name = watch)]
    fn watch_shaders();
    #[wasm_bindgen(js_name = rejectedShaders)]
    pub(super) async fn rejected_shaders() -> JsValue;
    #[wasm_bindgen(js_name = deviceTrouble)]
    fn device_trouble() -> Option<Vec<String>>;
    #[wasm_bindgen(js_name = restoreTrouble)]
    fn restore_trouble(pending: Option<Vec<String>>);
    #[wasm_bindgen(js_name = compileShaders)]
    async fn compile_shaders(device: &JsValue, texts: Vec<String>, progress: Option<Function>);
    #[wasm_bindgen(js_name = describeAdapter, catch)]
    async fn describe_adapter() -> std::result::Result<JsValue, JsValue>;
}

thread_local! {
    /// One device serves all engines: a browser gives few, and burn can be told of one only once.
    static WEBGPU: OnceCell<Setup> = const { OnceCell::new() };
}

/// What an engine's `device` tells of it; `types.d.ts` documents each field.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeviceInfo {
    #[serde(default)]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) engine: String,
    pub(super) adapter: String,
    pub(super) software: bool,
    /// The adapter's threads run in subgroups of four that can hand each other values. Only the kernels ask.
    #[serde(default, skip_serializing)]
    pub(super) quads: bool,
    pub(super) f16: bool,
    pub(super) max_binding_bytes: f64,
    #[serde(default = "one")]
    pub(super) threads: usize,
    #[serde(default)]
    pub(super) arithmetic: Arithmetic,
    #[serde(default)]
    pub(super) dot8: bool,
    #[serde(default)]
    pub(super) note: String,
}

/// Threads of a device that has no others.
fn one() -> usize {
    1
}

/// What `EngineOptions` ask for.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wanted {
    /// Half precision, on WebGPU.
    pub(super) half: bool,
    /// The numbers that are multiplied, on the CPU.
    pub(super) arithmetic: Arithmetic,
    /// The number of threads, on the CPU.
    #[cfg_attr(feature = "burn", expect(dead_code, reason = "burn computes with one thread"))]
    pub(super) threads: Option<u32>,
}

impl DeviceInfo {
    /// What the browser reported of the device since the last call: the calls to the device themselves report nothing.
    ///
    /// # Errors
    /// [`Error::DeviceLost`], [`Error::OutOfMemory`] or [`Error::Internal`], with the browser's words.
    pub(super) fn settled(&self) -> Result<()> {
        if self.kind == "webgpu" { trouble() } else { Ok(()) }
    }
}

/// The browser's WebGPU device and what it was made from.
#[derive(Clone, Debug)]
#[cfg_attr(not(feature = "burn"), expect(dead_code, reason = "burn wants to know the adapter, too"))]
struct Setup {
    instance: wgpu::Instance,
    adapter: wgpu::Adapter,
    device: wgpu::Device,
    queue: wgpu::Queue,
}

impl Setup {
    /// The worker's device, started once.
    async fn get(info: &DeviceInfo) -> Result<Self> {
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
        let setup = Self { instance, adapter, device, queue };
        Ok(WEBGPU.with(|found| found.get_or_init(|| setup).clone()))
    }
}

/// What WebGPU's adapter says of itself.
///
/// # Errors
/// [`Error::NoWebGpu`] where there is none.
pub(super) async fn describe() -> Result<DeviceInfo> {
    let described = describe_adapter().await.map_err(|error| Error::NoWebGpu(format!("{error:?}")))?;
    if described.is_undefined() {
        return Err(Error::NoWebGpu("it has no WebGPU, or no adapter for it".into()));
    }
    let info: DeviceInfo =
        serde_wasm_bindgen::from_value(described).map_err(|error| Error::NoWebGpu(error.to_string()))?;
    Ok(DeviceInfo { kind: "webgpu".into(), ..info })
}

/// Starts the device of that name. `auto` takes WebGPU where there is a hardware adapter that computes what the CPU
/// computes, else the CPU, and the note says why.
///
/// # Errors
/// [`Error::UnknownDevice`] for another name; for "webgpu" what starting it gives.
pub(super) async fn open(
    name: &str,
    cpu: impl AsyncFnOnce(String) -> (Device, DeviceInfo),
    webgpu: impl AsyncFnOnce(DeviceInfo) -> Result<(Device, DeviceInfo)>,
) -> Result<(Device, DeviceInfo)> {
    match name {
        "cpu" => Ok(cpu(String::new()).await),
        "webgpu" => webgpu(describe().await?).await,
        "auto" => {
            let started = match describe().await {
                Ok(info) if info.software => {
                    let note =
                        "WebGPU runs in software on this machine, which is slower than the CPU alone: the CPU is used.";
                    return Ok(cpu(note.into()).await);
                }
                Ok(info) => webgpu(info).await,
                Err(error) => Err(error),
            };
            match started {
                Ok(started) => Ok(started),
                Err(error) => Ok(cpu(format!("{error} The CPU is used.")).await),
            }
        }
        other => Err(Error::UnknownDevice(other.into())),
    }
}

/// Refuses a device whose answers differ from the CPU's, or on which the browser refuses a shader meanwhile.
///
/// Only what happens during this check counts: an engine in half precision whose shaders were refused earlier says nothing
/// about this one. What the browser reports of a refused device is discarded, so that other engines on the device do not report it.
///
/// # Errors
/// [`Error::WrongResults`], or [`Error::DeviceLost`] where the device was lost before.
async fn trusted(device: Device, info: DeviceInfo) -> Result<(Device, DeviceInfo)> {
    // That memory ran out must still reach the engine that it concerns. Other reports are of refused shaders, which are counted.
    let pending = device_trouble().filter(|report| report.first().is_some_and(|code| code == "out-of-memory"));
    let trusted = checked(device, info).await;
    restore_trouble(pending);
    trusted
}

async fn checked(device: Device, info: DeviceInfo) -> Result<(Device, DeviceInfo)> {
    discard_reports()?;
    let before = rejected_shaders().await.as_f64();
    let checked = check(&device, async |texts| compile(texts, None).await).await;
    let refused = rejected_shaders().await.as_f64() != before;
    if refused || checked.is_err() {
        discard_reports()?;
    }
    checked?;
    if refused { Err(Error::WrongResults("the browser refused a shader".into())) } else { Ok((device, info)) }
}

/// Discards what the browser reported of the device.
///
/// # Errors
/// [`Error::DeviceLost`]: nothing can be computed on a lost device.
fn discard_reports() -> Result<()> {
    match trouble() {
        Err(lost @ Error::DeviceLost(_)) => Err(lost),
        _ => Ok(()),
    }
}

/// Compiles shaders side by side, where the browser can.
pub(super) async fn compile(texts: Vec<String>, progress: Option<Function>) {
    let device = WEBGPU.with(|setup| setup.get().map(|setup| setup.device.clone()));
    if let Some(device) = device.as_ref().and_then(|device| device.as_webgpu()) {
        compile_shaders(device.as_ref(), texts, progress).await;
    }
}

/// As [`DeviceInfo::settled`], for WebGPU.
fn trouble() -> Result<()> {
    let Some(trouble) = device_trouble() else { return Ok(()) };
    let (code, words) = (trouble.first().map(String::as_str), trouble.last().cloned().unwrap_or_default());
    Err(match code {
        Some("device-lost") => Error::DeviceLost(words),
        Some("out-of-memory") => Error::OutOfMemory(words),
        _ => Error::Internal(words),
    })
}
