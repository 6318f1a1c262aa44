//! The CPU: the steps of a plan one after the other, on vectors of four elements, in memory that is kept between runs.

use std::borrow::Cow;
use std::sync::Arc;

use super::kept::Kept;
use super::kinds::cpu_kernel;
use super::parameters::{Packed, Tensors, all_outputs, each, sum_of_weights};
use super::plan::{Plan, Step};
use crate::engine::{LinearFormat, Memory};
use crate::error::Result;
use crate::frame::Input;
use crate::graph::tensors::TensorSpec;
use crate::graph::{Graph, Node};
use crate::weights::Tensor;

mod activation;
pub(super) mod conv;
pub(super) mod depthwise;
mod epilogue;
mod gemm;
mod int8;
pub(super) mod linear;
pub(super) mod memory;
mod options;
mod parts;
pub(super) mod pool;
mod profile;
mod quickest;
mod strips;
mod units;
pub(super) mod vector;
mod winograd;

pub use int8::gain::{Gain, gain};
pub use int8::gemm::Product;
use memory::{Run, Scratch};
pub use options::{Arithmetic, CpuOptions, LayerOptions};
pub use pool::{Pool, Shared};
pub use profile::profile;
pub use quickest::quickest;
use units::Units;
use vector::Aligned;
pub use vector::fuses;

/// What computes a step. It is made from the step and its plan alone, so that what it allocates is known before there are
/// weights.
pub(super) trait CpuKernel {
    /// Bytes of the weights that [`CpuKernel::pack`] makes. Kernels without weights keep the default.
    fn weight_bytes(&self, _: LinearFormat) -> u64 {
        0
    }

    /// The tensors of the step's layer as [`CpuKernel::run`] reads them. Kernels without weights keep the default.
    fn pack(&self, _: Tensors<'_>) -> Packed {
        Packed::none()
    }

    /// Bytes of the tables that the kernel holds, for instance of offsets.
    fn table_bytes(&self) -> u64 {
        0
    }

    /// Elements of scratch memory that the kernel needs. What it finds there is undefined.
    fn scratch(&self) -> [usize; 3] {
        [0; 3]
    }

    /// Computes the step with the weights that [`CpuKernel::pack`] made.
    fn run(&self, weights: &Packed, run: Run<'_>) -> Result<()>;
}

impl std::fmt::Debug for dyn CpuKernel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CpuKernel")
    }
}

/// A network in the CPU's memory.
#[derive(Debug)]
pub struct CpuNetwork {
    graph: Graph,
    /// One entry a layer.
    options: Vec<LayerOptions>,
    /// The threads that share the steps.
    pool: Arc<Pool>,
    /// One entry a layer.
    weights: Vec<Packed>,
    kept: Kept<Prepared>,
}

/// A plan with its kernels and its memory.
#[derive(Debug)]
struct Prepared {
    plan: Plan,
    units: Units,
    buffers: Vec<Aligned>,
    /// One for each thread.
    scratch: Vec<Scratch>,
}

