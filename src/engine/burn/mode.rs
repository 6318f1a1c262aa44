//! Whether layers compute as in inference or as in training, where batch normalisation uses the batch's own statistics and
//! dropout drops.

use std::cell::RefCell;

use burn::tensor::{Tensor, TensorData};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// How layers compute.
#[derive(Debug)]
pub enum Mode<'a> {
    /// With stored statistics, and without dropout.
    Inference,
    /// With the statistics of the batch, and with dropout.
    Training(&'a Training),
}

/// What layers need and leave behind while a batch of training is computed.
#[derive(Debug)]
pub struct Training {
    random: RefCell<StdRng>,
    moments: RefCell<Vec<Moments>>,
}

/// The statistics of a batch in one layer, of shape `[channels]`.
#[derive(Clone, Debug)]
pub struct Moments {
    /// The name of the layer of batch normalisation.
    pub layer: String,
    /// The mean of each channel.
    pub mean: Tensor<1>,
    /// The variance of each channel, divided by the number of elements less one, as PyTorch keeps it.
    pub variance: Tensor<1>,
}

impl Moments {
    /// The statistics under the names of the tensors that keep them.
    pub fn into_statistics(self) -> [(String, Tensor<1>); 2] {
        let Self { layer, mean, variance } = self;
        [(format!("{layer}.running_mean"), mean), (format!("{layer}.running_var"), variance)]
    }
}

impl Training {
    /// A pass with the random numbers of this seed.
    pub fn new(seed: u64) -> Self {
        Self { random: RefCell::new(StdRng::seed_from_u64(seed)), moments: RefCell::default() }
    }

    /// `x`, `[batch, channels, height, width]`, less the mean of each channel, divided by the root of its variance plus
    /// `epsilon`, times `scale` plus `shift`, each `[channels]`. Mean and variance are those of the batch. They are kept under
    /// the layer's name.
    pub(crate) fn normalise(
        &self,
        layer: &str,
        x: Tensor<4>,
        epsilon: f32,
        scale: Tensor<1>,
        shift: Tensor<1>,
    ) -> Tensor<4> {
        let shape = x.dims();
        let [batch, channels, height, width] = shape;
        let (pixels, elements) = (height * width, (batch * height * width) as f32);
        let mean_over_batch = |x: Tensor<3>| if pixels > 1 { x.mean_dim(2).mean_dim(0) } else { x.mean_dim(0) };
        let x = x.reshape([batch, channels, pixels]);
        let mean = mean_over_batch(x.clone());
        let centred = x - mean.clone();
        let variance = mean_over_batch(centred.clone() * centred.clone());
        let statistics = |values: &Tensor<3>| values.clone().detach().reshape([channels]);
        self.moments.borrow_mut().push(Moments {
            layer: layer.into(),
            mean: statistics(&mean),
            variance: statistics(&variance) * (elements / (elements - 1.0).max(1.0)),
        });
        let each_channel = |vector: Tensor<1>| vector.reshape([1, channels, 1]);
        let factor = each_channel(scale) / (variance + epsilon).sqrt();
        (centred * factor + each_channel(shift)).reshape(shape)
    }

    /// Factors of the shape of `x`: 0 with the probability `rate`, otherwise `1 / (1 − rate)`. They are drawn on the CPU, so
    /// that all devices get the same ones.
    pub(crate) fn mask(&self, x: &Tensor<4>, rate: f32) -> Tensor<4> {
        let shape = x.dims();
        let mut random = self.random.borrow_mut();
        let kept = 1.0 / (1.0 - rate);
        let factor = |_| if random.random::<f32>() < rate { 0.0 } else { kept };
        let factors: Vec<f32> = (0..shape.iter().product::<usize>()).map(factor).collect();
        Tensor::from_data(TensorData::new(factors, shape), &x.device())
    }

    /// The statistics that were taken, in the order of the layers.
    pub fn into_moments(self) -> Vec<Moments> {
        self.moments.into_inner()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use burn::tensor::Device;

    use super::*;

    fn elements(mask: Tensor<4>) -> Vec<f32> {
        mask.into_data().try_to_vec().unwrap()
    }

    #[test]
    fn a_mask_drops_the_right_share_and_keeps_the_mean() {
        let x = Tensor::zeros([4, 25, 10, 10], &Device::flex());
        for rate in [0.2f32, 0.5] {
            let mask = elements(Training::new(1).mask(&x, rate));
            let kept = 1.0 / (1.0 - rate);
            assert!(mask.iter().all(|&factor| factor == 0.0 || factor == kept));
            let dropped = mask.iter().filter(|&&factor| factor == 0.0).count() as f32 / mask.len() as f32;
            assert!((dropped - rate).abs() < 0.015, "{dropped} instead of {rate}");
            let mean = mask.iter().sum::<f32>() / mask.len() as f32;
            assert!((mean - 1.0).abs() < 0.03, "{mean}");
        }
    }

    #[test]
    fn masks_depend_on_the_seed_and_differ_from_layer_to_layer() {
        let x = Tensor::zeros([1, 100, 1, 1], &Device::flex());
        let two = |seed| {
            let training = Training::new(seed);
            [elements(training.mask(&x, 0.5)), elements(training.mask(&x, 0.5))]
        };
        assert_eq!(two(1), two(1));
        assert_ne!(two(1), two(2));
        assert_ne!(two(1)[0], two(1)[1]);
    }
}
