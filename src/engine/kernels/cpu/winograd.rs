//! Winograd's convolutions on the CPU, some tiles at a time so that their products stay in the cache.

use wide::f32x4;

use super::CpuKernel;
use super::conv::{ConvWeights, bias_bytes};
use super::epilogue::{Epilogue, PixelOffsets};
use super::gemm::{Panels, Rows, Store, multiply};
use super::memory::{Run, Scratch};
use super::vector::{Cell, multiply_add};
use crate::engine::LinearFormat;
use crate::engine::kernels::parameters::{Packed, Tensors};
use crate::engine::kernels::plan::{Geometry, LANES, Plan, Step, View, Window};
use crate::engine::kernels::winograd::Winograd;
use crate::error::{Error, Result};
use crate::graph::Shape;

/// Tiles of one round.
const ROUND: usize = 48;

/// Cells of a pixel that are transformed together.
const STRIP: usize = 16;

/// What is read where a tile hangs over the halo.
const NOTHING: Strip = [[0.0; LANES]; STRIP];

/// Some cells of one pixel, or of one product.
type Strip = [Cell; STRIP];

/// A tile that is transformed in one direction; F(4×4, 3×3) has the largest.
type Half = [Strip; 36];

/// A convolution of 3×3 by Winograd's algorithm for one step: `[height, width, in] ∗ [3, 3, in / groups, out]` →
/// `[height', width', out]`. For each product and group it is `[tiles, in / groups] × [in / groups, out / groups]`.
pub(super) struct WinogradConv {
    form: Winograd,
    geometry: Geometry,
    view: View,
    window: Window,
    output: Shape,
    groups: usize,
    /// Where each tile of a round begins in a product's input, which is the same for all groups.
    bases: Vec<u32>,
    offsets: PixelOffsets,
}

/// Writes the results of a product as rows: `[tiles, out / groups]` into `[tiles, out]`.
struct ProductRows<'a> {
    elements: &'a mut [f32],
    /// Elements from a row to the next.
    row: usize,
}

impl Store for ProductRows<'_> {
    #[inline(always)]
    fn store<const V: usize>(&mut self, row: usize, channel: usize, values: [f32x4; V]) {
        let elements = &mut self.elements[row * self.row + channel..][..V * LANES];
        for (elements, value) in elements.chunks_exact_mut(LANES).zip(values) {
            elements.copy_from_slice(&value.to_array());
        }
    }
}

impl WinogradConv {
    pub(super) fn new(step: &Step, plan: &Plan, window: Window, groups: usize, form: Winograd) -> Self {
        let inputs = step.input.shape.channels.next_multiple_of(LANES);
        let bases = (0..ROUND).map(|tile| (tile * inputs) as u32).collect();
        let (view, output) = (step.input, step.output.shape);
        let offsets = PixelOffsets::new(step, plan);
        Self { form, geometry: *plan.geometry(view), view, window, output, groups, bases, offsets }
    }

    /// Channels in and out, padded to whole vectors.
    fn lanes(&self) -> (usize, usize) {
        (self.view.shape.channels.next_multiple_of(LANES), self.output.channels.next_multiple_of(LANES))
    }

    /// Channels in and out of each group.
    fn channels(&self) -> (usize, usize) {
        (self.view.shape.channels / self.groups, self.output.channels / self.groups)
    }
}

impl CpuKernel for WinogradConv {
    fn weight_bytes(&self, _: LinearFormat) -> u64 {
        let (inputs, outputs) = self.channels();
        let matrices = (self.form.products() * self.groups) as u64;
        matrices * Panels::bytes(outputs, inputs.next_multiple_of(LANES)) + bias_bytes(self.output.channels)
    }

    /// `[out, in / groups, 3, 3]` → panels `[in / groups, out / groups]` of each product and group.
    fn pack(&self, tensors: Tensors<'_>) -> Packed {
        let weights = tensors.weight.dequantise();
        let (inputs, outputs) = self.channels();
        let mut panels = Vec::with_capacity(self.form.products() * self.groups);
        for product in 0..self.form.products() {
            let factors = self.form.factors(&weights, product);
            panels.extend((0..self.groups).map(|group| {
                Panels::new(outputs, inputs.next_multiple_of(LANES), |output, input| {
                    let kernel = (group * outputs + output) * inputs + input;
                    if input < inputs { factors[kernel] } else { 0.0 }
                })
            }));
        }
        Packed::new(ConvWeights { panels, bias: tensors.padded_bias(self.output.channels) })
    }

    fn table_bytes(&self) -> u64 {
        4 * self.bases.capacity() as u64 + self.offsets.bytes()
    }

