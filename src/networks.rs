//! The networks, oldest first. Each has a card of facts and a graph. A new network is a file in `networks/`, its `mod` line
//! and its line in [`CARDS`].

use crate::error::{Error, Result};
use crate::frame::preprocessing::{CAFFE as CAFFE_NORMALISATION, IMAGENET as TORCHVISION_NORMALISATION};
use crate::frame::{Filter, First, Framing, Normalisation, Preprocessing};
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
    /// The authors, shortened.
    pub authors: &'static str,
    /// The address at which the paper can be read.
    pub url: &'static str,
}

/// Where a network's official weights come from.
#[derive(Clone, Copy, Debug)]
pub enum Source {
    /// This project trained the weights; their quantised file is part of the repository.
    Trained {
        /// The data that the network was trained on.
        data: &'static str,
    },
    /// A file inside a Python package.
    PythonPackage {
        /// The package's name.
        package: &'static str,
        /// Its exact version.
        version: &'static str,
        /// In which form the package is published.
        distribution: Distribution,
        /// The file inside the package.
        file: &'static str,
        /// The file's SHA-256.
        sha256: &'static str,
        /// The file's size in bytes.
        bytes: u64,
        /// From the official name of a tensor to the name in this project's graph.
        rename: Rename,
    },
    /// A file on the web.
    Download {
        /// The file's address. The file's ending tells its format.
        url: &'static str,
        /// The file's hash.
        hash: Hash,
        /// Hashes of the same weights as they were published before.
        earlier: &'static [Hash],
        /// The file's size in bytes, about.
        bytes: u64,
        /// From the official name of a tensor to the name in this project's graph.
        rename: Rename,
    },
}

/// A network's result in the ImageNet challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// The result, as a phrase.
    pub result: &'static str,
    /// Address of the challenge's own results; none for a network that took no part.
    pub source: Option<&'static str>,
}

/// The result of networks that were published when the challenge was over.
const AFTER_THE_CHALLENGE: Challenge =
    Challenge { result: "took no part: published after the last challenge, that of 2017", source: None };

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

/// From the official name of a tensor to the name in this project's graph. Only what reads files keeps the function: the page's
/// engine would carry all of them for nothing.
#[derive(Clone, Copy, Debug)]
pub struct Rename {
    #[cfg(feature = "reader")]
    rename: fn(&str) -> String,
}

impl Rename {
    /// Renames as this function does.
    #[cfg_attr(not(feature = "reader"), expect(unused_variables, reason = "nothing is read"))]
    pub const fn new(rename: fn(&str) -> String) -> Self {
        Self {
            #[cfg(feature = "reader")]
            rename,
        }
    }

    /// This project's name of a tensor.
    #[cfg(feature = "reader")]
    pub fn apply(self, official: &str) -> String {
        (self.rename)(official)
    }
}

/// The [`Rename`] of files whose tensors have the names of the graph.
pub const SAME_NAME: Rename = Rename::new(|official| official.into());

/// The names that another publisher gives to the tensors of the same network.
#[derive(Clone, Copy, Debug)]
pub struct Naming {
    /// The publisher.
    pub publisher: &'static str,
    /// From the publisher's name of a tensor to the name in this project's graph.
    pub rename: Rename,
    /// A network of the same publisher with the same tensors that computes differently.
    pub twin: Option<Twin>,
}

/// Two networks of one publisher, whose tensors have the same names and shapes.
#[derive(Clone, Copy, Debug)]
pub struct Twin {
    /// The publisher's name of the network that computes as this project's graph does.
    pub same: &'static str,
    /// The publisher's name of the one that computes differently.
    pub other: &'static str,
}

/// The hash that a file must have, in hexadecimal digits.
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
const TORCHVISION_LICENCE: &str = "BSD-3-Clause";

/// The facts of a network.
#[derive(Clone, Copy, Debug)]
pub struct Card {
    /// A name that never changes, for addresses and files.
    pub id: &'static str,
    /// The name that people use.
    pub name: &'static str,
    /// Year of publication.
    pub year: u16,
    /// The paper that introduced the network.
    pub paper: Paper,
    /// In a sentence or two, why the network was made.
    pub about: &'static str,
    /// What it achieved in the ImageNet Large Scale Visual Recognition Challenge (2010 to 2017), or why it took no part.
    pub challenge: Challenge,
    /// Number of trained parameters, as published; a test counts them again.
    pub parameters: usize,
    /// Number of multiply–accumulates for one prediction, as published; a test counts them again.
    pub macs: u64,
    /// Top-1 accuracy of the weights in percent, on ImageNet's validation set or MNIST's test set.
    pub top1: Option<f64>,
    /// Top-5 accuracy of the weights in percent.
    pub top5: Option<f64>,
    /// Where the weights come from.
    pub source: Source,
    /// Other publishers' names of its tensors, besides the official file's and the graph's own.
    pub namings: &'static [Naming],
    /// The weights' licence.
    pub licence: &'static str,
    /// The names of the classes.
    pub labels: Labels,
    /// Which part of a frame becomes the input, and how it is resized.
    pub framing: Framing,
    /// How pixels are normalised.
    pub normalisation: Normalisation,
    /// Builds the graph as published, with batch normalisation.
    pub graph: fn() -> Graph,
}

impl Source {
    /// The name of the official file without folders; none for a network that this project trained.
    pub fn file_name(self) -> Option<&'static str> {
        match self {
            Self::Trained { .. } => None,
            Self::PythonPackage { file: path, .. } | Self::Download { url: path, .. } => path.rsplit('/').next(),
        }
    }
}

impl Card {
    /// The official preprocessing.
    pub fn preprocessing(&self) -> Preprocessing {
        Preprocessing { framing: self.framing, normalisation: self.normalisation }
    }

    /// The graph for inference, with batch normalisation folded into convolutions. A quantised file holds its tensors.
    pub fn inference(&self) -> Graph {
        fold(&(self.graph)()).0
    }
}

/// The card of the network called `id`.
///
/// # Errors
/// [`Error::UnknownNetwork`] if there is no such network.
pub fn card(id: &str) -> Result<&'static Card> {
    CARDS.iter().find(|card| card.id == id).copied().ok_or_else(|| Error::UnknownNetwork(id.into()))
}
