//! Attention maps for every target: tests/golden/attention.json, and the rows of weights that maps are made of.

use std::borrow::Cow;

use convscope::engine::attention::{Method, Options, cam, map};
use convscope::engine::{Device, Network};
use convscope::graph::tensors::TensorSpec;
use convscope::graph::{Graph, Shape};
use convscope::networks::card;
use convscope::weights::{Tensor, Weights};
use serde_json::Value;

use super::{folded, input};

pub(crate) const REGENERATE: &str = "python3 tests/golden/attention.py";

/// Compares the maps of every network whose id `wanted` takes with PyTorch's. Returns how many were compared, and the worst
/// difference as a share of the greatest magnitude in its map.
///
/// By [`Method::Cam`] the maps of networks that have it are compared, with their sum; by [`Method::HiResCam`] all.
pub(crate) async fn worst(device: &Device, method: Method, wanted: impl Fn(&str) -> bool) -> (usize, f32) {
    let golden: Value = serde_json::from_str(include_str!("../golden/attention.json")).unwrap();
    let class = golden["class"].as_u64().unwrap() as usize;
    let (mut compared, mut worst) = (0, 0.0f32);
    for golden in golden["maps"].as_array().unwrap() {
        let (id, layer) = (golden["network"].as_str().unwrap(), golden["layer"].as_str().unwrap());
        let is_cam = golden["cam"].as_bool().unwrap();
        if !wanted(id) || (method == Method::Cam && !is_cam) {
            continue;
        }
        let published = (card(id).unwrap().graph)();
        let (graph, weights) = folded(&published, &Weights::formula(&published).unwrap());
        let input = input(&graph, golden);
        let network = Network::new(graph, &weights, device).unwrap();
        let options = Options { class: Some(class), method: Some(method), layer: Some(layer.into()) };
        let found = map(&network, &input, &options, async |_, _| Ok(())).await.unwrap();
        assert_eq!((found.method, found.layer.as_str(), found.class), (method, layer, class), "{id}");
        let shape: Vec<usize> = serde_json::from_value(golden["shape"].clone()).unwrap();
        assert_eq!([found.cells.height, found.cells.width], shape[..], "{id}: {layer}");
        let expected: Vec<f32> = serde_json::from_value(golden["map"].clone()).unwrap();
        let greatest = expected.iter().fold(0.0f32, |greatest, value| greatest.max(value.abs()));
        assert_eq!(found.cells.data.len(), expected.len(), "{id}: {layer}");
        for (found, expected) in found.cells.data.iter().zip(&expected) {
            let off = (found - expected).abs() / greatest;
            assert!(off < 1e-2, "{id}: {layer}: {found} for {expected}; {REGENERATE}");
            worst = worst.max(off);
        }
        if method == Method::Cam {
            let sum: f32 = found.cells.data.iter().sum();
            let logit = network.logits(input).await.unwrap()[class];
            let bias = bias(network.graph(), &weights, class);
            let scale: f32 = found.cells.data.iter().map(|cell| cell.abs()).sum();
            assert!((sum + bias - logit).abs() < 1e-5 * scale, "{id}: the cells add up to {sum}, not {logit} − {bias}");
        }
        compared += 1;
    }
    (compared, worst)
}

/// The bias of a class's logit; 0 where the last layer has none.
fn bias(graph: &Graph, weights: &Weights, class: usize) -> f32 {
    let Some(layer) = cam::ending(graph).unwrap().unwrap().linear else { return 0.0 };
    weights.tensor(&format!("{}.bias", graph.layers()[layer].name)).unwrap().dequantise()[class]
}

/// Whether the rows of linear layers come back from a device as they were loaded, in every format and with sizes that fill
/// neither a group nor a word nor a workgroup's outputs.
pub(crate) async fn rows_come_back(device: &Device) {
    let (inputs, outputs) = (101, 300);
    let mut graph = Graph::new(Shape::vector(inputs));
    graph.linear("linear", outputs);
    let weights: Vec<f32> = (0..inputs * outputs).map(|i| (i as f32 * 0.37).sin() * (1 + i % 7) as f32).collect();
    let formats = [
        ("single precision", Tensor::F32(weights.clone())),
        ("half precision", Tensor::f16(&weights)),
        ("8 bits", Tensor::int8(&weights, outputs)),
        ("8 bits in groups", Tensor::int8_groups(&weights, inputs)),
        ("4 bits", Tensor::int4(&weights, inputs)),
    ];
    for (format, tensor) in formats {
        let values = |spec: &TensorSpec| {
            Ok(if spec.name == "linear.weight" {
                Cow::Borrowed(&tensor)
            } else {
                Cow::Owned(Tensor::F32(vec![0.5; outputs]))
            })
        };
        let network = Network::from_tensors(graph.clone(), values, device).unwrap();
        let expected = tensor.dequantise();
        for output in [0, 1, 31, 32, 127, 128, outputs - 1] {
            let row = network.linear_row(0, output).await.unwrap();
            assert_eq!(row, expected[output * inputs..][..inputs], "row {output} in {format} on {device:?}");
        }
    }
}
