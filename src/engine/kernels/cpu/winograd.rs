//! Winograd's convolutions on the CPU, some tiles at a time so that their products stay in the cache.

use std::ops::Range;

use wide::f32x4;

use super::CpuKernel;
use super::conv::{ConvWeights, bias_bytes};
use super::epilogue::{Epilogue, PixelOffsets};
use super::gemm::{Panels, Rows, Store, multiply};
use super::memory::Run;
use super::parts::Cells;
use super::pool::range;
use super::vector::{Cell, multiply_add};
use crate::engine::LinearFormat;
use crate::engine::kernels::parameters::{Packed, Tensors};
use crate::engine::kernels::plan::{Geometry, LANES, Plan, Step, View, Window};
use crate::engine::kernels::winograd::Winograd;
use crate::error::{Error, Result};
use crate::graph::Shape;

/// Tiles of one round.
const ROUND: usize = 48;

/// Tiles for which the weights are worth being read once more.
const LEAST_TILES: usize = 24;

/// Bytes of weights that the cache of a core holds beside what is multiplied with them.
const SHARED_WEIGHTS: u64 = 1 << 20;

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

/// Scratch memory as a tile that is transformed in one direction.
fn as_half(elements: &mut [f32]) -> Option<&mut Half> {
    elements.as_chunks_mut().0.as_chunks_mut().0.as_chunks_mut().0.first_mut()
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
        let input = run.input().elements.as_chunks().0;
        let (across, _) = self.form.tiles(self.output);
        // Where each thread had to read all weights from memory, the threads share the weights instead of the tiles.
        if run.pool.threads() > 1 && self.weight_bytes(LinearFormat::Float) > SHARED_WEIGHTS && across <= ROUND {
            self.by_product(input, panels, bias, run)
        } else {
            self.by_tile(input, panels, bias, run)
        }
    }
}

impl WinogradConv {
    /// Each thread computes some rows of tiles.
    fn by_tile(&self, input: &[Cell], panels: &[Panels], bias: &[f32], run: Run<'_>) -> Result<()> {
        let (across, down) = self.form.tiles(self.output);
        let (inputs, outputs) = self.channels();
        let work = self.form.products() * across * down * inputs * outputs * self.groups;
        let parts = run.pool.parts(work, down, LEAST_TILES.div_ceil(across));
        let ranges = (0..parts).map(move |part| range(down, parts, part)).map(|rows| self.pixels(rows));
        let (epilogues, pool, scratch) = self.offsets.divide(run, bias, ranges);
        pool.share_with(scratch, epilogues, |[transformed, products, half], mut epilogue| {
            let Some(half) = as_half(half) else { return };
            let rows = self.tile_rows(&epilogue);
            let tiles = rows.start * across..rows.end * across;
            for first in tiles.clone().step_by(ROUND) {
                let tiles = first..(first + ROUND).min(tiles.end);
                let cells = Cells::new(transformed);
                tiles.clone().for_each(|tile| self.read_tile(input, tile, tile - first, cells, half));
                for (product, products) in
                    products.chunks_mut(ROUND * self.lanes().1).take(self.form.products()).enumerate()
                {
                    self.multiply(transformed, tiles.len(), product, panels, products);
                }
                tiles.for_each(|tile| self.write_tile(products, tile, tile - first, half, &mut epilogue));
            }
        })
    }

