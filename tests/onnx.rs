//! What is written as ONNX computes, by ONNX's own definitions, what the engine computes.
#![cfg(all(feature = "convert", feature = "burn"))]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "common/onnx.rs"]
mod onnx;

use std::fs;
use std::path::PathBuf;

use burn::tensor::Device;
use convscope::convert::onnx::{export, write};
use convscope::engine::Network;
use convscope::engine::random;
use convscope::frame::Input;
use convscope::graph::activation::{SCALED_TANH_AMPLITUDE, SCALED_TANH_SLOPE};
use convscope::graph::tensors::tensor_specs;
use convscope::graph::{Activation, Graph, Lrn, Shape};
use convscope::networks::{CARDS, card};
use convscope::weights::Weights;
use serde_json::{Value, json};

fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("onnx").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn input(shape: Shape) -> Vec<f32> {
    (0..shape.elements()).map(|i| (i as f32 * 0.37).sin()).collect()
}

/// Greatest difference, relative to the greatest of the engine's logits.
fn off(graph: &Graph, weights: &Weights, found: &[f32]) -> f32 {
    let network = Network::new(graph.clone(), weights, &Device::flex()).unwrap();
    let input = Input { values: input(graph.input()), shape: graph.input() };
    let expected = pollster::block_on(network.logits(input)).unwrap();
    assert_eq!(expected.len(), found.len());
    let greatest = expected.iter().fold(0.0f32, |greatest, value| greatest.max(value.abs()));
    assert!(greatest > 0.0);
    expected.iter().zip(found).fold(0.0f32, |off, (a, b)| off.max((a - b).abs())) / greatest
}

/// Every operation, padding and activation that a graph may have, and two auxiliary outputs that are left out.
fn everything() -> Graph {
    let mut g = Graph::new(Shape::rgb(21));
    g.conv("wide", 12, 5).stride(2).same().activation(Activation::Swish);
    g.batch_norm("alone", 1e-3).relu();
    g.lrn("neighbours", Lrn { size: 5, alpha: 0.3, beta: 0.75, k: 2.0 });
    g.max_pool("hanging", 3, 2).ceil();
    let trunk = g.cursor();
    g.global_avg_pool("aside_pool");
    g.linear("aside", 7);
    g.head(0.3);
    let grouped = g.at(trunk).conv("grouped", 8, 3).groups(4).pad(1).activation(Activation::Relu6).node();
    let depthwise = g.at(trunk).conv("depthwise", 12, 3).groups(12).same().no_bias().node();
    let pooled = g.at(trunk).max_pool("padded", 3, 1).pad(1).node();
    let mean = g.at(trunk).avg_pool("mean", 3, 1).pad(1).node();
    let joined = g.concat("joined", &[grouped, depthwise, pooled, mean]).node();
    g.avg_pool("hanging_mean", 2, 2).ceil();
    let value = g.cursor();
    g.global_avg_pool("squeeze");
    g.linear("gate", 44).activation(Activation::Sigmoid);
    g.scale("gated", value);
    g.conv("straight", 6, 1).activation(Activation::ScaledTanh);
    let shortcut = g.cursor();
    g.conv("again", 6, 3).pad(1);
    g.add("sum", shortcut).relu();
    g.linear("hidden", 9).relu();
    let hidden = g.cursor();
    g.linear("same", 9);
    g.add("vectors", hidden);
    g.linear("out", 5);
    assert_eq!(g.shapes().unwrap()[joined.layer().unwrap() + 1].channels, 44);
    g
}

#[test]
fn every_operation_is_onnxs() {
    let (graph, folder) = (everything(), folder("everything"));
    let weights = Weights::formula(&graph).unwrap();
    let (nodes, extents) = write("everything", &graph, &weights, &folder).unwrap();
    let written = onnx::read(&folder.join("everything.onnx"));
    assert_eq!(written.node.len(), nodes);
    assert!(written.node.iter().all(|node| !node.name.starts_with("aside")), "an auxiliary output was written");
    assert!(!extents.contains_key("aside.weight"));
    let found = onnx::run(&written, &folder, input(graph.input()));
    let off = off(&graph, &weights, &found.elements);
    assert!(off < 1e-5, "off by {off}");
}

