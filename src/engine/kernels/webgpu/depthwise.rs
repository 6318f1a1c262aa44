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
use crate::graph::Shape;

/// What a thread computes: neighbouring pixels, of four channels or of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Tile {
    rows: usize,
    columns: usize,
    channels: usize,
    /// Threads of a workgroup, along channels and along pixels.
    workgroup: [u32; 3],
}

impl Tile {
    /// Many small threads keep hardware busy.
    const HARDWARE: Self = Self { rows: 1, columns: 4, channels: LANES, workgroup: [8, 8, 1] };
    /// Rows and columns to choose from for a software adapter. All sizes of a network for 224 pixels divide by 7.
    const SIDES: [(usize, usize); 4] = [(7, 7), (4, 7), (4, 4), (2, 4)];
    /// Reads of the input in a shader for a software adapter, which takes about a millisecond to compile each of them.
    const MOST_READS: usize = 140;

    /// For a software adapter a thread reads as little as it can for each pixel, since a read takes as long as some eight
    /// multiplications. Four channels in a thread would take four reads each; one keeps the shader short.
    fn choose(step: &Step, window: Window, software: bool) -> Self {
        if !software {
            return Self::HARDWARE;
        }
        let (Window { kernel, stride, .. }, output) = (window, step.output.shape);
        let of = |(rows, columns)| Self { rows, columns, channels: 1, workgroup: [16, 1, 1] };
        let reach = |pixels: usize| (pixels - 1) * stride + kernel;
        let reads = |tile: &Self| reach(tile.rows) * reach(tile.columns);
        // Reads and writes, of all threads.
        let time = |tile: &Self| {
            let threads = output.height.div_ceil(tile.rows) * output.width.div_ceil(tile.columns);
            threads * (reads(tile) + kernel * kernel + tile.rows * tile.columns)
        };
        let short = |tile: &Self| reads(tile) <= Self::MOST_READS;
        Self::SIDES.map(of).into_iter().filter(short).min_by_key(time).unwrap_or(Self::HARDWARE)
    }

    /// Whether a shader for a software adapter can leave out the checks of the output's edges. Only the largest tile has such a shader:
    /// smaller tiles serve outputs of several sizes, which share one shader with the checks.
    fn fits(self, output: Shape) -> bool {
        (self.rows, self.columns) == Self::SIDES[0]
            && output.height.is_multiple_of(self.rows)
            && output.width.is_multiple_of(self.columns)
    }

    /// The types of what a thread computes and of what it stores.
    fn types(self) -> (&'static str, &'static str) {
        if self.channels == 1 { ("f32", "Scalar") } else { ("vec4f", "Vector") }
    }
}

/// A depthwise convolution for one step: `[height, width, channels] ∗ [kernel, kernel, channels]` →
/// `[height', width', channels]`.
pub(in crate::engine::kernels) struct Depthwise {
    window: Window,
    channels: usize,
    tile: Tile,
}

impl Depthwise {
    pub(in crate::engine::kernels) fn new(step: &Step, gpu: &Gpu, window: Window) -> Self {
        let tile = Tile::choose(step, window, gpu.software);
        Self { window, channels: step.output.shape.channels, tile }
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
        let (step, tile) = (recorder.step, self.tile);
        let Window { top, left, .. } = self.window;
        let output = step.output.shape;
        let (residual, residual_buffer) = recorder.residual();
        let (form, activation) = ActivationForm::of(step.activation);
        // Vectors, or elements.
        let unit = |position: Position| if tile.channels == 1 { position.elements() } else { position };
        let uniforms = DepthwiseUniforms {
            // The first window begins in the halo.
            input: unit(recorder.position_at(step.input, -(top as isize), -(left as isize))),
            output: unit(recorder.position(step.output)),
            residual: unit(residual),
            height: output.height as u32,
            width: output.width as u32,
            channels: vectors(self.channels) * (LANES / tile.channels) as u32,
            tiles: output.width.div_ceil(tile.columns) as u32,
            has_residual: step.second_input().is_some().into(),
            activation,
        };
        let branches = if recorder.gpu.software {
            let edges = !tile.fits(output);
            Branches { residual: step.second_input().is_some(), height: edges, width: edges }
        } else {
            Branches { residual: true, height: false, width: true }
        };
        let mut code = String::new();
        // Writing to a String cannot fail.
        let _ = body(&mut code, self.window, tile, form, branches);
        let (element, float) = if tile.channels == 1 {
            (Element::Scalar, Element::Float)
        } else {
            (Element::Vector, Element::FloatVector)
        };
        let mut shader = Shader::new(recorder.precision(), &uniforms)
            .reads("input", element, recorder.buffer(step.input))
            .writes("output", element, recorder.buffer(step.output))
            .reads("weights", element, taps)
            .reads("bias", float, bias);
        if branches.residual {
            shader = shader.reads("residual", element, residual_buffer);
        }
        let down = output.height.div_ceil(tile.rows) as u32;
        recorder.dispatch(shader.main(tile.workgroup, &code), [uniforms.channels, uniforms.tiles * down, 1]);
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
        /// Threads for a pixel.
        channels: u32,
        /// Threads in a row of output pixels.
        tiles: u32,
        /// 1 if a residual is added, else 0.
        has_residual: u32,
        activation: Limits,
    }
);

