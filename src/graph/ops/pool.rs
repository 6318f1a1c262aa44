//! Max pooling and average pooling.

use serde::Serialize;

#[cfg(feature = "burn")]
use burn::tensor::{
    Tensor,
    module::{avg_pool2d, max_pool2d},
    ops::{AvgPoolOptions, MaxPoolOptions},
};

use super::{LayerKind, Op, PartSpec, Sees, is_default};
#[cfg(feature = "burn")]
use crate::engine::burn::{mode::Mode, parameters::Parameters};
use crate::graph::onnx::{OnnxAttribute, OnnxNode};
use crate::graph::window::Windows;
use crate::graph::{Graph, LayerMut, Padding, Shape};

/// The greatest value or the mean of each square window of each channel, as PyTorch's `MaxPool2d` and as its `AvgPool2d`
/// with `count_include_pad=False`.
///
/// `[channels, height, width]` → `[channels, (height + 2 · padding − kernel) / stride + 1, …]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Pool {
    /// Side of a window, in pixels.
    pub kernel: usize,
    /// Distance between neighbouring windows, in pixels.
    pub stride: usize,
    /// Pixels on each of the four sides of the input that windows may cover, but that are left out of the maximum or mean. At
    /// most half a window.
    #[serde(skip_serializing_if = "is_default")]
    pub padding: usize,
    /// Whether a last window may reach beyond the padded input; it then covers only the pixels inside the
    /// input.
    #[serde(skip_serializing_if = "is_default")]
    pub ceil: bool,
}

impl Graph {
    /// Adds max pooling with `kernel × kernel` windows that are `stride` pixels apart, without padding.
    pub fn max_pool(&mut self, name: impl Into<String>, kernel: usize, stride: usize) -> LayerMut<'_, Pool> {
        self.push(name, vec![self.cursor], Pool::new(kernel, stride), Op::MaxPool)
    }

    /// Adds average pooling with `kernel × kernel` windows that are `stride` pixels apart, without padding.
    pub fn avg_pool(&mut self, name: impl Into<String>, kernel: usize, stride: usize) -> LayerMut<'_, Pool> {
        self.push(name, vec![self.cursor], Pool::new(kernel, stride), Op::AvgPool)
    }
}

impl LayerMut<'_, Pool> {
    /// Lets windows cover `pixels` pixels beyond each of the four sides of the input.
    pub fn pad(self, pixels: usize) -> Self {
        self.change(|pool| pool.padding = pixels)
    }

    /// Lets a last window reach beyond the padded input.
    pub fn ceil(self) -> Self {
        self.change(|pool| pool.ceil = true)
    }
}

impl Pool {
    fn new(kernel: usize, stride: usize) -> Self {
        Self { kernel, stride, padding: 0, ceil: false }
    }

    fn windows(&self) -> Windows {
        Windows { kernel: self.kernel, stride: self.stride, padding: Padding::Even(self.padding), ceil: self.ceil }
    }
}

/// How the values of a window become one.
#[derive(Clone, Copy)]
pub(super) enum Reduction {
    /// The greatest value.
    Max,
    /// The mean.
    Mean,
}

/// Pooling with its reduction, which the graph keeps as the variant of [`Op`].
pub(super) struct Pooling(pub(super) Pool, pub(super) Reduction);

