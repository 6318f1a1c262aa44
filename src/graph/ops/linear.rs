//! Linear layers.

use serde::Serialize;

#[cfg(feature = "burn")]
use burn::tensor::{Tensor, module::linear};

use super::{LayerKind, Op, PartSpec, Sees};
#[cfg(feature = "burn")]
use crate::engine::burn::{mode::Mode, parameters::Parameters};
use crate::graph::onnx::{OnnxAttribute, OnnxNode};
use crate::graph::{Graph, LayerMut, Shape};

/// `W x + b`, as PyTorch's `Linear`: the product of a matrix `[outputs, inputs]` and a vector, plus a bias.
///
/// `[channels, height, width]`, flattened channel by channel, → `[outputs, 1, 1]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Linear {
    /// Length of the output.
    pub outputs: usize,
}

impl Graph {
    /// Adds a linear layer with `outputs` outputs and a bias.
    pub fn linear(&mut self, name: impl Into<String>, outputs: usize) -> LayerMut<'_, Linear> {
        self.push(name, vec![self.cursor], Linear { outputs }, Op::Linear)
    }
}

impl LayerKind for Linear {
    fn kind(&self) -> &'static str {
        "linear"
    }

    fn output_shape(&self, _: Shape, _: &[Shape]) -> Result<Shape, String> {
        Ok(Shape::vector(self.outputs))
    }

    fn parts(&self, input: Shape) -> Vec<PartSpec> {
        vec![PartSpec::trained("weight", [self.outputs, input.elements()]), PartSpec::trained("bias", [self.outputs])]
    }

    fn macs(&self, input: Shape, output: Shape) -> u64 {
        input.elements() as u64 * output.elements() as u64
    }

    fn sees(&self, _: Shape) -> Sees {
        Sees::All
    }

    fn onnx(&self, _: Shape, _: Shape) -> OnnxNode {
        OnnxNode { flat: true, ..OnnxNode::new("Gemm").with("transB", OnnxAttribute::Int(1)) }
    }

    #[cfg(feature = "burn")]
    fn forward(
        &self,
        x: Tensor<4>,
        _: Vec<Tensor<4>>,
        parameters: &Parameters,
        _: &Mode<'_>,
    ) -> crate::error::Result<Tensor<4>> {
        let batch = x.dims()[0];
        // burn keeps the weight as `[inputs, outputs]`.
        let weight = parameters.tensor::<2>("weight")?.transpose();
        let rows = linear(x.reshape([batch as i32, -1]), weight, Some(parameters.tensor("bias")?));
        Ok(rows.reshape([batch, self.outputs, 1, 1]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::ops::tests::{layer, refusal};

    #[test]
    fn shapes_tensors_and_costs_are_pytorchs() {
        let input = Shape::new(4, 3, 2);
        let (op, output) = layer(input, |g| g.linear("a", 7).node());
        assert_eq!(output, Shape::vector(7));
        assert_eq!(op.parts(input), [PartSpec::trained("weight", [7, 24]), PartSpec::trained("bias", [7])]);
        assert_eq!((op.macs(input, output), op.kind()), (7 * 24, "linear"));
        assert_eq!(op.sees(input), Sees::All);
        assert!(op.onnx(input, output).flat);
    }

    #[test]
    fn a_layer_without_outputs_is_refused() {
        let reason = refusal(Shape::vector(4), |g| g.linear("a", 0).node());
        assert!(reason.contains("its output of 0×1×1 would have no elements"), "{reason}");
    }
}
