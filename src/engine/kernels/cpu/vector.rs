//! Four channels at a time.

use wide::f32x4;

use crate::engine::kernels::plan::LANES;
use crate::graph::Activation;

/// The four numbers from `at` on.
#[inline(always)]
pub(super) fn load(numbers: &[f32], at: usize) -> f32x4 {
    let numbers = &numbers[at..at + LANES];
    f32x4::new([numbers[0], numbers[1], numbers[2], numbers[3]])
}

/// Writes four numbers from `at` on.
#[inline(always)]
pub(super) fn store(numbers: &mut [f32], at: usize, values: f32x4) {
    numbers[at..at + LANES].copy_from_slice(&values.to_array());
}

/// An activation, as `graph.rs` defines it.
#[inline(always)]
pub(super) fn activate(x: f32x4, activation: Activation) -> f32x4 {
    match activation {
        Activation::Identity => x,
        Activation::Relu => x.fast_max(f32x4::ZERO),
        Activation::Relu6 => x.fast_max(f32x4::ZERO).fast_min(f32x4::splat(6.0)),
        Activation::ScaledTanh => {
            let grown = (x * f32x4::splat(4.0 / 3.0)).exp();
            f32x4::splat(1.7159) * (f32x4::ONE - f32x4::splat(2.0) / (grown + f32x4::ONE))
        }
        Activation::Sigmoid => sigmoid(x),
        Activation::Swish => x * sigmoid(x),
    }
}

/// The same for numbers of any count.
pub(super) fn activate_all(numbers: &mut [f32], activation: Activation) {
    for numbers in numbers.chunks_mut(LANES) {
        let mut four = [0.0; LANES];
        four[..numbers.len()].copy_from_slice(numbers);
        numbers.copy_from_slice(&activate(f32x4::new(four), activation).to_array()[..numbers.len()]);
    }
}

fn sigmoid(x: f32x4) -> f32x4 {
    f32x4::ONE / (f32x4::ONE + (-x).exp())
}
