//! Official file → quantised file, through the network's own graph: a wrong file is refused before anything is written.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsStr;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use half::f16;

use crate::graph::Graph;
use crate::graph::fold::{Folding, fold};
use crate::graph::tensors::expected;
use crate::networks::{Card, Source};
use crate::weights::{Values, Weights, check};

pub mod caffe;
pub mod install;
pub mod measure;
mod pickle;
pub mod pytorch;
pub mod quantise;
pub mod safetensors_file;

/// A tensor of an official file, read when it is needed.
pub struct Official {
    /// As in the file.
    pub shape: Vec<usize>,
    /// Reads its numbers.
    pub read: Box<dyn Fn() -> Result<Vec<f32>>>,
}

/// An official file's tensors under this project's names.
pub type OfficialTensors = BTreeMap<String, Official>;

/// Reads a card's official file and folds it into the graph for inference, in single precision.
///
/// The file's ending tells its format: `.pth` or `.pt`, `.caffemodel`, `.safetensors`.
///
/// # Errors
/// Says what is wrong with the file: damaged, another format, or every missing, extra and mis-shaped tensor.
pub fn read(card: &Card, path: &Path) -> Result<(Graph, Weights)> {
    let rename = match card.source {
        Source::PythonPackage { rename, .. } | Source::Download { rename, .. } => rename,
        Source::Trained { .. } => bail!("{} has no official file: it is trained here", card.id),
    };
    let ending = path.extension().and_then(OsStr::to_str).unwrap_or_default().to_ascii_lowercase();
    let tensors = match ending.as_str() {
        "pth" | "pt" => pytorch::read(path, rename)?,
        "caffemodel" => caffe::read(path, rename)?,
        "safetensors" => safetensors_file::read(path, rename)?,
        _ => bail!("{} ends in none of .pth, .caffemodel and .safetensors, which are read here", path.display()),
    };
    folded(&(card.graph)(), &tensors)
        .with_context(|| format!("{} is not {}'s official file", path.display(), card.name))
}

/// Checks `tensors` against `graph` and folds both.
///
/// # Errors
/// Lists every missing, extra and mis-shaped tensor; or says which cannot be read.
pub fn folded(graph: &Graph, tensors: &OfficialTensors) -> Result<(Graph, Weights)> {
    let shapes = tensors.iter().map(|(name, tensor)| (name.clone(), tensor.shape.clone())).collect();
    check(graph, &shapes, |found, expected| found == expected)?;
    let read = |name: String| -> Result<Vec<f32>> {
        let tensor = tensors.get(&name).with_context(|| format!("{name} is missing"))?;
        (tensor.read)().with_context(|| format!("{name} cannot be read"))
    };

    let (inference, foldings) = fold(graph);
    let mut values = HashMap::new();
    for folding in &foldings {
        let (weight, bias) = fold_weights(folding, read)?;
        values.insert(format!("{}.weight", folding.conv), Values::F32(weight));
        values.insert(format!("{}.bias", folding.conv), Values::F32(bias));
    }
    for tensor in expected(&inference)? {
        if !values.contains_key(&tensor.name) {
            values.insert(tensor.name.clone(), Values::F32(read(tensor.name)?));
        }
    }
    let weights = Weights::new(&inference, values)?;
    Ok((inference, weights))
}

/// `conv(x) · s + t` as one convolution: its weight and bias.
fn fold_weights(folding: &Folding, read: impl Fn(String) -> Result<Vec<f32>>) -> Result<(Vec<f32>, Vec<f32>)> {
    let statistics = |part: &str| read(format!("{}.{part}", folding.batch_norm));
    let (gain, shift, mean, variance) =
        (statistics("weight")?, statistics("bias")?, statistics("running_mean")?, statistics("running_var")?);
    let scale: Vec<f32> = gain.iter().zip(&variance).map(|(gain, v)| gain / (v + folding.epsilon).sqrt()).collect();
    let mut weight = read(format!("{}.weight", folding.conv))?;
    let row_length = weight.len() / folding.channels;
    for (row, scale) in weight.chunks_exact_mut(row_length).zip(&scale) {
        row.iter_mut().for_each(|value| *value *= scale);
    }
    let own = match folding.had_bias {
        true => read(format!("{}.bias", folding.conv))?,
        false => vec![0.0; folding.channels],
    };
    let bias = (0..folding.channels).map(|i| (own[i] - mean[i]) * scale[i] + shift[i]).collect();
    Ok((weight, bias))
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

fn singles(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks().0.iter().map(|&four| f32::from_le_bytes(four)).collect()
}

fn halves(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks().0.iter().map(|&two| f16::from_le_bytes(two).to_f32()).collect()
}
