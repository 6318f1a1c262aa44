//! `Lab`, the gradient lab's class that JavaScript sees. Only the burn build has it.

use std::cell::RefCell;

use js_sys::{JSON, Uint8Array};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::answer::PredictionJs;
use super::device::burn::open;
use super::device::{DeviceInfo, Wanted};
use super::frame::{self, JsFrame};
use super::{JsResult, plain, to_js};
use crate::engine::Device;
use crate::error::{Error, Result};
use crate::lab::{self, Config};
use crate::networks::lenet5::LENET5;
use crate::prediction::{ClassNames, top_k};
use crate::train::digits::Digits;
use crate::train::report::{ActivationReport, Diverged};
use crate::train::{Divergence, StepReport};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("lab.d.ts");

/// Of one call: nothing else can be asked before it has ended.
const MOST_STEPS: u32 = 10_000;

/// A network that learns digits, one step of gradient descent after the other.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Lab {
    /// Away while something is asked of it.
    lab: RefCell<Option<lab::Lab>>,
    layers: Vec<String>,
    diverged: RefCell<Option<Divergence>>,
    info: DeviceInfo,
}

#[wasm_bindgen]
impl Lab {
    /// Begins a run on "webgpu", "cpu" or "auto", with the digits of a safetensors file: "train.pictures" and
    /// "test.pictures", `[count, 28, 28]`, "train.labels" and "test.labels", `[count]`, all U8.
    ///
    /// Rejects with "bad-data" for settings that no network can have and for another file, and for the device as
    /// `Engine.create`.
    pub async fn create(
        #[wasm_bindgen(unchecked_param_type = "LabConfig")] config: JsValue,
        data: Uint8Array,
        #[wasm_bindgen(unchecked_param_type = "DeviceKind | \"auto\"")] device: String,
    ) -> JsResult<Lab> {
        let config = settings(&config).map_err(to_js)?;
        begin(config, &data.to_vec(), &device).await.map_err(to_js)
    }

    /// The device on which the network is trained.
    #[wasm_bindgen(getter, unchecked_return_type = "DeviceInfo")]
    pub fn device(&self) -> JsResult<JsValue> {
        plain(&self.info)
    }

    /// The names of the layers that the steps tell of, in their order.
    #[wasm_bindgen(getter)]
    pub fn layers(&self) -> Vec<String> {
        self.layers.clone()
    }

    /// Where a value stopped being finite, after which no step is done any more; null as long as all are finite.
    #[wasm_bindgen(getter, unchecked_return_type = "LabDivergence | null")]
    pub fn diverged(&self) -> JsResult<JsValue> {
        plain(&self.diverged.borrow().as_ref().map(DivergenceJs::from))
    }

    /// Takes `count` steps, 1 to 10,000, or fewer where a value is no longer finite.
    ///
    /// Rejects with "bad-data" for another count, with "busy" while another call has not ended, and with "device-lost" or "out-of-memory" where the browser
    /// reports that of the graphics device.
    #[wasm_bindgen(unchecked_return_type = "LabStep[]")]
    pub async fn step(&self, count: u32) -> JsResult<JsValue> {
        if !(1..=MOST_STEPS).contains(&count) {
            return Err(to_js(Error::BadData(format!(
                "{count} steps at once were asked for, which must be 1 to {MOST_STEPS}"
            ))));
        }
        let reports = self.ask(async |lab| lab.step(count as usize).await).await?;
        plain(&reports.iter().map(StepJs::from).collect::<Vec<_>>())
    }

    /// The share of the digits to test with that are classified right, 0 to 1, and their mean loss.
    ///
    /// Rejects as `step`.
    #[wasm_bindgen(unchecked_return_type = "{ accuracy: number, loss: number }")]
    pub async fn test(&self) -> JsResult<JsValue> {
        let (accuracy, loss) = self.ask(async |lab| lab.test().await).await?;
        plain(&TestJs { accuracy, loss })
    }

