//! A network as data: named layers with parameters, without tensors and without a device.
//!
//! A network's file builds a [`Graph`] in the order of its paper's table. Every layer reads the output of the layer before
//! it unless [`Graph::at`] says otherwise. A graph stores no shape but its input's: [`Graph::shapes`] infers the others.
//!
//! | file | what |
//! |---|---|
//! | `graph.rs` | [`Graph`], [`Layer`], [`Node`]; the shape of every value; the hash |
//! | `graph/builder.rs` | [`LayerMut`]: describing a layer that was just added |
//! | `graph/ops.rs`, `graph/ops/` | [`Op`]: the kinds of layers, one file a kind |
//! | `graph/activation.rs` | [`Activation`]: the activation functions and their constants |
//! | `graph/window.rs` | [`Padding`], and the windows of convolution and pooling |
//! | `graph/shape.rs` | [`Shape`] |
//! | `graph/receptive_field.rs` | [`receptive_field::receptive_fields`]: the pixels that a layer depends on |
//! | `graph/block.rs` | [`block::blocks`]: layers that the papers draw as one |
//! | `graph/classes.rs` | the same layers for another number of classes |
//! | `graph/main_path.rs` | the same layers without auxiliary outputs |
//! | `graph/summary.rs` | [`summary::summary`]: parameters and multiply–accumulates |
//! | `graph/tensors.rs` | [`tensors::tensor_specs`]: the tensors that a graph needs |
//! | `graph/fold.rs` | [`fold::fold`]: batch normalisation folded into convolutions |
//! | `graph/onnx.rs` | [`onnx::OnnxNode`]: what ONNX calls a layer |

// A new kind of layer or a new activation function must not compile before everything here knows it.
#![deny(clippy::wildcard_enum_match_arm, clippy::match_wildcard_for_single_variants)]

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

pub mod activation;
pub mod block;
mod builder;
mod classes;
pub mod fold;
mod main_path;
pub mod onnx;
pub mod ops;
pub mod receptive_field;
mod shape;
pub mod summary;
pub mod tensors;
mod window;

pub use activation::Activation;
pub use builder::LayerMut;
pub use ops::*;
pub use shape::Shape;
pub use window::Padding;

/// A value of a graph: the graph's input or the output of one of its layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Node(pub(crate) usize);

impl Node {
    /// The graph's input.
    pub const INPUT: Self = Self(0);

    /// The value's place among all values of the graph: 0 for the input, `i + 1` for layer `i`.
    pub fn index(self) -> usize {
        self.0
    }

    /// The index of the layer that computes this value; none for the input.
    pub fn layer(self) -> Option<usize> {
        self.0.checked_sub(1)
    }
}

/// One layer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Layer {
    /// The layer's name, unique in the graph. Tensors are named after their layer: `<name>.weight` and so on.
    pub name: String,
    /// What the layer computes before the activation function.
    pub op: Op,
    /// The values that the layer reads, at least one.
    pub inputs: Vec<Node>,
    /// The activation function, applied to each element of the output.
    pub activation: Activation,
}

/// An auxiliary output, which a network has for its training.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Head {
    /// The auxiliary output's logits.
    pub node: Node,
    /// The weight of this output's loss in training, and of this output in a vote of all outputs. The main output's weight
    /// is 1.
    pub weight: f32,
}

