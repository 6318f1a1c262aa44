//! Addition.

#[cfg(feature = "burn")]
use burn::tensor::Tensor;

use super::{LayerKind, Op, PartSpec, Sees};
#[cfg(feature = "burn")]
use crate::engine::burn::{mode::Mode, parameters::Parameters};
use crate::graph::onnx::OnnxNode;
use crate::graph::{Graph, LayerMut, Node, Shape};

/// The sum of two values of equal shape, element by element. The output has that shape, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Add;

impl Graph {
    /// Adds a layer that adds `shortcut` to the output of the layer before.
    pub fn add(&mut self, name: impl Into<String>, shortcut: Node) -> LayerMut<'_, Add> {
        self.push(name, vec![self.cursor, shortcut], Add, |_| Op::Add)
    }
}

impl LayerKind for Add {
    fn kind(&self) -> &'static str {
        "addition"
    }

    fn output_shape(&self, input: Shape, others: &[Shape]) -> Result<Shape, String> {
        match others.iter().find(|other| **other != input) {
            None => Ok(input),
            Some(other) => Err(format!("values of {input} and {other} cannot be added")),
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
        OnnxNode::new("Add")
    }

    #[cfg(feature = "burn")]
    fn forward(
        &self,
        x: Tensor<4>,
        others: Vec<Tensor<4>>,
        _: &Parameters,
        _: &Mode<'_>,
    ) -> crate::error::Result<Tensor<4>> {
        Ok(others.into_iter().fold(x, |sum, other| sum + other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::ops::tests::{layer, refusal};

    #[test]
    fn equal_shapes_are_added() {
        let input = Shape::new(3, 4, 5);
        let (op, output) = layer(input, |g| g.add("a", Node::INPUT).node());
        assert_eq!(output, input);
        assert_eq!(op.parts(input), []);
        assert_eq!((op.macs(input, output), op.kind()), (0, "addition"));
        assert_eq!(op.sees(input), Sees::Place);
        assert_eq!(op.onnx(input, output), OnnxNode::new("Add"));
    }

    #[test]
    fn other_shapes_are_refused() {
        let reason = refusal(Shape::new(3, 4, 5), |g| {
            g.conv("a", 2, 1);
            g.add("sum", Node::INPUT).node()
        });
        assert!(reason.contains("values of 2×4×5 and 3×4×5 cannot be added"), "{reason}");
    }
}
