//! What native tests and tests in the browser share: gradients beside PyTorch's, of tests/golden/gradients.py.

use burn::tensor::{Device, Tensor, TensorData};
use convscope::graph::{Activation, Graph, Lrn, Node, Shape};
use convscope::lab::config::Function;
use convscope::lab::network::graph as lab_graph;
use convscope::lab::{Config, Family};
use convscope::networks::lenet5::lenet5;
use convscope::train::digits::Batch;
use convscope::train::{Clipping, Initialisation, Optimiser, Settings, Trainer};
use convscope::weights::Weights;

const BATCH: usize = 32;
/// As tests/golden/networks.py fills inputs.
const SALT: u64 = 17;
const MODULUS: u64 = 10_007;
/// Of the greatest norm among a layer's gradients. A bias before batch normalisation has a gradient of 0.
const TOLERANCE: f64 = 1e-3;

/// Name in the golden file, and the graph.
pub(crate) type Case = (&'static str, fn() -> Graph);

pub(crate) const KINDS: &[Case] = &[
    ("convolution", || kind(|g, _| g.conv("a", 6, 3).stride(2).pad(1).node())),
    ("grouped convolution", || kind(|g, _| g.conv("a", 6, 3).pad(1).groups(2).node())),
    ("depthwise convolution", || kind(|g, _| g.conv("a", 4, 3).pad(1).groups(4).node())),
    ("linear", || kind(|g, _| g.linear("a", 5).node())),
    ("batch normalisation", || kind(|g, _| g.batch_norm("a", 1e-5).node())),
    ("instance normalisation", || kind(|g, _| g.instance_norm("a", 1e-5).node())),
    ("max pooling", || kind(|g, _| g.max_pool("a", 3, 2).pad(1).node())),
    ("average pooling", || kind(|g, _| g.avg_pool("a", 3, 2).pad(1).node())),
    ("global average pooling", || kind(|g, _| g.global_avg_pool("a").node())),
    ("local response normalisation", || {
        kind(|g, _| g.lrn("a", Lrn { size: 3, alpha: 0.5, beta: 0.75, k: 1.0 }).node())
    }),
    ("addition", || {
        kind(|g, x| {
            g.conv("a", 4, 1);
            g.add("sum", x).node()
        })
    }),
    ("scaling", || {
        kind(|g, x| {
            g.global_avg_pool("mean");
            g.conv("factors", 4, 1).activation(Activation::Sigmoid);
            g.scale("scaled", x).node()
        })
    }),
    ("concatenation", || {
        kind(|g, x| {
            let one = g.conv("a", 4, 1).node();
            let three = g.at(x).conv("b", 4, 3).pad(1).node();
            g.concat("both", &[one, three]).node()
        })
    }),
    ("relu", || function(Activation::Relu)),
    ("relu6", || {
        kind(|g, _| {
            // Enough channels that some values are beyond 6.
            g.conv("wide", 192, 3);
            g.conv("a", 6, 3).activation(Activation::Relu6).node()
        })
    }),
    ("sigmoid", || function(Activation::Sigmoid)),
    ("tanh", || function(Activation::Tanh)),
    ("scaled tanh", || function(Activation::ScaledTanh)),
    ("swish", || function(Activation::Swish)),
];

pub(crate) const LABS: &[Case] = &[
    ("sigmoid", || lab_graph(&Config { activation: Function::Sigmoid, ..BASE })),
    ("tanh", || lab_graph(&Config { activation: Function::Tanh, depth: 10, ..BASE })),
    ("ten", || lab_graph(&Config { depth: 10, ..BASE })),
    ("relu", || lab_graph(&BASE)),
    ("thirty", || lab_graph(&Config { depth: 30, ..BASE })),
    ("plain", || lab_graph(&Config { depth: 10, batch_norm: true, ..BASE })),
    ("shortcuts", || lab_graph(&Config { depth: 30, batch_norm: true, shortcuts: true, ..BASE })),
    ("odd shortcuts", || lab_graph(&Config { depth: 8, shortcuts: true, ..BASE })),
    ("auxiliary", || lab_graph(&Config { activation: Function::Sigmoid, auxiliary: true, ..BASE })),
    ("normalised", || lab_graph(&Config { depth: 5, batch_norm: true, ..BASE })),
    ("shallow", || lab_graph(&Config { depth: 5, ..BASE })),
    ("wide", || lab_graph(&Config { depth: 2, width: 256, ..BASE })),
    ("convolutional", || lab_graph(&Config { family: Family::Convolutional, depth: 6, width: 8, ..BASE })),
    ("convolutional with all", || {
        let (family, depth, width) = (Family::Convolutional, 7, 8);
        lab_graph(&Config { family, depth, width, batch_norm: true, shortcuts: true, auxiliary: true, ..BASE })
    }),
    ("lenet5", lenet5),
];

const BASE: Config = Config {
    family: Family::Linear,
    depth: 20,
    width: 64,
    activation: Function::Relu,
    initialisation: Initialisation::He,
    batch_norm: false,
    dropout: 0.0,
    shortcuts: false,
    auxiliary: false,
    optimiser: Optimiser::Sgd,
    rate: 0.1,
    clipping: Clipping::None,
    batch: BATCH,
    seed: 1,
    digits: 100,
};

/// Layers between a convolution, so that gradients pass through them, and a linear layer.
fn kind(layers: impl FnOnce(&mut Graph, Node) -> Node) -> Graph {
    let mut g = Graph::new(Shape::new(2, 8, 8));
    let x = g.conv("in", 4, 3).pad(1).activation(Activation::Tanh).node();
    layers(&mut g, x);
    g.linear("out", 10);
    g
}

fn function(activation: Activation) -> Graph {
    kind(|g, _| g.conv("a", 6, 3).activation(activation).node())
}

/// Compares the gradients of graphs with those of a group of the golden file.
pub(crate) async fn compare(group: &str, cases: &[Case], device: &Device) {
    let golden: serde_json::Value = serde_json::from_str(include_str!("../golden/gradients.json")).unwrap();
    let mut names: Vec<&str> = cases.iter().map(|(name, _)| *name).collect();
    names.sort_unstable();
    let mut there: Vec<&String> = golden[group].as_object().unwrap().keys().collect();
    there.sort_unstable();
    assert_eq!(names, there, "what is compared, and what the golden file has");
    let mut worst = (String::new(), 0.0);
    for (name, build) in cases {
        let expected = &golden[group][name]["tensors"];
        let found = gradients(build(), device).await;
        assert_eq!(found.len(), expected.as_object().unwrap().len(), "{name}: tensors with a gradient");
        let norm = |tensor: &str| expected[tensor]["norm"].as_f64().unwrap();
        for (tensor, values) in &found {
            assert!(values.iter().all(|value| value.is_finite()), "{name}: the gradient of {tensor} is not finite");
            let layer = tensor.rsplit_once('.').unwrap().0;
            let weight = found
                .iter()
                .map(|(other, _)| other)
                .filter(|other| other.rsplit_once('.').unwrap().0 == layer || other.starts_with(&format!("{layer}.")));
            let scale = weight.map(|other| norm(other)).fold(0.0, f64::max);
            let square = values.iter().map(|&value| f64::from(value).powi(2)).sum::<f64>();
            let mut off = (square.sqrt() - norm(tensor)).abs();
            let step = expected[tensor]["step"].as_u64().unwrap() as usize;
            let samples = expected[tensor]["values"].as_array().unwrap();
            for (value, expected) in values.iter().step_by(step).zip(samples) {
                off = off.max((f64::from(*value) - expected.as_f64().unwrap()).abs());
            }
            let off = if off == 0.0 { 0.0 } else { off / scale };
            assert!(!off.is_nan(), "{name}: {tensor}");
            if off > worst.1 {
                worst = (format!("{name}: {tensor}"), off);
            }
        }
    }
    assert!(
        worst.1 < TOLERANCE,
        "the gradient of {} differs by {:.1e} of its layer's (made with `python3 tests/golden/gradients.py`)",
        worst.0,
        worst.1
    );
    println!("{group}: the greatest difference is {:.1e}, of {}", worst.1, worst.0);
}

async fn gradients(graph: Graph, device: &Device) -> Vec<(String, Vec<f32>)> {
    let weights = Weights::formula(&graph).unwrap();
    let settings = Settings { optimiser: Optimiser::Sgd, rate: 0.1, decay: 0.0, clipping: Clipping::None, seed: 1 };
    let Shape { channels, height, width } = graph.input();
    let trainer = Trainer::new(graph, |tensor| weights.elements(tensor), settings, device.clone()).unwrap();
    let unit = |i: u64| ((7919 * i + SALT) % MODULUS) as f64 / MODULUS as f64 * 2.0 - 1.0;
    let shape = [BATCH, channels, height, width];
    let values: Vec<f32> = (0..shape.iter().product::<usize>() as u64).map(|i| unit(i) as f32).collect();
    let input = Tensor::from_data(TensorData::new(values, shape), trainer.device());
    let classes = (0..BATCH as u8).map(|index| index % 10).collect();
    let mut found = Vec::new();
    for (name, gradient) in trainer.gradients(Batch { input, classes }).unwrap() {
        found.push((name, gradient.into_data_async().await.unwrap().try_to_vec().unwrap()));
    }
    found
}
