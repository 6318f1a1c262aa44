//! The readers of official files: a good file gives its tensors, every wrong one is refused with a sentence and leaves
//! the installed weights as they are.
#![cfg(feature = "convert")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "common/caffe.rs"]
mod caffe;
#[path = "common/numpy.rs"]
mod numpy;
#[path = "common/pytorch.rs"]
mod pytorch;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use caffe::{Blob, Net, Tensor, V1Layer};
use convscope::convert::export::install::install;
use convscope::convert::export::packed::{Offer, packed};
use convscope::convert::quantise::allocation::{BitAllocation, Means};
use convscope::convert::quantise::variant::Variant;
use convscope::convert::read::{local, official, read};
use convscope::graph::tensors::tensor_specs;
use convscope::graph::{Graph, Shape};
use convscope::networks::lenet5::LENET5;
use convscope::networks::squeezenet::SQUEEZENET1_1;
use convscope::networks::{Card, Hash, SAME_NAME, Source};
use convscope::weights::Weights;
use convscope_manifest::{Agreement, Measured};
use half::f16;
use prost::Message;
use pytorch::text;
use safetensors::tensor::{Dtype, TensorView};

/// What the rows of the manifest say here: nothing is compared.
const MEASURED: Measured = Measured::Photos(Agreement { pictures: 0, lowest_cosine: 1.0, top1: 1.0, top5: 1.0 });

/// A small network with every kind of tensor that the readers must tell apart.
const TINY: Card = Card {
    id: "tiny",
    name: "Tiny",
    source: Source::Download { url: "tiny", hash: Hash::Sha1(""), earlier: &[], bytes: 0, rename: SAME_NAME },
    graph: tiny,
    ..LENET5
};

fn tiny() -> Graph {
    let mut g = Graph::new(Shape::rgb(6));
    g.conv("conv1", 4, 3).relu();
    g.conv("block/conv2", 6, 3).groups(2).relu();
    // One in front on purpose: it is a dimension, not padding.
    g.conv("conv3", 1, 1);
    g.linear("fc", 5);
    g
}

/// The same without a linear layer, which pickles of arrays have none of here: only convolutions' kernels are read.
const TINY_CONVOLUTIONS: Card = Card {
    graph: || {
        let mut g = Graph::new(Shape::rgb(6));
        g.conv("conv1", 4, 3).relu();
        g.conv("block/conv2", 6, 3).groups(2).relu();
        g.conv("conv3", 1, 1);
        g
    },
    ..TINY
};

fn convolutions(tensors: Vec<Tensor>) -> Vec<Tensor> {
    tensors.into_iter().filter(|(name, ..)| name.contains("conv")).collect()
}

/// Multiples of 1/64 below 4 are exact in half precision, too.
fn tensors() -> Vec<Tensor> {
    let tensors = tensor_specs(&tiny()).unwrap().into_iter().enumerate().map(|(seed, tensor)| {
        let length: usize = tensor.shape.iter().product();
        let values = (0..length).map(|i| ((i * 37 + seed * 11) % 255) as f32 / 64.0 - 2.0).collect();
        (tensor.name, tensor.shape, values)
    });
    tensors.collect()
}

/// Two faults: a tensor of another shape, and one under another name.
fn another_network() -> Vec<Tensor> {
    let mut tensors = tensors();
    for (name, shape, values) in &mut tensors {
        match name.as_str() {
            "conv1.weight" => (*shape, *values) = (vec![2, 3, 3, 3], vec![0.0; 54]),
            "fc.weight" | "fc.bias" => *name = name.replace("fc", "fc8"),
            _ => {}
        }
    }
    tensors
}
const ITS_FAULTS: [&str; 6] = [
    "conv1.weight is [2, 3, 3, 3] instead of [4, 3, 3, 3]",
    "fc.weight is missing",
    "fc.bias is missing",
    "fc8.weight is not known",
    "fc8.bias is not known",
    "does not fit Tiny",
];

