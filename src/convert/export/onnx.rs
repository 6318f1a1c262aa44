//! Exports a network for other runtimes, with the weights that the engine computes with.
//!
//! `<id>.onnx` holds the nodes, `<id>.bin` all weights in single precision one after the other (ONNX's external data), and
//! `<id>.json` the layers as this project describes them, with the extents of their tensors in the `.bin`, for runtimes that
//! do not read ONNX.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use prost::Message;
use serde::Serialize;

use crate::convert::export::install::installed as read_installed;
use crate::engine::random;
use crate::graph::onnx::OnnxStep;
use crate::graph::tensors::tensor_specs;
use crate::graph::{Activation, Graph, Op, Shape};
use crate::networks::Card;
use crate::weights::Weights;
use messages::{EXTERNAL, Entry, FLOAT, Model, OperatorSet, Tensor, value_info};
use nodes::nodes;

pub mod messages;
mod nodes;

/// The version of the file format: that of ONNX 1.12, which every current runtime reads.
const IR_VERSION: i64 = 8;
/// The version of the set of operators: that of ONNX 1.12.
const OPSET: i64 = 17;

/// The extent of a tensor in the `.bin`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Extent {
    /// Where the tensor begins, in bytes from the beginning of the file.
    pub offset: usize,
    /// The tensor's length in bytes.
    pub length: usize,
    /// The tensor's shape, as in its [`TensorSpec`](crate::graph::tensors::TensorSpec).
    pub shape: Vec<usize>,
}

/// What was exported of a network.
#[derive(Debug)]
pub struct Exported {
    /// Number of ONNX's nodes.
    pub nodes: usize,
    /// Length of the `.bin` in bytes.
    pub bytes: usize,
    /// Whether the weights are random.
    pub random: bool,
}

/// The content of the `.json`.
#[derive(Serialize)]
struct Description<'a> {
    id: &'a str,
    name: &'a str,
    macs: u64,
    input: Shape,
    /// Subtracted from the pixels, 0 to 255, of each channel.
    mean: &'a [f32],
    /// The differences are divided by this.
    std: &'a [f32],
    /// The seed of random weights; none for official ones.
    seed: Option<u64>,
    /// The files of the quantised weights, in the folder of all networks' weights or, if they are random, beside this file.
    shards: Vec<String>,
    layers: Vec<LayerDescription<'a>>,
}

/// A layer in the `.json`.
#[derive(Serialize)]
struct LayerDescription<'a> {
    name: &'a str,
    op: Op,
    activation: Activation,
    /// The activation function in ONNX's operators, for runtimes that do not compute it together with the layer.
    activation_steps: Vec<OnnxStep>,
    /// The index of the value that the layer computes; the input is 0.
    value: usize,
    /// The indices of the values that the layer reads.
    inputs: Vec<usize>,
    /// The shape of the value that the layer computes.
    output: Shape,
    /// Padding in pixels at the top, left, bottom and right.
    pads: [usize; 4],
    /// The layer's tensors by part, such as "weight".
    tensors: BTreeMap<String, Extent>,
}

/// Writes a card's network with its installed weights or, if none are installed, with random ones from `seed`.
///
/// Random weights are written as quantised files, too, so that the engine loads them as it loads official ones.
///
/// # Errors
/// If no weights are installed and there is no seed, or if a file cannot be read or written.
pub fn export(card: &Card, weights_folder: &Path, seed: Option<u64>, out: &Path) -> Result<Exported> {
    let graph = card.inference();
    let installed = weights_folder.join(card.id);
    fs::create_dir_all(out).with_context(|| format!("{} cannot be made", out.display()))?;
    let (weights, seed, shards) = match seed {
        _ if installed.join("manifest.json").is_file() => {
            let (row, files) = read_installed(&installed)?;
            let names = row.shards.into_iter().map(|shard| shard.file).collect();
            let weights = Weights::read(&graph, &files).with_context(|| installed.display().to_string())?;
            (weights, None, names)
        }
        Some(seed) => {
            let tensors = tensor_specs(&graph)?.into_iter().map(|tensor| {
                let values = random::tensor(&tensor, seed);
                (tensor.name, values)
            });
            let weights = Weights::new(&graph, tensors.collect())?;
            let names = quantised(card, &graph, &weights, seed, out)?;
            (weights, Some(seed), names)
        }
        None => bail!("{} has no weights in {}; --random SEED makes some up", card.id, weights_folder.display()),
    };

    let (nodes, extents) = write(card.id, &graph, &weights, out)?;
    let shapes = graph.shapes()?;
    let needed = graph.needed(&[graph.output()]);
    let layers = graph.layers().iter().enumerate().filter(|(index, _)| needed[*index]);
    let layers = layers.map(|(index, layer)| {
        let inputs: Vec<usize> = layer.inputs.iter().map(|node| node.0).collect();
        let own = |(name, extent): (&String, &Extent)| {
            let (of, part) = name.rsplit_once('.')?;
            (of == layer.name).then(|| (part.to_string(), extent.clone()))
        };
        LayerDescription {
            name: &layer.name,
            op: layer.op,
            activation: layer.activation,
            value: index + 1,
            pads: layer.op.onnx(shapes[inputs[0]], shapes[index + 1]).pads(),
            activation_steps: layer.activation.onnx(),
            inputs,
            output: shapes[index + 1],
            tensors: extents.iter().filter_map(own).collect(),
        }
    });
    let channels = graph.input().channels;
    let description = Description {
        id: card.id,
        name: card.name,
        macs: card.macs,
        input: graph.input(),
        mean: &card.normalisation.mean[..channels],
        std: &card.normalisation.std[..channels],
        seed,
        shards,
        layers: layers.collect(),
    };
    fs::write(out.join(format!("{}.json", card.id)), serde_json::to_vec(&description)?)?;
    let bytes = extents.values().map(|extent| extent.length).sum();
    Ok(Exported { nodes, bytes, random: seed.is_some() })
}

