//! What a step of training tells of each layer, and why one that failed did.

use burn::tensor::Tensor;

use super::norm::{greatest, square_sum};
use crate::graph::{Activation, Graph, Node, Op};

/// What a step of training tells.
#[derive(Clone, Debug, PartialEq)]
pub struct StepReport {
    /// The number of the step, which starts at 1.
    pub step: usize,
    /// The loss of the batch before the step, with those of auxiliary outputs.
    pub loss: f32,
    /// How many of the batch the main output classified right before the step, from 0 to 1.
    pub accuracy: f32,
    /// One for each layer with weights, in the graph's order.
    pub layers: Vec<LayerReport>,
}

/// What a step tells of a layer with weights.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LayerReport {
    /// The norm of the gradient of the loss with respect to the layer's weight, before clipping.
    pub gradient: f32,
    /// The norm of the change of the weight divided by the norm of the weight; none where it was not asked for.
    pub update: Option<f32>,
    /// What the layer's output looked like; none where it was not asked for.
    pub activation: Option<ActivationReport>,
}

/// The output of a layer, after its normalisation, addition and activation function, over the batch.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ActivationReport {
    /// The mean.
    pub mean: f32,
    /// The standard deviation.
    pub deviation: f32,
    /// The share of units, 0 to 1, whose activation function has less than a hundredth of its greatest slope for every input
    /// of the batch, so that next to no gradient passes.
    pub stuck: f32,
}

impl ActivationReport {
    /// From what [`statistics`] computes; none from another number of values.
    pub(super) fn from_statistics(numbers: &[f32]) -> Option<Self> {
        let &[mean, deviation, stuck] = numbers else { return None };
        Some(Self { mean, deviation, stuck })
    }
}

/// Where a value that is not finite began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Divergence {
    /// The number of the step.
    pub step: usize,
    /// The layer's name.
    pub layer: String,
    /// What of the layer was not finite.
    pub what: Diverged,
}

/// What of a layer is no longer finite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Diverged {
    /// A weight or a bias.
    Parameters,
    /// The layer's output.
    Output,
    /// The gradient of the layer's weight.
    Gradient,
}

impl std::fmt::Display for Divergence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { step, layer, what } = self;
        let what = match what {
            Diverged::Parameters => "a parameter of",
            Diverged::Output => "the output of",
            Diverged::Gradient => "the gradient of",
        };
        write!(f, "At step {step}, {what} {layer} is no longer finite")
    }
}

/// A share of the greatest slope.
const FLAT: f32 = 0.01;

/// The value that shows what becomes of a layer's output: behind its normalisation and its addition. It lies before a
/// dropout, unless an addition follows that.
pub(super) fn shown(graph: &Graph, layer: usize) -> Node {
    let mut node = Node(layer + 1);
    let mut shown = node;
    loop {
        let mut readers = graph.layers().iter().enumerate().filter(|(_, reader)| reader.inputs.contains(&node));
        let (Some((index, reader)), None) = (readers.next(), readers.next()) else { return shown };
        node = Node(index + 1);
        match reader.op {
            Op::BatchNorm(_) | Op::Add => shown = node,
            // An addition may come behind it.
            Op::Dropout(_) => {}
            Op::Conv(_)
            | Op::InstanceNorm(_)
            | Op::MaxPool(_)
            | Op::AvgPool(_)
            | Op::GlobalAvgPool
            | Op::Linear(_)
            | Op::Lrn(_)
            | Op::Scale
            | Op::Concat => return shown,
        }
    }
}

/// The mean, the standard deviation and the share of stuck units of an output `[batch, …]` of an activation function: `[3]`.
pub(super) fn statistics(output: Tensor<4>, activation: Activation) -> Tensor<1> {
    let elements = output.shape().num_elements();
    // Divided first: the sum of an exploding output may not be finite.
    let mean = (output.clone() / elements as f32).sum();
    // Centred first: the difference of two large squares would lose a small variance. As shares of the greatest, because the
    // squares of an exploding output are not finite.
    let centred = (output.clone() - mean.clone().reshape([1, 1, 1, 1])).reshape([elements as i32]);
    let unit = greatest(&centred);
    let deviation = (square_sum(&(centred / unit.clone())) / elements as f32).sqrt() * unit;
    let stuck = slopes(output, activation)
        .map_or_else(|| Tensor::zeros([1], &mean.device()), |slopes| slopes.max_dim(0).lower_elem(FLAT).float().mean());
    Tensor::cat(vec![mean, deviation, stuck], 0)
}

