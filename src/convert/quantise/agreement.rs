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
/// If a logit is not finite, or all are zero: of such answers nothing can be measured.
pub fn agreement(exact: &[Vec<f32>], rounded: &[Vec<f32>]) -> Result<Agreement> {
    for (of, answers) in [("single precision", exact), ("quantised weights", rounded)] {
        let finite = answers.iter().flatten().all(|logit| logit.is_finite());
        ensure!(finite, "with {of}, the network's answers are not finite, so that nothing can be said about them");
    }
    for (of, answers) in [("single precision", exact), ("quantised weights", rounded)] {
        let silent = answers.iter().flatten().all(|logit| *logit == 0.0);
        ensure!(!silent, "with {of}, the network answers every picture with zeros alone");
    }
    let pictures = exact.len();
    let (mut same, mut shared, mut compared) = (0, 0, 0);
    let mut lowest_cosine = 1.0f32;
    for (exact, rounded) in exact.iter().zip(rounded) {
        lowest_cosine = lowest_cosine.min(cosine(exact, rounded));
        let (exact, rounded) = (greatest(exact, 5), greatest(rounded, 5));
        same += usize::from(exact.first() == rounded.first());
        // Of fewer than five classes there are no five.
        compared += exact.len();
        shared += exact.iter().filter(|class| rounded.contains(class)).count();
    }
    let share = |count: usize, of: usize| count as f32 / of.max(1) as f32;
    Ok(Agreement { pictures, lowest_cosine, top1: share(same, pictures), top5: share(shared, compared) })
}

/// Cosine of the angle between two vectors. With an activation function behind the last layer, a network of few classes may answer
/// a picture with zeros, which agree with zeros alone.
fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
    let lengths = (dot(a, a) * dot(b, b)).sqrt();
    if lengths > 0.0 { (dot(a, b) / lengths) as f32 } else { f32::from(u8::from(a == b)) }
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
        let zeros = [vec![0.0; 2], vec![0.0; 2]];
        assert!(agreement(&good, &zeros).unwrap_err().to_string().contains("zeros alone"));
        assert!(agreement(&zeros, &zeros).unwrap_err().to_string().contains("zeros alone"));
    }

    #[test]
    fn few_classes_are_all_compared() {
        let two = [vec![1.0, 2.0], vec![0.0, 0.0]];
        let alike = agreement(&two, &two).unwrap();
        assert_eq!((alike.lowest_cosine, alike.top1, alike.top5), (1.0, 1.0, 1.0));
        let lost = agreement(&two, &[vec![1.0, 2.0], vec![0.0, 0.1]]).unwrap();
        assert_eq!((lost.lowest_cosine, lost.top1, lost.top5), (0.0, 0.5, 1.0));
        let one = [vec![3.0]];
        assert_eq!(agreement(&one, &[vec![2.0]]).unwrap().top5, 1.0);
    }
}
