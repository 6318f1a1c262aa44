//! The CPU's 8-bit arithmetic: layer by layer against the same arithmetic in plain loops, and whole networks against single
//! precision on real photos and digits.
#![cfg(feature = "convert")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "common/fixtures.rs"]
mod fixtures;

use std::borrow::Cow;
use std::path::Path;

use convscope::convert::quantise::agreement::{agreement, logits};
use convscope::convert::quantise::crops;
use convscope::engine::{Arithmetic, CpuOptions, Device, Network, random};
use convscope::frame::{Frame, Input};
use convscope::graph::tensors::TensorSpec;
use convscope::graph::{Activation, Graph, Node, Shape};
use convscope::networks::card;
use convscope::weights::{Tensor, Weights};

/// 8 bits, also instead of F(2×2, 3×3).
fn int8() -> CpuOptions {
    CpuOptions { arithmetic: Arithmetic::Int8, dot8: true, ..CpuOptions::default() }
}

/// A convolution or a linear layer whose output is compared.
struct Case {
    name: &'static str,
    graph: Graph,
    /// The layer, the value that it reads, and one that is added before its activation.
    layer: &'static str,
    input: Node,
    residual: Option<Node>,
    kernel: usize,
    stride: usize,
    padding: usize,
    groups: usize,
    activation: Activation,
    /// What the network is given.
    value: fn(usize) -> f32,
}

fn waves(index: usize) -> f32 {
    (index as f32 * 0.7).sin()
}

/// A convolution behind two that stay in single precision and pass both signs on.
fn conv(
    name: &'static str,
    [channels, height, width]: [usize; 3],
    [outputs, kernel, stride, padding, groups]: [usize; 5],
    activation: Activation,
) -> Case {
    let mut graph = Graph::new(Shape::new(3, height, width));
    let _ = graph.conv("first", 3, 1);
    let input = graph.conv("before", channels, 1).node();
    let layer = graph.conv("layer", outputs, kernel).stride(stride).pad(padding).groups(groups);
    let _ = layer.activation(activation);
    let (layer, residual, value) = ("layer", None, waves as fn(usize) -> f32);
    Case { name, graph, layer, input, residual, kernel, stride, padding, groups, activation, value }
}

fn cases() -> Vec<Case> {
    use Activation::{Identity, Relu, Relu6, ScaledTanh, Sigmoid, Swish, Tanh};
    let mut cases = vec![
        conv("pointwise", [32, 9, 7], [48, 1, 1, 0, 1], Identity),
        conv("3×3, stride 2, a zero point in the halo", [16, 11, 9], [24, 3, 2, 1, 1], Relu),
        conv("5×5", [12, 8, 8], [16, 5, 1, 2, 1], Relu6),
        conv("3×3 where F(2×2) would be taken", [32, 7, 7], [32, 3, 1, 1, 1], Swish),
        conv("groups", [32, 14, 15], [64, 5, 1, 2, 2], Tanh),
        conv("groups of four channels", [16, 6, 5], [16, 3, 2, 1, 4], Sigmoid),
        conv("channels that fill no vector", [7, 5, 6], [13, 3, 2, 1, 1], ScaledTanh),
        conv("more channels than a panel", [36, 5, 5], [61, 1, 1, 0, 1], Relu),
        conv("pointwise, stride 2", [40, 9, 9], [44, 1, 2, 0, 1], Relu),
        conv("one pixel", [40, 1, 1], [52, 1, 1, 0, 1], Tanh),
        conv("two pixels", [32, 1, 2], [36, 1, 1, 0, 1], Identity),
    ];
    for (name, value) in [
        ("zeros", (|_| 0.0) as fn(usize) -> f32),
        ("a constant", |_| -0.75),
        ("a great value among small ones", |index| if index == 9 { 1e4 } else { 1e-2 }),
    ] {
        cases.push(Case { value, ..conv(name, [12, 6, 6], [20, 3, 2, 1, 1], Identity) });
    }
    cases.push({
        let mut case = conv("a residual", [40, 8, 8], [40, 1, 1, 0, 1], Identity);
        let residual = case.input;
        let _ = case.graph.add("sum", residual).relu();
        Case { layer: "sum", residual: Some(residual), activation: Relu, ..case }
    });
    cases.push({
        let mut graph = Graph::new(Shape::new(3, 8, 9));
        let a = graph.conv("a", 8, 1).node();
        let b = graph.at(Node::INPUT).conv("b", 12, 1).node();
        let c = graph.at(Node::INPUT).conv("c", 4, 1).node();
        let layer = graph.at(b).conv("layer", 16, 3).pad(1).node();
        let _ = graph.concat("all", &[a, b, c]);
        let _ = graph.conv("as wide", 16, 1);
        let _ = graph.add("sum", layer);
        Case { graph, input: b, ..conv("a part of a concatenation", [12, 8, 9], [16, 3, 1, 1, 1], Identity) }
    });
    cases.push({
        let mut graph = Graph::new(Shape::new(3, 8, 9));
        let a = graph.conv("a", 16, 1).node();
        let b = graph.at(Node::INPUT).conv("b", 20, 1).node();
        let all = graph.concat("all", &[a, b]).node();
        let _ = graph.conv("layer", 36, 1).relu();
        Case { graph, input: all, ..conv("a concatenation", [36, 8, 9], [36, 1, 1, 0, 1], Relu) }
    });
    for (name, inputs, outputs) in [("linear", 64, 40), ("linear, odd sizes", 37, 11)] {
        let mut graph = Graph::new(Shape::new(3, 1, 1));
        let input = graph.conv("before", inputs, 1).node();
        let _ = graph.linear("layer", outputs).relu();
        let _ = graph.linear("behind", 5);
        cases.push(Case { graph, input, ..conv(name, [inputs, 1, 1], [outputs, 1, 1, 0, 1], Relu) });
    }
    cases
}

