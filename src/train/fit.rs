//! The training of LeNet-5: from files of digits to weights.

use std::collections::HashMap;

use anyhow::Result;
use burn::tensor::Device;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};

use super::digits::{Batch, Digits, inputs};
use super::trainer::EVALUATION_BATCH;
use super::{Clipping, Optimiser, Outcome, Settings, Trainer, augment};
use crate::engine::burn::parameters::{Parameters, upload};
use crate::engine::burn::run;
use crate::graph::Graph;
use crate::graph::tensors::TensorSpec;
use crate::prediction::greatest;
use crate::weights::{self, Weights};

/// Number of inputs in each step of gradient descent.
const BATCH: usize = 64;

/// How to train.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Seed of all random numbers. On one machine the same seed gives the same weights.
    pub seed: u64,
    /// How often training goes through all digits.
    pub epochs: usize,
    /// Learning rate at the start; it falls to 0 along half a cosine. (Loshchilov & Hutter 2016, arXiv:1608.03983)
    pub learning_rate: f32,
    /// This share of each weight is added to its gradient. Biases do not decay.
    pub weight_decay: f32,
}

/// Trains a graph on augmented digits and returns its weights in single precision.
///
/// `graph` takes inputs of `[1, 32, 32]` and gives ten logits. After each epoch `report` is called with the epoch's number,
/// which starts at 1, and its mean loss.
///
/// # Errors
/// As [`Graph::shapes`]; if a tensor cannot be read back; or if a value is no longer finite.
pub fn fit(graph: &Graph, digits: &Digits, options: Options, mut report: impl FnMut(usize, f32)) -> Result<Weights> {
    let mut random = StdRng::seed_from_u64(options.seed);
    let settings = Settings {
        optimiser: Optimiser::Momentum,
        rate: options.learning_rate,
        decay: options.weight_decay,
        clipping: Clipping::None,
        seed: options.seed,
    };
    let mut trainer = Trainer::new(graph.clone(), |tensor| Ok(initial(tensor, &mut random)), settings, Device::flex())?;
    let device = trainer.device().clone();
    let mut order: Vec<usize> = (0..digits.len()).collect();
    let steps = options.epochs * digits.len().div_ceil(BATCH);
    let mut step = 0;
    for epoch in 1..=options.epochs {
        order.shuffle(&mut random);
        let mut loss_sum = 0.0;
        for indices in order.chunks(BATCH) {
            let varied: Vec<Vec<u8>> =
                indices.iter().map(|&index| augment::augment(digits.picture(index), &mut random)).collect();
            let classes = indices.iter().map(|&index| digits.labels()[index]).collect();
            let input = inputs(varied.iter().map(Vec::as_slice), graph.input().height, &device);
            let progress = step as f32 / steps as f32;
            trainer.set_rate(options.learning_rate * (1.0 + (std::f32::consts::PI * progress).cos()) / 2.0);
            match pollster::block_on(trainer.step(Batch { input, classes }, false))? {
                Outcome::Done(report) => loss_sum += report.loss * indices.len() as f32,
                Outcome::Diverged(divergence) => return Err(anyhow::anyhow!("{divergence}")),
            }
            step += 1;
        }
        report(epoch, loss_sum / digits.len() as f32);
    }
    download(graph, trainer.plain())
}

/// The class, 0 to 9, with the greatest logit for each digit.
///
/// # Errors
/// As [`crate::engine::Network::new`].
pub fn classes(graph: &Graph, weights: &Weights, digits: &Digits) -> Result<Vec<u8>> {
    let device = Device::flex();
    let parameters = upload(graph, |tensor| weights.elements(tensor), &device)?;
    let indices: Vec<usize> = (0..digits.len()).collect();
    let mut classes = Vec::with_capacity(digits.len());
    for batch in indices.chunks(EVALUATION_BATCH) {
        let Batch { input, .. } = digits.batch(batch, graph.input().height, &device);
        for value in run::run(graph, &parameters, input, &[graph.output()])? {
            let logits = value.into_data().try_to_vec::<f32>()?;
            let rows = logits.chunks_exact(logits.len() / batch.len());
            classes.extend(rows.flat_map(|row| greatest(row, 1)).map(|class| class as u8));
        }
    }
    Ok(classes)
}

