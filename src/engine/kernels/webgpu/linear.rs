//! Linear layers at batch 1: a matrix–vector product straight from the quantised weights. Quantised weights need a quarter
//! or an eighth of the memory traffic, and VGG's largest layer then fits the limit for one buffer binding.

use std::fmt::Write as _;

use super::WebGpuKernel;
use super::conv::bias_bytes;
use super::device::{Buffer, Gpu, buffer_bytes};
use super::dispatch::{Recorder, vectors};
use super::mapped;
use super::shader::{ActivationForm, Element, Precision, Shader};
use super::uniforms::{Limits, Position, uniforms};
use crate::engine::LinearFormat;
use crate::engine::kernels::parameters::{Packed, Tensors};
use crate::engine::kernels::plan::{LANES, Step};
use crate::error::Result;
use crate::weights::{GROUP, Tensor};

/// How the threads of a workgroup share a matrix. Neighbours read neighbouring words, which every adapter does best.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Tile {
    /// Threads side by side, each with outputs of its own.
    lanes: usize,
    /// Outputs of a thread, which share what it reads of the input.
    rows: usize,
    /// Threads behind one another that share the inputs of an output.
    slices: usize,
}

impl Tile {
    /// A software adapter has few threads, and reading costs it more than computing; hardware wants many threads.
    fn of(software: bool) -> Self {
        if software { Self { lanes: 8, rows: 16, slices: 1 } } else { Self { lanes: 32, rows: 1, slices: 8 } }
    }

    /// Outputs of a workgroup.
    fn outputs(self) -> usize {
        self.lanes * self.rows
    }

    /// Threads of a workgroup.
    fn threads(self) -> usize {
        self.lanes * self.slices
    }
}

/// A linear layer for one step: `[outputs, inputs] × [inputs]` → `[outputs]`.
pub(in crate::engine::kernels) struct Linear {
    inputs: usize,
    outputs: usize,
    tile: Tile,
}

/// The weights of a linear layer.
struct LinearWeights {
    format: LinearFormat,
    inputs: usize,
    tile: Tile,
    weights: Buffer,
    /// None for [`LinearFormat::Float`].
    scales: Option<Buffer>,
    /// One element an output, padded to whole vectors.
    bias: Buffer,
}

impl Linear {
    pub(in crate::engine::kernels) fn new(step: &Step, gpu: &Gpu) -> Self {
        let (inputs, outputs) = (step.input.shape.channels, step.output.shape.channels);
        Self { inputs, outputs, tile: Tile::of(gpu.software) }
    }
}

impl WebGpuKernel for Linear {
    fn weight_buffers(&self, gpu: &Gpu, format: LinearFormat) -> [u64; 3] {
        let outputs = self.outputs.next_multiple_of(self.tile.outputs());
        let (word, single) = (4, 4);
        let (weight, scales) = match format {
            LinearFormat::Float => (gpu.precision.size() * elements_a_read(format), 0),
            LinearFormat::Int8 => (word, single),
            LinearFormat::Int8Groups | LinearFormat::Int4 => (word, single * self.inputs.div_ceil(GROUP)),
        };
        let weights = weight * reads(format, self.inputs) * outputs;
        [buffer_bytes(weights as u64), buffer_bytes((scales * outputs) as u64), bias_bytes(self.outputs)]
    }

    fn pack(&self, gpu: &Gpu, tensors: &Tensors<'_>) -> Packed {
        let format = LinearFormat::of(&tensors.weight);
        let (weights, scales) = pack(&tensors.weight, self.outputs, self.inputs, self.tile, gpu.precision);
        Packed::new(LinearWeights {
            format,
            inputs: self.inputs,
            tile: self.tile,
            weights: gpu.upload(&weights),
            scales: (format != LinearFormat::Float).then(|| gpu.upload(&Precision::Single.bytes(&scales))),
            bias: gpu.upload(&Precision::Single.bytes(&tensors.padded_bias(self.outputs))),
        })
    }

