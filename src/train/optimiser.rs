//! From gradients to changes of the parameters.

use burn::tensor::Tensor;
use serde::Deserialize;

/// The share of the velocity that is kept from one step to the next.
const MOMENTUM: f32 = 0.9;
/// Adam's shares of the mean gradient and of the mean square that are kept. (Kingma & Ba 2014, arXiv:1412.6980, algorithm 1)
const ADAM_MEAN: f32 = 0.9;
const ADAM_SQUARE: f32 = 0.999;
const ADAM_EPSILON: f32 = 1e-8;

/// How a gradient changes a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Optimiser {
    /// Against the gradient.
    Sgd,
    /// Against the sum of the gradients, of which the older ones count less. (Sutskever et al. 2013, "On the importance of
    /// initialization and momentum", equation 1)
    Momentum,
    /// Against the mean gradient, divided by the root of the mean square. (Kingma & Ba 2014, arXiv:1412.6980)
    Adam,
}

/// What an optimiser remembers of a parameter, each of the parameter's shape.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    mean: Option<Tensor<1>>,
    square: Option<Tensor<1>>,
    steps: i32,
}

impl Optimiser {
    /// The change of a parameter, `[elements]`, for its gradient, to be subtracted.
    pub(super) fn change(self, gradient: Tensor<1>, memory: &mut Memory, rate: f32) -> Tensor<1> {
        memory.steps += 1;
        match self {
            Self::Sgd => gradient * rate,
            Self::Momentum => {
                let velocity = match memory.mean.take() {
                    Some(velocity) => velocity * MOMENTUM + gradient,
                    None => gradient,
                };
                memory.mean = Some(velocity.clone());
                velocity * rate
            }
            Self::Adam => {
                let kept = |memory: Option<Tensor<1>>, share: f32, new: Tensor<1>| match memory {
                    Some(memory) => memory * share + new * (1.0 - share),
                    None => new * (1.0 - share),
                };
                let square = kept(memory.square.take(), ADAM_SQUARE, gradient.clone() * gradient.clone());
                let mean = kept(memory.mean.take(), ADAM_MEAN, gradient);
                (memory.mean, memory.square) = (Some(mean.clone()), Some(square.clone()));
                // Both means began at 0 and are too small at first.
                let mean = mean / (1.0 - ADAM_MEAN.powi(memory.steps));
                let square = square / (1.0 - ADAM_SQUARE.powi(memory.steps));
                mean / (square.sqrt() + ADAM_EPSILON) * rate
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use burn::tensor::{Device, TensorData};

    use super::*;

    /// A parameter after each of two steps with the gradients 1 and −3, from 0 on.
    fn path(optimiser: Optimiser) -> [f32; 2] {
        let (mut memory, mut parameter) = (Memory::default(), 0.0);
        [1.0f32, -3.0].map(|gradient| {
            let gradient = Tensor::from_data(TensorData::new(vec![gradient], [1]), &Device::flex());
            parameter -= optimiser.change(gradient, &mut memory, 0.1).into_scalar::<f32>();
            parameter
        })
    }

    #[test]
    fn steps_are_pytorchs() {
        // torch.optim.SGD, SGD(momentum=0.9) and Adam, lr=0.1, gradients set by hand.
        for (optimiser, expected) in
            [(Optimiser::Sgd, [-0.1, 0.2]), (Optimiser::Momentum, [-0.1, 0.11]), (Optimiser::Adam, [-0.1, -0.050_581])]
        {
            for (found, expected) in path(optimiser).iter().zip(expected) {
                assert!((found - expected).abs() < 1e-5, "{optimiser:?}: {:?}", path(optimiser));
            }
        }
    }
}
