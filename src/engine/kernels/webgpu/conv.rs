//! Dense and grouped convolutions as implicit matrix products: a thread computes a tile of pixels × output channels.

use std::fmt::Write as _;

use super::WebGpuKernel;
use super::device::{Buffer, Gpu, buffer_bytes};
use super::dispatch::{Recorder, vectors};
use super::shader::{ActivationForm, Element, Precision, Shader};
use super::uniforms::{Limits, Position, uniforms};
use super::winograd::WinogradConv;
use crate::engine::LinearFormat;
use crate::engine::kernels::parameters::{Packed, Tensors};
use crate::engine::kernels::plan::{LANES, Step, Window};
use crate::engine::kernels::winograd::Form;
use crate::error::Result;

/// The shorter side of an output, in pixels, from which F(4×4, 3×3) is used. F(2×2, 3×3) is used on smaller outputs: the
/// weights of F(4×4, 3×3) are four times as large as the file's, and hardware is bound by memory bandwidth, a software
/// adapter by arithmetic.
const FOUR_FROM: usize = 24;
/// As [`FOUR_FROM`], for a software adapter.
const FOUR_FROM_IN_SOFTWARE: usize = 12;

/// The kernel of a convolution: by Winograd's algorithm where that is faster.
pub(in crate::engine::kernels) fn kernel(
    step: &Step,
    gpu: &Gpu,
    window: Window,
    groups: usize,
) -> Box<dyn WebGpuKernel> {
    let (input, output) = (step.input.shape, step.output.shape);
    let four_from = match (gpu.precision, gpu.software) {
        // F(4×4, 3×3) loses too much accuracy in half precision.
        (Precision::Half, _) => usize::MAX,
        (Precision::Single, true) => FOUR_FROM_IN_SOFTWARE,
        (Precision::Single, false) => FOUR_FROM,
    };
    let form = match groups {
        1 => Form::choose(window, input.channels, output.channels, output, four_from),
        // The shader of Winograd's products does not support groups.
        _ => Form::Direct,
    };
    match form {
        Form::Direct => Box::new(Conv::new(step, gpu, window, groups)),
        Form::Winograd(form) => Box::new(WinogradConv::new(step, gpu, window, form)),
    }
}

/// The weights of a convolution.
pub(super) struct ConvWeights {
    /// As [`pack`] lays them out.
    pub(super) weights: Buffer,
    /// One element an output channel, padded to whole vectors.
    pub(super) bias: Buffer,
}

/// A convolution as it is defined, for one step: `[height, width, in] ∗ [kernel, kernel, in / groups, out]` →
/// `[height', width', out]`, which for each group is the product `[height' · width', kernel² · in / groups] ×
/// [kernel² · in / groups, out / groups]`.
pub(super) struct Conv {
    window: Window,
    groups: usize,
    /// Channels in and out of the step.
    channels: (usize, usize),
    tile: Tile,
}

impl Conv {
    fn new(step: &Step, gpu: &Gpu, window: Window, groups: usize) -> Self {
        let (input, output) = (step.input.shape, step.output.shape);
        let deep = (output.channels / groups).div_ceil(LANES);
        let tile = Tile::choose(output.height, output.width, deep, groups, gpu.software);
        Self { window, groups, channels: (input.channels, output.channels), tile }
    }
}

impl WebGpuKernel for Conv {
    fn weight_buffers(&self, gpu: &Gpu, _: LinearFormat) -> [u64; 3] {
        let (inputs, outputs) = self.channels;
        let taps = self.window.kernel * self.window.kernel;
        let elements = packed_elements(outputs, inputs / self.groups, taps, self.tile.vectors);
        [buffer_bytes((elements * gpu.precision.size()) as u64), bias_bytes(outputs), 0]
    }

