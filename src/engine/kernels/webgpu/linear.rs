//! Linear layers at batch 1: a matrix–vector product straight from the quantised numbers, which are a quarter or an
//! eighth of what would else come from memory, and keep VGG's largest layer below the limit of a binding.

use std::fmt::Write as _;

use super::shader::{Precision, Shader, activate};
use crate::engine::kernels::plan::LANES;
use crate::graph::Activation;
use crate::weights::{GROUP, Values};

/// Threads that share the rows of four outputs.
const THREADS: u32 = 64;
pub(super) const WORKGROUP: [u32; 3] = [THREADS, 1, 1];

/// How weights are stored; a load is one vector of 16 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// One scale an output.
    Int8,
    /// One scale for each 32 inputs of an output.
    Int8Groups,
    /// The same, two numbers a byte.
    Int4,
    /// 32 or 16 bits.
    Float,
}

/// A layer's weights and scales as the shader reads them, rows filled up with zeros.
pub(super) struct Packed {
    pub(super) format: Format,
    pub(super) weights: Vec<u8>,
    pub(super) scales: Vec<f32>,
    /// Loads a row.
    pub(super) loads: usize,
}

impl Format {
    /// Numbers a load.
    fn numbers(self) -> usize {
        match self {
            Self::Int8 | Self::Int8Groups => 16,
            Self::Int4 => 32,
            Self::Float => LANES,
        }
    }
}

/// Packs a matrix `[outputs, inputs]`.
pub(super) fn pack(values: &Values, outputs: usize, inputs: usize, precision: Precision) -> Packed {
    let rows = outputs.next_multiple_of(LANES);
    let singles = |scale: &[half::f16]| -> Vec<f32> { scale.iter().map(|scale| scale.to_f32()).collect() };
    let filled = |bytes: &[u8], row: usize, whole: usize, zero: u8| -> Vec<u8> {
        let mut weights = vec![zero; rows * whole];
        weights
            .chunks_exact_mut(whole)
            .zip(bytes.chunks_exact(row))
            .for_each(|(to, from)| to[..row].copy_from_slice(from));
        weights
    };
    let signed = |values: &[i8]| -> Vec<u8> { values.iter().map(|&value| value as u8).collect() };
    let (format, weights, mut scales) = match values {
        Values::Int8 { values, scale } => {
            (Format::Int8, filled(&signed(values), inputs, inputs.next_multiple_of(16), 0), scale.clone())
        }
        Values::Int8Groups { values, scale, .. } => {
            (Format::Int8Groups, filled(&signed(values), inputs, inputs.next_multiple_of(16), 0), singles(scale))
        }
        Values::Int4 { packed, scale, .. } => {
            // 8 stands for zero, in both halves of a byte.
            (Format::Int4, filled(packed, inputs.div_ceil(2), inputs.div_ceil(GROUP) * 16, 0x88), singles(scale))
        }
        Values::F16(_) | Values::F32(_) => {
            let mut numbers = Vec::with_capacity(rows * inputs.next_multiple_of(LANES));
            for row in values.dequantise().chunks_exact(inputs) {
                numbers.extend_from_slice(row);
                numbers.resize(numbers.len().next_multiple_of(LANES), 0.0);
            }
            numbers.resize(rows * inputs.next_multiple_of(LANES), 0.0);
            (Format::Float, precision.bytes(&numbers), Vec::new())
        }
    };
    let groups = if format == Format::Int8 { 1 } else { inputs.div_ceil(GROUP) };
    scales.resize(rows * groups, 0.0);
    Packed { format, weights, scales, loads: inputs.div_ceil(format.numbers()) }
}

