//! What is minimised: the cross-entropy of every output of a graph.

use burn::tensor::activation::log_softmax;
use burn::tensor::{Tensor, TensorData};

use crate::graph::{Graph, Node};

/// The outputs of a graph that are trained: the auxiliary ones, then the main one.
pub(super) fn outputs(graph: &Graph) -> Vec<Node> {
    graph.heads().iter().map(|head| head.node).chain([graph.output()]).collect()
}

/// The cross-entropy of the main output plus that of each auxiliary output times its weight. (Szegedy et al. 2014, section 5)
///
/// `values` are those of [`outputs`], each `[batch, classes, 1, 1]`.
pub(super) fn loss(graph: &Graph, values: &[Tensor<4>], classes: &[u8]) -> Tensor<1> {
    let weights = graph.heads().iter().map(|head| head.weight).chain([1.0]);
    let losses = values.iter().zip(weights).map(|(value, weight)| cross_entropy(logits(value), classes) * weight);
    losses.reduce(|sum, loss| sum + loss).unwrap_or_else(|| Tensor::zeros([1], &Default::default()))
}

/// `[batch, classes, 1, 1]` → `[batch, classes]`
pub(super) fn logits(value: &Tensor<4>) -> Tensor<2> {
    let [batch, classes, ..] = value.dims();
    value.clone().reshape([batch, classes])
}

/// The mean over the batch of the cross-entropy between the softmax of `logits`, `[batch, outputs]`, and the classes.
pub(super) fn cross_entropy(logits: Tensor<2>, classes: &[u8]) -> Tensor<1> {
    let [batch, outputs] = logits.dims();
    let mut one_hot = vec![0.0f32; batch * outputs];
    for (row, &class) in one_hot.chunks_exact_mut(outputs).zip(classes) {
        row[usize::from(class)] = 1.0;
    }
    let one_hot = Tensor::<2>::from_data(TensorData::new(one_hot, [batch, outputs]), &logits.device());
    (log_softmax(logits, 1) * one_hot).sum() / -(batch as f32)
}
