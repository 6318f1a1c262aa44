//! The tensors of each layer, and what a kernel makes of them.

use std::any::Any;
use std::borrow::Cow;

use super::plan::{Kind, LANES, Plan, Step};
use crate::error::{Error, Result};
use crate::graph::tensors::{TensorSpec, specs_by_layer};
use crate::graph::{Graph, Node};
use crate::weights::Tensor;

/// The tensors of a layer.
pub(super) struct Tensors<'v> {
    /// `[out, in / groups, kernel, kernel]` or `[out, in]`
    pub(super) weight: Cow<'v, Tensor>,
    /// `[out]`
    pub(super) bias: Option<Cow<'v, Tensor>>,
}

impl Tensors<'_> {
    /// The bias of `channels` outputs, padded to whole vectors; zeros where the layer has none.
    pub(super) fn padded_bias(&self, channels: usize) -> Vec<f32> {
        let length = channels.next_multiple_of(LANES);
        let mut bias = Vec::with_capacity(length);
        if let Some(tensor) = &self.bias {
            bias.extend(tensor.elements());
        }
        bias.resize(length, 0.0);
        bias
    }

    /// A depthwise weight `[channels, 1, kernel, kernel]` as `[kernel, kernel, channels]`, with the channels padded to whole
    /// vectors.
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

/// The weights of a layer as its kernel packed them; only that kernel knows their type.
pub(super) struct Packed(Box<dyn Any>);

impl Packed {
    /// Hides the type of `weights`.
    pub(super) fn new(weights: impl Any) -> Self {
        Self(Box::new(weights))
    }

    /// The weights of a layer that has none.
    pub(super) fn none() -> Self {
        Self::new(())
    }

    /// Whether there are no weights.
    fn is_none(&self) -> bool {
        self.0.is::<()>()
    }

    /// The weights again.
    ///
    /// # Errors
    /// [`Error::Internal`] if another kernel packed them.
    pub(super) fn get<W: Any>(&self) -> Result<&W> {
        let weights = self.0.downcast_ref();
        weights.ok_or_else(|| Error::Internal("a kernel got weights that another kernel packed".into()))
    }
}

impl std::fmt::Debug for Packed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Packed").finish_non_exhaustive()
    }
}

/// The main output and the auxiliary outputs of a graph: together they need all layers.
pub(super) fn all_outputs(graph: &Graph) -> Vec<Node> {
    graph.heads().iter().map(|head| head.node).chain([graph.output()]).collect()
}

/// The step of `plan` that uses the tensors of a layer.
///
/// # Errors
/// [`Error::BadGraph`] if no output needs the layer.
pub(super) fn step_of<'p>(graph: &Graph, plan: &'p Plan, layer: usize) -> Result<&'p Step> {
    let step = plan.steps.iter().find(|step| step.layer == layer && step.kind != Kind::Flatten);
    let name = || graph.layers()[layer].name.clone();
    step.ok_or_else(|| Error::BadGraph { layer: name(), reason: "no output needs it".into() })
}

/// Bytes of the packed weights of all layers, which `bytes` gives for a step.
///
/// # Errors
/// [`Error::BadGraph`] for a layer that no output needs, or whose kernel does not say what its tensors take.
pub(super) fn sum_of_weights(graph: &Graph, plan: &Plan, bytes: impl Fn(&Step) -> u64) -> Result<u64> {
    let mut sum = 0;
    for (index, specs) in specs_by_layer(graph)?.iter().enumerate() {
        if !specs.is_empty() {
            let own = bytes(step_of(graph, plan, index)?);
            if own == 0 {
                let layer = graph.layers()[index].name.clone();
                return Err(Error::BadGraph { layer, reason: "its kernel does not say what its tensors take".into() });
            }
            sum += own;
        }
    }
    Ok(sum)
}

/// Calls `pack` for every layer that has tensors, with the step of `plan` that uses them; gives one result a layer.
///
/// # Errors
/// What `values` gives, or [`Error::BadGraph`] for a layer that no output needs or whose tensors no kernel reads.
pub(super) fn each<'v>(
    graph: &Graph,
    plan: &Plan,
    mut values: impl FnMut(&TensorSpec) -> Result<Cow<'v, Tensor>>,
    mut pack: impl FnMut(&Step, Tensors<'v>) -> Packed,
) -> Result<Vec<Packed>> {
    let mut packed = Vec::with_capacity(graph.layers().len());
    for (index, (layer, specs)) in graph.layers().iter().zip(specs_by_layer(graph)?).enumerate() {
        let unread = |reason: String| Error::BadGraph { layer: layer.name.clone(), reason };
        let (mut weight, mut bias) = (None, None);
        for spec in &specs {
            match spec.name.strip_prefix(layer.name.as_str()) {
                Some(".weight") => weight = Some(values(spec)?),
                Some(".bias") => bias = Some(values(spec)?),
                _ => return Err(unread(format!("no kernel reads its tensor {}", spec.name))),
            }
        }
        packed.push(match weight {
            Some(weight) => {
                let packed = pack(step_of(graph, plan, index)?, Tensors { weight, bias });
                if packed.is_none() {
                    return Err(unread("its kernel packs none of its tensors".into()));
                }
                packed
            }
            None if specs.is_empty() => Packed::none(),
            None => return Err(unread("it has a bias without a weight".into())),
        });
    }
    Ok(packed)
}
