//! A device with loaded networks.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use crate::error::{Error, Result};
use crate::frame::Input;
use crate::graph::tensors::TensorSpec;
use crate::graph::{Graph, Node};
use crate::networks::{Card, card};
use crate::weights::{About, Tensor, Weights};

pub mod attention;
#[cfg(feature = "burn")]
pub mod burn;
pub mod check;
mod filters;
pub mod kernels;
mod memory;
pub mod profile;
pub mod random;

pub use filters::Filters;
pub use kernels::cpu::{Arithmetic, CpuOptions};
pub use memory::{LinearFormat, Memory};

/// Where networks compute.
#[derive(Clone, Debug)]
pub enum Device {
    /// The CPU, with this project's kernels in single precision, and one thread.
    Cpu,
    /// The CPU, with this project's kernels, as the options say.
    CpuWith(CpuOptions),
    /// A WebGPU device, with this project's kernels.
    #[cfg(any(target_family = "wasm", feature = "native-gpu"))]
    WebGpu(Rc<kernels::webgpu::Gpu>),
    /// A device of burn, with burn's operations: the reference for the kernels, and what trains networks.
    #[cfg(feature = "burn")]
    Burn(::burn::tensor::Device),
}

impl Device {
    /// Whether the device stores and multiplies in half precision.
    pub fn is_half(&self) -> bool {
        match self {
            #[cfg(any(target_family = "wasm", feature = "native-gpu"))]
            Self::WebGpu(gpu) => gpu.is_half(),
            Self::Cpu | Self::CpuWith(_) => false,
            #[cfg(feature = "burn")]
            Self::Burn(_) => false,
        }
    }
}

#[cfg(feature = "burn")]
impl From<&::burn::tensor::Device> for Device {
    fn from(device: &::burn::tensor::Device) -> Self {
        Self::Burn(device.clone())
    }
}

impl From<&Self> for Device {
    fn from(device: &Self) -> Self {
        device.clone()
    }
}

/// A network whose weights are in a device's memory.
#[derive(Debug)]
pub struct Network {
    graph: Graph,
    runner: Runner,
    filters: Option<Filters>,
    random: bool,
}

/// What computes a network.
#[derive(Debug)]
enum Runner {
    Cpu(Box<RefCell<kernels::cpu::CpuNetwork>>),
    #[cfg(any(target_family = "wasm", feature = "native-gpu"))]
    WebGpu(Box<kernels::webgpu::WebGpuNetwork>),
    #[cfg(feature = "burn")]
    Burn(burn::Network),
}

impl Runner {
    fn cpu<'v>(
        graph: &Graph,
        options: &CpuOptions,
        values: impl FnMut(&TensorSpec) -> Result<Cow<'v, Tensor>>,
    ) -> Result<Self> {
        let network = kernels::cpu::CpuNetwork::new(graph.clone(), options, values)?;
        Ok(Self::Cpu(Box::new(RefCell::new(network))))
    }
}

impl Network {
    /// Loads the weights of a folded graph onto a device.
    ///
    /// # Errors
    /// [`Error::BadWeights`] where a tensor is missing, [`Error::BadGraph`] where layers do not fit.
    pub fn new(graph: Graph, weights: &Weights, device: impl Into<Device>) -> Result<Self> {
        Self::from_tensors(graph, |tensor| weights.tensor(&tensor.name).map(Cow::Borrowed), device)
    }