/// Weights with a bias; with `half`, those of convolutions in half precision, which has no 8-bit values.
fn tensor(spec: &TensorSpec, half: bool) -> Tensor {
    match random::tensor(spec, 3) {
        Tensor::F32(values) => Tensor::F32((0..values.len()).map(|i| (i as f32 * 1.1).cos() * 0.3).collect()),
        other if half && spec.shape.len() == 4 => Tensor::f16(&other.dequantise()),
        other => other,
    }
}

/// What a layer gives, and what each element may be off by from single precision: `[outputs, height', width']`.
struct Expected {
    values: Vec<f32>,
    bounds: Vec<f32>,
}

/// The layer before its activation in plain loops.
fn expected(case: &Case, input: &[f32], half: bool, shapes: [Shape; 2]) -> Expected {
    let [from, to] = shapes;
    let shape = [to.channels, from.channels / case.groups, case.kernel, case.kernel];
    let linear = matches!(case.name, name if name.starts_with("linear"));
    let shape = if linear { shape[..2].to_vec() } else { shape.to_vec() };
    let weight = tensor(&TensorSpec { name: "layer.weight".into(), shape, trained: true }, half);
    let bias =
        tensor(&TensorSpec { name: "layer.bias".into(), shape: vec![to.channels], trained: true }, half).dequantise();
    let exact = weight.dequantise();
    let (weights, scales) = match weight {
        Tensor::Int8 { values, scale } => (values, scale),
        _ => match Tensor::int8(&exact, to.channels) {
            Tensor::Int8 { values, scale } => (values, scale),
            _ => unreachable!(),
        },
    };
    let (least, greatest) = input.iter().fold((0.0f32, 0.0f32), |(least, most), x| (least.min(*x), most.max(*x)));
    let spread = greatest - least;
    let (step, inverse) = if spread > 0.0 { (spread / 127.0, 127.0 / spread) } else { (0.0, 0.0) };
    let zero = (-least * inverse).round_ties_even().clamp(0.0, 127.0) as i32;
    let value = |x: f32| ((x * inverse).round_ties_even() as i32 + zero).clamp(0, 127);
    let (mut values, mut bounds) = (Vec::new(), Vec::new());
    let inputs = from.channels / case.groups;
    for output in 0..to.channels {
        for y in 0..to.height {
            for x in 0..to.width {
                let (mut sum, mut bound) = (0, 0.0);
                for channel in 0..inputs {
                    for tap in 0..case.kernel * case.kernel {
                        let y = (y * case.stride + tap / case.kernel) as isize - case.padding as isize;
                        let x = (x * case.stride + tap % case.kernel) as isize - case.padding as isize;
                        if y < 0 || x < 0 || y >= from.height as isize || x >= from.width as isize {
                            continue;
                        }
                        let plane = output / (to.channels / case.groups) * inputs + channel;
                        let input = input[(plane * from.height + y as usize) * from.width + x as usize];
                        let at = (output * inputs + channel) * case.kernel * case.kernel + tap;
                        sum += i32::from(weights[at]) * (value(input) - zero);
                        // An input is off by a step at most, a weight by half of its own.
                        bound += exact[at].abs() * step + (input.abs() + step) * scales[output] / 2.0;
                    }
                }
                values.push(sum as f32 * (scales[output] * step) + bias[output]);
                bounds.push(bound);
            }
        }
    }
    Expected { values, bounds }
}