fn safetensors(tensors: &[Tensor], dtype: Dtype) -> Vec<u8> {
    let bytes = |values: &[f32]| -> Vec<u8> {
        match dtype {
            Dtype::F16 => values.iter().flat_map(|&value| f16::from_f32(value).to_le_bytes()).collect(),
            _ => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
        }
    };
    let stored: Vec<_> = tensors.iter().map(|(name, shape, values)| (name, shape, bytes(values))).collect();
    let views =
        stored.iter().map(|(name, shape, bytes)| (name, TensorView::new(dtype, shape.to_vec(), bytes).unwrap()));
    safetensors::serialize(views, None).unwrap()
}

fn pth(tensors: &[Tensor]) -> Vec<u8> {
    pytorch::zipped(tensors, &pytorch::pickle(tensors, b""))
}

fn old_pth(tensors: &[Tensor]) -> Vec<u8> {
    pytorch::legacy(tensors, &pytorch::pickle(tensors, b""))
}

/// What the converter does, without its report.
fn convert(card: &Card, path: &Path, folder: &Path) -> anyhow::Result<Weights> {
    let (graph, exact) = read(card, local(path)?)?;
    let allocation = BitAllocation::new(&graph, |tensor| exact.elements(tensor), false)?;
    let (rounded, _) = allocation.round(|tensor| exact.elements(tensor), &Means::new(), 1.25)?;
    install(&packed(&Offer::official(card, Variant::Q8), &graph, &rounded, MEASURED)?, folder)?;
    Ok(exact)
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("readers").join(name);
    _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Every file below `folder` with its bytes.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(contents(&path));
        } else {
            files.insert(path.clone(), fs::read(path).unwrap());
        }
    }
    files
}

#[test]
fn good_files_give_their_tensors() {
    let tensors = tensors();
    let folder = folder("good");
    let files = [
        ("zip.pth", pth(&tensors)),
        ("older.pt", old_pth(&tensors)),
        ("old.caffemodel", caffe::v1(&tensors)),
        ("new.caffemodel", caffe::current(&tensors)),
        ("single.safetensors", safetensors(&tensors, Dtype::F32)),
        ("half.SafeTensors", safetensors(&tensors, Dtype::F16)),
    ];
    for (name, bytes) in files {
        let path = folder.join(name);
        fs::write(&path, bytes).unwrap();
        let weights =
            convert(&TINY, &path, &folder.join("weights")).unwrap_or_else(|error| panic!("{name}: {error:#}"));
        for (tensor, _, values) in &tensors {
            assert_eq!(weights.tensor(tensor).unwrap().dequantise(), *values, "{name}: {tensor}");
        }
        assert!(folder.join("weights/tiny/manifest.json").exists(), "{name}");
    }
}

/// With a root folder of 21 letters, a bug of the crate zip takes an archive for a damaged one.
#[test]
fn archives_are_read_whatever_the_length_of_their_names() {
    let tensors = tensors();
    let folder = folder("names");
    let pickle = pytorch::pickle(&tensors, b"");
    for letters in 1..=64 {
        let path = folder.join("a.pth");
        fs::write(&path, pytorch::zipped_in(&"x".repeat(letters), &tensors, &pickle)).unwrap();
        let (_, weights) =
            read(&TINY, local(&path).unwrap()).unwrap_or_else(|error| panic!("{letters} letters: {error:#}"));
        for (tensor, _, values) in &tensors {
            assert_eq!(weights.tensor(tensor).unwrap().dequantise(), *values, "{letters} letters: {tensor}");
        }
    }
}

