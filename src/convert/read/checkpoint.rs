//! What a checkpoint holds, and which networks it fits.

use std::rc::Rc;

use anyhow::{Result, bail};

use super::folded::Folded;
use super::{OfficialTensors, ReadAt, official, safetensors_file};
use crate::networks::{CARDS, Card, Rename, Source, same_name};

/// A format in which people save weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `torch.save`.
    PyTorch,
    /// Hugging Face's safetensors.
    Safetensors,
    /// Caffe's `.caffemodel`.
    Caffe,
    /// A pickle of numpy's arrays.
    Numpy,
}

impl Format {
    /// The name that people use.
    pub fn name(self) -> &'static str {
        match self {
            Self::PyTorch => "PyTorch",
            Self::Safetensors => "safetensors",
            Self::Caffe => "Caffe",
            Self::Numpy => "numpy",
        }
    }
}

/// What a checkpoint holds.
pub struct Checkpoint {
    /// Its format.
    pub format: Format,
    /// What was unwrapped or left aside, a sentence each.
    pub notes: Vec<String>,
    /// Number of its tensors.
    pub tensors: usize,
    /// Number of their elements.
    pub parameters: usize,
    /// The networks that it fits.
    pub networks: Vec<Fit>,
    /// Why it fits none, in a sentence; empty where it fits one.
    pub misfit: String,
}

/// A network that a checkpoint fits.
pub struct Fit {
    /// The network.
    pub card: &'static Card,
    /// The number of classes that the checkpoint was trained for.
    pub classes: usize,
    /// Whether the file is the network's official one.
    pub official: bool,
}

/// Lists what a file holds, and finds the networks that it fits.
///
/// # Errors
/// If the file is damaged or of no known format.
pub fn inspect(file: Rc<dyn ReadAt>) -> Result<Checkpoint> {
    let tensors = tensors(&file, same_name)?;
    let format = match ending(&*file).as_str() {
        "pth" | "pt" => Format::PyTorch,
        "caffemodel" => Format::Caffe,
        "pkl" => Format::Numpy,
        _ => Format::Safetensors,
    };
    let mut networks = Vec::new();
    for card in CARDS {
        let rename = match card.source {
            Source::PythonPackage { rename, .. } | Source::Download { rename, .. } => rename,
            Source::Trained { .. } => same_name,
        };
        if Folded::new(&(card.graph)(), self::tensors(&file, rename)?).is_ok() {
            networks.push(Fit { card, classes: card.labels.count(), official: official::is_official(card, &file)? });
        }
    }
    Ok(Checkpoint {
        format,
        notes: Vec::new(),
        tensors: tensors.len(),
        parameters: tensors.values().map(|tensor| tensor.shape.iter().product::<usize>()).sum(),
        misfit: if networks.is_empty() { "It fits none of the networks.".into() } else { String::new() },
        networks,
    })
}

fn ending(file: &dyn ReadAt) -> String {
    file.name().rsplit_once('.').map_or(String::new(), |(_, ending)| ending.to_ascii_lowercase())
}

pub(super) fn tensors(file: &Rc<dyn ReadAt>, rename: Rename) -> Result<OfficialTensors> {
    match ending(&**file).as_str() {
        #[cfg(feature = "convert")]
        "pth" | "pt" => super::pytorch::read(&**file, rename),
        #[cfg(feature = "convert")]
        "caffemodel" => super::caffe::read(&**file, rename),
        #[cfg(feature = "convert")]
        "pkl" => super::numpy::read(&**file, rename),
        "safetensors" => safetensors_file::read(&**file, rename),
        _ => bail!(
            "{} is not of a known format: its name must end in .pth, .pt, .caffemodel, .pkl or .safetensors",
            file.name()
        ),
    }
}
