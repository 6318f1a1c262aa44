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
        let tile = Tile::choose(output.height, output.width, deep, groups, (gpu, false));
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
    let Gpu { software, quads, .. } = *recorder.gpu;
    let branches = if software { Branches::that_are_taken(tile, uniforms) } else { Branches::ALL };
    let mut code = String::new();
    // Writing to a String cannot fail.
    let apart = quads && uniforms.row_weights != 0;
    let _ = body(&mut code, tile, activation, branches, Lanes { quads, apart });
    let mut shader = Shader::new(recorder.precision(), uniforms);
    if quads {
        shader = shader.in_quads();
    }
    shader = shader
        .reads("input", Element::Vector, buffers.input)
        .writes("output", Element::Vector, buffers.output)
        .reads("weights", if quads { Element::Scalar } else { Element::Vector }, buffers.weights)
        .reads("bias", Element::FloatVector, buffers.bias);
    if branches.residual {
        shader = shader.reads("residual", Element::Vector, buffers.residual);
    }
    let (tiles, rows) = (uniforms.tiles, uniforms.height);
    let (tiles, rows) = if apart { (tiles, rows) } else { (tiles * rows, 1) };
    let threads = [tiles, uniforms.output_vectors.div_ceil(tile.vectors as u32), rows];
    recorder.dispatch(shader.main(if software { WORKGROUP_IN_SOFTWARE } else { WORKGROUP }, &code), threads);
}

/// What a shader decides for each element that it writes. Hardware skips what is not done, so that one shader serves all
/// layers. A software adapter computes both sides of every branch and throws one of them away: a residual that there is not
/// took as long as writing the output. There a layer gets a shader without the branches that it never takes. It takes such
/// an adapter a quarter of a second to compile one more shader. Layers with a residual, and layers whose channels do not fill the last
/// tile, therefore share a shader with both branches: these layers have many taps, so that a branch costs them little.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Branches {
    /// Whether there is a residual.
    residual: bool,
    /// Whether a pixel of a thread's tile is inside the row.
    width: bool,
    /// Whether a vector of a thread's tile is inside the pixel.
    depth: bool,
    /// Whether a window has a loop for its rows, one for its columns and one for its channels. Entering a loop costs a software adapter
    /// more than a tap of the first layers, so that there one loop walks through all of a window.
    loops: bool,
}

impl Branches {
    const ALL: Self = Self { residual: true, width: true, depth: true, loops: true };

    fn that_are_taken(tile: Tile, uniforms: &ConvUniforms) -> Self {
        let residual_or_depth =
            uniforms.has_residual != 0 || !uniforms.output_vectors.is_multiple_of(tile.vectors as u32);
        let width = !uniforms.width.is_multiple_of(tile.pixels as u32);
        Self { residual: residual_or_depth, width, depth: residual_or_depth, loops: false }
    }
}

/// How threads work together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Lanes {
    /// The four threads of a subgroup hand each other weights.
    quads: bool,
    /// They compute tiles of the same row, since each row has weights of its own.
    apart: bool,
}