    fn record(&self, weights: &Packed, recorder: &mut Recorder<'_>) -> Result<()> {
        let LinearWeights { format, weights, scales, bias, .. } = weights.get()?;
        let (step, tile) = (recorder.step, self.tile);
        let (form, activation) = ActivationForm::of(step.activation);
        let uniforms = LinearUniforms {
            input: recorder.position(step.input),
            output: recorder.position(step.output),
            output_vectors: vectors(self.outputs),
            reads: reads(*format, self.inputs) as u32,
            groups: self.inputs.div_ceil(GROUP) as u32,
            activation,
        };
        let element = if *format == LinearFormat::Float { Element::Scalar } else { Element::Word };
        let mut shader = Shader::new(recorder.precision(), &uniforms)
            .reads("input", Element::Vector, recorder.buffer(step.input))
            .writes("output", Element::Scalar, recorder.buffer(step.output))
            .reads("weights", element, weights);
        if let Some(scales) = scales {
            shader = shader.reads("scales", Element::Float, scales);
        }
        shader = shader.reads("bias", Element::Float, bias);
        if tile.slices > 1 {
            shader = shader.declares(&format!("var<workgroup> sums: array<f32, {}>;\n", tile.threads() * tile.rows));
        }
        let mut code = String::new();
        // Writing to a String cannot fail.
        let _ = body(&mut code, *format, tile, form);
        let threads = tile.threads() as u32;
        let workgroups = self.outputs.div_ceil(tile.outputs()) as u32;
        recorder.dispatch(shader.main([threads, 1, 1], &code), [workgroups * threads, 1, 1]);
        Ok(())
    }
}

/// The weights of one output, in single precision: its column of what [`pack`] laid out, from the buffers.
pub(super) async fn weights_of(packed: &Packed, gpu: &Gpu, output: usize) -> Result<Vec<f32>> {
    let LinearWeights { format, inputs, tile, weights, scales, .. } = packed.get()?;
    let (number, place) = (output / tile.outputs(), output % tile.outputs());
    // The parts of a tile's outputs lie side by side, each of so many bytes.
    let column = async |buffer: &Buffer, parts: usize, bytes: usize| -> Result<Vec<u8>> {
        let row = bytes * tile.outputs();
        let tile = copied(gpu, buffer, number * parts * row, parts * row).await?;
        Ok(tile.chunks_exact(row).flat_map(|row| &row[place * bytes..][..bytes]).copied().collect())
    };
    let Some(scales) = scales else {
        let padded = inputs.next_multiple_of(LANES);
        let mut row = gpu.precision.elements(&column(weights, padded, gpu.precision.size()).await?);
        row.truncate(*inputs);
        return Ok(row);
    };
    let words = column(weights, reads(*format, *inputs), size_of::<u32>()).await?;
    let (groups, group) = if has_groups(*format) { (inputs.div_ceil(GROUP), GROUP) } else { (1, *inputs) };
    let scales = Precision::Single.elements(&column(scales, groups, size_of::<f32>()).await?);
    let elements = words.as_chunks().0.iter().flat_map(|&word| unpacked(u32::from_le_bytes(word), *format));
    Ok(elements.take(*inputs).enumerate().map(|(index, element)| element * scales[index / group]).collect())
}

/// Some bytes of a buffer of weights.
async fn copied(gpu: &Gpu, buffer: &Buffer, offset: usize, bytes: usize) -> Result<Vec<u8>> {
    let staging = gpu.staging(bytes as u64);
    let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    encoder.copy_buffer_to_buffer(buffer, offset as u64, &staging, 0, bytes as u64);
    gpu.queue.submit([encoder.finish()]);
    let mut contents = mapped::read(&gpu.device, &staging).await?;
    contents.truncate(bytes);
    Ok(contents)
}

/// The elements of a word that [`words`] made.
fn unpacked(word: u32, format: LinearFormat) -> impl Iterator<Item = f32> {
    let (elements, bits) = (elements_a_read(format), bits(format));
    (0..elements).map(move |k| {
        // To the top of the word, then down with its sign.
        let sign_extended = |word: u32| word.cast_signed() >> (32 - bits);
        let stored = word >> (k * bits) << (32 - bits);
        let offset = 1 << (bits - 1);
        let value =
            if k + 1 < elements { (stored >> (32 - bits)).cast_signed() - offset } else { sign_extended(stored) };
        value as f32
    })
}

uniforms!(
    /// The parameters of the shader.
    LinearUniforms {
        input: Position,
        output: Position,
        /// The output's vectors.
        output_vectors: u32,
        /// What is read of an output's weights, as often as [`reads`] counts.
        reads: u32,
        /// Groups of inputs that share a scale.
        groups: u32,
        activation: Limits,
    }
);

/// Elements that a thread reads of an output's weights at a time: a word of them, or a vector.
fn elements_a_read(format: LinearFormat) -> usize {
    match format {
        LinearFormat::Int8 | LinearFormat::Int8Groups | LinearFormat::Float => LANES,
        LinearFormat::Int4 => 2 * LANES,
    }
}

