//! What all shaders share, and how their text is put together.
//!
//! Tiles are unrolled into single variables, since compilers keep those in registers and arrays in memory. Shapes come
//! in a uniform buffer, so that layers of different shape share a pipeline.

use std::borrow::Cow;

use crate::graph::Activation;

/// How elements are stored and multiplied; sums are always in single precision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Precision {
    /// 16 bits.
    Half,
    /// 32 bits.
    Single,
}

/// The shapes that a shader is told, in vectors of four channels where channels are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Shapes {
    /// Where the input begins, and the steps to its next row and pixel.
    pub(super) input: [u32; 3],
    /// The same of the output.
    pub(super) output: [u32; 3],
    /// The same of a second value.
    pub(super) residual: [u32; 3],
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
    /// Side of the window, in pixels.
    pub(super) kernel: u32,
    /// Step between windows, in pixels.
    pub(super) stride: u32,
    /// The output's vectors in a group of a convolution; groups of scales in a row of a linear layer.
    pub(super) group: u32,
    /// Vectors of weights between a row of outputs and the next: only Winograd's products have weights for each row.
    pub(super) row_weights: u32,
    /// Whether the second value is added.
    pub(super) add: u32,
    /// Activations that only limit: the least and the greatest value.
    pub(super) limits: [f32; 2],
}

impl Shapes {
    /// As it lies in the uniform buffer.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let [a, b, c] = [self.input, self.output, self.residual];
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
            self.kernel,
            self.stride,
            self.group,
            self.row_weights,
            self.add,
        ];
        let limits = self.limits.map(f32::to_bits);
        let mut bytes: Vec<u8> =
            [a, b, c].concat().into_iter().chain(rest).chain(limits).flat_map(u32::to_le_bytes).collect();
        bytes.resize(bytes.len().next_multiple_of(16), 0);
        bytes
    }
}

const SHAPES: &str = "struct Shapes {
  in_start: u32, in_row: u32, in_pixel: u32, out_start: u32, out_row: u32, out_pixel: u32,
  residual_start: u32, residual_row: u32, residual_pixel: u32,
  height: u32, width: u32, outs: u32, in_height: u32, in_width: u32, ins: u32, tiles: u32, top: u32, left: u32,
  kernel: u32, stride: u32, group: u32, row_weights: u32, add: u32, least: f32, greatest: f32
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

/// An activation's form in a shader: those that limit share one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ActivationForm {
    /// Between [`Shapes::limits`].
    Limits,
    /// `1.7159 tanh(2x/3)`
    ScaledTanh,
    /// `1 / (1 + exp(−x))`
    Sigmoid,
    /// `x / (1 + exp(−x))`
    Swish,
}

impl ActivationForm {
    /// Its form, and its limits where it has some.
    pub(super) fn of(activation: Activation) -> (Self, [f32; 2]) {
        let all = [f32::MIN, f32::MAX];
        match activation {
            Activation::Identity => (Self::Limits, all),
            Activation::Relu => (Self::Limits, [0.0, f32::MAX]),
            Activation::Relu6 => (Self::Limits, [0.0, 6.0]),
            Activation::ScaledTanh => (Self::ScaledTanh, all),
            Activation::Sigmoid => (Self::Sigmoid, all),
            Activation::Swish => (Self::Swish, all),
        }
    }

    /// Of the `vec4f` that the expression `x` gives.
    pub(super) fn text(self, x: &str) -> String {
        match self {
            Self::Limits => format!("clamp({x}, vec4f(s.least), vec4f(s.greatest))"),
            Self::ScaledTanh => format!("1.7159 * tanh(({x}) * (2.0 / 3.0))"),
            Self::Sigmoid => format!("1.0 / (1.0 + exp(-({x})))"),
            Self::Swish => format!("({x}) / (1.0 + exp(-({x})))"),
        }
    }
}

impl Precision {
    /// Elements as they lie in a buffer.
    pub(super) fn bytes(self, elements: &[f32]) -> Cow<'_, [u8]> {
        match self {
            Self::Half => elements.iter().flat_map(|&element| half::f16::from_f32(element).to_le_bytes()).collect(),
            Self::Single => Cow::Borrowed(bytemuck::cast_slice(elements)),
        }
    }

    /// Elements from a buffer's bytes.
    pub(super) fn elements(self, bytes: &[u8]) -> Vec<f32> {
        match self {
            Self::Half => bytes.as_chunks().0.iter().map(|&two| half::f16::from_le_bytes(two).to_f32()).collect(),
            Self::Single => bytes.as_chunks().0.iter().map(|&four| f32::from_le_bytes(four)).collect(),
        }
    }

    /// Bytes of a element.
    pub(super) fn size(self) -> usize {
        match self {
            Self::Half => 2,
            Self::Single => 4,
        }
    }
}
