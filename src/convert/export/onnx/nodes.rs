//! Layers → ONNX's nodes.
//!
//! A value carries its layer's name. What a layer needs in between is called `<layer>:<what>`.

use anyhow::{Result, ensure};

use super::messages::{Attribute, FLOAT, INT64, Node, Tensor, dims};
use super::pads::pads;
use crate::graph::{Activation, Graph, Layer, Op, Shape};

/// Nodes for the main output of a graph, and the constants that they read besides the weights.
#[derive(Debug, Default)]
pub(super) struct Nodes {
    /// Each after those it reads.
    pub(super) nodes: Vec<Node>,
    /// Single numbers and shapes.
    pub(super) constants: Vec<Tensor>,
    /// The logits, `[1, classes]`.
    pub(super) output: String,
}

/// A layer's output under its name in the file.
#[derive(Clone)]
struct Value {
    name: String,
    shape: Shape,
    /// `[1, channels]`, else `[1, channels, height, width]`.
    flat: bool,
}

/// Translates what the main output needs; auxiliary outputs are left out.
///
/// # Errors
/// As [`Graph::shapes`], or for a graph without layers.
pub(super) fn nodes(graph: &Graph) -> Result<Nodes> {
    let shapes = graph.shapes()?;
    let needed = graph.needed(&[graph.output()]);
    let mut made = Nodes::default();
    let mut values = vec![Value { name: "input".into(), shape: graph.input(), flat: false }];
    for ((layer, &shape), needed) in graph.layers().iter().zip(&shapes[1..]).zip(needed) {
        let flat = matches!(layer.op, Op::Linear { .. });
        let value = Value { name: layer.name.clone(), shape, flat };
        if needed {
            let inputs: Vec<Value> = layer.inputs.iter().map(|node| values[node.0].clone()).collect();
            made.layer(layer, &inputs, &value);
        }
        values.push(value);
    }
    let last = &values[values.len() - 1];
    ensure!(values.len() > 1, "a graph without layers computes nothing");
    made.output = made.flat(last);
    Ok(made)
}

impl Nodes {
    fn layer(&mut self, layer: &Layer, inputs: &[Value], output: &Value) {
        let name = &layer.name;
        let plain = layer.activation == Activation::Identity;
        let before = if plain { name.clone() } else { format!("{name}:before") };
        let tensor = |part: &str| format!("{name}.{part}");
        let x = &inputs[0];
        match layer.op {
            Op::Conv(conv) => {
                let mut read = vec![self.picture(x), tensor("weight")];
                read.extend(conv.bias.then(|| tensor("bias")));
                let attributes = vec![
                    Attribute::ints("kernel_shape", &[conv.kernel; 2]),
                    Attribute::ints("strides", &[conv.stride; 2]),
                    Attribute::ints("pads", &pads(&layer.op, x.shape, output.shape)),
                    Attribute::int("group", conv.groups),
                ];
                self.push("Conv", read, before.clone(), attributes);
            }
            Op::BatchNorm { epsilon } => {
                let parts = ["weight", "bias", "running_mean", "running_var"].map(tensor);
                let read = [self.picture(x)].into_iter().chain(parts).collect();
                self.push("BatchNormalization", read, before.clone(), vec![Attribute::float("epsilon", epsilon)]);
            }
            Op::MaxPool(pool) | Op::AvgPool(pool) => {
                let kind = if matches!(layer.op, Op::MaxPool(_)) { "MaxPool" } else { "AveragePool" };
                let attributes = vec![
                    Attribute::ints("kernel_shape", &[pool.kernel; 2]),
                    Attribute::ints("strides", &[pool.stride; 2]),
                    // A last window over the edge is padding too; ONNX's averages leave padding out.
                    Attribute::ints("pads", &pads(&layer.op, x.shape, output.shape)),
                ];
                let read = vec![self.picture(x)];
                self.push(kind, read, before.clone(), attributes);
            }
            Op::GlobalAvgPool => {
                let read = vec![self.picture(x)];
                self.push("GlobalAveragePool", read, before.clone(), vec![]);
            }
            Op::Linear { .. } => {
                let read = vec![self.flat(x), tensor("weight"), tensor("bias")];
                self.push("Gemm", read, before.clone(), vec![Attribute::int("transB", 1)]);
            }
            Op::Lrn(lrn) => {
                let attributes = vec![
                    Attribute::int("size", lrn.size),
                    Attribute::float("alpha", lrn.alpha),
                    Attribute::float("beta", lrn.beta),
                    Attribute::float("bias", lrn.k),
                ];
                let read = vec![self.picture(x)];
                self.push("LRN", read, before.clone(), attributes);
            }
            Op::Add | Op::Scale => {
                let kind = if layer.op == Op::Add { "Add" } else { "Mul" };
                let read = inputs.iter().map(|input| self.picture(input)).collect();
                self.push(kind, read, before.clone(), vec![]);
            }
            Op::Concat => {
                let read = inputs.iter().map(|input| self.picture(input)).collect();
                self.push("Concat", read, before.clone(), vec![Attribute::int("axis", 1)]);
            }
        }
        self.activation(layer.activation, before, name);
    }

