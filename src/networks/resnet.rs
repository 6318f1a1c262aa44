//! ResNet-18 to -152. He, Zhang, Ren & Sun 2015, arXiv:1512.03385, Table 1.
//!
//! Differs from the paper: in the bottlenecks the 3×3 convolution strides instead of the first 1×1, which is known as
//! version 1.5 and what torchvision's weights need.

use crate::graph::{Graph, Node, Shape};
use crate::networks::{
    Card, Challenge, Hash, Paper, SAME_NAME, Source, TORCHVISION_FRAMING, TORCHVISION_LICENCE,
    TORCHVISION_NORMALISATION,
};
use crate::prediction::Labels;

/// Channels inside the blocks of the four stages.
const WIDTHS: [usize; 4] = [64, 128, 256, 512];
const EPSILON: f32 = 1e-5;

/// What a block consists of.
#[derive(Clone, Copy)]
enum Block {
    /// Two 3×3 convolutions. (Figure 5, left)
    Basic,
    /// 1×1, 3×3 and 1×1 with four times the channels at the end. (Figure 5, right)
    Bottleneck,
}

const PAPER: Paper = Paper {
    title: "Deep Residual Learning for Image Recognition",
    authors: "He, Zhang, Ren & Sun",
    url: "https://arxiv.org/abs/1512.03385",
};

const FAMILY_WON: Challenge = Challenge {
    result: "networks of its family won the classification of 2015",
    source: Some("https://image-net.org/challenges/LSVRC/2015/results"),
};

/// ResNet-18's facts.
pub const RESNET18: Card = Card {
    id: "resnet18",
    name: "ResNet-18",
    year: 2015,
    paper: PAPER,
    about: "A shortcut past every two layers lets a block learn only what to change, and lets gradients reach the first \
            layer undiminished. The smallest of the family that won ImageNet in 2015.",
    challenge: FAMILY_WON,
    parameters: 11_689_512,
    macs: 1_814_000_000,
    top1: Some(69.758),
    top5: Some(89.078),
    source: official("https://download.pytorch.org/models/resnet18-f37072fd.pth", "f37072fd", 45),
    namings: &[],
    licence: TORCHVISION_LICENCE,
    labels: Labels::ImageNet,
    framing: TORCHVISION_FRAMING,
    normalisation: TORCHVISION_NORMALISATION,
    graph: || resnet(Block::Basic, [2, 2, 2, 2]),
};

/// ResNet-34's facts.
pub const RESNET34: Card = Card {
    id: "resnet34",
    name: "ResNet-34",
    about: "Thirty-four layers that train: without the shortcuts the same depth does worse than eighteen layers, which \
            is the paper's first figure.",
    parameters: 21_797_672,
    macs: 3_664_000_000,
    top1: Some(73.314),
    top5: Some(91.420),
    source: official("https://download.pytorch.org/models/resnet34-b627a593.pth", "b627a593", 83),
    graph: || resnet(Block::Basic, [3, 4, 6, 3]),
    ..RESNET18
};

/// ResNet-50's facts.
pub const RESNET50: Card = Card {
    id: "resnet50",
    name: "ResNet-50",
    about: "Bottlenecks: a 1×1 convolution narrows, a 3×3 looks, a 1×1 widens again. Fifty layers for the price of \
            thirty-four, and the field's yardstick for years.",
    parameters: 25_557_032,
    macs: 4_089_000_000,
    top1: Some(76.130),
    top5: Some(92.862),
    source: official("https://download.pytorch.org/models/resnet50-0676ba61.pth", "0676ba61", 98),
    graph: || resnet(Block::Bottleneck, [3, 4, 6, 3]),
    ..RESNET18
};

/// ResNet-101's facts.
pub const RESNET101: Card = Card {
    id: "resnet101",
    name: "ResNet-101",
    about: "Twice ResNet-50's depth, nearly all of it in the third stage: depth still pays where shortcuts carry the \
            gradient.",
    parameters: 44_549_160,
    macs: 7_801_000_000,
    top1: Some(77.374),
    top5: Some(93.546),
    source: official("https://download.pytorch.org/models/resnet101-63fe2227.pth", "63fe2227", 171),
    graph: || resnet(Block::Bottleneck, [3, 4, 23, 3]),
    ..RESNET18
};

