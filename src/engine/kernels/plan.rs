//! Graph → plan: what runs, in which order, and where every value lies in memory. No device is known here.
//!
//! Both devices keep a value channels-last: rows of pixels, a pixel's channels side by side, filled up to groups of
//! four. Around it lies a halo of zeros, as wide as its readers' padding, so that a convolution never looks whether it
//! is still inside. An addition runs in the convolution before it, the parts of a concatenation are written where the
//! whole lies, and values of the same geometry take turns in one buffer, whose halo stays zero.

use crate::error::{Error, Result};
use crate::graph::{Activation, Conv, Graph, Layer, Lrn, Node, Op, Pool, Shape};

/// Channels side by side in a vector of the device's.
pub const LANES: usize = 4;

/// How a buffer's values lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
    /// Rows, without the halo.
    pub height: usize,
    /// Columns, without the halo.
    pub width: usize,
    /// Elements a pixel.
    pub pixel: usize,
    /// Rows and columns of zeros.
    pub halo: Halo,
}

/// Zeros around a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Halo {
    /// Rows above.
    pub top: usize,
    /// Columns to the left.
    pub left: usize,
    /// Rows below.
    pub bottom: usize,
    /// Columns to the right.
    pub right: usize,
}

impl Halo {
    fn max(self, other: Self) -> Self {
        Self {
            top: self.top.max(other.top),
            left: self.left.max(other.left),
            bottom: self.bottom.max(other.bottom),
            right: self.right.max(other.right),
        }
    }
}

impl Geometry {
    /// Elements a row, with the halo.
    pub fn row(&self) -> usize {
        (self.halo.left + self.width + self.halo.right) * self.pixel
    }

    /// All elements, with the halo.
    pub fn len(&self) -> usize {
        (self.halo.top + self.height + self.halo.bottom) * self.row()
    }

    /// Whether there is no element at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Where the pixel in row `y`, column `x` begins; both may reach into the halo.
    pub fn at(&self, y: isize, x: isize) -> usize {
        let y = self.halo.top as isize + y;
        let x = self.halo.left as isize + x;
        y as usize * self.row() + x as usize * self.pixel
    }
}

/// A value: some of a buffer's channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// The buffer.
    pub buffer: usize,
    /// Its first channel.
    pub offset: usize,
    /// The value's shape.
    pub shape: Shape,
}

/// A convolution as it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Side of the kernel, in pixels.
    pub kernel: usize,
    /// Step between outputs, in pixels.
    pub stride: usize,
    /// Rows above the first window's first row.
    pub top: usize,
    /// Columns left of it.
    pub left: usize,
}

/// What a step computes before its activation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// A dense or grouped convolution, with what is added to it before the activation.
    Conv {
        /// Its windows.
        window: Window,
        /// Groups of channels that do not see each other.
        groups: usize,
        /// Added to it.
        residual: Option<View>,
    },
    /// A convolution of each channel with a kernel of its own.
    Depthwise {
        /// Its windows.
        window: Window,
        /// Added to it.
        residual: Option<View>,
    },
    /// Greatest value of each window; what is outside counts as nothing.
    MaxPool(Window),
    /// Mean of each window; what is outside counts as nothing.
    AvgPool(Window),
    /// Mean of each channel.
    GlobalAvgPool,
    /// A vector, channel by channel, of a picture.
    Flatten,
    /// Matrix–vector product.
    Linear,
    /// Local response normalisation.
    Lrn(Lrn),
    /// Sum with another value.
    Add(View),
    /// Product with a vector, channel by channel.
    Scale(View),
}

/// One step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// The graph's layer whose parameters it uses.
    pub layer: usize,
    /// What it computes.
    pub kind: Kind,
    /// What follows at once.
    pub activation: Activation,
    /// What it reads.
    pub input: View,
    /// What it writes.
    pub output: View,
}

impl Step {
    /// All that it reads.
    pub fn reads(&self) -> impl Iterator<Item = View> {
        let residual = match self.kind {
            Kind::Conv { residual, .. } | Kind::Depthwise { residual, .. } => residual,
            Kind::Add(other) | Kind::Scale(other) => Some(other),
            _ => None,
        };
        [self.input].into_iter().chain(residual)
    }
}

/// Everything that runs for some outputs values of a graph.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The buffers' geometries.
    pub buffers: Vec<Geometry>,
    /// The graph's input.
    pub input: View,
    /// In order.
    pub steps: Vec<Step>,
    /// The outputs values, in the order asked for.
    pub outputs: Vec<View>,
}

