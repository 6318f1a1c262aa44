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

/// Of the velocity that stays at each step.
const MOMENTUM: f32 = 0.9;
/// Inputs a step.
const BATCH: usize = 64;
/// Inputs at once where no gradient is needed.
const EVALUATION_BATCH: usize = 500;

/// How to train.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Same seed, same weights.
    pub seed: u64,
    /// How often every digit is seen.
    pub epochs: usize,
    /// Step size at the start; it falls to 0 along a cosine.
    pub learning_rate: f32,
    /// Pull towards 0 at each step, of the weight.
    pub weight_decay: f32,
}

/// Trains on augmented digits and returns the weights in single precision.
///
/// `report` is told the epoch, from 1, and its mean loss.
///
/// # Errors
/// As [`Graph::shapes`], or if a tensor cannot be read back.
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
                // Biases are not pulled towards 0.
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

/// The class that weights give each digit.
///
/// # Errors
/// As [`crate::engine::Network::new`].
pub fn classes(graph: &Graph, weights: &Weights, digits: &Digits) -> Result<Vec<u8>> {
    let device = Device::flex();
    let parameters = upload(graph, |tensor| weights.numbers(tensor), &device)?;
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

/// Share of equal classes, 0 to 1.
pub fn share_equal(a: &[u8], b: &[u8]) -> f64 {
    a.iter().zip(b).filter(|(a, b)| a == b).count() as f64 / a.len().max(1) as f64
}

/// Uniform within ±√(3 / inputs), so that a layer's output varies as much as its input; biases are 0. (LeCun et al.
/// 1998, "Efficient BackProp", section 4.6)
fn initial(tensor: &TensorSpec, random: &mut StdRng) -> Vec<f32> {
    let length = tensor.shape.iter().product();
    let inputs: usize = tensor.shape.iter().skip(1).product();
    let bound = (3.0 / inputs as f32).sqrt();
    match tensor.shape.len() {
        1 => vec![0.0; length],
        _ => (0..length).map(|_| random.random_range(-bound..bound)).collect(),
    }
}

/// The logits of a batch of inputs: `[batch, channels, height, width]` → `[batch, outputs]`.
fn logits(graph: &Graph, parameters: &[Parameters], input: Tensor<4>) -> Result<Tensor<2>> {
    let batch = input.dims()[0];
    let output = run::run(graph, parameters, input, &[graph.output()])?.pop();
    Ok(output.context("the graph has no output")?.reshape([batch as i32, -1]))
}

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

/// Reads trained parameters back under their names.
fn download(graph: &Graph, parameters: Vec<Parameters>) -> Result<Weights> {
    let mut tensors = HashMap::new();
    for (spec, values) in parameters.into_iter().flat_map(Parameters::into_tensors) {
        tensors.insert(spec.name, weights::Tensor::F32(values.into_data().try_to_vec()?));
    }
    Ok(Weights::new(graph, tensors)?)
}
