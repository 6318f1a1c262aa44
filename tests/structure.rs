//! The graphs: what their cards say is counted again, and folding changes nothing.
#![cfg(all(feature = "convert", feature = "burn"))]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use burn::tensor::Device;
use convscope::convert::{Folded, Official};
use convscope::engine::Network;
use convscope::frame::Input;
use convscope::graph::summary::{summary, totals};
use convscope::graph::tensors::tensor_specs;
use convscope::graph::{Graph, Padding, Shape};
use convscope::networks::{CARDS, card};
use convscope::weights::{Tensor, Weights};

/// Each network's id, the hash of its graph as published, and the hash of its graph for inference.
const HASHES: [(&str, &str, &str); CARDS.len()] = [
    ("lenet5", "8f9623fdeee1a257", "8f9623fdeee1a257"),
    ("alexnet", "b204d10d48004de9", "b204d10d48004de9"),
    ("vgg16", "6538f7c75e0b633f", "6538f7c75e0b633f"),
    ("vgg19", "330c1e0e34a026e1", "330c1e0e34a026e1"),
    ("googlenet", "ea7c9e763d77c0e0", "ea7c9e763d77c0e0"),
    ("resnet18", "24d3a2c490012835", "c2e8f68ec112844b"),
    ("resnet34", "0d0063e819c1c3f3", "0cf4fceb6653984e"),
    ("resnet50", "779514e8e072aeec", "15b0b28d3fa22635"),
    ("resnet101", "bf3ba465d1a19696", "4f98fa042cd3226c"),
    ("resnet152", "f01f940766ed5017", "6c337b46de148ac6"),
    ("squeezenet1_1", "f7f8ae422a1a82a8", "f7f8ae422a1a82a8"),
    ("mobilenet_v2", "e11ec9b6cb49bcc4", "17f5bd4c41010a5b"),
    ("efficientnet_b0", "ced21a496e478dc8", "520335643efb93dd"),
    ("efficientnet_lite0", "69d3140c2854865b", "db778f3c638feb55"),
    ("efficientnet_lite1", "01c9869d1ab7c471", "b9d1b757d6205f78"),
    ("efficientnet_lite2", "5eeab41f46e81395", "7759dd908e9fac1a"),
];

#[test]
fn cards_count_what_their_graphs_hold() {
    for card in CARDS {
        let (parameters, macs) = totals(&(card.graph)()).unwrap();
        assert_eq!(parameters, card.parameters, "{}: parameters", card.id);
        let off = macs.abs_diff(card.macs) as f64 / card.macs as f64;
        assert!(off < 0.005, "{}: {macs} multiply–accumulates, the card says {}", card.id, card.macs);
        let outputs = summary(&(card.graph)()).unwrap().last().unwrap().output;
        assert_eq!(outputs, Shape::vector(card.labels.count()), "{}: classes", card.id);
    }
}

#[test]
fn ids_are_unique_and_layers_too() {
    for (index, card) in CARDS.iter().enumerate() {
        assert!(CARDS[index + 1..].iter().all(|other| other.id != card.id), "{} stands twice", card.id);
        let graph = (card.graph)();
        let mut names: Vec<&str> = graph.layers().iter().map(|layer| layer.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), graph.layers().len(), "{}: a layer's name stands twice", card.id);
    }
    assert_eq!(card("inception").unwrap_err().code(), "unknown-network");
}

#[test]
fn shapes_follow_the_papers() {
    let output = |id: &str, layer: &str| {
        let rows = summary(&(card(id).unwrap().graph)()).unwrap();
        rows.into_iter().find(|row| row.name == layer).unwrap().output
    };
    assert_eq!(output("lenet5", "s2"), Shape::new(6, 14, 14));
    assert_eq!(output("lenet5", "c5"), Shape::vector(120));
    assert_eq!(output("efficientnet_lite0", "conv_stem"), Shape::new(32, 112, 112));
    assert_eq!(output("efficientnet_lite0", "blocks.1.depthwise_conv"), Shape::new(96, 56, 56));
    assert_eq!(output("efficientnet_lite0", "conv_head"), Shape::new(1280, 7, 7));
}

