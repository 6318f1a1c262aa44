//! The matrix product at the heart of every convolution: rows of elements times panels of weights.
//!
//! A panel holds the weights of up to 16 output channels, the 16 weights of one input side by side. Each panel is
//! multiplied with two rows at a time: eight accumulators, four weights and two inputs fit the sixteen vector registers that
//! a CPU offers to WebAssembly; larger tiles spill registers and run at half the speed.

use wide::f32x4;

use super::vector::{Aligned, multiply_add};
use crate::engine::kernels::plan::LANES;

/// Output channels of a panel at most.
pub(super) const PANEL: usize = 4 * LANES;

/// A matrix of weights `[depth, channels]` as the product reads it.
pub(super) struct Panels {
    /// Panel after panel; in each, input after input.
    elements: Aligned,
    /// Inputs of an output.
    depth: usize,
    /// Output channels, padded to whole vectors.
    channels: usize,
}

impl Panels {
    /// The matrix whose element for an input and an output is `weight(output, input)`.
    pub(super) fn new(channels: usize, depth: usize, weight: impl Fn(usize, usize) -> f32) -> Self {
        let padded = channels.next_multiple_of(LANES);
        let mut elements = Aligned::zeros(padded * depth);
        for first in (0..padded).step_by(PANEL) {
            let width = PANEL.min(padded - first);
            let panel = &mut elements[first * depth..][..width * depth];
            for (input, weights) in panel.chunks_exact_mut(width).enumerate() {
                for (output, element) in (first..channels).zip(weights) {
                    *element = weight(output, input);
                }
            }
        }
        Self { elements, depth, channels: padded }
    }

    /// Bytes of a matrix.
    pub(super) fn bytes(channels: usize, depth: usize) -> u64 {
        Aligned::bytes(channels.next_multiple_of(LANES) * depth)
    }

    /// Output channels, padded to whole vectors.
    pub(super) fn channels(&self) -> usize {
        self.channels
    }
}

/// A matrix `[rows, stretches · length]` that a product reads: each row is several stretches of elements, at the same
/// offsets behind every row's base.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a> {
    /// All elements.
    pub(super) elements: &'a [f32],
    /// Where each row begins.
    pub(super) bases: &'a [u32],
    /// The offset of each stretch from the first element of its window.
    pub(super) stretches: &'a [u32],
    /// Elements a stretch.
    pub(super) length: usize,
}

/// Takes the product's results.
pub(super) trait Store {
    /// `values` are outputs `channel..` of row `row`. A row may come more than once.
    fn store<const V: usize>(&mut self, row: usize, channel: usize, values: [f32x4; V]);
}

/// `[rows, depth] × [depth, channels]` → `[rows, channels]`, which `store` takes.
pub(super) fn multiply(rows: Rows<'_>, panels: &Panels, store: &mut impl Store) {
    debug_assert_eq!(rows.stretches.len() * rows.length, panels.depth);
    let mut rest = &panels.elements[..];
    for channel in (0..panels.channels).step_by(PANEL) {
        let width = PANEL.min(panels.channels - channel);
        let (panel, behind) = rest.split_at(width * panels.depth);
        rest = behind;
        match width / LANES {
            4 => column::<2, 4, 16>(rows, panel, channel, store),
            3 => column::<3, 3, 12>(rows, panel, channel, store),
            2 => column::<4, 2, 8>(rows, panel, channel, store),
            _ => column::<4, 1, 4>(rows, panel, channel, store),
        }
    }
}

/// `[rows, depth] × [depth, N]` → `[rows, N]` for one panel, `P` rows at a time. Where the rows do not divide evenly, the last
/// ones come more than once. A function of its own, so that its sums stay in registers, and with the loop over all tiles in it, so that
/// what is the same for every tile is looked up once.
#[inline(never)]
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "relaxed-simd"))]
fn column<const P: usize, const V: usize, const N: usize>(
    rows: Rows<'_>,
    panel: &[f32],
    channel: usize,
    store: &mut impl Store,
) {
    let count = rows.bases.len();
    for next in (0..count).step_by(P) {
        let first = next.min(count.saturating_sub(P));
        tile::<P, V, N>(rows, std::array::from_fn(|row| (first + row).min(count - 1)), panel, channel, store);
    }
}

/// `[P, depth] × [depth, N]` → `[P, N]` for `P` rows and one panel of `N = 4 V` outputs.
#[inline]
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "relaxed-simd"))]
fn tile<const P: usize, const V: usize, const N: usize>(
    rows: Rows<'_>,
    own: [usize; P],
    panel: &[f32],
    channel: usize,
    store: &mut impl Store,
) {
    let length = rows.length;
    let bases = own.map(|row| rows.bases[row] as usize);
    let mut sums = [[f32x4::ZERO; V]; P];
    for (index, &stretch) in rows.stretches.iter().enumerate() {
        let inputs: [&[f32]; P] = bases.map(|base| &rows.elements[base + stretch as usize..][..length]);
        let weights: &[[f32; N]] = &panel[index * length * N..].as_chunks().0[..length];
        for input in 0..length {
            let column: [f32x4; V] = std::array::from_fn(|v| vector(&weights[input], v));
            for (sums, inputs) in sums.iter_mut().zip(inputs) {
                let factor = f32x4::splat(inputs[input]);
                for (sum, weights) in sums.iter_mut().zip(column) {
                    *sum = multiply_add(factor, weights, *sum);
                }
            }
        }
    }
    for (row, values) in own.into_iter().zip(sums) {
        store.store(row, channel, values);
    }
}

/// The `v`th vector of an array.
#[inline(always)]
fn vector<const N: usize>(elements: &[f32; N], v: usize) -> f32x4 {
    f32x4::new([elements[LANES * v], elements[LANES * v + 1], elements[LANES * v + 2], elements[LANES * v + 3]])
}
