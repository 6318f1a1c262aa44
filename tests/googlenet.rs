//! BVLC's GoogLeNet from a `.caffemodel` to its answers on photos, against PyTorch's, in single precision and quantised, and
//! in 8-bit arithmetic.
//!
//! The golden logits were made by PyTorch from pictures that Pillow resized to a shorter side of 256 (the longer one
//! rounded, bilinear), and of which the centre 224×224 was taken.
//!
//! Needs the network's weights and photos of its classes, which are not part of this repository, in the folder that the
//! environment variable `CONVSCOPE_FIXTURES_FOLDER` names; without them the test is reported as skipped.
#![cfg(all(feature = "convert", feature = "burn"))]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "common/caffe.rs"]
mod caffe;
#[path = "common/fixtures.rs"]
mod fixtures;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::{env, fs};

use burn::tensor::Device;
use caffe::Tensor;
use convscope::convert::export::install::install;
use convscope::convert::export::packed::{Offer, packed};
use convscope::convert::quantise::agreement::{agreement as agreement_of, logits as logits_of};
use convscope::convert::quantise::calibration::exact as run_exact;
use convscope::convert::quantise::crops::{input_of, inputs};
use convscope::convert::quantise::search::closest;
use convscope::convert::quantise::variant::Variant;
use convscope::convert::read::{ReadAt, local, open, read};
use convscope::engine::{self, Arithmetic, CpuOptions, Network};
use convscope::graph::summary::totals;
use convscope::graph::tensors::tensor_specs;
use convscope::networks::googlenet::{GOOGLENET, googlenet};
use convscope::prediction::greatest;
use convscope::weights::Weights;
use convscope_manifest::Measured;
use safetensors::SafeTensors;
use serde_json::Value;

/// Random crops of each photo.
const CROPS: usize = 32;
/// The environment variable that names the folder with the weights and the photos.
const FIXTURES_FOLDER: &str = "CONVSCOPE_FIXTURES_FOLDER";
const REGENERATE: &str = "regenerate with: python3 tests/golden/photos_googlenet.py \
                          $CONVSCOPE_FIXTURES_FOLDER/bvlc_googlenet_f32.safetensors";
/// Photos of one thing, and its class.
const CLASSES: [(&str, usize); 3] = [("parrot.jpg", 88), ("hot_dog.jpg", 934), ("dragonfly.bmp", 319)];

/// The golden logits are rounded to four digits.
const WORST: f32 = 0.001;

/// BVLC's weights; for the auxiliary heads, which the fixture lacks, those of the formula.
fn tensors(weights: &Path) -> Vec<Tensor> {
    let bytes = fs::read(weights).unwrap();
    let weights = SafeTensors::deserialize(&bytes).unwrap();
    let formula = Weights::formula(&googlenet()).unwrap();
    let mut heads = 0;
    let tensors = tensor_specs(&googlenet()).unwrap().into_iter().map(|tensor| {
        let values = match weights.tensor(&tensor.name) {
            Ok(view) => view.data().as_chunks().0.iter().map(|&four| f32::from_le_bytes(four)).collect(),
            Err(_) => {
                heads += 1;
                formula.tensor(&tensor.name).unwrap().dequantise()
            }
        };
        (tensor.name, tensor.shape, values)
    });
    let tensors = tensors.collect();
    assert_eq!(heads, 12, "two heads of three layers");
    tensors
}

fn written(name: &str, bytes: &[u8]) -> Rc<dyn ReadAt> {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, bytes).unwrap();
    local(&path).unwrap()
}

