//! How long each layer takes on a device, and how many multiplications a second the device can do.

use std::time::Instant;

use super::dispatch::{Dispatch, Draft, encode};
use super::shader::{Element, Precision, Shader};
use super::uniforms::uniforms;
use super::{Gpu, WebGpuNetwork};
use crate::error::{Error, Result};
use crate::graph::Node;

/// A layer's time.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerTime {
    /// The graph's layer.
    pub layer: usize,
    /// Seconds that all dispatches of the layer take together: the least of some runs.
    pub seconds: f64,
}

/// A measurement shorter than this, in seconds, is repeated within one submission.
const LONG: f64 = 0.02;

impl WebGpuNetwork {
    /// Times each layer by itself, in order, on the activations of the last run.
    ///
    /// # Errors
    /// [`Error::BadGraph`] for values that have no plan, [`Error::DeviceLost`] where the device stops.
    pub fn profile(&self, outputs: &[Node], runs: usize) -> Result<Vec<LayerTime>> {
        let prepared = self.prepared(outputs)?;
        let layers = prepared.dispatches.chunk_by(|a, b| a.layer == b.layer);
        let time = |dispatches: &[Dispatch]| {
            let run = |times| timed(&self.gpu, |encoder| (0..times).for_each(|_| encode(encoder, dispatches.iter())));
            let seconds = least(runs, run)?;
            Ok(LayerTime { layer: dispatches[0].layer, seconds })
        };
        layers.map(time).collect()
    }
}

/// The least time of `runs`, each long enough to be measured; `run` is told how often to repeat.
fn least(runs: usize, run: impl Fn(usize) -> Result<f64>) -> Result<f64> {
    // The first run compiles what was not compiled.
    run(1)?;
    let once = run(1)?;
    let times = (LONG / once.max(1e-6)).ceil().max(1.0) as usize;
    let mut best = f64::INFINITY;
    for _ in 0..runs.max(1) {
        best = best.min(run(times)? / times as f64);
    }
    Ok(best)
}

fn timed(gpu: &Gpu, record: impl FnOnce(&mut wgpu::CommandEncoder)) -> Result<f64> {
    let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    record(&mut encoder);
    let commands = encoder.finish();
    let start = Instant::now();
    gpu.queue.submit([commands]);
    let done = gpu.device.poll(wgpu::PollType::wait_indefinitely());
    done.map_err(|error| Error::DeviceLost(error.to_string()))?;
    Ok(start.elapsed().as_secs_f64())
}

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

/// Additions and multiplications a second of a shader that does nothing else, in single precision.
///
/// # Errors
/// [`Error::DeviceLost`] where the device stops.
pub fn peak(gpu: &Gpu) -> Result<f64> {
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
    let dispatch = Draft::new(gpu, 0, shader, [THREADS, 1, 1]).finish(gpu);
    let run = |times| timed(gpu, |encoder| (0..times).for_each(|_| encode(encoder, [&dispatch].into_iter())));
    let operations = f64::from(ROUNDS) * f64::from(VECTORS) * 4.0 * 2.0 * f64::from(THREADS);
    Ok(operations / least(3, run)?)
}
