//! Weights of one's own, from a checkpoint to answers: other numbers of classes, their names, and how pictures are prepared.
#![cfg(feature = "convert")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};

use convscope::convert::export::install::{install, installed, row};
use convscope::convert::export::outdated::outdated;
use convscope::convert::export::own::Own;
use convscope::convert::export::packed::{Offer, Packed, folder, packed};
use convscope::convert::quantise::unseen::quantised;
use convscope::convert::read::{Folded, local, open};
use convscope::engine::attention::{Options, map};
use convscope::engine::{Device, Engine, Network};
use convscope::error::Error;
use convscope::frame::{Filter, Framing, Input};
use convscope::graph::Graph;
use convscope::graph::tensors::tensor_specs;
use convscope::networks::{Card, card};
use convscope::prediction::{ClassNames, softmax, top_k};
use convscope::weights::{About, Tensor, Weights};
use convscope_manifest::{ManifestRow, Measured, OfficialFile, OwnWeights};
use safetensors::tensor::{Dtype, TensorView};

fn scratch(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("own").join(name);
    _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// A checkpoint of a graph as published, as safetensors with the names of the graph.
fn checkpoint(name: &str, graph: &Graph) -> PathBuf {
    let weights = Weights::formula(graph).unwrap();
    let stored: Vec<_> = tensor_specs(graph)
        .unwrap()
        .into_iter()
        .map(|spec| {
            let bytes: Vec<u8> =
                weights.elements(&spec).unwrap().iter().flat_map(|value| value.to_le_bytes()).collect();
            (spec.name, spec.shape, bytes)
        })
        .collect();
    let views = stored
        .iter()
        .map(|(name, shape, bytes)| (name.clone(), TensorView::new(Dtype::F32, shape.clone(), bytes).unwrap()));
    let file = scratch(name).join("checkpoint.safetensors");
    fs::write(&file, safetensors::serialize(views, None).unwrap()).unwrap();
    file
}

fn source() -> OfficialFile {
    OfficialFile { from: "checkpoint.safetensors".into(), hash: "00".into() }
}

/// What the reader's build does with a file.
fn converted(card: &Card, file: &Folded, name: &str, labels: Option<&[&str]>, framing: Option<&str>) -> Packed {
    let labels = labels.map(|labels| labels.iter().map(ToString::to_string).collect());
    let own = Own::new(card, name, file.classes().unwrap(), labels, framing).unwrap();
    let (weights, measured) = quantised(file, |_, _| Ok(())).unwrap();
    packed(&Offer::own(card, &own, source()), &file.graph, &weights, measured).unwrap()
}

fn waves(graph: &Graph) -> Input {
    let shape = graph.input();
    Input { values: (0..shape.elements()).map(|i| (i as f32 * 0.37).sin()).collect(), shape }
}

/// The greatest difference between two networks' logits, as a share of the greatest logit.
fn off(exact: &[f32], found: &[f32]) -> f32 {
    let greatest = exact.iter().fold(0.0f32, |greatest, logit| greatest.max(logit.abs()));
    exact.iter().zip(found).map(|(a, b)| (a - b).abs() / greatest).fold(0.0, f32::max)
}

fn logits(network: &Network, input: &Input) -> Vec<f32> {
    pollster::block_on(network.logits(input.clone())).unwrap()
}

#[test]
fn any_number_of_classes_is_answered_with_its_own_names() {
    for (id, labels) in [
        ("squeezenet1_1", &["cat", "dog"][..]),
        ("resnet18", &["rose", "tulip", "lily, white", "aster", "daisy"]),
        ("lenet5", &["anything"]),
    ] {
        let card = card(id).unwrap();
        let file = checkpoint(id, &(card.graph)().with_classes(labels.len()));
        let file = open(card, local(&file).unwrap()).unwrap();
        assert_eq!(file.classes().unwrap(), labels.len());
        let Packed { row, shards } = converted(card, &file, "My own", Some(labels), None);
        assert_eq!(row.own, Some(OwnWeights { name: "My own".into(), classes: labels.len() }));
        assert_eq!((row.id.as_str(), row.variant.as_str()), (id, "my_own"));
        assert_eq!(row.graph, file.graph.hash().unwrap());
        assert_eq!(row.source, source());
        assert!(row.shards[0].file.starts_with(&format!("{id}-my_own/weights-00001-of-")), "{:?}", row.shards);
        let Measured::Weights(error) = row.measured else { panic!("{:?}", row.measured) };
        assert!(error.greatest_error > 0.0 && error.greatest_error < 0.02, "{error:?}");

        let exact =
            |spec: &convscope::graph::tensors::TensorSpec| Ok(Cow::Owned(Tensor::F32(file.elements(spec).unwrap())));
        let exact = Network::from_tensors(file.graph.clone(), exact, Device::Cpu).unwrap();
        let input = waves(&file.graph);
        let expected = logits(&exact, &input);
        assert_eq!(expected.len(), labels.len());
        let mut devices = vec![Device::Cpu];
        #[cfg(feature = "burn")]
        devices.push(Device::Burn(burn::tensor::Device::flex()));
        for device in devices {
            let loaded = Engine::new(device).read(id, shards.clone()).unwrap();
            let found = logits(&loaded.network, &input);
            assert!(off(&expected, &found) < 0.05, "{id}: {found:?} for {expected:?}");
            let top = top_k(&softmax(&found), &loaded.about.names, 5);
            assert_eq!(top.len(), labels.len().min(5));
            assert!(top.iter().all(|prediction| prediction.label == labels[prediction.index]));
            assert_eq!(loaded.about.preprocessing, card.preprocessing());
        }
    }
}

#[test]
fn converting_tells_how_far_it_is_and_can_be_given_up() {
    let lenet5 = card("lenet5").unwrap();
    let file = checkpoint("progress", &(lenet5.graph)());
    let file = open(lenet5, local(&file).unwrap()).unwrap();
    let mut told = Vec::new();
    quantised(&file, |done, total| {
        told.push((done, total));
        Ok(())
    })
    .unwrap();
    assert!(told.is_sorted() && told.iter().all(|(_, total)| *total == told[0].1), "{told:?}");
    assert_eq!(told.last().unwrap().0, told[0].1, "it ends at all of them");
    let error = quantised(&file, |_, _| anyhow::bail!("enough")).unwrap_err();
    assert_eq!(error.to_string(), "enough");
}

#[test]
fn attention_maps_know_the_classes_that_there_are() {
    let card = card("squeezenet1_1").unwrap();
    let file = checkpoint("attention", &(card.graph)().with_classes(2));
    let file = open(card, local(&file).unwrap()).unwrap();
    let Packed { shards, .. } = converted(card, &file, "two", None, None);
    let loaded = Engine::new(Device::Cpu).read(card.id, shards).unwrap();
    let input = waves(&file.graph);
    let asked = |class| {
        let options = Options { class: Some(class), method: None, layer: None };
        pollster::block_on(map(&loaded.network, &input, &options, async |_, _| Ok(())))
    };
    assert_eq!(asked(1).unwrap().class, 1);
    assert!(matches!(asked(2), Err(Error::UnknownClass { index: 2, count: 2 })));
}

#[test]
fn a_network_without_auxiliary_outputs_is_loaded_without_them() {
    let card = card("googlenet").unwrap();
    let file = checkpoint("main", &(card.graph)().with_classes(3).without_heads());
    let file = open(card, local(&file).unwrap()).unwrap();
    let Packed { shards, .. } = converted(card, &file, "three", None, None);
    let (about, graph) = About::of(card, &shards).unwrap();
    assert_eq!((about.names.count(), graph.heads().len()), (3, 0));
    let loaded = Engine::new(Device::Cpu).read(card.id, shards).unwrap();
    assert_eq!(logits(&loaded.network, &waves(&graph)).len(), 3);
}

#[test]
fn classes_without_names_get_those_of_the_network_or_numbers() {
    let lenet5 = card("lenet5").unwrap();
    let names = |classes, labels: Option<Vec<String>>| Own::new(lenet5, "x", classes, labels, None).unwrap().labels;
    assert_eq!(names(10, None), None, "as many as the network's");
    assert_eq!(names(2, None).unwrap(), ["class 0", "class 1"]);
    let digits: Vec<String> = (0..10).map(|digit: usize| digit.to_string()).collect();
    assert_eq!(names(10, Some(digits)), None, "the network's own");
    assert_eq!(names(2, Some(vec!["a".into(), "b".into()])).unwrap(), ["a", "b"]);
}

#[test]
fn what_does_not_fit_is_refused_with_a_sentence() {
    let resnet = card("resnet18").unwrap();
    let labels = |names: &[&str]| Some(names.iter().map(ToString::to_string).collect::<Vec<_>>());
    for (name, given, framing, said) in [
        ("q8", None, None, "q8 means something else"),
        ("", None, None, "needs a letter"),
        ("x", labels(&["a", "b"]), None, "There are 2 labels, and 3 are needed"),
        ("x", labels(&["a", " ", "c"]), None, "The label of class 1 is empty"),
        ("x", None, Some("squish"), "“squish” is not a word"),
    ] {
        let error = Own::new(resnet, name, 3, given, framing).unwrap_err().to_string();
        assert!(error.contains(said) && error.ends_with('.'), "{error}");
    }
    let own = Own::new(resnet, "Flowers", 3, None, None).unwrap();
    assert_eq!(own.clone().kept_as(None).unwrap().variant, "flowers");
    assert_eq!(own.clone().kept_as(Some("flowers_2")).unwrap().variant, "flowers_2");
    for variant in ["q4", "Flowers", "a-b"] {
        assert!(own.clone().kept_as(Some(variant)).is_err(), "{variant}");
    }
}

#[test]
fn a_file_says_its_names_and_its_framing_itself() {
    let card = card("squeezenet1_1").unwrap();
    let graph = card.inference().with_classes(2);
    let weights = Weights::formula(&graph).unwrap();
    let shards = |labels: &str, framing: &str| {
        let metadata = [("labels", labels), ("framing", framing)].map(|(key, value)| (key.into(), value.into()));
        weights.write(&graph, metadata.into()).unwrap()
    };
    let (about, found) = About::of(card, &shards(r#"["Grün", "\"rot\""]"#, "squash,half")).unwrap();
    assert_eq!(about.names, ClassNames::Own(vec!["Grün".into(), "\"rot\"".into()]));
    assert_eq!(about.preprocessing.framing, Framing::Squash { side: 227, filter: Filter::Bilinear });
    assert_eq!(found, graph);
    for (labels, framing, said) in [
        ("[1, 2]", "squash", "its labels are no list of names"),
        (r#"["a", "b"]"#, "other", "of its framing, “other”"),
        // More names than the last layer has outputs: made for another graph.
        (r#"["a", "b", "c"]"#, "squash", "they were made for graph"),
    ] {
        let error = Engine::new(Device::Cpu).read(card.id, shards(labels, framing)).unwrap_err();
        assert_eq!(error.code(), "bad-weights");
        assert!(error.to_string().contains(said), "{error}");
    }
}

#[test]
fn installing_twice_replaces_and_leaves_the_official_weights() {
    let lenet5 = card("lenet5").unwrap();
    let weights_folder = scratch("installed");
    let official = weights_folder.join("lenet5");
    fs::create_dir_all(&official).unwrap();
    fs::write(official.join("manifest.json"), "official").unwrap();
    let file = checkpoint("installing", &(lenet5.graph)().with_classes(2));
    let file = open(lenet5, local(&file).unwrap()).unwrap();
    for labels in [["a", "b"], ["c", "d"]] {
        install(&converted(lenet5, &file, "Letters!", Some(&labels), None), &weights_folder).unwrap();
    }
    assert_eq!(fs::read_to_string(official.join("manifest.json")).unwrap(), "official");
    let (row, shards) = installed(&weights_folder.join(folder("lenet5", "letters"))).unwrap();
    assert_eq!(row.own.unwrap().name, "Letters!");
    assert_eq!(About::of(lenet5, &shards).unwrap().0.names.to_vec(), ["c", "d"]);
    assert_eq!(fs::read_dir(&weights_folder).unwrap().count(), 2);
}

#[test]
fn weights_that_nothing_can_make_anew_are_told() {
    let lenet5 = card("lenet5").unwrap();
    let weights_folder = scratch("outdated");
    let file = checkpoint("outdating", &(lenet5.graph)().with_classes(2));
    let file = open(lenet5, local(&file).unwrap()).unwrap();
    for name in ["current", "earlier", "layers"] {
        install(&converted(lenet5, &file, name, None, None), &weights_folder).unwrap();
    }
    assert_eq!(outdated(&weights_folder).unwrap(), [""; 0]);
    let change = |name: &str, change: &dyn Fn(&mut ManifestRow)| {
        let place = weights_folder.join(folder("lenet5", name));
        let mut row = row(&place).unwrap();
        change(&mut row);
        fs::write(place.join("manifest.json"), serde_json::to_string(&row).unwrap()).unwrap();
    };
    change("earlier", &|row| row.converter = 1);
    change("layers", &|row| row.graph = "0123456789abcdef".into());
    let sentences = outdated(&weights_folder).unwrap();
    assert_eq!(
        sentences,
        [
            "lenet5-earlier (“earlier”) works, and was quantised by an earlier version of the converter. `cargo xtask weights lenet5 \
             --from FILE --own \"earlier\"` converts their file again, in a better way.",
            "lenet5-layers (“layers”) cannot be used: the layers of LeNet-5 have changed since. `cargo xtask weights lenet5 \
             --from FILE --own \"layers\"` converts their file again.",
        ]
    );
}
