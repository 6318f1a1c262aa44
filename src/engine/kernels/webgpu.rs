//! WebGPU: the steps of a plan as compute shaders. Pipelines, buffers and bind groups are made once; a run is one
//! submission.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use super::kept::Kept;
use super::kinds::webgpu_kernel;
use super::parameters::{Packed, Tensors, all_outputs, each, sum_of_weights};
use super::plan::{Geometry, LANES, Plan, Step, View};
use crate::engine::{LinearFormat, Memory};
use crate::error::{Error, Result};
use crate::frame::Input;
use crate::graph::tensors::TensorSpec;
use crate::graph::{Graph, Node};
use crate::weights::Tensor;

pub(super) mod conv;
pub(super) mod depthwise;
pub(super) mod device;
pub(super) mod dispatch;
pub(super) mod linear;
mod mapped;
#[cfg(not(target_family = "wasm"))]
mod peak;
pub(super) mod pixelwise;
mod profile;
pub(super) mod shader;
mod signal;
pub(super) mod uniforms;
mod winograd;

pub use device::Gpu;
#[cfg(not(target_family = "wasm"))]
pub use peak::peak;

use device::{Buffer, buffer_bytes};
use dispatch::{Dispatch, Draft, Recorder, encode};

/// What computes a step. It is made from the step and the device alone, so that what it allocates is known before there are
/// weights.
pub(super) trait WebGpuKernel {
    /// Bytes of each buffer that [`WebGpuKernel::pack`] makes; 0 in place of those that it does not make. Kernels without weights
    /// keep the default.
    fn weight_buffers(&self, _: &Gpu, _: LinearFormat) -> [u64; 3] {
        [0; 3]
    }

    /// The tensors of the step's layer as the shaders read them, in buffers. Kernels without weights keep the default.
    fn pack(&self, _: &Gpu, _: &Tensors<'_>) -> Packed {
        Packed::none()
    }

    /// Elements of scratch memory that the kernel needs. What it finds there is undefined, but for the last part: that is
    /// zero, and nothing may write to it.
    fn scratch(&self) -> [usize; 3] {
        [0; 3]
    }

    /// Records the dispatches of the step with the weights that [`WebGpuKernel::pack`] made.
    fn record(&self, weights: &Packed, recorder: &mut Recorder<'_>) -> Result<()>;
}

impl std::fmt::Debug for dyn WebGpuKernel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WebGpuKernel")
    }
}

/// A network in the device's memory.
#[derive(Debug)]
pub struct WebGpuNetwork {
    gpu: Rc<Gpu>,
    graph: Graph,
    /// One entry a layer.
    weights: Vec<Packed>,
    kept: RefCell<Kept<Rc<Prepared>>>,
}

/// A plan with its memory and its dispatches.
#[derive(Debug)]
struct Prepared {
    plan: Plan,
    buffers: Vec<Buffer>,
    /// Bound in dispatches.
    _scratch: [Buffer; 3],
    dispatches: Vec<Dispatch>,
    /// The elements of the input's buffer.
    input: RefCell<Vec<f32>>,
    /// Buffers that the results are read from; one that is being read is not here.
    staging: RefCell<Vec<Buffer>>,
}

