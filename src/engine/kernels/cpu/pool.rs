//! Pooling, and what else looks at each channel by itself.

use wide::f32x4;

use super::vector::{Cell, activate_all, merge};
use crate::engine::kernels::plan::{Geometry, LANES, View, Window};
use crate::graph::Activation;

/// A buffer to read a view of.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    /// Its elements.
    pub(super) elements: &'a [f32],
    /// Their geometry.
    pub(super) geometry: &'a Geometry,
    /// The value in it.
    pub(super) view: View,
}

impl<'a> Source<'a> {
    /// All channels of a pixel.
    pub(super) fn pixel(&self, y: usize, x: usize) -> &'a [Cell] {
        let first = self.geometry.at(y as isize, x as isize) + self.view.first_channel;
        &self.elements[first..].as_chunks().0[..self.view.shape.channels.div_ceil(LANES)]
    }
}

/// A buffer to write a view of.
pub(super) struct Target<'a> {
    /// Its elements.
    pub(super) elements: &'a mut [f32],
    /// Their geometry.
    pub(super) geometry: &'a Geometry,
    /// The value in it.
    pub(super) view: View,
    /// Applied to what is stored.
    pub(super) activation: Activation,
}

impl Target<'_> {
    /// Computes all channels of each pixel.
    pub(super) fn fill(&mut self, mut pixel: impl FnMut(usize, usize, &mut [Cell])) {
        let cells = self.view.shape.channels.div_ceil(LANES);
        for y in 0..self.view.shape.height {
            for x in 0..self.view.shape.width {
                let first = self.geometry.at(y as isize, x as isize) + self.view.first_channel;
                let cells = &mut self.elements[first..].as_chunks_mut().0[..cells];
                pixel(y, x, cells);
                activate_all(cells.as_flattened_mut(), self.activation);
            }
        }
    }
}

/// The part of a window's axis that is inside, for output `index`.
fn inside(index: usize, window: &Window, before: usize, length: usize) -> std::ops::Range<usize> {
    let first = index * window.stride;
    first.saturating_sub(before)..(first + window.kernel).saturating_sub(before).min(length)
}

/// Folds each window's values; `finish` gets the result, and how many they were.
fn pool(
    source: Source<'_>,
    target: &mut Target<'_>,
    window: Window,
    start: f32,
    fold: impl Fn(f32x4, f32x4) -> f32x4 + Copy,
    finish: impl Fn(&mut [Cell], usize),
) {
    let shape = source.view.shape;
    target.fill(|y, x, cells| {
        let (rows, columns) =
            (inside(y, &window, window.top, shape.height), inside(x, &window, window.left, shape.width));
        cells.fill([start; LANES]);
        for y in rows.clone() {
            for x in columns.clone() {
                merge(cells, source.pixel(y, x), fold);
            }
        }
        finish(cells, rows.len() * columns.len());
    });
}

fn divide(cells: &mut [Cell], count: usize) {
    for element in cells.as_flattened_mut() {
        *element /= count as f32;
    }
}

/// Greatest value of each window.
pub(super) fn max(source: Source<'_>, target: &mut Target<'_>, window: Window) {
    pool(source, target, window, f32::NEG_INFINITY, f32x4::fast_max, |_, _| {});
}

/// Mean of each window.
pub(super) fn average(source: Source<'_>, target: &mut Target<'_>, window: Window) {
    pool(source, target, window, 0.0, |a, b| a + b, divide);
}

/// Mean of each channel.
pub(super) fn global_average(source: Source<'_>, target: &mut Target<'_>) {
    let shape = source.view.shape;
    let all = Window { kernel: shape.height.max(shape.width), stride: 1, top: 0, left: 0 };
    average(source, target, all);
}

/// Copies channel by channel, as a linear layer wants its input.
pub(super) fn flatten(source: Source<'_>, target: &mut [f32]) {
    let shape = source.view.shape;
    let pixels = shape.height * shape.width;
    for y in 0..shape.height {
        for x in 0..shape.width {
            let elements = source.pixel(y, x).as_flattened();
            for (channel, element) in elements.iter().enumerate().take(shape.channels) {
                target[channel * pixels + y * shape.width + x] = *element;
            }
        }
    }
}
