//! In which variants a network's weights are offered.

use anyhow::Result;

use crate::graph::Op;
use crate::graph::summary::{summary, totals};
use crate::networks::Card;

/// How many bits the weights of a network are quantised to, as the page offers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// 8 bits, and 16 where 8 are not exact enough.
    Q8,
    /// As `Q8`, but with linear layers in 4 bits.
    Q4,
}

impl Variant {
    /// Its name in the manifest and in addresses.
    pub fn id(self) -> &'static str {
        match self {
            Self::Q8 => "q8",
            Self::Q4 => "q4",
        }
    }
}

/// The variants that a network is offered in, the usual one first: 4 bits are offered where linear layers hold most of the
/// parameters.
///
/// # Errors
/// As [`crate::graph::Graph::shapes`].
pub fn variants(card: &Card) -> Result<Vec<Variant>> {
    let graph = (card.graph)();
    let needed = graph.needed(&[graph.output()]);
    let rows = summary(&graph)?.into_iter().zip(graph.layers()).zip(needed);
    let linear = rows.filter(|((_, layer), needed)| *needed && matches!(layer.op, Op::Linear(_)));
    let linear: usize = linear.map(|((row, _), _)| row.parameters).sum();
    Ok(if 2 * linear > totals(&graph)?.0 { vec![Variant::Q8, Variant::Q4] } else { vec![Variant::Q8] })
}
