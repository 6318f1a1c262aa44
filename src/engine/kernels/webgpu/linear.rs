//! Linear layers at batch 1: a matrix–vector product straight from the quantised elements, which are a quarter or an
//! eighth of what would else come from memory, and keep VGG's largest layer below the limit of a binding.

use std::fmt::Write as _;

use super::shader::{ActivationForm, Precision, Shader};
use crate::engine::kernels::plan::LANES;
use crate::weights::{GROUP, Tensor};

/// Threads that put a picture's elements in a row.
pub(super) const FLATTEN: [u32; 3] = [64, 1, 1];

/// How the threads of a workgroup share a matrix. Neighbours read neighbouring words, which every adapter does best.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tile {
    /// Threads side by side, each with outputs of its own.
    lanes: usize,
    /// Outputs of a thread, which share what it reads of the input.
    rows: usize,
    /// Threads behind one another that share the inputs of an output.
    slices: usize,
}

impl Tile {
    /// A software adapter has few threads, and reading costs it more than computing; hardware wants many threads.
    pub(super) fn of(software: bool) -> Self {
        if software { Self { lanes: 8, rows: 16, slices: 1 } } else { Self { lanes: 32, rows: 1, slices: 8 } }
    }

    /// Outputs of a workgroup.
    fn outputs(self) -> usize {
        self.lanes * self.rows
    }

    fn threads(self) -> usize {
        self.lanes * self.slices
    }

    /// Workgroups for so many outputs.
    pub(super) fn workgroups(self, outputs: usize) -> u32 {
        outputs.div_ceil(self.outputs()) as u32
    }
}

/// How weights are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// Four elements a word, one scale an output.
    Int8,
    /// The same, one scale for each group of an output's inputs.
    Int8Groups,
    /// Eight elements a word, one scale for each group.
    Int4,
    /// 32 or 16 bits each.
    Float,
}

impl Format {
    /// Elements that a thread reads of an output at a time.
    fn elements(self) -> usize {
        match self {
            Self::Int8 | Self::Int8Groups | Self::Float => LANES,
            Self::Int4 => 2 * LANES,
        }
    }

    fn bits(self) -> usize {
        32 / self.elements()
    }

    /// Reads of an output in a row of inputs.
    pub(super) fn reads(self, inputs: usize) -> usize {
        inputs.div_ceil(self.elements())
    }

    fn has_groups(self) -> bool {
        matches!(self, Self::Int8Groups | Self::Int4)
    }
}

/// A layer's weights and scales as the shader reads them.
pub(super) struct Packed {
    pub(super) format: Format,
    pub(super) weights: Vec<u8>,
    pub(super) scales: Vec<f32>,
}

/// Packs a matrix `[outputs, inputs]`: tile of outputs, word of inputs, output. What fills up is zero.
///
/// In a word the last element has a sign and the others an offset: they are then cut out and converted in the least
/// steps, and the offset is taken off again once a group.
pub(super) fn pack(values: &Tensor, outputs: usize, inputs: usize, tile: Tile, precision: Precision) -> Packed {
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
    let bytes = |values: &[i8]| words(Format::Int8, outputs, inputs, tile, |at| values[at]);
    let groups = inputs.div_ceil(GROUP);
    let (format, weights, scales) = match values {
        Tensor::Int8 { values, scale } => (Format::Int8, bytes(values), laid_out(1, 1, &|at| scale[at])),
        Tensor::Int8Groups { values, scale, .. } => {
            (Format::Int8Groups, bytes(values), laid_out(groups, groups, &|at| scale[at].to_f32()))
        }
        Tensor::Int4 { packed, scale, .. } => {
            let row = inputs.div_ceil(2);
            let half = |at: usize| {
                let (output, input) = (at / inputs, at % inputs);
                (packed[output * row + input / 2] >> (input % 2 * 4) & 15) as i8 - 8
            };
            (
                Format::Int4,
                words(Format::Int4, outputs, inputs, tile, half),
                laid_out(groups, groups, &|at| scale[at].to_f32()),
            )
        }
        Tensor::F16(_) | Tensor::F32(_) => {
            let elements = values.dequantise();
            (
                Format::Float,
                precision.bytes(&laid_out(inputs, inputs.next_multiple_of(LANES), &|at| elements[at])).into_owned(),
                Vec::new(),
            )
        }
    };
    Packed { format, weights, scales }
}