/// The slope of the activation function at each element, as a share of its greatest slope; none where it is the same
/// everywhere. `y` is the function's value.
fn slopes(y: Tensor<4>, activation: Activation) -> Option<Tensor<4>> {
    match activation {
        Activation::Relu | Activation::Relu6 => Some(y.greater_elem(0.0).float()),
        Activation::Sigmoid => Some((y.clone() - y.clone() * y) * 4.0),
        Activation::Tanh => Some(-(y.clone() * y) + 1.0),
        Activation::ScaledTanh => {
            let tanh = y / crate::graph::activation::SCALED_TANH_AMPLITUDE;
            Some(-(tanh.clone() * tanh) + 1.0)
        }
        // Swish is flat nowhere for long.
        Activation::Identity | Activation::Swish => None,
    }
}

/// The name of the weight that a layer multiplies its input with, if it has one.
pub(super) fn weight(graph: &Graph, layer: usize) -> Option<String> {
    let layer = &graph.layers()[layer];
    match layer.op {
        Op::Conv(_) | Op::Linear(_) => Some(format!("{}.weight", layer.name)),
        Op::BatchNorm(_)
        | Op::InstanceNorm(_)
        | Op::MaxPool(_)
        | Op::AvgPool(_)
        | Op::GlobalAvgPool
        | Op::Lrn(_)
        | Op::Dropout(_)
        | Op::Add
        | Op::Scale
        | Op::Concat => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use burn::tensor::{Device, TensorData};

    use super::*;
    use crate::graph::Shape;

    #[test]
    fn what_is_shown_lies_behind_normalisation_and_addition() {
        let mut g = Graph::new(Shape::vector(4));
        g.linear("a", 4);
        let norm = g.batch_norm("a.norm", 1e-5).relu().node();
        g.dropout("a.dropout", 0.5);
        let trunk = g.cursor();
        g.linear("b", 4);
        g.dropout("b.dropout", 0.5);
        let sum = g.add("b.add", trunk).relu().node();
        let head = g.linear("head", 2).node();
        g.at(sum);
        g.linear("output", 2);
        let layer = |name: &str| g.layers().iter().position(|layer| layer.name == name).unwrap();
        assert_eq!(shown(&g, layer("a")), norm);
        assert_eq!(shown(&g, layer("b")), sum);
        assert_eq!(shown(&g, layer("head")), head);
        assert_eq!(shown(&g, layer("output")), g.output());
        assert_eq!(weight(&g, layer("b")).unwrap(), "b.weight");
        assert_eq!(weight(&g, layer("a.norm")), None);
    }

    /// Mean, standard deviation and share of stuck units of a batch of two with two units.
    fn numbers(activation: Activation, values: [f32; 4]) -> Vec<f32> {
        let output = Tensor::from_data(TensorData::new(values.to_vec(), [2, 2, 1, 1]), &Device::flex());
        statistics(output, activation).into_data().try_to_vec().unwrap()
    }

    #[test]
    fn a_unit_is_stuck_where_it_is_flat_for_the_whole_batch() {
        // The first unit gives 0 for both inputs, the second one for one of them.
        assert_eq!(numbers(Activation::Relu, [0.0, 0.0, 0.0, 4.0])[2], 0.5);
        assert_eq!(numbers(Activation::Relu, [0.0, 3.0, 1.0, 0.0])[2], 0.0);
        assert_eq!(numbers(Activation::Sigmoid, [0.999, 0.001, 0.998, 0.5])[2], 0.5);
        assert_eq!(numbers(Activation::Tanh, [0.999, -0.999, -0.999, 0.999])[2], 1.0);
        assert_eq!(numbers(Activation::Tanh, [0.99, 0.0, 0.99, 0.0])[2], 0.0);
        assert_eq!(numbers(Activation::ScaledTanh, [1.7158, 1.7158, 1.0, 1.7158])[2], 0.5);
        assert_eq!(numbers(Activation::Identity, [1.0, 1.0, 3.0, 3.0])[2], 0.0);
    }

    #[test]
    fn mean_and_deviation_hold_where_squares_and_sums_do_not() {
        for scale in [1e-30, 1.0, 1e30, 8e37] {
            let [mean, deviation, _] = numbers(Activation::Identity, [1.0, 1.0, 3.0, 3.0].map(|x| x * scale))[..]
            else {
                panic!("three numbers")
            };
            assert!((mean / (2.0 * scale) - 1.0).abs() < 1e-6, "{scale}: {mean}");
            assert!((deviation / scale - 1.0).abs() < 1e-6, "{scale}: {deviation}");
        }
        assert_eq!(numbers(Activation::Identity, [5.0; 4])[..2], [5.0, 0.0]);
        // A small spread around a large mean.
        let around = numbers(Activation::Identity, [1000.0, 1000.25, 1000.0, 1000.25]);
        assert!((around[1] - 0.125).abs() < 1e-3, "{around:?}");
    }
}