impl CpuNetwork {
    /// Packs the weights of a folded graph; `values` is asked for one tensor at a time.
    ///
    /// # Errors
    /// What `values` gives, or [`Error::BadGraph`](crate::error::Error::BadGraph) for a graph that has no plan.
    pub fn new<'v>(
        graph: Graph,
        options: &CpuOptions,
        values: impl FnMut(&TensorSpec) -> Result<Cow<'v, Tensor>>,
    ) -> Result<Self> {
        let plan = Plan::new(&graph, &all_outputs(&graph), true)?;
        let (pool, options) = (options.pool.clone(), int8::by_layer(&graph, options)?);
        let weights =
            each(&graph, &plan, values, |step, tensors| cpu_kernel(step, &plan, options[step.layer]).pack(tensors))?;
        Ok(Self { graph, options, pool, weights, kept: Kept::none() })
    }

    /// Makes the memory for some outputs, so that the first run need not.
    ///
    /// # Errors
    /// [`Error::BadGraph`](crate::error::Error::BadGraph) for outputs that have no plan.
    pub fn prepare(&mut self, outputs: &[Node]) -> Result<()> {
        self.prepared(outputs).map(|_| ())
    }

    /// Runs the network; each of the `outputs` comes as `[channels, height, width]`.
    ///
    /// # Errors
    /// [`Error::BadGraph`](crate::error::Error::BadGraph) for outputs that have no plan.
    pub fn run(&mut self, input: &Input, outputs: &[Node]) -> Result<Vec<Vec<f32>>> {
        let (prepared, weights, pool) = self.prepared(outputs)?;
        prepared.write(input);
        prepared.run(weights, pool, &mut |_| ())?;
        let Prepared { plan, buffers, .. } = prepared;
        Ok(plan.outputs.iter().map(|&view| plan.read(view, &buffers[view.buffer])).collect())
    }

    /// One row of the weights `[outputs, inputs]` of a linear layer.
    ///
    /// # Errors
    /// [`Error::Internal`](crate::error::Error::Internal) for another layer.
    pub fn linear_row(&self, layer: usize, output: usize) -> Result<Vec<f32>> {
        let weights = &self.weights[layer];
        int8::linear::weights_of(weights, output).map_or_else(|| linear::weights_of(weights, output), Ok)
    }

    /// What is prepared for these outputs, the weights of each layer, and the threads.
    fn prepared(&mut self, outputs: &[Node]) -> Result<(&mut Prepared, &[Packed], &Pool)> {
        let Self { graph, options, pool, weights, kept } = self;
        Ok((kept.get(outputs, || Prepared::new(graph, outputs, options, pool.threads()))?, weights, pool))
    }
}

impl Prepared {
    fn new(graph: &Graph, outputs: &[Node], options: &[LayerOptions], threads: usize) -> Result<Self> {
        let plan = Plan::new(graph, outputs, true)?;
        let units = Units::new(&plan, options);
        Ok(Self::with(plan, units, threads))
    }

    /// The memory for these units.
    fn with(plan: Plan, units: Units, threads: usize) -> Self {
        let buffers = units.elements(&plan).map(Aligned::zeros).collect();
        let sizes = units.scratch();
        let scratch = (0..threads).map(|_| sizes.map(Aligned::zeros)).collect();
        Self { plan, units, buffers, scratch }
    }

    /// Copies the input to where the plan reads it.
    fn write(&mut self, input: &Input) {
        self.plan.write_input(&input.values, &mut self.buffers[self.plan.input.buffer]);
    }

    /// Runs all steps; `done` is called after each that has a result in a buffer.
    fn run(&mut self, weights: &[Packed], pool: &Pool, done: &mut dyn FnMut(&Step)) -> Result<()> {
        let Self { plan, units, buffers, scratch } = self;
        units.run(plan, weights, (buffers, scratch), pool, done)
    }
}

/// The memory that the main output of a graph takes, as [`Device::memory`](crate::engine::Device::memory) gives it.
/// `linear` says how the weights of the layer with an index are stored.
pub(in crate::engine) fn memory(
    graph: &Graph,
    linear: &dyn Fn(usize) -> LinearFormat,
    options: &CpuOptions,
) -> Result<Memory> {
    let all = Plan::new(graph, &all_outputs(graph), true)?;
    let (threads, options) = (options.pool.threads(), int8::by_layer(graph, options)?);
    let weights_bytes = sum_of_weights(graph, &all, |step| {
        cpu_kernel(step, &all, options[step.layer]).weight_bytes(linear(step.layer))
    })?;
    let plan = Plan::new(graph, &[graph.output()], true)?;
    let units = Units::new(&plan, &options);
    let scratch = units.scratch().into_iter().flat_map(|elements| std::iter::repeat_n(elements, threads));
    let bytes: u64 = units.elements(&plan).chain(scratch).map(Aligned::bytes).sum();
    Ok(Memory { weights_bytes, activation_bytes: units.table_bytes() + bytes })
}