    /// Loads one tensor after the other, so that no more than one is in memory twice: `values` is asked for each.
    ///
    /// # Errors
    /// What `values` gives, or [`Error::BadGraph`] where layers do not fit.
    pub fn from_tensors<'v>(
        graph: Graph,
        mut values: impl FnMut(&TensorSpec) -> Result<Cow<'v, Tensor>>,
        device: impl Into<Device>,
    ) -> Result<Self> {
        Self::loaded(graph, &mut values, &device.into())
    }

    /// As [`Network::from_tensors`]. Compiled once, whatever gives the values: the packing of every kind of layer is in it.
    fn loaded<'v>(
        graph: Graph,
        values: &mut dyn FnMut(&TensorSpec) -> Result<Cow<'v, Tensor>>,
        device: &Device,
    ) -> Result<Self> {
        let mut filters = None;
        let mut values = |tensor: &TensorSpec| {
            let found = values(tensor)?;
            if filters.is_none() {
                filters = Filters::of(&graph, tensor, &found);
            }
            Ok(found)
        };
        let runner = match device {
            Device::Cpu => Runner::cpu(&graph, &CpuOptions::default(), &mut values)?,
            Device::CpuWith(options) => Runner::cpu(&graph, options, &mut values)?,
            #[cfg(any(target_family = "wasm", feature = "native-gpu"))]
            Device::WebGpu(gpu) => {
                Runner::WebGpu(Box::new(kernels::webgpu::WebGpuNetwork::new(graph.clone(), &mut values, gpu)?))
            }
            #[cfg(feature = "burn")]
            Device::Burn(device) => {
                let elements = |tensor: &TensorSpec| Ok(values(tensor)?.dequantise());
                Runner::Burn(burn::Network::new(graph.clone(), elements, device.clone())?)
            }
        };
        Ok(Self { graph, runner, filters, random: false })
    }

    /// Loads a folded graph with random weights, which takes as much time and memory to run as with trained weights; the
    /// answers mean nothing.
    ///
    /// # Errors
    /// [`Error::BadGraph`] where layers do not fit.
    pub fn random(graph: Graph, seed: u64, device: impl Into<Device>) -> Result<Self> {
        let network = Self::from_tensors(graph, |tensor| Ok(Cow::Owned(random::tensor(tensor, seed))), device)?;
        Ok(Self { random: true, ..network })
    }

    /// The weights of the first convolution; none where there is none.
    pub fn filters(&self) -> Option<&Filters> {
        self.filters.as_ref()
    }

    /// Whether the weights are random.
    pub fn is_random(&self) -> bool {
        self.random
    }

    /// Prepares the first run: allocates memory, and on WebGPU compiles the shaders.
    ///
    /// `compile` is given the texts of the shaders that are new on the device, and may compile them side by side; any that
    /// it leaves are compiled one by one.
    ///
    /// # Errors
    /// [`Error::BadGraph`] for values that cannot be had.
    pub async fn prepare(&self, compile: impl AsyncFnOnce(Vec<String>)) -> Result<()> {
        let outputs = [self.graph.output()];
        match &self.runner {
            Runner::Cpu(network) => {
                drop(compile);
                network.borrow_mut().prepare(&outputs)
            }
            #[cfg(any(target_family = "wasm", feature = "native-gpu"))]
            Runner::WebGpu(network) => network.prepare(&outputs, compile).await,
            #[cfg(feature = "burn")]
            Runner::Burn(_) => Ok(()),
        }
    }

    /// The logits of one input: one score for each class.
    ///
    /// # Errors
    /// [`Error::BadFrame`] for an input of another shape, [`Error::DeviceLost`] where the result cannot be read back.
    pub async fn logits(&self, input: Input) -> Result<Vec<f32>> {
        let mut values = self.activations(&input, &[self.graph.output()]).await?;
        values.pop().ok_or_else(|| Error::Internal("the network has no output".into()))
    }

    /// The activations of some nodes for one input, in one run: each `[channels, height, width]`.
    ///
    /// # Errors
    /// As [`Network::logits`].
    pub async fn activations(&self, input: &Input, outputs: &[Node]) -> Result<Vec<Vec<f32>>> {
        self.accepts(input)?;
        match &self.runner {
            Runner::Cpu(network) => network.borrow_mut().run(input, outputs),
            #[cfg(any(target_family = "wasm", feature = "native-gpu"))]
            Runner::WebGpu(network) => network.run(input, outputs).await,
            #[cfg(feature = "burn")]
            Runner::Burn(network) => network.run(input, outputs).await,
        }
    }

    /// Row `output` of the weights `[outputs, inputs]` of the linear layer with this index, as it is multiplied with.
    ///
    /// # Errors
    /// [`Error::Internal`] for another layer, [`Error::DeviceLost`] where the row cannot be read back.
    pub async fn linear_row(&self, layer: usize, output: usize) -> Result<Vec<f32>> {
        match &self.runner {
            Runner::Cpu(network) => network.borrow().linear_row(layer, output),
            #[cfg(any(target_family = "wasm", feature = "native-gpu"))]
            Runner::WebGpu(network) => network.linear_row(layer, output).await,
            #[cfg(feature = "burn")]
            Runner::Burn(network) => network.linear_row(layer, output).await,
        }
    }

    /// The gradient of a class's logit with respect to the value `node`, times that value, summed over its channels:
    /// `[height, width]`. `choose` gets the logits and gives the class, which comes back with the result.
    ///
    /// # Errors
    /// [`Error::NeedsGradients`] for a network that burn does not compute, what `choose` gives, and as
    /// [`Network::activations`].
    #[cfg_attr(not(feature = "burn"), expect(unused_variables, reason = "only burn computes gradients"))]
    pub(crate) async fn gradient_times(
        &self,
        input: &Input,
        node: Node,
        choose: impl FnOnce(&[f32]) -> Result<usize>,
    ) -> Result<(usize, Vec<f32>)> {
        self.accepts(input)?;
        match &self.runner {
            #[cfg(feature = "burn")]
            Runner::Burn(network) => network.gradient_times(input, node, choose).await,
            Runner::Cpu(_) => Err(Error::NeedsGradients),
            #[cfg(any(target_family = "wasm", feature = "native-gpu"))]
            Runner::WebGpu(_) => Err(Error::NeedsGradients),
        }
    }

    fn accepts(&self, input: &Input) -> Result<()> {
        if input.shape != self.graph.input() {
            let message = format!("its input is {} instead of {}", input.shape, self.graph.input());
            return Err(Error::BadFrame(message));
        }
        Ok(())
    }

    /// The graph that runs.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }
}

