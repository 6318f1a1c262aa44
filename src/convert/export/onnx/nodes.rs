//! A graph's layers as ONNX's nodes.
//!
//! The output of a layer carries the layer's name. What is computed in between is called `<layer>:<what>`.

use anyhow::{Result, ensure};

use super::messages::{Attribute, FLOAT, INT64, Node, Tensor, dims};
use crate::graph::onnx::{OnnxAttribute, OnnxNode, OnnxOperand, OnnxStep};
use crate::graph::tensors::specs_by_layer;
use crate::graph::{Graph, Layer, Shape};

/// The nodes for the main output of a graph, and the constants that they read in addition to the weights.
#[derive(Debug, Default)]
pub(super) struct Nodes {
    /// The nodes, each after those whose outputs it reads.
    pub(super) nodes: Vec<Node>,
    /// Constants: single numbers and shapes.
    pub(super) constants: Vec<Tensor>,
    /// The name of the logits, `[1, classes]`.
    pub(super) output: String,
}

/// A value of the graph in the ONNX file.
#[derive(Clone)]
struct Value {
    name: String,
    shape: Shape,
    /// Whether the value is `[1, channels]` there instead of `[1, channels, height, width]`.
    flat: bool,
}

/// Makes the nodes that the main output needs; auxiliary outputs are left out.
///
/// # Errors
/// As [`Graph::shapes`], and for a graph without layers.
pub(super) fn nodes(graph: &Graph) -> Result<Nodes> {
    let shapes = graph.shapes()?;
    let needed = graph.needed(&[graph.output()]);
    let mut made = Nodes::default();
    let mut values = vec![Value { name: "input".into(), shape: graph.input(), flat: false }];
    for (index, (layer, specs)) in graph.layers().iter().zip(specs_by_layer(graph)?).enumerate() {
        let (input, output) = (shapes[layer.inputs[0].0], shapes[index + 1]);
        let value = Value { name: layer.name.clone(), shape: output, flat: layer.op.onnx(input, output).flat };
        if needed[index] {
            let inputs: Vec<Value> = layer.inputs.iter().map(|node| values[node.0].clone()).collect();
            made.layer(layer, specs.into_iter().map(|spec| spec.name).collect(), &inputs, &value);
        }
        values.push(value);
    }
    ensure!(values.len() > 1, "a graph without layers computes nothing");
    made.output = made.flat(&values[values.len() - 1]);
    Ok(made)
}

impl Nodes {
    /// The nodes of one layer. `tensors` are the names of its tensors.
    fn layer(&mut self, layer: &Layer, tensors: Vec<String>, inputs: &[Value], output: &Value) {
        let OnnxNode { op_type, flat, attributes } = layer.op.onnx(inputs[0].shape, output.shape);
        let mut read: Vec<String> = Vec::new();
        for input in inputs {
            read.push(if flat { self.flat(input) } else { self.picture(input) });
        }
        read.extend(tensors);
        let steps = layer.activation.onnx();
        let name = &layer.name;
        let before = if steps.is_empty() { name.clone() } else { format!("{name}:before") };
        self.push(op_type, read, before.clone(), attributes.iter().map(attribute).collect());
        self.activation(&steps, &before, name);
    }

    /// The nodes of an activation function, from the value called `argument` to the value called `name`.
    fn activation(&mut self, steps: &[OnnxStep], argument: &str, name: &str) {
        let mut previous = argument.to_string();
        for (index, step) in steps.iter().enumerate() {
            let mut read = Vec::new();
            for (position, operand) in step.reads.iter().enumerate() {
                read.push(match operand {
                    OnnxOperand::Argument => argument.to_string(),
                    OnnxOperand::Previous => previous.clone(),
                    OnnxOperand::Constant(constant) => {
                        self.number(format!("{name}:number{index}.{position}"), *constant)
                    }
                });
            }
            previous = if index + 1 == steps.len() { name.to_string() } else { format!("{name}:step{index}") };
            self.push(step.op_type, read, previous.clone(), vec![]);
        }
    }

    /// The name of a value as `[1, channels, height, width]`.
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

    /// The name of a value as `[1, channels · height · width]`.
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

    /// Whether a node makes the value called `value`.
    fn made(&self, value: &str) -> bool {
        self.nodes.iter().any(|node| node.output.iter().any(|output| output == value))
    }

    /// Adds a constant of one element; gives its name.
    fn number(&mut self, name: String, value: f32) -> String {
        let raw_data = value.to_le_bytes().to_vec();
        self.constants.push(Tensor { name: name.clone(), data_type: FLOAT, raw_data, ..Tensor::default() });
        name
    }

    fn push(&mut self, kind: &str, input: Vec<String>, output: String, attribute: Vec<Attribute>) {
        let name = output.clone();
        self.nodes.push(Node { input, output: vec![output], name, op_type: kind.into(), attribute });
    }
}

fn attribute((name, value): &(&str, OnnxAttribute)) -> Attribute {
    match value {
        OnnxAttribute::Int(number) => Attribute::int(name, *number),
        OnnxAttribute::Ints(numbers) => Attribute::ints(name, numbers),
        OnnxAttribute::Float(number) => Attribute::float(name, *number),
    }
}