    /// The transformed inputs and the products of a round, and a tile that is transformed in one direction.
    fn scratch(&self) -> [usize; 3] {
        let (inputs, outputs) = self.lanes();
        let tiles = self.form.products() * ROUND;
        [tiles * inputs, tiles * outputs, size_of::<Half>() / size_of::<f32>()]
    }

    fn run(&self, weights: &Packed, run: Run<'_>) -> Result<()> {
        let ConvWeights { panels, bias } = weights.get()?;
        let input = run.input().elements;
        let (mut epilogue, scratch) = self.offsets.epilogue(run, bias);
        self.convolve(input, panels, scratch, &mut epilogue)
    }
}

impl WinogradConv {
    /// Some tiles at a time: their inputs are transformed, multiplied, and the products transformed back.
    #[inline(never)]
    fn convolve(
        &self,
        input: &[f32],
        panels: &[Panels],
        [transformed, products, half]: &mut Scratch,
        epilogue: &mut Epilogue<'_>,
    ) -> Result<()> {
        let half: Option<&mut Half> = half.as_chunks_mut().0.as_chunks_mut().0.as_chunks_mut().0.first_mut();
        let half = half.ok_or_else(|| Error::Internal("a convolution lacks its scratch memory".into()))?;
        let (across, down) = self.form.tiles(self.output);
        let (inputs, outputs) = self.lanes();
        let cells = input.as_chunks().0;
        for first in (0..across * down).step_by(ROUND) {
            let tiles = first..(first + ROUND).min(across * down);
            for tile in tiles.clone() {
                let (y, x) = (tile / across, tile % across);
                let transformed = &mut transformed.as_chunks_mut().0[(tile - first) * inputs / LANES..];
                match self.form {
                    Winograd::Two => self.read::<4>(cells, y, x, transformed, half, input2),
                    Winograd::Four => self.read::<6>(cells, y, x, transformed, half, input4),
                }
            }
            for (index, panels) in panels.iter().enumerate() {
                let (product, group) = (index / self.groups, index % self.groups);
                let lanes = inputs / self.groups;
                let rows = Rows {
                    elements: &transformed[product * ROUND * inputs + group * lanes..],
                    bases: &self.bases[..tiles.len()],
                    stretches: &[0],
                    length: lanes,
                };
                let elements = &mut products[product * ROUND * outputs + group * panels.channels()..];
                multiply(rows, panels, &mut ProductRows { elements, row: outputs });
            }
            for tile in tiles {
                let (y, x) = (tile / across, tile % across);
                let products = &products.as_chunks().0[(tile - first) * outputs / LANES..];
                match self.form {
                    Winograd::Two => self.write::<4, 2>(products, y, x, half, epilogue, output2),
                    Winograd::Four => self.write::<6, 4>(products, y, x, half, epilogue, output4),
                }
            }
        }
        Ok(())
    }

    /// `Bᵀ d B` of the input of the tile in row `y` and column `x`, for all channels: `[N, N, in]` → `[N², in]`, the elements
    /// of one product [`ROUND`] rows behind those of the product before.
    fn read<const N: usize>(
        &self,
        cells: &[Cell],
        y: usize,
        x: usize,
        transformed: &mut [Cell],
        half: &mut Half,
        transform: impl Fn([f32x4; N]) -> [f32x4; N] + Copy,
    ) {
        let side = self.form.outputs();
        let (top, left) =
            ((y * side) as isize - self.window.top as isize, (x * side) as isize - self.window.left as isize);
        // Nothing is stored behind the halo; zeros stand for it, which only reach outputs that are not written.
        let rows = self.inside(top, self.geometry.height + self.geometry.halo.bottom);
        let columns = self.inside(left, self.geometry.width + self.geometry.halo.right);
        let first = (self.geometry.at(top, left) + self.view.first_channel) / LANES;
        let (row, pixel) = (self.geometry.row() / LANES, self.geometry.pixel / LANES);
        let channels = self.view.shape.channels.div_ceil(LANES);
        for channel in (0..channels).step_by(STRIP) {
            let strip = STRIP.min(channels - channel);
            for (y, half) in half.as_chunks_mut::<N>().0.iter_mut().enumerate().take(N) {
                let inputs = std::array::from_fn(|x| {
                    let inside = y < rows && x < columns;
                    if inside { &cells[first + y * row + x * pixel + channel..] } else { &NOTHING }
                });
                pass(strip, inputs, half.each_mut().map(|strip| &mut strip[..]), transform);
            }
            for x in 0..N {
                let inputs = std::array::from_fn(|y| &half[y * N + x][..]);
                let mut rows = transformed.chunks_mut(N * ROUND * channels);
                let at = x * ROUND * channels + channel;
                let outputs = std::array::from_fn(|_| rows.next().map_or(&mut [][..], |row| &mut row[at..]));
                pass(strip, inputs, outputs, transform);
            }
        }
    }

