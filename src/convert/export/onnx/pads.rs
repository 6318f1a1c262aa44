//! Padding as other runtimes want it: for each side.

use crate::graph::{Op, Padding, Shape};

/// Pixels at the top, left, bottom and right of a layer's input; a last window that hangs over the edge is padding, too.
pub(super) fn pads(op: &Op, input: Shape, output: Shape) -> [usize; 4] {
    let axis = |pixels: usize, windows: usize| match op {
        Op::Conv(conv) => conv.padding.resolve(pixels, conv.kernel, conv.stride),
        Op::MaxPool(pool) | Op::AvgPool(pool) => {
            let (before, _) = Padding::Even(pool.padding).resolve(pixels, pool.kernel, pool.stride);
            let end = (windows - 1) * pool.stride + pool.kernel;
            (before, end.saturating_sub(pixels + before))
        }
        _ => (0, 0),
    };
    let (top, bottom) = axis(input.height, output.height);
    let (left, right) = axis(input.width, output.width);
    [top, left, bottom, right]
}