/// How often a thread reads of an output's weights.
fn reads(format: LinearFormat, inputs: usize) -> usize {
    inputs.div_ceil(elements_a_read(format))
}

/// Bits of an element in a word.
fn bits(format: LinearFormat) -> usize {
    32 / elements_a_read(format)
}

/// Whether there is a scale for each group of inputs.
fn has_groups(format: LinearFormat) -> bool {
    matches!(format, LinearFormat::Int8Groups | LinearFormat::Int4)
}

/// The weights and scales of a matrix `[outputs, inputs]` in the shader's order: `[tiles of outputs, reads, outputs of a
/// tile]` and `[tiles of outputs, groups, outputs of a tile]`. What pads inputs and outputs is zero.
///
/// In a word the last element has a sign and the others an offset, so that they are extracted and converted in the fewest
/// steps; the offset is subtracted again once a group.
fn pack(values: &Tensor, outputs: usize, inputs: usize, tile: Tile, precision: Precision) -> (Vec<u8>, Vec<f32>) {
    let laid_out = |columns: usize, padded: usize, value: &dyn Fn(usize) -> f32| -> Vec<f32> {
        let mut elements = Vec::with_capacity(outputs.next_multiple_of(tile.outputs()) * padded);
        for first in (0..outputs).step_by(tile.outputs()) {
            for column in 0..padded {
                elements.extend((first..first + tile.outputs()).map(|output| {
                    if output < outputs && column < columns { value(output * columns + column) } else { 0.0 }
                }));
            }
        }
        elements
    };
    let bytes = |values: &[i8]| words(LinearFormat::Int8, outputs, inputs, tile, |at| values[at]);
    let groups = inputs.div_ceil(GROUP);
    let (weights, scales) = match values {
        Tensor::Int8 { values, scale } => (bytes(values), laid_out(1, 1, &|at| scale[at])),
        Tensor::Int8Groups { values, scale, .. } => (bytes(values), laid_out(groups, groups, &|at| scale[at].to_f32())),
        Tensor::Int4 { packed, scale, .. } => {
            let row = inputs.div_ceil(2);
            let half = |at: usize| {
                let (output, input) = (at / inputs, at % inputs);
                (packed[output * row + input / 2] >> (input % 2 * 4) & 15) as i8 - 8
            };
            (words(LinearFormat::Int4, outputs, inputs, tile, half), laid_out(groups, groups, &|at| scale[at].to_f32()))
        }
        Tensor::F16(_) | Tensor::F32(_) => {
            let elements = values.dequantise();
            (
                precision.bytes(&laid_out(inputs, inputs.next_multiple_of(LANES), &|at| elements[at])).into_owned(),
                Vec::new(),
            )
        }
    };
    (weights, scales)
}

/// Words of the elements of a matrix `[outputs, inputs]`, whose element at an index is `value(index)`: `[tiles of outputs,
/// reads, outputs of a tile]`.
fn words(format: LinearFormat, outputs: usize, inputs: usize, tile: Tile, value: impl Fn(usize) -> i8) -> Vec<u8> {
    let (elements, bits) = (elements_a_read(format), bits(format));
    let (mask, offset) = ((1 << bits) - 1, 1 << (bits - 1));
    let mut words = Vec::with_capacity(outputs.next_multiple_of(tile.outputs()) * reads(format, inputs) * 4);
    for first in (0..outputs).step_by(tile.outputs()) {
        for from in (0..inputs).step_by(elements) {
            for output in first..first + tile.outputs() {
                let element = |k: usize| -> i32 {
                    let inside = output < outputs && from + k < inputs;
                    if inside { value(output * inputs + from + k).into() } else { 0 }
                };
                let word = (0..elements).fold(0u32, |word, k| {
                    let stored = if k + 1 < elements { element(k) + offset } else { element(k) };
                    word | ((stored & mask) as u32) << (k * bits)
                });
                words.extend(word.to_le_bytes());
            }
        }
    }
    words
}

