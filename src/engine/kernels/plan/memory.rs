//! Which buffer holds which value, and for how long.

use super::fusion::Fusion;
use super::geometry::{Geometry, Halo};
use crate::graph::{Graph, Node, Op, Shape};

/// The halo of every value that has memory of its own: the widest padding of the layers that read it or a part of it.
pub(super) fn halos(graph: &Graph, shapes: &[Shape], fusion: &Fusion) -> Vec<Halo> {
    let mut halos = vec![Halo::default(); shapes.len()];
    for (index, layer) in graph.layers().iter().enumerate() {
        // Pooling does not read its padding.
        if let (Op::Conv(conv), true) = (layer.op, fusion.needed[index]) {
            let node = layer.inputs[0].0;
            let Shape { height, width, .. } = shapes[node];
            let (top, bottom) = conv.padding.resolve(height, conv.kernel, conv.stride);
            let (left, right) = conv.padding.resolve(width, conv.kernel, conv.stride);
            let home = fusion.home(node).value;
            halos[home] = halos[home].max(Halo { top, left, bottom, right });
        }
    }
    halos
}

/// For every value that has memory of its own, the last layer that reads or writes it.
pub(super) fn last_uses(graph: &Graph, outputs: &[Node], fusion: &Fusion) -> Vec<usize> {
    let mut last = vec![0; graph.layers().len() + 1];
    for (index, layer) in graph.layers().iter().enumerate().filter(|(index, _)| fusion.needed[*index]) {
        // An addition that runs in a convolution reads when the convolution runs, which is earlier.
        let written = fusion.home(index + 1).value;
        last[written] = last[written].max(index);
        for node in &layer.inputs {
            let read = fusion.home(node.0).value;
            last[read] = last[read].max(index);
        }
    }
    outputs.iter().for_each(|node| last[fusion.home(node.0).value] = usize::MAX);
    last
}

/// The buffers while a plan is made: values of the same geometry take turns in one buffer, whose halo stays zero.
pub(super) struct Buffers {
    /// All buffers.
    pub(super) geometries: Vec<Geometry>,
    /// Buffers whose value no later step reads.
    free: Vec<usize>,
    /// For each value its buffer, while it has one.
    buffer_of: Vec<Option<usize>>,
}

impl Buffers {
    /// No buffer yet, for so many values.
    pub(super) fn new(values: usize) -> Self {
        Self { geometries: Vec::new(), free: Vec::new(), buffer_of: vec![None; values] }
    }

    /// A buffer of this geometry: a free one, or a new one.
    pub(super) fn take(&mut self, geometry: Geometry) -> usize {
        match self.free.iter().position(|&buffer| self.geometries[buffer] == geometry) {
            Some(position) => self.free.swap_remove(position),
            None => {
                self.geometries.push(geometry);
                self.geometries.len() - 1
            }
        }
    }

    /// Gives a buffer back that [`Buffers::take`] gave.
    pub(super) fn give_back(&mut self, buffer: usize) {
        self.free.push(buffer);
    }

    /// The buffer of a value, if it has one now.
    pub(super) fn of(&self, value: usize) -> Option<usize> {
        self.buffer_of[value]
    }

    /// Gives a value a buffer until [`Buffers::release`].
    pub(super) fn place(&mut self, value: usize, geometry: Geometry) {
        self.buffer_of[value] = Some(self.take(geometry));
    }

    /// Gives a value a buffer that no other value ever takes.
    pub(super) fn keep(&mut self, value: usize, geometry: Geometry) {
        self.geometries.push(geometry);
        self.buffer_of[value] = Some(self.geometries.len() - 1);
    }

    /// Lets later values take the buffer of a value that no later step reads.
    pub(super) fn release(&mut self, value: usize) {
        self.free.extend(self.buffer_of[value].take());
    }
}
