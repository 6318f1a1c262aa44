//! A network as data: named layers with parameters, no tensor and no device.
//!
//! A network file builds a [`Graph`] in the order of its paper's table. Every layer reads the one before it unless
//! [`Graph::at`] moves the cursor. Shapes are not stored: [`Graph::shapes`] infers them.

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

pub mod activation;
pub mod fold;
pub mod summary;
pub mod tensors;

pub use activation::Activation;

/// A value's shape without the batch, which is always 1. A vector is `channels × 1 × 1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Shape {
    /// Channels, or the length of a vector.
    pub channels: usize,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
}

impl Shape {
    /// A shape of `channels × height × width`.
    pub const fn new(channels: usize, height: usize, width: usize) -> Self {
        Self { channels, height, width }
    }

    /// A square colour picture.
    pub const fn rgb(side: usize) -> Self {
        Self::new(3, side, side)
    }

    /// A vector.
    pub const fn vector(length: usize) -> Self {
        Self::new(length, 1, 1)
    }

    /// Number of values.
    pub const fn len(&self) -> usize {
        self.channels * self.height * self.width
    }

    /// Whether there is no value at all.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl std::fmt::Display for Shape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}×{}×{}", self.channels, self.height, self.width)
    }
}

/// Zeros (for max pooling: nothing) around a layer's input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Padding {
    /// The same number of pixels on all four sides.
    Even(usize),
    /// TensorFlow's "SAME": the output has `ceil(input / stride)` pixels, an odd one goes to the bottom and right.
    Same,
}

impl Padding {
    /// Pixels before and after one axis of `input` pixels.
    pub fn resolve(self, input: usize, kernel: usize, stride: usize) -> (usize, usize) {
        match self {
            Self::Even(pixels) => (pixels, pixels),
            Self::Same => {
                let output = input.div_ceil(stride);
                let total = ((output - 1) * stride + kernel).saturating_sub(input);
                (total / 2, total - total / 2)
            }
        }
    }
}

/// A convolution's parameters. The kernel is square.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Conv {
    /// Output channels.
    pub channels: usize,
    /// Side of the kernel, in pixels.
    pub kernel: usize,
    /// Step between outputs, in pixels.
    pub stride: usize,
    /// Zeros around the input.
    pub padding: Padding,
    /// Groups of channels that do not see each other; as many as channels makes a depthwise convolution.
    pub groups: usize,
    /// Whether a bias is added.
    pub bias: bool,
}

/// A pooling window's parameters. The window is square.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Pool {
    /// Side of the window, in pixels.
    pub kernel: usize,
    /// Step between windows, in pixels.
    pub stride: usize,
    /// Pixels around the input that count as nothing.
    #[serde(skip_serializing_if = "is_default")]
    pub padding: usize,
    /// Whether a last window may hang over the edge; it then sees only what is there.
    #[serde(skip_serializing_if = "is_default")]
    pub ceil: bool,
}

/// Local response normalisation across channels. (Krizhevsky et al. 2012, section 3.3)
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Lrn {
    /// Neighbouring channels looked at, the channel itself in the middle.
    pub size: usize,
    /// Weight of the neighbours' mean square.
    pub alpha: f32,
    /// Exponent.
    pub beta: f32,
    /// Constant.
    pub k: f32,
}

/// What a layer computes before its activation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub enum Op {
    /// Two-dimensional cross-correlation.
    Conv(Conv),
    /// `(x − mean) / sqrt(variance + epsilon) · weight + bias` for each channel, with stored statistics.
    BatchNorm {
        /// Added to the variance.
        epsilon: f32,
    },
    /// Greatest value of each window.
    MaxPool(Pool),
    /// Mean of each window.
    AvgPool(Pool),
    /// Mean of each channel: a vector.
    GlobalAvgPool,
    /// Matrix–vector product; a picture is flattened first, channel by channel.
    Linear {
        /// Length of the output.
        outputs: usize,
    },
    /// `x / (k + alpha · mean of the neighbours' squares)^beta`
    Lrn(Lrn),
    /// Sum of two values of the same shape.
    Add,
    /// Each channel of the first value times the second's number for it.
    Scale,
    /// Channels of all values, one after another.
    Concat,
}

