//! Bit allocation: chooses 8 or 16 bits for each tensor, from measured errors, within a budget of bytes.

use std::collections::HashMap;

use crate::error::Error;
use crate::graph::tensors::{TensorSpec, tensor_specs};
use crate::graph::{Graph, Op};
use crate::weights::{GROUP, Tensor, Weights};

/// What quantisation did to one tensor.
#[derive(Clone, Debug)]
pub struct Rounding {
    /// Name of the tensor.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// How it is stored: "int4", "int8", "int8/32" (a scale for each 32 weights), "f16" or "f32".
    pub scheme: &'static str,
    /// Its size in the file, in bytes.
    pub bytes: usize,
    /// Greatest absolute difference of an element from single precision.
    pub worst: f32,
    /// Root of the mean squared difference, relative to the root of the mean square.
    pub relative: f32,
}

/// Mean of each input channel of a layer, or of each input of a linear layer, by the layer's name.
pub type Means = HashMap<String, Vec<f32>>;

/// How a weight tensor may be stored, the coarsest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Precision {
    /// 8 bits, one scale for each output channel.
    Int8,
    /// 8 bits, one scale for each [`GROUP`] weights of an output channel.
    Int8Groups,
    /// 16 bits.
    F16,
}

impl Precision {
    /// What a tensor of this shape can be stored as. An output channel of at most [`GROUP`] weights is one group.
    pub(super) fn of(shape: &[usize]) -> &'static [Self] {
        let row: usize = shape.iter().skip(1).product();
        if row > GROUP { &[Self::Int8, Self::Int8Groups, Self::F16] } else { &[Self::Int8, Self::F16] }
    }

    pub(super) fn round(self, exact: &[f32], shape: &[usize]) -> Tensor {
        match self {
            Self::Int8 => Tensor::int8(exact, shape[0]),
            Self::Int8Groups => Tensor::int8_groups(exact, exact.len() / shape[0]),
            Self::F16 => Tensor::f16(exact),
        }
    }
}

/// A tensor and what each precision would cost: bytes, and noise, which is the square of the relative error.
struct Choice {
    tensor: TensorSpec,
    costs: Vec<(Precision, usize, f64)>,
}

impl Choice {
    fn new(tensor: TensorSpec, exact: &[f32]) -> Self {
        let cost = |&precision: &Precision| {
            let rounded = precision.round(exact, &tensor.shape);
            (precision, rounded.bytes(), f64::from(relative_error(exact, &rounded)).powi(2))
        };
        let costs = Precision::of(&tensor.shape).iter().map(cost).collect();
        Self { tensor, costs }
    }

    /// How many more bytes the next finer precision takes than number `index`, and how much noise each of them removes.
    fn offer(&self, index: usize) -> Option<(usize, f64)> {
        let (_, bytes, noise) = self.costs[index];
        let &(_, more, less) = self.costs.get(index + 1)?;
        let extra = more.saturating_sub(bytes);
        Some((extra, (noise - less) / extra.max(1) as f64))
    }
}

/// What storing a folded graph's weights in each precision costs, measured once for all budgets.
///
/// All weights start at 8 bits with one scale for each output channel; biases stay in single precision. Then single tensors
/// get a finer precision, a scale for each 32 weights or 16 bits, until the budget is used up: each time the tensor for which
/// one more byte removes the most noise. The noise in a layer's output is about the relative error of its weights, so that a
/// small tensor costs little and helps as much as a large one.
///
/// Where a layer's inputs are positive, as behind a ReLU, rounding errors add up to a shift of its outputs. The mean shift is
/// subtracted from the bias of every layer whose mean inputs are known. (Nagel et al. 2019, arXiv:1906.04721, section 4.2)
pub struct BitAllocation<'a> {
    graph: &'a Graph,
    choices: Vec<Choice>,
    /// How many elements the budget counts.
    elements: usize,
    /// Their size in bytes at the coarsest precision.
    least: usize,
}

impl<'a> BitAllocation<'a> {
    /// Measures every tensor of a folded graph. `elements` reads one tensor at a time. With `linear4`, the weights of linear
    /// layers are stored in 4 bits, and the budget does not count them.
    ///
    /// # Errors
    /// As [`Graph::shapes`], and every error of `elements`.
    pub fn new<E: From<Error>>(
        graph: &'a Graph,
        mut elements: impl FnMut(&TensorSpec) -> Result<Vec<f32>, E>,
        linear4: bool,
    ) -> Result<Self, E> {
        let at_four_bits = |tensor: &TensorSpec| {
            let layer = graph.layers().iter().find(|layer| tensor.name == format!("{}.weight", layer.name));
            linear4 && layer.is_some_and(|layer| matches!(layer.op, Op::Linear(_)))
        };
        let mut allocation = Self { graph, choices: Vec::new(), elements: 0, least: 0 };
        for tensor in tensor_specs(graph)? {
            let length: usize = tensor.shape.iter().product();
            if tensor.shape.len() == 1 {
                allocation.elements += length;
                allocation.least += 4 * length;
            } else if !at_four_bits(&tensor) {
                let choice = Choice::new(tensor.clone(), &elements(&tensor)?);
                allocation.elements += length;
                allocation.least += choice.costs[0].1;
                allocation.choices.push(choice);
            }
        }
        Ok(allocation)
    }

