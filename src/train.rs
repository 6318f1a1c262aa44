//! Trains a graph by stochastic gradient descent on burn's autodiff device.

use std::collections::HashMap;

use anyhow::{Context, Result};
use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, Gradients, Tensor, TensorData};
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};

use crate::engine::burn::parameters::{Parameters, upload};
use crate::engine::burn::run;
use crate::graph::Graph;
use crate::graph::tensors::TensorSpec;
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
    let mut random = StdRng::seed_from_u64(options.seed);
    let mut parameters = upload(graph, |tensor| Ok(initial(tensor, &mut random)), &device)?;
    parameters = parameters.into_iter().map(trainable).collect();
    let mut velocities = vec![(None, None); parameters.len()];

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
            let updates = parameters.into_iter().zip(&mut velocities);
            parameters = updates.map(|(p, v)| update(p, v, &mut gradients, rate, options.weight_decay)).collect();
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

fn trainable(parameters: Parameters) -> Parameters {
    match parameters {
        Parameters::Conv { weight, bias } => {
            Parameters::Conv { weight: weight.require_grad(), bias: bias.map(Tensor::require_grad) }
        }
        Parameters::Linear { weight, bias } => {
            Parameters::Linear { weight: weight.require_grad(), bias: bias.require_grad() }
        }
        other => other,
    }
}

/// `[batch, outputs]`
fn logits(graph: &Graph, parameters: &[Parameters], input: Tensor<4>) -> Result<Tensor<2>> {
    let batch = input.dims()[0];
    let output = run::run(graph, parameters, input, &[graph.output()]).pop();
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

/// A layer's velocities, flattened: weight and bias.
type Velocity = (Option<Vec1>, Option<Vec1>);
type Vec1 = Tensor<1>;

fn update(
    parameters: Parameters,
    (weight_velocity, bias_velocity): &mut Velocity,
    gradients: &mut Gradients,
    rate: f32,
    decay: f32,
) -> Parameters {
    match parameters {
        Parameters::Conv { weight, bias } => Parameters::Conv {
            weight: descend(weight, weight_velocity, gradients, rate, decay),
            bias: bias.map(|bias| descend(bias, bias_velocity, gradients, rate, 0.0)),
        },
        Parameters::Linear { weight, bias } => Parameters::Linear {
            weight: descend(weight, weight_velocity, gradients, rate, decay),
            bias: descend(bias, bias_velocity, gradients, rate, 0.0),
        },
        other => other,
    }
}

/// One step with momentum. (Sutskever et al. 2013, "On the importance of initialization and momentum", equation 1)
fn descend<const D: usize>(
    tensor: Tensor<D>,
    velocity: &mut Option<Vec1>,
    gradients: &mut Gradients,
    rate: f32,
    decay: f32,
) -> Tensor<D> {
    let Some(gradient) = tensor.grad_remove(gradients) else { return tensor };
    let shape = tensor.dims();
    let tensor = tensor.inner();
    let gradient = (gradient + tensor.clone() * decay).reshape([-1]);
    let moved = match velocity.take() {
        Some(velocity) => velocity * MOMENTUM + gradient,
        None => gradient,
    };
    *velocity = Some(moved.clone());
    Tensor::from_inner(tensor - moved.reshape(shape) * rate).require_grad()
}

/// Reads trained parameters back under their names.
fn download(graph: &Graph, parameters: Vec<Parameters>) -> Result<Weights> {
    let mut tensors = HashMap::new();
    for (layer, parameters) in graph.layers().iter().zip(parameters) {
        let (weight, bias) = match parameters {
            Parameters::Conv { weight, bias } => {
                (weight.into_data(), bias.context("a convolution that is trained has a bias")?.into_data())
            }
            Parameters::Linear { weight, bias } => (weight.transpose().into_data(), bias.into_data()),
            _ => continue,
        };
        tensors.insert(format!("{}.weight", layer.name), weights::Tensor::F32(weight.try_to_vec()?));
        tensors.insert(format!("{}.bias", layer.name), weights::Tensor::F32(bias.try_to_vec()?));
    }
    Ok(Weights::new(graph, tensors)?)
}
