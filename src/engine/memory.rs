//! How much memory a network takes on a device, computed from its graph before anything is loaded.

use super::kernels;
use super::{CpuOptions, Device};
use crate::error::Result;
use crate::graph::Graph;
#[cfg(feature = "burn")]
use crate::graph::{Shape, tensors::tensor_specs};
use crate::weights::Tensor;

mod room;

/// How the weights of linear layers are stored. All other weights are stored as a device's kernels read them, whatever the
/// file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinearFormat {
    /// 32 bits, or 16 bits, which WebGPU in half precision keeps and every other device converts to 32 bits.
    Float,
    /// 8 bits, one scale an output.
    Int8,
    /// 8 bits, one scale for each [`GROUP`](crate::weights::GROUP) inputs of an output.
    Int8Groups,
    /// 4 bits, one scale for each [`GROUP`](crate::weights::GROUP) inputs of an output.
    Int4,
}

impl LinearFormat {
    /// How a linear layer's weights are stored that come as this tensor.
    pub fn of(weight: &Tensor) -> Self {
        match weight {
            Tensor::Int8 { .. } => Self::Int8,
            Tensor::Int8Groups { .. } => Self::Int8Groups,
            Tensor::Int4 { .. } => Self::Int4,
            Tensor::F16(_) | Tensor::F32(_) => Self::Float,
        }
    }
}

/// Memory that a network takes on a device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// Bytes of the weights as the kernels read them, for as long as the network is loaded: with 8-bit or 4-bit linear
    /// layers, Winograd's factors, and the padding to whole vectors.
    pub weights_bytes: u64,
    /// Bytes of everything else that running the network takes: the buffers of activations with their halos, scratch
    /// memory, tables of offsets and the buffer that the logits are read from. It is made by
    /// [`Network::prepare`](super::Network::prepare) or by the first run, and kept for the next run. Uniform buffers and
    /// pipelines, a few kilobytes for each layer, are not counted.
    pub activation_bytes: u64,
}

impl Memory {
    /// Bytes of both together.
    pub fn total(&self) -> u64 {
        self.weights_bytes + self.activation_bytes
    }
}

impl Device {
    /// The memory that a network takes on this device when only its main output is asked for: what
    /// [`Network::new`](super::Network::new) and [`Network::prepare`](super::Network::prepare) would allocate for the
    /// folded `graph`, without allocating it.
    ///
    /// For this project's kernels the figures are those of the kernels themselves. For burn they are an estimate:
    /// parameters and the activations that are needed at the same time, in single precision.
    ///
    /// # Errors
    /// [`Error::BadGraph`](crate::error::Error::BadGraph) for a graph that the device cannot run.
    pub fn memory(&self, graph: &Graph, linear: LinearFormat) -> Result<Memory> {
        match self {
            Self::Cpu => kernels::cpu::memory(graph, &|_| linear, &CpuOptions::default()),
            Self::CpuWith(options) => kernels::cpu::memory(graph, &|_| linear, options),
            #[cfg(any(target_family = "wasm", feature = "native-gpu"))]
            Self::WebGpu(gpu) => kernels::webgpu::memory(gpu, graph, linear),
            #[cfg(feature = "burn")]
            Self::Burn(_) => in_single_precision(graph),
        }
    }

    /// Refuses a network that this device has no room for, before anything of it is made there. `linear` says how the weights of
    /// the layer with an index are stored.
    ///
    /// # Errors
    /// [`Error::TooLarge`](crate::error::Error::TooLarge) or [`Error::NoRoom`](crate::error::Error::NoRoom), and
    /// [`Error::BadGraph`](crate::error::Error::BadGraph) for a graph that the device cannot run.
    pub(super) fn fits(&self, graph: &Graph, linear: &dyn Fn(usize) -> LinearFormat) -> Result<()> {
        match self {
            Self::Cpu => room::check(&kernels::cpu::memory(graph, linear, &CpuOptions::default())?),
            Self::CpuWith(options) => room::check(&kernels::cpu::memory(graph, linear, options)?),
            #[cfg(any(target_family = "wasm", feature = "native-gpu"))]
            Self::WebGpu(gpu) => kernels::webgpu::fits(gpu, graph, linear),
            #[cfg(feature = "burn")]
            Self::Burn(_) => Ok(()),
        }
    }
}

/// All parameters, and the most activations that are needed at the same time, four bytes each.
#[cfg(feature = "burn")]
fn in_single_precision(graph: &Graph) -> Result<Memory> {
    let parameters: usize = tensor_specs(graph)?.iter().map(|tensor| tensor.shape.iter().product::<usize>()).sum();
    Ok(Memory { weights_bytes: 4 * parameters as u64, activation_bytes: 4 * most_alive(graph)? as u64 })
}

/// The most elements of activations that are needed at the same time on the way to the main output.
#[cfg(feature = "burn")]
fn most_alive(graph: &Graph) -> Result<usize> {
    let elements: Vec<usize> = graph.shapes()?.iter().map(Shape::elements).collect();
    let needed = graph.needed(&[graph.output()]);
    let layers = || graph.layers().iter().enumerate().filter(|(index, _)| needed[*index]);
    let mut last_reader = vec![usize::MAX; elements.len()];
    layers().for_each(|(index, layer)| layer.inputs.iter().for_each(|node| last_reader[node.0] = index));
    let (mut alive, mut most) = (elements[0], elements[0]);
    for (index, _) in layers() {
        alive += elements[index + 1];
        most = most.max(alive);
        let read_last = last_reader.iter().zip(&elements).filter(|(last, _)| **last == index);
        alive -= read_last.map(|(_, elements)| elements).sum::<usize>();
    }
    Ok(most)
}
