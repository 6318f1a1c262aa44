//! Everything that reads bytes, fed with damaged files: a short run in every test run. `CONVSCOPE_FUZZ_SECONDS=60 cargo test
//! --release --no-default-features --features convert --test fuzz -- --nocapture` is a long one, which gives each reader so many
//! seconds and tells its executions; `CONVSCOPE_FUZZ_SEED` has it begin elsewhere.
#![cfg(feature = "convert")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "common/caffe.rs"]
mod caffe;
#[path = "common/fuzz.rs"]
mod fuzzing;
#[path = "common/numpy.rs"]
mod numpy;
#[path = "common/pytorch.rs"]
#[allow(dead_code, reason = "it writes more forms than are needed here")]
mod pytorch;
#[path = "common/tiny.rs"]
mod tiny;

use std::collections::HashMap;
use std::io;
use std::rc::Rc;

use caffe::Tensor;
use convscope::convert::read::{ReadAt, inspect, labels, open};
use convscope::engine::random;
use convscope::frame::{Frame, Input, Layout, MAX_SIDE, MatrixCoefficients, Planes};
use convscope::graph::tensors::tensor_specs;
use convscope::networks::{Card, card};
use convscope::weights::{About, Weights};
use convscope_manifest::{Manifest, ManifestRow};
use fuzzing::{Random, faults, fuzz, mutated};
use safetensors::tensor::{Dtype, TensorView};
use tiny::{TINY, tensors, tiny};

/// A file in memory.
struct Bytes {
    name: &'static str,
    bytes: Vec<u8>,
}

impl ReadAt for Bytes {
    fn name(&self) -> &str {
        self.name
    }

