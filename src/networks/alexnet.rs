//! AlexNet. Krizhevsky, Sutskever & Hinton 2012, "ImageNet classification with deep convolutional neural networks",
//! figure 2, in the form of Caffe's reference weights.
//!
//! Differs from the paper: the input is 227×227, which is what the sizes of the paper's layers need; the weights are from
//! one GPU's training, without relighting.

use crate::frame::{Filter, First, Framing};
use crate::graph::{Graph, Lrn, Shape};
use crate::networks::{CAFFE_NORMALISATION, Card, Challenge, Hash, Paper, SAME_NAME, Source};
use crate::prediction::Labels;

/// AlexNet's facts.
pub const ALEXNET: Card = Card {
    id: "alexnet",
    name: "AlexNet",
    year: 2012,
    paper: Paper {
        title: "ImageNet Classification with Deep Convolutional Neural Networks",
        authors: "Krizhevsky, Sutskever & Hinton",
        url: "https://doi.org/10.1145/3065386",
    },
    about: "Won ImageNet in 2012 by ten points and ended the age of hand-made features: large convolutions trained on \
            two graphics cards, rectifiers instead of tanh, dropout. Nearly all its parameters sit in three linear \
            layers.",
    challenge: Challenge {
        result: "won the classification of 2012, under the name SuperVision",
        source: Some("https://image-net.org/challenges/LSVRC/2012/results.html"),
    },
    parameters: 60_965_224,
    macs: 724_000_000,
    top1: Some(57.1),
    top5: Some(80.2),
    source: Source::Download {
        url: "http://dl.caffe.berkeleyvision.org/bvlc_alexnet.caffemodel",
        hash: Hash::Sha1("9116a64c0fbe4459d18f4bb6b56d647b63920377"),
        earlier: &[],
        bytes: 244_000_000,
        rename: SAME_NAME,
    },
    namings: &[],
    licence: "unrestricted use (BVLC)",
    labels: Labels::ImageNet,
    framing: Framing::Photo { crop: 227, resize: 256, filter: Filter::Bilinear, first: First::Resize },
    normalisation: CAFFE_NORMALISATION,
    graph: alexnet,
};

/// Section 3.3, with the sum over five neighbours divided by five, as Caffe does it.
const LRN: Lrn = Lrn { size: 5, alpha: 1e-4, beta: 0.75, k: 1.0 };

/// Builds AlexNet.
pub fn alexnet() -> Graph {
    let mut g = Graph::new(Shape::rgb(227));
    g.conv("conv1", 96, 11).stride(4).relu();
    g.lrn("norm1", LRN); //                                96×55×55
    g.max_pool("pool1", 3, 2); //                          96×27×27
    g.conv("conv2", 256, 5).pad(2).groups(2).relu();
    g.lrn("norm2", LRN); //                               256×27×27
    g.max_pool("pool2", 3, 2); //                         256×13×13
    g.conv("conv3", 384, 3).pad(1).relu(); //             384×13×13
    g.conv("conv4", 384, 3).pad(1).groups(2).relu(); //   384×13×13
    g.conv("conv5", 256, 3).pad(1).groups(2).relu(); //   256×13×13
    g.max_pool("pool5", 3, 2); //                         256×6×6
    g.linear("fc6", 4096).relu();
    g.linear("fc7", 4096).relu();
    g.linear("fc8", 1000);
    g
}
