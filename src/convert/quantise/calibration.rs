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

/// How many inputs the means are taken over; more of them change little.
const CALIBRATION: usize = 48;

/// What the network in single precision gives for the pictures to measure with.
pub struct Exact {
    /// The logits of every input, in the order of the inputs.
    pub logits: Vec<Vec<f32>>,
    /// What each layer reads on average, over some of the inputs.
    pub means: Means,
}

/// Runs the network with the official weights in single precision.
///
/// # Errors
/// If a tensor cannot be read, or the network cannot be run.
pub fn exact(file: &Folded, inputs: &[Input]) -> Result<Exact> {
    let unreadable = |error| Error::BadWeights(format!("{error:#}"));
    let values = |tensor: &TensorSpec| Ok(Cow::Owned(Tensor::F32(file.elements(tensor).map_err(unreadable)?)));
    let network = Network::from_tensors(file.graph.clone(), values, Device::Cpu)?;
    Ok(Exact { logits: logits(&network, inputs)?, means: means(&network, inputs)? })
}

fn means(network: &Network, inputs: &[Input]) -> Result<Means> {
    let graph = network.graph();
    let shapes = graph.shapes()?;
    let layers: Vec<&Layer> =
        graph.layers().iter().filter(|layer| matches!(layer.op, Op::Conv(_) | Op::Linear(_))).collect();
    let nodes: Vec<Node> = layers.iter().map(|layer| layer.inputs[0]).collect();
    let mut means = Means::new();
    let step = inputs.len().div_ceil(CALIBRATION);
    let chosen: Vec<&Input> = inputs.iter().step_by(step).collect();
    for input in &chosen {
        let values = pollster::block_on(network.activations(input, &nodes))?;
        for (layer, value) in layers.iter().zip(values) {
            // A linear layer reads every element with weights of its own.
            let is_linear = matches!(layer.op, Op::Linear(_));
            let positions = if is_linear { 1 } else { value.len() / shapes[layer.inputs[0].0].channels };
            let sums = value.chunks_exact(positions).map(|channel| channel.iter().sum::<f32>());
            let mean = means.entry(layer.name.clone()).or_insert_with(|| vec![0.0; value.len() / positions]);
            mean.iter_mut().zip(sums).for_each(|(mean, sum)| *mean += sum / (positions * chosen.len()) as f32);
        }
    }
    Ok(means)
}
