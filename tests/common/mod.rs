//! Structure goldens for every target: tests/golden/structure.json against a network with weights from the formula.

use std::collections::HashMap;

use convscope::engine::{Device, Network};
use convscope::frame::Input;
use convscope::graph::fold::fold;
use convscope::graph::tensors::tensor_specs;
use convscope::graph::{Graph, Node};
use convscope::weights::{Tensor, Weights};
use serde_json::Value;

pub(crate) mod attention;
#[cfg(feature = "burn")]
pub(crate) mod layers;

pub(crate) const REGENERATE: &str = "python3 tests/golden/generate.py";

/// The stored numbers of a network.
pub(crate) fn golden(id: &str) -> Value {
    let all: Value = serde_json::from_str(include_str!("../golden/structure.json")).unwrap();
    all["networks"][id].clone()
}

/// `u = 2 · ((7919 i + 17) mod 10007) / 10007 − 1`, times the amplitude.
pub(crate) fn input(graph: &Graph, golden: &Value) -> Input {
    let shape = graph.input();
    let amplitude = golden["amplitude"].as_f64().unwrap();
    let value = |i: usize| {
        let u = ((7919 * i as u64 + 17) % 10_007) as f64 / 10_007.0 * 2.0 - 1.0;
        (u * amplitude) as f32
    };
    Input { values: (0..shape.elements()).map(value).collect(), shape }
}

/// Compares every stored layer that `graph` still has; returns how many that were and the worst relative difference.
pub(crate) async fn compare(id: &str, graph: &Graph, weights: &Weights, device: impl Into<Device>) -> (usize, f64) {
    let golden = golden(id);
    let layers: Vec<(String, Value)> = golden["layers"].as_object().unwrap().clone().into_iter().collect();
    let found: Vec<(Node, &(String, Value))> =
        layers.iter().filter_map(|layer| Some((graph.node(&layer.0)?, layer))).collect();
    let outputs: Vec<Node> = found.iter().map(|(node, _)| *node).collect();
    let network = Network::new(graph.clone(), weights, device).unwrap();
    let values = network.activations(&input(graph, &golden), &outputs).await.unwrap();
    let mut worst = 0.0f64;
    for (value, (_, (layer, expected))) in values.iter().zip(&found) {
        let number = |key: &str| expected[key].as_f64().unwrap();
        assert_eq!(value.len() as f64, number("length"), "{id}: {layer}");
        let step = number("step") as usize;
        for (index, expected) in expected["values"].as_array().unwrap().iter().enumerate() {
            let (a, b) = (f64::from(value[index * step]), expected.as_f64().unwrap());
            let off = (a - b).abs() / number("greatest");
            assert!(off.is_finite() && off < 1e-2, "{id}: {layer}[{}]: {a} for {b}; {REGENERATE}", index * step);
            worst = worst.max(off);
        }
    }
    (found.len(), worst)
}

/// The folded graph and its weights: what `convert` makes of an official file, in a few lines.
pub(crate) fn folded(graph: &Graph, weights: &Weights) -> (Graph, Weights) {
    let (inference, foldings) = fold(graph);
    let numbers = |name: String| weights.tensor(&name).map(Tensor::dequantise);
    let mut tensors = HashMap::new();
    for tensor in tensor_specs(&inference).unwrap() {
        let (layer, part) = tensor.name.rsplit_once('.').unwrap();
        let folding = foldings.iter().find(|folding| folding.conv == layer);
        let values = match folding {
            None => numbers(tensor.name.clone()).unwrap(),
            Some(folding) => {
                let norm = |part: &str| numbers(format!("{}.{part}", folding.batch_norm)).unwrap();
                let (gain, shift) = (norm("weight"), norm("bias"));
                let (mean, variance) = (norm("running_mean"), norm("running_var"));
                let scale = |channel: usize| gain[channel] / (variance[channel] + folding.epsilon).sqrt();
                if part == "bias" {
                    let own = numbers(tensor.name.clone()).unwrap_or_else(|_| vec![0.0; folding.channels]);
                    (0..folding.channels).map(|c| (own[c] - mean[c]) * scale(c) + shift[c]).collect()
                } else {
                    let weights = numbers(tensor.name.clone()).unwrap();
                    let row = weights.len() / folding.channels;
                    weights.iter().enumerate().map(|(index, weight)| weight * scale(index / row)).collect()
                }
            }
        };
        tensors.insert(tensor.name, Tensor::F32(values));
    }
    let weights = Weights::new(&inference, tensors).unwrap();
    (inference, weights)
}
