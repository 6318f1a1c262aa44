//! Quantising without a picture: where no network can be run, as in the reader's build, each tensor's own error decides.

use std::collections::HashMap;

use anyhow::Result;
use convscope_manifest::{Measured, RoundingError};

use super::allocation::{Precision, relative_error};
use crate::convert::Folded;
use crate::graph::tensors::tensor_specs;
use crate::weights::{Tensor, Weights};

/// How the bits of a tensor are chosen, for the file's metadata.
pub const SCHEME: &str = "without pictures: of 8 bits with a scale a channel, 8 bits with a scale for each 32 weights, and 16 bits, the first that keeps a tensor's relative error small";

/// The greatest relative error of a tensor that is stored in 8 bits.
const MOST: f32 = 0.01;

/// Quantises a checkpoint's weights, one tensor at a time: each tensor gets the coarsest precision whose relative error is at most
/// [`MOST`], and biases stay in single precision. `progress` is told, after each tensor, how many elements are done and how many
/// there are.
///
/// # Errors
/// If a tensor cannot be read, and what `progress` gives.
pub fn quantised(file: &Folded, mut progress: impl FnMut(usize, usize) -> Result<()>) -> Result<(Weights, Measured)> {
    let specs = tensor_specs(&file.graph)?;
    let count = |shape: &[usize]| shape.iter().product::<usize>();
    let total = specs.iter().map(|tensor| count(&tensor.shape)).sum();
    let (mut rounded, mut done) = (HashMap::new(), 0);
    let mut error = RoundingError { tensors: 0, greatest_error: 0.0 };
    for tensor in specs {
        let exact = file.elements(&tensor)?;
        let values = if tensor.shape.len() == 1 {
            Tensor::F32(exact)
        } else {
            let (values, off) = round(&exact, &tensor.shape);
            error.tensors += 1;
            error.greatest_error = error.greatest_error.max(off);
            values
        };
        rounded.insert(tensor.name, values);
        done += count(&tensor.shape);
        progress(done, total)?;
    }
    Ok((Weights::new(&file.graph, rounded)?, Measured::Weights(error)))
}

/// The tensor at the coarsest precision whose relative error is at most [`MOST`], or else at the finest; and its relative error.
fn round(exact: &[f32], shape: &[usize]) -> (Tensor, f32) {
    let mut finest = None;
    for precision in Precision::of(shape) {
        let values = precision.round(exact, shape);
        let off = relative_error(exact, &values);
        if off <= MOST {
            return (values, off);
        }
        finest = Some((values, off));
    }
    finest.unwrap_or_else(|| (Tensor::F32(exact.to_vec()), 0.0))
}
