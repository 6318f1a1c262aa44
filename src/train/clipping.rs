//! Limits for gradients, against steps that are too large.

use burn::tensor::Tensor;
use serde::Deserialize;

use super::norm::{greatest, square_sum};

/// How gradients are limited before they change the parameters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Clipping {
    /// Not at all.
    #[default]
    None,
    /// All gradients are scaled by one factor, so that their norm over all parameters is at most this. (Pascanu, Mikolov &
    /// Bengio 2013, arXiv:1211.5063, algorithm 1)
    Norm(f32),
    /// Each element is kept between minus and plus this.
    Value(f32),
}

impl Clipping {
    /// Limits the gradients of all parameters, each `[elements]`.
    pub(super) fn apply(self, gradients: &mut [Tensor<1>]) {
        match self {
            Self::None => {}
            Self::Norm(limit) => {
                let greatest: Vec<Tensor<1>> = gradients.iter().map(greatest).collect();
                if greatest.is_empty() {
                    return;
                }
                // As shares of the greatest element, because the squares of exploding gradients are not finite.
                let unit = Tensor::cat(greatest, 0).max();
                let shares = gradients.iter().map(|gradient| square_sum(&(gradient.clone() / unit.clone())));
                let Some(square) = shares.reduce(|sum, square| sum + square) else { return };
                // Nothing is scaled where the norm is below the limit; a norm of 0 would give infinity, which the limit takes back.
                let factor = (unit.recip() * limit / square.sqrt()).clamp_max(1.0);
                gradients.iter_mut().for_each(|gradient| *gradient = gradient.clone() * factor.clone());
            }
            Self::Value(limit) => {
                gradients.iter_mut().for_each(|gradient| *gradient = gradient.clone().clamp(-limit, limit));
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use burn::tensor::{Device, TensorData};

    use super::*;

    fn clipped(clipping: Clipping, gradients: &[&[f32]]) -> Vec<Vec<f32>> {
        let device = Device::flex();
        let tensor = |values: &&[f32]| Tensor::from_data(TensorData::new(values.to_vec(), [values.len()]), &device);
        let mut gradients: Vec<Tensor<1>> = gradients.iter().map(tensor).collect();
        clipping.apply(&mut gradients);
        gradients.into_iter().map(|gradient| gradient.into_data().try_to_vec().unwrap()).collect()
    }

    #[test]
    fn a_norm_is_that_of_all_parameters() {
        assert_eq!(clipped(Clipping::Norm(2.5), &[&[3.0], &[0.0, 4.0]]), [vec![1.5], vec![0.0, 2.0]]);
        assert_eq!(clipped(Clipping::Norm(10.0), &[&[3.0], &[0.0, 4.0]]), [vec![3.0], vec![0.0, 4.0]]);
        assert_eq!(clipped(Clipping::Norm(1.0), &[&[0.0, 0.0]]), [[0.0, 0.0]]);
        assert_eq!(clipped(Clipping::Norm(1.0), &[&[1e-30, 0.0]]), [[1e-30, 0.0]]);
    }

    #[test]
    fn exploding_gradients_keep_their_direction() {
        for scale in [1e10, 1e25, 6e37] {
            let found = clipped(Clipping::Norm(1.0), &[&[3.0 * scale], &[0.0, -4.0 * scale]]).concat();
            for (found, expected) in found.iter().zip([0.6, 0.0, -0.8]) {
                assert!((found - expected).abs() < 1e-6, "{scale}: {found}");
            }
        }
    }

    #[test]
    fn values_are_clipped_one_by_one() {
        assert_eq!(clipped(Clipping::Value(1.0), &[&[-3.0, 0.5], &[2.0]]), [vec![-1.0, 0.5], vec![1.0]]);
        assert_eq!(clipped(Clipping::None, &[&[-3.0, 0.5]]), [[-3.0, 0.5]]);
    }
}