/// The shader's text. Bindings: shapes, input, output, weights, scales, bias. A workgroup makes four outputs.
pub(super) fn text(format: Format, activation: Activation, precision: Precision) -> String {
    let element = if format == Format::Float { "h4" } else { "vec4u" };
    let mut shader = Shader::new(precision).reads("input", "h4").writes("output", "h4").reads("weights", element);
    if format != Format::Float {
        shader = shader.reads("scales", "f32");
    }
    let shader = shader
        .reads("bias", "vec4f")
        .declare(&format!("var<workgroup> sums: array<vec4f, {THREADS}>;\n"))
        .declare(
            "fn bytes(four: u32) -> vec4f { return vec4f((vec4i(bitcast<i32>(four)) << vec4u(24, 16, 8, 0)) >> vec4u(24)); }\n\
             fn halves(eight: u32) -> vec4f { return vec4f((vec4u(eight) >> vec4u(0, 4, 8, 12)) & vec4u(15)) - 8; }\n",
        );
    let mut b = String::new();
    // Writing to a String cannot fail.
    let _ = body(&mut b, format, activation);
    shader.main(WORKGROUP, &b)
}

fn body(b: &mut String, format: Format, activation: Activation) -> std::fmt::Result {
    let vectors = format.numbers() / LANES;
    writeln!(b, "let row = group.x * 4u * s.ins; var a = vec4f(0);")?;
    writeln!(b, "for (var i = local; i < s.ins; i += {THREADS}u) {{")?;
    for v in 0..vectors {
        writeln!(b, "let x{v} = vec4f(input[s.in_start + i * {vectors}u + {v}u]);")?;
    }
    for output in 0..LANES {
        writeln!(b, "let q{output} = weights[row + {output}u * s.ins + i];")?;
        let part = |v: usize| match format {
            Format::Int8 | Format::Int8Groups => format!("dot(bytes(q{output}[{v}]), x{v})"),
            Format::Int4 => format!("dot(halves(q{output}[{}] >> {}u), x{v})", v / 2, v % 2 * 16),
            Format::Float => format!("dot(vec4f(q{output}), x{v})"),
        };
        let parts: Vec<String> = (0..vectors).map(part).collect();
        let parts = parts.join(" + ");
        let scale = |group: &str| format!(" * scales[(group.x * 4u + {output}u) * s.skip + {group}]");
        let scale = match format {
            Format::Int8 | Format::Float => String::new(),
            Format::Int8Groups => scale("i / 2u"),
            Format::Int4 => scale("i"),
        };
        writeln!(b, "a[{output}] += ({parts}){scale};")?;
    }
    writeln!(b, "}}\nsums[local] = a; workgroupBarrier();")?;
    let mut half = THREADS / 2;
    while half > 0 {
        writeln!(b, "if (local < {half}u) {{ sums[local] += sums[local + {half}u]; }} workgroupBarrier();")?;
        half /= 2;
    }
    let scale = match format {
        Format::Int8 => {
            " * vec4f(scales[group.x * 4u], scales[group.x * 4u + 1u], scales[group.x * 4u + 2u], scales[group.x * 4u + 3u])"
        }
        _ => "",
    };
    let value = activate(activation, &format!("sums[0]{scale} + bias[group.x]"));
    writeln!(b, "if (local == 0u) {{ output[s.out_start + group.x] = h4({value}); }}")
}

/// A picture's numbers channel by channel, as a linear layer wants them. Bindings: shapes, input, output.
pub(super) fn flatten(precision: Precision) -> String {
    let shader = Shader::new(precision).reads("input", "h4").writes("output", "h4").declare(
        "fn number(index: u32) -> h {\n  let pixels = s.in_width * s.in_height; let c = index / pixels; let at = index % pixels;\n  \
         let pixel = s.in_start + at / s.in_width * s.in_row + at % s.in_width * s.in_pixel;\n  return input[pixel + c / 4u][c % 4u];\n}\n",
    );
    let body = "let i = id.x; if (i >= s.outs) { return; }\n\
                output[s.out_start + i] = h4(number(4 * i), number(4 * i + 1), number(4 * i + 2), number(4 * i + 3));\n";
    shader.main([64, 1, 1], body)
}
