//! The network in single precision: what a quantised one is compared with and corrected by.

use std::borrow::Cow;

use anyhow::Result;

use super::agreement::logits;
use super::allocation::Means;
use crate::convert::Folded;
use crate::engine::{Device, Network};
use crate::error::Error;
use crate::frame::Input;
use crate::graph::tensors::TensorSpec;
use crate::graph::{Layer, Node, Op};
use crate::weights::Tensor;

/// Inputs that the means are taken over; more change little.
const CALIBRATION: usize = 48;

/// What the official network says and what its layers read.
pub struct Exact {
    /// The logits of every input.
    pub logits: Vec<Vec<f32>>,
    /// Means over some of the inputs.
    pub means: Means,
}

/// Runs the official network.
///
/// # Errors
/// If a tensor cannot be read.
pub fn exact(file: &Folded, inputs: &[Input]) -> Result<Exact> {
    let unreadable = |error| Error::BadWeights(format!("{error:#}"));
    let values = |tensor: &TensorSpec| Ok(Cow::Owned(Tensor::F32(file.numbers(tensor).map_err(unreadable)?)));
    let network = Network::from_tensors(file.graph.clone(), values, Device::Cpu)?;
    Ok(Exact { logits: logits(&network, inputs)?, means: means(&network, inputs)? })
}

fn means(network: &Network, inputs: &[Input]) -> Result<Means> {
    let graph = network.graph();
    let shapes = graph.shapes()?;
    let layers: Vec<&Layer> =
        graph.layers().iter().filter(|layer| matches!(layer.op, Op::Conv(_) | Op::Linear { .. })).collect();
    let wanted: Vec<Node> = layers.iter().map(|layer| layer.inputs[0]).collect();
    let mut means = Means::new();
    let step = inputs.len().div_ceil(CALIBRATION);
    let chosen: Vec<&Input> = inputs.iter().step_by(step).collect();
    for input in &chosen {
        let values = pollster::block_on(network.activations((*input).clone(), &wanted))?;
        for (layer, value) in layers.iter().zip(values) {
            let places = match layer.op {
                Op::Linear { .. } => 1,
                _ => value.len() / shapes[layer.inputs[0].0].channels,
            };
            let sums = value.chunks_exact(places).map(|channel| channel.iter().sum::<f32>());
            let mean = means.entry(layer.name.clone()).or_insert_with(|| vec![0.0; value.len() / places]);
            mean.iter_mut().zip(sums).for_each(|(mean, sum)| *mean += sum / (places * chosen.len()) as f32);
        }
    }
    Ok(means)
}
