//! Norms of tensors whose elements may be so small or so large that their squares are no numbers of single precision any more.
//!
//! The gradients of fifty layers with the sigmoid function go down to 1e-30; those of a network that explodes reach 1e30 before
//! the first value is not finite.

use burn::tensor::Tensor;

use super::reading::Reading;
use crate::error::Result;

/// Sums of squares below this may have lost squares that were too small to be told from 0.
const LEAST: f32 = 1e-30;

/// The sum of the squares of all elements: `[1]`.
pub(super) fn square_sum(values: &Tensor<1>) -> Tensor<1> {
    (values.clone() * values.clone()).sum()
}

/// The greatest absolute value, `[1]`, and at least the smallest normal number, so that one can divide by it.
pub(super) fn greatest(values: &Tensor<1>) -> Tensor<1> {
    values.clone().max_abs().clamp_min(f32::MIN_POSITIVE)
}

/// The norms of tensors from the sums of their squares, as [`square_sum`] gives them. Tensors whose sum says too little are
/// read once more, as shares of their greatest element.
///
/// The norm of a tensor with an element that is not finite is not finite. All others are, and at most the greatest number of
/// single precision.
///
/// # Errors
/// [`Error::DeviceLost`](crate::error::Error::DeviceLost) where they cannot be read back.
pub(super) async fn norms(squares: &[f32], tensors: &[Tensor<1>]) -> Result<Vec<f32>> {
    let mut norms: Vec<f32> = squares.iter().map(|square| square.sqrt()).collect();
    let unsure: Vec<usize> = (0..squares.len()).filter(|&i| !(LEAST..=f32::MAX).contains(&squares[i])).collect();
    if unsure.is_empty() {
        return Ok(norms);
    }
    let mut reading = Reading::default();
    for &i in &unsure {
        let greatest = greatest(&tensors[i]);
        reading.add(greatest.clone());
        reading.add(square_sum(&(tensors[i].clone() / greatest)));
    }
    for (&i, pair) in unsure.iter().zip(reading.read().await?.chunks_exact(2)) {
        let norm = f64::from(pair[0]) * f64::from(pair[1]).sqrt();
        norms[i] = if norm.is_finite() { norm.min(f64::from(f32::MAX)) as f32 } else { f32::NAN };
    }
    Ok(norms)
}

/// A number, `[1]`, that is finite if and only if all elements are: a sum of so small shares of them that it cannot be too large.
/// A maximum would not do, since on a GPU it may leave out what is no number.
pub(super) fn shrunk_sum(values: &Tensor<1>) -> Tensor<1> {
    (values.clone() * 2f32.powi(-40)).abs().sum()
}

/// Whether all elements of a tensor are finite.
///
/// # Errors
/// As [`norms`].
pub(super) async fn is_finite(values: Tensor<1>) -> Result<bool> {
    let mut reading = Reading::default();
    reading.add(shrunk_sum(&values));
    Ok(reading.read().await?.iter().all(|sum| sum.is_finite()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use burn::tensor::{Device, TensorData};

    use super::*;

    fn tensor(values: &[f32]) -> Tensor<1> {
        Tensor::from_data(TensorData::new(values.to_vec(), [values.len()]), &Device::flex())
    }

    fn norm(values: &[f32]) -> f32 {
        let tensor = tensor(values);
        let square = square_sum(&tensor).into_scalar::<f32>();
        pollster::block_on(norms(&[square], &[tensor])).unwrap()[0]
    }

    #[test]
    fn norms_hold_where_squares_do_not() {
        for scale in [1.0, 1e-16, 1e-25, 1e-37, 1e16, 1e25, 1e37] {
            let found = norm(&[3.0 * scale, 0.0, -4.0 * scale]);
            assert!((found / (5.0 * scale) - 1.0).abs() < 1e-6, "{scale}: {found}");
        }
        assert_eq!(norm(&[0.0, 0.0]), 0.0);
        assert_eq!(norm(&[f32::MAX, f32::MAX]), f32::MAX);
    }

    #[test]
    fn what_is_not_finite_is_found() {
        for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            assert!(!norm(&[1.0, value]).is_finite(), "{value}");
            assert!(!pollster::block_on(is_finite(tensor(&[1.0, value]))).unwrap(), "{value}");
        }
        assert!(pollster::block_on(is_finite(tensor(&[f32::MAX, f32::MIN, f32::MAX]))).unwrap());
    }
}
