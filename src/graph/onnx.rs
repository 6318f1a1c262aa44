//! What ONNX calls a layer: its node's type and attributes, without a file format.
//!
//! The names are those of ONNX's operators, version 17: <https://onnx.ai/onnx/operators>.

use serde::Serialize;

/// The ONNX node of a layer, before its activation function.
///
/// It reads the values that the layer reads, then the layer's tensors in the order of their specifications.
#[derive(Clone, Debug, PartialEq)]
pub struct OnnxNode {
    /// The operator's name, such as "Conv".
    pub op_type: &'static str,
    /// Whether the node reads and makes values of `[1, elements]`; otherwise they are `[1, channels, height, width]`.
    pub flat: bool,
    /// The node's attributes; attributes that are not listed have ONNX's default.
    pub attributes: Vec<(&'static str, OnnxAttribute)>,
}

/// The value of a node's attribute.
#[derive(Clone, Debug, PartialEq)]
pub enum OnnxAttribute {
    /// An integer.
    Int(usize),
    /// A list of integers.
    Ints(Vec<usize>),
    /// A number in single precision.
    Float(f32),
}

impl OnnxNode {
    /// A node for pictures, without attributes.
    pub(super) fn new(op_type: &'static str) -> Self {
        Self { op_type, flat: false, attributes: Vec::new() }
    }

    /// Adds an attribute.
    pub(super) fn with(mut self, name: &'static str, value: OnnxAttribute) -> Self {
        self.attributes.push((name, value));
        self
    }

    /// The padding in pixels at the top, left, bottom and right; zeros for a node that has none.
    pub fn pads(&self) -> [usize; 4] {
        let pads = self.attributes.iter().find_map(|(name, value)| match value {
            OnnxAttribute::Ints(values) if *name == "pads" => <[usize; 4]>::try_from(values.as_slice()).ok(),
            OnnxAttribute::Ints(_) | OnnxAttribute::Int(_) | OnnxAttribute::Float(_) => None,
        });
        pads.unwrap_or_default()
    }
}

/// One of the ONNX nodes that compute an activation function one after the other. Each works value by value.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OnnxStep {
    /// The operator's name, such as "Tanh".
    pub op_type: &'static str,
    /// What the node reads, in order.
    pub reads: Vec<OnnxOperand>,
}

/// What a step of an activation function reads.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub enum OnnxOperand {
    /// The activation function's argument.
    Argument,
    /// The result of the step before.
    Previous,
    /// A constant.
    Constant(f32),
}
