//! Layers → steps.

use super::fusion::Fusion;
use super::geometry::{Geometry, Halo, LANES, View};
use super::memory::{Buffers, halos, last_uses};
use super::{Kind, Plan, Site, Step, refused};
use crate::error::{Error, Result};
use crate::graph::{Activation, Graph, Node, Op, Shape};

/// A graph while its plan is made.
pub(super) struct Planner<'a> {
    pub(super) graph: &'a Graph,
    /// The shape of every value: the graph's input, then one a layer.
    pub(super) shapes: Vec<Shape>,
    pub(super) fusion: Fusion,
    halos: Vec<Halo>,
    buffers: Buffers,
    steps: Vec<Step>,
}

impl<'a> Planner<'a> {
    /// Prepares a plan for the `outputs` of `graph`.
    pub(super) fn new(graph: &'a Graph, outputs: &[Node]) -> Result<Self> {
        let shapes = graph.shapes()?;
        let fusion = Fusion::new(graph, &shapes, outputs)?;
        let halos = halos(graph, &shapes, &fusion);
        let buffers = Buffers::new(shapes.len());
        Ok(Self { graph, shapes, fusion, halos, buffers, steps: Vec::new() })
    }

    /// As [`Plan::new`].
    pub(super) fn plan(mut self, outputs: &[Node], narrow_input: bool) -> Result<Plan> {
        let last_uses = last_uses(self.graph, outputs, &self.fusion);
        let Shape { channels, height, width } = self.shapes[0];
        // This must not depend on the requested outputs, because the first layer's weights are packed for one layout.
        let narrow = narrow_input && channels < LANES && self.only_dense_convolutions_read_the_input();
        let pixel = if narrow { channels } else { channels.next_multiple_of(LANES) };
        self.buffers.keep(0, Geometry { height, width, pixel, halo: self.halos[0] });
        for index in 0..self.graph.layers().len() {
            if !self.fusion.needed[index] {
                continue;
            }
            if self.graph.layers()[index].op != Op::Concat && !self.fusion.is_fused(index) {
                self.layer(index)?;
            }
            // The input keeps its buffer: it is written before the first step.
            for (value, _) in last_uses.iter().enumerate().skip(1).filter(|(_, last)| **last == index) {
                self.buffers.release(value);
            }
        }
        let outputs = outputs.iter().map(|node| self.view(node.0)).collect::<Result<_>>()?;
        let input = self.view(0)?;
        Ok(Plan { buffers: self.buffers.geometries, input, steps: self.steps, outputs })
    }

    /// Adds the steps of a layer: two for a linear layer that reads an image, else one.
    fn layer(&mut self, index: usize) -> Result<()> {
        let layer = &self.graph.layers()[index];
        let mut input = self.view(layer.inputs[0].0)?;
        let mut flat = None;
        if matches!(layer.op, Op::Linear(_)) && input.shape.height * input.shape.width > 1 {
            let shape = Shape::vector(input.shape.elements());
            let buffer = self.buffers.take(Geometry::vector(shape.channels));
            let output = View { buffer, first_channel: 0, shape };
            let (kind, activation) = (Kind::Flatten, Activation::Identity);
            self.steps.push(Step { layer: index, kind, activation, input, output });
            input = output;
            flat = Some(buffer);
        }

        let written = self.fusion.addition_in(index).unwrap_or(index);
        let activation = self.graph.layers()[written].activation;
        let kind = Kind::of(&layer.op, &Site::new(self, index))?;
        let home = self.fusion.home(written + 1).value;
        if self.buffers.of(home).is_none() {
            let Shape { channels, height, width } = self.shapes[home];
            let pixel = channels.next_multiple_of(LANES);
            self.buffers.place(home, Geometry { height, width, pixel, halo: self.halos[home] });
        }
        let output = self.view(written + 1)?;
        let step = Step { layer: index, kind, activation, input, output };
        if step.reads().any(|view| view.buffer == output.buffer) {
            return Err(refused(layer, "it would write where it reads"));
        }
        self.steps.push(step);
        if let Some(buffer) = flat {
            self.buffers.give_back(buffer);
        }
        Ok(())
    }

    fn only_dense_convolutions_read_the_input(&self) -> bool {
        let mut readers = self.graph.layers().iter().filter(|layer| layer.inputs.contains(&Node::INPUT));
        readers.all(|layer| matches!(layer.op, Op::Conv(conv) if conv.groups == 1))
    }

    /// Where a value lies at this point of the plan.
    pub(super) fn view(&self, value: usize) -> Result<View> {
        let home = self.fusion.home(value);
        let buffer = self.buffers.of(home.value);
        let buffer = buffer.ok_or_else(|| Error::Internal(format!("value {value} has no buffer when it is needed")))?;
        Ok(View { buffer, first_channel: home.channel, shape: self.shapes[value] })
    }
}