impl Op {
    /// The layer's kind as the page and the tables show it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Conv(conv) if conv.groups > 1 && conv.groups == conv.channels => "depthwise convolution",
            Self::Conv(conv) if conv.groups > 1 => "grouped convolution",
            Self::Conv(_) => "convolution",
            Self::BatchNorm { .. } => "batch normalisation",
            Self::MaxPool(_) => "max pooling",
            Self::AvgPool(_) => "average pooling",
            Self::GlobalAvgPool => "global average pooling",
            Self::Linear { .. } => "linear",
            Self::Lrn(_) => "local response normalisation",
            Self::Add => "addition",
            Self::Scale => "scaling",
            Self::Concat => "concatenation",
        }
    }
}

/// Names a value of a graph: its input or a layer's output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Node(pub(crate) usize);

impl Node {
    /// The graph's input.
    pub const INPUT: Self = Self(0);

    /// The layer that makes this value; none for the input.
    pub fn layer(self) -> Option<usize> {
        self.0.checked_sub(1)
    }
}

/// One layer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Layer {
    /// Unique in its graph; its tensors are called `<name>.weight` and so on.
    pub name: String,
    /// What it computes.
    pub op: Op,
    /// What it reads.
    pub inputs: Vec<Node>,
    /// What follows at once.
    pub activation: Activation,
}

/// An output beside the main one, which helped in training.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Head {
    /// Its logits.
    pub node: Node,
    /// Its weight in training, and in a vote of all outputs; the main output's is 1.
    pub weight: f32,
}

/// A network's layers in an order in which they can run; the last one gives the logits.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Graph {
    input: Shape,
    layers: Vec<Layer>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    heads: Vec<Head>,
    #[serde(skip)]
    cursor: Node,
}

impl Graph {
    /// An empty graph.
    pub fn new(input: Shape) -> Self {
        Self { input, layers: Vec::new(), heads: Vec::new(), cursor: Node::INPUT }
    }

    /// The input's shape.
    pub fn input(&self) -> Shape {
        self.input
    }

    /// All layers, each after those it reads.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// The logits.
    pub fn output(&self) -> Node {
        Node(self.layers.len())
    }

    /// Auxiliary outputs, from the input on.
    pub fn heads(&self) -> &[Head] {
        &self.heads
    }

    /// The output of a layer.
    pub fn node(&self, layer: &str) -> Option<Node> {
        self.layers.iter().position(|other| other.name == layer).map(|index| Node(index + 1))
    }

    /// The name of the layer that makes a value; "input" for the graph's input.
    pub fn name(&self, node: Node) -> &str {
        node.layer().map_or("input", |layer| self.layers[layer].name.as_str())
    }

    /// Which layers must run for `wanted`: one flag a layer.
    pub fn needed(&self, wanted: &[Node]) -> Vec<bool> {
        let mut needed = vec![false; self.layers.len()];
        wanted.iter().filter_map(|node| node.layer()).for_each(|layer| needed[layer] = true);
        for index in (0..self.layers.len()).rev() {
            if needed[index] {
                let inputs = self.layers[index].inputs.iter().filter_map(|node| node.layer());
                inputs.for_each(|layer| needed[layer] = true);
            }
        }
        needed
    }

    /// The value that the next layer will read.
    pub fn cursor(&self) -> Node {
        self.cursor
    }

    /// Lets the next layer read `node`.
    pub fn at(&mut self, node: Node) -> &mut Self {
        self.cursor = node;
        self
    }

