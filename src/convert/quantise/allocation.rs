//! Chooses 8 or 16 bits for each tensor from measured error within a byte budget.

use std::collections::HashMap;

use crate::error::Error;
use crate::graph::tensors::{TensorSpec, tensor_specs};
use crate::graph::{Graph, Op};
use crate::weights::{GROUP, Tensor, Weights};

/// What rounding did to one tensor.
#[derive(Clone, Debug)]
pub struct Rounding {
    /// The tensor.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// "int4", "int8", "int8/32", "f16" or "f32".
    pub scheme: &'static str,
    /// Its bytes in the file.
    pub bytes: usize,
    /// Greatest absolute difference from single precision.
    pub worst: f32,
    /// Root of the mean squared difference, relative to the root of the mean square.
    pub relative: f32,
}

/// What a layer reads on average, by the layer's name: one number a channel, or one an input of a linear layer.
pub type Means = HashMap<String, Vec<f32>>;

/// Ways to keep a weight tensor, coarsest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    Rows,
    Groups,
    Halves,
}

impl Level {
    /// A row of a few weights is a group already.
    fn of(shape: &[usize]) -> &'static [Self] {
        let row: usize = shape.iter().skip(1).product();
        if row > GROUP { &[Self::Rows, Self::Groups, Self::Halves] } else { &[Self::Rows, Self::Halves] }
    }

    fn round(self, exact: &[f32], shape: &[usize]) -> Tensor {
        match self {
            Self::Rows => Tensor::int8(exact, shape[0]),
            Self::Groups => Tensor::int8_groups(exact, exact.len() / shape[0]),
            Self::Halves => Tensor::f16(exact),
        }
    }
}

/// A tensor's levels with their bytes and noise, the square of the relative error.
struct Choice {
    tensor: TensorSpec,
    levels: Vec<(Level, usize, f64)>,
}

impl Choice {
    fn new(tensor: TensorSpec, exact: &[f32]) -> Self {
        let measure = |&level: &Level| {
            let rounded = level.round(exact, &tensor.shape);
            (level, rounded.bytes(), f64::from(relative_error(exact, &rounded)).powi(2))
        };
        let levels = Level::of(&tensor.shape).iter().map(measure).collect();
        Self { tensor, levels }
    }

    /// Bytes that the level after `level` takes more, and the noise it takes away for each.
    fn offer(&self, level: usize) -> Option<(usize, f64)> {
        let (_, bytes, noise) = self.levels[level];
        let &(_, more, less) = self.levels.get(level + 1)?;
        let extra = more.saturating_sub(bytes);
        Some((extra, (noise - less) / extra.max(1) as f64))
    }
}

/// What rounding a folded graph's weights can cost, measured once for every budget.
///
/// All weights start at 8 bits, one scale an output channel; biases stay in single precision. Then tensors move up, to
/// a scale for each 32 weights and to 16 bits, where that takes away the greatest share of the whole noise for each
/// byte more, until the budget is used up: the noise of a layer's output is about the relative error of its weights, so
/// a small tensor costs little and helps as much as a large one.
///
/// Inputs behind a rectifier are positive, so a layer's rounding errors add up to a shift of its outputs: it is taken
/// off the bias, for layers whose inputs the means know. (Nagel et al. 2019, arXiv:1906.04721, section 4.2)
pub struct Plan<'a> {
    graph: &'a Graph,
    choices: Vec<Choice>,
    /// Numbers that the budget counts, and their bytes at the coarsest.
    weights: usize,
    least: usize,
}

impl<'a> Plan<'a> {
    /// Measures; `numbers` gives one tensor at a time. With `linear4`, linear layers go to 4 bits, outside the budget.
    ///
    /// # Errors
    /// As [`Graph::shapes`], or what `numbers` gives.
    pub fn new<E: From<Error>>(
        graph: &'a Graph,
        mut numbers: impl FnMut(&TensorSpec) -> Result<Vec<f32>, E>,
        linear4: bool,
    ) -> Result<Self, E> {
        let at_four_bits = |tensor: &TensorSpec| {
            let layer = graph.layers().iter().find(|layer| tensor.name == format!("{}.weight", layer.name));
            linear4 && layer.is_some_and(|layer| matches!(layer.op, Op::Linear { .. }))
        };
        let mut plan = Self { graph, choices: Vec::new(), weights: 0, least: 0 };
        for tensor in tensor_specs(graph)? {
            let length: usize = tensor.shape.iter().product();
            if tensor.shape.len() == 1 {
                plan.weights += length;
                plan.least += 4 * length;
            } else if !at_four_bits(&tensor) {
                let choice = Choice::new(tensor.clone(), &numbers(&tensor)?);
                plan.weights += length;
                plan.least += choice.levels[0].1;
                plan.choices.push(choice);
            }
        }
        Ok(plan)
    }

