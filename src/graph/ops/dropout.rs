//! Dropout.

use serde::Serialize;

#[cfg(feature = "burn")]
use burn::tensor::Tensor;

use super::{LayerKind, Op, PartSpec, Sees};
#[cfg(feature = "burn")]
use crate::engine::burn::{mode::Mode, parameters::Parameters};
use crate::graph::onnx::OnnxNode;
use crate::graph::{Graph, LayerMut, Shape};

/// While a network is trained, each element is 0 with the probability `rate`, and the others are divided by `1 − rate`, so
/// that the mean stays, as PyTorch's `Dropout`. Otherwise the value itself. (Srivastava et al. 2014, "Dropout: a simple way to
/// prevent neural networks from overfitting")
///
/// The output has the input's shape. The graph for inference has no such layer.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Dropout {
    /// Probability with which an element becomes 0, at least 0 and less than 1.
    pub rate: f32,
}

impl Graph {
    /// Adds dropout; `rate` is the probability with which an element becomes 0.
    pub fn dropout(&mut self, name: impl Into<String>, rate: f32) -> LayerMut<'_, Dropout> {
        self.push(name, vec![self.cursor], Dropout { rate }, Op::Dropout)
    }
}

impl LayerKind for Dropout {
    fn kind(&self) -> &'static str {
        "dropout"
    }

    fn output_shape(&self, input: Shape, _: &[Shape]) -> Result<Shape, String> {
        if (0.0..1.0).contains(&self.rate) {
            Ok(input)
        } else {
            Err(format!("a dropout of {} keeps nothing", self.rate))
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
        OnnxNode::new("Dropout")
    }

    #[cfg(feature = "burn")]
    fn forward(
        &self,
        x: Tensor<4>,
        _: Vec<Tensor<4>>,
        _: &Parameters,
        mode: &Mode<'_>,
    ) -> crate::error::Result<Tensor<4>> {
        Ok(match mode {
            Mode::Training(training) => x.clone() * training.mask(&x, self.rate),
            Mode::Inference => x,
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::graph::ops::tests::{layer, refusal};

    #[cfg(feature = "burn")]
    #[test]
    fn gradients_pass_where_values_do() {
        use burn::tensor::Device;

        use crate::engine::burn::mode::Training;
        use crate::engine::burn::parameters::upload;

        let mut g = Graph::new(Shape::vector(50));
        g.dropout("a", 0.5);
        let device = Device::flex().autodiff();
        let parameters = upload(&g, |_| Ok(vec![]), &device).unwrap();
        let elements = |values: Tensor<4>| values.into_data().try_to_vec::<f32>().unwrap();
        let x = Tensor::<4>::ones([2, 50, 1, 1], &device).require_grad();
        let dropped = |mode: Mode<'_>| Dropout { rate: 0.5 }.forward(x.clone(), vec![], &parameters[0], &mode).unwrap();
        let training = Training::new(1);
        let y = dropped(Mode::Training(&training));
        let gradient = elements(x.grad(&y.clone().sum().backward()).unwrap());
        assert_eq!(gradient, elements(y.inner()));
        assert!(gradient.contains(&0.0) && gradient.contains(&2.0));
        assert_eq!(elements(dropped(Mode::Inference).inner()), [1.0; 100]);
    }

    #[test]
    fn shapes_tensors_and_costs_are_pytorchs() {
        let input = Shape::new(4, 3, 2);
        let (op, output) = layer(input, |g| g.dropout("a", 0.5).node());
        assert_eq!((output, op.parts(input).len(), op.macs(input, output)), (input, 0, 0));
        assert_eq!((op.kind(), op.onnx(input, output).op_type), ("dropout", "Dropout"));
        assert_eq!(op.sees(input), Sees::Place);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for rate in [1.0, -0.1, f32::NAN] {
            let reason = refusal(Shape::vector(2), |g| g.dropout("a", rate).node());
            assert!(reason.contains("keeps nothing"), "{reason}");
        }
    }
}