    /// From `before` to the value called `name`; the same where nothing follows.
    fn activation(&mut self, activation: Activation, before: String, name: &str) {
        let output = name.to_string();
        match activation {
            Activation::Identity => {}
            Activation::Relu => self.push("Relu", vec![before], output, vec![]),
            Activation::Relu6 => {
                let bounds = [self.number(name, "least", 0.0), self.number(name, "most", 6.0)];
                self.push("Clip", [before].into_iter().chain(bounds).collect(), output, vec![]);
            }
            Activation::ScaledTanh => {
                let (slope, height) = (self.number(name, "slope", 2.0 / 3.0), self.number(name, "height", 1.7159));
                self.push("Mul", vec![before, slope], format!("{name}:scaled"), vec![]);
                self.push("Tanh", vec![format!("{name}:scaled")], format!("{name}:tanh"), vec![]);
                self.push("Mul", vec![format!("{name}:tanh"), height], output, vec![]);
            }
            Activation::Sigmoid => self.push("Sigmoid", vec![before], output, vec![]),
            Activation::Swish => {
                self.push("Sigmoid", vec![before.clone()], format!("{name}:sigmoid"), vec![]);
                self.push("Mul", vec![before, format!("{name}:sigmoid")], output, vec![]);
            }
        }
    }

    /// The value as `[1, channels, height, width]`.
    fn picture(&mut self, value: &Value) -> String {
        if !value.flat {
            return value.name.clone();
        }
        let Shape { channels, height, width } = value.shape;
        let (output, shape) = (format!("{}:picture", value.name), format!("{}:shape", value.name));
        if !self.made(&output) {
            let raw_data = dims(&[1, channels, height, width]).into_iter().flat_map(i64::to_le_bytes).collect();
            let dims = vec![4];
            self.constants.push(Tensor { name: shape.clone(), data_type: INT64, dims, raw_data, ..Tensor::default() });
            self.push("Reshape", vec![value.name.clone(), shape], output.clone(), vec![]);
        }
        output
    }

    /// The value as `[1, channels · height · width]`.
    fn flat(&mut self, value: &Value) -> String {
        if value.flat {
            return value.name.clone();
        }
        let output = format!("{}:flat", value.name);
        if !self.made(&output) {
            self.push("Flatten", vec![value.name.clone()], output.clone(), vec![Attribute::int("axis", 1)]);
        }
        output
    }

    fn made(&self, value: &str) -> bool {
        self.nodes.iter().any(|node| node.output.iter().any(|output| output == value))
    }

    fn number(&mut self, layer: &str, what: &str, value: f32) -> String {
        let name = format!("{layer}:{what}");
        let raw_data = value.to_le_bytes().to_vec();
        self.constants.push(Tensor { name: name.clone(), data_type: FLOAT, raw_data, ..Tensor::default() });
        name
    }

    fn push(&mut self, kind: &str, input: Vec<String>, output: String, attribute: Vec<Attribute>) {
        let name = output.clone();
        self.nodes.push(Node { input, output: vec![output], name, op_type: kind.into(), attribute });
    }
}
