//! What the engine answers, as JavaScript gets it; `types.d.ts` documents each field.

use serde::Serialize;

use crate::engine::Memory;
use crate::prediction::Prediction;

#[derive(Serialize)]
pub(super) struct PredictionJs {
    pub(super) index: usize,
    pub(super) label: String,
    pub(super) probability: f32,
}

#[derive(Serialize)]
pub(super) struct TimingJs {
    pub(super) preprocess: f64,
    pub(super) inference: f64,
    pub(super) total: f64,
}

#[derive(Serialize)]
pub(super) struct ClassificationJs {
    pub(super) predictions: Vec<PredictionJs>,
    pub(super) timing: TimingJs,
    pub(super) heads: Vec<HeadPredictionsJs>,
    pub(super) vote: Option<Vec<PredictionJs>>,
}

#[derive(Serialize)]
pub(super) struct HeadPredictionsJs {
    pub(super) name: String,
    pub(super) predictions: Vec<PredictionJs>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MemoryJs {
    weights_bytes: u64,
    activation_bytes: u64,
}

impl From<Memory> for MemoryJs {
    fn from(memory: Memory) -> Self {
        Self { weights_bytes: memory.weights_bytes, activation_bytes: memory.activation_bytes }
    }
}

impl From<Prediction<'_>> for PredictionJs {
    fn from(prediction: Prediction<'_>) -> Self {
        Self { index: prediction.index, label: prediction.label.into(), probability: prediction.probability }
    }
}