    /// `[out, in / groups, kernel, kernel]` → the order of [`pack`].
    fn pack(&self, gpu: &Gpu, tensors: &Tensors<'_>) -> Packed {
        let (inputs, outputs) = self.channels;
        let (inputs, taps) = (inputs / self.groups, self.window.kernel * self.window.kernel);
        let all = tensors.weight.dequantise();
        let weights = pack(outputs, inputs, taps, self.tile.vectors, |output, input, tap| {
            all[(output * inputs + input) * taps + tap]
        });
        Packed::new(ConvWeights {
            weights: gpu.upload(&gpu.precision.bytes(&weights)),
            bias: gpu.upload(&Precision::Single.bytes(&tensors.padded_bias(outputs))),
        })
    }

    fn record(&self, weights: &Packed, recorder: &mut Recorder<'_>) -> Result<()> {
        let ConvWeights { weights, bias } = weights.get()?;
        let step = recorder.step;
        let Window { kernel, stride, top, left } = self.window;
        let ((inputs, outputs), output) = (self.channels, step.output.shape);
        let (residual, residual_buffer) = recorder.residual();
        let (form, activation) = ActivationForm::of(step.activation);
        let uniforms = ConvUniforms {
            // The first window begins in the halo.
            input: recorder.position_at(step.input, -(top as isize), -(left as isize)),
            output: recorder.position(step.output),
            residual,
            height: output.height as u32,
            width: output.width as u32,
            input_vectors: vectors(inputs / self.groups),
            output_vectors: vectors(outputs),
            group_vectors: vectors(outputs / self.groups),
            tiles: output.width.div_ceil(self.tile.pixels) as u32,
            kernel: kernel as u32,
            stride: stride as u32,
            row_weights: 0,
            has_residual: step.second_input().is_some().into(),
            activation,
        };
        let buffers = ConvBuffers {
            input: recorder.buffer(step.input),
            output: recorder.buffer(step.output),
            weights,
            bias,
            residual: residual_buffer,
        };
        dispatch(recorder, self.tile, form, &uniforms, &buffers);
        Ok(())
    }
}

uniforms!(
    /// The parameters of a convolution's shader.
    ConvUniforms {
        /// From the first window on.
        input: Position,
        output: Position,
        residual: Position,
        /// The output's rows.
        height: u32,
        /// The output's columns.
        width: u32,
        /// The input's vectors a pixel, in one group.
        input_vectors: u32,
        /// The output's vectors a pixel.
        output_vectors: u32,
        /// The output's vectors in a group.
        group_vectors: u32,
        /// Threads in a row of output pixels.
        tiles: u32,
        /// Side of a window, in pixels.
        kernel: u32,
        /// Step between windows, in pixels.
        stride: u32,
        /// Vectors of weights from a row of outputs to the next: only Winograd's products have weights for each row.
        row_weights: u32,
        /// 1 if a residual is added, else 0.
        has_residual: u32,
        activation: Limits,
    }
);

/// What a convolution's shader reads and writes.
pub(super) struct ConvBuffers<'a> {
    pub(super) input: &'a wgpu::Buffer,
    pub(super) output: &'a wgpu::Buffer,
    pub(super) weights: &'a wgpu::Buffer,
    pub(super) bias: &'a wgpu::Buffer,
    pub(super) residual: &'a wgpu::Buffer,
}

/// Records a convolution; one shader serves all kernels and strides.
pub(super) fn dispatch(
    recorder: &mut Recorder<'_>,
    tile: Tile,
    activation: ActivationForm,
    uniforms: &ConvUniforms,
    buffers: &ConvBuffers<'_>,
) {
    let mut code = String::new();
    // Writing to a String cannot fail.
    let _ = body(&mut code, tile, activation);
    let shader = Shader::new(recorder.precision(), uniforms)
        .reads("input", Element::Vector, buffers.input)
        .writes("output", Element::Vector, buffers.output)
        .reads("weights", Element::Vector, buffers.weights)
        .reads("bias", Element::FloatVector, buffers.bias)
        .reads("residual", Element::Vector, buffers.residual)
        .main(WORKGROUP, &code);
    let threads = [uniforms.tiles * uniforms.height, uniforms.output_vectors.div_ceil(tile.vectors as u32), 1];
    recorder.dispatch(shader, threads);
}

