//! Depthwise convolutions: each channel with a kernel of its own.

use std::fmt::Write as _;

use super::WebGpuKernel;
use super::conv::bias_bytes;
use super::device::{Buffer, Gpu, buffer_bytes};
use super::dispatch::{Recorder, vectors};
use super::shader::{ActivationForm, Element, Precision, Shader};
use super::uniforms::{Limits, Position, uniforms};
use crate::engine::LinearFormat;
use crate::engine::kernels::parameters::{Packed, Tensors};
use crate::engine::kernels::plan::{LANES, Step, Window};
use crate::error::Result;

/// Threads of a workgroup, along channels and along pixels.
const WORKGROUP: [u32; 3] = [8, 8, 1];

/// Neighbouring output pixels of a thread.
const PIXELS: usize = 4;

/// A depthwise convolution for one step: `[height, width, channels] ∗ [kernel, kernel, channels]` →
/// `[height', width', channels]`.
pub(in crate::engine::kernels) struct Depthwise {
    window: Window,
    channels: usize,
}

impl Depthwise {
    pub(in crate::engine::kernels) fn new(step: &Step, window: Window) -> Self {
        Self { window, channels: step.output.shape.channels }
    }
}

/// The weights of a depthwise convolution.
struct DepthwiseWeights {
    /// `[kernel, kernel, channels]`, with the channels padded to whole vectors.
    taps: Buffer,
    /// One element a channel, padded to whole vectors.
    bias: Buffer,
}

impl WebGpuKernel for Depthwise {
    fn weight_buffers(&self, gpu: &Gpu, _: LinearFormat) -> [u64; 3] {
        let elements = self.window.kernel * self.window.kernel * self.channels.next_multiple_of(LANES);
        [buffer_bytes((elements * gpu.precision.size()) as u64), bias_bytes(self.channels), 0]
    }

    /// `[channels, 1, kernel, kernel]` → `[kernel, kernel, channels]`.
    fn pack(&self, gpu: &Gpu, tensors: &Tensors<'_>) -> Packed {
        let taps = tensors.by_tap(self.channels, self.window.kernel);
        Packed::new(DepthwiseWeights {
            taps: gpu.upload(&gpu.precision.bytes(&taps)),
            bias: gpu.upload(&Precision::Single.bytes(&tensors.padded_bias(self.channels))),
        })
    }

    fn record(&self, weights: &Packed, recorder: &mut Recorder<'_>) -> Result<()> {
        let DepthwiseWeights { taps, bias } = weights.get()?;
        let step = recorder.step;
        let Window { kernel, stride, top, left } = self.window;
        let output = step.output.shape;
        let (residual, residual_buffer) = recorder.residual();
        let (form, activation) = ActivationForm::of(step.activation);
        let uniforms = DepthwiseUniforms {
            // The first window begins in the halo.
            input: recorder.position_at(step.input, -(top as isize), -(left as isize)),
            output: recorder.position(step.output),
            residual,
            height: output.height as u32,
            width: output.width as u32,
            vectors: vectors(self.channels),
            tiles: output.width.div_ceil(PIXELS) as u32,
            has_residual: step.second_input().is_some().into(),
            activation,
        };
        let mut code = String::new();
        // Writing to a String cannot fail.
        let _ = body(&mut code, kernel, stride, form);
        let shader = Shader::new(recorder.precision(), &uniforms)
            .reads("input", Element::Vector, recorder.buffer(step.input))
            .writes("output", Element::Vector, recorder.buffer(step.output))
            .reads("weights", Element::Vector, taps)
            .reads("bias", Element::FloatVector, bias)
            .reads("residual", Element::Vector, residual_buffer)
            .main(WORKGROUP, &code);
        recorder.dispatch(shader, [uniforms.vectors, uniforms.tiles * uniforms.height, 1]);
        Ok(())
    }
}

uniforms!(
    /// The parameters of the shader.
    DepthwiseUniforms {
        /// From the first window on.
        input: Position,
        output: Position,
        residual: Position,
        /// The output's rows.
        height: u32,
        /// The output's columns.
        width: u32,
        /// Vectors a pixel.
        vectors: u32,
        /// Threads in a row of output pixels.
        tiles: u32,
        /// 1 if a residual is added, else 0.
        has_residual: u32,
        activation: Limits,
    }
);

/// A thread computes four neighbouring pixels of four channels, `[kernel, columns, 4] ∗ [kernel, kernel, 4]` → `[4, 4]`;
/// where windows overlap, what was loaded serves them all.
fn body(code: &mut String, kernel: usize, stride: usize, activation: ActivationForm) -> std::fmt::Result {
    writeln!(code, "let channel = id.x;")?;
    writeln!(code, "if (channel >= shape.vectors || id.y >= shape.tiles * shape.height) {{ return; }}")?;
    writeln!(code, "let y = id.y / shape.tiles; let x = id.y % shape.tiles * {PIXELS}u;")?;
    let offset = format!("y * {stride}u * shape.input_row + x * {stride}u * shape.input_pixel + channel");
    writeln!(code, "let first = shape.input_start + {offset};")?;
    writeln!(code, "let channel_bias = bias[channel];")?;
    for pixel in 0..PIXELS {
        writeln!(code, "var sum{pixel} = channel_bias;")?;
    }
    writeln!(code, "for (var row = 0u; row < {kernel}u; row++) {{ let start = first + row * shape.input_row;")?;
    for column in 0..(PIXELS - 1) * stride + kernel {
        writeln!(code, "let input{column} = input[start + {column}u * shape.input_pixel];")?;
    }
    for column in 0..kernel {
        let at = format!("(row * {kernel}u + {column}u) * shape.vectors + channel");
        writeln!(code, "let weight{column} = weights[{at}];")?;
        for pixel in 0..PIXELS {
            writeln!(code, "sum{pixel} += vec4f(weight{column} * input{});", pixel * stride + column)?;
        }
    }
    writeln!(code, "}}")?;
    for name in ["output", "residual"] {
        let offset = format!("y * shape.{name}_row + x * shape.{name}_pixel + channel");
        writeln!(code, "let {name}_first = shape.{name}_start + {offset};")?;
    }
    for pixel in 0..PIXELS {
        let at = |name: &str| format!("{name}[{name}_first + {pixel}u * shape.{name}_pixel]");
        writeln!(code, "if (x + {pixel}u < shape.width) {{")?;
        writeln!(code, "if (shape.has_residual != 0) {{ sum{pixel} += vec4f({}); }}", at("residual"))?;
        writeln!(code, "{} = Vector({}); }}", at("output"), activation.text(&format!("sum{pixel}")))?;
    }
    Ok(())
}