/// What a shader decides for each element that it writes, as [`conv`](super::conv)'s does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Branches {
    /// Whether there is a residual.
    residual: bool,
    /// Whether a row of a thread's tile is inside the output.
    height: bool,
    /// Whether a column of a thread's tile is inside the output.
    width: bool,
}

/// A thread computes the neighbouring pixels of a tile; where windows overlap, what was loaded serves them all.
fn body(
    code: &mut String,
    window: Window,
    tile: Tile,
    activation: ActivationForm,
    branches: Branches,
) -> std::fmt::Result {
    let (Window { kernel, stride, .. }, Tile { rows, columns, .. }) = (window, tile);
    let (computed, stored) = tile.types();
    writeln!(
        code,
        "let channel = id.x; let y = id.y / shape.tiles * {rows}u; let x = id.y % shape.tiles * {columns}u;"
    )?;
    writeln!(code, "if (channel >= shape.channels || y >= shape.height) {{ return; }}")?;
    let offset = format!("y * {stride}u * shape.input_row + x * {stride}u * shape.input_pixel + channel");
    writeln!(code, "let first = shape.input_start + {offset};")?;
    writeln!(code, "let channel_bias = bias[channel];")?;
    for (row, column) in pixels(rows, columns) {
        writeln!(code, "var sum{row}_{column} = channel_bias;")?;
    }
    for (row, column) in pixels(kernel, kernel) {
        let tap = row * kernel + column;
        writeln!(code, "let weight{row}_{column} = weights[{tap}u * shape.channels + channel];")?;
    }
    for input in 0..(rows - 1) * stride + kernel {
        for column in 0..(columns - 1) * stride + kernel {
            let at = format!("first + {input}u * shape.input_row + {column}u * shape.input_pixel");
            writeln!(code, "let input{input}_{column} = input[{at}];")?;
        }
        // The rows of windows that this row of the input is in.
        for row in (0..rows).filter(|row| (row * stride..row * stride + kernel).contains(&input)) {
            let tap = input - row * stride;
            for column in 0..columns {
                let product = |across: usize| {
                    format!("{computed}(weight{tap}_{across} * input{input}_{})", column * stride + across)
                };
                let products: Vec<_> = (0..kernel).map(product).collect();
                writeln!(code, "sum{row}_{column} += {};", products.join(" + "))?;
            }
        }
    }
    for name in ["output", "residual"].into_iter().take(if branches.residual { 2 } else { 1 }) {
        let offset = format!("y * shape.{name}_row + x * shape.{name}_pixel + channel");
        writeln!(code, "let {name}_first = shape.{name}_start + {offset};")?;
    }
    for (row, column) in pixels(rows, columns) {
        let sum = format!("sum{row}_{column}");
        let at =
            |name: &str| format!("{name}[{name}_first + {row}u * shape.{name}_row + {column}u * shape.{name}_pixel]");
        let mut inside = Vec::new();
        if branches.height {
            inside.push(format!("y + {row}u < shape.height"));
        }
        if branches.width {
            inside.push(format!("x + {column}u < shape.width"));
        }
        if !inside.is_empty() {
            write!(code, "if ({}) ", inside.join(" && "))?;
        }
        writeln!(code, "{{")?;
        if branches.residual {
            writeln!(code, "if (shape.has_residual != 0) {{ {sum} += {computed}({}); }}", at("residual"))?;
        }
        writeln!(code, "{} = {stored}({}); }}", at("output"), activation.text_of(computed, &sum))?;
    }
    Ok(())
}

/// All places of a rectangle, row by row.
fn pixels(rows: usize, columns: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..rows * columns).map(move |place| (place / columns, place % columns))
}

#[cfg(all(test, not(target_family = "wasm")))]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::engine::kernels::plan::Plan;
    use crate::graph::Graph;

    /// The rows and columns of a tile for a picture of `side` pixels.
    fn tile(side: usize, kernel: usize, stride: usize, software: bool) -> (usize, usize) {
        let mut graph = Graph::new(Shape::new(8, side, side));
        graph.conv("a", 8, kernel).stride(stride).same().groups(8);
        let plan = Plan::new(&graph, &[graph.output()], false).unwrap();
        let window = Window { kernel, stride, top: 0, left: 0 };
        let Tile { rows, columns, .. } = Tile::choose(&plan.steps[0], window, software);
        (rows, columns)
    }

    #[test]
    fn a_software_adapters_tiles_are_large_where_they_fit() {
        assert_eq!(tile(14, 3, 1, true), (7, 7));
        assert_eq!(tile(28, 5, 2, true), (4, 4), "larger ones take long to compile");
        assert_eq!(tile(8, 3, 1, true), (4, 4));
        assert_eq!(tile(14, 3, 1, false), (1, 4));
    }
}
