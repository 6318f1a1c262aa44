//! Winograd's convolutions on the CPU, some tiles at a time so that their products stay in the cache.

use wide::f32x4;

use super::conv::Epilogue;
use super::gemm::{Panels, Rows, Store, multiply};
use super::vector::{Aligned, Cell, multiply_add};
use crate::engine::kernels::plan::{Geometry, LANES, View, Window};
use crate::engine::kernels::winograd::Winograd;
use crate::graph::Shape;

/// Tiles of one round.
const ROUND: usize = 48;

/// Cells of a pixel that are transformed together.
const STRIP: usize = 16;

/// What is read where a tile hangs over the halo.
const NOTHING: Strip = [[0.0; LANES]; STRIP];

/// Some cells of one pixel, or of one product.
type Strip = [Cell; STRIP];

/// One product's weights after the other; within it, group after group.
pub(super) fn pack(form: Winograd, weights: &[f32], outputs: usize, inputs: usize, groups: usize) -> Vec<Panels> {
    let (outputs, inputs) = (outputs / groups, inputs / groups);
    let lanes = inputs.next_multiple_of(LANES);
    let mut panels = Vec::with_capacity(form.products() * groups);
    for product in 0..form.products() {
        let factors = form.factors(weights, product);
        panels.extend((0..groups).map(|group| {
            Panels::new(outputs, lanes, |output, input| {
                let kernel = (group * outputs + output) * inputs + input;
                if input < inputs { factors[kernel] } else { 0.0 }
            })
        }));
    }
    panels
}

/// A tile that is transformed in one direction; F(4×4, 3×3) has the largest.
type Half = [Strip; 36];

/// A convolution by Winograd, prepared for a step.
#[derive(Debug)]
pub(super) struct Tiles {
    form: Winograd,
    geometry: Geometry,
    view: View,
    window: Window,
    output: Shape,
    groups: usize,
    /// Row bases of one round's product, for each group alike.
    bases: Vec<u32>,
}

/// Memory for one round, shared by all convolutions of a network.
#[derive(Debug)]
pub(super) struct Scratch {
    inputs: Aligned,
    products: Aligned,
    half: Box<Half>,
}

impl Default for Scratch {
    fn default() -> Self {
        Self { inputs: Aligned::default(), products: Aligned::default(), half: Box::new([NOTHING; 36]) }
    }
}

impl Scratch {
    fn reserve(&mut self, inputs: usize, products: usize) {
        for (elements, count) in [(&mut self.inputs, inputs), (&mut self.products, products)] {
            if elements.len() < count {
                *elements = Aligned::zeros(count);
            }
        }
    }
}

/// Writes a product's results as rows.
struct ProductRows<'a> {
    elements: &'a mut [f32],
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

impl Tiles {
    pub(super) fn new(
        form: Winograd,
        geometry: Geometry,
        view: View,
        window: Window,
        output: Shape,
        groups: usize,
        scratch: &mut Scratch,
    ) -> Self {
        let inputs = view.shape.channels.next_multiple_of(LANES);
        let outputs = output.channels.next_multiple_of(LANES);
        scratch.reserve(form.products() * ROUND * inputs, form.products() * ROUND * outputs);
        let bases = (0..ROUND).map(|tile| (tile * inputs) as u32).collect();
        Self { form, geometry, view, window, output, groups, bases }
    }

    #[inline(never)]
    pub(super) fn run(&self, input: &[f32], panels: &[Panels], scratch: &mut Scratch, epilogue: &mut Epilogue<'_>) {
        let (across, down) = self.form.tiles(self.output);
        let inputs = self.view.shape.channels.next_multiple_of(LANES);
        let outputs = self.output.channels.next_multiple_of(LANES);
        let Scratch { inputs: transformed, products, half } = scratch;
        let cells = input.as_chunks().0;
        for first in (0..across * down).step_by(ROUND) {
            let tiles = first..(first + ROUND).min(across * down);
            for tile in tiles.clone() {
                let (y, x) = (tile / across, tile % across);
                let cells_of_tile = &mut transformed.as_chunks_mut().0[(tile - first) * inputs / LANES..];
                match self.form {
                    Winograd::Two => self.read::<4>(cells, y, x, cells_of_tile, half, input2),
                    Winograd::Four => self.read::<6>(cells, y, x, cells_of_tile, half, input4),
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
                let cells_of_tile = &products.as_chunks().0[(tile - first) * outputs / LANES..];
                match self.form {
                    Winograd::Two => self.write::<4, 2>(cells_of_tile, y, x, half, epilogue, output2),
                    Winograd::Four => self.write::<6, 4>(cells_of_tile, y, x, half, epilogue, output4),
                }
            }
        }
    }

    /// `Bᵀ d B` of a tile's input, for all channels.
    fn read<const N: usize>(
        &self,
        cells: &[Cell],
        y: usize,
        x: usize,
        cells_of_tile: &mut [Cell],
        half: &mut Half,
        transform: impl Fn([f32x4; N]) -> [f32x4; N] + Copy,
    ) {
        let side = self.form.outputs();
        let (top, left) =
            ((y * side) as isize - self.window.top as isize, (x * side) as isize - self.window.left as isize);
        // What lies behind the halo is not there, and would meet outputs that are not written.
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
                let mut rows = cells_of_tile.chunks_mut(N * ROUND * channels);
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

    /// `Aᵀ m A` of a tile's products, for all channels.
    fn write<const N: usize, const M: usize>(
        &self,
        cells_of_tile: &[Cell],
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
                let inputs = std::array::from_fn(|y| &cells_of_tile[(y * N + x) * ROUND * channels + channel..]);
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

/// A transform in one direction, of `strip` cells. A function of its own, and slices of one length: so its elements stay in
/// registers, and what is read needs no check of its own.
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
