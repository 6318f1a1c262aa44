//! Convolution: dense, grouped and depthwise.

use serde::Serialize;

#[cfg(feature = "burn")]
use burn::tensor::{Tensor, module::conv2d, ops::ConvOptions};

use super::{LayerKind, Op, PartSpec, Sees};
#[cfg(feature = "burn")]
use crate::engine::burn::{mode::Mode, parameters::Parameters};
use crate::graph::onnx::{OnnxAttribute, OnnxNode};
use crate::graph::window::Windows;
use crate::graph::{Graph, LayerMut, Padding, Shape};

/// Two-dimensional cross-correlation with a square kernel, as PyTorch's `Conv2d`.
///
/// `[input channels, height, width]` → `[channels, (height + padding − kernel) / stride + 1, …]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Conv {
    /// Number of output channels.
    pub channels: usize,
    /// Side of the kernel, in pixels.
    pub kernel: usize,
    /// Distance between neighbouring windows, in pixels.
    pub stride: usize,
    /// Zeros around the input.
    pub padding: Padding,
    /// Number of groups: each computes its share of the output channels from its share of the input channels. As many
    /// groups as channels make a depthwise convolution.
    pub groups: usize,
    /// Whether a bias is added to each output channel.
    pub bias: bool,
}

impl Graph {
    /// Adds a convolution with a `kernel × kernel` window, a stride of 1, no padding, one group and a bias.
    pub fn conv(&mut self, name: impl Into<String>, channels: usize, kernel: usize) -> LayerMut<'_, Conv> {
        let conv = Conv { channels, kernel, stride: 1, padding: Padding::Even(0), groups: 1, bias: true };
        self.push(name, vec![self.cursor], conv, Op::Conv)
    }
}

impl LayerMut<'_, Conv> {
    /// Sets the distance between neighbouring windows, in pixels.
    pub fn stride(self, stride: usize) -> Self {
        self.change(|conv| conv.stride = stride)
    }

    /// Pads each of the four sides with `pixels` zeros.
    pub fn pad(self, pixels: usize) -> Self {
        self.padding(Padding::Even(pixels))
    }

    /// Pads as TensorFlow's "SAME".
    pub fn same(self) -> Self {
        self.padding(Padding::Same)
    }

    /// Sets the zeros around the input.
    pub fn padding(self, padding: Padding) -> Self {
        self.change(|conv| conv.padding = padding)
    }

    /// Sets the number of groups.
    pub fn groups(self, groups: usize) -> Self {
        self.change(|conv| conv.groups = groups)
    }

    /// Leaves the bias out, as is usual where batch normalisation follows.
    pub fn no_bias(self) -> Self {
        self.change(|conv| conv.bias = false)
    }
}

impl Conv {
    fn windows(&self) -> Windows {
        Windows { kernel: self.kernel, stride: self.stride, padding: self.padding, ceil: false }
    }

    /// `[channels, input channels / groups, kernel, kernel]`
    fn weight_shape(&self, input: Shape) -> [usize; 4] {
        [self.channels, input.channels / self.groups, self.kernel, self.kernel]
    }
}