    /// How many of a tile's rows or columns from `first` on lie before `end`.
    fn inside(&self, first: isize, end: usize) -> usize {
        (end as isize - first).clamp(0, self.form.inputs() as isize) as usize
    }

    /// `Aᵀ m A` of the products of the tile in row `y` and column `x`, for all channels: `[N², out]` → `[M, M, out]`.
    fn write<const N: usize, const M: usize>(
        &self,
        products: &[Cell],
        y: usize,
        x: usize,
        half: &mut Half,
        epilogue: &mut Epilogue<'_>,
        transform: impl Fn([f32x4; N]) -> [f32x4; M] + Copy,
    ) {
        let (height, width) = ((self.output.height - y * M).min(M), (self.output.width - x * M).min(M));
        let channels = self.output.channels.div_ceil(LANES);
        let mut sums = [NOTHING; M];
        for channel in (0..channels).step_by(STRIP) {
            let strip = STRIP.min(channels - channel);
            for (x, half) in half.as_chunks_mut::<M>().0.iter_mut().enumerate().take(N) {
                let inputs = std::array::from_fn(|y| &products[(y * N + x) * ROUND * channels + channel..]);
                pass(strip, inputs, half.each_mut().map(|strip| &mut strip[..]), transform);
            }
            for row in 0..height {
                let inputs = std::array::from_fn(|x| &half[x * M + row][..]);
                pass(strip, inputs, sums.each_mut().map(|strip| &mut strip[..]), transform);
                let pixel = (y * M + row) * self.output.width + x * M;
                for (column, sums) in sums.iter().enumerate().take(width) {
                    epilogue.finish_all(pixel + column, channel * LANES, &sums[..strip]);
                }
            }
        }
    }
}

/// A transform in one direction: `[N, strip]` → `[M, strip]`. It is a function of its own with slices of one length, so that
/// its vectors stay in registers and no access needs a check of its own.
#[inline(never)]
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "relaxed-simd"))]
fn pass<const N: usize, const M: usize>(
    strip: usize,
    inputs: [&[Cell]; N],
    outputs: [&mut [Cell]; M],
    transform: impl Fn([f32x4; N]) -> [f32x4; M],
) {
    let inputs = inputs.map(|cells| &cells[..strip]);
    let mut outputs = outputs.map(|cells| &mut cells[..strip]);
    for cell in 0..strip {
        let values = transform(inputs.map(|cells| f32x4::new(cells[cell])));
        for (output, value) in outputs.iter_mut().zip(values) {
            output[cell] = value.to_array();
        }
    }
}

/// `Bᵀ` of F(2×2, 3×3).
#[inline(always)]
fn input2([a, b, c, d]: [f32x4; 4]) -> [f32x4; 4] {
    [a - c, b + c, c - b, b - d]
}

/// `Aᵀ` of F(2×2, 3×3).
#[inline(always)]
fn output2([a, b, c, d]: [f32x4; 4]) -> [f32x4; 2] {
    [a + b + c, b - c - d]
}

/// `Bᵀ` of F(4×4, 3×3).
#[inline(always)]
fn input4([a, b, c, d, e, f]: [f32x4; 6]) -> [f32x4; 6] {
    let (even, odd) = (scaled(c, -4.0, e), scaled(b, -4.0, d));
    let (near, far) = (e - c, d - b);
    let (first, last) = (scaled(a, 4.0, scaled(c, -5.0, e)), scaled(b, 4.0, scaled(d, -5.0, f)));
    [first, even + odd, even - odd, scaled(far, 2.0, near), scaled(far, -2.0, near), last]
}

/// `Aᵀ` of F(4×4, 3×3).
#[inline(always)]
fn output4([a, b, c, d, e, f]: [f32x4; 6]) -> [f32x4; 4] {
    let (sum, difference) = (b + c, b - c);
    let (far, far_difference) = (d + e, d - e);
    [
        a + sum + far,
        scaled(far_difference, 2.0, difference),
        scaled(far, 4.0, sum),
        scaled(far_difference, 8.0, difference + f),
    ]
}

/// `factor x + more`.
#[inline(always)]
fn scaled(x: f32x4, factor: f32, more: f32x4) -> f32x4 {
    multiply_add(f32x4::splat(factor), x, more)
}
