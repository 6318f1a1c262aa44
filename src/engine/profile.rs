//! How long each layer of a network takes.

use super::{Network, Runner, kernels};
#[cfg(feature = "burn")]
use crate::error::Error;
use crate::error::Result;
use crate::frame::Input;
use crate::graph::{Graph, Shape};

/// The time of a layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LayerTime {
    /// Milliseconds of one run; 0 where another layer's kernel computes the layer as well.
    pub milliseconds: f64,
    /// The index of the layer whose kernel computes this one as well; none where it has its own.
    pub computed_by: Option<usize>,
}

impl Network {
    /// Times every layer, also those that only auxiliary outputs need: one entry a layer.
    ///
    /// On the CPU a clock is read after each step of whole runs, so that the layers of the main output together take as long as
    /// a run that computes one layer after the other. On WebGPU each layer's dispatches are repeated by themselves. `clock` gives milliseconds and may be coarse.
    /// `progress` is awaited before each part of the measurement, with the number of parts done and of all parts; the network
    /// can be used meanwhile, and an error of it ends the measurement.
    ///
    /// # Errors
    /// As [`Network::logits`]; what `progress` gives; [`Error::NoProfile`](crate::error::Error::NoProfile) with burn.
    pub async fn profile(
        &self,
        input: &Input,
        runs: usize,
        clock: &dyn Fn() -> f64,
        progress: impl AsyncFnMut(usize, usize) -> Result<()>,
    ) -> Result<Vec<LayerTime>> {
        self.accepts(input)?;
        let times = match &self.runner {
            Runner::Cpu(network) => kernels::cpu::profile(network, input, runs, clock, progress).await?,
            #[cfg(any(target_family = "wasm", feature = "native-gpu"))]
            Runner::WebGpu(network) => network.profile(input, runs, clock, progress).await?,
            #[cfg(feature = "burn")]
            Runner::Burn(_) => return Err(Error::NoProfile),
        };
        Ok(by_layer(&self.graph, &times))
    }
}

/// One entry a layer, from the milliseconds of the layers that have a step of their own.
///
/// A layer without one is computed by the layer it reads that runs last: an addition runs in the later one of the layers that
/// compute what it adds, and a concatenation is complete when the last one of its parts is written.
fn by_layer(graph: &Graph, times: &[Option<f64>]) -> Vec<LayerTime> {
    let mut layers: Vec<LayerTime> = Vec::with_capacity(times.len());
    for (layer, time) in graph.layers().iter().zip(times) {
        let last = || layer.inputs.iter().max().and_then(|node| node.layer());
        let computed_by = match time {
            Some(_) => None,
            None => last().map(|last| layers[last].computed_by.unwrap_or(last)),
        };
        layers.push(LayerTime { milliseconds: time.unwrap_or(0.0), computed_by });
    }
    layers
}

/// An input for measuring: always the same waves.
pub fn waves(shape: Shape) -> Input {
    Input { values: (0..shape.elements()).map(|i| (i as f32 * 0.37).sin()).collect(), shape }
}

/// The value in the middle, the lower one of two; 0 where there is none. Without sorting, which is more code than a short list is
/// worth.
pub(super) fn median(values: &[f64]) -> f64 {
    let middle = values.len().saturating_sub(1) / 2;
    let smaller = |value: &f64| values.iter().filter(|other| *other < value).count();
    let no_greater = |value: &f64| values.iter().filter(|other| *other <= value).count();
    values.iter().copied().find(|value| smaller(value) <= middle && middle < no_greater(value)).unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_the_value_in_the_middle() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 3.0, 2.0]), 2.0);
        assert_eq!(median(&[1.0, 5.0, 5.0, 5.0]), 5.0);
        assert_eq!(median(&[1.0, 1.0, 1.0, 5.0]), 1.0);
        assert_eq!((median(&[7.0]), median(&[])), (7.0, 0.0));
    }

    #[test]
    fn a_layer_without_a_step_is_computed_by_the_last_layer_that_it_reads() {
        let mut graph = Graph::new(Shape::rgb(8));
        let first = graph.conv("first", 4, 1).node();
        let second = graph.conv("second", 4, 1).node();
        graph.add("sum", first);
        graph.concat("both", &[graph.output(), second]);
        let times = by_layer(&graph, &[Some(1.0), Some(2.0), None, None]);
        let found: Vec<_> = times.iter().map(|time| (time.milliseconds, time.computed_by)).collect();
        assert_eq!(found, [(1.0, None), (2.0, None), (0.0, Some(1)), (0.0, Some(1))]);
    }
}
