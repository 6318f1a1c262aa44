//! Kernels that look at each channel, or a pixel's channels, by themselves: depthwise convolution, pooling,
//! normalisation, sums and products.

use std::fmt::Write as _;

use super::shader::{ActivationForm, Precision, Shader};
use crate::graph::Lrn;

/// Threads of a workgroup, along channels and along pixels.
pub(super) const WORKGROUP: [u32; 3] = [8, 8, 1];

/// Neighbouring output pixels of a depthwise convolution's thread.
pub(super) const DEPTHWISE_PIXELS: usize = 4;

/// What is computed of each vector of channels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Channelwise {
    /// Bindings: shapes, input, output, weights, bias, what is added.
    Depthwise { kernel: usize, stride: usize },
    /// Bindings: shapes, input, output.
    MaxPool,
    /// Bindings: shapes, input, output.
    AvgPool,
    /// Bindings: shapes, input, output.
    GlobalAvgPool,
    /// Bindings: shapes, input, output.
    Lrn(Lrn),
    /// Bindings: shapes, input, output, the other value.
    Add,
    /// Bindings: shapes, input, output, the factors.
    Scale,
}

/// The shader's text.
pub(super) fn text(kind: Channelwise, activation: ActivationForm, precision: Precision) -> String {
    let mut shader = Shader::new(precision).reads("input", "h4").writes("output", "h4");
    let mut b = String::new();
    match kind {
        Channelwise::Depthwise { .. } => {
            shader = shader.reads("weights", "h4").reads("bias", "vec4f").reads("residual", "h4");
        }
        Channelwise::Add | Channelwise::Scale => shader = shader.reads("residual", "h4"),
        Channelwise::Lrn(_) => {
            // The lane of any channel, zero where there is none.
            shader = shader.declare(
                "fn square(first: u32, channel: i32) -> f32 {\n  if (channel < 0 || channel >= i32(s.ins * 4u)) { return 0; }\n  \
                 let value = f32(input[first + u32(channel) / 4u][u32(channel) % 4u]);\n  return value * value;\n}\n",
            );
        }
        _ => {}
    }
    // Writing to a String cannot fail.
    let _ = match kind {
        Channelwise::Depthwise { kernel, stride } => depthwise(&mut b, kernel, stride, activation),
        _ => each(&mut b, kind, activation),
    };
    shader.main(WORKGROUP, &b)
}

/// A thread makes four neighbouring pixels; where windows overlap, what was loaded serves them all.
fn depthwise(b: &mut String, kernel: usize, stride: usize, activation: ActivationForm) -> std::fmt::Result {
    let pixels = DEPTHWISE_PIXELS;
    writeln!(b, "let c = id.x; if (c >= s.outs || id.y >= s.tiles * s.height) {{ return; }}")?;
    writeln!(b, "let y = id.y / s.tiles; let x = id.y % s.tiles * {pixels}u;")?;
    writeln!(b, "let first = s.in_start + y * {stride}u * s.in_row + x * {stride}u * s.in_pixel + c;")?;
    writeln!(b, "let b = bias[c];")?;
    for p in 0..pixels {
        writeln!(b, "var a{p} = b;")?;
    }
    writeln!(b, "for (var row = 0u; row < {kernel}u; row++) {{ let start = first + row * s.in_row;")?;
    for column in 0..(pixels - 1) * stride + kernel {
        writeln!(b, "let x{column} = input[start + {column}u * s.in_pixel];")?;
    }
    for column in 0..kernel {
        writeln!(b, "let w{column} = weights[(row * {kernel}u + {column}u) * s.outs + c];")?;
        for p in 0..pixels {
            writeln!(b, "a{p} += vec4f(w{column} * x{});", p * stride + column)?;
        }
    }
    writeln!(b, "}}")?;
    writeln!(b, "let o = s.out_start + y * s.out_row + x * s.out_pixel + c;")?;
    writeln!(b, "let r = s.residual_start + y * s.residual_row + x * s.residual_pixel + c;")?;
    for p in 0..pixels {
        writeln!(b, "if (x + {p}u < s.width) {{")?;
        writeln!(b, "if (s.add != 0) {{ a{p} += vec4f(residual[r + {p}u * s.residual_pixel]); }}")?;
        writeln!(b, "output[o + {p}u * s.out_pixel] = h4({}); }}", activation.text(&format!("a{p}")))?;
    }
    Ok(())
}

