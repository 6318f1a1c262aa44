//! What all shaders share, and how their text is put together.
//!
//! Tiles are unrolled into single variables, since compilers keep those in registers and arrays in memory. Shapes come
//! in a uniform buffer, so that layers of different shape share a pipeline.

use crate::graph::Activation;

/// How numbers are stored and multiplied; sums are always in single precision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Precision {
    /// 16 bits.
    Half,
    /// 32 bits.
    Single,
}

/// The shapes that a shader is told, in vectors of four channels where channels are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Shapes {
    /// Where the input begins, and the steps to its next row and pixel.
    pub(super) input: [u32; 3],
    /// The same of the output.
    pub(super) output: [u32; 3],
    /// The same of a second value.
    pub(super) beside: [u32; 3],
    /// The output's pixels.
    pub(super) height: u32,
    /// The output's pixels.
    pub(super) width: u32,
    /// The output's vectors a pixel.
    pub(super) outs: u32,
    /// The input's pixels.
    pub(super) in_height: u32,
    /// The input's pixels.
    pub(super) in_width: u32,
    /// The input's vectors a pixel, in one group.
    pub(super) ins: u32,
    /// Threads in a row of output pixels.
    pub(super) tiles: u32,
    /// Rows before the first window.
    pub(super) top: u32,
    /// Columns before it.
    pub(super) left: u32,
    /// Vectors of weights that a row of the product skips, for Winograd's products; the output's vectors of a group for
    /// a grouped convolution.
    pub(super) skip: u32,
}

impl Shapes {
    /// As it lies in the uniform buffer.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let [a, b, c] = [self.input, self.output, self.beside];
        let rest = [
            self.height,
            self.width,
            self.outs,
            self.in_height,
            self.in_width,
            self.ins,
            self.tiles,
            self.top,
            self.left,
            self.skip,
        ];
        // A uniform buffer's size is a multiple of 16 bytes.
        [a, b, c].concat().into_iter().chain(rest).chain([0]).flat_map(u32::to_le_bytes).collect()
    }
}

const SHAPES: &str = "struct Shapes {
  in_start: u32, in_row: u32, in_pixel: u32, out_start: u32, out_row: u32, out_pixel: u32,
  beside_start: u32, beside_row: u32, beside_pixel: u32,
  height: u32, width: u32, outs: u32, in_height: u32, in_width: u32, ins: u32, tiles: u32, top: u32, left: u32, skip: u32, unused: u32
}
@group(0) @binding(0) var<uniform> s: Shapes;
";

/// A shader's text before and after its unrolled part.
pub(super) struct Shader {
    text: String,
    bindings: u32,
}

impl Shader {
    /// The shapes, then bindings in this order: input and output.
    pub(super) fn new(precision: Precision) -> Self {
        let text = match precision {
            Precision::Half => "enable f16;\nalias h = f16;\nalias h4 = vec4<f16>;\nalias h44 = mat4x4<f16>;\n",
            Precision::Single => "alias h = f32;\nalias h4 = vec4<f32>;\nalias h44 = mat4x4<f32>;\n",
        };
        Self { text: format!("{text}{SHAPES}"), bindings: 1 }
    }

    /// A buffer to read.
    pub(super) fn reads(mut self, name: &str, element: &str) -> Self {
        self.text += &format!("@group(0) @binding({}) var<storage, read> {name}: array<{element}>;\n", self.bindings);
        self.bindings += 1;
        self
    }

    /// A buffer to write.
    pub(super) fn writes(mut self, name: &str, element: &str) -> Self {
        self.text +=
            &format!("@group(0) @binding({}) var<storage, read_write> {name}: array<{element}>;\n", self.bindings);
        self.bindings += 1;
        self
    }

    /// Declarations.
    pub(super) fn declare(mut self, text: &str) -> Self {
        self.text += text;
        self
    }

    /// The finished text with the body of its function.
    pub(super) fn main(mut self, workgroup: [u32; 3], body: &str) -> String {
        let [x, y, z] = workgroup;
        self.text += &format!(
            "@compute @workgroup_size({x}, {y}, {z})\nfn main(@builtin(global_invocation_id) id: vec3u, \
             @builtin(local_invocation_index) local: u32, @builtin(workgroup_id) group: vec3u) {{\n{body}}}\n"
        );
        self.text
    }
}

/// An activation of the `vec4f` called `x`, as an expression.
pub(super) fn activate(activation: Activation, x: &str) -> String {
    match activation {
        Activation::Identity => x.to_owned(),
        Activation::Relu => format!("max({x}, vec4f(0))"),
        Activation::Relu6 => format!("clamp({x}, vec4f(0), vec4f(6))"),
        Activation::ScaledTanh => format!("1.7159 * tanh(({x}) * (2.0 / 3.0))"),
        Activation::Sigmoid => format!("1.0 / (1.0 + exp(-({x})))"),
        Activation::Swish => format!("({x}) / (1.0 + exp(-({x})))"),
    }
}

impl Precision {
    /// Numbers as they lie in a buffer.
    pub(super) fn bytes(self, numbers: &[f32]) -> Vec<u8> {
        match self {
            Self::Half => numbers.iter().flat_map(|&number| half::f16::from_f32(number).to_le_bytes()).collect(),
            Self::Single => numbers.iter().flat_map(|number| number.to_le_bytes()).collect(),
        }
    }

    /// Numbers from a buffer's bytes.
    pub(super) fn numbers(self, bytes: &[u8]) -> Vec<f32> {
        match self {
            Self::Half => bytes.as_chunks().0.iter().map(|&two| half::f16::from_le_bytes(two).to_f32()).collect(),
            Self::Single => bytes.as_chunks().0.iter().map(|&four| f32::from_le_bytes(four)).collect(),
        }
    }

    /// Bytes of a number.
    pub(super) fn size(self) -> usize {
        match self {
            Self::Half => 2,
            Self::Single => 4,
        }
    }
}
