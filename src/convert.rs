//! Official file → quantised file, through the network's own graph: a wrong file is refused before anything is written.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsStr;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use half::f16;

use crate::graph::Graph;
use crate::graph::fold::{Folding, fold};
use crate::graph::tensors::{TensorSpec, tensor_specs};
use crate::networks::{Card, Source};
use crate::weights::{Tensor, Weights, faults, singles};

pub mod caffe;
pub mod choose;
pub mod crops;
pub mod documents;
pub mod install;
pub mod measure;
pub mod numpy;
pub mod official;
pub mod onnx;
mod pickle;
pub mod pytorch;
pub mod quantise;
pub mod report;
pub mod safetensors_file;
pub mod samples;

/// A tensor of an official file, read when it is needed.
pub struct Official {
    /// As in the file.
    pub shape: Vec<usize>,
    /// Reads its numbers.
    pub read: Box<dyn Fn() -> Result<Vec<f32>>>,
}

/// An official file's tensors under this project's names.
pub type OfficialTensors = BTreeMap<String, Official>;

/// An official file that fits its network, folded for inference one tensor at a time.
pub struct Folded {
    /// The graph for inference.
    pub graph: Graph,
    foldings: HashMap<String, Folding>,
    tensors: OfficialTensors,
    /// The file's name, for messages.
    origin: String,
}

/// Opens a card's official file.
///
/// The file's ending tells its format: `.pth` or `.pt`, `.caffemodel`, `.pkl`, `.safetensors`.
///
/// # Errors
/// Says what is wrong with the file: damaged, another format, or every missing, extra and mis-shaped tensor.
pub fn open(card: &Card, path: &Path) -> Result<Folded> {
    let rename = match card.source {
        Source::PythonPackage { rename, .. } | Source::Download { rename, .. } => rename,
        Source::Trained { .. } => bail!("{} has no official file: it is trained here", card.id),
    };
    let ending = path.extension().and_then(OsStr::to_str).unwrap_or_default().to_ascii_lowercase();
    let tensors = match ending.as_str() {
        "pth" | "pt" => pytorch::read(path, rename)?,
        "caffemodel" => caffe::read(path, rename)?,
        "pkl" => numpy::read(path, rename)?,
        "safetensors" => safetensors_file::read(path, rename)?,
        _ => bail!("{} ends in none of .pth, .caffemodel, .pkl and .safetensors, which are read here", path.display()),
    };
    let folded = Folded::new(&(card.graph)(), tensors);
    let folded = folded.with_context(|| format!("{} is not {}'s official file", path.display(), card.name))?;
    Ok(Folded { origin: path.display().to_string(), ..folded })
}

/// Reads a card's official file into the graph for inference, in single precision.
///
/// # Errors
/// As [`open`], or if a tensor cannot be read.
pub fn read(card: &Card, path: &Path) -> Result<(Graph, Weights)> {
    open(card, path)?.all()
}

impl Folded {
    /// Checks `tensors` against `graph`, as published.
    ///
    /// # Errors
    /// Lists every missing, extra and mis-shaped tensor.
    pub fn new(graph: &Graph, tensors: OfficialTensors) -> Result<Self> {
        let shapes = tensors.iter().map(|(name, tensor)| (name.clone(), tensor.shape.clone())).collect();
        let faults = faults(graph, &shapes, |found, expected| found == expected)?;
        ensure!(faults.is_empty(), "{}", faults.join(", "));
        let (graph, foldings) = fold(graph);
        let foldings = foldings.into_iter().map(|folding| (folding.conv.clone(), folding)).collect();
        Ok(Self { graph, foldings, tensors, origin: "the file".into() })
    }

    /// A tensor of the graph for inference.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn numbers(&self, tensor: &TensorSpec) -> Result<Vec<f32>> {
        let (layer, part) = tensor.name.rsplit_once('.').unwrap_or((&tensor.name, ""));
        match (self.foldings.get(layer), part) {
            (Some(folding), "weight") => self.folded_weight(folding),
            (Some(folding), "bias") => self.folded_bias(folding),
            _ => self.official(&tensor.name),
        }
    }

    /// All tensors at once.
    ///
    /// # Errors
    /// If one cannot be read.
    pub fn all(&self) -> Result<(Graph, Weights)> {
        let tensors = tensor_specs(&self.graph)?.into_iter().map(|tensor| {
            let numbers = self.numbers(&tensor)?;
            Ok((tensor.name, Tensor::F32(numbers)))
        });
        let weights = Weights::new(&self.graph, tensors.collect::<Result<_>>()?)?;
        Ok((self.graph.clone(), weights))
    }

    fn official(&self, name: &str) -> Result<Vec<f32>> {
        let tensor = self.tensors.get(name).with_context(|| format!("{name} is missing"))?;
        (tensor.read)().with_context(|| format!("{} is damaged: {name} cannot be read", self.origin))
    }

    /// `s` of `conv(x) · s + t`.
    fn scale(&self, folding: &Folding) -> Result<Vec<f32>> {
        let gain = self.official(&format!("{}.weight", folding.batch_norm))?;
        let variance = self.official(&format!("{}.running_var", folding.batch_norm))?;
        Ok(gain.iter().zip(variance).map(|(gain, variance)| gain / (variance + folding.epsilon).sqrt()).collect())
    }

    fn folded_weight(&self, folding: &Folding) -> Result<Vec<f32>> {
        let mut weight = self.official(&format!("{}.weight", folding.conv))?;
        let row_length = weight.len() / folding.channels;
        for (row, scale) in weight.chunks_exact_mut(row_length).zip(self.scale(folding)?) {
            row.iter_mut().for_each(|value| *value *= scale);
        }
        Ok(weight)
    }

    fn folded_bias(&self, folding: &Folding) -> Result<Vec<f32>> {
        let scale = self.scale(folding)?;
        let mean = self.official(&format!("{}.running_mean", folding.batch_norm))?;
        let shift = self.official(&format!("{}.bias", folding.batch_norm))?;
        let own = match folding.had_bias {
            true => self.official(&format!("{}.bias", folding.conv))?,
            false => vec![0.0; folding.channels],
        };
        Ok((0..folding.channels).map(|i| (own[i] - mean[i]) * scale[i] + shift[i]).collect())
    }
}

/// A file's bytes.
fn whole(path: &Path) -> Result<Vec<u8>> {
    let bytes = std::fs::read(path)?;
    ensure!(!bytes.is_empty(), "it is empty");
    Ok(bytes)
}

/// PyTorch's count of training steps is of no use afterwards.
fn is_weight(name: &str) -> bool {
    !name.ends_with(".num_batches_tracked")
}

fn halves(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks().0.iter().map(|&two| f16::from_le_bytes(two).to_f32()).collect()
}
