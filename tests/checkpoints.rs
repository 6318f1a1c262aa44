//! Checkpoints as people save them: each form gives the right values, and every damaged or hostile one is refused with a sentence.
#![cfg(feature = "convert")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "common/checkpoints.rs"]
mod checkpoints;
#[path = "common/pytorch.rs"]
#[allow(dead_code, reason = "it writes more forms than are needed here")]
mod pytorch;
#[path = "common/tiny.rs"]
mod tiny;
/// A tensor under its name, with its shape.
mod caffe {
    pub(crate) type Tensor = (String, Vec<usize>, Vec<f32>);
}

use std::cell::Cell;
use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;

use caffe::Tensor;
use checkpoints::{
    Storage, dictionary, int, parameter, pickle, singles, state_dict, storage, tensor, tuple, view, zipped,
};
use convscope::convert::read::{Checkpoint, Format, ReadAt, inspect, official, open};
use convscope::graph::Graph;
use convscope::graph::tensors::tensor_specs;
use convscope::networks::{CARDS, Card, Hash, SAME_NAME, Source, card, lenet5::LENET5};
use half::{bf16, f16};
use pytorch::text;
use sha2::{Digest, Sha256};
use tiny::{TINY, tensors};

/// A file in memory, which may be longer than its bytes: zeros follow. It counts what is read of it.
struct Bytes {
    name: String,
    bytes: Vec<u8>,
    length: u64,
    read: Cell<u64>,
}

impl ReadAt for Bytes {
    fn name(&self) -> &str {
        &self.name
    }

    fn length(&self) -> u64 {
        self.length
    }

    fn read_at(&self, start: u64, buffer: &mut [u8]) -> io::Result<()> {
        if start + buffer.len() as u64 > self.length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.read.set(self.read.get() + buffer.len() as u64);
        let there = usize::try_from(start).ok().and_then(|start| self.bytes.get(start..)).unwrap_or_default();
        let there = &there[..there.len().min(buffer.len())];
        buffer[..there.len()].copy_from_slice(there);
        buffer[there.len()..].fill(0);
        Ok(())
    }
}

fn file(name: &str, bytes: Vec<u8>) -> Rc<Bytes> {
    Rc::new(Bytes { name: name.into(), length: bytes.len() as u64, bytes, read: Cell::new(0) })
}

/// Other values, which must not be taken.
fn others() -> Vec<Tensor> {
    tensors().into_iter().map(|(name, shape, values)| (name, shape, vec![9.0; values.len()])).collect()
}

/// The storages of a file that is being written.
#[derive(Default)]
struct Storages(Vec<Storage>);

impl Storages {
    fn key(&self) -> String {
        self.0.len().to_string()
    }

    fn add(&mut self, storage: Storage) -> Storage {
        self.0.push(storage.clone());
        storage
    }

    /// A tensor of 32-bit floats.
    fn tensor(&mut self, (_, shape, values): &Tensor) -> Vec<u8> {
        let storage = self.add(singles(&self.key(), values));
        tensor(&storage, shape)
    }

    fn items(&mut self, tensors: &[Tensor]) -> Vec<(String, Vec<u8>)> {
        tensors.iter().map(|item| (item.0.clone(), self.tensor(item))).collect()
    }

    fn state_dict(&mut self, tensors: &[Tensor]) -> Vec<u8> {
        state_dict(&self.items(tensors))
    }

    /// A counter as PyTorch has it: a tensor of one 64-bit integer.
    fn counter(&mut self) -> Vec<u8> {
        let storage = self.add(storage("LongStorage", &self.key(), 1, 7u64.to_le_bytes().to_vec()));
        tensor(&storage, &[])
    }

    fn zip(self, value: &[u8]) -> Vec<u8> {
        zipped(pickle(2, value), &self.0)
    }

    /// The form before 1.6.
    fn legacy(self, value: &[u8]) -> Vec<u8> {
        const START: &[u8] = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.";
        let system = pickle(2, &[b"}", &text("little_endian")[..], b"\x88s"].concat());
        let keys: Vec<u8> = self.0.iter().flat_map(|storage| text(&storage.key)).collect();
        let order = pickle(2, &[b"](", &keys[..], b"e"].concat());
        let storages =
            self.0.iter().flat_map(|storage| [&(storage.count as u64).to_le_bytes()[..], &storage.bytes].concat());
        [START, &system, &pickle(2, value), &order, &storages.collect::<Vec<u8>>()].concat()
    }
}

fn renamed(tensors: &[Tensor], rename: impl Fn(&str) -> String) -> Vec<Tensor> {
    tensors.iter().map(|(name, shape, values)| (rename(name), shape.clone(), values.clone())).collect()
}

/// Opens a file as the tiny network's, compares its values, and returns what is said about the file.
fn taken(name: &str, bytes: Vec<u8>) -> Checkpoint {
    let file = file(name, bytes);
    let folded = open(&TINY, Rc::clone(&file) as Rc<dyn ReadAt>).unwrap_or_else(|error| panic!("{name}: {error:#}"));
    for (tensor, (name_here, shape, values)) in tensor_specs(&folded.graph).unwrap().into_iter().zip(tensors()) {
        assert_eq!((&tensor.name, &tensor.shape), (&name_here, &shape), "{name}");
        assert_eq!(folded.elements(&tensor).unwrap(), values, "{name}: {name_here}");
    }
    inspect(file).unwrap()
}

/// The sentence with which a file is refused as the tiny network's.
fn refused(name: &str, bytes: Vec<u8>) -> String {
    let file: Rc<dyn ReadAt> = file(name, bytes);
    let error = match open(&TINY, file) {
        Ok(folded) => tensor_specs(&folded.graph).unwrap().iter().find_map(|tensor| folded.elements(tensor).err()),
        Err(error) => Some(error),
    };
    let sentence = format!("{:#}", error.unwrap_or_else(|| panic!("{name} was taken")));
    assert!(sentence.len() < 1200 && !sentence.contains('\n'), "{name}: {sentence}");
    assert!(sentence.contains(name), "{name}: {sentence}");
    sentence
}

