//! Activation functions: their formulas and constants, which every device takes from here.

use serde::Serialize;

#[cfg(feature = "burn")]
use burn::tensor::{
    Tensor,
    activation::{relu, sigmoid, silu, tanh},
};

use super::onnx::{OnnxOperand, OnnxStep};

/// The factor `A` of LeCun's scaled hyperbolic tangent `A tanh(S x)`. (LeCun et al. 1998, appendix A)
pub const SCALED_TANH_AMPLITUDE: f32 = 1.7159;

/// The factor `S` of LeCun's scaled hyperbolic tangent `A tanh(S x)`, which sets its slope at the origin. (LeCun et al.
/// 1998, appendix A)
pub const SCALED_TANH_SLOPE: f32 = 2.0 / 3.0;

/// The greatest value of [`Activation::Relu6`]. (Krizhevsky 2010, "Convolutional deep belief networks on CIFAR-10")
pub const RELU6_MAXIMUM: f32 = 6.0;

/// A function that is applied to each value of a layer's output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Activation {
    /// The value itself.
    Identity,
    /// `max(0, x)`
    Relu,
    /// `min(6, max(0, x))`, with [`RELU6_MAXIMUM`].
    Relu6,
    /// `A tanh(S x)`, with [`SCALED_TANH_AMPLITUDE`] and [`SCALED_TANH_SLOPE`].
    ScaledTanh,
    /// `tanh(x)`
    Tanh,
    /// `1 / (1 + exp(−x))`
    Sigmoid,
    /// `x / (1 + exp(−x))`, also called SiLU.
    Swish,
}

impl Activation {
    /// The function's value at `x`: the definition that the implementations on every device are tested against.
    pub fn apply(self, x: f32) -> f32 {
        let sigmoid = |x: f32| 1.0 / (1.0 + (-x).exp());
        match self {
            Self::Identity => x,
            Self::Relu => x.max(0.0),
            Self::Relu6 => x.clamp(0.0, RELU6_MAXIMUM),
            Self::ScaledTanh => SCALED_TANH_AMPLITUDE * (SCALED_TANH_SLOPE * x).tanh(),
            Self::Tanh => x.tanh(),
            Self::Sigmoid => sigmoid(x),
            Self::Swish => x * sigmoid(x),
        }
    }

    /// The function's usual name; empty for the identity.
    pub fn name(self) -> &'static str {
        match self {
            Self::Identity => "",
            Self::Relu => "ReLU",
            Self::Relu6 => "ReLU6",
            Self::ScaledTanh => "scaled tanh",
            Self::Tanh => "tanh",
            Self::Sigmoid => "sigmoid",
            Self::Swish => "swish",
        }
    }

    /// The ONNX nodes that compute the function, one after the other; none for the identity.
    pub fn onnx(self) -> Vec<OnnxStep> {
        use OnnxOperand::{Argument, Constant, Previous};
        let step = |op_type, reads: &[OnnxOperand]| OnnxStep { op_type, reads: reads.to_vec() };
        match self {
            Self::Identity => vec![],
            Self::Relu => vec![step("Relu", &[Argument])],
            Self::Relu6 => vec![step("Clip", &[Argument, Constant(0.0), Constant(RELU6_MAXIMUM)])],
            Self::ScaledTanh => vec![
                step("Mul", &[Argument, Constant(SCALED_TANH_SLOPE)]),
                step("Tanh", &[Previous]),
                step("Mul", &[Previous, Constant(SCALED_TANH_AMPLITUDE)]),
            ],
            Self::Tanh => vec![step("Tanh", &[Argument])],
            Self::Sigmoid => vec![step("Sigmoid", &[Argument])],
            Self::Swish => vec![step("Sigmoid", &[Argument]), step("Mul", &[Argument, Previous])],
        }
    }

    /// The function in burn's operations.
    #[cfg(feature = "burn")]
    pub(crate) fn forward(self, x: Tensor<4>) -> Tensor<4> {
        match self {
            Self::Identity => x,
            Self::Relu => relu(x),
            Self::Relu6 => x.clamp(0.0, RELU6_MAXIMUM),
            Self::ScaledTanh => tanh(x * SCALED_TANH_SLOPE) * SCALED_TANH_AMPLITUDE,
            Self::Tanh => tanh(x),
            Self::Sigmoid => sigmoid(x),
            Self::Swish => silu(x),
        }
    }
}

