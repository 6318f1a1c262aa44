//! A network that burn's own operations compute: the reference for our kernels, and what learns.

use burn::tensor::{Device, Tensor, TensorData};

use crate::error::{Error, Result};
use crate::frame::Input;
use crate::graph::tensors::TensorSpec;
use crate::graph::{Graph, Node, Shape};

pub mod parameters;
pub mod run;

use parameters::Parameters;

/// A graph whose weights lie on a device of burn's.
#[derive(Debug)]
pub struct Network {
    graph: Graph,
    parameters: Vec<Parameters>,
    device: Device,
}

impl Network {
    /// Uploads the weights of `graph`; `numbers` is asked for one tensor at a time.
    ///
    /// # Errors
    /// What `numbers` gives, or [`Error::BadGraph`] where layers do not fit.
    pub fn new(graph: Graph, numbers: impl FnMut(&TensorSpec) -> Result<Vec<f32>>, device: Device) -> Result<Self> {
        let parameters = parameters::upload(&graph, numbers, &device)?;
        Ok(Self { graph, parameters, device })
    }

    /// The values of the `wanted` nodes for one input, each channel by channel.
    ///
    /// # Errors
    /// [`Error::DeviceLost`] where a value cannot be read back.
    pub async fn run(&self, input: &Input, wanted: &[Node]) -> Result<Vec<Vec<f32>>> {
        let Shape { channels, height, width } = input.shape;
        let data = TensorData::new(input.values.clone(), [1, channels, height, width]);
        let input = Tensor::<4>::from_data(data, &self.device);
        let mut values = Vec::new();
        for value in run::run(&self.graph, &self.parameters, input, wanted) {
            let data = value.into_data_async().await.map_err(|error| Error::DeviceLost(error.to_string()))?;
            values.push(data.try_to_vec::<f32>().map_err(|error| Error::Internal(error.to_string()))?);
        }
        Ok(values)
    }
}
