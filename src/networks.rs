//! The networks: a card of facts for each, oldest first. A new network is one file and one line here.

use crate::error::{Error, Result};
use crate::frame::{Framing, Normalisation};
use crate::graph::Graph;
use crate::prediction::Labels;

pub mod efficientnet;
pub mod lenet5;

/// Every network, oldest first.
pub const CARDS: [&Card; 2] = [&lenet5::LENET5, &efficientnet::LITE0];

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
        /// The file inside the wheel.
        file: &'static str,
        /// The file's SHA-256.
        sha256: &'static str,
        /// The file's size in bytes.
        bytes: u64,
        /// The official name of a tensor → this graph's.
        rename: fn(&str) -> String,
    },
}

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
    pub top1: Option<f32>,
    /// Top-5 accuracy of the weights in percent.
    pub top5: Option<f32>,
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
    /// Builds its layers.
    pub graph: fn() -> Graph,
}

/// The card with this id.
///
/// # Errors
/// [`Error::UnknownNetwork`].
pub fn card(id: &str) -> Result<&'static Card> {
    CARDS.iter().find(|card| card.id == id).copied().ok_or_else(|| Error::UnknownNetwork(id.into()))
}
