//! Weights as tensors on a device, laid out as burn's operations want them.

use burn::tensor::{Device, Tensor, TensorData};

use crate::error::{Error, Result};
use crate::graph::tensors::{TensorSpec, tensor_specs};
use crate::graph::{Graph, Layer, Op};

/// One layer's tensors.
#[derive(Clone, Debug)]
pub enum Parameters {
    /// The layer has none.
    None,
    /// A convolution's.
    Conv {
        /// `[out, in / groups, kernel, kernel]`
        weight: Tensor<4>,
        /// `[out]`
        bias: Option<Tensor<1>>,
    },
    /// A linear layer's.
    Linear {
        /// `[in, out]`
        weight: Tensor<2>,
        /// `[out]`
        bias: Tensor<1>,
    },
    /// Batch normalisation's: `x · scale + shift`.
    BatchNorm {
        /// `[1, channels, 1, 1]`
        scale: Tensor<4>,
        /// `[1, channels, 1, 1]`
        shift: Tensor<4>,
    },
}

/// Uploads every layer's tensors, in the layers' order; `numbers` is asked for one tensor at a time.
///
/// # Errors
/// What `numbers` gives, or [`crate::error::Error::BadGraph`] where layers do not fit.
pub fn upload(
    graph: &Graph,
    mut numbers: impl FnMut(&TensorSpec) -> Result<Vec<f32>>,
    device: &Device,
) -> Result<Vec<Parameters>> {
    let mut tensors = tensor_specs(graph)?.into_iter();
    let mut next = || {
        let tensor = tensors.next().ok_or_else(|| Error::Internal("a layer lacks a tensor".into()))?;
        Ok(TensorData::new(numbers(&tensor)?, tensor.shape))
    };
    let layer = |layer: &Layer| layer_parameters(&layer.op, &mut next, device);
    graph.layers().iter().map(layer).collect()
}

fn layer_parameters(op: &Op, next: &mut impl FnMut() -> Result<TensorData>, device: &Device) -> Result<Parameters> {
    Ok(match op {
        Op::Conv(conv) => {
            let weight = Tensor::from_data(next()?, device);
            let bias = if conv.bias { Some(Tensor::from_data(next()?, device)) } else { None };
            Parameters::Conv { weight, bias }
        }
        Op::Linear { .. } => {
            let weight = Tensor::<2>::from_data(next()?, device).transpose();
            Parameters::Linear { weight, bias: Tensor::from_data(next()?, device) }
        }
        Op::BatchNorm { epsilon } => {
            let mut vector = || -> Result<Tensor<1>> { Ok(Tensor::from_data(next()?, device)) };
            let (weight, bias, mean, variance) = (vector()?, vector()?, vector()?, vector()?);
            let scale = weight / (variance + *epsilon).sqrt();
            let shift = bias - mean * scale.clone();
            let each_channel = |vector: Tensor<1>| vector.reshape([1, -1, 1, 1]);
            Parameters::BatchNorm { scale: each_channel(scale), shift: each_channel(shift) }
        }
        _ => Parameters::None,
    })
}