/// The share of positions, 0 to 1, at which both lists have the same class.
pub fn share_equal(a: &[u8], b: &[u8]) -> f64 {
    a.iter().zip(b).filter(|(a, b)| a == b).count() as f64 / a.len().max(1) as f64
}

/// The initial elements of a tensor: for weights uniform within ±√(3 / inputs), so that a layer's output varies as much as
/// its input; for biases 0, and for the factors of a normalisation 1. (LeCun et al. 1998, "Efficient BackProp", section 4.6)
fn initial(tensor: &TensorSpec, random: &mut StdRng) -> Vec<f32> {
    let length = tensor.shape.iter().product();
    let inputs: usize = tensor.shape.iter().skip(1).product();
    let bound = (3.0 / inputs as f32).sqrt();
    match tensor.shape.len() {
        1 => vec![if tensor.is_gain() { 1.0 } else { 0.0 }; length],
        _ => (0..length).map(|_| random.random_range(-bound..bound)).collect(),
    }
}

/// Reads the trained tensors back to the CPU.
fn download(graph: &Graph, parameters: Vec<Parameters>) -> Result<Weights> {
    let mut tensors = HashMap::new();
    for (spec, values) in parameters.into_iter().flat_map(Parameters::into_tensors) {
        tensors.insert(spec.name, weights::Tensor::F32(values.into_data().try_to_vec()?));
    }
    Ok(Weights::new(graph, tensors)?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::graph::Shape;
    use crate::graph::tensors::tensor_specs;
    use crate::train::digits::SIDE;

    /// `count` digits: bright on the left for class 0, on the right for class 1.
    fn halves(count: usize) -> Digits {
        let labels: Vec<u8> = (0..count).map(|index| (index % 2) as u8).collect();
        let bright = |label: u8, x: usize| (x < SIDE / 2) == (label == 0);
        let pixels = labels
            .iter()
            .flat_map(|&label| (0..SIDE * SIDE).map(move |i| if bright(label, i % SIDE) { 200 } else { 0 }));
        Digits::new(pixels.collect(), labels).unwrap()
    }

    const OPTIONS: Options = Options { seed: 7, epochs: 10, learning_rate: 0.05, weight_decay: 1e-4 };

    #[test]
    fn every_tensor_is_trained() {
        let mut g = Graph::new(Shape::new(1, 32, 32));
        g.conv("conv", 4, 5).stride(4).relu();
        g.linear("linear", 10);
        let digits = halves(192);
        let mut losses = Vec::new();
        let weights = fit(&g, &digits, OPTIONS, |_, loss| losses.push(loss)).unwrap();
        assert_eq!(losses.len(), 10);
        assert!(losses[9] < losses[0] / 4.0, "{losses:?}");
        assert_eq!(share_equal(&classes(&g, &weights, &digits).unwrap(), digits.labels()), 1.0);
        for spec in tensor_specs(&g).unwrap() {
            let values = weights.elements(&spec).unwrap();
            assert_eq!(values.len(), spec.shape.iter().product::<usize>());
            // Biases begin at 0.
            assert!(values.iter().any(|&value| value != 0.0), "{} was not trained", spec.name);
        }
    }

    #[test]
    fn training_that_diverges_says_where() {
        let mut g = Graph::new(Shape::new(1, 32, 32));
        g.conv("conv", 4, 5).stride(4);
        g.linear("linear", 10);
        let error = fit(&g, &halves(192), Options { learning_rate: 1e9, ..OPTIONS }, |_, _| ()).unwrap_err();
        assert!(error.to_string().starts_with("At step "), "{error}");
    }
}