/// ResNet-152's facts.
pub const RESNET152: Card = Card {
    id: "resnet152",
    name: "ResNet-152",
    about: "Won ImageNet in 2015, in an ensemble, with fewer errors than people make; eight times VGG's depth at less \
            than its cost.",
    challenge: Challenge {
        result: "won the classification of 2015, together with shallower residual networks that voted with it",
        ..FAMILY_WON
    },
    parameters: 60_192_808,
    macs: 11_514_000_000,
    top1: Some(78.312),
    top5: Some(94.046),
    source: official("https://download.pytorch.org/models/resnet152-394f9c45.pth", "394f9c45", 230),
    graph: || resnet(Block::Bottleneck, [3, 8, 36, 3]),
    ..RESNET18
};

const fn official(url: &'static str, hash: &'static str, mebibytes: u64) -> Source {
    Source::Download { url, hash: Hash::Sha256Prefix(hash), earlier: &[], bytes: mebibytes << 20, rename: SAME_NAME }
}

fn resnet(block: Block, repeats: [usize; 4]) -> Graph {
    let mut g = Graph::new(Shape::rgb(224));
    g.conv("conv1", 64, 7).stride(2).pad(3).no_bias(); //    64×112×112
    g.batch_norm("bn1", EPSILON).relu();
    g.max_pool("maxpool", 3, 2).pad(1); //                   64×56×56
    let mut input = 64;
    for (stage, (&repeat, &width)) in (1..).zip(repeats.iter().zip(&WIDTHS)) {
        for i in 0..repeat {
            let stride = if stage > 1 && i == 0 { 2 } else { 1 };
            let name = |layer: &str| format!("layer{stage}.{i}.{layer}");
            input = match block {
                Block::Basic => basic(&mut g, name, input, width, stride),
                Block::Bottleneck => bottleneck(&mut g, name, input, width, stride),
            };
        }
    }
    g.global_avg_pool("avgpool"); //                         512 or 2048
    g.linear("fc", 1000);
    g
}

/// Returns the output's channels.
fn basic(g: &mut Graph, name: impl Fn(&str) -> String, input: usize, width: usize, stride: usize) -> usize {
    let before = g.cursor();
    g.conv(name("conv1"), width, 3).stride(stride).pad(1).no_bias();
    g.batch_norm(name("bn1"), EPSILON).relu();
    g.conv(name("conv2"), width, 3).pad(1).no_bias();
    let after = g.batch_norm(name("bn2"), EPSILON).node();
    residual(g, name, (before, input), (after, width), stride)
}

/// Returns the output's channels.
fn bottleneck(g: &mut Graph, name: impl Fn(&str) -> String, input: usize, width: usize, stride: usize) -> usize {
    let before = g.cursor();
    g.conv(name("conv1"), width, 1).no_bias();
    g.batch_norm(name("bn1"), EPSILON).relu();
    g.conv(name("conv2"), width, 3).stride(stride).pad(1).no_bias();
    g.batch_norm(name("bn2"), EPSILON).relu();
    g.conv(name("conv3"), 4 * width, 1).no_bias();
    let after = g.batch_norm(name("bn3"), EPSILON).node();
    residual(g, name, (before, input), (after, 4 * width), stride)
}

/// The sum with the shortcut, which is projected where the shape changes. (Section 3.3, option B)
fn residual(
    g: &mut Graph,
    name: impl Fn(&str) -> String,
    (before, input): (Node, usize),
    (after, output): (Node, usize),
    stride: usize,
) -> usize {
    let shortcut = if stride == 1 && input == output {
        before
    } else {
        g.at(before).conv(name("downsample.0"), output, 1).stride(stride).no_bias();
        g.batch_norm(name("downsample.1"), EPSILON).node()
    };
    g.at(after).add(name("add"), shortcut).relu();
    output
}
