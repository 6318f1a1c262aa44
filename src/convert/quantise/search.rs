//! The smallest budget of bytes whose answers are close enough to single precision.

use anyhow::{Context, Result};
use convscope_manifest::Agreement;

use super::agreement::{agreement, logits};
use super::allocation::{Plan, Rounding};
use super::calibration::Exact;
use super::variant::Variant;
use crate::convert::Folded;
use crate::engine::{Device, Network};
use crate::frame::Input;
use crate::weights::Weights;

/// Room for tensors at 16 bits, tried in this order until the answers are close enough.
const BYTES_A_WEIGHT: [f64; 6] = [1.0, 1.05, 1.1, 1.15, 1.2, 1.25];
/// Lowest cosine of the logits, share of the same top-1, and mean share of the same top-5, that are close enough.
const CLOSE: (f32, f32, f32) = (0.9999, 0.99, 0.98);

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
