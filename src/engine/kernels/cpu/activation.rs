//! The activation functions, as [`Activation`] defines them.

use wide::{f32x4, i32x4};

use super::vector::{Cell, clamp, multiply_add};
use crate::engine::kernels::plan::LANES;
use crate::graph::Activation;
use crate::graph::activation::{RELU6_MAXIMUM, SCALED_TANH_AMPLITUDE, SCALED_TANH_SLOPE};

/// An activation function of any number of elements, in place: `[elements]` → `[elements]`.
pub(super) fn activate_all(elements: &mut [f32], activation: Activation) {
    let (cells, rest) = elements.as_chunks_mut::<LANES>();
    activate(cells, activation);
    if !rest.is_empty() {
        let mut last = [0.0; LANES];
        last[..rest.len()].copy_from_slice(rest);
        activate(std::slice::from_mut(&mut last), activation);
        rest.copy_from_slice(&last[..rest.len()]);
    }
}

/// An activation function of whole vectors, in place: `[cells, 4]` → `[cells, 4]`. Not inlined, so that the functions that call it
/// stay small.
#[inline(never)]
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "relaxed-simd"))]
fn activate(cells: &mut [Cell], activation: Activation) {
    // V8 makes a constant vector anew wherever it is used, but not one that the compiler does not know.
    let exponential = std::hint::black_box(&EXPONENTIAL);
    let (zero, infinity) = (f32x4::ZERO, f32x4::splat(f32::INFINITY));
    match activation {
        Activation::Identity => {}
        Activation::Relu => each(cells, |x| clamp(x, zero, infinity)),
        Activation::Relu6 => each(cells, |x| clamp(x, zero, f32x4::splat(RELU6_MAXIMUM))),
        Activation::ScaledTanh => {
            each(cells, |x| {
                tanh(x * f32x4::splat(SCALED_TANH_SLOPE), exponential) * f32x4::splat(SCALED_TANH_AMPLITUDE)
            });
        }
        Activation::Tanh => each(cells, |x| tanh(x, exponential)),
        Activation::Sigmoid => each(cells, |x| sigmoid(x, exponential)),
        Activation::Swish => each(cells, |x| x * sigmoid(x, exponential)),
    }
}

/// Replaces each vector by a function of it.
#[inline(always)]
fn each(cells: &mut [Cell], function: impl Fn(f32x4) -> f32x4) {
    for cell in cells {
        *cell = function(f32x4::new(*cell)).to_array();
    }
}

/// `tanh(x) = 1 − 2 / (exp(2 x) + 1)`
#[inline]
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "relaxed-simd"))]
fn tanh(x: f32x4, exponential: &Exponential) -> f32x4 {
    f32x4::ONE - f32x4::splat(2.0) / (exp(x + x, exponential) + f32x4::ONE)
}

/// `1 / (1 + exp(−x))`
#[inline]
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "relaxed-simd"))]
fn sigmoid(x: f32x4, exponential: &Exponential) -> f32x4 {
    f32x4::ONE / (f32x4::ONE + exp(-x, exponential))
}

/// What [`exp`] is computed with.
struct Exponential {
    /// Limits of the argument: at the first the result is the least number of full precision, at the second infinity.
    limits: [f32; 2],
    /// `1 / ln 2`
    octaves: f32,
    /// A number of this size has no fraction: what is added to it is rounded.
    rounder: f32,
    /// `−ln 2` in two parts, of which the first has so few bits that its multiples are exact.
    octave: [f32; 2],
    /// Coefficients of Taylor's series, from `r⁶` on downwards.
    series: [f32; 7],
    /// The bits of 1.
    one: i32,
}

static EXPONENTIAL: Exponential = Exponential {
    limits: [-87.0, 89.0],
    octaves: std::f32::consts::LOG2_E,
    rounder: 12_582_912.0,
    octave: [-355.0 / 512.0, 2.121_944_4e-4],
    series: [1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 1.0 / 2.0, 1.0, 1.0],
    one: 127 << (f32::MANTISSA_DIGITS - 1),
};

/// `exp(x)` within three units in the last place for `x` from −87 to 88. What is less counts as −87; from 88.4 on it is infinity. What
/// is no number stays none.
///
/// `x = n ln 2 + r` with a whole number `n` and `|r| ≤ ln 2 / 2`, so that `exp(x) = 2ⁿ exp(r)`.
#[inline]
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "relaxed-simd"))]
fn exp(x: f32x4, constants: &Exponential) -> f32x4 {
    let Exponential { limits: [least, most], octaves, rounder, octave: [high, low], series: [first, series @ ..], one } =
        *constants;
    let x = clamp(x, f32x4::splat(least), f32x4::splat(most));
    let rounder = f32x4::splat(rounder);
    let rounded = multiply_add(x, f32x4::splat(octaves), rounder);
    let n = rounded - rounder;
    let r = multiply_add(n, f32x4::splat(low), multiply_add(n, f32x4::splat(high), x));
    let series = series.iter().fold(f32x4::splat(first), |sum, term| multiply_add(sum, r, f32x4::splat(*term)));
    // The last bits of the rounded number are n; shifted to where a number has its exponent, the others are gone.
    let shifted = bytemuck::cast::<_, i32x4>(rounded) << (f32::MANTISSA_DIGITS as i32 - 1);
    series * bytemuck::cast::<_, f32x4>(shifted + i32x4::splat(one))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_those_of_the_definition() {
        let arguments: Vec<f32> = (-4003..=4003).map(|i| i as f32 * 0.025).chain([-1e30, 1e30, -88.3, -89.0]).collect();
        for activation in Activation::ALL {
            let mut found = arguments.clone();
            activate_all(&mut found, activation);
            for (x, found) in arguments.iter().zip(found) {
                let expected = activation.apply(*x);
                let off = (found - expected).abs();
                assert!(off <= 4e-7 * expected.abs().max(1.0), "{activation:?} of {x} is {found}, not {expected}");
            }
        }
    }

    #[test]
    fn exp_is_exact_to_three_units_in_the_last_place() {
        let mut most = 0.0_f64;
        for i in -870_000..=880_000 {
            let x = i as f32 * 1e-4;
            let expected = f64::from(x).exp();
            let off = (f64::from(exp(f32x4::splat(x), &EXPONENTIAL).to_array()[0]) - expected).abs() / expected;
            most = most.max(off);
        }
        println!("{:.2} units in the last place", most / f64::from(f32::EPSILON));
        assert!(most <= 3.0 * f64::from(f32::EPSILON), "{most}");
    }

    #[test]
    fn infinities_great_numbers_and_what_is_no_number_are_as_in_the_definition() {
        let arguments = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::MIN];
        for activation in Activation::ALL {
            let mut found = arguments;
            activate_all(&mut found, activation);
            for (x, found) in arguments.into_iter().zip(found) {
                let expected = activation.apply(x);
                let as_defined = found == expected || found.is_nan() && expected.is_nan();
                // `max` and `clamp` of the standard library make a number of what is none.
                assert!(as_defined || x.is_nan() && found.is_nan(), "{activation:?} of {x} is {found}, not {expected}");
            }
        }
    }
}
