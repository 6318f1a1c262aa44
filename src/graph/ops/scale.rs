//! Multiplication of channels.

#[cfg(feature = "burn")]
use burn::tensor::Tensor;

use super::{LayerKind, Op, PartSpec, Sees};
#[cfg(feature = "burn")]
use crate::engine::burn::{mode::Mode, parameters::Parameters};
use crate::graph::onnx::OnnxNode;
use crate::graph::{Graph, LayerMut, Node, Shape};

/// The product of a value `[channels, height, width]`, which the layer reads first, and a vector `[channels, 1, 1]` with
/// one factor for each channel. The output has the value's shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale;

impl Graph {
    /// Adds a layer that multiplies each channel of `value` by an element of the vector that the layer before gives.
    pub fn scale(&mut self, name: impl Into<String>, value: Node) -> LayerMut<'_, Scale> {
        self.push(name, vec![value, self.cursor], Scale, |_| Op::Scale)
    }
}

impl LayerKind for Scale {
    fn kind(&self) -> &'static str {
        "scaling"
    }

    fn output_shape(&self, input: Shape, others: &[Shape]) -> Result<Shape, String> {
        match others.iter().find(|other| **other != Shape::vector(input.channels)) {
            None => Ok(input),
            Some(other) => Err(format!(
                "a value of {input} needs one factor for each of its {} channels, but reads {other}",
                input.channels
            )),
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
        OnnxNode::new("Mul")
    }

    #[cfg(feature = "burn")]
    fn forward(
        &self,
        x: Tensor<4>,
        others: Vec<Tensor<4>>,
        _: &Parameters,
        _: &Mode<'_>,
    ) -> crate::error::Result<Tensor<4>> {
        Ok(others.into_iter().fold(x, |product, factor| product * factor))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::ops::tests::{layer, refusal};

    #[test]
    fn each_channel_has_a_factor() {
        let input = Shape::new(3, 4, 5);
        let (op, output) = layer(input, |g| {
            g.global_avg_pool("mean");
            g.scale("a", Node::INPUT).node()
        });
        assert_eq!(output, input);
        assert_eq!(op.parts(input), []);
        assert_eq!((op.macs(input, output), op.kind()), (0, "scaling"));
        assert_eq!(op.sees(input), Sees::Place);
        assert_eq!(op.onnx(input, output), OnnxNode::new("Mul"));
    }

    #[test]
    fn other_shapes_are_refused() {
        let reason = refusal(Shape::new(3, 4, 5), |g| {
            g.linear("factors", 2);
            g.scale("a", Node::INPUT).node()
        });
        assert!(reason.contains("each of its 3 channels, but reads 2×1×1"), "{reason}");
    }
}