    /// Quantises the weights to at most `bytes_a_weight` bytes for each element on average, not counting what is stored in 4
    /// bits. Gives the weights and, for each tensor, what quantisation did to it.
    ///
    /// # Errors
    /// As [`BitAllocation::new`].
    pub fn round<E: From<Error>>(
        &self,
        mut elements: impl FnMut(&TensorSpec) -> Result<Vec<f32>, E>,
        means: &Means,
        bytes_a_weight: f64,
    ) -> Result<(Weights, Vec<Rounding>), E> {
        let chosen: HashMap<&str, Precision> = self.allocate((self.elements as f64 * bytes_a_weight) as usize);
        let (mut rounded, mut shifts, mut report) = (HashMap::new(), HashMap::new(), Vec::new());
        for tensor in tensor_specs(self.graph)? {
            let exact = elements(&tensor)?;
            let values = match (tensor.shape.as_slice(), chosen.get(tensor.name.as_str())) {
                (shape, Some(precision)) => precision.round(&exact, shape),
                ([_, inputs], None) => Tensor::int4(&exact, *inputs),
                _ => Tensor::F32(exact.clone()),
            };
            report.push(rounding(&tensor, &exact, &values));
            if tensor.shape.len() > 1 {
                shifts.insert(bias_of(&tensor.name), shift(&tensor, &exact, &values, means));
            }
            rounded.insert(tensor.name, values);
        }
        for (bias, shift) in shifts {
            if let Some(Tensor::F32(bias)) = rounded.get_mut(&bias) {
                bias.iter_mut().zip(shift).for_each(|(bias, shift)| *bias -= shift);
            }
        }
        Ok((Weights::new(self.graph, rounded)?, report))
    }

    /// Each tensor's precision within a budget of bytes.
    fn allocate(&self, budget: usize) -> HashMap<&str, Precision> {
        let mut precisions = vec![0; self.choices.len()];
        let mut spent = self.least;
        loop {
            let offers =
                (0..precisions.len()).filter_map(|index| Some((self.choices[index].offer(precisions[index])?, index)));
            let affordable = offers.filter(|((extra, _), _)| spent + extra <= budget);
            let Some(((extra, _), index)) = affordable.max_by(|(a, _), (b, _)| a.1.total_cmp(&b.1)) else { break };
            precisions[index] += 1;
            spent += extra;
        }
        let named = self.choices.iter().zip(precisions);
        named.map(|(choice, index)| (choice.tensor.name.as_str(), choice.costs[index].0)).collect()
    }
}

/// `<layer>.weight` → `<layer>.bias`.
fn bias_of(weight: &str) -> String {
    format!("{}.bias", weight.trim_end_matches(".weight"))
}

/// Mean shift of each output, `Σ (rounded − exact) · mean input`; empty where the mean inputs are not known.
fn shift(tensor: &TensorSpec, exact: &[f32], rounded: &Tensor, means: &Means) -> Vec<f32> {
    let Some(means) = means.get(tensor.name.trim_end_matches(".weight")) else { return Vec::new() };
    let outputs = tensor.shape[0];
    let row_length = exact.len() / outputs;
    let inputs = tensor.shape[1];
    // All taps of a kernel read the same channel; each group of a convolution reads its own channels.
    let taps = row_length / inputs;
    let outputs_a_group = outputs * inputs / means.len().max(1);
    let mut rounded = rounded.elements();
    let row = |(output, exact): (usize, &[f32])| {
        let first = output / outputs_a_group.max(1) * inputs;
        let terms = exact.iter().zip(&mut rounded).enumerate();
        terms.map(|(i, (exact, rounded))| (rounded - exact) * means[first + i / taps]).sum()
    };
    exact.chunks_exact(row_length).enumerate().map(row).collect()
}

fn rounding(tensor: &TensorSpec, exact: &[f32], rounded: &Tensor) -> Rounding {
    let worst = exact.iter().zip(rounded.elements()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    let scheme = match rounded {
        Tensor::Int8 { .. } => "int8",
        Tensor::Int8Groups { .. } => "int8/32",
        Tensor::Int4 { .. } => "int4",
        Tensor::F16(_) => "f16",
        Tensor::F32(_) => "f32",
    };
    Rounding {
        name: tensor.name.clone(),
        shape: tensor.shape.clone(),
        scheme,
        bytes: rounded.bytes(),
        worst,
        relative: relative_error(exact, rounded),
    }
}

/// `√(Σ (a − b)² / Σ a²)`; 0 where all elements are 0.
pub(super) fn relative_error(exact: &[f32], rounded: &Tensor) -> f32 {
    let square = |x: f32| f64::from(x).powi(2);
    let noise: f64 = exact.iter().zip(rounded.elements()).map(|(a, b)| square(a - b)).sum();
    let signal: f64 = exact.iter().map(|&a| square(a)).sum();
    if signal > 0.0 { (noise / signal).sqrt() as f32 } else { 0.0 }
}
