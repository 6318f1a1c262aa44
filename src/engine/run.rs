//! Runs a graph on burn tensors, for one input or a batch, with or without gradients.

use burn::tensor::Tensor;
use burn::tensor::activation::{relu, tanh};
use burn::tensor::module::{avg_pool2d, conv2d, linear, max_pool2d};
use burn::tensor::ops::{AvgPoolOptions, ConvOptions, MaxPoolOptions};

use super::parameters::Parameters;
use crate::graph::{Activation, Graph, Layer, Op, Pool};

/// The last layer's output for `input` of `[batch, channels, height, width]`: `[batch, outputs]`.
///
/// `parameters` holds one entry a layer. A value is freed as soon as its last reader has run.
pub fn run(graph: &Graph, parameters: &[Parameters], input: Tensor<4>) -> Tensor<2> {
    let batch = input.dims()[0];
    let mut last_reader = vec![0; graph.layers().len() + 1];
    for (index, layer) in graph.layers().iter().enumerate() {
        layer.inputs.iter().for_each(|node| last_reader[node.0] = index);
    }
    let mut values: Vec<Option<Tensor<4>>> = vec![Some(input)];
    for (index, (layer, parameters)) in graph.layers().iter().zip(parameters).enumerate() {
        let inputs = layer.inputs.iter().filter_map(|node| {
            let value = &mut values[node.0];
            if last_reader[node.0] == index { value.take() } else { value.clone() }
        });
        let output = activate(apply(layer, parameters, inputs), layer.activation);
        values.push(Some(output));
    }
    let output = values.pop().flatten();
    output.map_or_else(|| Tensor::empty([batch, 0], &Default::default()), |output| output.reshape([batch as i32, -1]))
}

fn apply(layer: &Layer, parameters: &Parameters, mut inputs: impl Iterator<Item = Tensor<4>>) -> Tensor<4> {
    let input = inputs.next();
    let x = input.unwrap_or_else(|| unreachable!("layer {} reads a value that no layer made", layer.name));
    match (&layer.op, parameters) {
        (Op::Conv(conv), Parameters::Conv { weight, bias }) => {
            let [_, _, height, width] = x.dims();
            let options = ConvOptions {
                stride: [conv.stride; 2],
                padding: [height, width].map(|pixels| conv.padding.resolve(pixels, conv.kernel, conv.stride)),
                dilation: [1, 1],
                groups: conv.groups,
            };
            conv2d(x, weight.clone(), bias.clone(), options)
        }
        (Op::Linear { outputs }, Parameters::Linear { weight, bias }) => {
            let batch = x.dims()[0];
            linear(x.reshape([batch as i32, -1]), weight.clone(), Some(bias.clone())).reshape([batch, *outputs, 1, 1])
        }
        (Op::BatchNorm { .. }, Parameters::BatchNorm { scale, shift }) => x * scale.clone() + shift.clone(),
        (Op::MaxPool(Pool { kernel, stride }), _) => max_pool2d(
            x,
            MaxPoolOptions {
                kernel_size: [*kernel; 2],
                stride: [*stride; 2],
                padding: [(0, 0); 2],
                dilation: [1, 1],
                ceil_mode: false,
            },
        ),
        (Op::AvgPool(Pool { kernel, stride }), _) => avg_pool2d(
            x,
            AvgPoolOptions {
                kernel_size: [*kernel; 2],
                stride: [*stride; 2],
                padding: [(0, 0); 2],
                count_include_pad: false,
                ceil_mode: false,
            },
        ),
        (Op::GlobalAvgPool, _) => {
            let [batch, channels, height, width] = x.dims();
            x.reshape([batch, channels, height * width]).mean_dim(2).reshape([batch, channels, 1, 1])
        }
        (Op::Add, _) => inputs.fold(x, |sum, other| sum + other),
        (op, _) => unreachable!("layer {} is a {} without its parameters", layer.name, op.kind()),
    }
}

fn activate(x: Tensor<4>, activation: Activation) -> Tensor<4> {
    match activation {
        Activation::Identity => x,
        Activation::Relu => relu(x),
        Activation::Relu6 => x.clamp(0.0, 6.0),
        Activation::ScaledTanh => tanh(x * (2.0 / 3.0)) * 1.7159,
    }
}
