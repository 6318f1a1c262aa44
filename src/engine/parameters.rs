//! Weights as tensors on a device, laid out as burn's operations want them.

use burn::tensor::{Device, Tensor, TensorData};

use crate::error::Result;
use crate::graph::tensors::expected;
use crate::graph::{Graph, Layer, Op};
use crate::weights::Weights;

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

/// Uploads every layer's tensors, in the layers' order.
///
/// # Errors
/// [`crate::error::Error::BadWeights`] where a tensor is missing, [`crate::error::Error::BadGraph`] where layers do
/// not fit.
pub fn upload(graph: &Graph, weights: &Weights, device: &Device) -> Result<Vec<Parameters>> {
    let expected = expected(graph)?;
    let mut shapes = expected.iter().map(|tensor| tensor.shape.as_slice());
    let layer = |layer: &Layer| layer_parameters(layer, weights, &mut shapes, device);
    graph.layers().iter().map(layer).collect()
}

fn layer_parameters<'a>(
    layer: &Layer,
    weights: &Weights,
    shapes: &mut impl Iterator<Item = &'a [usize]>,
    device: &Device,
) -> Result<Parameters> {
    let values = |part: &str| Ok(weights.values(&format!("{}.{part}", layer.name))?.dequantise());
    let mut next_shape = || shapes.next().unwrap_or_default().to_vec();
    Ok(match &layer.op {
        Op::Conv(conv) => {
            let weight = Tensor::from_data(TensorData::new(values("weight")?, next_shape()), device);
            let bias = match conv.bias {
                true => Some(Tensor::from_data(TensorData::new(values("bias")?, next_shape()), device)),
                false => None,
            };
            Parameters::Conv { weight, bias }
        }
        Op::Linear { .. } => {
            let shape = next_shape();
            let transposed = transpose(&values("weight")?, shape[0], shape[1]);
            let weight = Tensor::from_data(TensorData::new(transposed, [shape[1], shape[0]]), device);
            Parameters::Linear {
                weight,
                bias: Tensor::from_data(TensorData::new(values("bias")?, next_shape()), device),
            }
        }
        Op::BatchNorm { epsilon } => {
            let (weight, bias, mean, variance) =
                (values("weight")?, values("bias")?, values("running_mean")?, values("running_var")?);
            let shape = [1, weight.len(), 1, 1];
            (0..4).for_each(|_| drop(next_shape()));
            let scale: Vec<f32> = weight.iter().zip(&variance).map(|(w, v)| w / (v + epsilon).sqrt()).collect();
            let shift: Vec<f32> = (0..bias.len()).map(|i| bias[i] - mean[i] * scale[i]).collect();
            Parameters::BatchNorm {
                scale: Tensor::from_data(TensorData::new(scale, shape), device),
                shift: Tensor::from_data(TensorData::new(shift, shape), device),
            }
        }
        _ => Parameters::None,
    })
}

/// `[rows, columns]` → `[columns, rows]`.
fn transpose(values: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    let column = |column: usize| (0..rows).map(move |row| values[row * columns + column]);
    (0..columns).flat_map(column).collect()
}
