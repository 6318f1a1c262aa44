//! Pooling.

use wide::f32x4;

use super::Kernel;
use super::memory::Run;
use super::vector::{Cell, merge};
use crate::engine::kernels::parameters::Packed;
use crate::engine::kernels::plan::{LANES, Window};
use crate::error::Result;

/// The greatest value of each window: `[height, width, channels]` → `[height', width', channels]`.
pub(super) struct MaxPool(pub(super) Window);

impl Kernel for MaxPool {
    fn run(&self, _: &Packed, run: Run<'_>) -> Result<()> {
        pool(run, self.0, f32::NEG_INFINITY, f32x4::fast_max, |_, _| {});
        Ok(())
    }
}

/// The mean of each window: `[height, width, channels]` → `[height', width', channels]`.
pub(super) struct AvgPool(pub(super) Window);

impl Kernel for AvgPool {
    fn run(&self, _: &Packed, run: Run<'_>) -> Result<()> {
        average(run, self.0);
        Ok(())
    }
}

/// The mean of each channel: `[height, width, channels]` → `[channels]`.
pub(super) struct GlobalAvgPool;

impl Kernel for GlobalAvgPool {
    fn run(&self, _: &Packed, run: Run<'_>) -> Result<()> {
        let shape = run.step.input.shape;
        average(run, Window { kernel: shape.height.max(shape.width), stride: 1, top: 0, left: 0 });
        Ok(())
    }
}

/// The mean of each window.
#[inline(never)]
fn average(run: Run<'_>, window: Window) {
    pool(run, window, 0.0, |a, b| a + b, divide);
}

/// Folds the values of each window that are inside the input, from `start` on; `finish` gets the result and how many values
/// there were.
fn pool(
    run: Run<'_>,
    window: Window,
    start: f32,
    fold: impl Fn(f32x4, f32x4) -> f32x4 + Copy,
    finish: impl Fn(&mut [Cell], usize),
) {
    let shape = run.step.input.shape;
    let (input, mut target, _) = run.split();
    target.fill(|y, x, cells| {
        let rows = inside(y, &window, window.top, shape.height);
        let columns = inside(x, &window, window.left, shape.width);
        cells.fill([start; LANES]);
        for y in rows.clone() {
            for x in columns.clone() {
                merge(cells, input.pixel(y, x), fold);
            }
        }
        finish(cells, rows.len() * columns.len());
    });
}

/// The pixels of window `index` that are inside an axis of `length` pixels with `before` pixels of padding in front.
fn inside(index: usize, window: &Window, before: usize, length: usize) -> std::ops::Range<usize> {
    let first = index * window.stride;
    first.saturating_sub(before)..(first + window.kernel).saturating_sub(before).min(length)
}

fn divide(cells: &mut [Cell], count: usize) {
    for element in cells.as_flattened_mut() {
        *element /= count as f32;
    }
}
