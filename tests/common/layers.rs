//! Small graphs, one for each way a kernel can go: our kernels against burn's operations, and both against PyTorch's values.

use std::borrow::Cow;

use convscope::engine::{Device, Network};
use convscope::frame::Input;
use convscope::graph::tensors::TensorSpec;
use convscope::graph::{Activation, Graph, Lrn, Node, Shape};
use convscope::weights::{Tensor, Weights};

/// A name, what is computed, and how the linear layers' weights are kept.
type Case = (&'static str, Graph, fn(&[f32], usize) -> Tensor);

fn conv(name: &'static str, input: [usize; 3], build: impl Fn(&mut Graph)) -> Case {
    let mut graph = Graph::new(Shape::new(input[0], input[1], input[2]));
    build(&mut graph);
    (name, graph, |weights, _| Tensor::F32(weights.to_vec()))
}

fn linear(name: &'static str, input: [usize; 3], outputs: usize, values: fn(&[f32], usize) -> Tensor) -> Case {
    let mut graph = Graph::new(Shape::new(input[0], input[1], input[2]));
    graph.linear("linear", outputs).relu();
    (name, graph, values)
}

fn cases() -> Vec<Case> {
    let lrn = Lrn { size: 5, alpha: 0.3, beta: 0.75, k: 1.0 };
    vec![
        conv("three channels, kernel 7, stride 2", [3, 23, 19], |g| {
            g.conv("a", 10, 7).stride(2).pad(3).relu();
        }),
        conv("one channel, tanh", [1, 12, 12], |g| {
            g.conv("a", 6, 5).activation(Activation::ScaledTanh);
            g.conv("b", 7, 3).activation(Activation::Sigmoid);
        }),
        conv("TensorFlow's padding on an even side", [4, 10, 10], |g| {
            g.conv("a", 8, 3).stride(2).same().activation(Activation::Swish);
        }),
        conv("pointwise, channels that fill no vector", [7, 5, 6], |g| {
            g.conv("a", 13, 1).no_bias();
            g.conv("b", 30, 1).stride(2).activation(Activation::Relu6);
        }),
        conv("F(4×4), whole tiles and more channels than a round", [16, 32, 32], |g| {
            g.conv("a", 20, 3).pad(1).relu();
        }),
        conv("F(4×4), tiles over the edge", [17, 29, 26], |g| {
            g.conv("a", 18, 3).pad(1);
        }),
        conv("F(4×4) without padding", [16, 31, 27], |g| {
            g.conv("a", 16, 3);
        }),
        conv("F(2×2), tiles over the edge", [16, 7, 9], |g| {
            g.conv("a", 24, 3).pad(1).relu();
        }),
        conv("groups, direct and by Winograd", [32, 14, 15], |g| {
            g.conv("a", 64, 5).pad(2).groups(2).relu();
            g.conv("b", 64, 3).pad(1).groups(2).relu();
        }),
        conv("depthwise, rows that do not divide evenly", [12, 9, 11], |g| {
            g.conv("a", 12, 3).pad(1).groups(12).activation(Activation::Relu6);
            g.conv("b", 12, 5).stride(2).same().groups(12);
            g.conv("c", 12, 7).pad(3).groups(12);
        }),
        conv("depthwise on three pixels", [8, 3, 3], |g| {
            g.conv("a", 8, 3).stride(2).pad(1).groups(8);
        }),
        conv("an addition behind each kind of convolution", [16, 13, 13], |g| {
            for (name, kernel, groups) in [("a", 1, 1), ("b", 3, 1), ("c", 5, 1), ("d", 3, 16), ("e", 3, 2)] {
                let shortcut = g.cursor();
                g.conv(name, 16, kernel).pad(kernel / 2).groups(groups);
                g.add(format!("{name} sum"), shortcut).relu();
            }
        }),
        conv("additions that stand alone", [8, 6, 6], |g| {
            let first = g.conv("a", 8, 1).relu().node();
            g.conv("b", 8, 3).pad(1).relu();
            let second = g.add("sum", first).node();
            g.max_pool("pool", 3, 1).pad(1);
            g.add("sum of all", second).relu();
        }),
        conv("pooling with padding and beyond the edge", [6, 14, 11], |g| {
            g.max_pool("a", 3, 2).pad(1);
            g.max_pool("b", 3, 2).ceil();
            g.avg_pool("c", 2, 1).pad(1);
        }),
        conv("normalisation over neighbours", [18, 5, 4], |g| {
            g.lrn("a", lrn);
            g.lrn("b", Lrn { size: 3, alpha: 0.2, beta: 0.6, k: 2.0 });
            g.conv("c", 6, 1).activation(Activation::Sigmoid); // what pads its channels to whole vectors becomes 0.5
            g.lrn("d", lrn);
        }),
        conv("normalisation over the picture, channels that fill no vector", [6, 9, 7], |g| {
            g.conv("a", 10, 3).pad(1);
            g.instance_norm("b", 1e-3).relu();
            g.conv("c", 5, 3).pad(1);
            g.instance_norm("d", 1e-5);
        }),
        conv("a concatenation, its parts read elsewhere too", [8, 10, 10], |g| {
            let input = g.cursor();
            let one = g.conv("one", 8, 1).relu().node();
            let two = g.at(input).conv("two", 20, 3).pad(1).relu().node();
            g.at(input).max_pool("pool", 3, 1).pad(1);
            let three = g.conv("three", 16, 5).pad(2).node();
            g.concat("all", &[one, two, three]);
            g.conv("behind", 12, 3).pad(1).relu();
            let behind = g.cursor();
            g.at(two).conv("sibling", 12, 3).pad(1);
            g.add("sum", behind);
        }),
        conv("squeeze and excite", [20, 9, 9], |g| {
            let value = g.conv("value", 20, 3).pad(1).groups(20).activation(Activation::Swish).node();
            g.global_avg_pool("squeeze");
            g.conv("reduce", 6, 1).activation(Activation::Swish);
            g.conv("expand", 20, 1).activation(Activation::Sigmoid);
            g.scale("excite", value);
        }),
        linear("linear, single precision", [9, 3, 5], 11, |weights, _| Tensor::F32(weights.to_vec())),
        linear("linear, half precision", [50, 1, 1], 8, |weights, _| Tensor::f16(weights)),
        linear("linear, 8 bits", [21, 4, 3], 10, Tensor::int8),
        linear("linear, 8 bits, a wide one", [2500, 1, 1], 21, Tensor::int8),
        linear("linear, 8 bits in groups", [45, 3, 3], 9, |weights, outputs| {
            Tensor::int8_groups(weights, weights.len() / outputs)
        }),
        linear("linear, 4 bits", [25, 3, 3], 7, |weights, outputs| Tensor::int4(weights, weights.len() / outputs)),
    ]
}

/// Values of PyTorch's for a graph of one layer, whose input is `torch.arange(float(n)).mul(0.37).sin()`.
struct Reference {
    /// What PyTorch calls the layer.
    name: &'static str,
    graph: Graph,
    /// The layer's tensors, by what PyTorch calls them within the layer.
    tensors: Vec<(&'static str, Vec<f32>)>,
    /// What computes `values`, where `F` is `torch.nn.functional` and `x` the input.
    code: &'static str,
    /// `[channels, height, width]`
    values: Vec<f32>,
}

fn references() -> Vec<Reference> {
    let graph = |channels, height, width, build: &dyn Fn(&mut Graph) -> Node| {
        let mut graph = Graph::new(Shape::new(channels, height, width));
        build(&mut graph);
        graph
    };
    let instance_norm = [
        -0.793576, -0.295014, 0.136069, 0.44133, 0.579451, 0.53174, 1.618739, 1.135038, 0.52545, -0.127523, -0.735502,
        -1.216202, 1.607252, 1.739103, 1.317822, 0.400429, -0.888912, -2.375695, -4.242466, -1.355671, 0.678644,
        1.585147, 1.241146, -0.306798, -0.11097, -0.27445, -0.449102, -0.61129, -0.739062, -0.815125,
    ];
    vec![
        Reference {
            name: "avg_pool2d",
            graph: graph(2, 3, 4, &|g| g.avg_pool("layer", 3, 2).pad(1).node()),
            tensors: vec![],
            code: "F.avg_pool2d(x, 3, 2, 1, count_include_pad=False)",
            values: vec![0.579693, 0.702248, 0.487614, 0.127348, -0.576702, -0.250508, 0.386686, 0.633726],
        },
        Reference {
            name: "instance_norm",
            graph: graph(5, 2, 3, &|g| g.instance_norm("layer", 1e-3).node()),
            tensors: vec![("weight", vec![0.5, 1.0, -1.5, 2.0, 0.25]), ("bias", vec![0.1, 0.2, 0.3, -0.4, -0.5])],
            code: "F.instance_norm(x, weight=weight, bias=bias, eps=1e-3)",
            values: instance_norm.into(),
        },
    ]
}

/// The greatest difference from PyTorch's values, of their greatest magnitude; its name and the code to compute them with.
async fn worst_from_pytorch(device: &Device) -> (String, f32) {
    let mut worst = (String::new(), 0.0);
    for Reference { name, graph, tensors, code, values } in references() {
        let shape = graph.input();
        let input = Input { values: (0..shape.elements()).map(|i| (i as f32 * 0.37).sin()).collect(), shape };
        let tensor = |spec: &TensorSpec| {
            let (_, values) = tensors.iter().find(|(part, _)| spec.name == format!("layer.{part}")).unwrap();
            Ok(Cow::Owned(Tensor::F32(values.clone())))
        };
        let network = Network::from_tensors(graph, tensor, device).unwrap();
        let found = network.logits(input).await.unwrap();
        assert_eq!(found.len(), values.len(), "{name}");
        let off = difference(&values, &found);
        if off >= worst.1 {
            worst = (format!("{name}: {code}"), off);
        }
    }
    worst
}

/// The greatest difference, of the greatest expected magnitude.
fn difference(expected: &[f32], found: &[f32]) -> f32 {
    let greatest = expected.iter().fold(0.0f32, |greatest, value| greatest.max(value.abs()));
    let off = expected.iter().zip(found).map(|(a, b)| (a - b).abs() / greatest);
    off.fold(0.0, |most: f32, off| if off.is_nan() { f32::INFINITY } else { most.max(off) })
}

/// The worst case's name and difference, of the greatest magnitude of what is expected: of PyTorch's values for burn and for
/// `device`, and of burn's values for `device`, over every layer of every graph.
pub(crate) async fn worst(device: &Device) -> (String, f32) {
    let burn = Device::Burn(burn::tensor::Device::flex());
    let mut worst = worst_from_pytorch(&burn).await;
    let from_pytorch = worst_from_pytorch(device).await;
    if from_pytorch.1 >= worst.1 {
        worst = from_pytorch;
    }
    for (name, graph, linear) in cases() {
        let weights = Weights::formula(&graph).unwrap();
        let values = |tensor: &TensorSpec| {
            let values = weights.tensor(&tensor.name)?;
            Ok(match tensor.shape[..] {
                [outputs, _] => Cow::Owned(linear(&values.dequantise(), outputs)),
                _ => Cow::Borrowed(values),
            })
        };
        let shape = graph.input();
        let input = Input { values: (0..shape.elements()).map(|i| (i as f32 * 0.37).sin()).collect(), shape };
        let all: Vec<Node> = graph.layers().iter().filter_map(|layer| graph.node(&layer.name)).collect();
        // All layers at once, and the last one alone: then additions run in convolutions.
        for outputs in [all, vec![graph.output()]] {
            let run = async |device: &Device| {
                let network = Network::from_tensors(graph.clone(), values, device).unwrap();
                network.activations(&input, &outputs).await.unwrap()
            };
            for (expected, found) in run(&burn).await.iter().zip(run(device).await) {
                assert_eq!(expected.len(), found.len(), "{name}");
                let off = difference(expected, &found);
                if off >= worst.1 {
                    worst = (name.into(), off);
                }
            }
        }
    }
    worst
}
