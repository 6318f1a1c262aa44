//! A graph with its parameters, and one step of gradient descent after the other.

use std::collections::HashMap;
use std::ops::Range;

use burn::tensor::{Device, Tensor};

use super::clipping::Clipping;
use super::digits::{Batch, Digits};
use super::loss;
use super::optimiser::{Memory, Optimiser};
use super::reading::Reading;
use super::report::{ActivationReport, Diverged, Divergence, LayerReport, StepReport, shown, statistics, weight};
use crate::engine::burn::mode::{Moments, Training};
use crate::engine::burn::parameters::{Parameters, upload};
use crate::engine::burn::run::{in_training, run};
use crate::error::Result;
use crate::graph::tensors::TensorSpec;
use crate::graph::{Activation, Graph, Node};
use crate::prediction::greatest;

/// The share of the stored statistics of batch normalisation that a batch replaces, as PyTorch's.
const STATISTICS_SHARE: f32 = 0.1;
/// Number of inputs that are classified at once.
const EVALUATION_BATCH: usize = 500;

/// How parameters change.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// From gradients to changes.
    pub optimiser: Optimiser,
    /// Learning rate.
    pub rate: f32,
    /// This share of each weight is added to its gradient. Biases and the factors of normalisations do not decay.
    pub decay: f32,
    /// Limits for gradients.
    pub clipping: Clipping,
    /// Seed of dropout.
    pub seed: u64,
}

/// A graph whose parameters are trained.
#[derive(Debug)]
pub struct Trainer {
    graph: Graph,
    device: Device,
    parameters: Vec<Parameters>,
    /// What the optimiser remembers, by the name of the tensor.
    memories: HashMap<String, Memory>,
    settings: Settings,
    steps: usize,
    /// Each layer with weights, and the value that shows what becomes of its output.
    observed: Vec<(usize, Node)>,
}

/// What became of a step.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The parameters were changed.
    Done(StepReport),
    /// A value is not finite. The parameters are those from before the step.
    Diverged(Divergence),
}

/// A trained tensor in a step.
struct Move {
    spec: TensorSpec,
    /// Its elements before the step.
    values: Tensor<1>,
    gradient: Tensor<1>,
}

/// Where a layer's numbers are among those that are read.
#[derive(Default)]
struct Places {
    gradient: Range<usize>,
    change: Range<usize>,
    weight: Range<usize>,
    output: Range<usize>,
}

impl Trainer {
    /// A graph on a device of burn, without autodiff, with the parameters that `values` gives.
    ///
    /// # Errors
    /// What `values` gives, or [`Error::BadGraph`](crate::error::Error::BadGraph) where layers do not fit.
    pub fn new(
        graph: Graph,
        values: impl FnMut(&TensorSpec) -> Result<Vec<f32>>,
        settings: Settings,
        device: Device,
    ) -> Result<Self> {
        let device = device.autodiff();
        let trained = |spec: &TensorSpec, values: Tensor<1>| if spec.trained { values.require_grad() } else { values };
        let parameters = upload(&graph, values, &device)?.into_iter().map(|layer| layer.map(trained)).collect();
        let observed = (0..graph.layers().len()).filter(|&layer| weight(&graph, layer).is_some());
        let observed = observed.map(|layer| (layer, shown(&graph, layer))).collect();
        Ok(Self { graph, device, parameters, memories: HashMap::new(), settings, steps: 0, observed })
    }

    /// The graph.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// The device with autodiff, on which inputs must be.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// The names of the layers with weights, in the order of the reports.
    pub fn layers(&self) -> impl Iterator<Item = &str> {
        self.observed.iter().map(|(layer, _)| self.graph.layers()[*layer].name.as_str())
    }

    /// Changes the learning rate.
    pub fn set_rate(&mut self, rate: f32) {
        self.settings.rate = rate;
    }