#[test]
fn same_padding_is_tensorflows() {
    assert_eq!(Padding::Same.resolve(224, 3, 2), (0, 1));
    assert_eq!(Padding::Same.resolve(7, 5, 1), (2, 2));
    assert_eq!(Padding::Same.resolve(15, 3, 2), (1, 1));
    assert_eq!(Padding::Same.resolve(4, 1, 2), (0, 0));
    assert_eq!(Padding::Same.resolve(1, 4, 4), (1, 2));
    assert_eq!(Padding::Same.resolve(0, 3, 1), (1, 2));
}

#[test]
fn what_does_not_fit_is_named() {
    let mut g = Graph::new(Shape::rgb(8));
    g.conv("wide", 4, 9);
    assert!(g.shapes().unwrap_err().to_string().contains("\"wide\""));

    let mut g = Graph::new(Shape::rgb(8));
    g.conv("grouped", 4, 3).groups(2);
    assert!(g.shapes().is_err());

    let mut g = Graph::new(Shape::rgb(8));
    let input = g.cursor();
    g.conv("a", 4, 3);
    g.add("sum", input);
    assert!(g.shapes().unwrap_err().to_string().contains("\"sum\""));
}

/// The folded graph with folded weights gives the logits of the graph as published.
#[test]
fn folding_changes_nothing() {
    let mut g = Graph::new(Shape::rgb(9));
    g.conv("a", 6, 3).same().stride(2).no_bias();
    g.batch_norm("a_norm", 1e-3).relu();
    let shortcut = g.cursor();
    g.conv("b", 6, 3).groups(6).pad(1);
    g.batch_norm("b_norm", 1e-5);
    g.add("sum", shortcut).relu();
    g.batch_norm("alone", 1e-3);
    g.global_avg_pool("pool");
    g.linear("out", 5);

    let tensors: Vec<(String, Vec<usize>, Vec<f32>)> = tensor_specs(&g)
        .unwrap()
        .into_iter()
        .enumerate()
        .map(|(number, tensor)| {
            let positive = tensor.name.ends_with("running_var");
            let wave = |i: usize| (i as f32 * 0.91 + number as f32).sin();
            let value = |i: usize| if positive { wave(i).abs() + 0.1 } else { wave(i) };
            let values = (0..tensor.shape.iter().product()).map(value).collect();
            (tensor.name, tensor.shape, values)
        })
        .collect();

    let official = tensors
        .iter()
        .cloned()
        .map(|(name, shape, values)| (name, Official { shape, read: Box::new(move || Ok(values.clone())) }));
    let (folded, folded_weights) = Folded::new(&g, official.collect()).unwrap().all().unwrap();
    let kept: Vec<&str> = folded.layers().iter().map(|layer| layer.name.as_str()).collect();
    assert_eq!(kept, ["a", "b", "sum", "alone", "pool", "out"], "\"alone\" follows no convolution and stays");

    let plain = tensors.into_iter().map(|(name, _, values)| (name, Tensor::F32(values))).collect();
    let before = logits(&g, &Weights::new(&g, plain).unwrap());
    let after = logits(&folded, &folded_weights);
    for (a, b) in before.iter().zip(&after) {
        assert!((a - b).abs() < 1e-5, "{before:?} became {after:?}");
    }
}

fn logits(graph: &Graph, weights: &Weights) -> Vec<f32> {
    let shape = graph.input();
    let input = Input { values: (0..shape.elements()).map(|i| (i as f32 * 0.3).cos()).collect(), shape };
    let network = Network::new(graph.clone(), weights, &Device::flex()).unwrap();
    pollster::block_on(network.logits(input)).unwrap()
}

/// A weight file names the hash of the graph that it was made for and is refused for every other graph.
#[test]
fn graphs_keep_their_hashes() {
    for (card, (id, published, inference)) in CARDS.iter().zip(HASHES) {
        assert_eq!(card.id, id, "the table HASHES has the networks in the order of CARDS");
        for (form, graph, expected) in
            [("published", (card.graph)(), published), ("inference", card.inference(), inference)]
        {
            assert_eq!(
                graph.hash().unwrap(),
                expected,
                "{id}: the hash of the {form} graph has changed, so that every weight file made for {id} will be refused. \
                 If a field, a variant or a layer was only renamed or moved, undo that, or keep its name with serde's \
                 attributes. If the network itself has changed, convert its weights anew with \
                 `cargo xtask weights {id}`, and enter the new hash in HASHES."
            );
        }
    }
}
