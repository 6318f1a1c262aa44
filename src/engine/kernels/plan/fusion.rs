//! Which layers need no step of their own: additions that run in a convolution, and concatenations.

use super::geometry::LANES;
use super::refused;
use crate::error::Result;
use crate::graph::{Activation, Graph, Node, Op, Shape};

/// Where a value lies: at a channel of a value that has memory of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Home {
    /// The value with memory of its own: 0 is the graph's input, `i + 1` the output of layer `i`.
    pub(super) value: usize,
    /// The channel at which the part begins.
    pub(super) channel: usize,
}

/// What the layers of a graph become for some requested outputs.
pub(super) struct Fusion {
    /// One flag a layer: whether a requested output needs it.
    pub(super) needed: Vec<bool>,
    /// For each layer the addition that runs in it, if any.
    added_in: Vec<Option<usize>>,
    /// The value in whose memory each value lies: for an operand of a fused addition the sum, for a part the concatenation.
    /// [`Fusion::home`] follows this until a value has memory of its own.
    homes: Vec<Home>,
}

impl Fusion {
    /// Decides which layers of `graph`, whose values have `shapes`, are fused when `outputs` are computed.
    pub(super) fn new(graph: &Graph, shapes: &[Shape], outputs: &[Node]) -> Result<Self> {
        let needed = graph.needed(outputs);
        let added_in = additions(graph, &needed, outputs);
        let homes = homes(graph, shapes, &needed, &added_in)?;
        Ok(Self { needed, added_in, homes })
    }

    /// The addition that runs in a layer.
    pub(super) fn addition_in(&self, layer: usize) -> Option<usize> {
        self.added_in[layer]
    }

    /// Whether a layer is an addition that runs in the convolution before it.
    pub(super) fn is_fused(&self, layer: usize) -> bool {
        self.added_in.contains(&Some(layer))
    }

    /// Where a value lies, through additions and concatenations.
    pub(super) fn home(&self, value: usize) -> Home {
        let mut home = Home { value, channel: 0 };
        loop {
            let next = self.homes[home.value];
            if next.value == home.value {
                return home;
            }
            home = Home { value: next.value, channel: home.channel + next.channel };
        }
    }
}

/// For each layer the addition that can run in it: a convolution's, if nothing but the addition reads its output.
fn additions(graph: &Graph, needed: &[bool], outputs: &[Node]) -> Vec<Option<usize>> {
    let layers = graph.layers();
    let running = || layers.iter().enumerate().filter(|(index, _)| needed[*index]);
    // How often each value is read.
    let mut readers = vec![0; layers.len() + 1];
    running().flat_map(|(_, layer)| &layer.inputs).for_each(|node| readers[node.0] += 1);
    // A requested output must stay readable by itself.
    outputs.iter().for_each(|node| readers[node.0] += 2);

    let mut added_in = vec![None; layers.len()];
    for (index, layer) in running().filter(|(_, layer)| layer.op == Op::Add && layer.inputs.len() == 2) {
        // The operand that is computed later: the other one exists by then.
        let Some(producer) = layer.inputs.iter().max().and_then(|node| node.layer()) else { continue };
        let alone = readers[producer + 1] == 1 && layers[producer].activation == Activation::Identity;
        if alone && matches!(layers[producer].op, Op::Conv(_)) {
            added_in[producer] = Some(index);
        }
    }
    added_in
}

fn homes(graph: &Graph, shapes: &[Shape], needed: &[bool], added_in: &[Option<usize>]) -> Result<Vec<Home>> {
    let mut homes: Vec<Home> = (0..shapes.len()).map(|value| Home { value, channel: 0 }).collect();
    for (index, addition) in added_in.iter().enumerate() {
        if let Some(addition) = addition {
            homes[index + 1].value = addition + 1;
        }
    }
    for (index, layer) in graph.layers().iter().enumerate() {
        if layer.op != Op::Concat || !needed[index] {
            continue;
        }
        if layer.activation != Activation::Identity {
            return Err(refused(layer, "a concatenation with an activation has no kernel"));
        }
        let mut channel = 0;
        for node in &layer.inputs {
            let free = homes[node.0] == Home { value: node.0, channel: 0 };
            let whole = shapes[node.0].channels.is_multiple_of(LANES);
            if !(free && whole) || *node == Node::INPUT {
                let reason = "its parts must have multiples of four channels, and none may be the input or be \
                              concatenated twice";
                return Err(refused(layer, reason));
            }
            homes[node.0] = Home { value: index + 1, channel };
            channel += shapes[node.0].channels;
        }
    }
    Ok(homes)
}
