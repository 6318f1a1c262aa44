//! MobileNetV2. Sandler et al. 2018, arXiv:1801.04381, Table 2.

use crate::graph::{Activation::Relu6, Graph, Padding, Shape};
use crate::networks::inverted_residual::{InvertedResidual, Names, timm_layer};
use crate::networks::{
    AFTER_THE_CHALLENGE, Card, Hash, Naming, Paper, Rename, SAME_NAME, Source, TORCHVISION_FRAMING,
    TORCHVISION_LICENCE, TORCHVISION_NORMALISATION,
};
use crate::prediction::Labels;

/// Table 2: expansion, channels, repeats, stride of the first.
const STAGES: [(usize, usize, usize, usize); 7] = [
    (1, 16, 1, 1),  // 112×112
    (6, 24, 2, 2),  //  56×56
    (6, 32, 3, 2),  //  28×28
    (6, 64, 4, 2),  //  14×14
    (6, 96, 3, 1),  //  14×14
    (6, 160, 3, 2), //   7×7
    (6, 320, 1, 1), //   7×7
];
const EPSILON: f32 = 1e-5;

/// MobileNetV2's facts.
pub const MOBILENET_V2: Card = Card {
    id: "mobilenet_v2",
    name: "MobileNetV2",
    year: 2018,
    paper: Paper {
        title: "MobileNetV2: Inverted Residuals and Linear Bottlenecks",
        authors: "Sandler et al.",
        url: "https://arxiv.org/abs/1801.04381",
    },
    about: "Made for phones: blocks are wide inside and thin outside, each channel is filtered on its own, and nothing is \
            rectified where it is thin. EfficientNet is built from its blocks.",
    challenge: AFTER_THE_CHALLENGE,
    parameters: 3_504_872,
    macs: 301_000_000,
    top1: Some(71.878),
    top5: Some(90.286),
    source: Source::Download {
        url: "https://download.pytorch.org/models/mobilenet_v2-b0353104.pth",
        hash: Hash::Sha256Prefix("b0353104"),
        earlier: &[],
        bytes: 14_213_000,
        rename: SAME_NAME,
    },
    // timm's `mobilenetv2_100` pads evenly and has an epsilon of 1e-5, too. (timm, `efficientnet.py`)
    namings: &[Naming { publisher: "timm", rename: Rename::new(timm_name), twin: None }],
    licence: TORCHVISION_LICENCE,
    labels: Labels::ImageNet,
    framing: TORCHVISION_FRAMING,
    normalisation: TORCHVISION_NORMALISATION,
    graph: mobilenet_v2,
};

/// Builds MobileNetV2.
pub fn mobilenet_v2() -> Graph {
    let mut g = Graph::new(Shape::rgb(224));
    g.conv("features.0.0", 32, 3).stride(2).pad(1).no_bias(); //    32×112×112
    g.batch_norm("features.0.1", EPSILON).activation(Relu6);
    let (padding, activation, epsilon) = (Padding::Even(1), Relu6, EPSILON);
    let (mut input, mut number) = (32, 1);
    for &(expand, output, repeats, stride) in &STAGES {
        for repeat in 0..repeats {
            let stride = if repeat == 0 { stride } else { 1 };
            let block = InvertedResidual { input, expand, output, kernel: 3, stride, padding, activation, epsilon };
            block.add_to(&mut g, names(number, expand), |_| ());
            input = output;
            number += 1;
        }
    }
    g.conv("features.18.0", 1280, 1).no_bias(); //                1280×7×7
    g.batch_norm("features.18.1", EPSILON).activation(Relu6);
    g.global_avg_pool("avgpool");
    g.linear("classifier.1", 1000);
    g
}

/// The names of a block's layers. torchvision numbers the layers that are there; the first block does not widen.
fn names(number: usize, expand: usize) -> Names {
    let name = |layer: String| format!("features.{number}.conv.{layer}");
    let first = usize::from(expand > 1);
    let pair = |layer: usize| [name(format!("{layer}.0")), name(format!("{layer}.1"))];
    Names {
        expand: pair(0),
        depthwise: pair(first),
        project: [name(format!("{}", first + 1)), name(format!("{}", first + 2))],
        add: name("add".into()),
    }
}

/// timm's name of a tensor: `blocks.1.0.conv_pw.weight` → `features.2.conv.0.0.weight`.
fn timm_name(official: &str) -> String {
    let repeats = STAGES.map(|(_, _, repeats, _)| repeats);
    if let Some((block, layer, part)) = timm_layer(official, &repeats) {
        let expand = if block < repeats[0] { 1 } else { 6 };
        let Names { expand, depthwise, project, .. } = names(block + 1, expand);
        let ([conv0, bn0], [conv1, bn1], [conv2, bn2]) = (expand, depthwise, project);
        let layers = [
            ("expand_conv", conv0),
            ("bn0", bn0),
            ("depthwise_conv", conv1),
            ("bn1", bn1),
            ("project_conv", conv2),
            ("bn2", bn2),
        ];
        if let Some((_, name)) = layers.iter().find(|(known, _)| *known == layer) {
            return format!("{name}.{part}");
        }
    }
    let outside = [
        ("conv_stem.", "features.0.0."),
        ("bn1.", "features.0.1."),
        ("conv_head.", "features.18.0."),
        ("bn2.", "features.18.1."),
        ("classifier.", "classifier.1."),
    ];
    let outside = outside.iter().find_map(|(from, to)| Some(format!("{to}{}", official.strip_prefix(from)?)));
    outside.unwrap_or_else(|| official.into())
}
