//! What the gradient lab's scenarios claim happens: each one is trained here, on three seeds. Needs MNIST's files in
//! `CONVSCOPE_MNIST`.
#![cfg(all(feature = "train", feature = "burn"))]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "common/fixtures.rs"]
mod fixtures;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use burn::tensor::Device;
use convscope::convert::export::digits;
use convscope::lab::{Config, Lab};
use convscope::networks::card;
use convscope::train::digits::Digits;
use convscope::train::mnist;
use convscope::train::{Divergence, StepReport};
use serde_json::{Map, Value};

const SCENARIOS: &str = include_str!("../www/lab/scenarios.json");
const SEEDS: [u64; 3] = [1, 2, 3];
/// Over so many last steps the accuracy is taken.
const LAST: usize = 50;

/// A finished experiment.
struct Run {
    layers: Vec<String>,
    reports: Vec<StepReport>,
    diverged: Option<Divergence>,
    /// The share of unseen digits that are read.
    test: f32,
}

impl Run {
    fn new(settings: &Map<String, Value>, steps: usize, (training, test): (Digits, Digits)) -> Self {
        let config: Config = serde_json::from_value(settings.clone().into()).unwrap();
        let mut lab = Lab::new(config, training, test, Device::flex()).unwrap();
        let reports = pollster::block_on(lab.step(steps)).unwrap();
        let (test, _) = pollster::block_on(lab.test()).unwrap();
        let layers = lab.layers().map(String::from).collect();
        Self { layers, reports, diverged: lab.diverged().cloned(), test }
    }

    /// The norms of the last step's gradients, by layer.
    fn gradients(&self) -> Vec<f32> {
        self.reports.last().unwrap().layers.iter().map(|layer| layer.gradient).collect()
    }

    /// The first layer's gradient as a share of the last layer's.
    fn ratio(&self) -> f32 {
        let gradients = self.gradients();
        gradients[0] / gradients[gradients.len() - 1]
    }

    fn over_last_steps(&self, value: impl Fn(&StepReport) -> f32) -> f32 {
        let last = &self.reports[self.reports.len().saturating_sub(LAST)..];
        last.iter().map(value).sum::<f32>() / last.len() as f32
    }

    /// The share of the digits of the last batches that were read.
    fn accuracy(&self) -> f32 {
        self.over_last_steps(|report| report.accuracy)
    }

    fn loss(&self) -> f32 {
        self.over_last_steps(|report| report.loss)
    }

    /// Where it stopped, which must be a layer of the network, within so many steps.
    fn stopped_within(&self, steps: usize) -> &Divergence {
        let divergence = self.diverged.as_ref().expect("a value that is not finite");
        assert!(divergence.step <= steps && self.layers.contains(&divergence.layer), "{divergence}");
        divergence
    }
}

fn least(values: &[f32]) -> f32 {
    values.iter().copied().fold(f32::INFINITY, f32::min)
}

fn greatest(values: &[f32]) -> f32 {
    values.iter().copied().fold(0.0, f32::max)
}

fn scenarios() -> Value {
    serde_json::from_str(SCENARIOS).unwrap()
}

fn scenario(id: &str) -> Value {
    let all = scenarios();
    all["scenarios"].as_array().unwrap().iter().find(|scenario| scenario["id"] == id).unwrap().clone()
}

/// The base with these changes, one after the other.
fn settings<'a>(changes: impl IntoIterator<Item = &'a Value>, seed: u64) -> Map<String, Value> {
    let mut settings = scenarios()["base"].as_object().unwrap().clone();
    changes.into_iter().filter_map(Value::as_object).for_each(|changes| settings.extend(changes.clone()));
    settings.insert("seed".into(), seed.into());
    settings
}

/// MNIST's folder, or nothing where the running test is skipped.
fn folder() -> Option<PathBuf> {
    let Some(folder) = std::env::var_os("CONVSCOPE_MNIST") else {
        fixtures::skip_or_fail("MNIST", "CONVSCOPE_MNIST names no folder; `cargo xtask test native` sets it");
        return None;
    };
    let images = fixtures::file(Path::new(&folder).join("train-images-idx3-ubyte"), "cargo xtask setup --tests")?;
    images.parent().map(Path::to_owned)
}

/// The digits of the page, to train with and to test with.
fn page_digits(folder: &Path) -> (Digits, Digits) {
    static DIGITS: OnceLock<(Digits, Digits)> = OnceLock::new();
    DIGITS.get_or_init(|| Digits::read(&digits::safetensors(folder).unwrap()).unwrap()).clone()
}