    /// The probabilities that the network gives the ten classes for the digit in a frame, the most probable first. There
    /// are none where the frame holds no ink.
    ///
    /// Rejects with "bad-frame", and as `step`.
    #[wasm_bindgen(unchecked_return_type = "Prediction[]")]
    pub async fn classify(&self, frame: JsFrame) -> JsResult<JsValue> {
        let input = frame::input(LENET5.preprocessing(), &frame).map_err(to_js)?;
        if input.is_blank() {
            return plain(&Vec::<PredictionJs>::new());
        }
        let probabilities = self.ask(async |lab| lab.classify(&input).await).await?;
        let names = ClassNames::Official(LENET5.labels);
        let predictions = top_k(&probabilities, &names, probabilities.len());
        plain(&predictions.into_iter().map(PredictionJs::from).collect::<Vec<_>>())
    }
}

impl Lab {
    /// Asks something of the run, one thing at a time.
    async fn ask<T>(&self, question: impl AsyncFnOnce(&mut lab::Lab) -> Result<T>) -> JsResult<T> {
        let mut lab = self.lab.take().ok_or_else(|| to_js(Error::Busy))?;
        let answer = question(&mut lab).await;
        self.diverged.replace(lab.diverged().cloned());
        self.lab.replace(Some(lab));
        self.info.settled().and(answer).map_err(to_js)
    }
}

/// Reads settings by way of JSON, since serde-wasm-bindgen takes no notice of names that do not exist.
fn settings(config: &JsValue) -> Result<Config> {
    let refused = |reason: String| Error::BadData(format!("the settings cannot be read ({reason})"));
    let text = JSON::stringify(config).map_err(|error| refused(format!("{error:?}")))?;
    serde_json::from_str(&text.as_string().unwrap_or_default()).map_err(|error| refused(error.to_string()))
}

async fn begin(config: Config, data: &[u8], device: &str) -> Result<Lab> {
    config.check()?;
    let (training, test) = Digits::read(data)?;
    let (device, info) = open(device, Wanted::default()).await?;
    let Device::Burn(device) = device else { return Err(Error::Internal("the lab needs burn".into())) };
    let lab = lab::Lab::new(config, training, test, device)?;
    let layers = lab.layers().map(String::from).collect();
    info.settled()?;
    Ok(Lab { lab: RefCell::new(Some(lab)), layers, diverged: RefCell::default(), info })
}

#[derive(Serialize)]
struct StepJs {
    step: usize,
    loss: f32,
    accuracy: f32,
    gradients: Vec<f32>,
    observed: Option<ObservedJs>,
}

#[derive(Serialize)]
struct ObservedJs {
    updates: Vec<f32>,
    means: Vec<f32>,
    deviations: Vec<f32>,
    stuck: Vec<f32>,
}

#[derive(Serialize)]
struct TestJs {
    accuracy: f32,
    loss: f32,
}

#[derive(Serialize)]
struct DivergenceJs {
    step: usize,
    layer: String,
    what: &'static str,
}

impl From<&StepReport> for StepJs {
    fn from(report: &StepReport) -> Self {
        let layers = &report.layers;
        let activations: Option<Vec<ActivationReport>> = layers.iter().map(|layer| layer.activation).collect();
        Self {
            step: report.step,
            loss: report.loss,
            accuracy: report.accuracy,
            gradients: layers.iter().map(|layer| layer.gradient).collect(),
            observed: activations.map(|activations| ObservedJs {
                updates: layers.iter().map(|layer| layer.update.unwrap_or_default()).collect(),
                means: activations.iter().map(|activation| activation.mean).collect(),
                deviations: activations.iter().map(|activation| activation.deviation).collect(),
                stuck: activations.iter().map(|activation| activation.stuck).collect(),
            }),
        }
    }
}

impl From<&Divergence> for DivergenceJs {
    fn from(divergence: &Divergence) -> Self {
        let what = match divergence.what {
            Diverged::Parameters => "parameters",
            Diverged::Output => "output",
            Diverged::Gradient => "gradient",
        };
        Self { step: divergence.step, layer: divergence.layer.clone(), what }
    }
}
