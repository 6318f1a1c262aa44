//! Local response normalisation.

use serde::Serialize;

#[cfg(feature = "burn")]
use burn::tensor::{Tensor, module::avg_pool2d, ops::AvgPoolOptions};

use super::{LayerKind, Op, PartSpec, Sees};
#[cfg(feature = "burn")]
use crate::engine::burn::{mode::Mode, parameters::Parameters};
use crate::graph::onnx::{OnnxAttribute, OnnxNode};
use crate::graph::{Graph, LayerMut, Shape};

/// `x / (k + alpha · m)^beta`, where `m` is the sum of the squares of the `size` neighbouring channels at the same pixel,
/// divided by `size`, as Caffe and PyTorch do it. Channels that do not exist count as zeros. (Krizhevsky et al. 2012,
/// section 3.3, without the division)
///
/// The output has the input's shape.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Lrn {
    /// Number of neighbouring channels, with the channel itself in the middle: an odd number.
    pub size: usize,
    /// Weight of the neighbours' mean square.
    pub alpha: f32,
    /// Exponent.
    pub beta: f32,
    /// Constant.
    pub k: f32,
}

impl Graph {
    /// Adds local response normalisation.
    pub fn lrn(&mut self, name: impl Into<String>, lrn: Lrn) -> LayerMut<'_, Lrn> {
        self.push(name, vec![self.cursor], lrn, Op::Lrn)
    }
}

impl LayerKind for Lrn {
    fn kind(&self) -> &'static str {
        "local response normalisation"
    }

    fn output_shape(&self, input: Shape, _: &[Shape]) -> Result<Shape, String> {
        match self.size % 2 {
            1 => Ok(input),
            _ => Err(format!("{} neighbouring channels have none in the middle", self.size)),
        }
    }

    fn parts(&self, _: Shape) -> Vec<PartSpec> {
        Vec::new()
    }

    fn macs(&self, _: Shape, _: Shape) -> u64 {
        0
    }

    fn sees(&self, _: Shape) -> Sees {
        Sees::Place
    }

    fn onnx(&self, _: Shape, _: Shape) -> OnnxNode {
        OnnxNode::new("LRN")
            .with("size", OnnxAttribute::Int(self.size))
            .with("alpha", OnnxAttribute::Float(self.alpha))
            .with("beta", OnnxAttribute::Float(self.beta))
            .with("bias", OnnxAttribute::Float(self.k))
    }

    /// The mean over neighbouring channels is an average pooling of a picture whose rows are the channels.
    #[cfg(feature = "burn")]
    fn forward(
        &self,
        x: Tensor<4>,
        _: Vec<Tensor<4>>,
        _: &Parameters,
        _: &Mode<'_>,
    ) -> crate::error::Result<Tensor<4>> {
        let [batch, channels, height, width] = x.dims();
        let squares = (x.clone() * x.clone()).reshape([batch, 1, channels, height * width]);
        let options = AvgPoolOptions {
            kernel_size: [self.size, 1],
            stride: [1, 1],
            padding: [(self.size / 2, self.size / 2), (0, 0)],
            count_include_pad: true,
            ceil_mode: false,
        };
        let means = avg_pool2d(squares, options).reshape([batch, channels, height, width]);
        Ok(x * (means * self.alpha + self.k).powf_scalar(-self.beta))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::ops::tests::{layer, refusal};

    const LRN: Lrn = Lrn { size: 5, alpha: 1e-4, beta: 0.75, k: 2.0 };

    #[test]
    fn the_shape_stays() {
        let input = Shape::new(3, 4, 5);
        let (op, output) = layer(input, |g| g.lrn("a", LRN).node());
        assert_eq!(output, input);
        assert_eq!(op.parts(input), []);
        assert_eq!((op.macs(input, output), op.kind()), (0, "local response normalisation"));
        assert_eq!(op.sees(input), Sees::Place);
        assert_eq!(op.onnx(input, output).attributes[3], ("bias", OnnxAttribute::Float(2.0)));
    }

    #[test]
    fn neighbours_without_a_middle_are_refused() {
        for size in [0, 4] {
            let reason = refusal(Shape::new(3, 4, 5), |g| g.lrn("a", Lrn { size, ..LRN }).node());
            assert!(reason.contains("none in the middle"), "{reason}");
        }
    }
}