/// Trains a scenario's first run and its second one as long as the page says, on each seed, and hands them to `claim`. A third
/// run may have `more` changes than the first one.
fn claims(id: &str, more: Option<&Value>, claim: impl Fn(&Run, Option<&Run>, Option<&Run>)) {
    let Some(folder) = folder() else { return };
    claims_on(id, &page_digits(&folder), more, claim);
}

/// As [`claims`], with these digits to train and to test with.
fn claims_on(
    id: &str,
    digits: &(Digits, Digits),
    more: Option<&Value>,
    claim: impl Fn(&Run, Option<&Run>, Option<&Run>),
) {
    let scenario = scenario(id);
    let steps = scenario["steps"].as_u64().unwrap() as usize;
    for seed in SEEDS {
        let run = |change: Option<&Value>| {
            let settings = settings([&scenario["settings"]].into_iter().chain(change), seed);
            Run::new(&settings, steps, digits.clone())
        };
        let first = run(None);
        let change = &scenario["change"];
        let second = change.is_object().then(|| run(Some(change)));
        let third = more.map(|more| run(Some(more)));
        for (name, run) in [("first", Some(&first)), ("second", second.as_ref()), ("third", third.as_ref())] {
            let Some(run) = run else { continue };
            let stopped = run.diverged.as_ref().map(ToString::to_string).unwrap_or_default();
            println!(
                "{id}, seed {seed}, {name}: accuracy {:.3}, loss {:.3}, test {:.3}, gradients {} {stopped}",
                run.accuracy(),
                run.loss(),
                run.test,
                run.gradients().iter().map(|norm| format!("{norm:.1e}")).collect::<Vec<_>>().join(" ")
            );
        }
        claim(&first, second.as_ref(), third.as_ref());
    }
}

/// As [`claims`], for a scenario with two runs.
fn claims_of_two(id: &str, claim: impl Fn(&Run, &Run)) {
    claims(id, None, |first, second, _| claim(first, second.unwrap()));
}

#[test]
fn the_list_is_what_the_page_and_these_tests_know() {
    let ids = [
        "vanishing",
        "relu-he",
        "degradation",
        "shortcuts",
        "auxiliary",
        "batch-norm",
        "exploding",
        "clipping",
        "initialisation",
        "dropout",
        "lenet5",
    ];
    let all = scenarios();
    let all = all["scenarios"].as_array().unwrap();
    assert_eq!(all.iter().map(|scenario| scenario["id"].as_str().unwrap()).collect::<Vec<_>>(), ids);
    for scenario in all {
        for part in ["title", "text", "look", "cure"] {
            assert!(!scenario[part].as_str().unwrap().is_empty(), "{scenario}");
        }
        for part in ["text", "title", "authors", "url"] {
            assert!(!scenario["paper"][part].as_str().unwrap().is_empty(), "{scenario}");
        }
        assert!(scenario["paper"]["url"].as_str().unwrap().starts_with("https://"), "{scenario}");
        let changed = scenario["change"].as_object().map_or(0, Map::len);
        assert!(changed <= 1, "two runs differ in one thing: {scenario}");
        for network in scenario["networks"].as_array().unwrap() {
            card(network.as_str().unwrap()).unwrap();
        }
        for changes in [vec![&scenario["settings"]], vec![&scenario["settings"], &scenario["change"]]] {
            let config: Config = serde_json::from_value(settings(changes, 1).into()).unwrap();
            config.check().unwrap();
        }
    }
}

#[test]
fn sigmoid_vanishes() {
    claims("vanishing", None, |run, _, _| {
        let gradients = run.gradients();
        assert!((1e-13..1e-11).contains(&run.ratio()), "{}", run.ratio());
        // The first layer has more weights than the others.
        assert!(gradients[1..20].is_sorted(), "it falls from each layer to the one before it");
        assert!(run.accuracy() < 0.2 && run.test < 0.2);
    });
}

#[test]
fn relu_brings_the_gradient_back() {
    claims_of_two("relu-he", |sigmoid, relu| {
        assert!(sigmoid.ratio() < 1e-4 && relu.ratio() > 0.1, "{} {}", sigmoid.ratio(), relu.ratio());
        let gradients = relu.gradients();
        assert!(greatest(&gradients) < 30.0 * least(&gradients), "nearly level: {gradients:?}");
        assert!(sigmoid.test < 0.2 && relu.test > 0.5);
    });
}

#[test]
fn thirty_layers_learn_worse_than_ten() {
    claims_of_two("degradation", |ten, thirty| {
        assert!(ten.accuracy() > thirty.accuracy() + 0.2, "also on what they are trained with");
        assert!(ten.test > thirty.test + 0.2 && ten.loss() + 0.5 < thirty.loss());
        let gradients = thirty.gradients();
        assert!(least(&gradients) > 0.01 * greatest(&gradients), "no layer's gradient has vanished");
    });
}

