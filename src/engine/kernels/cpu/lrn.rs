//! Local response normalisation.

use wide::f32x4;

use super::Kernel;
use super::memory::Run;
use super::vector::merge;
use crate::engine::kernels::parameters::Packed;
use crate::engine::kernels::plan::LANES;
use crate::error::Result;
use crate::graph::{Lrn, Shape};

/// Divides each channel by a power of its neighbours' mean square: `[height, width, channels]` →
/// `[height, width, channels]`. The squares of a pixel's channels are summed over a sliding window.
pub(super) struct LocalResponse {
    parameters: Lrn,
    /// Elements for the squares of a pixel's channels, with zeros on both sides for the neighbours of the outermost ones.
    squares: usize,
}

impl LocalResponse {
    pub(super) fn new(parameters: Lrn, input: Shape) -> Self {
        let squares = parameters.size / 2 + input.channels.next_multiple_of(LANES) + parameters.size;
        Self { parameters, squares }
    }
}

impl Kernel for LocalResponse {
    fn scratch(&self) -> [usize; 3] {
        [self.squares, 0, 0]
    }

    fn run(&self, _: &Packed, run: Run<'_>) -> Result<()> {
        let Lrn { size, alpha, beta, k } = self.parameters;
        let before = size / 2;
        let (input, mut target, scratch) = run.split();
        let squares = &mut scratch[0][..self.squares];
        squares.fill(0.0);
        let (alpha, k) = (f32x4::splat(alpha / size as f32), f32x4::splat(k));
        target.fill(|y, x, cells| {
            let values = input.pixel(y, x);
            for (square, value) in squares[before..].iter_mut().zip(values.as_flattened()) {
                *square = value * value;
            }
            cells.fill([0.0; LANES]);
            for neighbour in 0..size {
                merge(cells, squares[neighbour..].as_chunks().0, |sum, square| sum + square);
            }
            merge(cells, values, |sum, value| value * power(alpha * sum + k, -beta));
        });
        Ok(())
    }
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