#[cfg(test)]
impl Activation {
    pub(crate) const ALL: [Self; 7] =
        [Self::Identity, Self::Relu, Self::Relu6, Self::ScaledTanh, Self::Tanh, Self::Sigmoid, Self::Swish];
}

#[cfg(test)]
mod tests {
    use super::*;

    const POINTS: [f32; 9] = [-20.0, -3.0, -1.0, -0.1, 0.0, 0.5, 1.0, 5.9, 20.0];

    fn close(a: f32, b: f32) -> bool {
        (a - b).abs() <= 1e-6 * b.abs().max(1.0)
    }

    #[test]
    fn values_are_those_of_the_definitions() {
        let values = |activation: Activation| [-1.0, 0.0, 1.0, 7.0].map(|x| activation.apply(x));
        assert_eq!(values(Activation::Identity), [-1.0, 0.0, 1.0, 7.0]);
        assert_eq!(values(Activation::Relu), [0.0, 0.0, 1.0, 7.0]);
        assert_eq!(values(Activation::Relu6), [0.0, 0.0, 1.0, 6.0]);
        // LeCun chose the constants so that f(1) = 1 and f(−1) = −1.
        assert!((Activation::ScaledTanh.apply(1.0) - 1.0).abs() < 1e-4);
        assert!((Activation::ScaledTanh.apply(-1.0) + 1.0).abs() < 1e-4);
        assert!(close(Activation::Sigmoid.apply(1.0), 0.731_058_6));
        assert!(close(Activation::Swish.apply(-1.0), -0.268_941_43));
        assert_eq!(Activation::Swish.apply(-200.0), 0.0);
    }

    /// ONNX's operators, as their definitions say.
    #[test]
    fn onnx_computes_the_same_values() {
        for activation in Activation::ALL {
            for x in POINTS {
                let mut previous = x;
                for OnnxStep { op_type, reads } in activation.onnx() {
                    let values: Vec<f32> = (reads.iter())
                        .map(|operand| match operand {
                            OnnxOperand::Argument => x,
                            OnnxOperand::Previous => previous,
                            OnnxOperand::Constant(constant) => *constant,
                        })
                        .collect();
                    previous = match (op_type, &values[..]) {
                        ("Relu", [x]) => x.max(0.0),
                        ("Clip", [x, least, greatest]) => x.clamp(*least, *greatest),
                        ("Mul", [a, b]) => a * b,
                        ("Tanh", [x]) => x.tanh(),
                        ("Sigmoid", [x]) => 1.0 / (1.0 + (-x).exp()),
                        (op_type, values) => panic!("{op_type} of {values:?}"),
                    };
                }
                let expected = activation.apply(x);
                assert!(close(previous, expected), "{activation:?}({x}) is {expected}, ONNX gives {previous}");
            }
        }
    }

    #[cfg(feature = "burn")]
    #[test]
    fn burn_computes_the_same_values() {
        use burn::tensor::{Device, TensorData};
        for activation in Activation::ALL {
            let x = Tensor::from_data(TensorData::new(POINTS.to_vec(), [1, 3, 3, 1]), &Device::flex());
            let found: Vec<f32> = activation.forward(x).into_data().try_to_vec().unwrap_or_default();
            assert_eq!(found.len(), POINTS.len());
            for (found, x) in found.into_iter().zip(POINTS) {
                let expected = activation.apply(x);
                assert!(close(found, expected), "{activation:?}({x}) is {expected}, burn gives {found}");
            }
        }
    }
}