/// A thread computes `[pixels, kernel² · in] × [kernel² · in, 4 vectors]` → `[pixels, 4 vectors]`, in registers.
fn body(code: &mut String, tile: Tile, activation: ActivationForm) -> std::fmt::Result {
    let Tile { pixels, vectors } = tile;
    let step = vectors * LANES;
    writeln!(code, "let y = id.x / shape.tiles; let x = (id.x % shape.tiles) * {pixels}u;")?;
    writeln!(code, "let first = id.y * {vectors}u;")?;
    writeln!(code, "if (y >= shape.height || first >= shape.output_vectors) {{ return; }}")?;
    for pixel in 0..pixels {
        for vector in 0..vectors {
            writeln!(code, "var sum{pixel}_{vector} = vec4f(0);")?;
        }
    }
    writeln!(
        code,
        "var weight = id.y * shape.input_vectors * shape.kernel * shape.kernel * {step}u + y * shape.row_weights;"
    )?;
    writeln!(code, "let next = shape.stride * shape.input_pixel;")?;
    writeln!(code, "let group_start = first / shape.group_vectors * shape.input_vectors;")?;
    writeln!(code, "let corner = shape.input_start + y * shape.stride * shape.input_row + x * next + group_start;")?;
    writeln!(code, "for (var row = 0u; row < shape.kernel; row++) {{")?;
    writeln!(code, "for (var column = 0u; column < shape.kernel; column++) {{")?;
    writeln!(code, "let start = corner + row * shape.input_row + column * shape.input_pixel;")?;
    writeln!(code, "for (var channel = 0u; channel < shape.input_vectors; channel++) {{")?;
    for pixel in 0..pixels {
        writeln!(code, "let input{pixel} = input[start + {pixel}u * next + channel];")?;
    }
    for vector in 0..vectors {
        let at = |lane: usize| format!("weights[weight + {}u]", vector * LANES + lane);
        writeln!(code, "let matrix{vector} = Matrix({}, {}, {}, {});", at(0), at(1), at(2), at(3))?;
        for pixel in 0..pixels {
            writeln!(code, "sum{pixel}_{vector} += vec4f(matrix{vector} * input{pixel});")?;
        }
    }
    writeln!(code, "weight += {step}u; }} }} }}")?;
    for name in ["output", "residual"] {
        let offset = format!("y * shape.{name}_row + x * shape.{name}_pixel + first");
        writeln!(code, "let {name}_first = shape.{name}_start + {offset};")?;
    }
    for vector in 0..vectors {
        writeln!(code, "if (first + {vector}u < shape.output_vectors) {{ let bias{vector} = bias[first + {vector}u];")?;
        for pixel in 0..pixels {
            let at = |name: &str| format!("{name}[{name}_first + {pixel}u * shape.{name}_pixel + {vector}u]");
            writeln!(code, "if (x + {pixel}u < shape.width) {{ var sum = sum{pixel}_{vector} + bias{vector};")?;
            writeln!(code, "if (shape.has_residual != 0) {{ sum += vec4f({}); }}", at("residual"))?;
            writeln!(code, "{} = Vector({}); }}", at("output"), activation.text("sum"))?;
        }
        writeln!(code, "}}")?;
    }
    Ok(())
}

/// Threads of a workgroup, along pixels and along output channels.
const WORKGROUP: [u32; 3] = [16, 4, 1];

/// What a thread computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tile {
    /// Neighbouring output pixels of a row.
    pub(super) pixels: usize,
    /// Vectors of output channels.
    pub(super) vectors: usize,
}

