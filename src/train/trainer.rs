//! A graph with its parameters, and one step of gradient descent after the other.

use std::collections::HashMap;
use std::ops::Range;

use burn::tensor::{Device, Tensor};
use rand::Rng;

use super::clipping::Clipping;
use super::digits::{Batch, Digits};
use super::initialisation::stream;
use super::loss;
use super::norm::{is_finite, norms, shrunk_sum, square_sum};
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
pub(super) const EVALUATION_BATCH: usize = 500;

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
    /// What the optimiser remembers of each trained tensor, in the order of the layers.
    memories: Vec<Memory>,
    settings: Settings,
    steps: usize,
    /// The layers with weights, in the order of the reports.
    observed: Vec<Observed>,
}

/// A layer with weights.
#[derive(Clone, Copy, Debug)]
struct Observed {
    layer: usize,
    /// Which of the trained tensors its weight is.
    weight: usize,
    /// The value that shows what becomes of its output.
    shown: Node,
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
    /// Its elements before the step.
    values: Tensor<1>,
    gradient: Tensor<1>,
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
        let parameters: Vec<Parameters> =
            upload(&graph, values, &device)?.into_iter().map(|layer| layer.map(trained)).collect();
        let names: Vec<&str> = trained_tensors(&parameters).map(|(_, spec, _)| spec.name.as_str()).collect();
        let observed = (0..graph.layers().len()).filter_map(|layer| {
            let name = weight(&graph, layer)?;
            let weight = names.iter().position(|other| *other == name)?;
            Some(Observed { layer, weight, shown: shown(&graph, layer) })
        });
        let (observed, memories) = (observed.collect(), vec![Memory::default(); names.len()]);
        Ok(Self { graph, device, parameters, memories, settings, steps: 0, observed })
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
        self.observed.iter().map(|observed| self.graph.layers()[observed.layer].name.as_str())
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
        let nodes: Vec<Node> = outputs.iter().copied().chain(observed.iter().map(|layer| layer.shown)).collect();
        let values = in_training(&self.graph, &self.parameters, input.clone(), &nodes, &training)?;
        let (answers, seen) = values.split_at(outputs.len());
        let loss = loss::loss(&self.graph, answers, &classes);
        let moves = self.moves(&loss);

