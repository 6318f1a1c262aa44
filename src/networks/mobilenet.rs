//! MobileNetV2. Sandler et al. 2018, arXiv:1801.04381, Table 2.

use crate::graph::{Activation::Relu6, Graph, Shape};
use crate::networks::{
    Card, Hash, Paper, Source, TORCHVISION_FRAMING, TORCHVISION_LICENCE, TORCHVISION_NORMALISATION, same_name,
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
    parameters: 3_504_872,
    macs: 301_000_000,
    top1: Some(71.878),
    top5: Some(90.286),
    source: Source::Download {
        url: "https://download.pytorch.org/models/mobilenet_v2-b0353104.pth",
        hash: Hash::Sha256Prefix("b0353104"),
        bytes: 14_213_000,
        rename: same_name,
    },
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
    let (mut input, mut block) = (32, 1);
    for &(expand, channels, repeats, stride) in &STAGES {
        for repeat in 0..repeats {
            let stride = if repeat == 0 { stride } else { 1 };
            inverted_residual(&mut g, block, (input, expand * input, channels), stride);
            input = channels;
            block += 1;
        }
    }
    g.conv("features.18.0", 1280, 1).no_bias(); //                1280×7×7
    g.batch_norm("features.18.1", EPSILON).activation(Relu6);
    g.global_avg_pool("avgpool");
    g.linear("classifier.1", 1000);
    g
}

/// Widen, filter each channel, narrow without rectifying. (Table 1)
fn inverted_residual(g: &mut Graph, block: usize, (input, wide, output): (usize, usize, usize), stride: usize) {
    let name = |layer: &str| format!("features.{block}.conv.{layer}");
    let shortcut = g.cursor();
    // torchvision numbers the layers that are there; the first block has no widening one.
    let mut layer = 0;
    if wide > input {
        g.conv(name("0.0"), wide, 1).no_bias();
        g.batch_norm(name("0.1"), EPSILON).activation(Relu6);
        layer = 1;
    }
    g.conv(name(&format!("{layer}.0")), wide, 3).groups(wide).stride(stride).pad(1).no_bias();
    g.batch_norm(name(&format!("{layer}.1")), EPSILON).activation(Relu6);
    g.conv(name(&format!("{}", layer + 1)), output, 1).no_bias();
    g.batch_norm(name(&format!("{}", layer + 2)), EPSILON);
    if stride == 1 && input == output {
        g.add(name("add"), shortcut);
    }
}
