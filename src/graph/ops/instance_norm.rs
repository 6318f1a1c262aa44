//! Instance normalisation.

use serde::Serialize;

#[cfg(feature = "burn")]
use burn::tensor::Tensor;

use super::{LayerKind, Op, PartSpec, Sees};
#[cfg(feature = "burn")]
use crate::engine::burn::{mode::Mode, parameters::Parameters};
use crate::graph::onnx::{OnnxAttribute, OnnxNode};
use crate::graph::{Graph, LayerMut, Shape};

/// `(x − mean) / √(variance + epsilon) · weight + bias`, where mean and variance are those of the channel in the picture
/// itself, as PyTorch's `InstanceNorm2d` with `affine=True`. (Ulyanov, Vedaldi & Lempitsky 2016, arXiv:1607.08022)
///
/// The output has the input's shape.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct InstanceNorm {
    /// Added to the variance.
    pub epsilon: f32,
}

impl Graph {
    /// Adds instance normalisation; `epsilon` is added to the variance.
    pub fn instance_norm(&mut self, name: impl Into<String>, epsilon: f32) -> LayerMut<'_, InstanceNorm> {
        self.push(name, vec![self.cursor], InstanceNorm { epsilon }, Op::InstanceNorm)
    }
}

impl LayerKind for InstanceNorm {
    fn kind(&self) -> &'static str {
        "instance normalisation"
    }

    fn output_shape(&self, input: Shape, _: &[Shape]) -> Result<Shape, String> {
        Ok(input)
    }

    fn parts(&self, input: Shape) -> Vec<PartSpec> {
        ["weight", "bias"].map(|part| PartSpec::trained(part, [input.channels])).into()
    }

    fn macs(&self, _: Shape, _: Shape) -> u64 {
        0
    }

    fn sees(&self, _: Shape) -> Sees {
        Sees::All
    }

    fn onnx(&self, _: Shape, _: Shape) -> OnnxNode {
        OnnxNode::new("InstanceNormalization").with("epsilon", OnnxAttribute::Float(self.epsilon))
    }

    #[cfg(feature = "burn")]
    fn forward(
        &self,
        x: Tensor<4>,
        _: Vec<Tensor<4>>,
        parameters: &Parameters,
        _: &Mode<'_>,
    ) -> crate::error::Result<Tensor<4>> {
        let mean = |x: Tensor<4>| x.mean_dim(2).mean_dim(3);
        let centred = x.clone() - mean(x);
        let variance = mean(centred.clone() * centred.clone());
        let each_channel = |part| parameters.tensor::<1>(part).map(|vector| vector.reshape([1, -1, 1, 1]));
        Ok(centred / (variance + self.epsilon).sqrt() * each_channel("weight")? + each_channel("bias")?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::ops::tests::layer;

    #[test]
    fn shapes_tensors_and_costs_are_pytorchs() {
        let input = Shape::new(5, 3, 2);
        let (op, output) = layer(input, |g| g.instance_norm("a", 1e-5).node());
        assert_eq!(output, input);
        assert_eq!(op.parts(input), [PartSpec::trained("weight", [5]), PartSpec::trained("bias", [5])]);
        assert_eq!((op.macs(input, output), op.kind()), (0, "instance normalisation"));
        assert_eq!(op.sees(input), Sees::All);
        assert_eq!(op.onnx(input, output).attributes, [("epsilon", OnnxAttribute::Float(1e-5))]);
    }
}
