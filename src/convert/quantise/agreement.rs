//! How far the answers of a quantised network agree with those in single precision.

use anyhow::Result;
use convscope_manifest::Agreement;

use crate::engine::Network;
use crate::frame::Input;
use crate::prediction::greatest;

/// A network's logits for every input.
///
/// # Errors
/// As [`Network::logits`].
pub fn logits(network: &Network, inputs: &[Input]) -> Result<Vec<Vec<f32>>> {
    inputs.iter().map(|input| Ok(pollster::block_on(network.logits(input.clone()))?)).collect()
}

/// Compares the logits of two networks for the same pictures.
pub fn agreement(exact: &[Vec<f32>], rounded: &[Vec<f32>]) -> Agreement {
    let pictures = exact.len();
    let mut lowest_cosine = 1.0f32;
    let (mut same, mut shared) = (0, 0);
    for (exact, rounded) in exact.iter().zip(rounded) {
        lowest_cosine = lowest_cosine.min(cosine(exact, rounded));
        let (exact, rounded) = (greatest(exact, 5), greatest(rounded, 5));
        same += usize::from(exact.first() == rounded.first());
        shared += exact.iter().filter(|class| rounded.contains(class)).count();
    }
    let share = |count: usize, of: usize| count as f32 / of.max(1) as f32;
    Agreement { pictures, lowest_cosine, top1: share(same, pictures), top5: share(shared, 5 * pictures) }
}

/// Cosine of the angle between two vectors.
fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
    (dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()) as f32
}
