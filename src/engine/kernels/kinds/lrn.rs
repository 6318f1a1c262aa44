//! Local response normalisation.

use wide::f32x4;

use crate::engine::kernels::cpu::CpuKernel;
use crate::engine::kernels::cpu::memory::Run;
use crate::engine::kernels::cpu::vector::merge;
use crate::engine::kernels::parameters::Packed;
use crate::engine::kernels::plan::LANES;
use crate::error::Result;
use crate::graph::{Lrn, Shape};

/// Divides each channel by a power of its neighbours' mean square: `[height, width, channels]` →
/// `[height, width, channels]`. The squares of a pixel's channels are summed over a sliding window.
pub(super) struct LocalResponse {
    parameters: Lrn,
    channels: usize,
    /// Elements for the squares of a pixel's channels, with zeros on both sides for the neighbours of the outermost ones.
    squares: usize,
}

impl LocalResponse {
    pub(super) fn new(parameters: Lrn, input: Shape) -> Self {
        let squares = parameters.size / 2 + input.channels.next_multiple_of(LANES) + parameters.size;
        Self { parameters, channels: input.channels, squares }
    }
}

impl CpuKernel for LocalResponse {
    fn scratch(&self) -> [usize; 3] {
        [self.squares, 0, 0]
    }

    fn run(&self, _: &Packed, run: Run<'_>) -> Result<()> {
        let Lrn { size, alpha, beta, k } = self.parameters;
        let before = size / 2;
        let (input, target, scratch) = run.split();
        scratch.iter_mut().for_each(|[squares, ..]| squares[..self.squares].fill(0.0));
        let (alpha, k) = (f32x4::splat(alpha / size as f32), f32x4::splat(k));
        target.fill_with(4 * size, scratch, |[squares, ..], y, x, cells| {
            let squares = &mut squares[..self.squares];
            let values = input.pixel(y, x);
            for (square, value) in squares[before..].iter_mut().zip(values.as_flattened()).take(self.channels) {
                *square = value * value;
            }
            cells.fill([0.0; LANES]);
            for neighbour in 0..size {
                merge(cells, squares[neighbour..].as_chunks().0, |sum, square| sum + square);
            }
            merge(cells, values, |sum, value| value * power(alpha * sum + k, -beta));
        })
    }
}

/// `x^exponent`; −3/4, which the papers use, by roots.
#[inline(always)]
fn power(x: f32x4, exponent: f32) -> f32x4 {
    if exponent == -0.75 {
        let root = x.sqrt();
        f32x4::ONE / (root * root.sqrt())
    } else {
        x.powf_simd(f32x4::splat(exponent))
    }
}

/// The shaders.
#[cfg(any(target_family = "wasm", feature = "native-gpu"))]
mod webgpu {
    use std::fmt::Write as _;

    use super::LocalResponse;
    use crate::engine::kernels::parameters::Packed;
    use crate::engine::kernels::plan::LANES;
    use crate::engine::kernels::webgpu::WebGpuKernel;
    use crate::engine::kernels::webgpu::dispatch::Recorder;
    use crate::engine::kernels::webgpu::pixelwise::{ONE_PIXEL, record};
    use crate::error::Result;
    use crate::graph::Lrn;

    /// A function for the square of any channel, which is zero where there is no such channel. What pads the channels to whole
    /// vectors is not zero behind every activation function.
    fn square(channels: usize) -> String {
        let limit = if channels.is_multiple_of(LANES) { "shape.vectors * 4u".into() } else { format!("{channels}u") };
        format!(
            "fn square(first: u32, channel: i32) -> f32 {{\n\
             if (channel < 0 || u32(channel) >= {limit}) {{ return 0; }}\n\
             let value = f32(input[first + u32(channel) / 4u][u32(channel) % 4u]);\n\
             return value * value;\n\
             }}\n"
        )
    }

    impl WebGpuKernel for LocalResponse {
        fn record(&self, _: &Packed, recorder: &mut Recorder<'_>) -> Result<()> {
            let mut code = String::new();
            // Writing to a String cannot fail.
            let _ = factor(&mut code, &self.parameters);
            record(recorder, ONE_PIXEL, None, &square(self.channels), &code, "value * factor");
            Ok(())
        }
    }

    /// Code that computes four channels of a pixel as `value` and the factor of each as `factor`: `[height, width, channels]` →
    /// `[4]`, `[4]`.
    fn factor(code: &mut String, lrn: &Lrn) -> std::fmt::Result {
        let before = lrn.size / 2;
        writeln!(code, "let first = shape.input_start + y * shape.input_row + x * shape.input_pixel;")?;
        writeln!(code, "let value = vec4f(input[first + channel]);")?;
        // The window slides over four channels, so that most squares are computed once.
        for neighbour in 0..lrn.size + 3 {
            writeln!(code, "let square{neighbour} = square(first, i32(channel * 4u) + {neighbour} - {before});")?;
        }
        let lane = |lane: usize| {
            let squares: Vec<String> = (lane..lane + lrn.size).map(|neighbour| format!("square{neighbour}")).collect();
            squares.join(" + ")
        };
        writeln!(code, "let sum = vec4f({}, {}, {}, {});", lane(0), lane(1), lane(2), lane(3))?;
        writeln!(code, "let base = {:?} * sum + {:?};", lrn.alpha / lrn.size as f32, lrn.k)?;
        if lrn.beta == 0.75 {
            // The papers' exponent by roots: a general power is less exact.
            writeln!(code, "let factor = inverseSqrt(base) * sqrt(inverseSqrt(base));")
        } else {
            writeln!(code, "let factor = pow(base, vec4f({:?}));", -lrn.beta)
        }
    }
}
