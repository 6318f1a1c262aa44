//! How long each layer takes on a device.

use super::dispatch::{Dispatch, encode};
use super::{Gpu, WebGpuNetwork, signal};
use crate::engine::kernels::parameters::all_outputs;
use crate::engine::profile::median;
use crate::error::Result;
use crate::frame::Input;

/// Milliseconds that a submission takes at least: shorter ones are repeated within it.
const LONG: f64 = 10.0;
/// How many submissions without dispatches are timed.
const EMPTY_SUBMISSIONS: usize = 15;
/// A measurement repeats no more often than this, however quick it is.
const MOST_REPEATS: usize = 4096;

impl WebGpuNetwork {
    /// Times each layer that has a step of its own, with [`Network::profile`](crate::engine::Network::profile)'s parameters; one
    /// layer's measurement is one of the parts of which `progress` is told.
    ///
    /// A layer's dispatches are repeated in a submission of their own. They give the same results each time, because no step
    /// writes what it reads. The layers take turns, and the result is the median of each layer's `runs` measurements.
    ///
    /// # Errors
    /// As [`WebGpuNetwork::run`], and what `progress` gives.
    pub async fn profile(
        &self,
        input: &Input,
        runs: usize,
        clock: &dyn Fn() -> f64,
        mut progress: impl AsyncFnMut(usize, usize) -> Result<()>,
    ) -> Result<Vec<Option<f64>>> {
        let outputs = all_outputs(&self.graph);
        // So that the buffers hold what a run leaves there: some devices are slower with values that are not normal.
        self.run(input, &outputs).await?;
        let prepared = self.prepared(&outputs)?;
        let dispatches: Vec<&[Dispatch]> = prepared.dispatches.chunk_by(|a, b| a.layer == b.layer).collect();
        let stopwatch = Stopwatch::new(&self.gpu, clock).await?;
        // How often each layer is repeated, from a first round that is not counted.
        let mut repeats = Vec::with_capacity(dispatches.len());
        let mut measured = vec![Vec::new(); dispatches.len()];
        let rounds = 1 + runs.max(1);
        for part in 0..rounds * dispatches.len() {
            progress(part, rounds * dispatches.len()).await?;
            let index = part % dispatches.len();
            match repeats.get(index) {
                None => repeats.push(stopwatch.repeats(dispatches[index]).await?),
                Some(&repeats) => measured[index].push(stopwatch.time(dispatches[index], repeats).await?),
            }
        }
        let mut layers = vec![None; self.graph.layers().len()];
        for (dispatches, times) in dispatches.iter().zip(measured) {
            layers[dispatches[0].layer] = Some(median(&times).max(0.0));
        }
        Ok(layers)
    }
}

/// Times dispatches on a device.
pub(super) struct Stopwatch<'a> {
    gpu: &'a Gpu,
    clock: &'a dyn Fn() -> f64,
    /// Milliseconds of a submission without dispatches.
    overhead: f64,
}

impl<'a> Stopwatch<'a> {
    /// With the overhead of the device measured.
    ///
    /// # Errors
    /// [`Error::DeviceLost`](crate::error::Error::DeviceLost) where the device stops.
    pub(super) async fn new(gpu: &'a Gpu, clock: &'a dyn Fn() -> f64) -> Result<Self> {
        let stopwatch = Self { gpu, clock, overhead: 0.0 };
        let mut times = Vec::new();
        for _ in 0..EMPTY_SUBMISSIONS {
            times.push(stopwatch.submission(&[], 1).await?);
        }
        Ok(Self { overhead: median(&times), ..stopwatch })
    }

    /// How often the dispatches have to be repeated for a submission that is long enough to be measured.
    ///
    /// # Errors
    /// As [`Stopwatch::new`].
    pub(super) async fn repeats(&self, dispatches: &[Dispatch]) -> Result<usize> {
        let mut repeats = 1;
        // The first run may have to wait for a shader.
        self.submission(dispatches, 1).await?;
        loop {
            let milliseconds = self.submission(dispatches, repeats).await? - self.overhead;
            if milliseconds >= LONG || repeats >= MOST_REPEATS {
                return Ok(repeats);
            }
            let factor = if milliseconds > 0.0 { (LONG / milliseconds).ceil().clamp(2.0, 8.0) as usize } else { 8 };
            repeats = (repeats * factor).min(MOST_REPEATS);
        }
    }

    /// Milliseconds that the dispatches take once.
    ///
    /// # Errors
    /// As [`Stopwatch::new`].
    pub(super) async fn time(&self, dispatches: &[Dispatch], repeats: usize) -> Result<f64> {
        Ok((self.submission(dispatches, repeats).await? - self.overhead) / repeats as f64)
    }

    /// Milliseconds from the submission of the dispatches, repeated so often, to the news that they are done.
    async fn submission(&self, dispatches: &[Dispatch], repeats: usize) -> Result<f64> {
        let mut encoder = self.gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        encode(&mut encoder, (0..repeats).flat_map(|_| dispatches));
        let commands = encoder.finish();
        let start = (self.clock)();
        self.gpu.queue.submit([commands]);
        signal::wait(&self.gpu.device, |callback| self.gpu.queue.on_submitted_work_done(move || callback(()))).await?;
        Ok((self.clock)() - start)
    }
}
