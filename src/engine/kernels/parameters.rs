//! The tensors of each layer, handed to a device's packing one layer at a time.

use std::borrow::Cow;

use super::plan::{Kind, LANES, Plan, Step};
use crate::error::{Error, Result};
use crate::graph::tensors::{TensorSpec, tensor_specs};
use crate::graph::{Graph, Layer, Node};
use crate::weights::Tensor;

/// A layer's tensors.
pub(super) struct Tensors<'v> {
    /// `[out, in / groups, kernel, kernel]` or `[out, in]`
    pub(super) weight: Cow<'v, Tensor>,
    /// `[out]`
    pub(super) bias: Option<Cow<'v, Tensor>>,
}

impl Tensors<'_> {
    /// The bias of `channels` outputs, filled up to whole vectors; zeros where there is none.
    pub(super) fn filled_bias(&self, channels: usize) -> Vec<f32> {
        let mut bias = self.bias.as_ref().map_or_else(Vec::new, |bias| bias.dequantise());
        bias.resize(channels.next_multiple_of(LANES), 0.0);
        bias
    }

    /// A depthwise weight tap by tap, a tap's channels side by side, filled up to whole vectors.
    pub(super) fn by_tap(&self, channels: usize, kernel: usize) -> Vec<f32> {
        let (weights, lanes, taps) = (self.weight.dequantise(), channels.next_multiple_of(LANES), kernel * kernel);
        let mut elements = vec![0.0; taps * lanes];
        for (channel, kernel) in weights.chunks_exact(taps).enumerate() {
            for (tap, weight) in kernel.iter().enumerate() {
                elements[tap * lanes + channel] = *weight;
            }
        }
        elements
    }
}

/// The main output and the auxiliary ones: together they need all layers.
pub(super) fn outputs(graph: &Graph) -> Vec<Node> {
    graph.heads().iter().map(|head| head.node).chain([graph.output()]).collect()
}

/// Calls `pack` for every layer that has tensors, with the step of `plan` that uses them; gives one result a layer.
pub(super) fn each<'v, P: Default>(
    graph: &Graph,
    plan: &Plan,
    mut values: impl FnMut(&TensorSpec) -> Result<Cow<'v, Tensor>>,
    mut pack: impl FnMut(&Layer, &Step, Tensors<'v>) -> Result<P>,
) -> Result<Vec<P>> {
    let mut tensors = tensor_specs(graph)?.into_iter().peekable();
    let mut packed = Vec::new();
    for (index, layer) in graph.layers().iter().enumerate() {
        let mut next = |part: &str| -> Result<Option<Cow<'v, Tensor>>> {
            let name = format!("{}.{part}", layer.name);
            tensors.next_if(|tensor| tensor.name == name).map(|tensor| values(&tensor)).transpose()
        };
        packed.push(match next("weight")? {
            Some(weight) => {
                let bias = next("bias")?;
                let step = plan.steps.iter().find(|step| step.layer == index && step.kind != Kind::Flatten);
                let unused = || Error::BadGraph { layer: layer.name.clone(), reason: "no output needs it".into() };
                pack(layer, step.ok_or_else(unused)?, Tensors { weight, bias })?
            }
            None => P::default(),
        });
    }
    Ok(packed)
}