/// The layers of a network in an order in which they can run. The last layer's output is the logits.
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
    /// A graph without layers for inputs of the shape `input`.
    pub fn new(input: Shape) -> Self {
        Self { input, layers: Vec::new(), heads: Vec::new(), cursor: Node::INPUT }
    }

    /// The shape of the input.
    pub fn input(&self) -> Shape {
        self.input
    }

    /// All layers. Each layer stands after those whose outputs it reads.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// The main output: the logits.
    pub fn output(&self) -> Node {
        Node(self.layers.len())
    }

    /// The auxiliary outputs, in the order of their layers.
    pub fn heads(&self) -> &[Head] {
        &self.heads
    }

    /// The output of the layer called `layer`; none if there is no such layer.
    pub fn node(&self, layer: &str) -> Option<Node> {
        self.layers.iter().position(|other| other.name == layer).map(|index| Node(index + 1))
    }

    /// The name of the layer whose output `node` is; "input" for the graph's input.
    pub fn name(&self, node: Node) -> &str {
        node.layer().map_or("input", |layer| self.layers[layer].name.as_str())
    }

    /// For each layer, whether it must run to compute the values `outputs`.
    pub fn needed(&self, outputs: &[Node]) -> Vec<bool> {
        self.needed_behind(&[], outputs)
    }

    /// As [`Graph::needed`], where the values `given` are there already.
    pub fn needed_behind(&self, given: &[Node], outputs: &[Node]) -> Vec<bool> {
        let mut needed = vec![false; self.layers.len()];
        let need = |nodes: &[Node], needed: &mut [bool]| {
            let wanted = nodes.iter().filter(|node| !given.contains(node)).filter_map(|node| node.layer());
            wanted.for_each(|layer| needed[layer] = true);
        };
        need(outputs, &mut needed);
        for index in (0..self.layers.len()).rev() {
            if needed[index] {
                need(&self.layers[index].inputs, &mut needed);
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

    /// Declares that the output of the layer before is an auxiliary output whose loss has this weight.
    pub fn head(&mut self, weight: f32) {
        self.heads.push(Head { node: self.cursor, weight });
    }

    /// Infers the shape of every value: first the input's, then one for each layer.
    ///
    /// # Errors
    /// [`Error::BadGraph`] names the first layer that does not fit the values that it reads.
    pub fn shapes(&self) -> Result<Vec<Shape>> {
        let mut shapes = vec![self.input];
        for layer in &self.layers {
            let inputs: Option<Vec<Shape>> = layer.inputs.iter().map(|node| shapes.get(node.0).copied()).collect();
            let shape = inputs
                .ok_or_else(|| "it reads a value that no layer before it computes".to_string())
                .and_then(|inputs| layer.op.output_shape(&inputs))
                .map_err(|reason| Error::BadGraph { layer: layer.name.clone(), reason })?;
            shapes.push(shape);
        }
        Ok(shapes)
    }

    /// A name for the graph's content, which weight files carry: the first 16 hexadecimal digits of the SHA-256 of its JSON
    /// form. Options at their default are left out of that form, so that the hash stays when an option is added.
    ///
    /// # Errors
    /// [`Error::Internal`] if the graph cannot be written as JSON.
    pub fn hash(&self) -> Result<String> {
        let json = serde_json::to_vec(self).map_err(|error| Error::Internal(error.to_string()))?;
        Ok(Sha256::digest(json).iter().take(8).map(|byte| format!("{byte:02x}")).collect())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn what_an_output_needs_is_found_and_nothing_else() {
        let mut g = Graph::new(Shape::rgb(8));
        let trunk = g.conv("trunk", 4, 3).node();
        let aside = g.linear("aside", 2).node();
        g.head(0.3);
        g.at(trunk).max_pool("pool", 2, 2);
        g.linear("out", 2);
        assert_eq!(g.needed(&[g.output()]), [true, false, true, true]);
        assert_eq!(g.needed(&[aside, g.output()]), [true; 4]);
        assert_eq!(g.needed(&[Node::INPUT]), [false; 4]);
        let pool = g.node("pool").unwrap();
        assert_eq!(g.needed_behind(&[pool], &[g.output()]), [false, false, false, true]);
        assert_eq!(g.needed_behind(&[pool], &[aside, pool]), [true, true, false, false]);
        assert_eq!(g.heads(), [Head { node: aside, weight: 0.3 }]);
        assert_eq!((g.name(aside), g.name(Node::INPUT)), ("aside", "input"));
        assert_eq!((g.node("trunk"), g.node("trunk2")), (Some(trunk), None));
    }

    #[test]
    fn a_value_of_another_graph_is_refused() {
        let mut other = Graph::new(Shape::rgb(8));
        other.conv("a", 3, 1);
        let foreign = other.conv("b", 3, 1).node();
        let mut g = Graph::new(Shape::rgb(8));
        g.add("sum", foreign);
        let error = g.shapes().unwrap_err().to_string();
        assert!(error.contains("\"sum\" does not fit: it reads a value that no layer before it computes"), "{error}");
    }

    #[test]
    fn a_layer_described_further_is_the_layer_in_the_graph() {
        let mut g = Graph::new(Shape::rgb(8));
        g.conv("conv", 6, 3).no_bias().groups(3).stride(2).pad(2).activation(Activation::Swish);
        let conv = Conv { channels: 6, kernel: 3, stride: 2, padding: Padding::Even(2), groups: 3, bias: false };
        assert_eq!(g.layers()[0].op, Op::Conv(conv));
        assert_eq!(g.layers()[0].activation, Activation::Swish);
        g.avg_pool("pool", 3, 1).relu().ceil().pad(1);
        assert_eq!(g.layers()[1].op, Op::AvgPool(Pool { kernel: 3, stride: 1, padding: 1, ceil: true }));
        assert_eq!(g.layers()[1].activation, Activation::Relu);
        assert_eq!(g.cursor(), g.output());
    }
}