/// Numbers of neighbouring pixels to choose from, each with a factor for the estimated time: a tile that needs another
/// shader must save that much. More pixels gain little and take long to compile, and so would more choices. All widths of a
/// network for 224 pixels divide by 7.
const PIXELS: [(usize, f64); 5] = [(7, 1.0), (8, 1.1), (4, 1.1), (2, 1.1), (1, 1.1)];
/// Numbers of vectors of output channels to choose from, with factors as in [`PIXELS`].
const VECTORS: [(usize, f64); 3] = [(4, 1.0), (2, 1.1), (1, 1.1)];
/// Threads that keep a graphics chip busy; any number of threads keeps a software adapter busy.
const BUSY: f64 = 16_384.0;

impl Tile {
    /// The fastest tile, by an estimate, for `rows` of `width` pixels with `vectors` of output channels in each of `groups`.
    ///
    /// A pixel's time for each vector is about `16 + 102 / pixels + 26 / vectors`: arithmetic, loading weights, loading
    /// inputs; fitted to 14 tiles on SwiftShader. Hardware also wants enough threads.
    pub(super) fn choose(rows: usize, width: usize, vectors: usize, groups: usize, software: bool) -> Self {
        let time = |tile: Self| {
            let (across, deep) = (width.div_ceil(tile.pixels), vectors.div_ceil(tile.vectors));
            let threads = (rows * across * deep * groups) as f64;
            let work = (tile.pixels * tile.vectors) as f64;
            let each = 16.0 + 102.0 / tile.pixels as f64 + 26.0 / tile.vectors as f64;
            let idle = if software { 0.0 } else { BUSY / threads };
            threads * work * each * (1.0 + idle)
        };
        let mut best = (Self { pixels: 1, vectors: 1 }, f64::INFINITY);
        for (pixels, rare) in PIXELS {
            // A tile does not reach into the next group.
            for (deep, rarer) in VECTORS.into_iter().filter(|(deep, _)| groups == 1 || vectors.is_multiple_of(*deep)) {
                let tile = Self { pixels, vectors: deep };
                let time = time(tile) * rare * rarer;
                if time < best.1 {
                    best = (tile, time);
                }
            }
        }
        best.0
    }
}

/// Elements that [`pack`] makes.
pub(super) fn packed_elements(outputs: usize, inputs: usize, taps: usize, vectors: usize) -> usize {
    let (tiles, input_vectors) = (outputs.div_ceil(vectors * LANES), inputs.div_ceil(LANES));
    tiles * taps * input_vectors * vectors * LANES * LANES
}

/// Weights in the shader's order: `[tiles of output channels, taps, vectors of inputs, vectors of outputs, 4 inputs,
/// 4 outputs]`. The element for an output, an input and a tap is `weight(output, input, tap)`; what pads inputs and outputs
/// is zero.
pub(super) fn pack(
    outputs: usize,
    inputs: usize,
    taps: usize,
    vectors: usize,
    weight: impl Fn(usize, usize, usize) -> f32,
) -> Vec<f32> {
    let (tiles, input_vectors) = (outputs.div_ceil(vectors * LANES), inputs.div_ceil(LANES));
    let mut elements = Vec::with_capacity(packed_elements(outputs, inputs, taps, vectors));
    for tile in 0..tiles {
        for tap in 0..taps {
            for vector_in in 0..input_vectors {
                for vector in 0..vectors {
                    for lane in 0..LANES {
                        let input = vector_in * LANES + lane;
                        let output = (tile * vectors + vector) * LANES;
                        let inside = |output: usize| input < inputs && output < outputs;
                        elements.extend(
                            (output..output + LANES)
                                .map(|output| if inside(output) { weight(output, input, tap) } else { 0.0 }),
                        );
                    }
                }
            }
        }
    }
    elements
}

/// Bytes of a bias that is padded to whole vectors.
pub(in crate::engine::kernels) fn bias_bytes(channels: usize) -> u64 {
    buffer_bytes(4 * channels.next_multiple_of(LANES) as u64)
}