impl WebGpuNetwork {
    /// Packs and uploads the weights of a folded graph; `values` is asked for one tensor at a time.
    ///
    /// # Errors
    /// What `values` gives, or [`Error::BadGraph`](crate::error::Error::BadGraph) for a graph that has no plan.
    pub fn new<'v>(
        graph: Graph,
        values: impl FnMut(&TensorSpec) -> Result<Cow<'v, Tensor>>,
        gpu: &Rc<Gpu>,
    ) -> Result<Self> {
        let plan = Plan::new(&graph, &all_outputs(&graph), false)?;
        let weights = each(&graph, &plan, values, |step, tensors| webgpu_kernel(step, gpu).pack(gpu, &tensors))?;
        Ok(Self { gpu: gpu.clone(), graph, weights, kept: RefCell::new(Kept::none()) })
    }

    /// Makes pipelines and memory for some outputs, so that the first run need not. `compile` is given all shaders that are
    /// new on the device, to compile them side by side before they are used one by one.
    ///
    /// # Errors
    /// [`Error::BadGraph`](crate::error::Error::BadGraph) for outputs that have no plan.
    pub async fn prepare(&self, outputs: &[Node], compile: impl AsyncFnOnce(Vec<String>)) -> Result<()> {
        let recorded = Recorded::new(self, outputs)?;
        let mut texts: Vec<&str> = Vec::new();
        for text in recorded.drafts.iter().map(Draft::text).filter(|text| !self.gpu.has_pipeline(text)) {
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
        compile(texts.into_iter().map(String::from).collect()).await;
        self.kept.borrow_mut().get(outputs, || Ok(Rc::new(recorded.finish(&self.gpu)))).map(|_| ())
    }

    /// What is prepared for these outputs.
    fn prepared(&self, outputs: &[Node]) -> Result<Rc<Prepared>> {
        let make = || Ok(Rc::new(Recorded::new(self, outputs)?.finish(&self.gpu)));
        Ok(self.kept.borrow_mut().get(outputs, make)?.clone())
    }

    /// Runs the network; each of the `outputs` comes as `[channels, height, width]`.
    ///
    /// # Errors
    /// [`Error::BadGraph`](crate::error::Error::BadGraph) for outputs that have no plan,
    /// [`Error::DeviceLost`](crate::error::Error::DeviceLost) where they cannot be read back.
    pub async fn run(&self, input: &Input, outputs: &[Node]) -> Result<Vec<Vec<f32>>> {
        let prepared = self.prepared(outputs)?;
        prepared.write(&self.gpu, input);
        let staging = prepared.submit(&self.gpu);
        let bytes = mapped::read(&self.gpu.device, &staging).await?;
        prepared.staging.borrow_mut().push(staging);
        let mut rest = bytes.as_slice();
        let mut values = Vec::new();
        for &view in &prepared.plan.outputs {
            let (elements, behind) = rest.split_at(prepared.plan.geometry(view).elements() * self.gpu.precision.size());
            rest = behind;
            values.push(prepared.plan.read(view, &self.gpu.precision.elements(elements)));
        }
        Ok(values)
    }

    /// One row of the weights `[outputs, inputs]` of a linear layer.
    ///
    /// # Errors
    /// [`Error::Internal`](crate::error::Error::Internal) for another layer,
    /// [`Error::DeviceLost`](crate::error::Error::DeviceLost) where it cannot be read back.
    pub async fn linear_row(&self, layer: usize, output: usize) -> Result<Vec<f32>> {
        linear::weights_of(&self.weights[layer], &self.gpu, output).await
    }
}

/// A plan with its memory and its dispatches, whose shaders may not be compiled yet.
struct Recorded {
    plan: Plan,
    buffers: Vec<Buffer>,
    scratch: [Buffer; 3],
    drafts: Vec<Draft>,
}

impl Recorded {
    fn new(network: &WebGpuNetwork, outputs: &[Node]) -> Result<Self> {
        let gpu = &network.gpu;
        let plan = Plan::new(&network.graph, outputs, false)?;
        let buffers: Vec<_> = plan.buffers.iter().map(|geometry| gpu.activations(geometry.elements())).collect();
        let kernels: Vec<_> = plan.steps.iter().map(|step| webgpu_kernel(step, gpu)).collect();
        let scratch = scratch(&kernels).map(|elements| gpu.activations(elements));
        let mut drafts = Vec::new();
        for (step, kernel) in plan.steps.iter().zip(&kernels) {
            let mut recorder = Recorder::new(gpu, step, &plan, &buffers, &scratch, &mut drafts);
            kernel.record(&network.weights[step.layer], &mut recorder)?;
        }
        Ok(Self { plan, buffers, scratch, drafts })
    }