/// A thread computes `[pixels, kernel² · in] × [kernel² · in, 4 vectors]` → `[pixels, 4 vectors]`, in registers.
///
/// With `quads` the four threads of a subgroup read a different weight each and hand it to the others: on a software adapter
/// a read takes as long as some eight multiplications, for a subgroup as for a single thread.
fn body(
    code: &mut String,
    tile: Tile,
    activation: ActivationForm,
    branches: Branches,
    Lanes { quads, apart }: Lanes,
) -> std::fmt::Result {
    let Tile { pixels, vectors } = tile;
    let step = vectors * LANES;
    writeln!(
        code,
        "let first = id.y * {vectors}u; let last = {} - 1;",
        if apart { "shape.tiles" } else { "shape.tiles * shape.height" }
    )?;
    if quads {
        // Only whole subgroups leave. A thread too many in one that stays computes the last tile again.
        writeln!(code, "if ((id.x & 0xfffffffcu) > last || first >= shape.output_vectors) {{ return; }}")?;
        writeln!(code, "let place = min(id.x, last);")?;
    } else {
        writeln!(code, "if (id.x > last || first >= shape.output_vectors) {{ return; }}")?;
        writeln!(code, "let place = id.x;")?;
    }
    let y = if apart { "id.z" } else { "place / shape.tiles" };
    writeln!(code, "let y = {y}; let x = (place % shape.tiles) * {pixels}u;")?;
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
    if branches.loops {
        writeln!(code, "for (var row = 0u; row < shape.kernel; row++) {{")?;
        writeln!(code, "for (var column = 0u; column < shape.kernel; column++) {{")?;
        writeln!(code, "let start = corner + row * shape.input_row + column * shape.input_pixel;")?;
        writeln!(
            code,
            "for (var channel = 0u; channel < shape.input_vectors; channel++) {{ let at = start + channel;"
        )?;
    } else {
        writeln!(code, "let taps = shape.kernel * shape.kernel * shape.input_vectors;")?;
        writeln!(code, "let pixel_end = shape.input_pixel - shape.input_vectors;")?;
        writeln!(code, "let row_end = shape.input_row - shape.kernel * shape.input_pixel;")?;
        writeln!(code, "var at = corner; var channel = 0u; var column = 0u;")?;
        writeln!(code, "for (var tap = 0u; tap < taps; tap++) {{")?;
    }
    for pixel in 0..pixels {
        writeln!(code, "let input{pixel} = input[at + {pixel}u * next];")?;
    }
    for vector in 0..vectors {
        let columns: [String; LANES] = std::array::from_fn(|input| {
            let column = vector * LANES + input;
            if !quads {
                return format!("weights[weight + {column}u]");
            }
            let own = format!("own{column}");
            // Writing to a String cannot fail.
            let _ = writeln!(code, "let {own} = weights[(weight + {column}u) * {LANES}u + (local & 3u)];");
            let of = |lane: usize| format!("subgroupBroadcast({own}, {lane}u)");
            format!("Vector({}, {}, {}, {})", of(0), of(1), of(2), of(3))
        });
        writeln!(code, "let matrix{vector} = Matrix({});", columns.join(", "))?;
        for pixel in 0..pixels {
            writeln!(code, "sum{pixel}_{vector} += vec4f(matrix{vector} * input{pixel});")?;
        }
    }
    if branches.loops {
        writeln!(code, "weight += {step}u; }} }} }}")?;
    } else {
        writeln!(code, "weight += {step}u; at++; channel++;")?;
        writeln!(code, "let ends_pixel = channel == shape.input_vectors;")?;
        writeln!(code, "at += select(0u, pixel_end, ends_pixel); column += select(0u, 1u, ends_pixel);")?;
        writeln!(code, "let ends_row = column == shape.kernel;")?;
        writeln!(code, "at += select(0u, row_end, ends_row);")?;
        writeln!(code, "channel = select(channel, 0u, ends_pixel); column = select(column, 0u, ends_row); }}")?;
    }
    for name in ["output", "residual"].into_iter().take(if branches.residual { 2 } else { 1 }) {
        let offset = format!("y * shape.{name}_row + x * shape.{name}_pixel + first");
        writeln!(code, "let {name}_first = shape.{name}_start + {offset};")?;
    }
    for vector in 0..vectors {
        let inside =
            if branches.depth { format!("if (first + {vector}u < shape.output_vectors) ") } else { String::new() };
        writeln!(code, "{inside}{{ let bias{vector} = bias[first + {vector}u];")?;
        for pixel in 0..pixels {
            let at = |name: &str| format!("{name}[{name}_first + {pixel}u * shape.{name}_pixel + {vector}u]");
            let inside = if branches.width { format!("if (x + {pixel}u < shape.width) ") } else { String::new() };
            writeln!(code, "{inside}{{ var sum = sum{pixel}_{vector} + bias{vector};")?;
            if branches.residual {
                writeln!(code, "if (shape.has_residual != 0) {{ sum += vec4f({}); }}", at("residual"))?;
            }
            writeln!(code, "{} = Vector({}); }}", at("output"), activation.text("sum"))?;
        }
        writeln!(code, "}}")?;
    }
    Ok(())
}

