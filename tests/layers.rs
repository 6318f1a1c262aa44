//! The layers for inference of every network against what PyTorch counts in them, number by number.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::HashMap;

use convscope::graph::receptive_field::Extent;
use convscope::graph::summary::{LayerSummary, inference_summary, summary, totals};
use convscope::networks::CARDS;
use serde::Deserialize;

const REGENERATE: &str = "if the network itself has changed, write tests/golden/layers.json anew with \
                          `python3 tests/golden/layers.py`";

/// What `tests/golden/layers.py` writes.
#[derive(Deserialize)]
struct Golden {
    networks: HashMap<String, Vec<Counted>>,
}

/// A layer: its name, the layers that it reads, `[channels, height, width]`, parameters, multiply–accumulates, kernel, stride,
/// groups, start, size and step of its receptive field, and whether only auxiliary outputs need it.
#[derive(Debug, Deserialize, PartialEq)]
struct Counted(
    String,
    Vec<String>,
    [usize; 3],
    usize,
    u64,
    Option<usize>,
    Option<usize>,
    Option<usize>,
    i64,
    i64,
    i64,
    bool,
);

impl Counted {
    /// What PyTorch counts too. In which order a layer reads its inputs is left to the graph.
    fn of(layer: &LayerSummary) -> Self {
        let Extent { start, size, step } = layer.receptive_field.columns;
        Self(
            layer.name.clone(),
            sorted(layer.inputs.clone()),
            [layer.output.channels, layer.output.height, layer.output.width],
            layer.parameters,
            layer.macs,
            layer.window.map(|window| window.kernel),
            layer.window.map(|window| window.stride),
            layer.groups,
            start,
            size,
            step,
            layer.auxiliary,
        )
    }
}

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort_unstable();
    names
}

#[test]
fn every_layer_is_what_pytorch_counts() {
    let golden: Golden = serde_json::from_str(include_str!("golden/layers.json")).unwrap();
    assert_eq!(golden.networks.len(), CARDS.len(), "{REGENERATE}");
    for card in CARDS {
        let expected = golden.networks[card.id].iter();
        let mut expected: HashMap<&str, &Counted> = expected.map(|layer| (layer.0.as_str(), layer)).collect();
        for layer in inference_summary(&(card.graph)()).unwrap() {
            let counted = expected.remove(layer.name.as_str());
            let counted = counted.unwrap_or_else(|| panic!("{}: PyTorch has no {}; {REGENERATE}", card.id, layer.name));
            assert_eq!(&Counted::of(&layer), counted, "{}: ours on the left; {REGENERATE}", card.id);
            let [channels, height, width] = counted.2;
            assert_eq!(layer.activation_bytes(), 4 * channels * height * width, "{}: {}", card.id, layer.name);
        }
        assert!(expected.is_empty(), "{}: the graph lacks {:?}; {REGENERATE}", card.id, expected.keys());
    }
}

/// JavaScript gets one number for both axes.
#[test]
fn rows_and_columns_are_alike() {
    for card in CARDS {
        for layer in inference_summary(&(card.graph)()).unwrap() {
            assert_eq!(layer.output.height, layer.output.width, "{}: {}", card.id, layer.name);
            assert_eq!(layer.receptive_field.rows, layer.receptive_field.columns, "{}: {}", card.id, layer.name);
        }
    }
}

/// Folding moves numbers from layer to layer and loses none.
#[test]
fn layers_add_up_to_their_networks() {
    for card in CARDS {
        let published = (card.graph)();
        let layers = inference_summary(&published).unwrap();
        let main = || layers.iter().filter(|layer| !layer.auxiliary);
        let sums = (main().map(|layer| layer.parameters).sum(), main().map(|layer| layer.macs).sum());
        assert_eq!(sums, totals(&published).unwrap(), "{}", card.id);
        let all: usize = layers.iter().map(|layer| layer.parameters).sum();
        let trained: usize = summary(&published).unwrap().iter().map(|layer| layer.parameters).sum();
        assert_eq!(all, trained, "{}: with auxiliary outputs", card.id);
    }
}
