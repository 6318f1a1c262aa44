//! Which variants a network is offered in, and how finely each must be rounded.

use std::borrow::Cow;

use anyhow::{Context, Result};

use super::Folded;
use super::install::Variant;
use super::measure::{Agreement, agreement, logits};
use super::quantise::{Means, Plan, Rounding};
use crate::engine::{Device, Network};
use crate::error::Error;
use crate::frame::Input;
use crate::graph::summary::{summary, totals};
use crate::graph::tensors::TensorSpec;
use crate::graph::{Layer, Node, Op};
use crate::networks::Card;
use crate::weights::{Tensor, Weights};

/// Room for tensors at 16 bits, tried in this order until the answers are close enough.
const BYTES_A_WEIGHT: [f64; 6] = [1.0, 1.05, 1.1, 1.15, 1.2, 1.25];
/// Lowest cosine of the logits, share of the same top-1, and mean share of the same top-5, that are close enough.
const CLOSE: (f32, f32, f32) = (0.9999, 0.99, 0.98);

/// Inputs that the means are taken over; more change little.
const CALIBRATION: usize = 48;

/// 4 bits are offered where linear layers hold most of the numbers.
///
/// # Errors
/// As [`crate::graph::Graph::shapes`].
pub fn variants(card: &Card) -> Result<Vec<Variant>> {
    let graph = (card.graph)();
    let needed = graph.needed(&[graph.output()]);
    let rows = summary(&graph)?.into_iter().zip(graph.layers()).zip(needed);
    let linear = rows.filter(|((_, layer), needed)| *needed && matches!(layer.op, Op::Linear { .. }));
    let linear: usize = linear.map(|((row, _), _)| row.parameters).sum();
    Ok(if 2 * linear > totals(&graph)?.0 { vec![Variant::Q8, Variant::Q4] } else { vec![Variant::Q8] })
}

/// The coarsest rounding whose answers are close enough, else the finest.
///
/// # Errors
/// If a tensor cannot be read.
pub fn closest(
    file: &Folded,
    variant: Variant,
    inputs: &[Input],
    exact: &Exact,
) -> Result<(Weights, Vec<Rounding>, Agreement)> {
    let mut tried = None;
    // Finer convolutions would not make up for linear layers at 4 bits.
    let budgets = if variant == Variant::Q4 { &BYTES_A_WEIGHT[1..2] } else { &BYTES_A_WEIGHT[..] };
    let plan = Plan::new(&file.graph, |tensor| file.numbers(tensor), variant == Variant::Q4)?;
    for &bytes_a_weight in budgets {
        let (weights, roundings) = plan.round(|tensor| file.numbers(tensor), &exact.means, bytes_a_weight)?;
        let network = Network::new(file.graph.clone(), &weights, Device::Cpu)?;
        let agreement = agreement(&exact.logits, &logits(&network, inputs)?);
        let close = agreement.lowest_cosine >= CLOSE.0 && agreement.top1 >= CLOSE.1 && agreement.top5 >= CLOSE.2;
        println!(
            "{bytes_a_weight:.2} bytes a weight at most: lowest cosine {:.5}, same top-1 on {:.1} %, {:.1} % of the top-5",
            agreement.lowest_cosine,
            agreement.top1 * 100.0,
            agreement.top5 * 100.0
        );
        tried = Some((weights, roundings, agreement));
        if close {
            break;
        }
    }
    tried.context("there is no fineness to try")
}

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
