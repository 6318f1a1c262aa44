//! Concatenation along the channels.

#[cfg(feature = "burn")]
use burn::tensor::Tensor;

use super::{LayerKind, Op, PartSpec, Sees};
#[cfg(feature = "burn")]
use crate::engine::burn::{mode::Mode, parameters::Parameters};
use crate::graph::onnx::{OnnxAttribute, OnnxNode};
use crate::graph::{Graph, LayerMut, Node, Shape};

/// The channels of one or more values of equal height and width, one value after the other:
/// `[a, height, width], [b, height, width], …` → `[a + b + …, height, width]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Concat;

impl Graph {
    /// Adds a layer that puts the channels of `values` one after the other.
    pub fn concat(&mut self, name: impl Into<String>, values: &[Node]) -> LayerMut<'_, Concat> {
        self.push(name, values.to_vec(), Concat, |_| Op::Concat)
    }
}

impl LayerKind for Concat {
    fn kind(&self) -> &'static str {
        "concatenation"
    }

    fn output_shape(&self, input: Shape, others: &[Shape]) -> Result<Shape, String> {
        match others.iter().find(|other| (other.height, other.width) != (input.height, input.width)) {
            None => {
                Ok(Shape { channels: others.iter().fold(input.channels, |sum, other| sum + other.channels), ..input })
            }
            Some(other) => Err(format!("values of {input} and {other} differ in height or width")),
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
        OnnxNode::new("Concat").with("axis", OnnxAttribute::Int(1))
    }

    #[cfg(feature = "burn")]
    fn forward(
        &self,
        x: Tensor<4>,
        others: Vec<Tensor<4>>,
        _: &Parameters,
        _: &Mode<'_>,
    ) -> crate::error::Result<Tensor<4>> {
        Ok(Tensor::cat([x].into_iter().chain(others).collect(), 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::ops::tests::{layer, refusal};

    #[test]
    fn channels_add_up() {
        let input = Shape::new(3, 4, 5);
        let (op, output) = layer(input, |g| {
            let a = g.conv("a", 7, 1).node();
            g.concat("all", &[a, Node::INPUT, a]).node()
        });
        assert_eq!(output, Shape::new(17, 4, 5));
        assert_eq!(op.parts(input), []);
        assert_eq!((op.macs(input, output), op.kind()), (0, "concatenation"));
        assert_eq!(op.sees(input), Sees::Place);
        assert_eq!(op.onnx(input, output).attributes, [("axis", OnnxAttribute::Int(1))]);
        assert_eq!(layer(input, |g| g.concat("one", &[Node::INPUT]).node()).1, input);
    }

    #[test]
    fn other_sizes_and_nothing_are_refused() {
        let reason = refusal(Shape::new(3, 4, 5), |g| {
            let a = g.max_pool("a", 2, 1).node();
            g.concat("all", &[Node::INPUT, a]).node()
        });
        assert!(reason.contains("values of 3×4×5 and 3×3×4 differ in height or width"), "{reason}");
        let reason = refusal(Shape::new(3, 4, 5), |g| g.concat("none", &[]).node());
        assert!(reason.contains("it reads no value"), "{reason}");
    }
}
