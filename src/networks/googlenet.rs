//! GoogLeNet. Szegedy et al. 2014, arXiv:1409.4842, Table 1, in the form of Caffe's reference weights.
//!
//! Differs from the paper: trained without its colour and size augmentation (Caffe's note).

use crate::frame::{Filter, First, Framing};
use crate::graph::{Graph, Lrn, Node, Shape};
use crate::networks::{CAFFE_NORMALISATION, Card, Challenge, Hash, Paper, SAME_NAME, Source};
use crate::prediction::Labels;

/// A row of Table 1: output channels of the four branches and of the two reductions.
struct Inception {
    name: &'static str,
    one: usize,
    three_reduce: usize,
    three: usize,
    five_reduce: usize,
    five: usize,
    pool: usize,
}

const fn inception(name: &'static str, widths: [usize; 6]) -> Inception {
    let [one, three_reduce, three, five_reduce, five, pool] = widths;
    Inception { name, one, three_reduce, three, five_reduce, five, pool }
}

/// 28×28
const INCEPTION3: [Inception; 2] =
    [inception("3a", [64, 96, 128, 16, 32, 32]), inception("3b", [128, 128, 192, 32, 96, 64])];
/// 14×14
const INCEPTION4: [Inception; 5] = [
    inception("4a", [192, 96, 208, 16, 48, 64]),
    inception("4b", [160, 112, 224, 24, 64, 64]),
    inception("4c", [128, 128, 256, 24, 64, 64]),
    inception("4d", [112, 144, 288, 32, 64, 64]),
    inception("4e", [256, 160, 320, 32, 128, 128]),
];
/// 7×7
const INCEPTION5: [Inception; 2] =
    [inception("5a", [256, 160, 320, 32, 128, 128]), inception("5b", [384, 192, 384, 48, 128, 128])];

const LRN: Lrn = Lrn { size: 5, alpha: 1e-4, beta: 0.75, k: 1.0 };
/// Of the auxiliary heads' losses in training. (Section 5)
const HEAD_WEIGHT: f32 = 0.3;

/// GoogLeNet's facts.
pub const GOOGLENET: Card = Card {
    id: "googlenet",
    name: "GoogLeNet",
    year: 2014,
    paper: Paper {
        title: "Going Deeper with Convolutions",
        authors: "Szegedy et al.",
        url: "https://arxiv.org/abs/1409.4842",
    },
    about: "Won ImageNet in 2014 with less than an eighth of AlexNet's parameters: every block looks with 1×1, 3×3 and \
            5×5 kernels at once, behind cheap 1×1 reductions. Two extra heads half-way feed the first layers with \
            gradients.",
    challenge: Challenge {
        result: "won the classification of 2014, with seven such networks that voted",
        source: Some("https://image-net.org/challenges/LSVRC/2014/results"),
    },
    parameters: 6_998_552,
    macs: 1_583_000_000,
    top1: Some(68.7),
    top5: Some(88.9),
    source: Source::Download {
        url: "http://dl.caffe.berkeleyvision.org/bvlc_googlenet.caffemodel",
        hash: Hash::Sha1("405fc5acd08a3bb12de8ee5e23a96bec22f08204"),
        earlier: &[],
        bytes: 53_533_754,
        rename: SAME_NAME,
    },
    namings: &[],
    licence: "unrestricted use (BVLC)",
    labels: Labels::ImageNet,
    framing: Framing::Photo { crop: 224, resize: 256, filter: Filter::Bilinear, first: First::Resize },
    normalisation: CAFFE_NORMALISATION,
    graph: googlenet,
};

/// Builds GoogLeNet with its three outputs.
pub fn googlenet() -> Graph {
    let mut g = Graph::new(Shape::rgb(224));
    g.conv("conv1/7x7_s2", 64, 7).stride(2).pad(3).relu(); //    64×112×112
    g.max_pool("pool1/3x3_s2", 3, 2).ceil(); //                  64×56×56
    g.lrn("pool1/norm1", LRN);
    g.conv("conv2/3x3_reduce", 64, 1).relu();
    g.conv("conv2/3x3", 192, 3).pad(1).relu(); //               192×56×56
    g.lrn("conv2/norm2", LRN);
    g.max_pool("pool2/3x3_s2", 3, 2).ceil(); //                 192×28×28
    for widths in &INCEPTION3 {
        branches(&mut g, widths); //                            480×28×28
    }
    g.max_pool("pool3/3x3_s2", 3, 2).ceil(); //                 480×14×14
    for widths in &INCEPTION4 {
        branches(&mut g, widths); //                            832×14×14
        match widths.name {
            "4a" => auxiliary(&mut g, "loss1"),
            "4d" => auxiliary(&mut g, "loss2"),
            _ => {}
        }
    }
    g.max_pool("pool4/3x3_s2", 3, 2).ceil(); //                 832×7×7
    for widths in &INCEPTION5 {
        branches(&mut g, widths); //                           1024×7×7
    }
    g.avg_pool("pool5/7x7_s1", 7, 1); //                       1024
    g.linear("loss3/classifier", 1000);
    g
}

/// Four ways to look at the same place, side by side. (Figure 2b)
fn branches(g: &mut Graph, widths: &Inception) {
    let input: Node = g.cursor();
    let name = |layer: &str| format!("inception_{}/{layer}", widths.name);
    let one = g.conv(name("1x1"), widths.one, 1).relu().node();
    g.at(input).conv(name("3x3_reduce"), widths.three_reduce, 1).relu();
    let three = g.conv(name("3x3"), widths.three, 3).pad(1).relu().node();
    g.at(input).conv(name("5x5_reduce"), widths.five_reduce, 1).relu();
    let five = g.conv(name("5x5"), widths.five, 5).pad(2).relu().node();
    g.at(input).max_pool(name("pool"), 3, 1).pad(1);
    let pool = g.conv(name("pool_proj"), widths.pool, 1).relu().node();
    g.concat(name("output"), &[one, three, five, pool]);
}

/// A small network of its own on a half-way value. (Section 5)
fn auxiliary(g: &mut Graph, loss: &str) {
    let trunk = g.cursor();
    let name = |layer: &str| format!("{loss}/{layer}");
    g.avg_pool(name("ave_pool"), 5, 3); //                      512×4×4 or 528×4×4
    g.conv(name("conv"), 128, 1).relu();
    g.linear(name("fc"), 1024).relu();
    g.linear(name("classifier"), 1000);
    g.head(HEAD_WEIGHT);
    g.at(trunk);
}
