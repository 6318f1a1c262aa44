//! A device with loaded networks.

use std::collections::HashMap;
use std::rc::Rc;

use burn::tensor::{Device, Tensor, TensorData};

use crate::error::{Error, Result};
use crate::frame::Input;
use crate::graph::tensors::Expected;
use crate::graph::{Graph, Node, Shape};
use crate::networks::card;
use crate::weights::Weights;

pub mod check;
pub mod parameters;
pub mod random;
pub mod run;

use parameters::Parameters;

/// A network whose weights lie in the device's memory.
#[derive(Debug)]
pub struct Network {
    graph: Graph,
    parameters: Vec<Parameters>,
    device: Device,
    random: bool,
}

impl Network {
    /// Uploads the weights of `graph`.
    ///
    /// # Errors
    /// [`Error::BadWeights`] where a tensor is missing, [`Error::BadGraph`] where layers do not fit.
    pub fn new(graph: Graph, weights: &Weights, device: &Device) -> Result<Self> {
        Self::from_numbers(graph, |tensor| weights.numbers(tensor), device)
    }

    /// Uploads one tensor after the other, so that no more than one is in memory twice.
    ///
    /// # Errors
    /// What `numbers` gives, or [`Error::BadGraph`] where layers do not fit.
    pub fn from_numbers(
        graph: Graph,
        numbers: impl FnMut(&Expected) -> Result<Vec<f32>>,
        device: &Device,
    ) -> Result<Self> {
        let parameters = parameters::upload(&graph, numbers, device)?;
        Ok(Self { graph, parameters, device: device.clone(), random: false })
    }

    /// The same layers with random weights: as fast and as large, but its answers mean nothing.
    ///
    /// # Errors
    /// [`Error::BadGraph`] where layers do not fit.
    pub fn random(graph: Graph, seed: u64, device: &Device) -> Result<Self> {
        let network = Self::from_numbers(graph, |tensor| Ok(random::values(tensor, seed).dequantise()), device)?;
        Ok(Self { random: true, ..network })
    }

    /// Whether the weights are random.
    pub fn is_random(&self) -> bool {
        self.random
    }

    /// The class scores of one input: as many numbers as classes.
    ///
    /// # Errors
    /// [`Error::BadFrame`] for an input of another shape, [`Error::DeviceLost`] where the result cannot be read back.
    pub async fn logits(&self, input: Input) -> Result<Vec<f32>> {
        let mut values = self.values(input, &[self.graph.output()]).await?;
        values.pop().ok_or_else(|| Error::Internal("the network has no output".into()))
    }

    /// Any values of the network for one input, each channel by channel, in one run.
    ///
    /// # Errors
    /// As [`Network::logits`].
    pub async fn values(&self, input: Input, wanted: &[Node]) -> Result<Vec<Vec<f32>>> {
        if input.shape != self.graph.input() {
            let message = format!("its input is {} instead of {}", input.shape, self.graph.input());
            return Err(Error::BadFrame(message));
        }
        let Shape { channels, height, width } = input.shape;
        let data = TensorData::new(input.values, [1, channels, height, width]);
        let input = Tensor::<4>::from_data(data, &self.device);
        let mut values = Vec::new();
        for value in run::run(&self.graph, &self.parameters, input, wanted) {
            let data = value.into_data_async().await.map_err(|error| Error::DeviceLost(error.to_string()))?;
            values.push(data.try_to_vec::<f32>().map_err(|error| Error::Internal(error.to_string()))?);
        }
        Ok(values)
    }

    /// The graph that runs.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }
}

/// A device and the networks loaded on it.
#[derive(Debug)]
pub struct Engine {
    device: Device,
    networks: HashMap<&'static str, Rc<Network>>,
}

impl Engine {
    /// An engine without networks.
    pub fn new(device: Device) -> Self {
        Self { device, networks: HashMap::new() }
    }

    /// Loads a network from its shards; one loaded before under this id stays until this succeeds.
    ///
    /// # Errors
    /// [`Error::UnknownNetwork`] or [`Error::BadWeights`].
    pub fn load(&mut self, id: &str, shards: &[impl AsRef<[u8]>]) -> Result<()> {
        let card = card(id)?;
        let graph = card.inference();
        let weights = Weights::read(&graph, shards)?;
        self.networks.insert(card.id, Rc::new(Network::new(graph, &weights, &self.device)?));
        Ok(())
    }

    /// Loads a network with random weights, for its speed and size.
    ///
    /// # Errors
    /// [`Error::UnknownNetwork`].
    pub fn load_random(&mut self, id: &str, seed: u64) -> Result<()> {
        let card = card(id)?;
        let network = Network::random(card.inference(), seed, &self.device)?;
        self.networks.insert(card.id, Rc::new(network));
        Ok(())
    }

    /// A loaded network. It stays usable after [`Engine::unload`] until it is dropped.
    ///
    /// # Errors
    /// [`Error::UnknownNetwork`] or [`Error::NotLoaded`].
    pub fn network(&self, id: &str) -> Result<Rc<Network>> {
        let card = card(id)?;
        self.networks.get(card.id).cloned().ok_or_else(|| Error::NotLoaded(id.into()))
    }

    /// Frees a network's memory; one that is not loaded is no error.
    pub fn unload(&mut self, id: &str) {
        self.networks.remove(id);
    }
}