    fn length(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_at(&self, start: u64, buffer: &mut [u8]) -> io::Result<()> {
        let start = usize::try_from(start).map_err(io::Error::other)?;
        let end = start.checked_add(buffer.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
        buffer.copy_from_slice(self.bytes.get(start..end).ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }
}

/// A checkpoint as the page and the converter read it: listed, opened as a network's, and every tensor read.
fn checkpoint(name: &'static str, bytes: &[u8]) {
    let file: Rc<dyn ReadAt> = Rc::new(Bytes { name, bytes: bytes.to_vec() });
    // All networks are compared with it, which takes longer than all else.
    if bytes.len().is_multiple_of(16) {
        _ = inspect(Rc::clone(&file));
    }
    if let Ok(folded) = open(&TINY, file) {
        tensor_specs(&folded.graph).unwrap().iter().for_each(|tensor| _ = folded.elements(tensor));
    }
}

fn of_files(name: &str, times: u64, file: &'static str, corpus: &[Vec<u8>]) {
    for bytes in corpus {
        // A mutation of what is refused anyway finds little.
        let file: Rc<dyn ReadAt> = Rc::new(Bytes { name: file, bytes: bytes.clone() });
        inspect(file).unwrap();
    }
    fuzz(name, times, |random| mutated(random, corpus), Vec::len, |bytes| checkpoint(file, bytes));
}

fn takes(bytes: usize) {
    drop(std::hint::black_box(vec![1_u8; bytes]));
}

/// The loop finds what it looks for, and always the same.
#[test]
fn what_must_not_happen_is_found() {
    let found = |run: fn(&u64)| faults("the loop itself", 5, |executions| executions < 20, Random::next, |_| 8, run);
    assert_eq!(found(|_| ()), (20, Vec::new()));
    let (executions, said) = found(|number| assert!(number % 4 != 0, "it was {number}"));
    assert!(executions < 20 || said.len() == 5, "it gives up after five");
    assert!(said[0].contains("it panics: it was ") && said[0].contains("CONVSCOPE_FUZZ_SEED="), "{}", said[0]);
    let (_, said) = found(|_| takes((64 << 20) + 9));
    assert!(said[0].contains("it takes 67 MB for 8 bytes"), "{}", said[0]);
    assert_eq!(found(|_| takes(63 << 20)).1, Vec::<String>::new());
    let slow = |_: &u64| {
        let clock = std::time::Instant::now();
        let now = || fuzzing::processor_time().unwrap_or_else(|| clock.elapsed());
        let start = now();
        while now() - start < std::time::Duration::from_millis(1001) {}
    };
    let (executions, said) = faults("the loop itself", 1, |executions| executions < 1, Random::next, |_| 8, slow);
    assert!(executions == 1 && said[0].contains("it takes 1.0 s"), "{said:?}");
    let corpus = [b"1234".to_vec(), b"abc".to_vec()];
    let some = |seed| (seed..seed + 50_u64).map(|seed| mutated(&mut Random::new(seed), &corpus)).collect::<Vec<_>>();
    assert_eq!(some(7), some(7));
    assert_ne!(some(7), some(100));
}

#[test]
fn pytorchs_archives() {
    let tensors = tensors();
    let corpus = [pytorch::zipped(&tensors, &pytorch::pickle(&tensors, b""))];
    of_files("PyTorch's archives", 10_000, "a.pth", &corpus);
}

/// Inside archives that are whole, so that no checksum stands before the pickle.
#[test]
fn pytorchs_pickles() {
    let tensors = tensors();
    let corpus = [pytorch::pickle(&tensors, b""), pytorch::pickle(&tensors[..2], b"")];
    fuzz(
        "PyTorch's pickles",
        5000,
        |random| mutated(random, &corpus),
        Vec::len,
        |pickle| checkpoint("a.pth", &pytorch::zipped(&tensors, pickle)),
    );
}

#[test]
fn pytorchs_older_files() {
    let tensors = tensors();
    let corpus = [pytorch::legacy(&tensors, &pytorch::pickle(&tensors, b""))];
    of_files("PyTorch's older files", 10_000, "a.pth", &corpus);
}

#[test]
fn caffes_files() {
    let tensors = tensors();
    of_files("Caffe's files", 10_000, "a.caffemodel", &[caffe::v1(&tensors), caffe::current(&tensors)]);
}

#[test]
fn numpys_pickles() {
    let tensors: Vec<Tensor> = tensors().into_iter().filter(|(name, ..)| name.contains("conv")).collect();
    let style = |protocol, fortran| numpy::Style { protocol, fortran, ..numpy::OFFICIAL };
    let corpus = [style(3, false), style(4, false), style(4, true)].map(|style| numpy::pickle(&tensors, style, b""));
    of_files("numpy's pickles", 10_000, "a.pkl", &corpus);
}

#[test]
fn safetensors_files() {
    let stored: Vec<(String, Vec<usize>, Vec<u8>)> = tensors()
        .into_iter()
        .map(|(name, shape, values)| (name, shape, values.into_iter().flat_map(f32::to_le_bytes).collect()))
        .collect();
    let views =
        stored.iter().map(|(name, shape, bytes)| (name, TensorView::new(Dtype::F32, shape.clone(), bytes).unwrap()));
    let corpus = [safetensors::serialize(views, None).unwrap()];
    of_files("safetensors", 10_000, "a.safetensors", &corpus);
}

/// The converter's own files, as the engine takes them.
#[test]
fn shards_of_quantised_weights() {
    let labels = HashMap::from([("labels".to_owned(), r#"["a","b","c","d","e"]"#.to_owned())]);
    let own = Card { graph: || tiny().with_classes(5), ..TINY };
    let graph = own.inference();
    let tensors = tensor_specs(&graph).unwrap().into_iter().map(|spec| (spec.name.clone(), random::tensor(&spec, 1)));
    let weights = Weights::new(&graph, tensors.collect()).unwrap();
    let corpus: Vec<Vec<u8>> =
        [labels, HashMap::new()].into_iter().flat_map(|metadata| weights.write(&graph, metadata).unwrap()).collect();
    fuzz(
        "shards",
        20_000,
        |random| mutated(random, &corpus),
        Vec::len,
        |shard| {
            let shards = [shard];
            if let Ok((_, graph)) = About::of(&own, &shards) {
                _ = Weights::read(&graph, &shards);
            }
        },
    );
}

#[test]
fn manifests() {
    let manifest = include_bytes!("../www/weights/lenet5/manifest.json").to_vec();
    let all = [&br#"{ "version": 1, "networks": ["#[..], &manifest, b"] }"].concat();
    serde_json::from_slice::<Manifest>(&all).unwrap();
    let corpus = [manifest, all];
    fuzz(
        "manifests",
        20_000,
        |random| mutated(random, &corpus),
        Vec::len,
        |bytes| {
            _ = serde_json::from_slice::<ManifestRow>(bytes);
            _ = serde_json::from_slice::<Manifest>(bytes);
        },
    );
}

#[test]
fn lists_of_labels() {
    let corpus = [
        "rose\ntulip\nlily, white\n",
        "\u{feff}rose\r\ntulip\r\n",
        r#"["rose", "tulip", ["n1", "lily, white"]]"#,
        r#"{ "2": "lily, white", "0": "rose", "1": ["n2", "tulip"] }"#,
        r#"{ "architectures": ["ResNet"], "id2label": { "0": "rose", "1": "tulip" } }"#,
        r#"{ "rose": 0, "lily, white": 1 }"#,
    ]
    .map(|text| text.as_bytes().to_vec());
    fuzz(
        "lists of labels",
        20_000,
        |random| mutated(random, &corpus),
        Vec::len,
        |bytes| _ = labels::parse(&String::from_utf8_lossy(bytes)),
    );
}

#[test]
fn words_for_the_preprocessing() {
    let corpus = ["256/224,half", "squash,none,bgr", "232/224,bilinear,imagenet,rgb", "caffe,bicubic"]
        .map(|text| text.as_bytes().to_vec());
    let networks = ["resnet18", "squeezenet1_1", "lenet5"].map(|id| card(id).unwrap());
    let picture = vec![90; 30 * 20 * 4];
    let frame = Frame::new(&picture, 30, 20).unwrap();
    fuzz(
        "words for the preprocessing",
        1000,
        |random| (networks[random.below(networks.len())], mutated(random, &corpus)),
        |(_, bytes)| bytes.len(),
        |(card, bytes)| {
            if let Ok(preprocessing) = card.preprocessing().with(&String::from_utf8_lossy(bytes)) {
                _ = Input::from_frame(&frame, preprocessing);
            }
        },
    );
}

/// A frame's sides, the number of its bytes, and the network that it is for.
#[derive(Debug)]
struct Picture {
    width: usize,
    height: usize,
    data: Vec<u8>,
    network: &'static str,
    kind: usize,
}

/// Mostly small, sometimes long and thin, sometimes impossible; with as many bytes as such a picture has, or not quite.
fn picture(random: &mut Random) -> Picture {
    let side = |random: &mut Random| match random.below(8) {
        0 => random.below(4),
        1 => *random.one_of(&[MAX_SIDE - 1, MAX_SIDE, MAX_SIDE + 1, usize::MAX, usize::MAX / 2 + 1, 1 << 32]),
        2 => random.below(2000),
        _ => random.below(300),
    };
    let (width, height) = (side(random), side(random));
    let kind = random.below(3);
    let pixels = width.checked_mul(height).filter(|pixels| *pixels <= 1 << 20).unwrap_or(16);
    let bytes = if kind == 0 { pixels * 4 } else { pixels / 2 * 3 };
    let length = match random.below(8) {
        0 => bytes + 1,
        1 => bytes.saturating_sub(random.below(9)),
        2 => random.below(64),
        _ => bytes,
    };
    let (start, step) = (random.next() as u8, random.next() as u8);
    let data = (0..length).map(|i| start.wrapping_add(step.wrapping_mul(i as u8))).collect();
    let network = random.one_of(&["resnet18", "squeezenet1_1", "efficientnet_lite0", "lenet5"]);
    Picture { width, height, data, network, kind }
}

/// Reads a picture as its network does, as far as it is one.
fn read(&Picture { width, height, ref data, network, kind }: &Picture) {
    let preprocessing = card(network).unwrap().preprocessing();
    if kind == 0 {
        if let Ok(frame) = Frame::new(data, width, height) {
            _ = Input::from_frame(&frame, preprocessing);
        }
        return;
    }
    let layout = if kind == 1 { Layout::I420 } else { Layout::Nv12 };
    if let Ok(planes) = Planes::new(data, width, height, layout, MatrixCoefficients::Bt709, width % 4 == 0) {
        _ = Input::from_planes(&planes, preprocessing);
    }
}

/// What was found by a run of this file, and must not come back.
#[test]
fn what_was_found_stays_mended() {
    // A long strip of specks: for each of them the whole edge was searched.
    let (width, height) = (30, MAX_SIDE - 1);
    let is_speck = |pixel: usize| (pixel % width).is_multiple_of(3) && (pixel / width).is_multiple_of(3);
    let data = (0..width * height).flat_map(|pixel| if is_speck(pixel) { [0, 0, 0, 255] } else { [255; 4] }).collect();
    let strip = Picture { width, height, data, network: "lenet5", kind: 0 };
    let once = |executions| executions < 1;
    let (_, said) = faults("a strip of specks", 1, once, |_| (), |()| width * height * 4, |()| read(&strip));
    assert_eq!(said, Vec::<String>::new());
}

#[test]
fn frames_and_planes() {
    fuzz("frames and planes", 1000, picture, |picture| picture.data.len(), read);
}