impl LayerKind for Pooling {
    fn kind(&self) -> &'static str {
        match self.1 {
            Reduction::Max => "max pooling",
            Reduction::Mean => "average pooling",
        }
    }

    fn output_shape(&self, input: Shape, _: &[Shape]) -> Result<Shape, String> {
        let Pool { kernel, padding, .. } = self.0;
        // A window that sees nothing would have neither a greatest value nor a mean.
        if padding > kernel / 2 {
            return Err(format!("its padding of {padding} pixels is more than half of its window of {kernel}"));
        }
        self.0.windows().output(input, input.channels)
    }

    fn parts(&self, _: Shape) -> Vec<PartSpec> {
        Vec::new()
    }

    fn macs(&self, _: Shape, _: Shape) -> u64 {
        0
    }

    fn sees(&self, input: Shape) -> Sees {
        self.0.windows().sees(input)
    }

    fn onnx(&self, input: Shape, output: Shape) -> OnnxNode {
        let Pool { kernel, stride, .. } = self.0;
        // ONNX's averages leave padding out by default.
        OnnxNode::new(match self.1 {
            Reduction::Max => "MaxPool",
            Reduction::Mean => "AveragePool",
        })
        .with("kernel_shape", OnnxAttribute::Ints(vec![kernel; 2]))
        .with("strides", OnnxAttribute::Ints(vec![stride; 2]))
        .with("pads", OnnxAttribute::Ints(self.0.windows().pads(input, output).into()))
    }

    #[cfg(feature = "burn")]
    fn forward(
        &self,
        x: Tensor<4>,
        _: Vec<Tensor<4>>,
        _: &Parameters,
        _: &Mode<'_>,
    ) -> crate::error::Result<Tensor<4>> {
        let Pool { kernel, stride, padding, ceil: ceil_mode } = self.0;
        let (kernel_size, stride, padding) = ([kernel; 2], [stride; 2], [(padding, padding); 2]);
        let dilation = [1, 1];
        Ok(match self.1 {
            Reduction::Max => max_pool2d(x, MaxPoolOptions { kernel_size, stride, padding, dilation, ceil_mode }),
            Reduction::Mean => {
                let count_include_pad = false;
                avg_pool2d(x, AvgPoolOptions { kernel_size, stride, padding, count_include_pad, ceil_mode })
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::ops::tests::{layer, refusal};

    #[test]
    fn shapes_tensors_and_costs_are_pytorchs() {
        let input = Shape::new(4, 14, 11);
        let (max, output) = layer(input, |g| g.max_pool("a", 3, 2).ceil().node());
        assert_eq!(output, Shape::new(4, 7, 5));
        assert_eq!(max.onnx(input, output).pads(), [0, 0, 1, 0]);
        assert_eq!((max.kind(), max.onnx(input, output).op_type), ("max pooling", "MaxPool"));
        assert_eq!(max.sees(input), Sees::Window { kernel: 3, stride: 2, top: 0, left: 0 });
        let (mean, output) = layer(input, |g| g.avg_pool("a", 3, 2).pad(1).node());
        assert_eq!(output, Shape::new(4, 7, 6));
        assert_eq!((mean.kind(), mean.onnx(input, output).op_type), ("average pooling", "AveragePool"));
        assert_eq!(mean.sees(input), Sees::Window { kernel: 3, stride: 2, top: 1, left: 1 });
        for op in [max, mean] {
            assert_eq!(op.parts(input), []);
            assert_eq!(op.macs(input, output), 0);
        }
        // The last window would begin in the padding, so it is left out although windows may reach beyond the edge.
        assert_eq!(layer(Shape::new(1, 3, 3), |g| g.max_pool("a", 2, 2).pad(1).ceil().node()).1, Shape::new(1, 2, 2));
        assert_eq!(layer(Shape::new(1, 5, 2), |g| g.avg_pool("a", 2, 3).pad(1).ceil().node()).1, Shape::new(1, 2, 1));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let input = Shape::new(2, 5, 5);
        for (reason, expected) in [
            (refusal(input, |g| g.max_pool("a", 3, 1).pad(2).node()), "2 pixels is more than half of its window of 3"),
            (refusal(input, |g| g.avg_pool("a", 1, 1).pad(1).node()), "more than half"),
            (refusal(input, |g| g.max_pool("a", 6, 1).node()), "larger than its input of 5 pixels"),
            (refusal(input, |g| g.avg_pool("a", 0, 1).node()), "at least 1"),
            (refusal(input, |g| g.max_pool("a", 2, 0).node()), "at least 1"),
            (refusal(Shape::new(2, 5, 0), |g| g.max_pool("a", 2, 2).ceil().node()), "no elements"),
        ] {
            assert!(reason.contains(expected), "{reason}");
        }
    }
}
