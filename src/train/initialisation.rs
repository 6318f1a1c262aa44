//! The random weights with which training begins.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::graph::tensors::TensorSpec;

/// From which distribution weights are drawn. Biases begin at 0, the factors of a normalisation at 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Initialisation {
    /// Normal, standard deviation 0.01, in every layer. (Krizhevsky, Sutskever & Hinton 2012, section 5)
    Small,
    /// Normal, standard deviation 1, in every layer.
    Unit,
    /// Normal, variance `2 / (inputs + outputs)`. (Glorot & Bengio 2010, "Understanding the difficulty of training deep
    /// feedforward neural networks", equation 12)
    Xavier,
    /// Normal, variance `2 / inputs`. (He et al. 2015, arXiv:1502.01852, equation 10)
    He,
}

impl Initialisation {
    /// The first elements of a tensor. They depend on the seed, the tensor's name and its shape, and not on other tensors, so
    /// that networks which differ in one layer begin alike in all others.
    pub fn values(self, tensor: &TensorSpec, seed: u64) -> Vec<f32> {
        let length = tensor.shape.iter().product();
        if tensor.shape.len() == 1 {
            let is_one = tensor.is_gain() || tensor.name.ends_with(".running_var");
            return vec![if is_one { 1.0 } else { 0.0 }; length];
        }
        let deviation = self.deviation(tensor);
        let mut random = stream(seed, &tensor.name);
        (0..length).map(|_| normal(&mut random) * deviation).collect()
    }

    /// The standard deviation of a weight `[outputs, inputs, …]`.
    fn deviation(self, tensor: &TensorSpec) -> f32 {
        let window: usize = tensor.shape.iter().skip(2).product();
        let (inputs, outputs) = ((tensor.shape[1] * window) as f32, (tensor.shape[0] * window) as f32);
        match self {
            Self::Small => 0.01,
            Self::Unit => 1.0,
            Self::Xavier => (2.0 / (inputs + outputs)).sqrt(),
            Self::He => (2.0 / inputs).sqrt(),
        }
    }
}

/// Random numbers for one purpose: others with the same seed do not depend on how many of them are drawn.
pub(crate) fn stream(seed: u64, purpose: &str) -> StdRng {
    let mut digest = Sha256::new();
    digest.update(seed.to_le_bytes());
    digest.update(purpose);
    StdRng::from_seed(digest.finalize().into())
}

/// A number of the normal distribution with mean 0 and variance 1. (Box & Muller 1958)
fn normal(random: &mut StdRng) -> f32 {
    // Of 1 − x, whose logarithm is finite.
    let radius = (-2.0 * (1.0 - random.random::<f64>()).ln()).sqrt();
    (radius * (std::f64::consts::TAU * random.random::<f64>()).cos()) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tensor(name: &str, shape: &[usize]) -> TensorSpec {
        TensorSpec { name: name.into(), shape: shape.into(), trained: true }
    }

    #[test]
    fn weights_have_the_variance_of_their_paper() {
        for (initialisation, shape, variance) in [
            (Initialisation::Small, [200, 100, 1, 1], 1e-4),
            (Initialisation::Unit, [200, 100, 1, 1], 1.0),
            (Initialisation::Xavier, [200, 100, 1, 1], 2.0 / 300.0),
            (Initialisation::He, [100, 30, 3, 3], 2.0 / 270.0),
        ] {
            let values = initialisation.values(&tensor("a.weight", &shape), 1);
            let count = values.len() as f32;
            let mean = values.iter().sum::<f32>() / count;
            let found = values.iter().map(|value| (value - mean).powi(2)).sum::<f32>() / count;
            assert!(mean.abs() < 0.03 * found.sqrt(), "{initialisation:?}: mean {mean}");
            assert!((found / variance - 1.0).abs() < 0.03, "{initialisation:?}: {found} instead of {variance}");
        }
    }

    #[test]
    fn a_tensor_begins_alike_whatever_stands_beside_it() {
        let values = |name: &str, seed| Initialisation::He.values(&tensor(name, &[2, 2]), seed);
        assert_eq!(values("a.weight", 1), values("a.weight", 1));
        assert_ne!(values("a.weight", 1), values("b.weight", 1));
        assert_ne!(values("a.weight", 1), values("a.weight", 2));
    }

    #[test]
    fn biases_begin_at_0_and_factors_at_1() {
        let first = |name: &str| Initialisation::Unit.values(&tensor(name, &[3]), 1);
        assert_eq!(first("norm.weight"), [1.0; 3]);
        assert_eq!(first("norm.running_var"), [1.0; 3]);
        assert_eq!(first("norm.running_mean"), [0.0; 3]);
        assert_eq!(first("conv.bias"), [0.0; 3]);
    }
}
