//! Global average pooling.

#[cfg(feature = "burn")]
use burn::tensor::Tensor;

use super::{LayerKind, Op, PartSpec, Sees};
#[cfg(feature = "burn")]
use crate::engine::burn::{mode::Mode, parameters::Parameters};
use crate::graph::onnx::OnnxNode;
use crate::graph::{Graph, LayerMut, Shape};

/// The mean of each channel: `[channels, height, width]` → `[channels, 1, 1]`. (Lin, Chen & Yan 2013, arXiv:1312.4400,
/// section 3.2)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GlobalAvgPool;

impl Graph {
    /// Adds global average pooling.
    pub fn global_avg_pool(&mut self, name: impl Into<String>) -> LayerMut<'_, GlobalAvgPool> {
        self.push(name, vec![self.cursor], GlobalAvgPool, |_| Op::GlobalAvgPool)
    }
}

impl LayerKind for GlobalAvgPool {
    fn kind(&self) -> &'static str {
        "global average pooling"
    }

    fn output_shape(&self, input: Shape, _: &[Shape]) -> Result<Shape, String> {
        Ok(Shape::vector(input.channels))
    }

    fn parts(&self, _: Shape) -> Vec<PartSpec> {
        Vec::new()
    }

    fn macs(&self, _: Shape, _: Shape) -> u64 {
        0
    }

    fn sees(&self, _: Shape) -> Sees {
        Sees::All
    }

    fn onnx(&self, _: Shape, _: Shape) -> OnnxNode {
        OnnxNode::new("GlobalAveragePool")
    }

    #[cfg(feature = "burn")]
    fn forward(
        &self,
        x: Tensor<4>,
        _: Vec<Tensor<4>>,
        _: &Parameters,
        _: &Mode<'_>,
    ) -> crate::error::Result<Tensor<4>> {
        let [batch, channels, height, width] = x.dims();
        Ok(x.reshape([batch, channels, height * width]).mean_dim(2).reshape([batch, channels, 1, 1]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::ops::tests::{layer, refusal};

    #[test]
    fn a_picture_becomes_a_vector() {
        let input = Shape::new(6, 3, 5);
        let (op, output) = layer(input, |g| g.global_avg_pool("a").node());
        assert_eq!(output, Shape::vector(6));
        assert_eq!(op.parts(input), []);
        assert_eq!((op.macs(input, output), op.kind()), (0, "global average pooling"));
        assert_eq!(op.sees(input), Sees::All);
        assert_eq!(op.onnx(input, output), OnnxNode::new("GlobalAveragePool"));
        assert_eq!(layer(Shape::vector(4), |g| g.global_avg_pool("a").node()).1, Shape::vector(4));
    }

    #[test]
    fn a_mean_of_nothing_is_refused() {
        let reason = refusal(Shape::new(6, 0, 5), |g| g.global_avg_pool("a").node());
        assert!(reason.contains("a value of 6×0×5, which has no elements"), "{reason}");
    }
}
