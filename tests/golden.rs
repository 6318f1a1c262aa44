//! Logits on real photos, against PyTorch's, in single precision and quantised.
//!
//! Regenerate the numbers with tests/golden/photos.py. Without the photos or the weights (`cargo xtask weights` fetches
//! both) a test says so and is skipped.
#![cfg(all(feature = "convert", feature = "burn"))]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::{Path, PathBuf};

use burn::tensor::Device;
use convscope::convert::quantise::agreement::top;
use convscope::convert::quantise::crops::input_of;
use convscope::convert::read::read;
use convscope::engine::Network;
use convscope::networks::squeezenet::SQUEEZENET1_1;
use convscope::networks::{Card, card};
use convscope::prediction::softmax;
use convscope::weights::Weights;
use serde_json::Value;

/// What SqueezeNet's authors' weights see, and how sure they are: espresso, tripod, Egyptian cat.
const SQUEEZENET_SEES: [(&str, usize, f32); 3] =
    [("coffee.png", 967, 0.966), ("camera.png", 872, 0.754), ("chelsea.png", 285, 0.439)];

/// A fetched file, or a line that says what is skipped.
fn fetched(path: PathBuf) -> Option<PathBuf> {
    if !path.exists() {
        println!("skipped: {} was not fetched (cargo xtask weights)", path.display());
    }
    path.exists().then_some(path)
}

fn official(card: &Card) -> Option<PathBuf> {
    let data = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("data");
    fetched(data.join("official").join(card.source.file_name()?))
}

/// Network → photo → numbers.
fn goldens() -> Vec<(&'static Card, Vec<(String, Value)>)> {
    let golden: Value = serde_json::from_str(include_str!("golden/photos.json")).unwrap();
    let networks = golden.as_object().unwrap().clone().into_iter();
    networks
        .map(|(id, photos)| (card(&id).unwrap(), photos.as_object().unwrap().clone().into_iter().collect()))
        .collect()
}

fn indices(value: &Value) -> Vec<usize> {
    serde_json::from_value(value.clone()).unwrap()
}

fn numbers(value: &Value) -> Vec<f32> {
    serde_json::from_value(value.clone()).unwrap()
}

fn run(network: &Network, card: &Card, photo: &str) -> Option<Vec<f32>> {
    let path = fetched(Path::new("www/samples").join(photo))?;
    Some(pollster::block_on(network.logits(input_of(card, &path).unwrap())).unwrap())
}

#[test]
fn single_precision_gives_pytorchs_logits() {
    for (card, photos) in goldens() {
        let Some(network) = single(card) else { continue };
        for (photo, golden) in photos {
            let Some(logits) = run(&network, card, &photo) else { continue };
            let expected = indices(&golden["top5"]);
            assert_eq!(top(&logits, 5), expected, "{}: {photo}", card.id);
            let greatest: Vec<f32> = expected.iter().map(|&class| logits[class]).collect();
            let pairs = greatest.iter().zip(numbers(&golden["logits5"]));
            let first = numbers(&golden["logits_first8"]);
            let worst = pairs.chain(logits.iter().zip(first)).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            println!("{}: {photo}: greatest difference {worst:.5}", card.id);
            assert!(worst < 1e-3, "{}: {photo}: off by {worst}", card.id);
        }
    }
}

/// The network with its official weights, in single precision.
fn single(card: &Card) -> Option<Network> {
    let (graph, weights) = read(card, &official(card)?).unwrap();
    Some(Network::new(graph, &weights, &Device::flex()).unwrap())
}

/// The network with the quantised weights that are installed.
fn quantised(card: &Card) -> Option<Network> {
    let path = fetched(Path::new("www/weights").join(card.id).join("weights-00001-of-00001.safetensors"))?;
    let graph = card.inference();
    let weights = Weights::read(&graph, &[std::fs::read(path).unwrap()]).unwrap();
    Some(Network::new(graph, &weights, &Device::flex()).unwrap())
}

#[test]
fn quantised_weights_see_the_same() {
    for (card, photos) in goldens() {
        let Some(network) = quantised(card) else { continue };
        for (photo, golden) in photos {
            let Some(logits) = run(&network, card, &photo) else { continue };
            assert_eq!(top(&logits, 1)[0], indices(&golden["top5"])[0], "{}: {photo}", card.id);
        }
    }
}

#[test]
fn squeezenet_is_as_sure_as_its_authors_weights_are() {
    // The wanted ones have three digits; the second difference is what 8 bits cost.
    for (network, weights, worst) in
        [(single(&SQUEEZENET1_1), "single precision", 5e-4), (quantised(&SQUEEZENET1_1), "quantised", 0.02)]
    {
        let Some(network) = network else { continue };
        for (photo, class, wanted) in SQUEEZENET_SEES {
            let Some(logits) = run(&network, &SQUEEZENET1_1, photo) else { continue };
            let found = softmax(&logits)[class];
            let five = top(&logits, 5);
            let (_, photos) = goldens().into_iter().find(|(card, _)| card.id == SQUEEZENET1_1.id).unwrap();
            let (_, golden) = photos.into_iter().find(|(name, _)| name == photo).unwrap();
            println!("{photo}, {weights}: {found:.4}, wanted {wanted}");
            assert_eq!(five, indices(&golden["top5"]), "{photo}, {weights}");
            assert_eq!(five[0], class, "{photo}, {weights}");
            assert!((found - wanted).abs() <= worst, "{photo}, {weights}: {found} instead of {wanted}");
        }
    }
}
