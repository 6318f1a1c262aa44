//! Local response normalisation.

use std::fmt::Write as _;

use super::Kernel;
use super::dispatch::Recorder;
use super::pixelwise::{ONE_PIXEL, record};
use crate::engine::kernels::parameters::Packed;
use crate::error::Result;
use crate::graph::Lrn;

/// Divides each channel by a power of its neighbours' mean square: `[height, width, channels]` →
/// `[height, width, channels]`.
pub(super) struct LocalResponse(pub(super) Lrn);

/// The square of any channel, zero where there is none.
const SQUARE: &str = "fn square(first: u32, channel: i32) -> f32 {
  if (channel < 0 || channel >= i32(shape.vectors * 4u)) { return 0; }
  let value = f32(input[first + u32(channel) / 4u][u32(channel) % 4u]);
  return value * value;
}
";

impl Kernel for LocalResponse {
    fn record(&self, _: &Packed, recorder: &mut Recorder<'_>) -> Result<()> {
        let mut code = String::new();
        // Writing to a String cannot fail.
        let _ = factor(&mut code, &self.0);
        record(recorder, ONE_PIXEL, None, SQUARE, &code, "value * factor");
        Ok(())
    }
}

/// Code that computes a pixel's `value` and the `factor` of each channel.
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