    /// A convolution of stride 1, without padding, with bias.
    pub fn conv(&mut self, name: impl Into<String>, channels: usize, kernel: usize) -> LayerMut<'_> {
        let conv = Conv { channels, kernel, stride: 1, padding: Padding::Even(0), groups: 1, bias: true };
        self.push(name, Op::Conv(conv))
    }

    /// Batch normalisation.
    pub fn batch_norm(&mut self, name: impl Into<String>, epsilon: f32) -> LayerMut<'_> {
        self.push(name, Op::BatchNorm { epsilon })
    }

    /// Max pooling, without padding.
    pub fn max_pool(&mut self, name: impl Into<String>, kernel: usize, stride: usize) -> LayerMut<'_> {
        self.push(name, Op::MaxPool(Pool { kernel, stride, padding: 0, ceil: false }))
    }

    /// Average pooling, without padding.
    pub fn avg_pool(&mut self, name: impl Into<String>, kernel: usize, stride: usize) -> LayerMut<'_> {
        self.push(name, Op::AvgPool(Pool { kernel, stride, padding: 0, ceil: false }))
    }

    /// Mean of each channel.
    pub fn global_avg_pool(&mut self, name: impl Into<String>) -> LayerMut<'_> {
        self.push(name, Op::GlobalAvgPool)
    }

    /// A linear layer with bias.
    pub fn linear(&mut self, name: impl Into<String>, outputs: usize) -> LayerMut<'_> {
        self.push(name, Op::Linear { outputs })
    }

    /// Local response normalisation.
    pub fn lrn(&mut self, name: impl Into<String>, lrn: Lrn) -> LayerMut<'_> {
        self.push(name, Op::Lrn(lrn))
    }

    /// Multiplies `value`'s channels by the vector before.
    pub fn scale(&mut self, name: impl Into<String>, value: Node) -> LayerMut<'_> {
        let layer = self.push(name, Op::Scale);
        layer.layer.inputs.insert(0, value);
        layer
    }

    /// Puts the channels of `values` one after another.
    pub fn concat(&mut self, name: impl Into<String>, values: &[Node]) -> LayerMut<'_> {
        let layer = self.push(name, Op::Concat);
        layer.layer.inputs = values.to_vec();
        layer
    }

    /// Makes the value before an auxiliary output.
    pub fn head(&mut self, weight: f32) {
        self.heads.push(Head { node: self.cursor, weight });
    }

    /// Adds `shortcut` to the value before.
    pub fn add(&mut self, name: impl Into<String>, shortcut: Node) -> LayerMut<'_> {
        let layer = self.push(name, Op::Add);
        layer.layer.inputs.push(shortcut);
        layer
    }

    fn push(&mut self, name: impl Into<String>, op: Op) -> LayerMut<'_> {
        let index = self.layers.len();
        self.layers.push(Layer { name: name.into(), op, inputs: vec![self.cursor], activation: Activation::Identity });
        self.cursor = Node(index + 1);
        LayerMut { layer: &mut self.layers[index], node: self.cursor }
    }

    /// Infers every value's shape: the input's first, then one a layer.
    ///
    /// # Errors
    /// [`Error::BadGraph`] names the first layer that does not fit what it reads.
    pub fn shapes(&self) -> Result<Vec<Shape>> {
        let mut shapes = vec![self.input];
        for layer in &self.layers {
            let inputs: Vec<Shape> = layer.inputs.iter().map(|node| shapes[node.0]).collect();
            let shape = output_shape(&layer.op, &inputs)
                .map_err(|reason| Error::BadGraph { layer: layer.name.clone(), reason })?;
            shapes.push(shape);
        }
        Ok(shapes)
    }

    /// Names this graph's content: the first 16 hexadecimal digits of a SHA-256. Weights carry it.
    ///
    /// # Errors
    /// Only if the graph cannot be written as JSON.
    pub fn hash(&self) -> Result<String> {
        let json = serde_json::to_vec(self).map_err(|error| Error::Internal(error.to_string()))?;
        Ok(Sha256::digest(json).iter().take(8).map(|byte| format!("{byte:02x}")).collect())
    }
}

/// The layer just added, to be described further.
#[derive(Debug)]
pub struct LayerMut<'a> {
    layer: &'a mut Layer,
    node: Node,
}