/// Writes the `.onnx` and the `.bin` of a graph; returns the number of nodes and the extent of each tensor.
///
/// # Errors
/// If the weights do not fit the graph, or a file cannot be written.
pub fn write(id: &str, graph: &Graph, weights: &Weights, out: &Path) -> Result<(usize, BTreeMap<String, Extent>)> {
    let location = format!("{id}.bin");
    let needed = graph.needed(&[graph.output()]);
    let layers = graph.layers().iter().zip(needed).filter_map(|(layer, needed)| needed.then_some(layer.name.as_str()));
    let layers: Vec<&str> = layers.collect();
    let mut file =
        BufWriter::new(File::create(out.join(&location)).with_context(|| format!("{location} in {}", out.display()))?);
    let (mut extents, mut initializer, mut offset) = (BTreeMap::new(), Vec::new(), 0);
    for tensor in tensor_specs(graph)? {
        if !tensor.name.rsplit_once('.').is_some_and(|(layer, _)| layers.contains(&layer)) {
            continue;
        }
        for element in weights.tensor(&tensor.name)?.elements() {
            file.write_all(&element.to_le_bytes())?;
        }
        let length = 4 * tensor.shape.iter().product::<usize>();
        initializer.push(external(&tensor.name, &tensor.shape, &location, offset, length));
        extents.insert(tensor.name, Extent { offset, length, shape: tensor.shape });
        offset += length;
    }
    file.flush()?;

    let made = nodes(graph)?;
    initializer.extend(made.constants);
    let Shape { channels, height, width } = graph.input();
    let classes = graph.shapes()?.last().map_or(0, Shape::elements);
    let count = made.nodes.len();
    let graph = messages::Graph {
        node: made.nodes,
        name: id.into(),
        initializer,
        input: vec![value_info("input", &[1, channels, height, width])],
        output: vec![value_info(&made.output, &[1, classes])],
    };
    let model = Model {
        ir_version: IR_VERSION,
        opset_import: vec![OperatorSet { domain: String::new(), version: OPSET }],
        producer_name: env!("CARGO_PKG_NAME").into(),
        producer_version: env!("CARGO_PKG_VERSION").into(),
        graph: Some(graph),
    };
    fs::write(out.join(format!("{id}.onnx")), model.encode_to_vec())?;
    Ok((count, extents))
}

/// A tensor whose elements are in the file `location`, `length` bytes from `offset` on.
fn external(name: &str, shape: &[usize], location: &str, offset: usize, length: usize) -> Tensor {
    let entry = |key: &str, value: String| Entry { key: key.into(), value };
    Tensor {
        name: name.into(),
        data_type: FLOAT,
        dims: messages::dims(shape),
        external_data: vec![
            entry("location", location.into()),
            entry("offset", offset.to_string()),
            entry("length", length.to_string()),
        ],
        data_location: EXTERNAL,
        ..Tensor::default()
    }
}

/// Writes random weights as quantised files; returns the names of the files.
fn quantised(card: &Card, graph: &Graph, weights: &Weights, seed: u64, out: &Path) -> Result<Vec<String>> {
    let metadata = HashMap::from([
        ("network".to_string(), card.id.to_string()),
        ("source".to_string(), format!("random weights, seed {seed}")),
    ]);
    let folder = out.join(card.id);
    fs::create_dir_all(&folder)?;
    let files = weights.write(graph, metadata)?;
    ensure!(!files.is_empty(), "{} has no weights", card.id);
    let mut names = Vec::new();
    for (index, file) in files.iter().enumerate() {
        let name = format!("{}/weights-{:05}-of-{:05}.safetensors", card.id, index + 1, files.len());
        fs::write(out.join(&name), file)?;
        names.push(name);
    }
    Ok(names)
}
