//! In which variants a network's weights are offered.

use anyhow::Result;

use crate::graph::Op;
use crate::graph::summary::{summary, totals};
use crate::networks::Card;

/// Bits of a network's weights, as the page offers them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// 8 bits, 16 where needed.
    Q8,
    /// The same with linear layers at 4 bits.
    Q4,
}

impl Variant {
    /// As in the manifest and in addresses.
    pub fn id(self) -> &'static str {
        match self {
            Self::Q8 => "q8",
            Self::Q4 => "q4",
        }
    }

    /// The name of a network's folder.
    pub fn folder(self, network: &str) -> String {
        match self {
            Self::Q8 => network.into(),
            Self::Q4 => format!("{network}-q4"),
        }
    }
}

/// 4 bits are offered where linear layers hold most of the numbers.
///
/// # Errors
/// As [`crate::graph::Graph::shapes`].
pub fn variants(card: &Card) -> Result<Vec<Variant>> {
    let graph = (card.graph)();
    let needed = graph.needed(&[graph.output()]);
    let rows = summary(&graph)?.into_iter().zip(graph.layers()).zip(needed);
    let linear = rows.filter(|((_, layer), needed)| *needed && matches!(layer.op, Op::Linear { .. }));
    let linear: usize = linear.map(|((row, _), _)| row.parameters).sum();
    Ok(if 2 * linear > totals(&graph)?.0 { vec![Variant::Q8, Variant::Q4] } else { vec![Variant::Q8] })
}
