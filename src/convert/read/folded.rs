//! An official file's tensors, checked against the network's graph and folded for inference.

use std::collections::HashMap;

use anyhow::{Context, Result, bail, ensure};

use super::{OfficialTensors, ReadAt};
use crate::graph::fold::{Folding, fold};
use crate::graph::tensors::{TensorSpec, tensor_specs};
use crate::graph::{Graph, Shape};
use crate::weights::{Tensor, Weights, faults};

/// An official file that fits its network. Batch normalisation is folded into the convolution before it while a tensor is
/// read, so that one tensor at a time is in memory.
pub struct Folded {
    /// The graph for inference.
    pub graph: Graph,
    /// What was unwrapped, left aside or taken for something else, a sentence each.
    pub notes: Vec<String>,
    foldings: HashMap<String, Folding>,
    tensors: OfficialTensors,
    /// The file's name, for messages.
    origin: String,
}

impl Folded {
    /// Checks `tensors` against `graph`, the network as published.
    ///
    /// # Errors
    /// If they do not fit; the error lists every tensor that is missing, unknown or of another shape.
    pub fn new(graph: &Graph, tensors: OfficialTensors) -> Result<Self> {
        let shapes = tensors.iter().map(|(name, tensor)| (name.clone(), tensor.shape.clone())).collect();
        let faults = faults(graph, &shapes, |found, expected| found == expected)?;
        ensure!(faults.is_empty(), "{}", faults.join(", "));
        let (graph, foldings) = fold(graph);
        let foldings = foldings.into_iter().map(|folding| (folding.conv.clone(), folding)).collect();
        Ok(Self { graph, notes: Vec::new(), foldings, tensors, origin: "the file".into() })
    }

    /// The number of classes that the weights tell apart.
    ///
    /// # Errors
    /// As [`Graph::shapes`].
    pub fn classes(&self) -> Result<usize> {
        Ok(self.graph.shapes()?.last().map_or(0, Shape::elements))
    }

    /// Names the file that the tensors come from, for messages, and says how it was taken.
    pub(super) fn of_file(self, file: &dyn ReadAt, notes: Vec<String>) -> Self {
        Self { origin: file.name().into(), notes, ..self }
    }

    /// The elements of a tensor of the graph for inference.
    ///
    /// # Errors
    /// If the official tensors that it is made of cannot be read, or hold a value that is not finite, or give one.
    pub fn elements(&self, tensor: &TensorSpec) -> Result<Vec<f32>> {
        let (layer, part) = tensor.name.rsplit_once('.').unwrap_or((&tensor.name, ""));
        let elements = match (self.foldings.get(layer), part) {
            (Some(folding), "weight") => self.folded_weight(folding),
            (Some(folding), "bias") => self.folded_bias(folding),
            _ => self.official(&tensor.name),
        }?;
        // Each of its tensors is finite, but a negative variance or a great gain gives numbers that are not.
        self.check_finite(&elements, &format!("{}, with batch normalisation folded in,", tensor.name))?;
        Ok(elements)
    }

    fn check_finite(&self, elements: &[f32], name: &str) -> Result<()> {
        let Some(at) = elements.iter().position(|value| !value.is_finite()) else { return Ok(()) };
        let (origin, value) = (&self.origin, elements[at]);
        bail!(
            "{origin} cannot be used: element {at} of {name} is {value}. It was saved from a run that diverged, or is damaged"
        )
    }

    /// The graph for inference and all its weights, in single precision.
    ///
    /// # Errors
    /// If a tensor cannot be read.
    pub fn all(&self) -> Result<(Graph, Weights)> {
        let tensors = tensor_specs(&self.graph)?.into_iter().map(|tensor| {
            let elements = self.elements(&tensor)?;
            Ok((tensor.name, Tensor::F32(elements)))
        });
        let weights = Weights::new(&self.graph, tensors.collect::<Result<_>>()?)?;
        Ok((self.graph.clone(), weights))
    }

    fn official(&self, name: &str) -> Result<Vec<f32>> {
        let tensor = self.tensors.get(name).with_context(|| format!("{name} is missing"))?;
        let elements = (tensor.read)().with_context(|| format!("{} is damaged: {name} cannot be read", self.origin))?;
        self.check_finite(&elements, name)?;
        Ok(elements)
    }

    /// What each output channel of the convolution is multiplied by: `s` of `conv(x) · s + t`.
    fn scale(&self, folding: &Folding) -> Result<Vec<f32>> {
        let gain = self.official(&format!("{}.weight", folding.batch_norm))?;
        let variance = self.official(&format!("{}.running_var", folding.batch_norm))?;
        Ok(gain.iter().zip(variance).map(|(gain, variance)| gain / (variance + folding.epsilon).sqrt()).collect())
    }

    fn folded_weight(&self, folding: &Folding) -> Result<Vec<f32>> {
        let mut weight = self.official(&format!("{}.weight", folding.conv))?;
        let row_length = weight.len() / folding.channels;
        for (row, scale) in weight.chunks_exact_mut(row_length).zip(self.scale(folding)?) {
            row.iter_mut().for_each(|value| *value *= scale);
        }
        Ok(weight)
    }

    fn folded_bias(&self, folding: &Folding) -> Result<Vec<f32>> {
        let scale = self.scale(folding)?;
        let mean = self.official(&format!("{}.running_mean", folding.batch_norm))?;
        let shift = self.official(&format!("{}.bias", folding.batch_norm))?;
        let own = match folding.had_bias {
            true => self.official(&format!("{}.bias", folding.conv))?,
            false => vec![0.0; folding.channels],
        };
        Ok((0..folding.channels).map(|i| (own[i] - mean[i]) * scale[i] + shift[i]).collect())
    }
}
