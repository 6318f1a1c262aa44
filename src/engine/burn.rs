//! A network that burn's own operations compute: the reference for this project's kernels, and what can be trained.

use burn::tensor::{Device, Tensor, TensorData};

use crate::error::{Error, Result};
use crate::frame::Input;
use crate::graph::tensors::TensorSpec;
use crate::graph::{Graph, Node, Shape};

mod gradient;
pub mod mode;
pub mod parameters;
pub mod run;

use parameters::Parameters;

/// A graph whose weights are in the memory of a burn device.
#[derive(Debug)]
pub struct Network {
    graph: Graph,
    parameters: Vec<Parameters>,
    device: Device,
}

impl Network {
    /// Uploads the weights of `graph`. `values` is asked for one tensor at a time, and gives all its elements.
    ///
    /// # Errors
    /// What `values` gives, or [`Error::BadGraph`] if the graph's layers do not fit.
    pub fn new(graph: Graph, values: impl FnMut(&TensorSpec) -> Result<Vec<f32>>, device: Device) -> Result<Self> {
        let parameters = parameters::upload(&graph, values, &device)?;
        Ok(Self { graph, parameters, device })
    }

    /// Computes the values `outputs` for one input. Each comes with all its elements, channel by channel.
    ///
    /// # Errors
    /// [`Error::DeviceLost`] if a value cannot be read back.
    pub async fn run(&self, input: &Input, outputs: &[Node]) -> Result<Vec<Vec<f32>>> {
        let input = self.upload(input);
        let mut values = Vec::new();
        for value in run::run(&self.graph, &self.parameters, input, outputs)? {
            values.push(download(value).await?);
        }
        Ok(values)
    }

    /// One row of the weights `[outputs, inputs]` of a linear layer.
    ///
    /// # Errors
    /// [`Error::Internal`] for another layer, [`Error::DeviceLost`] if the row cannot be read back.
    pub async fn linear_row(&self, layer: usize, output: usize) -> Result<Vec<f32>> {
        download(self.parameters[layer].row(output)?).await
    }

    /// `[1, channels, height, width]`
    fn upload(&self, input: &Input) -> Tensor<4> {
        let Shape { channels, height, width } = input.shape;
        let data = TensorData::new(input.values.clone(), [1, channels, height, width]);
        Tensor::from_data(data, &self.device)
    }
}

/// All elements of a tensor.
async fn download<const D: usize>(value: Tensor<D>) -> Result<Vec<f32>> {
    let data = value.into_data_async().await.map_err(|error| Error::DeviceLost(error.to_string()))?;
    data.try_to_vec::<f32>().map_err(|error| Error::Internal(error.to_string()))
}