    fn finish(self, gpu: &Gpu) -> Prepared {
        let Self { plan, buffers, scratch, drafts } = self;
        let input = RefCell::new(vec![0.0; plan.geometry(plan.input).elements()]);
        let dispatches = drafts.into_iter().map(|draft| draft.finish(gpu)).collect();
        Prepared { plan, buffers, _scratch: scratch, dispatches, input, staging: RefCell::default() }
    }
}

impl Prepared {
    /// Copies the input to where the plan reads it.
    fn write(&self, gpu: &Gpu, input: &Input) {
        let mut elements = self.input.borrow_mut();
        self.plan.write_input(&input.values, &mut elements);
        gpu.queue.write_buffer(&self.buffers[self.plan.input.buffer], 0, &gpu.precision.bytes(&elements));
    }

    /// Submits all dispatches and the copy of the results.
    fn submit(&self, gpu: &Gpu) -> Buffer {
        let size = |view: &View| (self.plan.geometry(*view).elements() * gpu.precision.size()) as u64;
        let staging = self.staging.borrow_mut().pop();
        let staging = staging.unwrap_or_else(|| gpu.staging(self.plan.outputs.iter().map(size).sum()));
        let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        encode(&mut encoder, self.dispatches.iter());
        let mut offset = 0;
        for view in &self.plan.outputs {
            encoder.copy_buffer_to_buffer(&self.buffers[view.buffer], 0, &staging, offset, size(view));
            offset += size(view);
        }
        gpu.queue.submit([encoder.finish()]);
        staging
    }
}

/// Elements of scratch memory that suffice for every one of the kernels; a buffer is never empty.
fn scratch(kernels: &[Box<dyn WebGpuKernel>]) -> [usize; 3] {
    kernels.iter().fold([LANES; 3], |most, kernel| {
        let needed = kernel.scratch();
        std::array::from_fn(|part| most[part].max(needed[part]))
    })
}

/// The memory that the main output of a graph takes, as [`Device::memory`](crate::engine::Device::memory) gives it.
pub(in crate::engine) fn memory(gpu: &Gpu, graph: &Graph, linear: LinearFormat) -> Result<Memory> {
    let all = Plan::new(graph, &all_outputs(graph), false)?;
    let weights = |step: &Step| webgpu_kernel(step, gpu).weight_buffers(gpu, linear).iter().sum();
    let weights_bytes = sum_of_weights(graph, &all, weights)?;
    let plan = Plan::new(graph, &[graph.output()], false)?;
    let kernels: Vec<_> = plan.steps.iter().map(|step| webgpu_kernel(step, gpu)).collect();
    let buffers = plan.buffers.iter().map(Geometry::elements).chain(scratch(&kernels));
    let staging = plan.outputs.iter().map(|&view| plan.geometry(view).elements()).sum();
    let bytes = |elements: usize| buffer_bytes((elements * gpu.precision.size()) as u64);
    Ok(Memory { weights_bytes, activation_bytes: buffers.chain([staging]).map(bytes).sum() })
}

/// Refuses a graph of which a buffer is greater than the device allows, before any of them is made. `linear` says how the weights of
/// the layer with an index are stored.
///
/// # Errors
/// [`Error::TooLarge`], and [`Error::BadGraph`] for a graph that the device cannot run.
pub(in crate::engine) fn fits(gpu: &Gpu, graph: &Graph, linear: &dyn Fn(usize) -> LinearFormat) -> Result<()> {
    let plan = Plan::new(graph, &all_outputs(graph), false)?;
    let kernels: Vec<_> = plan.steps.iter().map(|step| webgpu_kernel(step, gpu)).collect();
    let weights = plan.steps.iter().zip(&kernels);
    let weights = weights.flat_map(|(step, kernel)| kernel.weight_buffers(gpu, linear(step.layer)));
    let activations = plan.buffers.iter().map(Geometry::elements).chain(scratch(&kernels));
    let activations = activations.map(|elements| buffer_bytes((elements * gpu.precision.size()) as u64));
    let (needed, most) = (weights.chain(activations).max().unwrap_or_default(), gpu.most_bytes());
    if needed > most { Err(Error::TooLarge { needed, most }) } else { Ok(()) }
}
