//! VGG-16 and VGG-19. Simonyan & Zisserman 2014, arXiv:1409.1556, Table 1, columns D and E.

use crate::graph::{Graph, Shape};
use crate::networks::{
    Card, Challenge, Hash, Naming, Paper, Rename, Source, TORCHVISION_FRAMING, TORCHVISION_LICENCE,
    TORCHVISION_NORMALISATION,
};
use crate::prediction::Labels;

/// Convolutions in each of the five blocks.
const REPEATS16: [usize; 5] = [2, 2, 3, 3, 3];
const REPEATS19: [usize; 5] = [2, 2, 4, 4, 4];
const WIDTHS: [usize; 5] = [64, 128, 256, 512, 512];

const PAPER: Paper = Paper {
    title: "Very Deep Convolutional Networks for Large-Scale Image Recognition",
    authors: "Simonyan & Zisserman",
    url: "https://arxiv.org/abs/1409.1556",
};

/// VGG-16's facts.
pub const VGG16: Card = Card {
    id: "vgg16",
    name: "VGG-16",
    year: 2014,
    paper: PAPER,
    about: "Nothing but 3×3 convolutions, sixteen layers deep: two of them see as much as one 5×5 with fewer \
            parameters and one rectifier more. Simple, still liked for its features, and heavy: 102 million parameters \
            in one layer.",
    challenge: Challenge {
        result: "second in the classification of 2014, first in its localisation; both with several networks that voted",
        source: Some("https://image-net.org/challenges/LSVRC/2014/results"),
    },
    parameters: 138_357_544,
    macs: 15_470_000_000,
    top1: Some(71.592),
    top5: Some(90.382),
    source: Source::Download {
        url: "https://download.pytorch.org/models/vgg16-397923af.pth",
        hash: Hash::Sha256Prefix("397923af"),
        earlier: &[],
        bytes: 528 << 20,
        rename: Rename::new(|official| layer_name(official, &REPEATS16)),
    },
    namings: &[timm(|official| timm_name(official, &REPEATS16))],
    licence: TORCHVISION_LICENCE,
    labels: Labels::ImageNet,
    framing: TORCHVISION_FRAMING,
    normalisation: TORCHVISION_NORMALISATION,
    graph: || vgg(REPEATS16),
};

/// VGG-19's facts.
pub const VGG19: Card = Card {
    id: "vgg19",
    name: "VGG-19",
    about: "VGG-16 with three convolutions more: where simply stacking layers stopped paying.",
    parameters: 143_667_240,
    macs: 19_632_000_000,
    top1: Some(72.376),
    top5: Some(90.876),
    source: Source::Download {
        url: "https://download.pytorch.org/models/vgg19-dcbb9e9d.pth",
        hash: Hash::Sha256Prefix("dcbb9e9d"),
        earlier: &[],
        bytes: 548 << 20,
        rename: Rename::new(|official| layer_name(official, &REPEATS19)),
    },
    namings: &[timm(|official| timm_name(official, &REPEATS19))],
    graph: || vgg(REPEATS19),
    ..VGG16
};

fn vgg(repeats: [usize; 5]) -> Graph {
    let mut g = Graph::new(Shape::rgb(224));
    for (block, (&repeat, &width)) in (1..).zip(repeats.iter().zip(&WIDTHS)) {
        for i in 1..=repeat {
            g.conv(format!("conv{block}_{i}"), width, 3).pad(1).relu();
        }
        g.max_pool(format!("pool{block}"), 2, 2); //    64×112×112 … 512×7×7
    }
    g.linear("fc6", 4096).relu();
    g.linear("fc7", 4096).relu();
    g.linear("fc8", 1000);
    g
}

/// torchvision numbers all modules, activations and pools too: `features.2.weight` → `conv1_2.weight`.
fn layer_name(official: &str, repeats: &[usize; 5]) -> String {
    let mut module = 0;
    for (block, &repeat) in (1..).zip(repeats) {
        for i in 1..=repeat {
            if let Some(part) = official.strip_prefix(&format!("features.{module}.")) {
                return format!("conv{block}_{i}.{part}");
            }
            module += 2;
        }
        module += 1;
    }
    let linear = [("classifier.0.", "fc6."), ("classifier.3.", "fc7."), ("classifier.6.", "fc8.")];
    linear.iter().fold(official.to_string(), |name, (from, to)| name.replace(from, to))
}

/// timm computes the first two linear layers as convolutions, over all 7×7 pixels and over one. (timm, `vgg.py`: `ConvMlp`)
const fn timm(rename: fn(&str) -> String) -> Naming {
    Naming { publisher: "timm", rename: Rename::new(rename), twin: None }
}

fn timm_name(official: &str, repeats: &[usize; 5]) -> String {
    let linear = [("pre_logits.fc1.", "fc6."), ("pre_logits.fc2.", "fc7."), ("head.fc.", "fc8.")];
    let linear = linear.iter().find_map(|(from, to)| Some(format!("{to}{}", official.strip_prefix(from)?)));
    linear.unwrap_or_else(|| layer_name(official, repeats))
}
