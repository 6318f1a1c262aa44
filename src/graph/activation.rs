//! Activation functions: their formulas and constants, which every device takes from here.

use serde::Serialize;

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
            Self::Sigmoid => sigmoid(x),
            Self::Swish => x * sigmoid(x),
        }
    }
}