fn activated(activation: Activation, x: f32) -> f32 {
    match activation {
        Activation::Identity => x,
        Activation::Relu => x.max(0.0),
        Activation::Relu6 => x.clamp(0.0, 6.0),
        Activation::ScaledTanh => 1.7159 * (x * 2.0 / 3.0).tanh(),
        Activation::Tanh => x.tanh(),
        Activation::Sigmoid => 1.0 / (1.0 + (-x).exp()),
        Activation::Swish => x / (1.0 + (-x).exp()),
    }
}

fn magnitude(values: &[f32]) -> f32 {
    values.iter().fold(1e-20, |greatest, value| greatest.max(value.abs()))
}

#[test]
fn layers_are_the_same_arithmetic_in_plain_loops() {
    for case in cases() {
        for half in [false, true] {
            let graph = &case.graph;
            let values = |spec: &TensorSpec| Ok(Cow::Owned(tensor(spec, half)));
            let run = |device: Device| {
                let network = Network::from_tensors(graph.clone(), values, device).unwrap();
                let shape = graph.input();
                let input = Input { values: (0..shape.elements()).map(case.value).collect(), shape };
                let mut outputs = vec![case.input, graph.node(case.layer).unwrap()];
                // So that the layer's input lies among the others.
                outputs.extend(graph.node("all"));
                pollster::block_on(network.activations(&input, &outputs)).unwrap()
            };
            let (found, single) = (run(Device::CpuWith(int8())), run(Device::Cpu));
            assert_eq!(found[0], single[0], "{}: the first layers are in single precision", case.name);
            let shapes = graph.shapes().unwrap();
            let shape = |node: Node| shapes[node.index()];
            let shapes = [shape(case.input), shape(graph.node(case.layer).unwrap())];
            let Expected { values, bounds } = expected(&case, &found[0], half, shapes);
            assert_eq!(values.len(), found[1].len(), "{}", case.name);
            let greatest = magnitude(&values).max(1.0);
            for (index, (value, bound)) in values.iter().zip(&bounds).enumerate() {
                let residual = if case.residual.is_some() { found[0][index] } else { 0.0 };
                let expected = activated(case.activation, value + residual);
                let (eight, exact) = (found[1][index], single[1][index]);
                let off = (eight - expected).abs() / greatest;
                assert!(off < 2e-5, "{}, {half}: element {index} is {eight}, not {expected}", case.name);
                // No activation function is steeper than 1.15.
                let allowed = bound * 1.15 + greatest * 1e-5;
                assert!((eight - exact).abs() <= allowed, "{}, {half}: {eight} for {exact}", case.name);
            }
        }
    }
}

#[test]
fn weights_of_linear_layers_are_those_that_are_multiplied() {
    let mut graph = Graph::new(Shape::new(3, 1, 1));
    let _ = graph.conv("before", 37, 1);
    let _ = graph.linear("layer", 21);
    for format in
        [|t: Tensor| t, |t: Tensor| Tensor::int4(&t.dequantise(), 37), |t: Tensor| Tensor::f16(&t.dequantise())]
    {
        let values = |spec: &TensorSpec| {
            let tensor = tensor(spec, false);
            Ok(Cow::Owned(if spec.shape.len() == 2 { format(tensor) } else { tensor }))
        };
        let network = |device: Device| Network::from_tensors(graph.clone(), values, device).unwrap();
        let (eight, single) = (network(Device::CpuWith(int8())), network(Device::Cpu));
        for output in [0, 15, 16, 20] {
            let row = |network: &Network| pollster::block_on(network.linear_row(1, output)).unwrap();
            assert_eq!(row(&eight), row(&single));
        }
        assert!(pollster::block_on(eight.linear_row(0, 0)).is_err());
    }
}

