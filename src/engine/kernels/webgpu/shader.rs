//! What all shaders share, and how a shader's text is put together with the buffers that it reads and writes.
//!
//! Tiles are unrolled into single variables, since compilers keep those in registers and arrays in memory. Shapes come in
//! a uniform buffer, so that layers of different shapes share a pipeline.

use std::borrow::Cow;

use super::uniforms::{Layout, Limits, Uniforms};
use crate::graph::Activation;
use crate::graph::activation::{RELU6_MAXIMUM, SCALED_TANH_AMPLITUDE, SCALED_TANH_SLOPE};

/// How elements are stored and multiplied; sums are always in single precision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine::kernels) enum Precision {
    /// 16 bits.
    Half,
    /// 32 bits.
    Single,
}

impl Precision {
    /// Elements as they lie in a buffer.
    pub(in crate::engine::kernels) fn bytes(self, elements: &[f32]) -> Cow<'_, [u8]> {
        match self {
            Self::Half => elements.iter().flat_map(|&element| half::f16::from_f32(element).to_le_bytes()).collect(),
            Self::Single => Cow::Borrowed(bytemuck::cast_slice(elements)),
        }
    }

    /// Elements from a buffer's bytes.
    pub(in crate::engine::kernels) fn elements(self, bytes: &[u8]) -> Vec<f32> {
        match self {
            Self::Half => bytes.as_chunks().0.iter().map(|&two| half::f16::from_le_bytes(two).to_f32()).collect(),
            Self::Single => bytes.as_chunks().0.iter().map(|&four| f32::from_le_bytes(four)).collect(),
        }
    }

    /// Bytes of an element.
    pub(in crate::engine::kernels) fn size(self) -> usize {
        match self {
            Self::Half => 2,
            Self::Single => 4,
        }
    }

    /// The types in which a shader stores and multiplies.
    fn aliases(self) -> &'static str {
        match self {
            Self::Half => "enable f16;\nalias Scalar = f16;\nalias Vector = vec4<f16>;\nalias Matrix = mat4x4<f16>;\n",
            Self::Single => "alias Scalar = f32;\nalias Vector = vec4<f32>;\nalias Matrix = mat4x4<f32>;\n",
        }
    }
}

/// The type of a storage buffer's elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine::kernels) enum Element {
    /// An element in the precision of the device.
    Scalar,
    /// Four elements in the precision of the device.
    Vector,
    /// An element in single precision.
    Float,
    /// Four elements in single precision.
    FloatVector,
    /// Four 8-bit or eight 4-bit elements.
    Word,
}

impl Element {
    fn text(self) -> &'static str {
        match self {
            Self::Scalar => "Scalar",
            Self::Vector => "Vector",
            Self::Float => "f32",
            Self::FloatVector => "vec4f",
            Self::Word => "i32",
        }
    }
}

/// A shader's text with everything that a dispatch binds to it. Each binding is declared once: [`Shader::reads`] and
/// [`Shader::writes`] declare it in WGSL and take the buffer.
pub(in crate::engine::kernels) struct Shader {
    text: String,
    uniforms: Vec<u8>,
    /// The storage buffers: bindings 1, 2, ….
    buffers: Vec<wgpu::Buffer>,
    workgroup: [u32; 3],
}

impl Shader {
    /// A shader whose variable `shape`, at binding 0, has the fields of `uniforms`.
    pub(in crate::engine::kernels) fn new(precision: Precision, uniforms: &impl Uniforms) -> Self {
        Self::with_layout(precision, uniforms.layout())
    }

    fn with_layout(precision: Precision, layout: Layout) -> Self {
        let text = format!("{}{}", precision.aliases(), layout.declaration());
        Self { text, uniforms: layout.into_bytes(), buffers: Vec::new(), workgroup: [1; 3] }
    }

    /// Lets the shader use what a subgroup's threads can do together. The browser would refuse that where it cannot see that all
    /// of them get there. They do because such a shader lets only whole subgroups leave (`conv.rs`, `body`).
    pub(in crate::engine::kernels) fn in_quads(mut self) -> Self {
        self.text.insert_str(0, "enable subgroups;\ndiagnostic(off, subgroup_uniformity);\n");
        self
    }

