//! Vectors of four elements, memory that suits them, and the activation functions.

use std::ops::{Deref, DerefMut};

use wide::f32x4;

use crate::engine::kernels::plan::LANES;
use crate::graph::Activation;
use crate::graph::activation::{RELU6_MAXIMUM, SCALED_TANH_AMPLITUDE, SCALED_TANH_SLOPE};

/// Four channels of a pixel.
pub(in crate::engine::kernels) type Cell = [f32; LANES];

/// Elements whose first one is aligned to a vector, so that no vector crosses a line of the cache.
///
/// The alignment is not asked of the allocator: in WebAssembly what it cuts off in front fragments the memory, which then
/// grows with every network that is loaded.
#[derive(Debug, Default)]
pub(in crate::engine::kernels) struct Aligned {
    elements: Vec<f32>,
    /// Elements in front of the first aligned one.
    skipped: usize,
}

impl Aligned {
    /// `count` zeros.
    pub(in crate::engine::kernels) fn zeros(count: usize) -> Self {
        let mut elements = vec![0.0_f32; count + LANES - 1];
        let skipped = elements.as_ptr().align_offset(size_of::<Cell>()).min(LANES - 1);
        elements.truncate(skipped + count);
        Self { elements, skipped }
    }

    /// Bytes that `count` elements take.
    pub(in crate::engine::kernels) fn bytes(count: usize) -> u64 {
        4 * (count + LANES - 1) as u64
    }
}

impl Deref for Aligned {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.elements[self.skipped..]
    }
}

impl DerefMut for Aligned {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.elements[self.skipped..]
    }
}

/// The four elements from `at` on.
#[inline(always)]
pub(in crate::engine::kernels) fn load(elements: &[f32], at: usize) -> f32x4 {
    let elements = &elements[at..at + LANES];
    f32x4::new([elements[0], elements[1], elements[2], elements[3]])
}

/// Writes four elements from `at` on.
#[inline(always)]
pub(in crate::engine::kernels) fn store(elements: &mut [f32], at: usize, values: f32x4) {
    elements[at..at + LANES].copy_from_slice(&values.to_array());
}

/// `a b + c`. Rounded once where the CPU fuses the operations, otherwise twice. It is inlined into functions with the same
/// feature only.
#[inline]
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "relaxed-simd"))]
pub(in crate::engine::kernels) fn multiply_add(a: f32x4, b: f32x4, c: f32x4) -> f32x4 {
    #[cfg(target_arch = "wasm32")]
    return bytemuck::cast(std::arch::wasm32::f32x4_relaxed_madd(
        bytemuck::cast(a),
        bytemuck::cast(b),
        bytemuck::cast(c),
    ));
    #[cfg(not(target_arch = "wasm32"))]
    return a.mul_add(b, c);
}

/// Whether a product and its sum are rounded once: where the target lets the CPU fuse them, and the CPU does.
pub fn fuses() -> bool {
    let x = f32x4::splat(std::hint::black_box(1.0 + f32::EPSILON));
    // ε² is left where x² was not rounded.
    multiply_add(x, x, -(x * x)) != f32x4::ZERO
}

/// An activation function of `V` vectors, as [`Activation`] defines it: `[4 V]` → `[4 V]`.
#[inline(always)]
pub(in crate::engine::kernels) fn activate<const V: usize>(values: [f32x4; V], activation: Activation) -> [f32x4; V] {
    match activation {
        Activation::Identity => values,
        Activation::Relu => values.map(|x| x.fast_max(f32x4::ZERO)),
        Activation::Relu6 => values.map(|x| x.fast_max(f32x4::ZERO).fast_min(f32x4::splat(RELU6_MAXIMUM))),
        Activation::ScaledTanh => {
            values.map(|x| f32x4::splat(SCALED_TANH_AMPLITUDE) * tanh(x * f32x4::splat(SCALED_TANH_SLOPE)))
        }
        Activation::Tanh => values.map(tanh),
        Activation::Sigmoid => values.map(sigmoid),
        Activation::Swish => values.map(|x| x * sigmoid(x)),
    }
}

/// `min(most, max(least, x))`. What is no number stays none.
#[inline(always)]
pub(in crate::engine::kernels) fn clamp(x: f32x4, least: f32x4, most: f32x4) -> f32x4 {
    // The first operand is what WebAssembly's operations give where one of both is no number, and the second what those of x86 do.
    #[cfg(target_arch = "wasm32")]
    return x.fast_max(least).fast_min(most);
    #[cfg(not(target_arch = "wasm32"))]
    return most.fast_min(least.fast_max(x));
}

/// An activation function of any number of elements, in place: `[elements]` → `[elements]`. Not inlined, so that the functions
/// that call it stay small.
#[inline(never)]
pub(in crate::engine::kernels) fn activate_all(elements: &mut [f32], activation: Activation) {
    if activation == Activation::Identity {
        return;
    }
    for elements in elements.chunks_mut(LANES) {
        let mut four = [0.0; LANES];
        four[..elements.len()].copy_from_slice(elements);
        elements.copy_from_slice(&activate([f32x4::new(four)], activation)[0].to_array()[..elements.len()]);
    }
}

/// Replaces each cell by `both(cell, other)`: `[cells, 4], [cells, 4]` → `[cells, 4]`.
#[inline(never)]
pub(in crate::engine::kernels) fn merge(cells: &mut [Cell], others: &[Cell], both: impl Fn(f32x4, f32x4) -> f32x4) {
    for (cell, other) in cells.iter_mut().zip(others) {
        *cell = both(f32x4::new(*cell), f32x4::new(*other)).to_array();
    }
}

// The functions below are not inlined, so that the registers of the functions that call them suffice.

/// `tanh(x) = 1 − 2 / (exp(2 x) + 1)`
#[inline(never)]
fn tanh(x: f32x4) -> f32x4 {
    f32x4::ONE - f32x4::splat(2.0) / ((x + x).exp() + f32x4::ONE)
}

/// `1 / (1 + exp(−x))`
#[inline(never)]
fn sigmoid(x: f32x4) -> f32x4 {
    f32x4::ONE / (f32x4::ONE + (-x).exp())
}
