//! How many multiplications a second a device can do.

use super::Gpu;
use super::dispatch::Draft;
use super::profile::Stopwatch;
use super::shader::{Element, Precision, Shader};
use super::uniforms::uniforms;
use crate::error::Result;

/// Measurements, of which the least counts.
const RUNS: usize = 3;
/// Rounds of a thread, vectors it keeps, threads.
const ROUNDS: u32 = 512;
const VECTORS: u32 = 8;
const THREADS: u32 = 64 * 1024;

uniforms!(
    /// The parameter of the shader that measures the peak.
    PeakUniforms {
        /// A thousandth of it is what each sum is multiplied by, and what is added to it. It is computed in the shader, so that it
        /// is in a register: some devices read a uniform more slowly.
        scale: f32,
    }
);

/// Additions and multiplications a second of a shader that does nothing else, in single precision. `clock` gives milliseconds.
///
/// # Errors
/// [`Error::DeviceLost`] where the device stops.
pub async fn peak(gpu: &Gpu, clock: &dyn Fn() -> f64) -> Result<f64> {
    let mut body = String::from("let factor = vec4f(shape.scale * 1e-3);\n");
    for vector in 0..VECTORS {
        body += &format!("var sum{vector} = vec4f(f32(id.x + {vector}u));\n");
    }
    body += &format!("for (var round = 0u; round < {ROUNDS}u; round++) {{\n");
    for vector in 0..VECTORS {
        body += &format!("sum{vector} = fma(sum{vector}, factor, factor);\n");
    }
    let sums: Vec<String> = (0..VECTORS).map(|vector| format!("sum{vector}")).collect();
    // A compiler leaves out what is not written.
    body += &format!("}}\noutput[id.x] = {};\n", sums.join(" + "));
    let output = gpu.storage(u64::from(THREADS) * 16);
    let shader = Shader::new(Precision::Single, &PeakUniforms { scale: 1.0 })
        .writes("output", Element::FloatVector, &output)
        .main([64, 1, 1], &body);
    let dispatch = [Draft::new(gpu, 0, shader, [THREADS, 1, 1]).finish(gpu)];
    let stopwatch = Stopwatch::new(gpu, clock).await?;
    let repeats = stopwatch.repeats(&dispatch).await?;
    let mut least = f64::INFINITY;
    for _ in 0..RUNS {
        least = least.min(stopwatch.time(&dispatch, repeats).await?);
    }
    let operations = f64::from(ROUNDS) * f64::from(VECTORS) * 4.0 * 2.0 * f64::from(THREADS);
    Ok(operations / (least / 1e3))
}
