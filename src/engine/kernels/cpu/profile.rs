//! How long each layer takes on the CPU.

use std::cell::RefCell;

use super::{CpuNetwork, Prepared, Units};
use crate::engine::kernels::parameters::all_outputs;
use crate::engine::kernels::plan::Plan;
use crate::engine::profile::median;
use crate::error::Result;
use crate::frame::Input;

/// Milliseconds that a measurement takes at least: shorter runs are repeated within it. Browsers make their clocks coarse, with
/// steps of up to a tenth of a millisecond.
const LONG: f64 = 20.0;
/// Milliseconds for which the network runs before it is measured. Browsers translate a function anew after it has run for a
/// while.
const WARM_UP: f64 = 100.0;

/// Times each layer that has a step of its own, with [`Network::profile`](crate::engine::Network::profile)'s parameters; a
/// measurement is one of the parts of which `progress` is told.
///
/// A clock is read after each step, so that the steps of a run take as long as the run, whatever the clock's steps are. The
/// result is the mean of the quicker half of the measurements: what slows the machine down for a moment would otherwise be
/// counted as some layer's time. Layers that a run computes together in strips are computed one after the other, so that each has
/// its own time.
///
/// # Errors
/// [`Error::BadGraph`](crate::error::Error::BadGraph) for a graph that has no plan, and what `progress` gives.
pub async fn profile(
    network: &RefCell<CpuNetwork>,
    input: &Input,
    runs: usize,
    clock: &dyn Fn() -> f64,
    mut progress: impl AsyncFnMut(usize, usize) -> Result<()>,
) -> Result<Vec<Option<f64>>> {
    let total = runs.max(1);
    let mut measured = Vec::new();
    let mut repeats = 1;
    let mut prepared = network.borrow_mut().step_by_step()?;
    for done in 0..total {
        progress(done, total).await?;
        // Not borrowed while others are waited for.
        let network = network.borrow();
        let mut measure = |times| network.measured(&mut prepared, input, times, clock);
        if done == 0 {
            repeats = warm_up(|times| measure(times).map(|layers| sum(&layers)))?;
        }
        measured.push(measure(repeats)?);
    }
    Ok(mean_of_quicker_half(measured))
}

/// Runs the network for a while, and says how often it has to run for a measurement. `run` repeats it so many times and gives the
/// milliseconds of one run.
fn warm_up(mut run: impl FnMut(usize) -> Result<f64>) -> Result<usize> {
    let (mut repeats, mut passed) = (1, 0.0);
    loop {
        let milliseconds = repeats as f64 * run(repeats)?;
        passed += milliseconds;
        if milliseconds < LONG {
            // The clock may not have moved at all.
            repeats *= if milliseconds > 0.0 { (LONG / milliseconds).ceil().clamp(2.0, 8.0) as usize } else { 8 };
        } else if passed > WARM_UP {
            return Ok(repeats);
        }
    }
}

impl CpuNetwork {
    /// What computes all outputs step by step.
    fn step_by_step(&mut self) -> Result<Prepared> {
        // Before more memory is taken: WebAssembly's memory never shrinks.
        self.kept.clear();
        let plan = Plan::new(&self.graph, &all_outputs(&self.graph), true)?;
        let units = Units::step_by_step(&plan, &self.options);
        Ok(Prepared::with(plan, units, self.pool.threads()))
    }

    /// Runs the network so many times, and gives the mean time of each layer.
    fn measured(
        &self,
        prepared: &mut Prepared,
        input: &Input,
        repeats: usize,
        clock: &dyn Fn() -> f64,
    ) -> Result<Vec<Option<f64>>> {
        let mut layers = vec![None; self.graph.layers().len()];
        prepared.write(input);
        for _ in 0..repeats {
            let mut last = clock();
            prepared.run(&self.weights, &self.pool, &mut |step| {
                let now = clock();
                *layers[step.layer].get_or_insert(0.0) += (now - last) / repeats as f64;
                last = now;
            })?;
        }
        Ok(layers)
    }
}

fn sum(layers: &[Option<f64>]) -> f64 {
    layers.iter().flatten().sum()
}

/// The mean of each layer over those measurements that took no more time in all than the one in the middle.
fn mean_of_quicker_half(mut measured: Vec<Vec<Option<f64>>>) -> Vec<Option<f64>> {
    let sums: Vec<f64> = measured.iter().map(|layers| sum(layers)).collect();
    let middle = median(&sums);
    measured.retain(|layers| sum(layers) <= middle);
    let layers = measured.first().map_or(0, Vec::len);
    let mean = |layer: usize| {
        let times = measured.iter().map(|layers| layers[layer]);
        times.sum::<Option<f64>>().map(|sum| sum / measured.len() as f64)
    };
    (0..layers).map(mean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slow_measurements_do_not_count() {
        let measured = [[1.0, 3.0], [90.0, 1.0], [3.0, 1.0], [1.0, 70.0]];
        let measured = measured.map(|[a, b]| vec![Some(a), None, Some(b)]);
        assert_eq!(mean_of_quicker_half(measured.into()), [Some(2.0), None, Some(2.0)]);
    }

    #[test]
    fn a_clock_that_stands_still_for_long_only_means_more_repeats() {
        // A run takes 10 µs, and the clock has steps of 100 µs.
        let repeats = warm_up(|times| Ok((times as f64 * 0.01 * 10.0).floor() / 10.0 / times as f64));
        assert!(repeats.is_ok_and(|repeats| repeats >= 2000), "{LONG} ms are long");
    }
}