    /// Binds a buffer that is read as the array `name`.
    pub(in crate::engine::kernels) fn reads(self, name: &str, element: Element, buffer: &wgpu::Buffer) -> Self {
        self.binds("read", name, element, buffer)
    }

    /// Binds a buffer that is written as the array `name`.
    pub(in crate::engine::kernels) fn writes(self, name: &str, element: Element, buffer: &wgpu::Buffer) -> Self {
        self.binds("read_write", name, element, buffer)
    }

    #[inline(never)]
    fn binds(mut self, access: &str, name: &str, element: Element, buffer: &wgpu::Buffer) -> Self {
        self.buffers.push(buffer.clone());
        let (binding, element) = (self.buffers.len(), element.text());
        self.text += &format!("@group(0) @binding({binding}) var<storage, {access}> {name}: array<{element}>;\n");
        self
    }

    /// Adds declarations: functions, or memory of a workgroup.
    pub(in crate::engine::kernels) fn declares(mut self, text: &str) -> Self {
        self.text += text;
        self
    }

    /// Ends the text with the body of its function, which knows the thread's `id`, its index `local` in the workgroup, and
    /// the workgroup's index `group`.
    pub(in crate::engine::kernels) fn main(mut self, workgroup: [u32; 3], body: &str) -> Self {
        let [x, y, z] = workgroup;
        self.text += &format!(
            "@compute @workgroup_size({x}, {y}, {z})\nfn main(@builtin(global_invocation_id) id: vec3u, \
             @builtin(local_invocation_index) local: u32, @builtin(workgroup_id) group: vec3u) {{\n{body}}}\n"
        );
        self.workgroup = workgroup;
        self
    }

    /// The text, the contents of the uniform buffer, the storage buffers, and the threads of a workgroup.
    pub(in crate::engine::kernels) fn into_parts(self) -> (String, Vec<u8>, Vec<wgpu::Buffer>, [u32; 3]) {
        (self.text, self.uniforms, self.buffers, self.workgroup)
    }
}

/// An activation function's form in a shader. Identity, ReLU and ReLU6 are all clamps; they share one form and one pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine::kernels) enum ActivationForm {
    /// What lies between the uniform `activation`'s limits: identity, ReLU and ReLU6.
    Clamp,
    /// [`Activation::ScaledTanh`]
    ScaledTanh,
    /// [`Activation::Tanh`]
    Tanh,
    /// [`Activation::Sigmoid`]
    Sigmoid,
    /// [`Activation::Swish`]
    Swish,
}

impl ActivationForm {
    /// The form of an activation function, and the limits for the uniform `activation`.
    pub(in crate::engine::kernels) fn of(activation: Activation) -> (Self, Limits) {
        let limits = |least, greatest| Limits { least, greatest };
        match activation {
            Activation::Identity => (Self::Clamp, Limits::NONE),
            Activation::Relu => (Self::Clamp, limits(0.0, f32::MAX)),
            Activation::Relu6 => (Self::Clamp, limits(0.0, RELU6_MAXIMUM)),
            Activation::ScaledTanh => (Self::ScaledTanh, Limits::NONE),
            Activation::Tanh => (Self::Tanh, Limits::NONE),
            Activation::Sigmoid => (Self::Sigmoid, Limits::NONE),
            Activation::Swish => (Self::Swish, Limits::NONE),
        }
    }

    /// The expression for the function of `x`, itself an expression of type `vec4f`. The uniforms must have a field
    /// `activation: Limits`.
    pub(in crate::engine::kernels) fn text(self, x: &str) -> String {
        self.text_of("vec4f", x)
    }

    /// As [`ActivationForm::text`], for an expression of type `form`.
    pub(in crate::engine::kernels) fn text_of(self, form: &str, x: &str) -> String {
        match self {
            Self::Clamp => format!("clamp({x}, {form}(shape.activation_least), {form}(shape.activation_greatest))"),
            Self::ScaledTanh => format!("{SCALED_TANH_AMPLITUDE:?} * tanh(({x}) * {SCALED_TANH_SLOPE:?})"),
            Self::Tanh => format!("tanh({x})"),
            Self::Sigmoid => format!("1.0 / (1.0 + exp(-({x})))"),
            Self::Swish => format!("({x}) / (1.0 + exp(-({x})))"),
        }
    }
}