#[test]
fn what_training_programs_save_is_unwrapped_and_said() {
    let right = tensors();
    let namespace = [&b"cargparse\nNamespace\n)\x81}X\x02\0\0\0lrG\x3f\x50\x62\x4d\xd2\xf1\xa9\xfcsb"[..]].concat();
    let optimiser = |storages: &mut Storages| {
        let step = storages.counter();
        let average = storages.tensor(&others()[0]);
        let state = dictionary(&[(int(0), dictionary(&[(text("step"), step), (text("exp_avg"), average)]))]);
        let groups = b"](}(X\x02\0\0\0lrG\x3f\x50\x62\x4d\xd2\xf1\xa9\xfcX\x06\0\0\0params](K\0K\x01eue".to_vec();
        dictionary(&[(text("state"), state), (text("param_groups"), groups)])
    };
    // The name; what is saved; what is said.
    type Saved = (&'static str, fn(&mut Storages, &[Tensor]) -> Vec<(&'static str, Vec<u8>)>, &'static [&'static str]);
    let forms: [Saved; 6] = [
        (
            "model.pth",
            |s, right| vec![("model", s.state_dict(right)), ("epoch", b"K\x07".to_vec())],
            &["under “model”."],
        ),
        ("net.pth", |s, right| vec![("net", s.state_dict(right)), ("acc", b"G\0\0\0\0\0\0\0\0".to_vec())], &["“net”"]),
        (
            "ema.pth",
            |s, right| vec![("state_dict", s.state_dict(&others())), ("state_dict_ema", s.state_dict(right))],
            &["averaged over the training, are those under “state_dict_ema”", "Left aside: “state_dict”."],
        ),
        (
            "torchvision.pth",
            |s, right| {
                let mut averaged = s.items(&renamed(right, |name| format!("module.{name}")));
                averaged.insert(0, ("n_averaged".into(), s.counter()));
                vec![("model", s.state_dict(&others())), ("model_ema", state_dict(&averaged))]
            },
            &["under “model_ema”", "Left aside: “model”.", "Removed from the tensors' names: “module.”."],
        ),
        (
            "nested.pth",
            |s, right| {
                vec![
                    ("ema", dictionary(&[(text("state_dict"), s.state_dict(right))])),
                    ("model", s.state_dict(&others())),
                ]
            },
            &["under “ema”", "under “state_dict”"],
        ),
        (
            "mine.pth",
            |s, right| vec![("my_network", s.state_dict(right))],
            &["Removed from the tensors' names: “my_network.”."],
        ),
    ];
    for (name, saved, said) in forms {
        for legacy in [false, true] {
            let mut storages = Storages::default();
            let saved = saved(&mut storages, &right);
            let value = dictionary(&saved.into_iter().map(|(key, value)| (text(key), value)).collect::<Vec<_>>());
            let bytes = if legacy { storages.legacy(&value) } else { storages.zip(&value) };
            let notes = taken(name, bytes).notes.join(" ");
            for said in said {
                assert!(notes.contains(said), "{name}: {notes}");
            }
        }
    }
    // The whole of it, as PyTorch's example program for ImageNet saves it.
    let mut storages = Storages::default();
    let value = dictionary(&[
        (text("epoch"), b"K\x5a".to_vec()),
        (text("arch"), text("tiny")),
        (text("args"), namespace),
        (text("state_dict"), storages.state_dict(&renamed(&right, |name| format!("module.{name}")))),
        (text("best_acc1"), storages.counter()),
        (text("optimizer"), optimiser(&mut storages)),
        (text("scheduler"), dictionary(&[(text("milestones"), b"ccollections\nCounter\n}K\x1eK\x01s\x85R".to_vec())])),
    ]);
    let checkpoint = taken("model_best.pth.tar", storages.zip(&value));
    assert_eq!(checkpoint.format, Format::PyTorch);
    assert_eq!((checkpoint.tensors, checkpoint.parameters), (6, 4 * 27 + 4 + 6 * 18 + 6 + 5 * 24 + 5));
    let notes = checkpoint.notes.join(" ");
    assert!(notes.contains("under “state_dict”. Left aside: ") && notes.contains("“optimizer”"), "{notes}");
    // Weights beside an optimiser's state, without a key of their own.
    let mut storages = Storages::default();
    let mut items: Vec<_> = storages.items(&right).into_iter().map(|(name, value)| (text(&name), value)).collect();
    items.push((text("optimizer_state"), optimiser(&mut storages)));
    let notes = taken("beside.pth", storages.zip(&dictionary(&items))).notes.join(" ");
    assert_eq!(notes, "Left aside: “optimizer_state”.");
}

#[test]
fn names_are_known_through_what_wraps_them() {
    let right = tensors();
    let renames: [fn(&str) -> String; 8] = [
        |name| format!("module.{name}"),
        |name| format!("_orig_mod.{name}"),
        |name| format!("module._orig_mod.{name}"),
        |name| format!("model.{name}"),
        |name| format!("net.backbone.{name}"),
        |name| name.replacen('.', ".module.", 1),
        |name| name.replacen('.', "._orig_mod.", 1),
        |name| name.replace("fc.", "fc.1."),
    ];
    for rename in renames {
        let mut storages = Storages::default();
        let value = storages.state_dict(&renamed(&right, rename));
        taken("wrapped.pth", storages.zip(&value));
    }
    // Two of everything are no network.
    let mut storages = Storages::default();
    let twice = [right.clone(), renamed(&right, |name| format!("module.{name}"))].concat();
    let value = storages.state_dict(&twice);
    assert!(refused("twice.pth", storages.zip(&value)).contains("conv1.bias occurs twice"));
}

