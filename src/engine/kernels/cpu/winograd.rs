//! Winograd's convolutions on the CPU, some tiles at a time so that their products stay in the cache.

use wide::f32x4;

use super::conv::Epilogue;
use super::gemm::{Panels, Rows, Store, multiply};
use super::vector::{load, store};
use crate::engine::kernels::plan::{Geometry, LANES, View, Window};
use crate::engine::kernels::winograd::Winograd;
use crate::graph::Shape;

/// Tiles of one round.
const ROUND: usize = 48;

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

/// A convolution's places.
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
#[derive(Debug, Default)]
pub(super) struct Scratch {
    inputs: Vec<f32>,
    products: Vec<f32>,
}

impl Scratch {
    fn reserve(&mut self, inputs: usize, products: usize) {
        self.inputs.resize(self.inputs.len().max(inputs), 0.0);
        self.products.resize(self.products.len().max(products), 0.0);
    }
}

/// Writes a product's results as rows.
struct Matrix<'a> {
    numbers: &'a mut [f32],
    row: usize,
}

impl Store for Matrix<'_> {
    #[inline(always)]
    fn store<const V: usize>(&mut self, row: usize, channel: usize, values: [f32x4; V]) {
        let numbers = &mut self.numbers[row * self.row + channel..][..V * LANES];
        for (numbers, value) in numbers.chunks_exact_mut(LANES).zip(values) {
            numbers.copy_from_slice(&value.to_array());
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

    pub(super) fn run(&self, input: &[f32], panels: &[Panels], scratch: &mut Scratch, epilogue: &mut Epilogue<'_>) {
        let (across, down) = self.form.tiles(self.output);
        let inputs = self.view.shape.channels.next_multiple_of(LANES);
        let outputs = self.output.channels.next_multiple_of(LANES);
        for first in (0..across * down).step_by(ROUND) {
            let tiles = first..(first + ROUND).min(across * down);
            for tile in tiles.clone() {
                let (y, x) = (tile / across, tile % across);
                let place = &mut scratch.inputs[(tile - first) * inputs..];
                match self.form {
                    Winograd::Two => self.read::<4>(input, y, x, place, inputs, input2),
                    Winograd::Four => self.read::<6>(input, y, x, place, inputs, input4),
                }
            }
            for (index, panels) in panels.iter().enumerate() {
                let (product, group) = (index / self.groups, index % self.groups);
                let lanes = inputs / self.groups;
                let rows = Rows {
                    numbers: &scratch.inputs[product * ROUND * inputs + group * lanes..],
                    bases: &self.bases[..tiles.len()],
                    stretches: &[0],
                    length: lanes,
                };
                let numbers = &mut scratch.products[product * ROUND * outputs + group * panels.channels()..];
                multiply(rows, panels, &mut Matrix { numbers, row: outputs });
            }
            for tile in tiles {
                let (y, x) = (tile / across, tile % across);
                let place = &scratch.products[(tile - first) * outputs..];
                match self.form {
                    Winograd::Two => self.write::<4, 2>(place, y, x, outputs, epilogue, output2),
                    Winograd::Four => self.write::<6, 4>(place, y, x, outputs, epilogue, output4),
                }
            }
        }
    }

    /// `Bᵀ d B` of a tile's input, for all channels.
    #[inline(always)]
    fn read<const N: usize>(
        &self,
        input: &[f32],
        y: usize,
        x: usize,
        place: &mut [f32],
        inputs: usize,
        transform: impl Fn([f32x4; N]) -> [f32x4; N],
    ) {
        let side = self.form.outputs();
        let (top, left) =
            ((y * side) as isize - self.window.top as isize, (x * side) as isize - self.window.left as isize);
        // What lies behind the border is not there, and would meet outputs that are not written.
        let rows = self.inside(top, self.geometry.height + self.geometry.border.bottom);
        let columns = self.inside(left, self.geometry.width + self.geometry.border.right);
        let first = self.geometry.at(top, left) + self.view.offset;
        let (row, pixel) = (self.geometry.row(), self.geometry.pixel);
        for channel in (0..inputs).step_by(LANES) {
            let mut values = [[f32x4::ZERO; N]; N];
            for (y, values) in values.iter_mut().enumerate().take(rows) {
                for (x, value) in values.iter_mut().enumerate().take(columns) {
                    *value = load(input, first + y * row + x * pixel + channel);
                }
            }
            let values = transpose(transpose(values.map(&transform)).map(&transform));
            for (product, value) in values.as_flattened().iter().enumerate() {
                store(place, product * ROUND * inputs + channel, *value);
            }
        }
    }

    /// How many of a tile's rows or columns from `first` on lie before `end`.
    fn inside(&self, first: isize, end: usize) -> usize {
        (end as isize - first).clamp(0, self.form.inputs() as isize) as usize
    }

    /// `Aᵀ m A` of a tile's products, for all channels.
    #[inline(always)]
    fn write<const N: usize, const M: usize>(
        &self,
        place: &[f32],
        y: usize,
        x: usize,
        outputs: usize,
        epilogue: &mut Epilogue<'_>,
        transform: impl Fn([f32x4; N]) -> [f32x4; M],
    ) {
        let (height, width) = ((self.output.height - y * M).min(M), (self.output.width - x * M).min(M));
        for channel in (0..outputs).step_by(LANES) {
            let mut values = [[f32x4::ZERO; N]; N];
            for (product, value) in values.as_flattened_mut().iter_mut().enumerate() {
                *value = load(place, product * ROUND * outputs + channel);
            }
            let values: [[f32x4; M]; N] = values.map(&transform);
            let values: [[f32x4; M]; M] = transpose(transpose(values).map(&transform));
            for (row, values) in values.iter().enumerate().take(height) {
                for (column, value) in values.iter().enumerate().take(width) {
                    let pixel = (y * M + row) * self.output.width + x * M + column;
                    epilogue.finish(pixel, channel, *value);
                }
            }
        }
    }
}

#[inline(always)]
fn transpose<const N: usize, const M: usize>(values: [[f32x4; M]; N]) -> [[f32x4; N]; M] {
    std::array::from_fn(|x| std::array::from_fn(|y| values[y][x]))
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
    let (two, four, five) = (f32x4::splat(2.0), f32x4::splat(4.0), f32x4::splat(5.0));
    let (even, odd) = (e - four * c, d - four * b);
    let (near, far) = (e - c, two * (d - b));
    [four * a - five * c + e, even + odd, even - odd, near + far, near - far, four * b - five * d + f]
}

/// `Aᵀ` of F(4×4, 3×3).
#[inline(always)]
fn output4([a, b, c, d, e, f]: [f32x4; 6]) -> [f32x4; 4] {
    let (two, four, eight) = (f32x4::splat(2.0), f32x4::splat(4.0), f32x4::splat(8.0));
    let (sum, difference) = (b + c, b - c);
    let (far, far_difference) = (d + e, d - e);
    [a + sum + far, difference + two * far_difference, sum + four * far, difference + eight * far_difference + f]
}