impl LayerMut<'_> {
    /// The value that this layer makes.
    pub fn node(&self) -> Node {
        self.node
    }

    /// Step between outputs, for a convolution.
    pub fn stride(self, stride: usize) -> Self {
        self.conv(|conv| conv.stride = stride)
    }

    /// Padding on all four sides, for a convolution or pooling.
    pub fn pad(self, pixels: usize) -> Self {
        match &mut self.layer.op {
            Op::Conv(conv) => conv.padding = Padding::Even(pixels),
            Op::MaxPool(pool) | Op::AvgPool(pool) => pool.padding = pixels,
            _ => {}
        }
        self
    }

    /// Lets a last window hang over the edge, for pooling.
    pub fn ceil(self) -> Self {
        if let Op::MaxPool(pool) | Op::AvgPool(pool) = &mut self.layer.op {
            pool.ceil = true;
        }
        self
    }

    /// TensorFlow's padding, for a convolution.
    pub fn same(self) -> Self {
        self.conv(|conv| conv.padding = Padding::Same)
    }

    /// Groups, for a convolution.
    pub fn groups(self, groups: usize) -> Self {
        self.conv(|conv| conv.groups = groups)
    }

    /// No bias, for a convolution that batch normalisation follows.
    pub fn no_bias(self) -> Self {
        self.conv(|conv| conv.bias = false)
    }

    /// Rectifies the output.
    pub fn relu(self) -> Self {
        self.activation(Activation::Relu)
    }

    /// Sets what follows at once.
    pub fn activation(self, activation: Activation) -> Self {
        self.layer.activation = activation;
        self
    }

    fn conv(self, change: impl FnOnce(&mut Conv)) -> Self {
        if let Op::Conv(conv) = &mut self.layer.op {
            change(conv);
        }
        self
    }
}

/// Left out of the JSON, so that a graph keeps its hash when an option is added that it does not use.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// The shape of a layer's output, or why it does not fit.
fn output_shape(op: &Op, inputs: &[Shape]) -> std::result::Result<Shape, String> {
    let input = inputs[0];
    match op {
        Op::Conv(conv) => {
            if conv.groups == 0
                || !input.channels.is_multiple_of(conv.groups)
                || !conv.channels.is_multiple_of(conv.groups)
            {
                return Err(format!("{} → {} channels in {} groups", input.channels, conv.channels, conv.groups));
            }
            let axis = |pixels| windows(pixels, conv.kernel, conv.stride, conv.padding, false);
            Ok(Shape::new(conv.channels, axis(input.height)?, axis(input.width)?))
        }
        Op::MaxPool(pool) | Op::AvgPool(pool) => {
            let axis = |pixels| windows(pixels, pool.kernel, pool.stride, Padding::Even(pool.padding), pool.ceil);
            Ok(Shape::new(input.channels, axis(input.height)?, axis(input.width)?))
        }
        Op::GlobalAvgPool => Ok(Shape::vector(input.channels)),
        Op::Linear { outputs } => Ok(Shape::vector(*outputs)),
        Op::BatchNorm { .. } | Op::Lrn(_) => Ok(input),
        Op::Scale if inputs[1] == Shape::vector(input.channels) => Ok(input),
        Op::Scale => Err(format!("{} cannot scale {input}", inputs[1])),
        Op::Concat if inputs.iter().all(|other| (other.height, other.width) == (input.height, input.width)) => {
            let channels = inputs.iter().map(|other| other.channels).sum();
            Ok(Shape { channels, ..input })
        }
        Op::Concat => Err("values of different height or width".into()),
        Op::Add if inputs.iter().all(|other| *other == input) => Ok(input),
        Op::Add => Err(format!("{} and {} cannot be added", inputs[0], inputs[inputs.len() - 1])),
    }
}

/// How many windows fit one axis; with `ceil` a last one may hang over the edge, but must begin inside.
fn windows(
    pixels: usize,
    kernel: usize,
    stride: usize,
    padding: Padding,
    ceil: bool,
) -> std::result::Result<usize, String> {
    if kernel == 0 || stride == 0 || pixels == 0 {
        return Err("a kernel, stride or input of no pixels".into());
    }
    let (before, after) = padding.resolve(pixels, kernel, stride);
    match (pixels + before + after).checked_sub(kernel) {
        Some(room) if ceil => {
            let last = room.div_ceil(stride);
            Ok(if last * stride >= pixels + before { last } else { last + 1 })
        }
        Some(room) => Ok(room / stride + 1),
        None => Err(format!("a window of {kernel} pixels on {pixels} with padding {before} and {after}")),
    }
}