#[test]
fn a_file_is_known_by_its_bytes_whatever_it_is_called() {
    for name in
        ["last.ckpt", "pytorch_model.bin", "weights", "a.pkl", "a.safetensors", "a.caffemodel", "A.PTH", "x.pth.tar"]
    {
        for legacy in [false, true] {
            let mut storages = Storages::default();
            let value = storages.state_dict(&tensors());
            taken(name, if legacy { storages.legacy(&value) } else { storages.zip(&value) });
        }
    }
    taken("model.bin", safetensors(&tensors()));
}

/// Hugging Face's file: bfloat16, and what it says of itself.
fn safetensors(tensors: &[Tensor]) -> Vec<u8> {
    let (mut header, mut data) = (BTreeMap::new(), Vec::new());
    header.insert("__metadata__".to_string(), serde_json::json!({"format": "pt"}));
    for (name, shape, values) in tensors {
        let start = data.len();
        data.extend(values.iter().flat_map(|&value| bf16::from_f32(value).to_le_bytes()));
        header.insert(
            name.clone(),
            serde_json::json!({"dtype": "BF16", "shape": shape, "data_offsets": [start, data.len()]}),
        );
    }
    let header = serde_json::to_vec(&header).unwrap();
    [&(header.len() as u64).to_le_bytes()[..], &header, &data].concat()
}