/// Threads of a workgroup, along pixels and along output channels.
const WORKGROUP: [u32; 3] = [16, 4, 1];
/// As [`WORKGROUP`], for a software adapter, where threads without an output take time, too. A subgroup is four neighbours along
/// pixels: `body` takes the lowest two bits of a thread's place for its place in the subgroup.
const WORKGROUP_IN_SOFTWARE: [u32; 3] = [16, 1, 1];

/// Threads of a subgroup that hand each other values.
const QUAD: usize = 4;

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
    /// inputs; fitted to 14 tiles on SwiftShader. With quads loading weights takes less than half of that. Hardware also wants
    /// enough threads.
    ///
    /// Where rows are `apart`, because each has weights of its own, quads do not reach from one into the next.
    pub(super) fn choose(rows: usize, width: usize, vectors: usize, groups: usize, (gpu, apart): (&Gpu, bool)) -> Self {
        let weights = if gpu.quads { 45.0 } else { 102.0 };
        let time = |tile: Self| {
            let (across, deep) = (width.div_ceil(tile.pixels), vectors.div_ceil(tile.vectors));
            let across = if gpu.quads && apart { across.next_multiple_of(QUAD) } else { across };
            let threads = (rows * across * deep * groups) as f64;
            let work = (tile.pixels * tile.vectors) as f64;
            let each = 16.0 + weights / tile.pixels as f64 + 26.0 / tile.vectors as f64;
            let idle = if gpu.software { 0.0 } else { BUSY / threads };
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

#[cfg(all(test, not(target_family = "wasm")))]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    const TILE: Tile = Tile { pixels: 7, vectors: 4 };

    fn uniforms(width: u32, output_vectors: u32, has_residual: u32) -> ConvUniforms {
        ConvUniforms {
            input: Position::default(),
            output: Position::default(),
            residual: Position::default(),
            height: 1,
            width,
            input_vectors: 1,
            output_vectors,
            group_vectors: output_vectors,
            tiles: 1,
            kernel: 1,
            stride: 1,
            row_weights: 0,
            has_residual,
            activation: Limits::NONE,
        }
    }

    #[test]
    fn a_software_adapters_shader_has_the_branches_that_its_layer_takes() {
        let none = Branches { residual: false, width: false, depth: false, loops: false };
        let of = |width, vectors, residual| Branches::that_are_taken(TILE, &uniforms(width, vectors, residual));
        assert_eq!(of(112, 24, 0), none);
        assert_eq!(of(112, 24, 1), Branches { residual: true, depth: true, ..none });
        assert_eq!(of(65, 24, 0), Branches { width: true, ..none });
        assert_eq!(of(112, 6, 0), of(112, 24, 1), "one shader less to compile");
    }

    /// How often each of two texts is in the shader of a convolution without branches.
    fn count(quads: bool, texts: [&str; 2]) -> [usize; 2] {
        let branches = Branches::that_are_taken(TILE, &uniforms(7, 4, 0));
        let mut code = String::new();
        body(&mut code, TILE, ActivationForm::Clamp, branches, Lanes { quads, apart: false }).unwrap();
        texts.map(|text| code.matches(text).count())
    }

    #[test]
    fn a_quad_reads_a_quarter_of_the_weights() {
        // A tile's 4 vectors of outputs times 4 inputs: 16 vectors of four numbers, or 16 numbers that go to four threads each.
        assert_eq!(count(false, ["weights[weight + ", "subgroupBroadcast("]), [16, 0]);
        assert_eq!(count(true, ["= weights[", "subgroupBroadcast("]), [16, 64]);
    }

    #[test]
    fn windows_are_walked_with_one_loop() {
        assert_eq!(count(true, ["for (", "residual"]), [1, 0]);
    }
}