    /// The tiles of some rows at a time: the threads share their transforms, then the products, each with its own weights, and
    /// then the transforms back.
    fn by_product(&self, input: &[Cell], panels: &[Panels], bias: &[f32], run: Run<'_>) -> Result<()> {
        let (across, down) = self.form.tiles(self.output);
        let (_, outputs) = self.lanes();
        let ranges = (0..down).map(|row| self.pixels(row..row + 1));
        let (mut epilogues, pool, scratch) = self.offsets.divide(run, bias, ranges);
        let (mut shared, mut halves) = (None, Vec::with_capacity(scratch.len()));
        for [transformed, products, half] in scratch {
            shared.get_or_insert((transformed, products));
            halves.extend(as_half(half));
        }
        let lacking = || Error::Internal("a convolution lacks its scratch memory".into());
        let (transformed, products) = shared.ok_or_else(lacking)?;
        if halves.len() < pool.threads() {
            return Err(lacking());
        }
        let rows = ROUND / across;
        for first in (0..down).step_by(rows) {
            let rows = first..(first + rows).min(down);
            let (first, count) = (first * across, rows.len() * across);
            let cells = Cells::new(transformed);
            pool.share_with(&mut halves, 0..count, |half, tile| {
                self.read_tile(input, first + tile, tile, cells, half);
            })?;
            let transformed = &transformed[..];
            pool.share(products.chunks_mut(ROUND * outputs).take(self.form.products()).enumerate(), |_, product| {
                let (product, products) = product;
                self.multiply(transformed, count, product, panels, products);
            })?;
            let products = &products[..];
            pool.share_with(&mut halves, epilogues.by_ref().take(rows.len()), |half, mut epilogue| {
                let row = self.tile_rows(&epilogue).start * across;
                (row..row + across).for_each(|tile| self.write_tile(products, tile, tile - first, half, &mut epilogue));
            })?;
        }
        Ok(())
    }

    /// The pixels of some rows of tiles.
    fn pixels(&self, rows: Range<usize>) -> Range<usize> {
        let (side, Shape { height, width, .. }) = (self.form.outputs(), self.output);
        (rows.start * side).min(height) * width..(rows.end * side).min(height) * width
    }

    /// The rows of tiles whose pixels an epilogue finishes.
    fn tile_rows(&self, epilogue: &Epilogue<'_>) -> Range<usize> {
        let (pixels, row) = (epilogue.pixels(), self.form.outputs() * self.output.width);
        pixels.start / row..pixels.end.div_ceil(row)
    }

    /// Transforms the input of a tile, the `slot`th of its round.
    fn read_tile(&self, input: &[Cell], tile: usize, slot: usize, transformed: Cells<'_>, half: &mut Half) {
        let (across, _) = self.form.tiles(self.output);
        let at = (tile / across, tile % across);
        match self.form {
            Winograd::Two => self.read::<4>(input, at, slot, transformed, half, input2),
            Winograd::Four => self.read::<6>(input, at, slot, transformed, half, input4),
        }
    }

    /// One of the products of so many tiles: `[tiles, in / groups] × [in / groups, out / groups]` for each group.
    #[inline(never)]
    fn multiply(&self, transformed: &[f32], tiles: usize, product: usize, panels: &[Panels], products: &mut [f32]) {
        let (inputs, outputs) = self.lanes();
        for (group, panels) in panels[product * self.groups..][..self.groups].iter().enumerate() {
            let lanes = inputs / self.groups;
            let rows = Rows {
                elements: &transformed[product * ROUND * inputs + group * lanes..],
                bases: &self.bases[..tiles],
                stretches: &[0],
                length: lanes,
            };
            let elements = &mut products[group * panels.channels()..];
            multiply(rows, panels, &mut ProductRows { elements, row: outputs });
        }
    }

    /// Transforms the products of a tile back, the `slot`th of its round, and finishes its pixels.
    fn write_tile(&self, products: &[f32], tile: usize, slot: usize, half: &mut Half, epilogue: &mut Epilogue<'_>) {
        let (across, _) = self.form.tiles(self.output);
        let (_, outputs) = self.lanes();
        let at = (tile / across, tile % across);
        let products = &products.as_chunks().0[slot * outputs / LANES..];
        match self.form {
            Winograd::Two => self.write::<4, 2>(products, at, half, epilogue, output2),
            Winograd::Four => self.write::<6, 4>(products, at, half, epilogue, output4),
        }
    }

    /// `Bᵀ d B` of the input of the tile in row `y` and column `x`, for all channels: `[N, N, in]` → `[N², in]`, the elements
    /// of one product [`ROUND`] rows behind those of the product before, in the row of the tile's `slot`.
    fn read<const N: usize>(
        &self,
        cells: &[Cell],
        (y, x): (usize, usize),
        slot: usize,
        transformed: Cells<'_>,
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
                // SAFETY: each product has a row for each slot, and no two tiles of a round have one slot.
                let outputs = std::array::from_fn(|y| unsafe {
                    transformed.slice(((y * N + x) * ROUND + slot) * channels + channel, strip)
                });
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
        (y, x): (usize, usize),
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
                let pixel = (y * M + row) * self.output.width + x * M - epilogue.pixels().start;
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
