//! How long each layer takes on a device, and how fast the device multiplies at all.

use std::time::Instant;

use super::shader::{Precision, Shader};
use super::{Dispatch, Gpu, WebGpuNetwork, encode};
use crate::error::{Error, Result};
use crate::graph::Node;

/// A layer's time.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerTime {
    /// The graph's layer.
    pub layer: usize,
    /// Of all its dispatches, the least of some runs.
    pub seconds: f64,
}

/// A measurement shorter than this, in seconds, is repeated within one submission.
const LONG: f64 = 0.02;

impl WebGpuNetwork {
    /// Times each layer by itself, in order. What lies in memory stays from the last run.
    ///
    /// # Errors
    /// [`Error::BadGraph`] for values that have no plan, [`Error::DeviceLost`] where the device stops.
    pub fn profile(&self, outputs: &[Node], runs: usize) -> Result<Vec<LayerTime>> {
        let ready = self.ready(outputs)?;
        let layers = ready.dispatches.chunk_by(|a, b| a.layer == b.layer);
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
    // The first one compiles what was not compiled.
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

/// Additions and multiplications a second of a shader that does nothing else, in single precision.
///
/// # Errors
/// [`Error::DeviceLost`] where the device stops.
pub fn peak(gpu: &Gpu) -> Result<f64> {
    let mut body = String::from("var m = vec4f(f32(s.ins) * 1e-3);\n");
    for vector in 0..VECTORS {
        body += &format!("var a{vector} = vec4f(f32(id.x + {vector}u));\n");
    }
    body += &format!("for (var i = 0u; i < {ROUNDS}u; i++) {{\n");
    for vector in 0..VECTORS {
        body += &format!("a{vector} = fma(a{vector}, m, m);\n");
    }
    let sum: Vec<String> = (0..VECTORS).map(|vector| format!("a{vector}")).collect();
    // What nobody reads a compiler leaves out.
    body += &format!("}}\noutput[id.x] = {};\n", sum.join(" + "));
    let text = Shader::new(Precision::Single).writes("output", "vec4f").main([64, 1, 1], &body);
    let output = gpu.device.create_buffer(&wgpu::BufferDescriptor {
        label: None,
        size: u64::from(THREADS) * 16,
        usage: wgpu::BufferUsages::STORAGE,
        mapped_at_creation: false,
    });
    let shapes = gpu.uniform(&super::Shapes { ins: 1, ..Default::default() }.bytes());
    let draft = super::Draft { layer: 0, text, buffers: vec![shapes, output], workgroups: [THREADS / 64, 1, 1] };
    let dispatch = draft.finish(gpu);
    let run = |times| timed(gpu, |encoder| (0..times).for_each(|_| encode(encoder, [&dispatch].into_iter())));
    let operations = f64::from(ROUNDS) * f64::from(VECTORS) * 4.0 * 2.0 * f64::from(THREADS);
    Ok(operations / least(3, run)?)
}