    /// Changes the parameters once, against the gradients of a batch. With `observe` the report also tells of the changes
    /// and of the layers' outputs, which takes longer.
    ///
    /// # Errors
    /// [`Error::DeviceLost`](crate::error::Error::DeviceLost) where the report cannot be read back.
    pub async fn step(&mut self, batch: Batch, observe: bool) -> Result<Outcome> {
        let Batch { input, classes } = batch;
        let training = Training::new(self.dropout_seed());
        let outputs = loss::outputs(&self.graph);
        let observed = if observe { self.observed.as_slice() } else { &[] };
        let nodes: Vec<Node> = outputs.iter().chain(observed.iter().map(|(_, node)| node)).copied().collect();
        let values = in_training(&self.graph, &self.parameters, input.clone(), &nodes, &training)?;
        let (answers, seen) = values.split_at(outputs.len());
        let loss = loss::loss(&self.graph, answers, &classes);
        let moves = self.moves(&loss);

        let mut reading = Reading::default();
        let loss_place = reading.add(loss.inner());
        let answer_place = reading.add(loss::logits(&answers[outputs.len() - 1]).inner().reshape([-1]));
        let mut places: Vec<Places> = self.observed.iter().map(|_| Places::default()).collect();
        for (place, moved) in places.iter_mut().zip(self.weights(&moves)) {
            place.gradient = reading.add(square_sum(&moves[moved].gradient));
        }
        let mut memories = self.memories.clone();
        let changes = self.changes(&moves, &mut memories);
        for (index, (_, node)) in observed.iter().enumerate() {
            let moved = self.weights(&moves).nth(index).unwrap_or_default();
            places[index].change = reading.add(square_sum(&changes[moved]));
            places[index].weight = reading.add(square_sum(&moves[moved].values));
            places[index].output = reading.add(statistics(seen[index].clone().inner(), self.activation(*node)));
        }
        let numbers = reading.read().await?;
        let is_finite = |place: &Range<usize>| numbers[place.clone()].iter().all(|number| number.is_finite());
        if !is_finite(&loss_place) || !places.iter().all(|place| is_finite(&place.gradient)) {
            return Ok(Outcome::Diverged(self.divergence(input, &moves).await?));
        }
        self.apply(moves, changes, training.into_moments());
        self.memories = memories;
        self.steps += 1;
        let right = right(&numbers[answer_place], &classes);
        Ok(Outcome::Done(StepReport {
            step: self.steps,
            loss: numbers[loss_place.start],
            accuracy: right as f32 / classes.len() as f32,
            layers: places.iter().map(|place| place.report(&numbers)).collect(),
        }))
    }

    /// The gradient of the loss of a batch with respect to each trained tensor, `[elements]`, under the tensor's name.
    ///
    /// # Errors
    /// [`Error::Internal`](crate::error::Error::Internal) for an input of another network.
    pub fn gradients(&self, batch: Batch) -> Result<Vec<(String, Tensor<1>)>> {
        let Batch { input, classes } = batch;
        let training = Training::new(self.dropout_seed());
        let outputs = loss::outputs(&self.graph);
        let answers = in_training(&self.graph, &self.parameters, input, &outputs, &training)?;
        let moves = self.moves(&loss::loss(&self.graph, &answers, &classes));
        Ok(moves.into_iter().map(|moved| (moved.spec.name, moved.gradient)).collect())
    }

    /// The share of digits, 0 to 1, that are classified right, and the mean of their cross-entropies.
    ///
    /// # Errors
    /// As [`Trainer::step`].
    pub async fn test(&self, digits: &Digits) -> Result<(f32, f32)> {
        let side = self.graph.input().height;
        let all: Vec<usize> = (0..digits.len()).collect();
        let (mut count, mut sum) = (0, 0.0);
        for indices in all.chunks(EVALUATION_BATCH) {
            let Batch { input, classes } = digits.batch(indices, side, &self.device.clone().inner());
            let logits = loss::logits(&self.infer(input)?);
            let mut reading = Reading::default();
            let loss_place = reading.add(loss::cross_entropy(logits.clone(), &classes));
            let answer_place = reading.add(logits.reshape([-1]));
            let numbers = reading.read().await?;
            count += right(&numbers[answer_place], &classes);
            sum += numbers[loss_place.start] * classes.len() as f32;
        }
        Ok((count as f32 / digits.len() as f32, sum / digits.len() as f32))
    }

    /// The logits of inputs `[batch, channels, height, width]` on the device without autodiff: `[batch, classes, 1, 1]`.
    ///
    /// # Errors
    /// [`Error::Internal`](crate::error::Error::Internal) where the graph has no output.
    pub fn infer(&self, input: Tensor<4>) -> Result<Tensor<4>> {
        let values = run(&self.graph, &self.plain(), input, &[self.graph.output()])?;
        values.into_iter().next().ok_or_else(|| crate::error::Error::Internal("the graph has no output".into()))
    }

    /// The parameters without autodiff.
    pub fn plain(&self) -> Vec<Parameters> {
        self.parameters.iter().cloned().map(|layer| layer.map(|_, values| values.inner())).collect()
    }

    /// All steps of all runs with one seed drop alike.
    fn dropout_seed(&self) -> u64 {
        self.settings.seed.wrapping_add(self.steps as u64)
    }

    /// The trained tensors that have a gradient, in the order of the layers.
    fn moves(&self, loss: &Tensor<1>) -> Vec<Move> {
        let mut gradients = loss.backward();
        let trained = self.parameters.iter().flat_map(Parameters::iter).filter(|(spec, _)| spec.trained);
        let moves = trained.filter_map(|(spec, values)| {
            let gradient = values.grad_remove(&mut gradients)?;
            Some(Move { spec: spec.clone(), values: values.clone().inner(), gradient })
        });
        moves.collect()
    }

    /// For each layer with weights, which of `moves` its weight is.
    fn weights<'a>(&'a self, moves: &'a [Move]) -> impl Iterator<Item = usize> + 'a {
        let names = self.observed.iter().filter_map(|(layer, _)| weight(&self.graph, *layer));
        names.filter_map(|name| moves.iter().position(|moved| moved.spec.name == name))
    }

