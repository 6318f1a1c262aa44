//! The quantised file: what is written is read again, and what is wrong is refused with a sentence.
#![cfg(feature = "convert")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::HashMap;

use convscope::error::Error;
use convscope::graph::tensors::tensor_specs;
use convscope::graph::{Graph, Shape};
use convscope::networks::lenet5::lenet5;
use convscope::weights::{SHARD_BYTES, Tensor, Weights};

fn wave(graph: &Graph) -> HashMap<String, Tensor> {
    let tensors = tensor_specs(graph).unwrap().into_iter().map(|tensor| {
        let length: usize = tensor.shape.iter().product();
        let values: Vec<f32> = (0..length).map(|i| (i as f32 * 0.7).sin()).collect();
        let rounded = match tensor.shape.len() {
            1 => Tensor::F32(values),
            2 if tensor.name.starts_with("output") => Tensor::int4(&values, tensor.shape[1]),
            2 if tensor.name.starts_with("f6") => Tensor::int8_groups(&values, tensor.shape[1]),
            2 => Tensor::f16(&values),
            _ => Tensor::int8(&values, tensor.shape[0]),
        };
        (tensor.name, rounded)
    });
    tensors.collect()
}

fn lenet_file() -> (Graph, Weights, Vec<u8>) {
    let graph = lenet5();
    let weights = Weights::new(&graph, wave(&graph)).unwrap();
    let shards = weights.write(&graph, HashMap::from([("network".into(), "lenet5".into())])).unwrap();
    assert_eq!(shards.len(), 1);
    (graph, weights, shards.into_iter().next().unwrap())
}

fn refusal(graph: &Graph, file: &[u8]) -> String {
    let error = Weights::read(graph, &[file]).unwrap_err();
    assert_eq!(error.code(), "bad-weights");
    error.to_string()
}

#[test]
fn a_file_is_read_as_it_was_written() {
    let (graph, weights, file) = lenet_file();
    assert_eq!(Weights::read(&graph, &[file]).unwrap(), weights);
}

#[test]
fn the_same_weights_give_the_same_file() {
    let graph = lenet5();
    let weights = Weights::new(&graph, wave(&graph)).unwrap();
    let write = || {
        let metadata = ["a", "b", "c", "d", "e"].map(|key| (key.to_string(), format!("\"{key}\"")));
        weights.write(&graph, HashMap::from(metadata)).unwrap()
    };
    let first = write();
    assert!((0..10).all(|_| write() == first), "the order of the header changed");
    assert_eq!(Weights::read(&graph, &first).unwrap(), weights);
}

#[test]
fn large_networks_are_split_into_shards() {
    let mut g = Graph::new(Shape::vector(5000));
    for layer in ["a", "b", "c"] {
        g.linear(layer, 3000);
    }
    let weights = Weights::new(&g, wave(&g)).unwrap();
    let shards = weights.write(&g, HashMap::new()).unwrap();
    assert_eq!(shards.len(), 3, "30, 18 and 18 MB in halves do not share a shard of 24 MiB");
    assert!(shards[1..].iter().all(|shard| shard.len() <= SHARD_BYTES + 4096));
    assert_eq!(Weights::read(&g, &shards).unwrap(), weights);
    let missing = Weights::read(&g, &shards[..2]).unwrap_err().to_string();
    assert!(missing.contains("c.weight is missing"), "{missing}");
}

#[test]
fn damaged_files_are_refused_with_a_sentence() {
    let (graph, _, file) = lenet_file();
    for (what, bytes) in [
        ("half", &file[..file.len() / 2]),
        ("nothing", &[][..]),
        ("one byte short", &file[..file.len() - 1]),
        ("text", b"<!doctype html><title>404</title>"),
    ] {
        let message = refusal(&graph, bytes);
        assert!(message.contains("damaged or cut short"), "{what}: {message}");
    }
    let none: [&[u8]; 0] = [];
    assert!(matches!(Weights::read(&graph, &none), Err(Error::BadWeights(_))));
}

#[test]
fn another_networks_file_is_refused() {
    let (_, _, file) = lenet_file();
    let mut other = Graph::new(Shape::new(1, 32, 32));
    other.linear("output", 10);
    assert!(refusal(&other, &file).contains("made for graph"));
}

#[test]
fn all_faults_are_listed() {
    let graph = lenet5();
    let mut tensors = wave(&graph);
    tensors.remove("c1.bias");
    tensors.insert("f6.bias".into(), Tensor::F32(vec![0.0; 3]));
    tensors.insert("stranger".into(), Tensor::F32(vec![0.0]));
    let message = Weights::new(&graph, tensors).unwrap_err().to_string();
    for fault in ["c1.bias is missing", "f6.bias is [3] instead of [84]", "stranger is not known"] {
        assert!(message.contains(fault), "{message}");
    }
}
