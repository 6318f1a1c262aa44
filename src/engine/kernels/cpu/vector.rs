//! Vectors of four elements, and memory that suits them.

use std::ops::{Deref, DerefMut};

use wide::f32x4;

use crate::engine::kernels::plan::LANES;

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

/// `min(most, max(least, x))`. What is no number stays none.
#[inline(always)]
pub(in crate::engine::kernels) fn clamp(x: f32x4, least: f32x4, most: f32x4) -> f32x4 {
    // The first operand is what WebAssembly's operations give where one of both is no number, and the second what those of x86 do.
    #[cfg(target_arch = "wasm32")]
    return x.fast_max(least).fast_min(most);
    #[cfg(not(target_arch = "wasm32"))]
    return most.fast_min(least.fast_max(x));
}

/// Replaces each cell by `both(cell, other)`: `[cells, 4], [cells, 4]` → `[cells, 4]`.
#[inline(never)]
pub(in crate::engine::kernels) fn merge(cells: &mut [Cell], others: &[Cell], both: impl Fn(f32x4, f32x4) -> f32x4) {
    for (cell, other) in cells.iter_mut().zip(others) {
        *cell = both(f32x4::new(*cell), f32x4::new(*other)).to_array();
    }
}