    /// What is subtracted from each of the tensors.
    fn changes(&self, moves: &[Move], memories: &mut HashMap<String, Memory>) -> Vec<Tensor<1>> {
        let Settings { optimiser, rate, decay, clipping, .. } = self.settings;
        let mut gradients: Vec<Tensor<1>> = moves.iter().map(|moved| moved.gradient.clone()).collect();
        clipping.apply(&mut gradients);
        let changes = moves.iter().zip(gradients).map(|(Move { spec, values, .. }, gradient)| {
            let is_decaying = decay > 0.0 && spec.shape.len() > 1;
            let gradient = if is_decaying { gradient + values.clone() * decay } else { gradient };
            optimiser.change(gradient, memories.entry(spec.name.clone()).or_default(), rate)
        });
        changes.collect()
    }

    fn apply(&mut self, moves: Vec<Move>, changes: Vec<Tensor<1>>, moments: Vec<Moments>) {
        let moved = moves
            .into_iter()
            .zip(changes)
            .map(|(Move { spec, values, .. }, change)| (spec.name, Tensor::from_inner(values - change).require_grad()));
        let mut moved: HashMap<String, Tensor<1>> = moved.collect();
        let moments: HashMap<String, Tensor<1>> = moments.into_iter().flat_map(Moments::into_statistics).collect();
        let change = |spec: &TensorSpec, values: Tensor<1>| match (moved.remove(&spec.name), moments.get(&spec.name)) {
            (Some(moved), _) => moved,
            (None, Some(new)) => values * (1.0 - STATISTICS_SHARE) + new.clone() * STATISTICS_SHARE,
            (None, None) => values,
        };
        let mut change = change;
        self.parameters =
            std::mem::take(&mut self.parameters).into_iter().map(|layer| layer.map(&mut change)).collect();
    }

    /// The activation function of a value.
    fn activation(&self, node: Node) -> Activation {
        node.layer().map_or(Activation::Identity, |layer| self.graph.layers()[layer].activation)
    }

    /// Where it began that the next step is not finite: first among the parameters, then on the way to the outputs, then on
    /// the way back.
    async fn divergence(&self, input: Tensor<4>, moves: &[Move]) -> Result<Divergence> {
        let diverged = |layer: usize, what| Divergence {
            step: self.steps + 1,
            layer: self.graph.layers()[layer].name.clone(),
            what,
        };
        let layers = 0..self.graph.layers().len();
        for (layer, parameters) in self.plain().into_iter().enumerate() {
            for (_, values) in parameters.into_tensors() {
                if !is_finite(values).await? {
                    return Ok(diverged(layer, Diverged::Parameters));
                }
            }
        }
        let training = Training::new(self.dropout_seed());
        let nodes: Vec<Node> = layers.clone().map(|layer| Node(layer + 1)).collect();
        let values = in_training(&self.graph, &self.parameters, input, &nodes, &training)?;
        for (layer, value) in values.into_iter().enumerate() {
            if !is_finite(value.inner().reshape([-1])).await? {
                return Ok(diverged(layer, Diverged::Output));
            }
        }
        for moved in moves.iter().rev() {
            if !is_finite(moved.gradient.clone()).await? {
                let layer = layers
                    .clone()
                    .find(|&layer| moved.spec.name.starts_with(&format!("{}.", self.graph.layers()[layer].name)));
                return Ok(diverged(layer.unwrap_or_default(), Diverged::Gradient));
            }
        }
        // Each number is finite, and their squares or the loss are not.
        Ok(diverged(layers.end - 1, Diverged::Output))
    }
}

impl Places {
    fn report(&self, numbers: &[f32]) -> LayerReport {
        let norm = |place: &Range<usize>| numbers.get(place.start).map_or(0.0, |square| square.sqrt());
        let activation = match &numbers[self.output.clone()] {
            &[mean, square, stuck] => {
                Some(ActivationReport { mean, deviation: (square - mean * mean).max(0.0).sqrt(), stuck })
            }
            _ => None,
        };
        let update = activation.map(|_| norm(&self.change) / norm(&self.weight).max(f32::MIN_POSITIVE));
        LayerReport { gradient: norm(&self.gradient), update, activation }
    }
}

fn square_sum(values: &Tensor<1>) -> Tensor<1> {
    (values.clone() * values.clone()).sum()
}

/// How many of the rows of logits are greatest at their class.
fn right(logits: &[f32], classes: &[u8]) -> usize {
    let rows = logits.chunks_exact(logits.len() / classes.len().max(1));
    rows.zip(classes).filter(|(row, class)| greatest(row, 1) == [usize::from(**class)]).count()
}

async fn is_finite(values: Tensor<1>) -> Result<bool> {
    let mut reading = Reading::default();
    reading.add(values.abs().max());
    Ok(reading.read().await?.iter().all(|value| value.is_finite()))
}