#[test]
fn every_kind_of_float_becomes_single_precision() {
    /// A class of storages, and how it has an element.
    type Kind = (&'static str, fn(f32) -> Vec<u8>);
    let write: [Kind; 4] = [
        ("FloatStorage", |value| value.to_le_bytes().into()),
        ("HalfStorage", |value| f16::from_f32(value).to_le_bytes().into()),
        ("BFloat16Storage", |value| bf16::from_f32(value).to_le_bytes().into()),
        ("DoubleStorage", |value| f64::from(value).to_le_bytes().into()),
    ];
    for (class, write) in write {
        for legacy in [false, true] {
            let mut storages = Storages::default();
            let items: Vec<_> = tensors()
                .iter()
                .map(|(name, shape, values)| {
                    let bytes = values.iter().flat_map(|&value| write(value)).collect();
                    let storage = storages.add(storage(class, &storages.key(), values.len(), bytes));
                    (name.clone(), tensor(&storage, shape))
                })
                .collect();
            let value = state_dict(&items);
            taken(class, if legacy { storages.legacy(&value) } else { storages.zip(&value) });
        }
    }
    assert_eq!(taken("a.safetensors", safetensors(&tensors())).format, Format::Safetensors);
    for class in ["LongStorage", "ByteStorage", "QInt8Storage"] {
        let mut storages = Storages::default();
        let storage = storages.add(storage(class, "0", 24, vec![0; 24 * 8]));
        let value = state_dict(&[("conv1.weight".into(), tensor(&storage, &[24]))]);
        let said = refused("integers.pth", storages.zip(&value));
        assert!(said.contains("the elements of conv1.weight are") && said.contains("64-bit floats"), "{said}");
    }
}

#[test]
fn tensors_are_found_in_their_storages_by_offsets_and_strides() {
    for legacy in [false, true] {
        let right = tensors();
        let mut storages = Storages::default();
        // One storage for all, as after flattening; the first weight with its channels last, the last one transposed.
        let mut all: Vec<f32> = vec![5.0; 3];
        let mut places = Vec::new();
        for (name, shape, values) in &right {
            let start = all.len();
            let (strides, order): (Vec<usize>, Vec<usize>) = match (name.as_str(), &shape[..]) {
                ("conv1.weight", &[outputs, inputs, height, width]) => {
                    let strides = vec![inputs * height * width, 1, width * inputs, inputs];
                    let order = (0..outputs * height * width * inputs).map(|place| {
                        let (output, rest) = (place / (height * width * inputs), place % (height * width * inputs));
                        let (pixel, input) = (rest / inputs, rest % inputs);
                        (output * inputs + input) * height * width + pixel
                    });
                    (strides, order.collect())
                }
                ("fc.weight", &[outputs, inputs]) => (
                    vec![1, outputs],
                    (0..outputs * inputs).map(|place| place % outputs * inputs + place / outputs).collect(),
                ),
                _ => (
                    (0..shape.len()).map(|axis| shape[axis + 1..].iter().product()).collect(),
                    (0..values.len()).collect(),
                ),
            };
            all.extend(order.iter().map(|&from| values[from]));
            places.push((name.clone(), start, shape.clone(), strides));
        }
        let storage = storages.add(singles("0", &all));
        let tensors: Vec<_> = places
            .into_iter()
            .map(|(name, start, shape, strides)| {
                let tensor = view(&storage, start, &shape, &strides);
                (name, parameter(&tensor))
            })
            .collect();
        let value = state_dict(&tensors);
        taken("shared.pth", if legacy { storages.legacy(&value) } else { storages.zip(&value) });
    }
}

/// The part of another storage that the oldest files refer to.
#[test]
fn views_of_storages_in_the_oldest_files_are_found() {
    let right = tensors();
    let all: Vec<f32> = right.iter().flat_map(|(_, _, values)| values.clone()).collect();
    let root = singles("root", &all);
    let mut start = 0;
    let items: Vec<_> = right
        .iter()
        .map(|(name, shape, values)| {
            let part = [b"(".to_vec(), text("view"), int(start), int(values.len()), b"t".to_vec()].concat();
            let reference = checkpoints::reference(&root);
            let whole = tensor(&root, shape);
            let with_view = [&reference[..reference.len() - 2], &part, b"tQ"].concat();
            let place = whole.windows(reference.len()).position(|window| window == reference).unwrap();
            let mut tensor = whole.clone();
            tensor.splice(place..place + reference.len(), with_view);
            start += values.len();
            (name.clone(), tensor)
        })
        .collect();
    let storages = Storages(vec![root]);
    taken("views.pth", storages.legacy(&state_dict(&items)));
}

#[test]
fn every_protocol_that_python_writes_is_read() {
    let modern = |value: &[u8]| {
        let mut value = value.to_vec();
        for (module, name) in
            [("torch._utils", "_rebuild_tensor_v2"), ("torch", "FloatStorage"), ("collections", "OrderedDict")]
        {
            let old = format!("c{module}\n{name}\n").into_bytes();
            let short = |text: &str| [&[0x8c, text.len() as u8], text.as_bytes()].concat();
            let new = [short(module), short(name), b"\x93\x94".to_vec()].concat();
            while let Some(place) = value.windows(old.len()).position(|window| window == old) {
                value.splice(place..place + old.len(), new.clone());
            }
        }
        [b"\x95", &(value.len() as u64 + 1).to_le_bytes()[..], &value].concat()
    };
    for protocol in 2..=5 {
        let mut storages = Storages::default();
        let value = storages.state_dict(&tensors());
        let value = if protocol < 4 { value } else { modern(&value) };
        taken("protocol.pth", zipped(pickle(protocol, &value), &storages.0));
    }
    // Python 2: an ordered dictionary from a list of pairs, and texts of bytes.
    let mut storages = Storages::default();
    let pairs: Vec<u8> = storages
        .items(&tensors())
        .into_iter()
        .flat_map(|(name, tensor)| [b"](U", &[name.len() as u8][..], name.as_bytes(), &tensor, b"e"].concat())
        .collect();
    let value = [b"ccollections\nOrderedDict\n](", &pairs[..], b"e\x85R"].concat();
    taken("python2.pth", storages.legacy(&value));
}

#[test]
fn another_number_of_classes_is_the_files() {
    let mut storages = Storages::default();
    let right: Vec<Tensor> = tensors()
        .into_iter()
        .map(|(name, mut shape, mut values)| {
            if name.starts_with("fc.") {
                values.truncate(values.len() / 5 * 3);
                shape[0] = 3;
            }
            (name, shape, values)
        })
        .collect();
    let value = storages.state_dict(&right);
    let folded = open(&TINY, file("three.pth", storages.zip(&value))).unwrap();
    let fc = tensor_specs(&folded.graph).unwrap().into_iter().find(|tensor| tensor.name == "fc.weight").unwrap();
    assert_eq!(fc.shape, [3, 24]);
    assert_eq!(folded.elements(&fc).unwrap(), right[4].2);
}

#[test]
fn tensors_beside_the_network_are_left_aside() {
    let resnet = card("resnet18").unwrap();
    let mut tensors: Vec<_> =
        of_graph(&(resnet.graph)()).into_iter().map(|(name, shape)| (format!("model.{name}"), shape)).collect();
    tensors.push(("criterion.weight".into(), vec![1000]));
    let checkpoint = inspect(sparse("lightning.safetensors", &tensors)).unwrap();
    assert_eq!(found(&checkpoint), [("resnet18", 1000)], "{}", checkpoint.misfit);
    assert_eq!(checkpoint.notes, ["The network is what is under “model.”. Left aside: 1 other tensor."]);
    assert!(open(resnet, sparse("lightning.safetensors", &tensors)).is_ok());
    // Without a front of their own they may belong to the network, which would then compute something else.
    let mut tensors = of_graph(&(resnet.graph)());
    tensors.push(("attention.weight".into(), vec![512]));
    assert!(inspect(sparse("more.safetensors", &tensors)).unwrap().misfit.contains("attention.weight is not known"));
}

/// A safetensors file of these names and shapes, whose elements are zeros that are stored nowhere.
fn sparse(name: &str, tensors: &[(String, Vec<usize>)]) -> Rc<Bytes> {
    let (mut header, mut length) = (BTreeMap::new(), 0);
    for (name, shape) in tensors {
        let end = length + 4 * shape.iter().product::<usize>();
        header.insert(name, serde_json::json!({"dtype": "F32", "shape": shape, "data_offsets": [length, end]}));
        length = end;
    }
    let header = serde_json::to_vec(&header).unwrap();
    let bytes = [&(header.len() as u64).to_le_bytes()[..], &header].concat();
    Rc::new(Bytes { name: name.into(), length: (bytes.len() + length) as u64, bytes, read: Cell::new(0) })
}

fn of_graph(graph: &Graph) -> Vec<(String, Vec<usize>)> {
    tensor_specs(graph).unwrap().into_iter().map(|tensor| (tensor.name, tensor.shape)).collect()
}

fn found(checkpoint: &Checkpoint) -> Vec<(&'static str, usize)> {
    checkpoint.networks.iter().map(|fitting| (fitting.card.id, fitting.classes)).collect()
}

#[test]
fn every_network_is_found_by_the_graphs_names_and_no_other_is() {
    for card in CARDS {
        let classes = card.labels.count();
        for (classes, graph) in [(classes, (card.graph)()), (7, (card.graph)().with_classes(7))] {
            let file = sparse("mine.safetensors", &of_graph(&graph));
            let checkpoint = inspect(Rc::clone(&file) as Rc<dyn ReadAt>).unwrap();
            assert_eq!(found(&checkpoint), [(card.id, classes)], "{}", checkpoint.misfit);
            assert_eq!(checkpoint.misfit, "");
            assert!(checkpoint.networks.iter().all(|fitting| !fitting.official));
            let parameters: usize = of_graph(&graph).iter().map(|(_, shape)| shape.iter().product::<usize>()).sum();
            assert_eq!(checkpoint.parameters, parameters as u64);
            let folded = open(card, file).unwrap();
            assert_eq!(folded.graph, card.inference().with_classes(classes));
        }
    }
}

#[test]
fn only_the_tensor_that_is_asked_for_is_read() {
    let vgg = card("vgg16").unwrap();
    let file = sparse("vgg.safetensors", &of_graph(&(vgg.graph)()));
    assert!(file.length > 500_000_000);
    let folded = open(vgg, Rc::clone(&file) as Rc<dyn ReadAt>).unwrap();
    assert!(file.read.get() < 100_000, "{} bytes to open it", file.read.get());
    let specs = tensor_specs(&folded.graph).unwrap();
    let bias = specs.iter().find(|tensor| tensor.name == "fc8.bias").unwrap();
    file.read.set(0);
    assert_eq!(folded.elements(bias).unwrap(), [0.0; 1000]);
    assert_eq!(file.read.get(), 4000);
}

#[test]
fn googlenet_may_lack_its_auxiliary_outputs() {
    let googlenet = card("googlenet").unwrap();
    let main = (googlenet.graph)().without_heads().with_classes(12);
    let file = sparse("main.safetensors", &of_graph(&main));
    let checkpoint = inspect(Rc::clone(&file) as Rc<dyn ReadAt>).unwrap();
    assert_eq!(found(&checkpoint), [("googlenet", 12)]);
    assert!(checkpoint.notes.iter().any(|note| note.contains("lacks auxiliary outputs")), "{:?}", checkpoint.notes);
    assert_eq!(open(googlenet, file).unwrap().graph, googlenet.inference().without_heads().with_classes(12));
    // Auxiliary outputs that were not trained for the new classes are left aside too.
    let mut tensors = of_graph(&main);
    let whole = of_graph(&(googlenet.graph)());
    tensors.extend(whole.into_iter().filter(|(name, _)| name.starts_with("loss1") || name.starts_with("loss2")));
    assert_eq!(found(&inspect(sparse("old.safetensors", &tensors)).unwrap()), [("googlenet", 12)]);
}

/// timm's names and shapes of a network of inverted residuals: kernel, expansion, channels and repeats of each stage.
fn timm(stages: &[(usize, usize, usize, usize)], squeeze_excite: bool, classes: usize) -> Vec<(String, Vec<usize>)> {
    let mut tensors: Vec<(String, Vec<usize>)> = Vec::new();
    let mut add = |name: String, shape: &[usize]| tensors.push((name, shape.to_vec()));
    let norm = |add: &mut dyn FnMut(String, &[usize]), name: String, channels: usize| {
        for part in ["weight", "bias", "running_mean", "running_var"] {
            add(format!("{name}.{part}"), &[channels]);
        }
    };
    add("conv_stem.weight".into(), &[32, 3, 3, 3]);
    norm(&mut add, "bn1".into(), 32);
    let mut input = 32;
    for (stage, &(kernel, expand, output, repeats)) in stages.iter().enumerate() {
        for repeat in 0..repeats {
            let name = |layer: &str| format!("blocks.{stage}.{repeat}.{layer}");
            let wide = input * expand;
            let norms = if stage == 0 { ["", "bn1", "bn2"] } else { ["bn1", "bn2", "bn3"] };
            if stage > 0 {
                add(name("conv_pw.weight"), &[wide, input, 1, 1]);
                norm(&mut add, name(norms[0]), wide);
            }
            add(name("conv_dw.weight"), &[wide, 1, kernel, kernel]);
            norm(&mut add, name(norms[1]), wide);
            if squeeze_excite {
                add(name("se.conv_reduce.weight"), &[input / 4, wide, 1, 1]);
                add(name("se.conv_reduce.bias"), &[input / 4]);
                add(name("se.conv_expand.weight"), &[wide, input / 4, 1, 1]);
                add(name("se.conv_expand.bias"), &[wide]);
            }
            add(name(if stage == 0 { "conv_pw.weight" } else { "conv_pwl.weight" }), &[output, wide, 1, 1]);
            norm(&mut add, name(norms[2]), output);
            input = output;
        }
    }
    add("conv_head.weight".into(), &[1280, 320, 1, 1]);
    norm(&mut add, "bn2".into(), 1280);
    add("classifier.weight".into(), &[classes, 1280]);
    add("classifier.bias".into(), &[classes]);
    tensors
}

const B0: [(usize, usize, usize, usize); 7] =
    [(3, 1, 16, 1), (3, 6, 24, 2), (5, 6, 40, 2), (3, 6, 80, 3), (5, 6, 112, 3), (5, 6, 192, 4), (3, 6, 320, 1)];
const LITE1: [(usize, usize, usize, usize); 7] =
    [(3, 1, 16, 1), (3, 6, 24, 3), (5, 6, 40, 3), (3, 6, 80, 4), (5, 6, 112, 4), (5, 6, 192, 5), (3, 6, 320, 1)];
const MOBILENET: [(usize, usize, usize, usize); 7] =
    [(3, 1, 16, 1), (3, 6, 24, 2), (3, 6, 32, 3), (3, 6, 64, 4), (3, 6, 96, 3), (3, 6, 160, 3), (3, 6, 320, 1)];

#[test]
fn timms_names_are_known_where_the_network_computes_the_same() {
    let networks = [
        ("mobilenet_v2", "best.safetensors", timm(&MOBILENET, false, 9)),
        ("efficientnet_b0", "efficientnet_b0.ra_in1k.safetensors", timm(&B0, true, 9)),
        ("efficientnet_lite0", "tf_efficientnet_lite0.safetensors", timm(&B0, false, 9)),
        ("efficientnet_lite1", "dir/tf_efficientnet_lite1-flowers.safetensors", timm(&LITE1, false, 9)),
    ];
    for (id, name, tensors) in networks {
        let checkpoint = inspect(sparse(name, &tensors)).unwrap();
        assert_eq!(found(&checkpoint), [(id, 9)], "{name}: {}", checkpoint.misfit);
        assert_eq!(checkpoint.notes, ["Its tensors have the names of timm."]);
        assert_eq!(
            open(card(id).unwrap(), sparse(name, &tensors)).unwrap().graph,
            card(id).unwrap().inference().with_classes(9)
        );
    }
    // The same tensors under the name of the network that computes differently, or under none.
    for (name, tensors) in [
        ("tf_efficientnet_b0.safetensors", timm(&B0, true, 9)),
        ("model.safetensors", timm(&B0, true, 9)),
        ("efficientnet_lite0.safetensors", timm(&B0, false, 9)),
        ("tf_efficientnet_b0/model.safetensors", timm(&B0, true, 9)),
    ] {
        let checkpoint = inspect(sparse(name, &tensors)).unwrap();
        assert_eq!(found(&checkpoint), []);
        assert!(checkpoint.misfit.contains("have the file's name say so"), "{name}: {}", checkpoint.misfit);
    }
    // VGG's first linear layers are convolutions there.
    let vgg = card("vgg16").unwrap();
    let features = [0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28].into_iter();
    let mut convolutions = of_graph(&(vgg.graph)()).into_iter();
    let mut tensors = Vec::new();
    for number in features {
        for part in ["weight", "bias"] {
            tensors.push((format!("features.{number}.{part}"), convolutions.next().unwrap().1));
        }
    }
    for (name, shape) in [
        ("pre_logits.fc1.weight", &[4096, 512, 7, 7][..]),
        ("pre_logits.fc1.bias", &[4096]),
        ("pre_logits.fc2.weight", &[4096, 4096, 1, 1]),
        ("pre_logits.fc2.bias", &[4096]),
        ("head.fc.weight", &[4, 4096]),
        ("head.fc.bias", &[4]),
    ] {
        tensors.push((name.into(), shape.to_vec()));
    }
    assert_eq!(found(&inspect(sparse("vgg16.safetensors", &tensors)).unwrap()), [("vgg16", 4)]);
    let folded = open(vgg, sparse("vgg16.safetensors", &tensors)).unwrap();
    assert!(of_graph(&folded.graph).contains(&("fc6.weight".into(), vec![4096, 25088])));
}

#[test]
fn a_checkpoint_may_say_which_of_two_networks_it_is() {
    for (arch, fits) in [("efficientnet_b0", 1), ("tf_efficientnet_b0", 0), ("resnet18", 0)] {
        let tensors = timm(&B0, true, 2);
        let mut storages = Storages::default();
        // Elements are never read here: the storages are as long as they say, and all tensors share the longest.
        let longest = tensors.iter().map(|(_, shape)| shape.iter().product::<usize>()).max().unwrap();
        let storage = storages.add(singles("0", &vec![0.0; longest]));
        let items: Vec<_> = tensors.iter().map(|(name, shape)| (name.clone(), tensor(&storage, shape))).collect();
        let value = dictionary(&[(text("arch"), text(arch)), (text("state_dict"), state_dict(&items))]);
        let checkpoint = inspect(file("last.pth.tar", storages.zip(&value))).unwrap();
        assert_eq!(checkpoint.networks.len(), fits, "{arch}: {}", checkpoint.misfit);
    }
}

#[test]
fn the_nearest_network_is_named_with_what_differs() {
    let mut resnet = of_graph(&(card("resnet18").unwrap().graph)());
    resnet.retain(|(name, _)| !name.starts_with("layer4.1"));
    resnet.push(("extra.weight".into(), vec![1]));
    let checkpoint = inspect(sparse("a.safetensors", &resnet)).unwrap();
    assert_eq!(found(&checkpoint), []);
    let said = &checkpoint.misfit;
    assert!(
        said.starts_with("It fits none of the networks. The nearest is ResNet-18, of whose 102 tensors it has 92: "),
        "{said}"
    );
    assert!(said.contains("layer4.1.conv1.weight is missing") && said.contains("extra.weight is not known"), "{said}");
    // torchvision's AlexNet is another network than Caffe's.
    let alexnet = [
        ("features.0.weight", vec![64, 3, 11, 11]),
        ("features.0.bias", vec![64]),
        ("classifier.1.weight", vec![4096, 9216]),
    ];
    let alexnet: Vec<_> = alexnet.into_iter().map(|(name, shape)| (name.to_string(), shape)).collect();
    let said = inspect(sparse("alexnet.safetensors", &alexnet)).unwrap().misfit;
    assert!(said.starts_with("It fits none of the networks") && said.len() < 600, "{said}");
    let long: Vec<_> = (0..2000).map(|i| (format!("{}{i}.weight", "x".repeat(240)), vec![i])).collect();
    let said = inspect(sparse("long.safetensors", &long)).unwrap().misfit;
    assert!(said.len() < 600, "{said}");
}

#[test]
fn the_official_file_is_known_by_any_of_its_hashes_and_named_where_it_is_another() {
    let tensors: Vec<_> = of_graph(&(card("resnet18").unwrap().graph)());
    let wrong: Rc<dyn ReadAt> = sparse("wrong.pth", &tensors);
    let said = format!("{:#}", official::check(card("resnet18").unwrap(), &wrong).unwrap_err());
    for part in
        ["wrong.pth is not the official file of ResNet-18", "f37072fd", "resnet18-f37072fd.pth (47 MB), from https://"]
    {
        assert!(said.contains(part), "{said}");
    }
    let said = format!("{:#}", official::check(card("squeezenet1_1").unwrap(), &wrong).unwrap_err());
    assert!(
        said.contains("squeezenet_weights.pkl (5 MB)") && said.contains("version 0.1.4 of the Python package ndf"),
        "{said}"
    );
    let hash: String = Sha256::digest(b"weights").iter().map(|byte| format!("{byte:02x}")).collect();
    let earlier: &'static [Hash] =
        vec![Hash::Sha256Prefix("00"), Hash::Sha256Prefix(hash[..8].to_string().leak())].leak();
    let twice = Card {
        source: Source::Download {
            url: "tiny.pth",
            hash: Hash::Sha256Prefix("11"),
            earlier,
            bytes: 7,
            rename: SAME_NAME,
        },
        ..TINY
    };
    let file: Rc<dyn ReadAt> = file("weights.pth", b"weights".to_vec());
    assert!(official::is_official(&twice, &file).unwrap() && official::check(&twice, &file).is_ok());
    assert!(!official::is_official(&TINY, &file).unwrap());
    assert!(!official::is_official(&LENET5, &file).unwrap());
    let Source::Download { hash, earlier, .. } = card("efficientnet_b0").unwrap().source else {
        panic!("it is downloaded")
    };
    assert_eq!((hash, earlier), (Hash::Sha256Prefix("7f5810bc"), &[Hash::Sha256Prefix("3dd342df")][..]));
}

#[test]
fn files_that_are_cut_or_damaged_anywhere_are_refused_or_read_but_never_more() {
    let mut storages = Storages::default();
    let value =
        dictionary(&[(text("state_dict"), storages.state_dict(&tensors())), (text("epoch"), b"K\x01".to_vec())]);
    let old = Storages(storages.0.clone()).legacy(&value);
    let zip = storages.zip(&value);
    for (name, whole) in [("cut.pth", zip), ("cut_old.pth", old), ("cut.safetensors", safetensors(&tensors()))] {
        for length in (0..whole.len()).step_by(13) {
            refused(name, whole[..length].to_vec());
        }
        // Any byte may be another: what is read then is a file all the same, or refused.
        let mut random = 1u64;
        for round in 0..2000 {
            random = random.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            let mut damaged = whole.clone();
            let place = (random >> 33) as usize % damaged.len();
            damaged[place] = (random >> 25) as u8;
            let file: Rc<dyn ReadAt> = file(name, damaged);
            if round % 50 == 0 {
                _ = inspect(Rc::clone(&file));
            }
            if let Ok(folded) = open(&TINY, file) {
                tensor_specs(&folded.graph).unwrap().iter().for_each(|tensor| _ = folded.elements(tensor));
            }
        }
    }
}

#[test]
fn sizes_beyond_the_file_are_refused_before_memory_is_taken() {
    let huge = usize::try_from(i64::MAX).unwrap();
    let one = || {
        let mut storages = Storages::default();
        let storage = storages.add(singles("0", &[1.0; 8]));
        (storages, storage)
    };
    /// The file's name, shape and strides, the offset in a storage of eight elements, and what is said.
    type Case<'a> = (&'a str, &'a [usize], &'a [usize], usize, &'a str);
    let cases: [Case<'_>; 7] = [
        ("shape.pth", &[9], &[1], 0, "has 9 elements, and its storage 8"),
        ("offset.pth", &[8], &[1], 1, "lies outside storage 0"),
        ("far.pth", &[2], &[1], huge, "lies outside storage 0"),
        ("stride.pth", &[2, 2], &[huge, 1], 0, "lies outside storage 0"),
        ("expanded.pth", &[1 << 30], &[0], 0, "and its storage 8"),
        ("product.pth", &[1 << 40, 1 << 40], &[1, 1], 0, "more elements than can be counted"),
        ("ranks.pth", &[1; 9], &[1; 9], 0, "described in no way"),
    ];
    for (name, shape, strides, offset, expected) in cases {
        let (storages, storage) = one();
        let value = state_dict(&[("conv1.weight".into(), view(&storage, offset, shape, strides))]);
        let said = refused(name, storages.zip(&value));
        assert!(said.contains(expected), "{said}");
    }
    // A storage that declares more than its entry has, and one that is nowhere.
    let (storages, storage) = one();
    let more = Storage { count: 1 << 40, ..storage.clone() };
    let said = refused("more.pth", storages.zip(&state_dict(&[("conv1.weight".into(), tensor(&more, &[1 << 39]))])));
    assert!(said.contains("lies outside storage 0"), "{said}");
    let (storages, storage) = one();
    let other = Storage { key: "7".into(), ..storage };
    let said = refused("nowhere.pth", storages.zip(&state_dict(&[("conv1.weight".into(), tensor(&other, &[8]))])));
    assert!(said.contains("storage 7, which the file lacks"), "{said}");
    // Nothing but a negative stride.
    let (storages, storage) = one();
    let negative = view(&storage, 0, &[8], &[1]);
    let place = negative.windows(tuple(&[1]).len()).rposition(|window| window == tuple(&[1])).unwrap();
    let mut negative = negative.clone();
    negative[place + 2..place + 6].copy_from_slice(&(-1i32).to_le_bytes());
    let said = refused("negative.pth", storages.zip(&state_dict(&[("conv1.weight".into(), negative)])));
    assert!(said.contains("described in no way"), "{said}");
}

#[test]
fn hostile_pickles_end_in_a_sentence() {
    let file = |value: &[u8]| Storages::default().zip(value);
    // Dictionaries in dictionaries: 100,000 deep, in itself, and each twice in the next.
    let deep = [b"}X\x01\0\0\0a".repeat(100_000), b"}".to_vec(), b"s".repeat(100_000)].concat();
    refused("deep.pth", file(&deep));
    refused("itself.pth", file(b"}q\0X\x01\0\0\0ah\0s"));
    let laughs: Vec<u8> = [b"}q\0".to_vec()]
        .into_iter()
        .chain((0..60).map(|_| b"0}q\x01(X\x01\0\0\0ah\0X\x01\0\0\0bh\0uq\0".to_vec()))
        .flatten()
        .collect();
    let said = refused("laughs.pth", file(&laughs));
    assert!(said.contains("no tensors") || said.contains("more than"), "{said}");
    let wide = [b"}(".to_vec(), b"X\x01\0\0\0aN".repeat(400_000), b"u".to_vec()].concat();
    let wide = [wide, b"q\x000".to_vec(), b"}(".to_vec(), b"X\x01\0\0\0bh\0".repeat(400), b"u".to_vec()].concat();
    let said = refused("wide.pth", file(&wide));
    assert!(said.contains("more than a file of weights needs"), "{said}");
    let many = b"N0".repeat(1_100_000);
    assert!(refused("many.pth", file(&[many, b"}".to_vec()].concat())).contains("instructions"));
    let long = [b"X".to_vec(), (20u32 << 20).to_le_bytes().to_vec(), vec![b'a'; 20 << 20], b"0}".to_vec()].concat();
    assert!(refused("long.pth", file(&long)).contains("more text"));
    for (name, value, expected) in [
        ("beyond.pth", &b"X\xff\xff\xff\xff"[..], "cut short"),
        ("bytes.pth", b"\x8e\xff\xff\xff\xff\xff\xff\xff\xff", "cut short"),
        (
            "model.pth",
            b"ctorchvision.models.resnet\nResNet\n)\x81",
            "it wants to call torchvision.models.resnet.ResNet, which no file",
        ),
        ("call.pth", b"cos\nsystem\n(X\x02\0\0\0lstR", "os.system"),
        ("list.pth", b"]", "no dictionary of tensors"),
        ("number.pth", b"K\x01", "no dictionary of tensors"),
        ("none.pth", b"}", "no tensors"),
        ("underflow.pth", b"u", "do not fit together"),
        ("reference.pth", b"X\x01\0\0\0aQ", "no dictionary of tensors"),
    ] {
        let said = refused(name, file(value));
        assert!(said.contains(expected), "{name}: {said}");
    }
    let name = "x".repeat(300);
    let mut storages = Storages::default();
    let value = storages.state_dict(&[(name, vec![1], vec![1.0])]);
    assert!(refused("name.pth", storages.zip(&value)).contains("name has 300 bytes"));
}

#[test]
fn what_no_file_of_weights_has_is_refused_at_once() {
    // A key of 8 MB in front of many tensors would fill the memory with their names.
    let items: Vec<(String, Vec<u8>)> =
        (0..1000).map(|i| (i.to_string(), view(&singles("0", &[1.0]), 0, &[1], &[1]))).collect();
    let value = state_dict(&[("k".repeat(8 << 20), state_dict(&items))]);
    let mut storages = Storages::default();
    storages.add(singles("0", &[1.0]));
    assert!(refused("key.pth", storages.zip(&value)).contains("name has 8388608 bytes"));

    let many: Vec<(String, Vec<u8>)> =
        (0..20_001).map(|i| (i.to_string(), view(&singles("0", &[1.0]), 0, &[1], &[1]))).collect();
    let mut storages = Storages::default();
    storages.add(singles("0", &[1.0]));
    assert!(refused("many.pth", storages.zip(&state_dict(&many))).contains("more than 20000 tensors"));
    let many: Vec<(String, Vec<usize>)> = (0..20_001).map(|i| (i.to_string(), vec![1])).collect();
    let error = inspect(sparse("many.safetensors", &many)).err().unwrap();
    assert!(format!("{error:#}").contains("more than 20000 tensors"), "{error:#}");
}

#[test]
fn a_safetensors_header_that_cannot_be_used_names_the_tensor() {
    let file = |info: serde_json::Value| {
        let header = serde_json::to_vec(&serde_json::json!({"conv1.weight": info})).unwrap();
        [&(header.len() as u64).to_le_bytes()[..], &header, &[0; 8]].concat()
    };
    for (info, expected) in [
        (
            serde_json::json!({"dtype": "F8_UNHEARD", "shape": [8], "data_offsets": [0, 8]}),
            "the elements of conv1.weight are F8_UNHEARD; only",
        ),
        (
            serde_json::json!({"dtype": 4, "shape": [8], "data_offsets": [0, 8]}),
            "conv1.weight has no type, shape and place",
        ),
        (
            serde_json::json!({"dtype": "F32", "shape": [-2], "data_offsets": [0, 8]}),
            "conv1.weight has no type, shape and place",
        ),
        (
            serde_json::json!({"dtype": "F32", "shape": [2], "data_offsets": [0]}),
            "conv1.weight has no type, shape and place",
        ),
        (serde_json::json!("F32"), "conv1.weight has no type, shape and place"),
    ] {
        let said = refused("odd.safetensors", file(info));
        assert!(said.contains(expected) && !said.contains("expected"), "{said}");
    }
}

#[test]
fn programs_and_big_endian_files_are_refused_with_what_to_do() {
    let pickle = pickle(2, b"}");
    let entries = |names: &[(&str, &[u8])]| {
        let own = names.iter().map(|(name, bytes)| (format!("a/{name}"), bytes.to_vec()));
        pytorch::archive(&[("a/data.pkl".to_string(), pickle.clone())].into_iter().chain(own).collect::<Vec<_>>())
    };
    let said = refused("script.pt", entries(&[("constants.pkl", b"")]));
    assert!(said.contains("TorchScript") && said.contains("state_dict"), "{said}");
    let said = refused("big.pt", entries(&[("byteorder", b"big")]));
    assert!(said.contains("big-endian"), "{said}");
}
