//! The kinds of layers, one file a kind.
//!
//! A kind's file holds all that is known of it without a device: its parameters, the method of [`Graph`](super::Graph)
//! that adds such a layer, and its implementation of `LayerKind`. With the feature "burn" it also holds the definition
//! of what the layer computes, in burn's operations, which the kernels are tested against. A new kind is a file here, with its
//! `mod` and `pub use` lines, a variant of [`Op`], and a line in `Op::ask`; its kernels are listed in `engine/kernels/kinds.rs`.

use serde::Serialize;

#[cfg(feature = "burn")]
use burn::tensor::Tensor;

use super::Shape;
use super::onnx::OnnxNode;
#[cfg(feature = "burn")]
use crate::engine::burn::{mode::Mode, parameters::Parameters};

mod add;
mod batch_norm;
mod concat;
mod conv;
mod dropout;
mod global_avg_pool;
mod instance_norm;
mod linear;
mod lrn;
mod pool;
mod scale;

pub use add::Add;
pub use batch_norm::BatchNorm;
pub use concat::Concat;
pub use conv::Conv;
pub use dropout::Dropout;
pub use global_avg_pool::GlobalAvgPool;
pub use instance_norm::InstanceNorm;
pub use linear::Linear;
pub use lrn::Lrn;
pub use pool::Pool;
use pool::{Pooling, Reduction};
pub use scale::Scale;

/// What a layer computes before its activation function.
///
/// The names of the variants and of their parameters are part of [`Graph::hash`](super::Graph::hash).
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub enum Op {
    /// Two-dimensional cross-correlation.
    Conv(Conv),
    /// Batch normalisation with stored statistics.
    BatchNorm(BatchNorm),
    /// Normalisation by the mean and variance of each channel of the picture.
    InstanceNorm(InstanceNorm),
    /// The greatest value of each window.
    MaxPool(Pool),
    /// The mean of each window.
    AvgPool(Pool),
    /// The mean of each channel.
    GlobalAvgPool,
    /// The product of a matrix and a vector.
    Linear(Linear),
    /// Local response normalisation across channels.
    Lrn(Lrn),
    /// While a network is trained, zeros at random places; otherwise nothing.
    Dropout(Dropout),
    /// The sum of two values of equal shape.
    Add,
    /// The product of a value and one factor for each of its channels.
    Scale,
    /// The channels of several values, one value after the other.
    Concat,
}

impl Op {
    /// Asks the operation's kind. This is the only place that tells the kinds apart.
    fn ask<R>(&self, question: impl FnOnce(&dyn LayerKind) -> R) -> R {
        match self {
            Self::Conv(conv) => question(conv),
            Self::BatchNorm(norm) => question(norm),
            Self::InstanceNorm(norm) => question(norm),
            Self::MaxPool(pool) => question(&Pooling(*pool, Reduction::Max)),
            Self::AvgPool(pool) => question(&Pooling(*pool, Reduction::Mean)),
            Self::GlobalAvgPool => question(&GlobalAvgPool),
            Self::Linear(linear) => question(linear),
            Self::Lrn(lrn) => question(lrn),
            Self::Dropout(dropout) => question(dropout),
            Self::Add => question(&Add),
            Self::Scale => question(&Scale),
            Self::Concat => question(&Concat),
        }
    }

    /// The kind's name as the page and the tables show it, such as "depthwise convolution".
    pub fn kind(&self) -> &'static str {
        self.ask(|kind| kind.kind())
    }

    /// The shape of the output for inputs of these shapes, or the reason why they do not fit.
    ///
    /// # Errors
    /// The reason completes the sentence "Layer … does not fit: …".
    pub fn output_shape(&self, inputs: &[Shape]) -> Result<Shape, String> {
        let (first, others) = inputs.split_first().ok_or("it reads no value")?;
        if let Some(empty) = inputs.iter().find(|input| input.elements() == 0) {
            return Err(format!("it reads a value of {empty}, which has no elements"));
        }
        let output = self.ask(|kind| kind.output_shape(*first, others))?;
        if output.elements() == 0 { Err(format!("its output of {output} would have no elements")) } else { Ok(output) }
    }

    /// The tensors that the layer needs where its first input has the shape `input`, in a fixed order.
    pub fn parts(&self, input: Shape) -> Vec<PartSpec> {
        self.ask(|kind| kind.parts(input))
    }

    /// The number of multiply–accumulates for one input; additions of a bias, normalisations, pooling and element-wise
    /// operations are not counted.
    pub fn macs(&self, input: Shape, output: Shape) -> u64 {
        self.ask(|kind| kind.macs(input, output))
    }

    /// Which part of its first input a unit of the layer's output depends on, where that input has the shape `input`.
    pub fn sees(&self, input: Shape) -> Sees {
        self.ask(|kind| kind.sees(input))
    }

    /// What ONNX calls the layer.
    pub fn onnx(&self, input: Shape, output: Shape) -> OnnxNode {
        self.ask(|kind| kind.onnx(input, output))
    }

    /// What the layer computes, in burn's operations: values of `[batch, channels, height, width]` → one such value. `x`
    /// is the layer's first input. `mode` tells layers that behave differently while a network is trained what to do.
    ///
    /// # Errors
    /// [`Error::Internal`](crate::error::Error::Internal) where `parameters` are another layer's.
    #[cfg(feature = "burn")]
    pub(crate) fn forward(
        &self,
        x: Tensor<4>,
        others: Vec<Tensor<4>>,
        parameters: &Parameters,
        mode: &Mode<'_>,
    ) -> crate::error::Result<Tensor<4>> {
        self.ask(|kind| kind.forward(x, others, parameters, mode))
    }
}