impl Plan {
    /// Plans the `outputs` values of a folded graph. With `narrow_input` an input of fewer channels than a vector's, which
    /// only dense convolutions read, is not filled up.
    ///
    /// # Errors
    /// [`Error::BadGraph`] where layers do not fit, or for a layer that has no kernel: batch normalisation that was not
    /// folded, and concatenations of anything but whole groups of channels of values that nothing else concatenates.
    pub fn new(graph: &Graph, outputs: &[Node], narrow_input: bool) -> Result<Self> {
        Planner::new(graph, outputs)?.plan(outputs, narrow_input)
    }

    /// Copies an input, channel by channel, into the elements of its buffer.
    pub(super) fn write_input(&self, input: &[f32], elements: &mut [f32]) {
        let View { buffer, shape, .. } = self.input;
        let geometry = &self.buffers[buffer];
        for (channel, plane) in input.chunks_exact(shape.height * shape.width).enumerate() {
            for (y, row) in plane.chunks_exact(shape.width).enumerate() {
                let first = geometry.at(y as isize, 0) + channel;
                let pixels = elements[first..].iter_mut().step_by(geometry.pixel);
                pixels.zip(row).for_each(|(element, value)| *element = *value);
            }
        }
    }

    /// Bytes of all buffers in single precision.
    pub fn bytes(&self) -> usize {
        self.buffers.iter().map(|buffer| 4 * buffer.len()).sum()
    }
}

/// Where a value lies: in a value of its own, or in a concatenation's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Home {
    value: usize,
    offset: usize,
}

struct Planner<'a> {
    graph: &'a Graph,
    shapes: Vec<Shape>,
    needed: Vec<bool>,
    /// For each layer, the addition that runs in it.
    fused_into: Vec<Option<usize>>,
    homes: Vec<Home>,
}

fn bad(layer: &Layer, reason: &str) -> Error {
    Error::BadGraph { layer: layer.name.clone(), reason: reason.into() }
}

impl<'a> Planner<'a> {
    fn new(graph: &'a Graph, outputs: &[Node]) -> Result<Self> {
        let layers = graph.layers();
        let needed = graph.needed(outputs);
        // How often each value is read.
        let mut readers = vec![0; layers.len() + 1];
        let running = || layers.iter().enumerate().filter(|(index, _)| needed[*index]);
        running().flat_map(|(_, layer)| &layer.inputs).for_each(|node| readers[node.0] += 1);
        // A outputs value must lie somewhere by itself.
        outputs.iter().for_each(|node| readers[node.0] += 2);

        let mut fused_into = vec![None; layers.len()];
        for (index, layer) in running().filter(|(_, layer)| layer.op == Op::Add && layer.inputs.len() == 2) {
            // The later one of the two: the other value is there when it runs.
            let Some(producer) = layer.inputs.iter().max().and_then(|node| node.layer()) else { continue };
            let alone = readers[producer + 1] == 1 && layers[producer].activation == Activation::Identity;
            if alone && matches!(layers[producer].op, Op::Conv(_)) {
                fused_into[producer] = Some(index);
            }
        }

        let mut planner = Self { graph, shapes: graph.shapes()?, needed, fused_into, homes: Vec::new() };
        planner.homes = planner.find_homes()?;
        Ok(planner)
    }

    fn find_homes(&self) -> Result<Vec<Home>> {
        let mut homes: Vec<Home> = (0..self.shapes.len()).map(|value| Home { value, offset: 0 }).collect();
        for (index, addition) in self.fused_into.iter().enumerate() {
            if let Some(addition) = addition {
                homes[index + 1].value = addition + 1;
            }
        }
        for (index, layer) in self.graph.layers().iter().enumerate() {
            if layer.op != Op::Concat || !self.needed[index] {
                continue;
            }
            if layer.activation != Activation::Identity {
                return Err(bad(layer, "a concatenation with an activation has no kernel"));
            }
            let mut offset = 0;
            for node in &layer.inputs {
                let free = homes[node.0] == Home { value: node.0, offset: 0 };
                let whole = self.shapes[node.0].channels.is_multiple_of(LANES);
                if !(free && whole) || *node == Node::INPUT {
                    return Err(bad(layer, "only whole groups of four channels can be concatenated, and only once"));
                }
                homes[node.0] = Home { value: index + 1, offset };
                offset += self.shapes[node.0].channels;
            }
        }
        Ok(homes)
    }

