//! The networks: a card of facts for each, oldest first. A new network is one file and one line here.

use crate::error::{Error, Result};
use crate::frame::{Filter, First, Framing, Normalisation, Order};
use crate::graph::Graph;
use crate::graph::fold::fold;
use crate::prediction::Labels;

pub mod alexnet;
pub mod efficientnet;
pub mod googlenet;
mod inverted_residual;
pub mod lenet5;
pub mod mobilenet;
pub mod resnet;
pub mod squeezenet;
pub mod vgg;

/// Every network, oldest first.
pub const CARDS: [&Card; 16] = [
    &lenet5::LENET5,
    &alexnet::ALEXNET,
    &vgg::VGG16,
    &vgg::VGG19,
    &googlenet::GOOGLENET,
    &resnet::RESNET18,
    &resnet::RESNET34,
    &resnet::RESNET50,
    &resnet::RESNET101,
    &resnet::RESNET152,
    &squeezenet::SQUEEZENET1_1,
    &mobilenet::MOBILENET_V2,
    &efficientnet::B0,
    &efficientnet::LITE0,
    &efficientnet::LITE1,
    &efficientnet::LITE2,
];

/// Where a network was published.
#[derive(Clone, Copy, Debug)]
pub struct Paper {
    /// Its title.
    pub title: &'static str,
    /// Who wrote it, shortened.
    pub authors: &'static str,
    /// Where to read it.
    pub url: &'static str,
}

/// Where a network's official weights come from.
#[derive(Clone, Copy, Debug)]
pub enum Source {
    /// Trained by this project; the quantised file is part of it.
    Trained {
        /// The data it was trained on.
        data: &'static str,
    },
    /// A file inside a Python package.
    PythonPackage {
        /// The package's name.
        package: &'static str,
        /// Its exact version.
        version: &'static str,
        /// In which form it is published.
        distribution: Distribution,
        /// The file inside the package.
        file: &'static str,
        /// The file's SHA-256.
        sha256: &'static str,
        /// The file's size in bytes.
        bytes: u64,
        /// The official name of a tensor → this graph's.
        rename: Rename,
    },
    /// A file on the web.
    Download {
        /// Its address; the ending tells the format.
        url: &'static str,
        /// What it must hash to.
        hash: Hash,
        /// The file's size in bytes, about.
        bytes: u64,
        /// The official name of a tensor → this graph's.
        rename: Rename,
    },
}

/// In which form a Python package is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distribution {
    /// An archive of files to be installed as they are.
    Wheel,
    /// An archive of sources, from which pip would build a wheel: its hash is known before anything else happens.
    Source {
        /// The archive's SHA-256.
        sha256: &'static str,
    },
}

/// The official name of a tensor → this graph's.
pub type Rename = fn(&str) -> String;

/// For files whose names are this graph's already.
pub fn same_name(official: &str) -> String {
    official.into()
}

/// What a file must hash to, in hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    /// The first digits of its SHA-256, as in the names of PyTorch's files.
    Sha256Prefix(&'static str),
    /// Its SHA-1, as Caffe's model zoo gives it.
    Sha1(&'static str),
}

/// The preprocessing of torchvision's first weights.
const TORCHVISION_FRAMING: Framing =
    Framing::Photo { crop: 224, resize: 256, filter: Filter::Bilinear, first: First::Resize };
/// Mean and standard deviation of ImageNet's pixels.
const TORCHVISION_NORMALISATION: Normalisation = Normalisation {
    mean: [0.485 * 255.0, 0.456 * 255.0, 0.406 * 255.0],
    std: [0.229 * 255.0, 0.224 * 255.0, 0.225 * 255.0],
    order: Order::Rgb,
};
/// Of Caffe's networks: the mean pixel is taken off, blue first.
const CAFFE_NORMALISATION: Normalisation =
    Normalisation { mean: [104.0, 117.0, 123.0], std: [1.0; 3], order: Order::Bgr };
const TORCHVISION_LICENCE: &str = "BSD-3-Clause";

/// What is known of a network.
#[derive(Clone, Copy, Debug)]
pub struct Card {
    /// Stable, for addresses and files.
    pub id: &'static str,
    /// As people call it.
    pub name: &'static str,
    /// Year of publication.
    pub year: u16,
    /// Where it was published.
    pub paper: Paper,
    /// Why it came to be, in a sentence or two.
    pub about: &'static str,
    /// Trained numbers, as published; a test recounts them.
    pub parameters: usize,
    /// Multiply–accumulates of one prediction, as published; a test recounts them.
    pub macs: u64,
    /// Top-1 accuracy of the weights in percent, on ImageNet's validation set or MNIST's test set.
    pub top1: Option<f64>,
    /// Top-5 accuracy of the weights in percent.
    pub top5: Option<f64>,
    /// Where the weights come from.
    pub source: Source,
    /// The weights' licence.
    pub licence: &'static str,
    /// The classes' names.
    pub labels: Labels,
    /// How the input is cut out of a frame.
    pub framing: Framing,
    /// How pixels become numbers.
    pub normalisation: Normalisation,
    /// Builds its layers, as published.
    pub graph: fn() -> Graph,
}

impl Source {
    /// The official file's name without folders; none for a network that was trained here.
    pub fn file_name(self) -> Option<&'static str> {
        match self {
            Self::Trained { .. } => None,
            Self::PythonPackage { file: path, .. } | Self::Download { url: path, .. } => path.rsplit('/').next(),
        }
    }
}

impl Card {
    /// The graph that runs and whose tensors a quantised file holds: folded.
    pub fn inference(&self) -> Graph {
        fold(&(self.graph)()).0
    }
}

/// The card with this id.
///
/// # Errors
/// [`Error::UnknownNetwork`].
pub fn card(id: &str) -> Result<&'static Card> {
    CARDS.iter().find(|card| card.id == id).copied().ok_or_else(|| Error::UnknownNetwork(id.into()))
}