/// What each kind of layer says of itself. Nothing has a default, so that a new kind cannot leave anything out.
trait LayerKind {
    /// As [`Op::kind`].
    fn kind(&self) -> &'static str;

    /// As [`Op::output_shape`]. `input` is the shape that the layer reads first. No shape is empty.
    fn output_shape(&self, input: Shape, others: &[Shape]) -> Result<Shape, String>;

    /// As [`Op::parts`].
    fn parts(&self, input: Shape) -> Vec<PartSpec>;

    /// As [`Op::macs`].
    fn macs(&self, input: Shape, output: Shape) -> u64;

    /// As [`Op::sees`].
    fn sees(&self, input: Shape) -> Sees;

    /// As [`Op::onnx`].
    fn onnx(&self, input: Shape, output: Shape) -> OnnxNode;

    /// As [`Op::forward`].
    #[cfg(feature = "burn")]
    fn forward(
        &self,
        x: Tensor<4>,
        others: Vec<Tensor<4>>,
        parameters: &Parameters,
        mode: &Mode<'_>,
    ) -> crate::error::Result<Tensor<4>>;
}

/// The part of a layer's first input that a unit of its output depends on, along both axes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sees {
    /// The pixel at the same place.
    Place,
    /// A square window.
    Window {
        /// Side of a window, in pixels.
        kernel: usize,
        /// Distance between neighbouring windows, in pixels.
        stride: usize,
        /// Rows of padding above the input, where the first window begins.
        top: usize,
        /// Columns of padding to the left of the input, where the first window begins.
        left: usize,
    },
    /// All pixels.
    All,
}

/// A tensor that a layer needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartSpec {
    /// What PyTorch calls the tensor within the layer: "weight", "bias", "running_mean" or "running_var".
    pub part: &'static str,
    /// The tensor's shape as PyTorch has it, outermost dimension first.
    pub shape: Vec<usize>,
    /// Whether gradient descent changes the tensor. Running statistics are not trained.
    pub trained: bool,
}

impl PartSpec {
    /// A tensor that is trained.
    fn trained(part: &'static str, shape: impl Into<Vec<usize>>) -> Self {
        Self { part, shape: shape.into(), trained: true }
    }

    /// Statistics, which are not trained.
    fn statistics(part: &'static str, shape: impl Into<Vec<usize>>) -> Self {
        Self { part, shape: shape.into(), trained: false }
    }

    /// Number of elements.
    pub fn elements(&self) -> usize {
        self.shape.iter().product()
    }
}

/// Options at their default are left out of the JSON, so that a graph keeps its hash when an option is added that the
/// graph does not use.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::graph::{Graph, Node};

    /// The operation and the output's shape of the layer that `build` adds last.
    pub(super) fn layer(input: Shape, build: impl FnOnce(&mut Graph) -> Node) -> (Op, Shape) {
        let mut graph = Graph::new(input);
        let node = build(&mut graph);
        (graph.layers()[node.layer().unwrap()].op, *graph.shapes().unwrap().last().unwrap())
    }

    /// Why the layer that `build` adds last is refused.
    pub(super) fn refusal(input: Shape, build: impl FnOnce(&mut Graph) -> Node) -> String {
        let mut graph = Graph::new(input);
        let node = build(&mut graph);
        let error = graph.shapes().unwrap_err();
        let Error::BadGraph { layer, reason } = error else { panic!("{error}") };
        assert_eq!(layer, graph.name(node));
        reason
    }

    /// Weight files are made for a graph's JSON form.
    #[test]
    fn the_json_form_is_fixed() {
        let mut g = Graph::new(Shape::rgb(9));
        let conv = g.conv("conv", 4, 3).stride(2).pad(1).relu().node();
        g.batch_norm("norm", 0.5);
        g.avg_pool("mean", 2, 1).pad(1);
        g.max_pool("max", 2, 1).ceil();
        g.lrn("lrn", Lrn { size: 5, alpha: 0.5, beta: 0.75, k: 1.0 });
        g.global_avg_pool("squeeze");
        g.scale("scale", conv);
        g.add("add", conv);
        g.concat("concat", &[conv, conv]);
        g.linear("linear", 7);
        let found: Vec<String> = g.layers().iter().map(|layer| serde_json::to_string(&layer.op).unwrap()).collect();
        let expected = [
            r#"{"Conv":{"channels":4,"kernel":3,"stride":2,"padding":{"Even":1},"groups":1,"bias":true}}"#,
            r#"{"BatchNorm":{"epsilon":0.5}}"#,
            r#"{"AvgPool":{"kernel":2,"stride":1,"padding":1}}"#,
            r#"{"MaxPool":{"kernel":2,"stride":1,"ceil":true}}"#,
            r#"{"Lrn":{"size":5,"alpha":0.5,"beta":0.75,"k":1.0}}"#,
            r#""GlobalAvgPool""#,
            r#""Scale""#,
            r#""Add""#,
            r#""Concat""#,
            r#"{"Linear":{"outputs":7}}"#,
        ];
        assert_eq!(found, expected);
    }
}