#[test]
fn bvlcs_googlenet_answers_as_pytorch_does() {
    let Some(folder) = env::var_os(FIXTURES_FOLDER).map(PathBuf::from) else {
        return fixtures::skip("BVLC's GoogLeNet", &format!("{FIXTURES_FOLDER} names no folder"));
    };
    let weights = folder.join("bvlc_googlenet_f32.safetensors");
    if !weights.exists() {
        return fixtures::skip(
            "BVLC's GoogLeNet",
            &format!("{} is not there; {FIXTURES_FOLDER} names its folder", weights.display()),
        );
    }
    let tensors = tensors(&weights);
    let file = open(&GOOGLENET, written("v1.caffemodel", &caffe::v1(&tensors))).unwrap();
    let (graph, exact) = file.all().unwrap();
    let (_, same) = read(&GOOGLENET, written("current.caffemodel", &caffe::current(&tensors))).unwrap();
    assert!(exact == same, "both forms hold the same");

    let folders = [PathBuf::from("www/samples"), folder.join("photos")];
    let crops = inputs(GOOGLENET.preprocessing(), &folders, CROPS).unwrap();
    let (rounded, _, agreement) = closest(&file, Variant::Q8, &crops, &run_exact(&file, &crops).unwrap()).unwrap();
    let bytes_a_weight = rounded.bytes() as f64 / totals(&graph).unwrap().0 as f64;
    println!("{agreement:?}, {bytes_a_weight:.3} bytes a weight of the main path");
    assert!(agreement.pictures >= 200 && agreement.top1 >= 0.99, "{agreement:?}");
    // For the page's test of the same network.
    let installed = Path::new(env!("CARGO_TARGET_TMPDIR")).join("weights");
    let offer = Offer::official(&GOOGLENET, Variant::Q8);
    install(&packed(&offer, &graph, &rounded, Measured::Photos(agreement)).unwrap(), &installed).unwrap();
    let on_cpu = |options| Network::new(graph.clone(), &rounded, engine::Device::CpuWith(options)).unwrap();
    let eight_bits = CpuOptions { arithmetic: Arithmetic::Int8, dot8: true, ..CpuOptions::default() };
    let [single, eight] =
        [CpuOptions::default(), eight_bits].map(|options| logits_of(&on_cpu(options), &crops).unwrap());
    let eight = agreement_of(&single, &eight).unwrap();
    println!("8-bit arithmetic: {eight:?}");
    assert!(eight.pictures >= 200 && eight.top1 >= 0.98, "{eight:?}");

    let device = Device::flex();
    let exact = Network::new(graph.clone(), &exact, &device).unwrap();
    let rounded = Network::new(graph, &rounded, &device).unwrap();
    let logits = |network: &Network, photo: &Path| {
        pollster::block_on(network.logits(input_of(GOOGLENET.preprocessing(), photo).unwrap())).unwrap()
    };

    let golden: BTreeMap<String, Value> = serde_json::from_str(include_str!("golden/photos_googlenet.json")).unwrap();
    let mut faults = Vec::new();
    for (photo, golden) in golden {
        let Some(path) = fixtures::file(Path::new("www/samples").join(&photo), "cargo xtask setup") else { return };
        let (found, quantised) = (logits(&exact, &path), logits(&rounded, &path));
        let top5: Vec<usize> = serde_json::from_value(golden["top5"].clone()).unwrap();
        let values = |key: &str| -> Vec<f32> { serde_json::from_value(golden[key].clone()).unwrap() };
        let five = top5.iter().map(|&class| found[class]).zip(values("logits5"));
        let pairs = five.chain(found.iter().copied().zip(values("logits_first8")));
        let worst = pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        println!("{photo}: greatest difference {worst:.5}");
        if greatest(&found, 5) != top5 || worst > WORST {
            faults.push(format!("{photo}: {:?} instead of {top5:?}, off by {worst:.5}", greatest(&found, 5)));
        }
        if greatest(&quantised, 5)[0] != top5[0] {
            faults.push(format!("{photo}, quantised: {:?} instead of {}", greatest(&quantised, 1), top5[0]));
        }
    }
    for (photo, class) in CLASSES {
        let path = folder.join("photos").join(photo);
        for (network, weights) in [(&exact, "single precision"), (&rounded, "quantised")] {
            let found = greatest(&logits(network, &path), 1)[0];
            if found != class {
                faults.push(format!("{photo}, {weights}: {found} instead of {class}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}\n{REGENERATE}", faults.join("\n"));
}