#[test]
fn weights_that_are_not_finite_are_refused() {
    let mut files = Vec::new();
    for (name, value) in [("nan", f32::NAN), ("infinity", f32::INFINITY), ("minus", f32::NEG_INFINITY)] {
        let mut tensors = tensors();
        let (_, _, values) = tensors.iter_mut().find(|(name, ..)| name == "conv3.weight").unwrap();
        values[2] = value;
        let of = move |ending: &str| -> &'static str { format!("{name}.{ending}").leak() };
        let what = vec!["element 2 of conv3.weight is ", "diverged, or is damaged"];
        files.push((of("pth"), pth(&tensors), what.clone()));
        files.push((of("pt"), old_pth(&tensors), what.clone()));
        files.push((of("caffemodel"), caffe::current(&tensors), what.clone()));
        files.push((of("safetensors"), safetensors(&tensors, Dtype::F32), what));
    }
    refused("not_finite", files);
}

#[test]
fn arrays_of_numpy_give_their_tensors_in_either_order() {
    let tensors = convolutions(tensors());
    let folder = folder("numpy_good");
    for protocol in [3, 4] {
        for fortran in [false, true] {
            let path = folder.join("good.pkl");
            let style = numpy::Style { protocol, fortran, ..numpy::OFFICIAL };
            fs::write(&path, numpy::pickle(&tensors, style, b"")).unwrap();
            let (_, weights) =
                read(&TINY_CONVOLUTIONS, local(&path).unwrap()).unwrap_or_else(|error| panic!("{error:#}"));
            for (tensor, _, values) in &tensors {
                let found = weights.tensor(tensor).unwrap().dequantise();
                assert_eq!(found, *values, "protocol {protocol}, Fortran's order: {fortran}: {tensor}");
            }
        }
    }
}

/// A Caffe blob in double precision, which Caffe can write as well.
#[test]
fn caffe_in_double_precision_is_rounded() {
    let mut net = Net::decode(&caffe::v1(&tensors())[..]).unwrap();
    for blob in net.layers.iter_mut().flat_map(|layer| &mut layer.blobs) {
        let singles = blob.data.as_chunks().0.iter().map(|&four| f64::from(f32::from_le_bytes(four)));
        blob.double_data = singles.flat_map(f64::to_le_bytes).collect();
        blob.data = Default::default();
    }
    let path = folder("double").join("double.caffemodel");
    fs::write(&path, net.encode_to_vec()).unwrap();
    let (_, weights) = read(&TINY, local(&path).unwrap()).unwrap();
    for (tensor, _, values) in tensors() {
        assert_eq!(weights.tensor(&tensor).unwrap().dequantise(), values, "{tensor}");
    }
}

/// A wrong file: its name, its bytes, and what the refusal must say.
type Wrong = (&'static str, Vec<u8>, Vec<&'static str>);

/// Refuses every file as the tiny network's.
fn refused(place: &str, files: Vec<Wrong>) {
    refused_as(&TINY, place, files);
}

