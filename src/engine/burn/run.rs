//! Runs a graph on burn tensors, for one input or a batch, with or without gradients.

use burn::tensor::Tensor;
use burn::tensor::activation::{relu, sigmoid, silu, tanh};
use burn::tensor::module::{avg_pool2d, conv2d, linear, max_pool2d};
use burn::tensor::ops::{AvgPoolOptions, ConvOptions, MaxPoolOptions};

use super::parameters::Parameters;
use crate::graph::activation::{RELU6_MAXIMUM, SCALED_TANH_AMPLITUDE, SCALED_TANH_SLOPE};
use crate::graph::{Activation, Graph, Layer, Lrn, Node, Op};

/// The `wanted` values, each `[batch, channels, height, width]`, for an input of that form.
///
/// `parameters` holds one entry a layer. Layers that no wanted value needs do not run, and a value is freed as soon as
/// its last reader has run.
pub fn run(graph: &Graph, parameters: &[Parameters], input: Tensor<4>, wanted: &[Node]) -> Vec<Tensor<4>> {
    let needed = graph.needed(wanted);
    let mut last_reader = vec![0; graph.layers().len() + 1];
    for (index, layer) in graph.layers().iter().enumerate().filter(|(index, _)| needed[*index]) {
        layer.inputs.iter().for_each(|node| last_reader[node.0] = index);
    }
    wanted.iter().for_each(|node| last_reader[node.0] = usize::MAX);

    let mut values: Vec<Option<Tensor<4>>> = vec![None; graph.layers().len() + 1];
    values[0] = Some(input);
    for (index, (layer, parameters)) in graph.layers().iter().zip(parameters).enumerate() {
        if !needed[index] {
            continue;
        }
        let inputs = layer.inputs.iter().filter_map(|node| {
            let value = &mut values[node.0];
            if last_reader[node.0] == index { value.take() } else { value.clone() }
        });
        let inputs: Vec<Tensor<4>> = inputs.collect();
        values[index + 1] = Some(activate(apply(layer, parameters, inputs), layer.activation));
    }
    wanted.iter().filter_map(|node| values[node.0].clone()).collect()
}

fn apply(layer: &Layer, parameters: &Parameters, inputs: Vec<Tensor<4>>) -> Tensor<4> {
    if layer.op == Op::Concat {
        return Tensor::cat(inputs, 1);
    }
    let mut inputs = inputs.into_iter();
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
        (Op::MaxPool(pool), _) => max_pool2d(
            x,
            MaxPoolOptions {
                kernel_size: [pool.kernel; 2],
                stride: [pool.stride; 2],
                padding: [(pool.padding, pool.padding); 2],
                dilation: [1, 1],
                ceil_mode: pool.ceil,
            },
        ),
        (Op::AvgPool(pool), _) => avg_pool2d(
            x,
            AvgPoolOptions {
                kernel_size: [pool.kernel; 2],
                stride: [pool.stride; 2],
                padding: [(pool.padding, pool.padding); 2],
                count_include_pad: false,
                ceil_mode: pool.ceil,
            },
        ),
        (Op::GlobalAvgPool, _) => {
            let [batch, channels, height, width] = x.dims();
            x.reshape([batch, channels, height * width]).mean_dim(2).reshape([batch, channels, 1, 1])
        }
        (Op::Lrn(lrn), _) => local_response(x, lrn),
        (Op::Add, _) => inputs.fold(x, |sum, other| sum + other),
        (Op::Scale, _) => inputs.fold(x, |product, factor| product * factor),
        (op, _) => unreachable!("layer {} is a {} without its parameters", layer.name, op.kind()),
    }
}

/// The mean over neighbouring channels is an average pooling over an image whose rows are the channels.
fn local_response(x: Tensor<4>, lrn: &Lrn) -> Tensor<4> {
    let [batch, channels, height, width] = x.dims();
    let squares = (x.clone() * x.clone()).reshape([batch, 1, channels, height * width]);
    let options = AvgPoolOptions {
        kernel_size: [lrn.size, 1],
        stride: [1, 1],
        padding: [(lrn.size / 2, lrn.size / 2), (0, 0)],
        count_include_pad: true,
        ceil_mode: false,
    };
    let means = avg_pool2d(squares, options).reshape([batch, channels, height, width]);
    x * (means * lrn.alpha + lrn.k).powf_scalar(-lrn.beta)
}

fn activate(x: Tensor<4>, activation: Activation) -> Tensor<4> {
    match activation {
        Activation::Identity => x,
        Activation::Relu => relu(x),
        Activation::Relu6 => x.clamp(0.0, RELU6_MAXIMUM),
        Activation::ScaledTanh => tanh(x * SCALED_TANH_SLOPE) * SCALED_TANH_AMPLITUDE,
        Activation::Sigmoid => sigmoid(x),
        Activation::Swish => silu(x),
    }
}
