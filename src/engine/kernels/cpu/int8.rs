//! Convolutions and linear layers in 8-bit arithmetic.
//!
//! A product multiplies 8-bit weights, which have one scale an output channel, with 7-bit inputs, which have one step and one
//! zero point for the whole tensor: those of the very tensor that is read, found in each run. Sums are whole numbers of 32
//! bits, so that a result does not depend on the order of the additions, nor on how the work is divided.
//!
//! A kernel works in three parts, each of which can be computed piece by piece: the range of the input
//! ([`Layout::range`](quantise::Layout::range)), the input in 7 bits ([`Layout::quantise`](quantise::Layout::quantise)), and
//! the product ([`multiply`](gemm::multiply)). Each part needs all pieces of the one before.
//!
//! | file | what |
//! |---|---|
//! | `choice` | which layers are computed in 8 bits |
//! | `quantise` | the range of an input, and the input in 7 bits |
//! | `gemm` | the product |
//! | `conv` | convolutions |
//! | `linear` | linear layers |
//! | `gain` | whether 8 bits are quicker than single precision |

use super::options::{Arithmetic, LayerOptions};
use crate::engine::kernels::winograd::{Form, Winograd};
use crate::weights::Tensor;

mod choice;
pub(super) mod conv;
pub(super) mod gain;
pub(super) mod gemm;
pub(super) mod linear;
mod quantise;

pub(super) use choice::by_layer;

/// Whether a convolution that would be computed in this form in single precision is computed in 8 bits. F(4×4, 3×3) takes a
/// quarter of the multiplications, which 8 bits do not outdo.
pub(super) fn suits(form: Form, options: LayerOptions) -> bool {
    options.arithmetic == Arithmetic::Int8
        && match form {
            Form::Direct => true,
            Form::Winograd(Winograd::Two) => options.dot8,
            Form::Winograd(Winograd::Four) => false,
        }
}

/// Weights `[outputs, inputs]` in 8 bits, −127 to 127, with one scale an output: the very values of a tensor that has them,
/// others rounded.
fn eight_bits(weight: &Tensor, outputs: usize) -> (Vec<i8>, Vec<f32>) {
    let rounded;
    let weight = if matches!(weight, Tensor::Int8 { .. }) {
        weight
    } else {
        rounded = Tensor::int8(&weight.dequantise(), outputs);
        &rounded
    };
    // `Tensor::int8` makes no other.
    let Tensor::Int8 { values, scale } = weight else { return Default::default() };
    (values.iter().map(|&value| value.max(-i8::MAX)).collect(), scale.clone())
}
