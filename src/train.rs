//! Trains a graph by stochastic gradient descent on burn's autodiff device.

use std::collections::HashMap;

use anyhow::{Context, Result, bail};
use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, Gradients, Tensor, TensorData};
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};

use crate::engine::burn::parameters::{Parameters, upload};
use crate::engine::burn::run;
use crate::graph::Graph;
use crate::graph::tensors::{TensorSpec, tensor_specs};
use crate::weights::{self, Weights};

pub mod augment;
pub mod mnist;

use mnist::Digits;

/// The share of the velocity that is kept from one step to the next.
const MOMENTUM: f32 = 0.9;
/// Number of inputs in each step of gradient descent.
const BATCH: usize = 64;
/// Number of inputs that are classified at once.
const EVALUATION_BATCH: usize = 500;

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
/// As [`Graph::shapes`]; if a tensor cannot be trained, as the running statistics of batch normalisation; or if a tensor
/// cannot be read back.
pub fn fit(graph: &Graph, digits: &Digits, options: Options, mut report: impl FnMut(usize, f32)) -> Result<Weights> {
    let device = Device::flex().autodiff();
    if let Some(fixed) = tensor_specs(graph)?.into_iter().find(|spec| !spec.trained) {
        bail!("{} cannot be trained: fold the batch normalisation into the convolution before it first", fixed.name);
    }
    let mut random = StdRng::seed_from_u64(options.seed);
    let mut parameters = upload(graph, |tensor| Ok(initial(tensor, &mut random)), &device)?;
    parameters = parameters.into_iter().map(|layer| layer.map(|_, values| values.require_grad())).collect();
    let mut velocities = HashMap::new();

    let mut order: Vec<usize> = (0..digits.len()).collect();
    let steps = options.epochs * digits.len().div_ceil(BATCH);
    let mut step = 0;
    for epoch in 1..=options.epochs {
        order.shuffle(&mut random);
        let mut loss_sum = 0.0;
        for batch in order.chunks(BATCH) {
            let pictures = batch.iter().map(|&index| augment::augment(digits.picture(index), &mut random));
            let input = mnist::inputs(pictures, &device);
            let classes: Vec<u8> = batch.iter().map(|&index| digits.labels()[index]).collect();
            let loss = cross_entropy(logits(graph, &parameters, input)?, &classes, &device);
            let mut gradients = loss.backward();
            loss_sum += loss.into_scalar::<f32>() * batch.len() as f32;

            let progress = step as f32 / steps as f32;
            let rate = options.learning_rate * (1.0 + (std::f32::consts::PI * progress).cos()) / 2.0;
            let mut update = |spec: &TensorSpec, values| {
                // Biases and the factors of normalisations are not pulled towards 0.
                let decay = if spec.shape.len() == 1 { 0.0 } else { options.weight_decay };
                descend(values, velocities.entry(spec.name.clone()).or_default(), &mut gradients, rate, decay)
            };
            parameters = parameters.into_iter().map(|layer| layer.map(&mut update)).collect();
            step += 1;
        }
        report(epoch, loss_sum / digits.len() as f32);
    }
    download(graph, parameters)
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
        let pictures = batch.iter().map(|&index| digits.picture(index).to_vec());
        let logits = logits(graph, &parameters, mnist::inputs(pictures, &device))?.into_data().try_to_vec::<f32>()?;
        for row in logits.chunks_exact(logits.len() / batch.len()) {
            let greatest = (0..row.len()).max_by(|&a, &b| row[a].total_cmp(&row[b]));
            classes.push(greatest.unwrap_or_default() as u8);
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

/// The logits of a batch of inputs: `[batch, channels, height, width]` → `[batch, outputs]`.
fn logits(graph: &Graph, parameters: &[Parameters], input: Tensor<4>) -> Result<Tensor<2>> {
    let batch = input.dims()[0];
    let output = run::run(graph, parameters, input, &[graph.output()])?.pop();
    Ok(output.context("the graph has no output")?.reshape([batch as i32, -1]))
}

/// The mean over the batch of the cross-entropy between the softmax of `logits`, `[batch, outputs]`, and the classes.
fn cross_entropy(logits: Tensor<2>, classes: &[u8], device: &Device) -> Tensor<1> {
    let [batch, outputs] = logits.dims();
    let mut one_hot = vec![0.0f32; batch * outputs];
    for (row, &class) in one_hot.chunks_exact_mut(outputs).zip(classes) {
        row[usize::from(class)] = 1.0;
    }
    let one_hot = Tensor::<2>::from_data(TensorData::new(one_hot, [batch, outputs]), device);
    (log_softmax(logits, 1) * one_hot).sum() / -(batch as f32)
}

/// One step of gradient descent with momentum, for all elements of a tensor. (Sutskever et al. 2013, "On the importance of
/// initialization and momentum", equation 1)
fn descend(
    tensor: Tensor<1>,
    velocity: &mut Option<Tensor<1>>,
    gradients: &mut Gradients,
    rate: f32,
    decay: f32,
) -> Tensor<1> {
    let Some(gradient) = tensor.grad_remove(gradients) else { return tensor };
    let tensor = tensor.inner();
    let gradient = gradient + tensor.clone() * decay;
    let moved = match velocity.take() {
        Some(velocity) => velocity * MOMENTUM + gradient,
        None => gradient,
    };
    *velocity = Some(moved.clone());
    Tensor::from_inner(tensor - moved * rate).require_grad()
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
    use std::fs;

    use super::*;
    use crate::graph::Shape;

    /// MNIST's files with `count` digits: bright on the left for class 0, on the right for class 1.
    fn halves(count: usize) -> Digits {
        let folder = std::env::temp_dir().join(format!("convscope-train-{}-{count}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let labels: Vec<u8> = (0..count).map(|index| (index % 2) as u8).collect();
        let bright = |label: u8, x: usize| (x < mnist::SIDE / 2) == (label == 0);
        let pixels = labels.iter().flat_map(|&label| {
            (0..mnist::SIDE * mnist::SIDE).map(move |i| if bright(label, i % mnist::SIDE) { 200 } else { 0 })
        });
        let header = |dimensions: u8| [vec![0, 0, 8, dimensions], vec![0; 4 * usize::from(dimensions)]].concat();
        let pixels: Vec<u8> = header(3).into_iter().chain(pixels).collect();
        fs::write(folder.join("train-images-idx3-ubyte"), pixels).unwrap();
        fs::write(folder.join("train-labels-idx1-ubyte"), [header(1), labels].concat()).unwrap();
        let digits = Digits::training(&folder).unwrap();
        fs::remove_dir_all(folder).unwrap();
        digits
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
    fn statistics_are_not_trained_in_silence() {
        let mut g = Graph::new(Shape::new(1, 32, 32));
        g.conv("conv", 4, 5);
        g.batch_norm("norm", 1e-5);
        g.linear("linear", 10);
        let error = fit(&g, &halves(64), OPTIONS, |_, _| ()).unwrap_err().to_string();
        assert!(error.contains("norm.running_mean cannot be trained"), "{error}");
    }
}