    /// Rounds to at most `bytes_a_weight` on average, but for what is at 4 bits.
    ///
    /// # Errors
    /// As [`Plan::new`].
    pub fn round<E: From<Error>>(
        &self,
        mut numbers: impl FnMut(&TensorSpec) -> Result<Vec<f32>, E>,
        means: &Means,
        bytes_a_weight: f64,
    ) -> Result<(Weights, Vec<Rounding>), E> {
        let chosen: HashMap<&str, Level> = self.levels((self.weights as f64 * bytes_a_weight) as usize);
        let (mut rounded, mut shifts, mut report) = (HashMap::new(), HashMap::new(), Vec::new());
        for tensor in tensor_specs(self.graph)? {
            let exact = numbers(&tensor)?;
            let values = match (tensor.shape.as_slice(), chosen.get(tensor.name.as_str())) {
                (shape, Some(level)) => level.round(&exact, shape),
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

    /// Moves tensors up while the budget lasts, the best bargain first.
    fn levels(&self, budget: usize) -> HashMap<&str, Level> {
        let mut levels = vec![0; self.choices.len()];
        let mut spent = self.least;
        loop {
            let offers = (0..levels.len()).filter_map(|index| Some((self.choices[index].offer(levels[index])?, index)));
            let affordable = offers.filter(|((extra, _), _)| spent + extra <= budget);
            let Some(((extra, _), index)) = affordable.max_by(|(a, _), (b, _)| a.1.total_cmp(&b.1)) else { break };
            levels[index] += 1;
            spent += extra;
        }
        let named = self.choices.iter().zip(levels);
        named.map(|(choice, level)| (choice.tensor.name.as_str(), choice.levels[level].0)).collect()
    }
}

/// `<layer>.weight` → `<layer>.bias`.
fn bias_of(weight: &str) -> String {
    format!("{}.bias", weight.trim_end_matches(".weight"))
}

/// `Σ (rounded − exact) · mean input`, for each output; empty where the inputs are not known.
fn shift(tensor: &TensorSpec, exact: &[f32], rounded: &Tensor, means: &Means) -> Vec<f32> {
    let Some(means) = means.get(tensor.name.trim_end_matches(".weight")) else { return Vec::new() };
    let outputs = tensor.shape[0];
    let row_length = exact.len() / outputs;
    let inputs = tensor.shape[1];
    // A kernel's places see the same channel; groups see their own channels.
    let places = row_length / inputs;
    let outputs_a_group = outputs * inputs / means.len().max(1);
    let mut rounded = rounded.numbers();
    let row = |(output, exact): (usize, &[f32])| {
        let first = output / outputs_a_group.max(1) * inputs;
        let terms = exact.iter().zip(&mut rounded).enumerate();
        terms.map(|(i, (exact, rounded))| (rounded - exact) * means[first + i / places]).sum()
    };
    exact.chunks_exact(row_length).enumerate().map(row).collect()
}

fn rounding(tensor: &TensorSpec, exact: &[f32], rounded: &Tensor) -> Rounding {
    let worst = exact.iter().zip(rounded.numbers()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
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

/// Root of `Σ (a − b)² / Σ a²`.
fn relative_error(exact: &[f32], rounded: &Tensor) -> f32 {
    let square = |x: f32| f64::from(x).powi(2);
    let noise: f64 = exact.iter().zip(rounded.numbers()).map(|(a, b)| square(a - b)).sum();
    let signal: f64 = exact.iter().map(|&a| square(a)).sum();
    if signal > 0.0 { (noise / signal).sqrt() as f32 } else { 0.0 }
}