/// A thread makes four channels of one pixel.
fn each(b: &mut String, kind: Channelwise, activation: ActivationForm) -> std::fmt::Result {
    writeln!(b, "let c = id.x; if (c >= s.outs || id.y >= s.width * s.height) {{ return; }}")?;
    writeln!(b, "let y = id.y / s.width; let x = id.y % s.width;")?;
    let value = match kind {
        Channelwise::MaxPool => {
            pool(b, "vec4f(-3.4e38)", "a = max(a, value);")?;
            "a"
        }
        Channelwise::AvgPool => {
            pool(b, "vec4f(0)", "a += value;")?;
            "a / f32((bottom - top) * (right - left))"
        }
        Channelwise::GlobalAvgPool => {
            writeln!(b, "var a = vec4f(0);")?;
            writeln!(b, "for (var y = 0u; y < s.in_height; y++) {{ for (var x = 0u; x < s.in_width; x++) {{")?;
            writeln!(b, "a += vec4f(input[s.in_start + y * s.in_row + x * s.in_pixel + c]); }} }}")?;
            "a / f32(s.in_height * s.in_width)"
        }
        Channelwise::Lrn(lrn) => {
            local_response(b, &lrn)?;
            "value * power"
        }
        Channelwise::Add => {
            at(b, "input", "in")?;
            at(b, "residual", "residual")?;
            "input_value + residual_value"
        }
        Channelwise::Scale => {
            at(b, "input", "in")?;
            "input_value * vec4f(residual[s.residual_start + c])"
        }
        Channelwise::Depthwise { .. } => "",
    };
    let value = activation.text(value);
    writeln!(b, "output[s.out_start + y * s.out_row + x * s.out_pixel + c] = h4({value});")
}

fn at(b: &mut String, name: &str, shape: &str) -> std::fmt::Result {
    let at = format!("s.{shape}_start + y * s.{shape}_row + x * s.{shape}_pixel + c");
    writeln!(b, "let {name}_value = vec4f({name}[{at}]);")
}

/// Folds what is inside of a window.
fn pool(b: &mut String, start: &str, fold: &str) -> std::fmt::Result {
    for (first, last, axis, before, length) in
        [("top", "bottom", "y", "s.top", "s.in_height"), ("left", "right", "x", "s.left", "s.in_width")]
    {
        writeln!(b, "let {first} = max({axis} * s.stride, {before}) - {before};")?;
        writeln!(b, "let {last} = min({axis} * s.stride + s.kernel - {before}, {length});")?;
    }
    writeln!(b, "var a = {start};")?;
    writeln!(b, "for (var y = top; y < bottom; y++) {{ for (var x = left; x < right; x++) {{")?;
    writeln!(b, "let value = vec4f(input[s.in_start + y * s.in_row + x * s.in_pixel + c]); {fold} }} }}")
}

fn local_response(b: &mut String, lrn: &Lrn) -> std::fmt::Result {
    let half = lrn.size / 2;
    writeln!(b, "let first = s.in_start + y * s.in_row + x * s.in_pixel;")?;
    writeln!(b, "let value = vec4f(input[first + c]);")?;
    // The window slides over four channels, so that most squares are taken once.
    let count = lrn.size + 3;
    for neighbour in 0..count {
        writeln!(b, "let q{neighbour} = square(first, i32(c * 4u) + {neighbour} - {half});")?;
    }
    let lane = |lane: usize| {
        let squares: Vec<String> = (lane..lane + lrn.size).map(|neighbour| format!("q{neighbour}")).collect();
        squares.join(" + ")
    };
    writeln!(b, "let sum = vec4f({}, {}, {}, {});", lane(0), lane(1), lane(2), lane(3))?;
    writeln!(b, "let base = {:?} * sum + {:?};", lrn.alpha / lrn.size as f32, lrn.k)?;
    if lrn.beta == 0.75 {
        // The papers' exponent by roots: a general power is less exact.
        writeln!(b, "let power = inverseSqrt(base) * sqrt(inverseSqrt(base));")
    } else {
        writeln!(b, "let power = pow(base, vec4f({:?}));", -lrn.beta)
    }
}
