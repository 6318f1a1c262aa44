//! Logits on real photos, against PyTorch's, in single precision and quantised.
//!
//! Needs the photos and official files that `cargo xtask weights` fetches, and the quantised files that it writes of them.
#![cfg(all(feature = "convert", feature = "burn"))]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "common/fixtures.rs"]
mod fixtures;

use std::path::{Path, PathBuf};

use burn::tensor::Device;
use convscope::convert::export::install::installed;
use convscope::convert::quantise::crops::input_of;
use convscope::convert::read::{local, read};
use convscope::engine::Network;
use convscope::networks::squeezenet::SQUEEZENET1_1;
use convscope::networks::{Card, card};
use convscope::prediction::{greatest, softmax};
use convscope::weights::Weights;
use serde_json::Value;

const REGENERATE: &str = "regenerate with: python3 tests/golden/photos.py target/data/official";
const FETCH: &str = "cargo xtask weights";
/// Networks in tests/golden/photos.json, with as many photos each.
const NETWORKS: usize = 4;
const PHOTOS: usize = 3;

/// What SqueezeNet's authors' weights see, and how sure they are: espresso, tripod, Egyptian cat.
const SQUEEZENET_SEES: [(&str, usize, f32); PHOTOS] =
    [("coffee.png", 967, 0.966), ("camera.png", 872, 0.754), ("chelsea.png", 285, 0.439)];

/// A photo's name and PyTorch's values.
type Golden = (String, Value);

/// Each network with its photos.
fn goldens() -> Vec<(&'static Card, Vec<Golden>)> {
    let golden: Value = serde_json::from_str(include_str!("golden/photos.json")).unwrap();
    let networks = golden.as_object().unwrap().clone().into_iter();
    let goldens: Vec<(&Card, Vec<Golden>)> = networks
        .map(|(id, photos)| (card(&id).unwrap(), photos.as_object().unwrap().clone().into_iter().collect()))
        .collect();
    let counts: Vec<usize> = goldens.iter().map(|(_, photos)| photos.len()).collect();
    assert_eq!(counts, [PHOTOS; NETWORKS], "{REGENERATE}");
    goldens
}

fn classes(value: &Value) -> Vec<usize> {
    serde_json::from_value(value.clone()).unwrap()
}

fn floats(value: &Value) -> Vec<f32> {
    serde_json::from_value(value.clone()).unwrap()
}

/// The network with its official weights, in single precision; nothing where the test is skipped.
fn single(card: &Card) -> Option<Network> {
    let data = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("data");
    let official = fixtures::file(data.join("official").join(card.source.file_name().unwrap()), FETCH)?;
    let (graph, weights) = read(card, local(&official).unwrap()).unwrap();
    Some(Network::new(graph, &weights, &Device::flex()).unwrap())
}

/// The network with the quantised weights that are installed, from all their shards; nothing where the test is skipped.
fn quantised(card: &Card) -> Option<Network> {
    let folder = fixtures::file(Path::new("www/weights").join(card.id), FETCH)?;
    let graph = card.inference();
    let (_, shards) = installed(&folder).unwrap();
    let weights = Weights::read(&graph, &shards).unwrap();
    Some(Network::new(graph, &weights, &Device::flex()).unwrap())
}

/// Its logits on a photo; nothing where the test is skipped.
fn logits(network: &Network, card: &Card, photo: &str) -> Option<Vec<f32>> {
    let photo = fixtures::file(PathBuf::from("www/samples").join(photo), "cargo xtask setup")?;
    Some(pollster::block_on(network.logits(input_of(card.preprocessing(), &photo).unwrap())).unwrap())
}

/// Runs `compare` for every network and photo, except for those whose files are missing, which are reported as skipped.
fn each(network: fn(&Card) -> Option<Network>, compare: impl Fn(&Card, &Golden, &[f32])) {
    let (mut compared, mut skipped) = (0, 0);
    for (card, photos) in goldens() {
        let Some(network) = network(card) else {
            skipped += photos.len();
            continue;
        };
        for golden in photos {
            match logits(&network, card, &golden.0) {
                Some(logits) => {
                    compare(card, &golden, &logits);
                    compared += 1;
                }
                None => skipped += 1,
            }
        }
    }
    assert_eq!(compared + skipped, NETWORKS * PHOTOS, "{compared} comparisons, {skipped} skipped");
}

#[test]
fn single_precision_gives_pytorchs_logits() {
    each(single, |card, (photo, golden), logits| {
        let expected = classes(&golden["top5"]);
        assert_eq!(greatest(logits, 5), expected, "{}: {photo}; {REGENERATE}", card.id);
        let five: Vec<f32> = expected.iter().map(|&class| logits[class]).collect();
        let pairs = five.iter().zip(floats(&golden["logits5"]));
        let first = floats(&golden["logits_first8"]);
        let worst = pairs.chain(logits.iter().zip(first)).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        println!("{}: {photo}: greatest difference {worst:.5}", card.id);
        assert!(worst < 1e-3, "{}: {photo}: off by {worst}; {REGENERATE}", card.id);
    });
}

#[test]
fn quantised_weights_see_the_same() {
    each(quantised, |card, (photo, golden), logits| {
        assert_eq!(greatest(logits, 1)[0], classes(&golden["top5"])[0], "{}: {photo}; {REGENERATE}", card.id);
    });
}

#[test]
fn squeezenet_is_as_sure_as_its_authors_weights_are() {
    let (_, photos) = goldens().into_iter().find(|(card, _)| card.id == SQUEEZENET1_1.id).unwrap();
    // The expected probabilities have three digits; the second difference is what 8 bits cost.
    for (network, weights, worst) in
        [(single(&SQUEEZENET1_1), "single precision", 5e-4), (quantised(&SQUEEZENET1_1), "quantised", 0.02)]
    {
        let Some(network) = network else { return };
        for (photo, class, expected) in SQUEEZENET_SEES {
            let Some(logits) = logits(&network, &SQUEEZENET1_1, photo) else { return };
            let found = softmax(&logits)[class];
            let five = greatest(&logits, 5);
            let (_, golden) = photos.iter().find(|(name, _)| name == photo).unwrap();
            println!("{photo}, {weights}: {found:.4}, expected {expected}");
            assert_eq!(five, classes(&golden["top5"]), "{photo}, {weights}; {REGENERATE}");
            assert_eq!(five[0], class, "{photo}, {weights}");
            assert!((found - expected).abs() <= worst, "{photo}, {weights}: {found} instead of {expected}");
        }
    }
}