    /// The home of a value, through additions and concatenations.
    fn home(&self, value: usize) -> Home {
        let mut home = Home { value, offset: 0 };
        loop {
            let next = self.homes[home.value];
            if next.value == home.value {
                return home;
            }
            home = Home { value: next.value, offset: home.offset + next.offset };
        }
    }

    fn plan(&self, outputs: &[Node], narrow_input: bool) -> Result<Plan> {
        let layers = self.graph.layers();
        let halos = self.halos();
        let last_readers = self.last_readers(outputs);
        let mut memory = Memory { buffers: Vec::new(), free: Vec::new(), buffer_of: vec![None; self.shapes.len()] };

        let Shape { channels, height, width } = self.shapes[0];
        // Whatever is outputs: the first layer's weights were packed for it.
        let narrow = narrow_input && channels < LANES && self.is_input_of_dense_convolutions();
        let pixel = if narrow { channels } else { channels.next_multiple_of(LANES) };
        memory.keep(0, Geometry { height, width, pixel, halo: halos[0] });
        let mut steps = Vec::new();
        for index in (0..layers.len()).filter(|&index| self.needed[index]) {
            if layers[index].op != Op::Concat && !self.is_fused(index) {
                self.layer_steps(index, &mut memory, &halos, &mut steps)?;
            }
            // The input stays: it is written before the first step.
            for (value, _) in last_readers.iter().enumerate().skip(1).filter(|(_, last)| **last == index) {
                memory.free.extend(memory.buffer_of[value].take());
            }
        }
        let outputs = outputs.iter().map(|node| self.view(&memory, node.0)).collect::<Result<_>>()?;
        let input = self.view(&memory, 0)?;
        Ok(Plan { buffers: memory.buffers, input, steps, outputs })
    }

    /// A layer's steps: for a linear layer behind a picture two, else one.
    fn layer_steps(&self, index: usize, memory: &mut Memory, halos: &[Halo], steps: &mut Vec<Step>) -> Result<()> {
        let layers = self.graph.layers();
        let layer = &layers[index];
        let mut input = self.view(memory, layer.inputs[0].0)?;
        let mut flat = None;
        if matches!(layer.op, Op::Linear { .. }) && input.shape.height * input.shape.width > 1 {
            let shape = Shape::vector(input.shape.len());
            let buffer = memory.take(vector(shape.channels));
            let output = View { buffer, offset: 0, shape };
            steps.push(Step { layer: index, kind: Kind::Flatten, activation: Activation::Identity, input, output });
            input = output;
            flat = Some(buffer);
        }

        let written = self.fused_into[index].unwrap_or(index);
        let activation = layers[written].activation;
        let kind = self.kind(index, memory)?;
        let home = self.home(written + 1).value;
        if memory.buffer_of[home].is_none() {
            let Shape { channels, height, width } = self.shapes[home];
            let pixel = channels.next_multiple_of(LANES);
            memory.place(home, Geometry { height, width, pixel, halo: halos[home] });
        }
        let output = self.view(memory, written + 1)?;
        let step = Step { layer: index, kind, activation, input, output };
        if step.reads().any(|view| view.buffer == output.buffer) {
            return Err(bad(layer, "it would write where it reads"));
        }
        steps.push(step);
        memory.free.extend(flat);
        Ok(())
    }

    fn is_input_of_dense_convolutions(&self) -> bool {
        let mut readers = self.graph.layers().iter().filter(|layer| layer.inputs.contains(&Node::INPUT));
        readers.all(|layer| matches!(layer.op, Op::Conv(conv) if conv.groups == 1))
    }

    /// Whether a layer is an addition that runs in the convolution before it.
    fn is_fused(&self, index: usize) -> bool {
        self.fused_into.contains(&Some(index))
    }

    fn view(&self, memory: &Memory, value: usize) -> Result<View> {
        let home = self.home(value);
        let place = memory.buffer_of[home.value];
        let buffer = place.ok_or_else(|| Error::Internal(format!("value {value} lies nowhere when it is needed")))?;
        Ok(View { buffer, offset: home.offset, shape: self.shapes[value] })
    }

