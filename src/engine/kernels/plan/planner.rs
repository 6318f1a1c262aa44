//! Layers → steps.

use super::fusion::Fusion;
use super::geometry::{Geometry, Halo, LANES, View};
use super::memory::{Buffers, halos, last_uses};
use super::{Kind, Plan, Step, Window, refused};
use crate::error::{Error, Result};
use crate::graph::{Activation, Conv, Graph, Node, Op, Pool, Shape};

/// A graph while its plan is made.
pub(super) struct Planner<'a> {
    graph: &'a Graph,
    /// The shape of every value: the graph's input, then one a layer.
    shapes: Vec<Shape>,
    fusion: Fusion,
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
        // Whatever the outputs are: the first layer's weights were packed for it.
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
        let kind = self.kind(index)?;
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

    /// What the step of a layer computes.
    fn kind(&self, index: usize) -> Result<Kind> {
        let layer = &self.graph.layers()[index];
        Ok(match layer.op {
            Op::Conv(conv) => self.convolution(index, &conv)?,
            Op::BatchNorm(_) => return Err(refused(layer, "batch normalisation that is not folded has no kernel")),
            Op::MaxPool(pool) => Kind::MaxPool(pooling(&pool)),
            Op::AvgPool(pool) => Kind::AvgPool(pooling(&pool)),
            Op::GlobalAvgPool => Kind::GlobalAvgPool,
            Op::Linear(_) => Kind::Linear,
            Op::Lrn(lrn) => Kind::Lrn(lrn),
            Op::Add => Kind::Add(self.second_operand(index)?),
            Op::Scale => Kind::Scale(self.second_operand(index)?),
            Op::Concat => return Err(Error::Internal("a concatenation has no step".into())),
        })
    }

    fn convolution(&self, index: usize, conv: &Conv) -> Result<Kind> {
        let layer = &self.graph.layers()[index];
        let input = self.shapes[layer.inputs[0].0];
        let (top, _) = conv.padding.resolve(input.height, conv.kernel, conv.stride);
        let (left, _) = conv.padding.resolve(input.width, conv.kernel, conv.stride);
        let window = Window { kernel: conv.kernel, stride: conv.stride, top, left };
        let residual = match self.fusion.addition_in(index) {
            Some(addition) => {
                let inputs = &self.graph.layers()[addition].inputs;
                let other = inputs.iter().find(|node| node.0 != index + 1);
                let other = other.ok_or_else(|| refused(layer, "it would be added to itself"))?;
                Some(self.view(other.0)?)
            }
            None => None,
        };
        let groups = conv.groups;
        let whole_vectors = |channels: usize| (channels / groups).is_multiple_of(LANES);
        if groups == input.channels && groups == conv.channels && groups > 1 {
            Ok(Kind::Depthwise { window, residual })
        } else if groups == 1 || whole_vectors(input.channels) && whole_vectors(conv.channels) {
            Ok(Kind::Conv { window, groups, residual })
        } else {
            Err(refused(layer, "groups of anything but whole groups of four channels have no kernel"))
        }
    }

    fn second_operand(&self, index: usize) -> Result<View> {
        let layer = &self.graph.layers()[index];
        match layer.inputs[..] {
            [_, second] => self.view(second.0),
            _ => Err(refused(layer, "only two values can be added or multiplied")),
        }
    }

    fn only_dense_convolutions_read_the_input(&self) -> bool {
        let mut readers = self.graph.layers().iter().filter(|layer| layer.inputs.contains(&Node::INPUT));
        readers.all(|layer| matches!(layer.op, Op::Conv(conv) if conv.groups == 1))
    }

    /// Where a value lies at this point of the plan.
    fn view(&self, value: usize) -> Result<View> {
        let home = self.fusion.home(value);
        let buffer = self.buffers.of(home.value);
        let buffer = buffer.ok_or_else(|| Error::Internal(format!("value {value} has no buffer when it is needed")))?;
        Ok(View { buffer, first_channel: home.channel, shape: self.shapes[value] })
    }
}

fn pooling(pool: &Pool) -> Window {
    let (top, left) = (pool.padding, pool.padding);
    Window { kernel: pool.kernel, stride: pool.stride, top, left }
}
