//! The messages of ONNX's protocol buffers that an exported network consists of (onnx.proto3 of ONNX 1.12).
//!
//! Protocol buffers leave out fields that are zero. Fields in which a zero means something else than nothing are optional
//! here, so that their zero is written.

use prost::Message;

/// `TensorProto.DataType.FLOAT`
pub const FLOAT: i32 = 1;
/// `TensorProto.DataType.INT64`
pub const INT64: i32 = 7;
/// `TensorProto.DataLocation.EXTERNAL`
pub const EXTERNAL: i32 = 1;

/// `ModelProto`: the whole file.
#[derive(Clone, PartialEq, Message)]
pub struct Model {
    /// The version of the file format.
    #[prost(int64, tag = "1")]
    pub ir_version: i64,
    /// The sets of operators that the nodes use.
    #[prost(message, repeated, tag = "8")]
    pub opset_import: Vec<OperatorSet>,
    /// The name of the program that wrote the file.
    #[prost(string, tag = "2")]
    pub producer_name: String,
    /// The version of that program.
    #[prost(string, tag = "3")]
    pub producer_version: String,
    /// The network.
    #[prost(message, optional, tag = "7")]
    pub graph: Option<Graph>,
}

/// `OperatorSetIdProto`
#[derive(Clone, PartialEq, Message)]
pub struct OperatorSet {
    /// The set's name; empty for ONNX's own set.
    #[prost(string, tag = "1")]
    pub domain: String,
    /// The set's version.
    #[prost(int64, tag = "2")]
    pub version: i64,
}

/// `GraphProto`
#[derive(Clone, PartialEq, Message)]
pub struct Graph {
    /// The nodes. Each stands after those whose outputs it reads.
    #[prost(message, repeated, tag = "1")]
    pub node: Vec<Node>,
    /// The graph's name.
    #[prost(string, tag = "2")]
    pub name: String,
    /// Weights and constants.
    #[prost(message, repeated, tag = "5")]
    pub initializer: Vec<Tensor>,
    /// The values that are given to the network.
    #[prost(message, repeated, tag = "11")]
    pub input: Vec<ValueInfo>,
    /// The values that the network gives back.
    #[prost(message, repeated, tag = "12")]
    pub output: Vec<ValueInfo>,
}

/// `NodeProto`
#[derive(Clone, PartialEq, Message)]
pub struct Node {
    /// The names of the values that the node reads.
    #[prost(string, repeated, tag = "1")]
    pub input: Vec<String>,
    /// The names of the values that the node computes.
    #[prost(string, repeated, tag = "2")]
    pub output: Vec<String>,
    /// The node's name.
    #[prost(string, tag = "3")]
    pub name: String,
    /// The name of the operator.
    #[prost(string, tag = "4")]
    pub op_type: String,
    /// The operator's parameters.
    #[prost(message, repeated, tag = "5")]
    pub attribute: Vec<Attribute>,
}

/// `AttributeProto`
#[derive(Clone, PartialEq, Message)]
pub struct Attribute {
    /// The attribute's name.
    #[prost(string, tag = "1")]
    pub name: String,
    /// `AttributeProto.AttributeType`, which says which of the fields below is set: 1 for `f`, 2 for `i`, 7 for `ints`.
    #[prost(int32, tag = "20")]
    pub kind: i32,
    /// A number in single precision.
    #[prost(float, optional, tag = "2")]
    pub f: Option<f32>,
    /// An integer.
    #[prost(int64, optional, tag = "3")]
    pub i: Option<i64>,
    /// A list of integers.
    #[prost(int64, repeated, tag = "8")]
    pub ints: Vec<i64>,
}

impl Attribute {
    /// An attribute that is a number in single precision.
    pub fn float(name: &str, value: f32) -> Self {
        Self { name: name.into(), kind: 1, f: Some(value), ..Self::default() }
    }

    /// An attribute that is an integer.
    pub fn int(name: &str, value: usize) -> Self {
        Self { name: name.into(), kind: 2, i: Some(value as i64), ..Self::default() }
    }

    /// An attribute that is a list of integers.
    pub fn ints(name: &str, values: &[usize]) -> Self {
        Self { name: name.into(), kind: 7, ints: dims(values), ..Self::default() }
    }
}

/// `TensorProto`
#[derive(Clone, PartialEq, Message)]
pub struct Tensor {
    /// The length of each dimension, outermost first; none for a single number.
    #[prost(int64, repeated, tag = "1")]
    pub dims: Vec<i64>,
    /// The type of the elements: [`FLOAT`] or [`INT64`].
    #[prost(int32, tag = "2")]
    pub data_type: i32,
    /// The tensor's name.
    #[prost(string, tag = "8")]
    pub name: String,
    /// The elements, little-endian, if they are in this file.
    #[prost(bytes = "vec", tag = "9")]
    pub raw_data: Vec<u8>,
    /// The "location", "offset" and "length" of elements that are in another file.
    #[prost(message, repeated, tag = "13")]
    pub external_data: Vec<Entry>,
    /// Where the elements are: 0 for this file, or [`EXTERNAL`].
    #[prost(int32, tag = "14")]
    pub data_location: i32,
}

/// `StringStringEntryProto`
#[derive(Clone, PartialEq, Message)]
pub struct Entry {
    /// What is said, such as "offset".
    #[prost(string, tag = "1")]
    pub key: String,
    /// What is said of it, as text.
    #[prost(string, tag = "2")]
    pub value: String,
}

/// `ValueInfoProto`
#[derive(Clone, PartialEq, Message)]
pub struct ValueInfo {
    /// The value's name.
    #[prost(string, tag = "1")]
    pub name: String,
    /// The value's type.
    #[prost(message, optional, tag = "2")]
    pub kind: Option<Type>,
}

/// `TypeProto`
#[derive(Clone, PartialEq, Message)]
pub struct Type {
    /// The type of a tensor; there are no other values here.
    #[prost(message, optional, tag = "1")]
    pub tensor: Option<TensorType>,
}

/// `TypeProto.Tensor`
#[derive(Clone, PartialEq, Message)]
pub struct TensorType {
    /// The type of the elements: [`FLOAT`].
    #[prost(int32, tag = "1")]
    pub data_type: i32,
    /// The tensor's shape.
    #[prost(message, optional, tag = "2")]
    pub shape: Option<TensorShape>,
}

/// `TensorShapeProto`
#[derive(Clone, PartialEq, Message)]
pub struct TensorShape {
    /// The dimensions, outermost first.
    #[prost(message, repeated, tag = "1")]
    pub dim: Vec<Dimension>,
}

/// `TensorShapeProto.Dimension`
#[derive(Clone, PartialEq, Message)]
pub struct Dimension {
    /// The dimension's length.
    #[prost(int64, tag = "1")]
    pub value: i64,
}

/// The description of a network's input or output: a tensor of this shape in single precision.
pub fn value_info(name: &str, shape: &[usize]) -> ValueInfo {
    let dim = dims(shape).into_iter().map(|value| Dimension { value }).collect();
    let tensor = TensorType { data_type: FLOAT, shape: Some(TensorShape { dim }) };
    ValueInfo { name: name.into(), kind: Some(Type { tensor: Some(tensor) }) }
}

/// A shape as ONNX writes it.
pub fn dims(shape: &[usize]) -> Vec<i64> {
    shape.iter().map(|&length| length as i64).collect()
}