    fn kind(&self, index: usize, memory: &Memory) -> Result<Kind> {
        let layer = &self.graph.layers()[index];
        let shape = self.shapes[layer.inputs[0].0];
        Ok(match layer.op {
            Op::Conv(conv) => {
                let window = window(&conv, shape);
                let residual = match self.fused_into[index] {
                    Some(addition) => {
                        let inputs = &self.graph.layers()[addition].inputs;
                        let other = inputs.iter().find(|node| node.0 != index + 1);
                        let other = other.ok_or_else(|| bad(layer, "it would be added to itself"))?;
                        Some(self.view(memory, other.0)?)
                    }
                    None => None,
                };
                if conv.groups == shape.channels && conv.groups == conv.channels && conv.groups > 1 {
                    Kind::Depthwise { window, residual }
                } else if conv.groups == 1
                    || (shape.channels / conv.groups).is_multiple_of(LANES)
                        && (conv.channels / conv.groups).is_multiple_of(LANES)
                {
                    Kind::Conv { window, groups: conv.groups, residual }
                } else {
                    return Err(bad(layer, "groups of anything but whole groups of four channels have no kernel"));
                }
            }
            Op::BatchNorm { .. } => return Err(bad(layer, "batch normalisation that is not folded has no kernel")),
            Op::MaxPool(pool) => Kind::MaxPool(pooling(&pool)),
            Op::AvgPool(pool) => Kind::AvgPool(pooling(&pool)),
            Op::GlobalAvgPool => Kind::GlobalAvgPool,
            Op::Linear { .. } => Kind::Linear,
            Op::Lrn(lrn) => Kind::Lrn(lrn),
            Op::Add | Op::Scale => match layer.inputs[..] {
                [_, second] if layer.op == Op::Add => Kind::Add(self.view(memory, second.0)?),
                [_, second] => Kind::Scale(self.view(memory, second.0)?),
                _ => return Err(bad(layer, "only two values can be added or multiplied")),
            },
            Op::Concat => return Err(Error::Internal("a concatenation is no step".into())),
        })
    }

    /// The halo of every home: the widest padding of all that read it or a part of it.
    fn halos(&self) -> Vec<Halo> {
        let mut halos = vec![Halo::default(); self.shapes.len()];
        for (index, layer) in self.graph.layers().iter().enumerate() {
            if let (Op::Conv(conv), true) = (layer.op, self.needed[index]) {
                let node = layer.inputs[0].0;
                let Shape { height, width, .. } = self.shapes[node];
                let (top, bottom) = conv.padding.resolve(height, conv.kernel, conv.stride);
                let (left, right) = conv.padding.resolve(width, conv.kernel, conv.stride);
                let home = self.home(node).value;
                halos[home] = halos[home].max(Halo { top, left, bottom, right });
            }
        }
        halos
    }

    /// For every home the last layer that reads or writes it.
    fn last_readers(&self, outputs: &[Node]) -> Vec<usize> {
        let mut last = vec![0; self.shapes.len()];
        for (index, layer) in self.graph.layers().iter().enumerate().filter(|(index, _)| self.needed[*index]) {
            // An addition reads when the convolution runs that it is part of.
            let written = self.home(index + 1).value;
            last[written] = last[written].max(index);
            for node in &layer.inputs {
                let read = self.home(node.0).value;
                last[read] = last[read].max(index);
            }
        }
        outputs.iter().for_each(|node| last[self.home(node.0).value] = usize::MAX);
        last
    }
}

/// Which buffer holds which value.
struct Memory {
    buffers: Vec<Geometry>,
    free: Vec<usize>,
    buffer_of: Vec<Option<usize>>,
}

impl Memory {
    /// A buffer of this geometry.
    fn take(&mut self, geometry: Geometry) -> usize {
        match self.free.iter().position(|&buffer| self.buffers[buffer] == geometry) {
            Some(position) => self.free.swap_remove(position),
            None => {
                self.buffers.push(geometry);
                self.buffers.len() - 1
            }
        }
    }

    fn place(&mut self, value: usize, geometry: Geometry) {
        self.buffer_of[value] = Some(self.take(geometry));
    }

    /// A buffer that no other value ever takes.
    fn keep(&mut self, value: usize, geometry: Geometry) {
        self.buffers.push(geometry);
        self.buffer_of[value] = Some(self.buffers.len() - 1);
    }
}

fn vector(length: usize) -> Geometry {
    Geometry { height: 1, width: 1, pixel: length.next_multiple_of(LANES), halo: Halo::default() }
}

fn window(conv: &Conv, input: Shape) -> Window {
    let (top, _) = conv.padding.resolve(input.height, conv.kernel, conv.stride);
    let (left, _) = conv.padding.resolve(input.width, conv.kernel, conv.stride);
    Window { kernel: conv.kernel, stride: conv.stride, top, left }
}

fn pooling(pool: &Pool) -> Window {
    let (top, left) = (pool.padding, pool.padding);
    Window { kernel: pool.kernel, stride: pool.stride, top, left }
}