/// Refuses every file, and compares the installed weights before and after each.
fn refused_as(card: &Card, place: &str, files: Vec<Wrong>) {
    let folder = folder(place);
    let weights = folder.join("weights");
    let good = folder.join("good.safetensors");
    fs::write(&good, safetensors(&tensors(), Dtype::F32)).unwrap();
    convert(&TINY, &good, &weights).unwrap();
    let before = contents(&weights);

    let mut faults = Vec::new();
    for (name, bytes, expected) in files {
        let path = folder.join(name);
        fs::write(&path, bytes).unwrap();
        match convert(card, &path, &weights) {
            Ok(_) => faults.push(format!("{name} was taken")),
            Err(error) => {
                let sentence = format!("{error:#}");
                println!("{sentence}");
                let missing = expected.iter().filter(|part| !sentence.contains(**part));
                faults.extend(missing.map(|part| format!("{name}: no word of \"{part}\" in \"{sentence}\"")));
                if !sentence.contains(name) || sentence.contains('\n') {
                    faults.push(format!("{name}: not a sentence about the file: \"{sentence}\""));
                }
            }
        }
        if contents(&weights) != before {
            faults.push(format!("{name} changed the installed weights"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The same archive, whose list says that its entries are deflated and that each unpacks to 64 MiB.
fn compressed(archive: &[u8]) -> Vec<u8> {
    let mut archive = archive.to_vec();
    let entries: Vec<usize> = (0..archive.len() - 4).filter(|&at| archive[at..].starts_with(b"PK\x01\x02")).collect();
    assert!(!entries.is_empty());
    for at in entries {
        archive[at + 10..at + 12].copy_from_slice(&8u16.to_le_bytes());
        archive[at + 24..at + 28].copy_from_slice(&(64u32 << 20).to_le_bytes());
    }
    archive
}

#[test]
fn wrong_pytorch_files_are_refused() {
    let tensors = tensors();
    let (zip, old) = (pth(&tensors), old_pth(&tensors));
    let mut flipped = zip.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 0x40;
    // The first storage's count, behind the list of their keys.
    let mut count = old.clone();
    let list = count.windows(2).rposition(|two| two == b"e.").unwrap();
    count[list + 2..list + 10].copy_from_slice(&i64::MAX.to_le_bytes());
    let mut integers = pytorch::pickle(&tensors, b"");
    let storage = integers.windows(12).position(|name| name == b"FloatStorage").unwrap();
    integers.splice(storage..storage + 5, *b"Int");

    refused(
        "pytorch",
        vec![
            ("empty.pth", Vec::new(), vec!["is empty"]),
            ("text.pth", b"<!DOCTYPE html>".to_vec(), vec!["neither of the two forms"]),
            ("caffe.pth", caffe::v1(&tensors), vec!["neither of the two forms"]),
            ("tar.pth", [vec![0; 257], b"ustar".to_vec(), vec![0; 250]].concat(), vec!["neither of the two forms"]),
            ("short_zip.pth", zip[..zip.len() * 2 / 3].to_vec(), vec!["cut short"]),
            ("short_old.pth", old[..old.len() * 2 / 3].to_vec(), vec!["cut short"]),
            ("short_pickle.pth", old[..200].to_vec(), vec!["cut short"]),
            ("picture.png", b"\x89PNG\r\n".to_vec(), vec![".pth", ".caffemodel", ".pkl", ".safetensors"]),
            ("no_pickle.pth", pytorch::archive(&[("a".into(), vec![1])]), vec!["damaged"]),
            ("damaged.pth", flipped, vec!["cannot be read", "checksum"]),
            ("count.pth", count, vec!["has 9223372036854775807 elements", "pickle declares 5"]),
            ("integers.pth", pytorch::zipped(&tensors, &integers), vec!["conv1.weight are I32", "floats"]),
            ("bomb.pth", compressed(&zip), vec!["compressed"]),
            ("other.pth", pth(&another_network()), ITS_FAULTS.to_vec()),
            ("other_old.pth", old_pth(&another_network()), ITS_FAULTS.to_vec()),
        ],
    );
}

/// Pickles that call a function when Python loads them, in each way that there is.
#[test]
fn pickles_that_call_are_refused() {
    let tensors = tensors();
    let witness = folder("witness").join("was_run");
    let command = text(&format!("touch {}", witness.display()));
    let calls: [(&str, &str, Vec<u8>, &str); 6] = [
        ("value.pth", "value_old.pth", [&text("x")[..], b"cos\nsystem\n(", &command, b"tR"].concat(), "os.system"),
        ("dropped.pth", "dropped_old.pth", [b"cos\nsystem\n(", &command[..], b"tR0"].concat(), "os.system"),
        ("object.pth", "object_old.pth", [b"(cos\nsystem\n", &command[..], b"o0"].concat(), "os.system"),
        ("instance.pth", "instance_old.pth", [b"(", &command[..], b"ios\nsystem\n0"].concat(), "0x69"),
        (
            "stack.pth",
            "stack_old.pth",
            [&text("os")[..], &text("system"), b"\x93(", &command, b"tR0"].concat(),
            "os.system",
        ),
        ("storage.pth", "storage_old.pth", [b"ctorch.os\nrunStorage\n(", &command[..], b"tR0"].concat(), "runStorage"),
    ];
    let mut files = Vec::new();
    for (zip, old, call, expected) in calls {
        let pickle = pytorch::pickle(&tensors, &call);
        files.push((zip, pytorch::zipped(&tensors, &pickle), vec![expected, "no file of weights"]));
        files.push((old, pytorch::legacy(&tensors, &pickle), vec![expected, "no file of weights"]));
    }
    refused("calls", files);
    assert!(!witness.exists(), "a pickle was run");
}

#[test]
fn wrong_caffe_files_are_refused() {
    let tensors = tensors();
    let good = caffe::v1(&tensors);
    let layer = |name: &str, blob: Blob| V1Layer { name: name.into(), kind: 4, blobs: vec![blob] };
    let net = |layers: Vec<V1Layer>| Net { layers, layer: Vec::new() }.encode_to_vec();
    let blob = |num, length: usize| Blob {
        num,
        channels: 1,
        height: 1,
        width: 1,
        data: vec![0; length * 4],
        ..Blob::default()
    };
    let unfilled = net(vec![layer("a", blob(3, 2)), layer("b", blob(-1, 1)), layer("c", blob(i64::MAX, 1))]);
    refused(
        "caffe",
        vec![
            ("empty.caffemodel", Vec::new(), vec!["is empty"]),
            ("text.caffemodel", b"<!DOCTYPE html><html>".to_vec(), vec!["another format"]),
            ("description.caffemodel", b"name: \"AlexNet\"\nlayer {".to_vec(), vec!["another format"]),
            ("short.caffemodel", good[..good.len() / 2].to_vec(), vec!["cut short"]),
            ("beyond.caffemodel", b"\x12\xff\xff\xff\xff\x0f\x00".to_vec(), vec!["cut short"]),
            ("no_weights.caffemodel", net(vec![V1Layer::default()]), vec!["no weights"]),
            (
                "twice.caffemodel",
                net(vec![layer("a", blob(1, 1)), layer("a", blob(1, 1))]),
                vec!["a.weight occurs twice"],
            ),
            ("unfilled.caffemodel", unfilled, vec!["a.weight does", "b.weight does", "c.weight does"]),
            ("other.caffemodel", caffe::v1(&another_network()), ITS_FAULTS.to_vec()),
            ("other_new.caffemodel", caffe::current(&another_network()), ITS_FAULTS.to_vec()),
        ],
    );
}

#[test]
fn wrong_pickles_of_arrays_are_refused() {
    let tensors = convolutions(tensors());
    let styled = |style| numpy::pickle(&tensors, style, b"");
    let good = styled(numpy::OFFICIAL);
    // The first array's bytes: their instruction, and a length that no file has.
    let length = good.windows(5).position(|five| five == b"B\xb0\x01\0\0").unwrap() + 1;
    let mut beyond = good.clone();
    beyond[length..length + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    let mut far_beyond = good.clone();
    far_beyond.splice(length - 1..length + 4, [&[0x8e][..], &u64::MAX.to_le_bytes()].concat());
    // A name of 2^60 letters.
    let text_beyond = [b"\x80\x04}\x8d", &(1u64 << 60).to_le_bytes()[..], b"conv1"].concat();
    let mut dimensions = good.clone();
    let first = dimensions.windows(5).position(|five| five == b"J\x03\0\0\0").unwrap();
    dimensions[first + 1..first + 5].copy_from_slice(&i32::MAX.to_le_bytes());
    let mut negative = good.clone();
    negative[first + 1..first + 5].copy_from_slice(&(-3i32).to_le_bytes());
    let mut other = tensors.clone();
    for (name, shape, values) in &mut other {
        match name.as_str() {
            "conv1.weight" => (*shape, *values) = (vec![2, 3, 3, 3], vec![0.0; 54]),
            "conv3.weight" | "conv3.bias" => *name = name.replace("conv3", "conv4"),
            _ => {}
        }
    }
    let linear = [tensors.clone(), vec![("fc.weight".into(), vec![2, 3], vec![0.0; 6])]].concat();
    let twice = [tensors.clone(), tensors[..1].to_vec()].concat();
    let double = numpy::Style { kind: "f8", ..numpy::OFFICIAL };
    let official = numpy::OFFICIAL;
    refused_as(
        &TINY_CONVOLUTIONS,
        "numpy",
        vec![
            ("empty.pkl", Vec::new(), vec!["is empty"]),
            ("text.pkl", b"<!DOCTYPE html>".to_vec(), vec!["another format"]),
            ("short.pkl", good[..good.len() / 2].to_vec(), vec!["cut short"]),
            ("last_byte.pkl", good[..good.len() - 1].to_vec(), vec!["cut short"]),
            ("longer.pkl", [&good[..], b"."].concat(), vec!["behind the end"]),
            ("beyond.pkl", beyond, vec!["cut short"]),
            ("far_beyond.pkl", far_beyond, vec!["cut short"]),
            ("text_beyond.pkl", text_beyond, vec!["cut short"]),
            ("many.pkl", [b"\x80\x03".to_vec(), vec![b'}'; 8 << 20]].concat(), vec!["more than 100000 instructions"]),
            ("unfinished.pkl", b"\x80\x03}}.".to_vec(), vec!["one value"]),
            ("underflow.pkl", b"\x80\x03u.".to_vec(), vec!["do not fit together"]),
            ("under_mark.pkl", b"\x80\x03}(s.".to_vec(), vec!["do not fit together"]),
            ("forgotten.pkl", b"\x80\x03h\x07.".to_vec(), vec!["do not fit together"]),
            ("newer.pkl", b"\x80\x05}.".to_vec(), vec!["protocol 5"]),
            ("number.pkl", b"\x80\x03K\x07.".to_vec(), vec!["no dictionary"]),
            ("nothing.pkl", b"\x80\x03}.".to_vec(), vec!["no weights"]),
            ("itself.pkl", b"\x80\x03}q\0X\x01\0\0\0ah\0s.".to_vec(), vec!["no list of a kernel and a bias"]),
            ("texts.pkl", b"\x80\x03}X\x01\0\0\0a]X\x01\0\0\0bas.".to_vec(), vec!["a.weight is no array"]),
            ("dimensions.pkl", dimensions, vec!["conv1.weight does not have as many elements"]),
            ("negative.pkl", negative, vec!["conv1.weight is no array"]),
            (
                "big.pkl",
                styled(numpy::Style { order: ">", ..official }),
                vec!["conv1.weight is big-endian", "conv3.bias"],
            ),
            ("double.pkl", styled(double), vec!["conv1.weight has elements of numpy's type f8", "conv3.bias"]),
            ("linear.pkl", numpy::pickle(&linear, official, b""), vec!["fc.weight has 2 dimensions"]),
            ("twice.pkl", numpy::pickle(&twice, official, b""), vec!["conv1.weight occurs twice"]),
            (
                "other.pkl",
                numpy::pickle(&other, official, b""),
                vec![
                    "conv1.weight is [2, 3, 3, 3] instead of [4, 3, 3, 3]",
                    "conv3.weight is missing",
                    "conv4.bias is not known",
                    "does not fit Tiny",
                ],
            ),
        ],
    );
}

/// Each way in which a pickle calls a function, among arrays.
#[test]
fn pickles_of_arrays_that_call_are_refused() {
    let tensors = convolutions(tensors());
    let witness = folder("numpy_witness").join("was_run");
    let command = text(&format!("touch {}", witness.display()));
    let calls: [(&str, u8, Vec<u8>, &str); 6] = [
        ("value.pkl", 3, [&text("x")[..], b"cos\nsystem\n(", &command, b"tR"].concat(), "os.system"),
        ("posix.pkl", 3, [&text("x")[..], b"cposix\nsystem\n", &command, b"\x85R"].concat(), "posix.system"),
        (
            "stack.pkl",
            4,
            [&text("x")[..], &text("os"), &text("system"), b"\x93", &command, b"\x85R"].concat(),
            "os.system",
        ),
        ("builtin.pkl", 4, [&text("x")[..], b"cbuiltins\neval\n", &command, b"\x85R"].concat(), "builtins.eval"),
        ("near.pkl", 3, [&text("x")[..], b"cnumpy\nload\n", &command, b"\x85R"].concat(), "numpy.load"),
        ("instance.pkl", 3, [b"(", &command[..], b"ios\nsystem\n"].concat(), "0x69"),
    ];
    let files = calls.into_iter().map(|(name, protocol, call, expected)| {
        let style = numpy::Style { protocol, ..numpy::OFFICIAL };
        (name, numpy::pickle(&tensors, style, &call), vec![expected, "no file of weights"])
    });
    refused_as(&TINY_CONVOLUTIONS, "numpy_calls", files.collect());
    assert!(!witness.exists(), "a pickle was run");
}

/// A file of the official form that is not the official file is refused by its hash.
#[test]
fn another_networks_arrays_are_not_squeezenets() {
    let path = folder("squeezenet").join("squeezenet_weights.pkl");
    fs::write(&path, numpy::pickle(&convolutions(tensors()), numpy::OFFICIAL, b"")).unwrap();
    let said = official::check(&SQUEEZENET1_1, &local(&path).unwrap()).unwrap_err().to_string();
    assert!(said.contains("is not the official file of SqueezeNet 1.1"), "{said}");
    let said = format!("{:#}", read(&SQUEEZENET1_1, local(&path).unwrap()).unwrap_err());
    assert!(said.contains("fire2/squeeze1x1.weight is missing") && said.contains("conv3.bias is not known"), "{said}");
}

#[test]
fn wrong_safetensors_files_are_refused() {
    let tensors = tensors();
    let good = safetensors(&tensors, Dtype::F32);
    let integers = safetensors(&tensors, Dtype::I32);
    let mut beyond = good.clone();
    beyond[..8].copy_from_slice(&(1u64 << 40).to_le_bytes());
    refused(
        "safetensors",
        vec![
            ("empty.safetensors", Vec::new(), vec!["is empty"]),
            ("text.safetensors", b"<!DOCTYPE html><html>".to_vec(), vec!["another format"]),
            ("short.safetensors", good[..good.len() - 1].to_vec(), vec!["cut short"]),
            ("beyond.safetensors", beyond, vec!["another format"]),
            ("integers.safetensors", integers, vec!["block/conv2.bias are I32", "fc.weight are I32"]),
            ("other.safetensors", safetensors(&another_network(), Dtype::F32), ITS_FAULTS.to_vec()),
        ],
    );
}

/// Whoever has the wrong file reads one line, whatever the environment asks of programs that fail.
#[test]
fn the_command_refuses_a_wrong_file_in_one_line() {
    let path = folder("command").join("wrong.pth");
    fs::write(&path, pth(&tensors())).unwrap();
    let missing = path.with_file_name("missing.pth");
    for (path, expected) in
        [(&path, "wrong.pth is not the official file of ResNet-18"), (&missing, "missing.pth cannot be read")]
    {
        let mut command = Command::new(env!("CARGO_BIN_EXE_convert"));
        let command = command.args(["network", "resnet18", "--from"]).arg(path).env("RUST_BACKTRACE", "1");
        let output = command.output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && said.lines().count() == 1 && said.contains(expected), "{said}");
    }
}

#[test]
fn a_trained_network_has_no_official_file() {
    let path = folder("trained").join("x.safetensors");
    fs::write(&path, safetensors(&tensors(), Dtype::F32)).unwrap();
    let error = official::check(&LENET5, &local(&path).unwrap()).unwrap_err().to_string();
    assert!(error.contains("trained here"), "{error}");
}
