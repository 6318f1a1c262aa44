//! The smallest budget of bytes whose answers are close enough to single precision.

use anyhow::{Context, Result};
use convscope_manifest::Agreement;

use super::agreement::{agreement, logits};
use super::allocation::{BitAllocation, Rounding};
use super::calibration::Exact;
use super::variant::Variant;
use crate::convert::Folded;
use crate::engine::{Device, Network};
use crate::frame::Input;
use crate::weights::Weights;

/// Budgets, in bytes for each element on average, tried in this order until the answers are close enough.
const BYTES_A_WEIGHT: [f64; 6] = [1.0, 1.05, 1.1, 1.15, 1.2, 1.25];
/// What is close enough: the lowest cosine of the logits, the share of pictures with the same top-1, and the mean share of
/// the same top-5.
const CLOSE: (f32, f32, f32) = (0.9999, 0.99, 0.98);

/// Quantises a network with the smallest budget whose answers on `inputs` are close enough to those in single precision, or
/// else with the greatest. Gives the weights, what quantisation did to each tensor, and how far the answers agree.
///
/// # Errors
/// If a tensor cannot be read, or the network cannot be run.
pub fn closest(
    file: &Folded,
    variant: Variant,
    inputs: &[Input],
    exact: &Exact,
) -> Result<(Weights, Vec<Rounding>, Agreement)> {
    let mut tried = None;
    // Finer convolutions would not make up for linear layers in 4 bits.
    let budgets = if variant == Variant::Q4 { &BYTES_A_WEIGHT[1..2] } else { &BYTES_A_WEIGHT[..] };
    let allocation = BitAllocation::new(&file.graph, |tensor| file.elements(tensor), variant == Variant::Q4)?;
    for &bytes_a_weight in budgets {
        let (weights, roundings) = allocation.round(|tensor| file.elements(tensor), &exact.means, bytes_a_weight)?;
        let network = Network::new(file.graph.clone(), &weights, Device::Cpu)?;
        let agreement = agreement(&exact.logits, &logits(&network, inputs)?)?;
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
    tried.context("there is no budget to try")
}