/// A loaded network with its card.
#[derive(Debug)]
pub struct Loaded {
    /// The facts about the network.
    pub card: &'static Card,
    /// The network itself.
    pub network: Network,
    /// What its weights are for.
    pub about: About,
    /// The input that was made of the frame that the network saw last.
    pub seen: RefCell<Option<Rc<Input>>>,
}

impl Loaded {
    fn new(card: &'static Card, network: Network, about: About) -> Self {
        Self { card, network, about, seen: RefCell::default() }
    }
}

/// A device and the networks that are loaded on it, each under a key that the caller chooses.
#[derive(Debug)]
pub struct Engine {
    device: Device,
    networks: HashMap<String, Rc<Loaded>>,
}

impl Engine {
    /// An engine without networks.
    pub fn new(device: Device) -> Self {
        Self { device, networks: HashMap::new() }
    }

    /// Loads a network from the shards of its weight file, for [`Engine::keep`]. The file says how many classes there are, what
    /// they are called, and how pictures are prepared, where that is not as on the card.
    ///
    /// Each copy of the weights is dropped as soon as the next one is made, because WebAssembly's memory never shrinks.
    ///
    /// # Errors
    /// [`Error::UnknownNetwork`] or [`Error::BadWeights`]; [`Error::TooLarge`] or [`Error::NoRoom`] before anything is on the device.
    pub fn read(&self, id: &str, shards: Vec<Vec<u8>>) -> Result<Loaded> {
        let card = card(id)?;
        let (about, graph) = About::of(card, &shards)?;
        let mut weights = Weights::read(&graph, &shards)?;
        drop(shards);
        self.device.fits(&graph, &|layer| {
            let weight = weights.tensor(&format!("{}.weight", graph.layers()[layer].name));
            weight.map_or(LinearFormat::Int8, LinearFormat::of)
        })?;
        let values = |tensor: &TensorSpec| weights.take(&tensor.name).map(Cow::Owned);
        Ok(Loaded::new(card, Network::from_tensors(graph, values, &self.device)?, about))
    }

    /// Loads a network with random weights, which is enough to measure its time and memory, for [`Engine::keep`].
    ///
    /// # Errors
    /// [`Error::UnknownNetwork`]; [`Error::TooLarge`] or [`Error::NoRoom`] before anything is on the device.
    pub fn random(&self, id: &str, seed: u64) -> Result<Loaded> {
        let card = card(id)?;
        let graph = card.inference();
        self.device.fits(&graph, &|_| LinearFormat::Int8)?;
        Ok(Loaded::new(card, Network::random(graph, seed, &self.device)?, About::official(card)))
    }

    /// Keeps a network under a key, and drops the one that was kept there before.
    pub fn keep(&mut self, key: &str, loaded: Loaded) {
        self.networks.insert(key.into(), Rc::new(loaded));
    }

    /// The device that computes.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// The network under a key. It stays usable after [`Engine::unload`] until it is dropped.
    ///
    /// # Errors
    /// [`Error::NotLoaded`], or [`Error::UnknownNetwork`] where the key is no network's id either.
    pub fn network(&self, key: &str) -> Result<Rc<Loaded>> {
        match self.networks.get(key) {
            Some(loaded) => Ok(loaded.clone()),
            // A caller that chooses no key of its own uses the network's id.
            None => Err(card(key).map_or_else(|error| error, |_| Error::NotLoaded(key.into()))),
        }
    }

    /// Drops the network under a key, if there is one.
    pub fn unload(&mut self, key: &str) {
        self.networks.remove(key);
    }
}
