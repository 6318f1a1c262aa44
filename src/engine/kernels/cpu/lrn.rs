//! Local response normalisation: the squares of a pixel's channels, summed over a sliding window.

use wide::f32x4;

use super::pool::{Source, Target};
use super::vector::{load, store};
use crate::engine::kernels::plan::LANES;
use crate::graph::Lrn;

/// Runs it; `squares` is memory for a pixel's squares.
pub(super) fn run(source: Source<'_>, target: &mut Target<'_>, lrn: &Lrn, squares: &mut Vec<f32>) {
    let half = lrn.size / 2;
    let lanes = source.view.shape.channels.next_multiple_of(LANES);
    // Zeros on both sides stand for channels that there are not.
    squares.clear();
    squares.resize(half + lanes + lrn.size, 0.0);
    let (alpha, k) = (f32x4::splat(lrn.alpha / lrn.size as f32), f32x4::splat(lrn.k));
    let mut pixel = None;
    target.fill(|y, x, channel| {
        if pixel != Some((y, x)) {
            pixel = Some((y, x));
            for channel in (0..lanes).step_by(LANES) {
                let value = source.load(y, x, channel);
                store(squares, half + channel, value * value);
            }
        }
        let mut sum = f32x4::ZERO;
        for neighbour in 0..lrn.size {
            sum += load(squares, channel + neighbour);
        }
        source.load(y, x, channel) * power(alpha * sum + k, -lrn.beta)
    });
}

/// `x^exponent`; −3/4, which the papers use, by roots.
#[inline(always)]
fn power(x: f32x4, exponent: f32) -> f32x4 {
    if exponent == -0.75 {
        let root = x.sqrt();
        f32x4::ONE / (root * root.sqrt())
    } else {
        x.powf_simd(f32x4::splat(exponent))
    }
}
