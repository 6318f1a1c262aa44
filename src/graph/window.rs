//! Square windows that slide over the rows and columns of a value: what convolution and pooling have in common.

use serde::Serialize;

use super::{Sees, Shape};

/// Padding around a layer's input: zeros for a convolution, ignored pixels for pooling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Padding {
    /// This many pixels on each of the four sides.
    Even(usize),
    /// TensorFlow's padding "SAME": the output has `ceil(input / stride)` pixels along each axis. Where the number of
    /// padded pixels is odd, the bottom and the right side get one more.
    Same,
}

impl Padding {
    /// The number of padded pixels before and after one axis of `input` pixels, for windows of `kernel` pixels that are
    /// `stride` pixels apart. `stride` is at least 1.
    pub fn resolve(self, input: usize, kernel: usize, stride: usize) -> (usize, usize) {
        match self {
            Self::Even(pixels) => (pixels, pixels),
            Self::Same => {
                let output = input.div_ceil(stride);
                let total = (output.saturating_sub(1) * stride + kernel).saturating_sub(input);
                (total / 2, total - total / 2)
            }
        }
    }
}

/// The windows of a convolution or pooling, the same along both axes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Windows {
    /// Side of a window, in pixels.
    pub(super) kernel: usize,
    /// Distance between neighbouring windows, in pixels.
    pub(super) stride: usize,
    /// Pixels around the input.
    pub(super) padding: Padding,
    /// Whether the last window may reach beyond the padded input, as long as it begins inside it.
    pub(super) ceil: bool,
}

impl Windows {
    /// The shape of an output of `channels` channels with one pixel for each window, or why there is none.
    pub(super) fn output(&self, input: Shape, channels: usize) -> Result<Shape, String> {
        Ok(Shape::new(channels, self.count(input.height)?, self.count(input.width)?))
    }

    /// The pixels of an input of the shape `input` that a window covers.
    pub(super) fn sees(&self, input: Shape) -> Sees {
        let Self { kernel, stride, padding, .. } = *self;
        let (top, _) = padding.resolve(input.height, kernel, stride);
        let (left, _) = padding.resolve(input.width, kernel, stride);
        Sees::Window { kernel, stride, top, left }
    }

    /// The number of windows along an axis of `pixels` pixels, counted as PyTorch does.
    fn count(&self, pixels: usize) -> Result<usize, String> {
        let Self { kernel, stride, padding, ceil } = *self;
        if kernel == 0 || stride == 0 {
            return Err(format!("its kernel of {kernel} pixels and its stride of {stride} must both be at least 1"));
        }
        let (before, after) = padding.resolve(pixels, kernel, stride);
        match (pixels + before + after).checked_sub(kernel) {
            Some(room) if ceil => {
                let last = room.div_ceil(stride);
                // A window that would begin in the padding behind the input is left out.
                Ok(if last * stride >= pixels + before { last } else { last + 1 })
            }
            Some(room) => Ok(room / stride + 1),
            None => Err(format!(
                "its kernel of {kernel} pixels is larger than its input of {pixels} pixels with a padding of {before} and \
                 {after}"
            )),
        }
    }

    /// The padding as ONNX writes it: pixels at the top, left, bottom and right. The part of a last window that lies
    /// beyond the padded input counts as padding, too.
    pub(super) fn pads(&self, input: Shape, output: Shape) -> [usize; 4] {
        let (top, bottom) = self.around(input.height, output.height);
        let (left, right) = self.around(input.width, output.width);
        [top, left, bottom, right]
    }

    /// Pixels before and after an axis of `pixels` pixels on which `windows` windows lie.
    fn around(&self, pixels: usize, windows: usize) -> (usize, usize) {
        let (before, after) = self.padding.resolve(pixels, self.kernel, self.stride);
        let end = (windows - 1) * self.stride + self.kernel;
        (before, if self.ceil { end.saturating_sub(pixels + before) } else { after })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    fn windows(kernel: usize, stride: usize, padding: Padding, ceil: bool) -> Windows {
        Windows { kernel, stride, padding, ceil }
    }

    #[test]
    fn windows_are_counted_as_pytorch_counts_them() {
        // By the formula of pooling_output_shape in PyTorch's aten/src/ATen/native/Pool.h.
        for (pixels, kernel, stride, padding, ceil, expected) in [
            (112, 3, 2, 0, false, 55),
            (112, 3, 2, 0, true, 56),
            (5, 1, 3, 0, true, 2),
            (4, 1, 3, 0, true, 2),
            (3, 1, 3, 0, true, 1),
            (3, 2, 2, 1, false, 2),
            // The third window would begin in the padding behind the input.
            (3, 2, 2, 1, true, 2),
            (1, 2, 2, 1, true, 1),
            (2, 2, 3, 1, true, 1),
            (1, 1, 1, 0, true, 1),
        ] {
            let found = windows(kernel, stride, Padding::Even(padding), ceil).count(pixels).unwrap();
            assert_eq!(found, expected, "{pixels} pixels, kernel {kernel}, stride {stride}, padding {padding}, {ceil}");
        }
    }

    #[test]
    fn pads_count_what_lies_beyond_the_edge() {
        let pads = |windows: Windows, side: usize| {
            let input = Shape::rgb(side);
            windows.pads(input, windows.output(input, 3).unwrap())
        };
        assert_eq!(pads(windows(3, 2, Padding::Even(0), true), 6), [0, 0, 1, 1]);
        assert_eq!(pads(windows(3, 2, Padding::Even(1), false), 6), [1, 1, 1, 1]);
        assert_eq!(pads(windows(2, 2, Padding::Even(1), true), 3), [1, 1, 0, 0]);
        assert_eq!(pads(windows(3, 2, Padding::Same, false), 224), [0, 0, 1, 1]);
    }

    #[test]
    fn the_first_window_begins_in_the_padding_before_the_input() {
        let sees = |padding| windows(3, 2, padding, false).sees(Shape::new(1, 224, 15));
        assert_eq!(sees(Padding::Even(1)), Sees::Window { kernel: 3, stride: 2, top: 1, left: 1 });
        // 224 rows need one row of padding, which is below them; 15 columns need one column on each side.
        assert_eq!(sees(Padding::Same), Sees::Window { kernel: 3, stride: 2, top: 0, left: 1 });
    }

    #[test]
    fn windows_that_do_not_fit_are_refused() {
        for (windows, part) in [
            (windows(0, 1, Padding::Even(0), false), "at least 1"),
            (windows(3, 0, Padding::Same, false), "at least 1"),
            (windows(9, 1, Padding::Even(0), true), "larger than its input"),
        ] {
            let reason = windows.output(Shape::rgb(8), 1).unwrap_err();
            assert!(reason.contains(part), "{reason}");
        }
    }
}
