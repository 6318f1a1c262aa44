//! Batch normalisation.

use serde::Serialize;

#[cfg(feature = "burn")]
use burn::tensor::Tensor;

use super::{LayerKind, Op, PartSpec, Sees};
#[cfg(feature = "burn")]
use crate::engine::burn::{mode::Mode, parameters::Parameters};
use crate::graph::onnx::{OnnxAttribute, OnnxNode};
use crate::graph::{Graph, LayerMut, Shape};

/// `(x − running_mean) / √(running_var + epsilon) · weight + bias` for each channel, with the stored statistics. (Ioffe &
/// Szegedy 2015, arXiv:1502.03167, algorithm 2)
///
/// The output has the input's shape.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct BatchNorm {
    /// Added to the variance.
    pub epsilon: f32,
}

impl Graph {
    /// Adds batch normalisation; `epsilon` is added to the variance.
    pub fn batch_norm(&mut self, name: impl Into<String>, epsilon: f32) -> LayerMut<'_, BatchNorm> {
        self.push(name, vec![self.cursor], BatchNorm { epsilon }, Op::BatchNorm)
    }
}

impl LayerKind for BatchNorm {
    fn kind(&self) -> &'static str {
        "batch normalisation"
    }

    fn output_shape(&self, input: Shape, _: &[Shape]) -> Result<Shape, String> {
        Ok(input)
    }

    fn parts(&self, input: Shape) -> Vec<PartSpec> {
        let channels = [input.channels];
        vec![
            PartSpec::trained("weight", channels),
            PartSpec::trained("bias", channels),
            PartSpec::statistics("running_mean", channels),
            PartSpec::statistics("running_var", channels),
        ]
    }

    fn macs(&self, _: Shape, _: Shape) -> u64 {
        0
    }

    fn sees(&self, _: Shape) -> Sees {
        Sees::Place
    }

    fn onnx(&self, _: Shape, _: Shape) -> OnnxNode {
        OnnxNode::new("BatchNormalization").with("epsilon", OnnxAttribute::Float(self.epsilon))
    }

    #[cfg(feature = "burn")]
    fn forward(
        &self,
        x: Tensor<4>,
        _: Vec<Tensor<4>>,
        parameters: &Parameters,
        mode: &Mode<'_>,
    ) -> crate::error::Result<Tensor<4>> {
        let vector = |part: &str| parameters.tensor::<1>(part);
        if let Mode::Training(training) = mode {
            return Ok(training.normalise(parameters.layer(), x, self.epsilon, vector("weight")?, vector("bias")?));
        }
        let scale = vector("weight")? / (vector("running_var")? + self.epsilon).sqrt();
        let shift = vector("bias")? - vector("running_mean")? * scale.clone();
        let each_channel = |vector: Tensor<1>| vector.reshape([1, -1, 1, 1]);
        Ok(x * each_channel(scale) + each_channel(shift))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::ops::tests::layer;

    #[test]
    fn shapes_tensors_and_costs_are_pytorchs() {
        let input = Shape::new(5, 3, 2);
        let (op, output) = layer(input, |g| g.batch_norm("a", 1e-3).node());
        assert_eq!(output, input);
        let parts = op.parts(input);
        let names: Vec<(&str, bool)> = parts.iter().map(|part| (part.part, part.trained)).collect();
        assert_eq!(names, [("weight", true), ("bias", true), ("running_mean", false), ("running_var", false)]);
        assert!(parts.iter().all(|part| part.shape == [5]));
        assert_eq!((op.macs(input, output), op.kind()), (0, "batch normalisation"));
        assert_eq!(op.sees(input), Sees::Place);
        assert_eq!(op.onnx(input, output).attributes, [("epsilon", OnnxAttribute::Float(1e-3))]);
    }
}