/// A workgroup computes `[tile of outputs, inputs] × [inputs]` → `[tile of outputs]`, each thread `[rows, inputs / slices] ×
/// [inputs / slices]` → `[rows]`.
fn body(code: &mut String, format: LinearFormat, tile: Tile, activation: ActivationForm) -> std::fmt::Result {
    let Tile { lanes, rows, slices } = tile;
    let outputs = tile.outputs();
    let reads = GROUP / elements_a_read(format);
    writeln!(code, "let lane = local % {lanes}u; let slice = local / {lanes}u;")?;
    let declare = |code: &mut String, name: &str| (0..rows).try_for_each(|row| write!(code, "var {name}{row} = 0.0; "));
    declare(code, "sum")?;
    writeln!(code, "\nfor (var scale_group = slice; scale_group < shape.groups; scale_group += {slices}u) {{")?;
    declare(code, "part")?;
    writeln!(code, "var offset = 0.0; let end = min((scale_group + 1u) * {reads}u, shape.reads);")?;
    writeln!(code, "for (var read = scale_group * {reads}u; read < end; read++) {{")?;
    let vectors = elements_a_read(format) / LANES;
    for vector in 0..vectors {
        let at = format!("shape.input_start + read * {vectors}u + {vector}u");
        writeln!(code, "let input{vector} = vec4f(input[{at}]);")?;
    }
    if format == LinearFormat::Float {
        writeln!(code, "let weight = (group.x * shape.reads + read) * {}u + lane;", LANES * outputs)?;
        for row in 0..rows {
            let at = |lane: usize| lane * outputs + row * lanes;
            let parts: Vec<_> =
                (0..LANES).map(|lane| format!("input0[{lane}] * f32(weights[weight + {}u])", at(lane))).collect();
            writeln!(code, "part{row} += {};", parts.join(" + "))?;
        }
    } else {
        whole_words(code, format, tile)?;
    }
    writeln!(code, "}}")?;
    let first = format!("(group.x * shape.groups + scale_group) * {outputs}u + lane");
    for row in 0..rows {
        let scale = if has_groups(format) { format!(" * scales[{first} + {}u]", row * lanes) } else { String::new() };
        writeln!(code, "sum{row} += (part{row} - offset){scale};")?;
    }
    writeln!(code, "}}")?;
    if slices > 1 {
        (0..rows).try_for_each(|row| writeln!(code, "sums[{}u + local] = sum{row};", row * tile.threads()))?;
        writeln!(code, "workgroupBarrier(); if (slice > 0u) {{ return; }}")?;
        for row in 0..rows {
            let others: Vec<_> =
                (1..slices).map(|slice| format!("sums[{}u + lane]", row * tile.threads() + slice * lanes)).collect();
            writeln!(code, "sum{row} += {};", others.join(" + "))?;
        }
    }
    for row in 0..rows {
        writeln!(code, "let index{row} = group.x * {outputs}u + {}u + lane;", row * lanes)?;
        let scale = if format == LinearFormat::Int8 { format!(" * scales[index{row}]") } else { String::new() };
        let value = activation.text(&format!("vec4f(sum{row}{scale} + bias[index{row}])"));
        writeln!(code, "if (index{row} < shape.output_vectors * 4u) {{")?;
        writeln!(code, "output[shape.output_start * 4u + index{row}] = Scalar(({value}).x); }}")?;
    }
    Ok(())
}

/// A word of each output times the inputs, which are scaled to where an element lies in the word: `[rows, elements] ×
/// [elements]` → `[rows]`.
fn whole_words(code: &mut String, format: LinearFormat, tile: Tile) -> std::fmt::Result {
    let (elements, bits) = (elements_a_read(format), bits(format));
    let input = |element: usize| format!("input{}[{}]", element / LANES, element % LANES);
    for element in 0..elements {
        let scale = 0.5f32.powi((element * bits) as i32);
        writeln!(code, "let scaled{element} = {} * {scale:?};", input(element))?;
    }
    let with_offset: Vec<_> = (0..elements - 1).map(input).collect();
    writeln!(code, "offset += {}.0 * ({});", 1 << (bits - 1), with_offset.join(" + "))?;
    writeln!(code, "let weight = (group.x * shape.reads + read) * {}u + lane;", tile.outputs())?;
    for row in 0..tile.rows {
        writeln!(code, "let word{row} = weights[weight + {}u];", row * tile.lanes)?;
        let part = |element: usize| {
            let mask = (((1u64 << bits) - 1) << (element * bits)) as u32;
            format!("f32(word{row} & {}i) * scaled{element}", mask.cast_signed())
        };
        let parts: Vec<_> = (0..elements).map(part).collect();
        writeln!(code, "part{row} += {};", parts.join(" + "))?;
    }
    Ok(())
}
