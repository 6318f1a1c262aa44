//! Local response normalisation: the squares of a pixel's channels, summed over a sliding window.

use wide::f32x4;

use super::pool::{Source, Target};
use super::vector::merge;
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
    target.fill(|y, x, cells| {
        let values = source.pixel(y, x);
        for (square, value) in squares[half..].iter_mut().zip(values.as_flattened()) {
            *square = value * value;
        }
        cells.fill([0.0; LANES]);
        for neighbour in 0..lrn.size {
            merge(cells, squares[neighbour..].as_chunks().0, |sum, square| sum + square);
        }
        merge(cells, values, |sum, value| value * power(alpha * sum + k, -lrn.beta));
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
