//! What the kernels share whose threads compute four channels of one output pixel each: pooling, normalisation, sums and
//! products.

use super::dispatch::{Recorder, vectors};
use super::shader::{ActivationForm, Element, Shader};
use super::uniforms::{Limits, Position, uniforms};
use crate::engine::kernels::plan::{View, Window};

/// Threads of a workgroup, along channels and along pixels.
const WORKGROUP: [u32; 3] = [8, 8, 1];

/// The window of a kernel that reads one pixel for one.
pub(in crate::engine::kernels) const ONE_PIXEL: Window = Window { kernel: 1, stride: 1, top: 0, left: 0 };

uniforms!(
    /// The parameters of these shaders, of which each reads a part.
    PixelwiseUniforms {
        input: Position,
        output: Position,
        /// Where the second operand lies.
        second: Position,
        /// The output's rows.
        height: u32,
        /// The output's columns.
        width: u32,
        /// The output's vectors a pixel, which are the input's.
        vectors: u32,
        /// The input's rows.
        input_height: u32,
        /// The input's columns.
        input_width: u32,
        /// Side of a window, in pixels.
        kernel: u32,
        /// Step between windows, in pixels.
        stride: u32,
        /// Rows of padding above the input.
        top: u32,
        /// Columns of padding to the left of the input.
        left: u32,
        activation: Limits,
    }
);

/// The index of a thread's vector of channels in the array `name`, for the pixel in row `y` and column `x`.
pub(in crate::engine::kernels) fn at(name: &str) -> String {
    format!("shape.{name}_start + y * shape.{name}_row + x * shape.{name}_pixel + channel")
}

/// Records a shader whose threads compute `[4]` channels of a pixel each.
///
/// `code` computes what the expression `value`, of type `vec4f`, then gives, before the activation. It knows the thread's
/// `x`, `y` and `channel`, the array `input`, and the array `second` where there is a second operand.
pub(in crate::engine::kernels) fn record(
    recorder: &mut Recorder<'_>,
    window: Window,
    second: Option<View>,
    declarations: &str,
    code: &str,
    value: &str,
) {
    let step = recorder.step;
    let (input, output) = (step.input.shape, step.output.shape);
    let (form, activation) = ActivationForm::of(step.activation);
    let uniforms = PixelwiseUniforms {
        input: recorder.position(step.input),
        output: recorder.position(step.output),
        second: second.map_or(Position::default(), |view| recorder.position(view)),
        height: output.height as u32,
        width: output.width as u32,
        vectors: vectors(output.channels),
        input_height: input.height as u32,
        input_width: input.width as u32,
        kernel: window.kernel as u32,
        stride: window.stride as u32,
        top: window.top as u32,
        left: window.left as u32,
        activation,
    };
    let mut shader = Shader::new(recorder.precision(), &uniforms)
        .reads("input", Element::Vector, recorder.buffer(step.input))
        .writes("output", Element::Vector, recorder.buffer(step.output));
    if let Some(view) = second {
        shader = shader.reads("second", Element::Vector, recorder.buffer(view));
    }
    let body = format!(
        "let channel = id.x; if (channel >= shape.vectors || id.y >= shape.width * shape.height) {{ return; }}\n\
         let y = id.y / shape.width; let x = id.y % shape.width;\n{code}output[{}] = Vector({});\n",
        at("output"),
        form.text(value)
    );
    let shader = shader.declares(declarations).main(WORKGROUP, &body);
    recorder.dispatch(shader, [uniforms.vectors, uniforms.width * uniforms.height, 1]);
}
