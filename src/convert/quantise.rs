//! Chooses 8 or 16 bits for each tensor from measured error within a byte budget.

use std::collections::HashMap;

use crate::error::Result;
use crate::graph::Graph;
use crate::graph::tensors::{Expected, expected};
use crate::weights::{Values, Weights};

/// What rounding did to one tensor.
#[derive(Clone, Debug)]
pub struct Rounding {
    /// The tensor.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// "int4", "int8", "f16" or "f32".
    pub scheme: &'static str,
    /// Its bytes in the file.
    pub bytes: usize,
    /// Greatest absolute difference from single precision.
    pub worst: f32,
    /// Root of the mean squared difference, relative to the root of the mean square.
    pub relative: f32,
}

/// Rounds a folded graph's weights to at most `bytes_a_weight` on average.
///
/// All weights start at 8 bits, one scale an output channel; biases stay in single precision. Then those go to 16 bits
/// whose share of the whole noise is greatest for each byte they take more, until the budget is used up: the noise of
/// a layer's output is about the relative error of its weights, so a small tensor costs little and helps as much as a
/// large one.
///
/// # Errors
/// As [`Graph::shapes`], or where a tensor is missing.
pub fn quantise(graph: &Graph, exact: &Weights, bytes_a_weight: f64) -> Result<(Weights, Vec<Rounding>)> {
    struct Candidate {
        tensor: Expected,
        values: Values,
        gain: f64,
        extra: usize,
    }
    let mut chosen = HashMap::new();
    let mut candidates = Vec::new();
    let mut weights = 0;
    let mut spent = 0;
    for tensor in expected(graph)? {
        let values = exact.values(&tensor.name)?.dequantise();
        weights += values.len();
        if tensor.shape.len() == 1 {
            spent += 4 * values.len();
            chosen.insert(tensor.name, Values::F32(values));
            continue;
        }
        let rounded = Values::int8(&values, tensor.shape[0]);
        let half = Values::f16(&values);
        let extra = half.bytes().saturating_sub(rounded.bytes());
        let noise = f64::from(relative_error(&values, &rounded.dequantise())).powi(2);
        spent += rounded.bytes();
        candidates.push(Candidate { tensor, values: rounded, gain: noise / extra.max(1) as f64, extra });
    }
    candidates.sort_by(|a, b| b.gain.total_cmp(&a.gain));
    let budget = (weights as f64 * bytes_a_weight) as usize;
    for Candidate { tensor, values, extra, .. } in candidates {
        let fits = spent + extra <= budget;
        let values = if fits { Values::f16(&exact.values(&tensor.name)?.dequantise()) } else { values };
        spent += if fits { extra } else { 0 };
        chosen.insert(tensor.name, values);
    }
    let rounded = Weights::new(graph, chosen)?;
    let report = expected(graph)?.into_iter().map(|tensor| rounding(tensor, exact, &rounded)).collect::<Result<_>>()?;
    Ok((rounded, report))
}

fn rounding(tensor: Expected, exact: &Weights, rounded: &Weights) -> Result<Rounding> {
    let values = rounded.values(&tensor.name)?;
    let (before, after) = (exact.values(&tensor.name)?.dequantise(), values.dequantise());
    let worst = before.iter().zip(&after).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    let scheme = match values {
        Values::Int8 { .. } => "int8",
        Values::Int4 { .. } => "int4",
        Values::F16(_) => "f16",
        Values::F32(_) => "f32",
    };
    let relative = relative_error(&before, &after);
    Ok(Rounding { name: tensor.name, shape: tensor.shape, scheme, bytes: values.bytes(), worst, relative })
}

/// Root of `Σ (a − b)² / Σ a²`.
fn relative_error(exact: &[f32], rounded: &[f32]) -> f32 {
    let square = |values: &mut dyn Iterator<Item = f32>| values.map(|x| f64::from(x).powi(2)).sum::<f64>();
    let noise = square(&mut exact.iter().zip(rounded).map(|(a, b)| a - b));
    let signal = square(&mut exact.iter().copied());
    if signal > 0.0 { (noise / signal).sqrt() as f32 } else { 0.0 }
}
