//! Pooling, and what else looks at each channel by itself.

use wide::f32x4;

use super::vector::{activate, load, store};
use crate::engine::kernels::plan::{Geometry, LANES, View, Window};
use crate::graph::Activation;

/// A buffer to read a view of.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    /// Its numbers.
    pub(super) numbers: &'a [f32],
    /// Their geometry.
    pub(super) geometry: &'a Geometry,
    /// The value in it.
    pub(super) view: View,
}

impl Source<'_> {
    /// The four channels from `channel` on of a pixel.
    #[inline(always)]
    pub(super) fn load(&self, y: usize, x: usize, channel: usize) -> f32x4 {
        load(self.numbers, self.geometry.at(y as isize, x as isize) + self.view.offset + channel)
    }

    /// Channels, filled up to whole vectors.
    fn lanes(&self) -> usize {
        self.view.shape.channels.next_multiple_of(LANES)
    }
}

/// A buffer to write a view of.
pub(super) struct Target<'a> {
    /// Its numbers.
    pub(super) numbers: &'a mut [f32],
    /// Their geometry.
    pub(super) geometry: &'a Geometry,
    /// The value in it.
    pub(super) view: View,
    /// Applied to what is stored.
    pub(super) activation: Activation,
}

impl Target<'_> {
    #[inline(always)]
    fn store(&mut self, y: usize, x: usize, channel: usize, value: f32x4) {
        let at = self.geometry.at(y as isize, x as isize) + self.view.offset + channel;
        store(self.numbers, at, activate(value, self.activation));
    }

    /// Computes every four channels of every pixel.
    #[inline(always)]
    pub(super) fn fill(&mut self, mut value: impl FnMut(usize, usize, usize) -> f32x4) {
        for y in 0..self.view.shape.height {
            for x in 0..self.view.shape.width {
                for channel in (0..self.view.shape.channels).step_by(LANES) {
                    self.store(y, x, channel, value(y, x, channel));
                }
            }
        }
    }
}

/// The part of a window's axis that is inside, for output `index`.
fn inside(index: usize, window: &Window, before: usize, length: usize) -> std::ops::Range<usize> {
    let first = index * window.stride;
    first.saturating_sub(before)..(first + window.kernel).saturating_sub(before).min(length)
}

/// Folds each window's values.
#[inline(always)]
fn pool(
    source: Source<'_>,
    target: &mut Target<'_>,
    window: Window,
    start: f32x4,
    fold: impl Fn(f32x4, f32x4) -> f32x4,
    finish: impl Fn(f32x4, usize) -> f32x4,
) {
    let shape = source.view.shape;
    target.fill(|y, x, channel| {
        let (rows, columns) =
            (inside(y, &window, window.top, shape.height), inside(x, &window, window.left, shape.width));
        let mut result = start;
        for y in rows.clone() {
            for x in columns.clone() {
                result = fold(result, source.load(y, x, channel));
            }
        }
        finish(result, rows.len() * columns.len())
    });
}

/// Greatest value of each window.
pub(super) fn max(source: Source<'_>, target: &mut Target<'_>, window: Window) {
    pool(source, target, window, f32x4::splat(f32::NEG_INFINITY), f32x4::fast_max, |value, _| value);
}

/// Mean of each window.
pub(super) fn average(source: Source<'_>, target: &mut Target<'_>, window: Window) {
    pool(source, target, window, f32x4::ZERO, |a, b| a + b, |sum, count| sum / f32x4::splat(count as f32));
}

/// Mean of each channel.
pub(super) fn global_average(source: Source<'_>, target: &mut Target<'_>) {
    let shape = source.view.shape;
    let pixels = f32x4::splat((shape.height * shape.width) as f32);
    target.fill(|_, _, channel| {
        let mut sum = f32x4::ZERO;
        for y in 0..shape.height {
            for x in 0..shape.width {
                sum += source.load(y, x, channel);
            }
        }
        sum / pixels
    });
}

/// Copies channel by channel, as a linear layer wants its input.
pub(super) fn flatten(source: Source<'_>, target: &mut [f32]) {
    let shape = source.view.shape;
    let pixels = shape.height * shape.width;
    for y in 0..shape.height {
        for x in 0..shape.width {
            for channel in (0..source.lanes()).step_by(LANES) {
                let values = source.load(y, x, channel).to_array();
                for (lane, value) in values.into_iter().enumerate().take(shape.channels - channel) {
                    target[(channel + lane) * pixels + y * shape.width + x] = value;
                }
            }
        }
    }
}
