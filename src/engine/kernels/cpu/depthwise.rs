//! Depthwise convolutions: each channel with a kernel of its own, four pixels of four channels at a time.

use wide::f32x4;

use super::conv::Epilogue;
use super::vector::load;
use crate::engine::kernels::plan::{Geometry, LANES, View, Window};
use crate::graph::Shape;

/// Output pixels that share a load of weights.
const PIXELS: usize = 4;

/// Runs it; a kernel of 3 or 5 pixels has code of its own.
pub(super) fn run(
    input: &[f32],
    geometry: &Geometry,
    view: View,
    window: Window,
    output: Shape,
    weights: &[f32],
    epilogue: &mut Epilogue<'_>,
) {
    match window.kernel {
        3 => run_with::<3>(input, geometry, view, window, output, weights, epilogue),
        5 => run_with::<5>(input, geometry, view, window, output, weights, epilogue),
        _ => run_with::<0>(input, geometry, view, window, output, weights, epilogue),
    }
}

/// With a kernel of `K` pixels; 0: of any.
fn run_with<const K: usize>(
    input: &[f32],
    geometry: &Geometry,
    view: View,
    window: Window,
    output: Shape,
    weights: &[f32],
    epilogue: &mut Epilogue<'_>,
) {
    let kernel = if K == 0 { window.kernel } else { K };
    let lanes = output.channels.next_multiple_of(LANES);
    let step = window.stride * geometry.pixel;
    for y in 0..output.height {
        let top = (y * window.stride) as isize - window.top as isize;
        let mut next = 0;
        while next < output.width {
            // The last pixels overlap those before where a row does not divide evenly.
            let x = next.min(output.width.saturating_sub(PIXELS));
            let count = PIXELS.min(output.width);
            let first = geometry.at(top, (x * window.stride) as isize - window.left as isize) + view.offset;
            for channel in (0..lanes).step_by(LANES) {
                if count == PIXELS {
                    let sums =
                        windows::<PIXELS>(input, first + channel, step, geometry, kernel, &weights[channel..], lanes);
                    for (pixel, sum) in sums.into_iter().enumerate() {
                        epilogue.finish(y * output.width + x + pixel, channel, sum);
                    }
                } else {
                    for pixel in 0..count {
                        let first = first + pixel * step + channel;
                        let [sum] = windows::<1>(input, first, step, geometry, kernel, &weights[channel..], lanes);
                        epilogue.finish(y * output.width + x + pixel, channel, sum);
                    }
                }
            }
            next += PIXELS;
        }
    }
}

/// Sums of `P` windows that begin `step` numbers apart.
#[inline(always)]
fn windows<const P: usize>(
    input: &[f32],
    first: usize,
    step: usize,
    geometry: &Geometry,
    kernel: usize,
    weights: &[f32],
    lanes: usize,
) -> [f32x4; P] {
    let mut sums = [f32x4::ZERO; P];
    for row in 0..kernel {
        for column in 0..kernel {
            let weight = load(weights, (row * kernel + column) * lanes);
            let from = first + row * geometry.row() + column * geometry.pixel;
            for (pixel, sum) in sums.iter_mut().enumerate() {
                *sum = load(input, from + pixel * step) * weight + *sum;
            }
        }
    }
    sums
}