#[test]
fn every_network_runs_in_8_bits_and_gives_the_same_again() {
    for id in ["squeezenet1_1", "googlenet", "mobilenet_v2", "resnet18", "alexnet"] {
        let Ok(card) = card(id) else { panic!("{id}") };
        let graph = card.inference();
        let shape = graph.input();
        let input = Input { values: (0..shape.elements()).map(waves).collect(), shape };
        let run = |options: CpuOptions| {
            let network = Network::random(graph.clone(), 5, Device::CpuWith(options)).unwrap();
            let first = pollster::block_on(network.logits(input.clone())).unwrap();
            let all: Vec<Node> = graph.heads().iter().map(|head| head.node).chain([graph.output()]).collect();
            assert_eq!(pollster::block_on(network.activations(&input, &all)).unwrap().pop().unwrap(), first, "{id}");
            assert_eq!(pollster::block_on(network.logits(input.clone())).unwrap(), first, "{id}");
            first
        };
        let exact = run(CpuOptions::default());
        for dot8 in [false, true] {
            let eight = run(CpuOptions { dot8, ..int8() });
            assert_ne!(eight, exact, "{id}: nothing is in 8 bits");
            let cosine = agreement(std::slice::from_ref(&exact), &[eight]).unwrap().lowest_cosine;
            println!("{id}, {dot8}: cosine {cosine}");
            assert!(cosine > 0.98, "{id}: {cosine}");
        }
    }
}

/// What is installed, with this arithmetic; nothing where the test is skipped.
fn installed(id: &str, device: Device) -> Option<Network> {
    let folder = fixtures::file(Path::new("www/weights").join(id), "cargo xtask weights")?;
    let (_, shards) = convscope::convert::export::install::installed(&folder).unwrap();
    let graph = card(id).unwrap().inference();
    let weights = Weights::read(&graph, &shards).unwrap();
    Some(Network::new(graph, &weights, device).unwrap())
}

#[test]
fn photos_are_recognised_as_in_single_precision() {
    let Some(photos) = fixtures::file(Path::new("www/samples").into(), "cargo xtask setup") else { return };
    for id in ["squeezenet1_1", "efficientnet_lite0", "efficientnet_lite1", "efficientnet_lite2"] {
        let (Some(exact), Some(eight)) = (installed(id, Device::Cpu), installed(id, Device::CpuWith(int8()))) else {
            return;
        };
        let inputs = crops::inputs(card(id).unwrap().preprocessing(), std::slice::from_ref(&photos), 59).unwrap();
        let agreement = agreement(&logits(&exact, &inputs).unwrap(), &logits(&eight, &inputs).unwrap()).unwrap();
        println!("{id}: {agreement:?}");
        assert!(inputs.len() >= 200);
        assert!(agreement.top1 >= 0.98, "{id}: {agreement:?}");
        assert!(agreement.lowest_cosine > 0.99, "{id}: {agreement:?}");
    }
}

/// Needs MNIST's files in `CONVSCOPE_MNIST`.
#[test]
fn digits_are_read_as_in_single_precision() {
    let Some(folder) = std::env::var_os("CONVSCOPE_MNIST") else {
        fixtures::skip_or_fail("MNIST", "CONVSCOPE_MNIST names no folder; `cargo xtask test native` sets it");
        return;
    };
    let path = Path::new(&folder).join("t10k-images-idx3-ubyte");
    let Some(images) = fixtures::file(path, "cargo xtask setup --tests") else { return };
    let images = std::fs::read(images).unwrap();
    let (Some(exact), Some(eight)) = (installed("lenet5", Device::Cpu), installed("lenet5", Device::CpuWith(int8())))
    else {
        return;
    };
    // Behind a header of 16 bytes, 28 rows of 28 bytes, ink on black: frames are ink on paper.
    let inputs: Vec<Input> = images[16..]
        .chunks_exact(28 * 28)
        .map(|picture| {
            let frame: Vec<u8> = picture.iter().flat_map(|&ink| [255 - ink, 255 - ink, 255 - ink, 255]).collect();
            Input::from_frame(&Frame::new(&frame, 28, 28).unwrap(), card("lenet5").unwrap().preprocessing())
        })
        .collect();
    assert_eq!(inputs.len(), 10_000);
    let agreement = agreement(&logits(&exact, &inputs).unwrap(), &logits(&eight, &inputs).unwrap()).unwrap();
    println!("{agreement:?}");
    assert!(f64::from(agreement.top1) >= 0.998, "{agreement:?}");
}
