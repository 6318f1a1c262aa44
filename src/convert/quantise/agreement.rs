//! How far the answers of a quantised network agree with those in single precision.

use anyhow::{Result, ensure};
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
///
/// # Errors
/// If a logit is not finite: of such an answer nothing can be measured.
pub fn agreement(exact: &[Vec<f32>], rounded: &[Vec<f32>]) -> Result<Agreement> {
    for (of, answers) in [("single precision", exact), ("quantised weights", rounded)] {
        let finite = answers.iter().flatten().all(|logit| logit.is_finite());
        ensure!(finite, "with {of}, the network's answers are not finite, so that nothing can be said about them");
    }
    let pictures = exact.len();
    let mut lowest_cosine = 1.0f32;
    let (mut same, mut shared) = (0, 0);
    for (exact, rounded) in exact.iter().zip(rounded) {
        lowest_cosine = lowest_cosine.min(cosine(exact, rounded)?);
        let (exact, rounded) = (greatest(exact, 5), greatest(rounded, 5));
        same += usize::from(exact.first() == rounded.first());
        shared += exact.iter().filter(|class| rounded.contains(class)).count();
    }
    let share = |count: usize, of: usize| count as f32 / of.max(1) as f32;
    Ok(Agreement { pictures, lowest_cosine, top1: share(same, pictures), top5: share(shared, 5 * pictures) })
}

/// Cosine of the angle between two vectors.
fn cosine(a: &[f32], b: &[f32]) -> Result<f32> {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
    let lengths = (dot(a, a) * dot(b, b)).sqrt();
    ensure!(lengths > 0.0, "the network answers a picture with zeros alone");
    Ok((dot(a, b) / lengths) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_that_are_no_numbers_agree_with_nothing() {
        let good = [vec![1.0, 2.0], vec![3.0, -1.0]];
        assert_eq!(agreement(&good, &good).unwrap().lowest_cosine, 1.0);
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let bad = [vec![1.0, 2.0], vec![3.0, bad]];
            assert!(agreement(&good, &bad).unwrap_err().to_string().starts_with("with quantised weights"));
            assert!(agreement(&bad, &good).unwrap_err().to_string().starts_with("with single precision"));
        }
        assert!(agreement(&good, &[vec![0.0; 2], vec![1.0; 2]]).unwrap_err().to_string().contains("zeros alone"));
    }
}