impl LayerKind for Conv {
    fn kind(&self) -> &'static str {
        match self.groups {
            1 => "convolution",
            groups if groups == self.channels => "depthwise convolution",
            _ => "grouped convolution",
        }
    }

    fn output_shape(&self, input: Shape, _: &[Shape]) -> Result<Shape, String> {
        let Self { channels, groups, .. } = *self;
        let splits = |channels: usize| groups > 0 && channels.is_multiple_of(groups);
        if !splits(input.channels) || !splits(channels) {
            return Err(format!(
                "its {} input channels and {channels} output channels cannot both be split into {groups} equal groups",
                input.channels
            ));
        }
        self.windows().output(input, channels)
    }

    fn parts(&self, input: Shape) -> Vec<PartSpec> {
        let mut parts = vec![PartSpec::trained("weight", self.weight_shape(input))];
        parts.extend(self.bias.then(|| PartSpec::trained("bias", [self.channels])));
        parts
    }

    fn macs(&self, input: Shape, output: Shape) -> u64 {
        let [_, inputs, height, width] = self.weight_shape(input);
        output.elements() as u64 * (inputs * height * width) as u64
    }

    fn sees(&self, input: Shape) -> Sees {
        self.windows().sees(input)
    }

    fn onnx(&self, input: Shape, output: Shape) -> OnnxNode {
        OnnxNode::new("Conv")
            .with("kernel_shape", OnnxAttribute::Ints(vec![self.kernel; 2]))
            .with("strides", OnnxAttribute::Ints(vec![self.stride; 2]))
            .with("pads", OnnxAttribute::Ints(self.windows().pads(input, output).into()))
            .with("group", OnnxAttribute::Int(self.groups))
    }

    #[cfg(feature = "burn")]
    fn forward(
        &self,
        x: Tensor<4>,
        _: Vec<Tensor<4>>,
        parameters: &Parameters,
        _: &Mode<'_>,
    ) -> crate::error::Result<Tensor<4>> {
        let [_, _, height, width] = x.dims();
        let options = ConvOptions {
            stride: [self.stride; 2],
            padding: [height, width].map(|pixels| self.padding.resolve(pixels, self.kernel, self.stride)),
            dilation: [1, 1],
            groups: self.groups,
        };
        let bias = self.bias.then(|| parameters.tensor("bias")).transpose()?;
        Ok(conv2d(x, parameters.tensor("weight")?, bias, options))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::graph::ops::tests::{layer, refusal};

    #[test]
    fn shapes_tensors_and_costs_are_pytorchs() {
        let input = Shape::new(6, 9, 7);
        let (op, output) = layer(input, |g| g.conv("a", 8, 3).stride(2).pad(1).node());
        assert_eq!(output, Shape::new(8, 5, 4));
        let parts = [PartSpec::trained("weight", [8, 6, 3, 3]), PartSpec::trained("bias", [8])];
        assert_eq!(op.parts(input), parts);
        assert_eq!(op.macs(input, output), 8 * 5 * 4 * 6 * 9);
        assert_eq!(op.kind(), "convolution");
        assert_eq!(op.sees(input), Sees::Window { kernel: 3, stride: 2, top: 1, left: 1 });
        assert_eq!(op.onnx(input, output).pads(), [1, 1, 1, 1]);

        let (op, output) = layer(input, |g| g.conv("a", 6, 5).groups(6).same().no_bias().node());
        assert_eq!(output, input);
        assert_eq!(op.parts(input), [PartSpec::trained("weight", [6, 1, 5, 5])]);
        assert_eq!(op.macs(input, output), 6 * 9 * 7 * 25);
        assert_eq!(op.kind(), "depthwise convolution");

        let (op, _) = layer(input, |g| g.conv("a", 4, 1).groups(2).node());
        assert_eq!(op.parts(input)[0].shape, [4, 3, 1, 1]);
        assert_eq!(op.kind(), "grouped convolution");
        // One channel in one group is a plain convolution.
        assert_eq!(layer(Shape::new(1, 4, 4), |g| g.conv("a", 1, 3).node()).0.kind(), "convolution");
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let input = Shape::new(6, 8, 8);
        for (reason, expected) in [
            (refusal(input, |g| g.conv("a", 8, 3).groups(4).node()), "6 input channels and 8 output channels"),
            (refusal(input, |g| g.conv("a", 8, 3).groups(3).node()), "into 3 equal groups"),
            (refusal(input, |g| g.conv("a", 8, 3).groups(0).node()), "into 0 equal groups"),
            (refusal(input, |g| g.conv("a", 8, 9).node()), "kernel of 9 pixels is larger than its input of 8 pixels"),
            (refusal(input, |g| g.conv("a", 8, 0).node()), "at least 1"),
            (refusal(input, |g| g.conv("a", 8, 3).stride(0).same().node()), "at least 1"),
            (refusal(input, |g| g.conv("a", 0, 3).node()), "no elements"),
            (refusal(Shape::new(0, 8, 8), |g| g.conv("a", 8, 3).node()), "no elements"),
        ] {
            assert!(reason.contains(expected), "{reason}");
        }
    }
}
