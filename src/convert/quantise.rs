//! Chooses 8 or 16 bits for each tensor from measured error within a byte budget.

use std::collections::HashMap;

use crate::error::Error;
use crate::graph::tensors::{Expected, expected};
use crate::graph::{Graph, Op};
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

/// How finely to round.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fineness {
    /// Bytes that may be spent on average for a weight that is not at 4 bits.
    pub bytes_a_weight: f64,
    /// Whether linear layers go to 4 bits.
    pub linear4: bool,
}

/// A tensor that could do with more bits.
struct Candidate {
    tensor: Expected,
    rounded: Values,
    rounding: Rounding,
    /// Noise taken away by each byte more.
    gain: f64,
    extra: usize,
}

/// Rounds a folded graph's weights; `numbers` gives one tensor at a time, those that get 16 bits twice.
///
/// All weights start at 8 bits, one scale an output channel; biases stay in single precision. Then those go to 16 bits
/// whose share of the whole noise is greatest for each byte they take more, until the budget is used up: the noise of
/// a layer's output is about the relative error of its weights, so a small tensor costs little and helps as much as a
/// large one.
///
/// # Errors
/// As [`Graph::shapes`], or what `numbers` gives.
pub fn quantise<E: From<Error>>(
    graph: &Graph,
    mut numbers: impl FnMut(&Expected) -> Result<Vec<f32>, E>,
    fineness: Fineness,
) -> Result<(Weights, Vec<Rounding>), E> {
    let linear: Vec<String> = (graph.layers().iter())
        .filter(|layer| fineness.linear4 && matches!(layer.op, Op::Linear { .. }))
        .map(|layer| format!("{}.weight", layer.name))
        .collect();
    let mut chosen = HashMap::new();
    let mut report = Vec::new();
    let mut candidates = Vec::new();
    let (mut weights, mut spent) = (0, 0);
    for tensor in expected(graph)? {
        let exact = numbers(&tensor)?;
        let rounded = match tensor.shape.as_slice() {
            [_] => Values::F32(exact.clone()),
            [_, inputs] if linear.contains(&tensor.name) => Values::int4(&exact, *inputs),
            shape => Values::int8(&exact, shape[0]),
        };
        let rounding = rounding(&tensor, &exact, &rounded);
        if matches!(rounded, Values::Int4 { .. }) {
            report.push(rounding);
            chosen.insert(tensor.name, rounded);
            continue;
        }
        weights += exact.len();
        spent += rounded.bytes();
        let extra = (2 * exact.len()).saturating_sub(rounded.bytes());
        let gain = f64::from(rounding.relative).powi(2) / extra.max(1) as f64;
        candidates.push(Candidate { tensor, rounded, rounding, gain, extra });
    }

    candidates.sort_by(|a, b| b.gain.total_cmp(&a.gain));
    let budget = (weights as f64 * fineness.bytes_a_weight) as usize;
    for Candidate { tensor, mut rounded, rounding: mut row, extra, gain } in candidates {
        if gain > 0.0 && spent + extra <= budget {
            let exact = numbers(&tensor)?;
            rounded = Values::f16(&exact);
            row = rounding(&tensor, &exact, &rounded);
            spent += extra;
        }
        report.push(row);
        chosen.insert(tensor.name, rounded);
    }
    let order = expected(graph)?;
    report.sort_by_key(|row| order.iter().position(|tensor| tensor.name == row.name));
    Ok((Weights::new(graph, chosen)?, report))
}

fn rounding(tensor: &Expected, exact: &[f32], rounded: &Values) -> Rounding {
    let after = rounded.dequantise();
    let worst = exact.iter().zip(&after).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    let scheme = match rounded {
        Values::Int8 { .. } => "int8",
        Values::Int4 { .. } => "int4",
        Values::F16(_) => "f16",
        Values::F32(_) => "f32",
    };
    Rounding {
        name: tensor.name.clone(),
        shape: tensor.shape.clone(),
        scheme,
        bytes: rounded.bytes(),
        worst,
        relative: relative_error(exact, &after),
    }
}

/// Root of `Σ (a − b)² / Σ a²`.
fn relative_error(exact: &[f32], rounded: &[f32]) -> f32 {
    let square = |values: &mut dyn Iterator<Item = f32>| values.map(|x| f64::from(x).powi(2)).sum::<f64>();
    let noise = square(&mut exact.iter().zip(rounded).map(|(a, b)| a - b));
    let signal = square(&mut exact.iter().copied());
    if signal > 0.0 { (noise / signal).sqrt() as f32 } else { 0.0 }
}