#[test]
fn shortcuts_make_thirty_layers_learn() {
    claims_of_two("shortcuts", |plain, shortcuts| {
        assert!(shortcuts.test > plain.test + 0.3 && shortcuts.accuracy() > plain.accuracy() + 0.3);
        assert!(shortcuts.test > 0.8);
    });
}

#[test]
fn auxiliary_classifiers_feed_the_lower_layers() {
    claims_of_two("auxiliary", |plain, auxiliary| {
        let gradients = auxiliary.gradients();
        let of = |name: &str| gradients[auxiliary.layers.iter().position(|layer| layer == name).unwrap()];
        assert!(gradients[0] > 1e6 * plain.gradients()[0]);
        // Layers 6 and 13 feed the classifiers, so that those behind them get less.
        assert!(of("layer6") > 10.0 * of("layer7") && of("layer13") > 10.0 * of("layer14"));
        assert!(auxiliary.test < 0.2, "that alone is no cure");
    });
}

#[test]
fn batch_normalisation_allows_ten_times_the_rate() {
    let slower = serde_json::json!({ "rate": 0.1 });
    claims("batch-norm", Some(&slower), |plain, normalised, slower| {
        plain.stopped_within(20);
        assert!(normalised.unwrap().test > 0.8 && normalised.unwrap().diverged.is_none());
        assert!(slower.unwrap().test > 0.8, "a tenth of the rate needs no normalisation");
    });
}

#[test]
fn too_large_a_rate_explodes() {
    claims_of_two("exploding", |large, small| {
        let stop = large.stopped_within(20);
        assert_eq!(large.reports.len(), stop.step - 1, "the history stays");
        let losses: Vec<f32> = large.reports.iter().map(|report| report.loss).collect();
        assert!(losses[losses.len() - 1] > 1e3 * losses[0], "{losses:?}");
        let ends = [&large.reports[0], &large.reports[large.reports.len() - 1]].map(|report| &report.layers);
        assert!(ends[0].iter().zip(ends[1]).all(|(first, last)| last.gradient > 1e3 * first.gradient), "in all layers");
        assert!(small.diverged.is_none() && small.test > 0.7);
    });
}

#[test]
fn clipping_tames_it() {
    claims_of_two("clipping", |plain, clipped| {
        plain.stopped_within(20);
        assert!(clipped.diverged.is_none() && clipped.test > 0.8);
    });
}

#[test]
fn weights_must_begin_neither_too_small_nor_too_large() {
    let good = serde_json::json!({ "initialisation": "he" });
    claims("initialisation", Some(&good), |small, large, good| {
        assert!(small.reports[0].layers.iter().all(|layer| layer.gradient < 1e-4), "minute from the first step on");
        assert!(small.test < 0.2 && small.accuracy() < 0.2);
        let large = large.unwrap();
        large.stopped_within(10);
        assert!(large.reports[0].loss > 1e3, "{}", large.reports[0].loss);
        assert!(good.unwrap().test > 0.7);
    });
}

#[test]
fn lenet5_learns() {
    claims("lenet5", None, |run, _, _| {
        assert!(run.accuracy() > 0.7 && run.test > 0.85, "{} {}", run.accuracy(), run.test);
        let gradients = run.gradients();
        assert!(gradients.len() == 5 && greatest(&gradients) < 100.0 * least(&gradients), "{gradients:?}");
    });
}

#[test]
fn dropout_helps_with_few_digits() {
    let Some(folder) = folder() else { return };
    // A thousand digits are too few for a difference of one in a hundred.
    let digits = (page_digits(&folder).0, mnist::test(&folder).unwrap());
    let gains = std::cell::RefCell::new(Vec::new());
    claims_on("dropout", &digits, None, |plain, dropout, _| {
        let dropout = dropout.unwrap();
        assert!(plain.accuracy() > 0.99, "it knows its digits by heart");
        assert!(plain.test < plain.accuracy() - 0.1, "and does clearly worse on others");
        assert!(dropout.loss() > 5.0 * plain.loss(), "it fits them less exactly: {} {}", dropout.loss(), plain.loss());
        gains.borrow_mut().push(dropout.test - plain.test);
    });
    let gains = gains.into_inner();
    assert!(gains.iter().all(|&gain| gain > 0.002), "{gains:?}");
    assert!(gains.iter().sum::<f32>() / SEEDS.len() as f32 > 0.005, "{gains:?}");
}