/// Words of the elements that `value` has at an index of the matrix.
fn words(format: Format, outputs: usize, inputs: usize, tile: Tile, value: impl Fn(usize) -> i8) -> Vec<u8> {
    let (elements, bits) = (format.elements(), format.bits());
    let (mask, offset) = ((1 << bits) - 1, 1 << (bits - 1));
    let mut words = Vec::with_capacity(outputs.next_multiple_of(tile.outputs()) * format.reads(inputs) * 4);
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

/// The shader's text. Bindings: shapes, input, output, weights, scales, bias.
pub(super) fn text(format: Format, tile: Tile, activation: ActivationForm, precision: Precision) -> String {
    let element = if format == Format::Float { "h" } else { "i32" };
    let mut shader = Shader::new(precision).reads("input", "h4").writes("output", "h").reads("weights", element);
    if format != Format::Float {
        shader = shader.reads("scales", "f32");
    }
    shader = shader.reads("bias", "f32");
    if tile.slices > 1 {
        shader = shader.declare(&format!("var<workgroup> sums: array<f32, {}>;\n", tile.threads() * tile.rows));
    }
    let mut b = String::new();
    // Writing to a String cannot fail.
    let _ = body(&mut b, format, tile, activation);
    shader.main([tile.threads() as u32, 1, 1], &b)
}

fn body(b: &mut String, format: Format, tile: Tile, activation: ActivationForm) -> std::fmt::Result {
    let Tile { lanes, rows, slices } = tile;
    let outputs = tile.outputs();
    let reads = GROUP / format.elements();
    writeln!(b, "let lane = local % {lanes}u; let slice = local / {lanes}u;")?;
    let sums = |b: &mut String, name: &str| (0..rows).try_for_each(|r| write!(b, "var {name}{r} = 0.0; "));
    sums(b, "a")?;
    writeln!(b, "\nfor (var g = slice; g < s.group; g += {slices}u) {{")?;
    sums(b, "p")?;
    writeln!(b, "var offset = 0.0; let end = min((g + 1u) * {reads}u, s.ins);")?;
    writeln!(b, "for (var i = g * {reads}u; i < end; i++) {{")?;
    let vectors = format.elements() / LANES;
    for v in 0..vectors {
        writeln!(b, "let x{v} = vec4f(input[s.in_start + i * {vectors}u + {v}u]);")?;
    }
    if format == Format::Float {
        writeln!(b, "let w = (group.x * s.ins + i) * {}u + lane;", LANES * outputs)?;
        for r in 0..rows {
            let at = |k: usize| k * outputs + r * lanes;
            let parts: Vec<_> = (0..LANES).map(|k| format!("x0[{k}] * f32(weights[w + {}u])", at(k))).collect();
            writeln!(b, "p{r} += {};", parts.join(" + "))?;
        }
    } else {
        whole_words(b, format, tile)?;
    }
    writeln!(b, "}}")?;
    let first = format!("(group.x * s.group + g) * {outputs}u + lane");
    for r in 0..rows {
        let scale = if format.has_groups() { format!(" * scales[{first} + {}u]", r * lanes) } else { String::new() };
        writeln!(b, "a{r} += (p{r} - offset){scale};")?;
    }
    writeln!(b, "}}")?;
    if slices > 1 {
        (0..rows).try_for_each(|r| writeln!(b, "sums[{}u + local] = a{r};", r * tile.threads()))?;
        writeln!(b, "workgroupBarrier(); if (slice > 0u) {{ return; }}")?;
        for r in 0..rows {
            let others: Vec<_> =
                (1..slices).map(|slice| format!("sums[{}u + lane]", r * tile.threads() + slice * lanes)).collect();
            writeln!(b, "a{r} += {};", others.join(" + "))?;
        }
    }
    for r in 0..rows {
        writeln!(b, "{{ let o = group.x * {outputs}u + {}u + lane; if (o < s.outs * 4u) {{", r * lanes)?;
        let scale = if format == Format::Int8 { " * scales[o]" } else { "" };
        let value = activation.text(&format!("vec4f(a{r}{scale} + bias[o])"));
        writeln!(b, "output[s.out_start * 4u + o] = h(({value}).x); }} }}")?;
    }
    Ok(())
}

/// A word of each output times the inputs, which are scaled to where a element lies in the word.
fn whole_words(b: &mut String, format: Format, tile: Tile) -> std::fmt::Result {
    let (elements, bits) = (format.elements(), format.bits());
    let x = |k: usize| format!("x{}[{}]", k / LANES, k % LANES);
    for k in 0..elements {
        writeln!(b, "let y{k} = {} * {:?};", x(k), 0.5f32.powi((k * bits) as i32))?;
    }
    let with_offset: Vec<_> = (0..elements - 1).map(x).collect();
    writeln!(b, "offset += {}.0 * ({});", 1 << (bits - 1), with_offset.join(" + "))?;
    writeln!(b, "let w = (group.x * s.ins + i) * {}u + lane;", tile.outputs())?;
    for r in 0..tile.rows {
        writeln!(b, "let w{r} = weights[w + {}u];", r * tile.lanes)?;
        let part = |k: usize| {
            let mask = (((1u64 << bits) - 1) << (k * bits)) as u32;
            format!("f32(w{r} & {}i) * y{k}", mask.cast_signed())
        };
        let parts: Vec<_> = (0..elements).map(part).collect();
        writeln!(b, "p{r} += {};", parts.join(" + "))?;
    }
    Ok(())
}

/// A picture's elements channel by channel, as a linear layer wants them. Bindings: shapes, input, output.
pub(super) fn flatten(precision: Precision) -> String {
    let shader = Shader::new(precision).reads("input", "h4").writes("output", "h4").declare(
        "fn element(index: u32) -> h {\n  let pixels = s.in_width * s.in_height; let c = index / pixels; let at = index % pixels;\n  \
         let pixel = s.in_start + at / s.in_width * s.in_row + at % s.in_width * s.in_pixel;\n  return input[pixel + c / 4u][c % 4u];\n}\n",
    );
    let body = "let i = id.x; if (i >= s.outs) { return; }\n\
                output[s.out_start + i] = h4(element(4 * i), element(4 * i + 1), element(4 * i + 2), element(4 * i + 3));\n";
    shader.main(FLATTEN, body)
}