#[test]
fn lenet5_as_installed_is_exported() {
    let folder = folder("lenet5");
    let card = card("lenet5").unwrap();
    let exported = export(card, "www/weights".as_ref(), None, &folder).unwrap();
    assert!(!exported.random);
    let description: Value = serde_json::from_slice(&fs::read(folder.join("lenet5.json")).unwrap()).unwrap();
    assert_eq!(description["shards"][0], "lenet5/weights-00001-of-00001.safetensors");
    // bench/page/peers/tensorflow_network.js computes activation functions by these steps.
    let first = &description["layers"][0];
    assert_eq!(first["activation"], "ScaledTanh");
    let steps = &first["activation_steps"];
    let constant = |step: usize| steps[step]["reads"][1]["Constant"].as_f64().unwrap() as f32;
    assert_eq!((constant(0), constant(2)), (SCALED_TANH_SLOPE, SCALED_TANH_AMPLITUDE));
    let expected = json!([
        { "op_type": "Mul", "reads": ["Argument", { "Constant": steps[0]["reads"][1]["Constant"] }] },
        { "op_type": "Tanh", "reads": ["Previous"] },
        { "op_type": "Mul", "reads": ["Previous", { "Constant": steps[2]["reads"][1]["Constant"] }] },
    ]);
    assert_eq!(*steps, expected);
    let shard = fs::read("www/weights/lenet5/weights-00001-of-00001.safetensors").unwrap();
    let weights = Weights::read(&card.inference(), &[shard]).unwrap();
    let found = onnx::run(&onnx::read(&folder.join("lenet5.onnx")), &folder, input(card.inference().input()));
    assert!(off(&card.inference(), &weights, &found.elements) < 1e-5);
}

/// SqueezeNet ends with a pooling: its logits are flattened.
#[test]
fn random_weights_are_written_as_the_engine_loads_them() {
    let folder = folder("random");
    let card = card("squeezenet1_1").unwrap();
    let refused = export(card, &folder, None, &folder).unwrap_err().to_string();
    assert!(refused.contains("--random SEED"), "{refused}");
    assert!(export(card, &folder, Some(7), &folder).unwrap().random);

    let graph = card.inference();
    let description: Value = serde_json::from_slice(&fs::read(folder.join("squeezenet1_1.json")).unwrap()).unwrap();
    assert_eq!(description["seed"], 7);
    let shards = description["shards"].as_array().unwrap().iter();
    let shards: Vec<Vec<u8>> = shards.map(|name| fs::read(folder.join(name.as_str().unwrap())).unwrap()).collect();
    let weights = Weights::read(&graph, &shards).unwrap();
    // Where the description says that a tensor lies, the elements are those that the engine computes with.
    let elements = fs::read(folder.join("squeezenet1_1.bin")).unwrap();
    for layer in description["layers"].as_array().unwrap() {
        for (part, extent) in layer["tensors"].as_object().unwrap() {
            let [offset, length] = ["offset", "length"].map(|key| extent[key].as_u64().unwrap() as usize);
            let bytes = &elements[offset..offset + length];
            let found: Vec<f32> = bytes.as_chunks().0.iter().map(|&four| f32::from_le_bytes(four)).collect();
            let name = format!("{}.{part}", layer["name"].as_str().unwrap());
            assert_eq!(found, weights.tensor(&name).unwrap().dequantise(), "{name}");
        }
    }
    for tensor in tensor_specs(&graph).unwrap() {
        assert_eq!(*weights.tensor(&tensor.name).unwrap(), random::tensor(&tensor, 7), "{}", tensor.name);
    }
    let written = onnx::read(&folder.join("squeezenet1_1.onnx"));
    assert_eq!(written.node.last().unwrap().op_type, "Flatten");
}

/// Every network's nodes, in the file's order, with one output of as many elements as classes.
#[test]
fn every_network_can_be_written() {
    let folder = folder("all");
    for card in CARDS.iter().filter(|card| card.parameters < 10_000_000) {
        export(card, &folder, Some(1), &folder).unwrap();
        let written = onnx::read(&folder.join(format!("{}.onnx", card.id)));
        let mut known: Vec<&str> = written.initializer.iter().map(|tensor| tensor.name.as_str()).collect();
        known.push("input");
        for node in &written.node {
            assert!(node.input.iter().all(|name| known.contains(&name.as_str())), "{}: {}", card.id, node.name);
            assert!(!known.contains(&node.output[0].as_str()), "{}: {} twice", card.id, node.name);
            known.push(&node.output[0]);
        }
        let output = written.output[0].kind.as_ref().unwrap().tensor.as_ref().unwrap().shape.as_ref().unwrap();
        let shape: Vec<i64> = output.dim.iter().map(|dim| dim.value).collect();
        assert_eq!(shape, [1, card.labels.count() as i64], "{}", card.id);
        assert!(known.contains(&written.output[0].name.as_str()), "{}", card.id);
    }
}