        let mut reading = Reading::default();
        let loss_place = reading.add(loss.inner());
        let answer_place = reading.add(loss::logits(&answers[outputs.len() - 1]).inner().reshape([-1]));
        let mut memories = self.memories.clone();
        let changes = self.changes(&moves, &mut memories);
        let gradients = self.observed.iter().map(|layer| &moves[layer.weight].gradient);
        let of_observed = observed.iter().flat_map(|layer| [&changes[layer.weight], &moves[layer.weight].values]);
        let measured: Vec<Tensor<1>> = gradients.chain(of_observed).cloned().collect();
        let squares: Vec<Range<usize>> = measured.iter().map(|tensor| reading.add(square_sum(tensor))).collect();
        let outputs: Vec<Range<usize>> = (observed.iter().zip(seen))
            .map(|(layer, seen)| reading.add(statistics(seen.clone().inner(), self.activation(layer.shown))))
            .collect();
        let observed_weights: Vec<usize> = self.observed.iter().map(|layer| layer.weight).collect();
        let others = (0..moves.len()).filter(|index| !observed_weights.contains(index));
        let others: Vec<Range<usize>> = others.map(|index| reading.add(shrunk_sum(&moves[index].gradient))).collect();
        let numbers = reading.read().await?;
        let squares: Vec<f32> = squares.into_iter().map(|place| numbers[place.start]).collect();
        let norms = norms(&squares, &measured).await?;
        let (gradients, of_observed) = norms.split_at(self.observed.len());
        let all_finite = [numbers[loss_place.start]].iter().chain(gradients).all(|number| number.is_finite())
            && others.into_iter().all(|place| numbers[place.start].is_finite());
        if !all_finite {
            return Ok(Outcome::Diverged(self.divergence(input, &moves).await?));
        }
        let mut layers: Vec<LayerReport> =
            gradients.iter().map(|&gradient| LayerReport { gradient, ..LayerReport::default() }).collect();
        for ((layer, norms), output) in layers.iter_mut().zip(of_observed.chunks_exact(2)).zip(outputs) {
            layer.update = Some(norms[0] / norms[1].max(f32::MIN_POSITIVE));
            layer.activation = ActivationReport::from_statistics(&numbers[output]);
        }
        self.apply(moves, changes, training.into_moments());
        self.memories = memories;
        self.steps += 1;
        let right = right(&numbers[answer_place], &classes);
        Ok(Outcome::Done(StepReport {
            step: self.steps,
            loss: numbers[loss_place.start],
            accuracy: right as f32 / classes.len() as f32,
            layers,
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
        let names = trained_tensors(&self.parameters).map(|(_, spec, _)| spec.name.clone());
        Ok(names.zip(moves).map(|(name, moved)| (name, moved.gradient)).collect())
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

    /// Another one for each step. A step that is computed again, to find where a value is not finite, drops the same units.
    fn dropout_seed(&self) -> u64 {
        stream(self.settings.seed, &format!("dropout of step {}", self.steps)).random()
    }

    /// The trained tensors with their gradients, in the order of the layers.
    fn moves(&self, loss: &Tensor<1>) -> Vec<Move> {
        let mut gradients = loss.backward();
        let moves = trained_tensors(&self.parameters).map(|(_, _, tensor)| {
            let values = tensor.clone().inner();
            // The loss does not depend on a layer that leads to no output.
            let gradient = tensor.grad_remove(&mut gradients).unwrap_or_else(|| values.zeros_like());
            Move { values, gradient }
        });
        moves.collect()
    }

    /// What is subtracted from each of the tensors.
    fn changes(&self, moves: &[Move], memories: &mut [Memory]) -> Vec<Tensor<1>> {
        let Settings { optimiser, rate, decay, clipping, .. } = self.settings;
        let mut gradients: Vec<Tensor<1>> = moves.iter().map(|moved| moved.gradient.clone()).collect();
        clipping.apply(&mut gradients);
        let tensors = trained_tensors(&self.parameters).zip(moves).zip(memories);
        let changes = gradients.into_iter().zip(tensors).map(|(gradient, (((_, spec, _), moved), memory))| {
            let is_decaying = decay > 0.0 && spec.shape.len() > 1;
            let gradient = if is_decaying { gradient + moved.values.clone() * decay } else { gradient };
            optimiser.change(gradient, memory, rate)
        });
        changes.collect()
    }

    fn apply(&mut self, moves: Vec<Move>, changes: Vec<Tensor<1>>, moments: Vec<Moments>) {
        let moved = moves.into_iter().zip(changes).map(|(moved, change)| moved.values - change);
        let mut moved = moved.map(|values| Tensor::from_inner(values).require_grad());
        let moments: HashMap<String, Tensor<1>> = moments.into_iter().flat_map(Moments::into_statistics).collect();
        let mut change = |spec: &TensorSpec, values: Tensor<1>| match moments.get(&spec.name) {
            _ if spec.trained => moved.next().unwrap_or(values),
            Some(new) => values * (1.0 - STATISTICS_SHARE) + new.clone() * STATISTICS_SHARE,
            None => values,
        };
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
        let layers = self.graph.layers().len();
        for (layer, parameters) in self.plain().into_iter().enumerate() {
            for (_, values) in parameters.into_tensors() {
                if !is_finite(values).await? {
                    return Ok(diverged(layer, Diverged::Parameters));
                }
            }
        }
        let training = Training::new(self.dropout_seed());
        let nodes: Vec<Node> = (1..=layers).map(Node).collect();
        let values = in_training(&self.graph, &self.parameters, input, &nodes, &training)?;
        for (layer, value) in values.into_iter().enumerate() {
            if !is_finite(value.inner().reshape([-1])).await? {
                return Ok(diverged(layer, Diverged::Output));
            }
        }
        let gradients: Vec<_> = trained_tensors(&self.parameters).zip(moves).collect();
        for ((layer, ..), moved) in gradients.into_iter().rev() {
            if !is_finite(moved.gradient.clone()).await? {
                return Ok(diverged(layer, Diverged::Gradient));
            }
        }
        // Each of them is finite, and the loss is not.
        Ok(diverged(layers - 1, Diverged::Output))
    }
}

/// The trained tensors with the layers that they belong to, in the order of the layers.
fn trained_tensors(parameters: &[Parameters]) -> impl Iterator<Item = (usize, &TensorSpec, &Tensor<1>)> {
    let tensors = parameters.iter().enumerate().flat_map(|(layer, tensors)| tensors.iter().map(move |it| (layer, it)));
    tensors.filter(|(_, (spec, _))| spec.trained).map(|(layer, (spec, values))| (layer, spec, values))
}

/// How many of the rows of logits are greatest at their class. A row with a value that is not finite has no greatest one.
fn right(logits: &[f32], classes: &[u8]) -> usize {
    let rows = logits.chunks_exact(logits.len() / classes.len().max(1));
    let is_right =
        |row: &[f32], class: u8| row.iter().all(|logit| logit.is_finite()) && greatest(row, 1) == [usize::from(class)];
    rows.zip(classes).filter(|(row, class)| is_right(row, **class)).count()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use burn::tensor::TensorData;

    use super::*;
    use crate::graph::Shape;

    const SETTINGS: Settings =
        Settings { optimiser: Optimiser::Sgd, rate: 0.5, decay: 0.0, clipping: Clipping::None, seed: 1 };

    /// A trainer whose tensors begin with these elements, and with zeros where none are given.
    fn trainer(graph: Graph, settings: Settings, given: &[(&str, &[f32])]) -> Trainer {
        let values = |spec: &TensorSpec| {
            let found = given.iter().find(|(name, _)| *name == spec.name);
            Ok(found.map_or_else(|| vec![0.0; spec.shape.iter().product()], |(_, values)| values.to_vec()))
        };
        Trainer::new(graph, values, settings, Device::flex()).unwrap()
    }

    /// One number for each input, all of class 0.
    fn batch(trainer: &Trainer, inputs: &[f32]) -> Batch {
        let data = TensorData::new(inputs.to_vec(), [inputs.len(), 1, 1, 1]);
        Batch { input: Tensor::from_data(data, trainer.device()), classes: vec![0; inputs.len()] }
    }

    fn step(trainer: &mut Trainer, inputs: &[f32]) -> Outcome {
        let batch = batch(trainer, inputs);
        pollster::block_on(trainer.step(batch, true)).unwrap()
    }

    fn tensor(trainer: &Trainer, name: &str) -> Vec<f32> {
        let mut tensors = trainer.plain().into_iter().flat_map(Parameters::into_tensors);
        tensors.find(|(spec, _)| spec.name == name).unwrap().1.into_data().try_to_vec().unwrap()
    }

    /// One input, two logits.
    fn linear() -> Graph {
        let mut g = Graph::new(Shape::vector(1));
        g.linear("output", 2);
        g
    }

    #[test]
    fn running_statistics_are_pytorchs() {
        let mut g = Graph::new(Shape::vector(1));
        g.batch_norm("norm", 1e-5);
        g.linear("output", 2);
        let first = [("norm.weight", &[1.0][..]), ("norm.running_var", &[1.0])];
        let mut trainer = trainer(g, SETTINGS, &first);
        // torch.nn.BatchNorm1d(1) after a batch of 1 and 4: mean 2.5, and 4.5 as variance divided by the number less one.
        assert!(matches!(step(&mut trainer, &[1.0, 4.0]), Outcome::Done(_)));
        for (name, expected) in [("norm.running_mean", 0.25), ("norm.running_var", 1.35)] {
            let found = tensor(&trainer, name)[0];
            assert!((found - expected).abs() < 1e-6, "{name}: {found}");
        }
    }

    #[test]
    fn a_step_reports_what_it_did() {
        let mut trainer = trainer(linear(), SETTINGS, &[("output.weight", &[3.0, 4.0])]);
        let Outcome::Done(report) = step(&mut trainer, &[2.0]) else { panic!("a step") };
        let changed = tensor(&trainer, "output.weight");
        let change = (changed[0] - 3.0).hypot(changed[1] - 4.0);
        let [layer] = report.layers[..] else { panic!("one layer") };
        assert!(change > 0.1);
        assert!((layer.update.unwrap() - change / 5.0).abs() < 1e-6, "{layer:?}");
        assert!((layer.gradient - change / SETTINGS.rate).abs() < 1e-5, "{layer:?}");
        let seen = layer.activation.unwrap();
        assert_eq!((report.step, report.accuracy, seen.mean, seen.deviation, seen.stuck), (1, 0.0, 7.0, 1.0, 0.0));
        // The cross-entropy of the logits 6 and 8 for the first class.
        assert!((report.loss - 2.126_928).abs() < 1e-5, "{}", report.loss);
    }

    #[test]
    fn gradients_are_told_before_clipping_and_changes_after_it() {
        let given = [("output.weight", &[3.0, 4.0][..])];
        let (mut plain, mut clipped) = (
            trainer(linear(), SETTINGS, &given),
            trainer(linear(), Settings { clipping: Clipping::Norm(0.1), ..SETTINGS }, &given),
        );
        let (Outcome::Done(first), Outcome::Done(second)) = (step(&mut plain, &[2.0]), step(&mut clipped, &[2.0]))
        else {
            panic!("two steps")
        };
        assert_eq!(first.layers[0].gradient, second.layers[0].gradient);
        let moved = [("output.weight", [3.0, 4.0]), ("output.bias", [0.0, 0.0])].map(|(name, before)| {
            let after = tensor(&clipped, name);
            (after[0] - before[0]).hypot(after[1] - before[1])
        });
        let change = moved[0].hypot(moved[1]);
        assert!((change - 0.1 * SETTINGS.rate).abs() < 1e-6, "{change}");
        assert!((second.layers[0].update.unwrap() - moved[0] / 5.0).abs() < 1e-6);
    }

    #[test]
    fn weights_decay_and_biases_do_not() {
        let given = [("output.weight", &[3.0, 4.0][..]), ("output.bias", &[1.0, 2.0])];
        let (mut plain, mut decaying) =
            (trainer(linear(), SETTINGS, &given), trainer(linear(), Settings { decay: 0.1, ..SETTINGS }, &given));
        step(&mut plain, &[2.0]);
        step(&mut decaying, &[2.0]);
        assert_eq!(tensor(&plain, "output.bias"), tensor(&decaying, "output.bias"));
        let weights = tensor(&plain, "output.weight").into_iter().zip(tensor(&decaying, "output.weight"));
        for ((plain, decaying), before) in weights.zip([3.0, 4.0]) {
            assert!((plain - decaying - SETTINGS.rate * 0.1 * before).abs() < 1e-6, "{plain} {decaying}");
        }
    }

    #[test]
    fn a_bias_whose_gradient_is_not_finite_stops_the_step() {
        let mut g = Graph::new(Shape::vector(1));
        g.linear("a", 1);
        g.linear("b", 1);
        g.linear("c", 2);
        let given = [("b.weight", &[1e20][..]), ("c.weight", &[-4e18, 4e18])];
        let mut trainer = trainer(g, SETTINGS, &given);
        // Each input's share of the gradient behind the first layer is 1e38. They cancel in its weight, and add up in its bias.
        let Outcome::Diverged(divergence) = step(&mut trainer, &[1.0, -1.0, 1.0, -1.0]) else { panic!("4e38") };
        assert_eq!((divergence.layer.as_str(), divergence.what), ("a", Diverged::Gradient));
    }

    #[test]
    fn a_gradient_whose_square_is_no_number_is_told() {
        let mut g = Graph::new(Shape::vector(1));
        g.linear("a", 1);
        g.linear("b", 2);
        for size in [1e-25, 1e25] {
            // Two logits of 0 and half of the classes' difference: the gradient of the first weight is `size`.
            let given = [("b.weight", &[-size, size][..])];
            let mut trainer = trainer(g.clone(), Settings { rate: 1e-30, ..SETTINGS }, &given);
            let Outcome::Done(report) = step(&mut trainer, &[1.0]) else { panic!("{size}: a step") };
            assert!((report.layers[0].gradient / size - 1.0).abs() < 1e-5, "{size}: {report:?}");
        }
    }

    #[test]
    fn a_step_that_diverges_leaves_everything_as_it_was() {
        for optimiser in [Optimiser::Momentum, Optimiser::Adam] {
            let settings = Settings { optimiser, ..SETTINGS };
            let first = [("output.weight", &[0.5, -0.5][..])];
            let (mut one, mut other) = (trainer(linear(), settings, &first), trainer(linear(), settings, &first));
            step(&mut one, &[1.0]);
            step(&mut other, &[1.0]);
            assert!(matches!(step(&mut one, &[f32::NAN]), Outcome::Diverged(Divergence { step: 2, .. })));
            assert_eq!(step(&mut one, &[-2.0]), step(&mut other, &[-2.0]), "{optimiser:?}");
            assert_eq!(tensor(&one, "output.weight"), tensor(&other, "output.weight"), "{optimiser:?}");
        }
    }

    #[test]
    fn where_a_value_stops_being_finite_is_found() {
        let two = || {
            let mut g = Graph::new(Shape::vector(1));
            g.linear("a", 1);
            g.linear("b", 2);
            g
        };
        for (a, b, input, layer, what) in [
            (1.0, f32::NAN, 1.0, "b", Diverged::Parameters),
            (1e30, 1.0, 1e30, "a", Diverged::Output),
            (1.0, 1e30, 1e30, "b", Diverged::Output),
            // Each value is finite, and the gradient of the first weight, 1e20 · 1e25, is not.
            (1e-25, 1e20, 1e25, "a", Diverged::Gradient),
        ] {
            let mut trainer = trainer(two(), SETTINGS, &[("a.weight", &[a]), ("b.weight", &[-b, b])]);
            let expected = Divergence { step: 1, layer: layer.into(), what };
            assert_eq!(step(&mut trainer, &[input]), Outcome::Diverged(expected), "{a} {b} {input}");
        }
    }

    #[test]
    fn what_leads_to_no_output_stays() {
        let mut g = Graph::new(Shape::vector(1));
        let trunk = g.cursor();
        g.linear("unused", 1);
        g.at(trunk);
        g.linear("output", 2);
        let mut trainer = trainer(g, SETTINGS, &[("unused.weight", &[3.0])]);
        let Outcome::Done(report) = step(&mut trainer, &[1.0]) else { panic!("a step") };
        assert_eq!(trainer.layers().collect::<Vec<_>>(), ["unused", "output"]);
        assert_eq!((report.layers[0].gradient, tensor(&trainer, "unused.weight")), (0.0, vec![3.0]));
    }
}
