//! LeNet-5. LeCun, Bottou, Bengio & Haffner 1998, "Gradient-based learning applied to document recognition", figure 2.
//!
//! Differs from the paper: C3 sees all six maps of S2 (the paper's table I leaves some out), S2 and S4 average without
//! trained coefficients, and the ten outputs are linear with a softmax instead of radial basis functions. These are
//! the usual changes; they make 61,706 parameters of the paper's 60,000.

use crate::frame::{Framing, Normalisation, Order};
use crate::graph::{Activation::ScaledTanh, Graph, Shape};
use crate::networks::{Card, Challenge, Paper, Source};
use crate::prediction::Labels;

/// LeNet-5's facts.
pub const LENET5: Card = Card {
    id: "lenet5",
    name: "LeNet-5",
    year: 1998,
    paper: Paper {
        title: "Gradient-based learning applied to document recognition",
        authors: "LeCun, Bottou, Bengio & Haffner",
        url: "https://doi.org/10.1109/5.726791",
    },
    about: "The first convolutional network in everyday use: it read the amounts on bank cheques. Small kernels that \
            look at every place of the picture alike replace hand-made features.",
    challenge: Challenge {
        result: "took no part: it reads digits, and is twelve years older than the challenge",
        source: None,
    },
    parameters: 61_706,
    macs: 416_520,
    top1: Some(TEST_ACCURACY),
    top5: None,
    source: Source::Trained { data: "MNIST" },
    namings: &[],
    licence: "MIT OR Apache-2.0",
    labels: Labels::Mnist,
    framing: Framing::Digit,
    normalisation: Normalisation { mean: [0.1 / 1.275 * 255.0; 3], std: [255.0 / 1.275; 3], order: Order::Rgb },
    graph: lenet5,
};

/// Percent of MNIST's 10,000 test digits that the committed, quantised weights get right; a test counts again.
const TEST_ACCURACY: f64 = 99.40;

/// Builds LeNet-5.
pub fn lenet5() -> Graph {
    let mut g = Graph::new(Shape::new(1, 32, 32));
    g.conv("c1", 6, 5).activation(ScaledTanh); //    6×28×28
    g.avg_pool("s2", 2, 2); //                       6×14×14
    g.conv("c3", 16, 5).activation(ScaledTanh); //  16×10×10
    g.avg_pool("s4", 2, 2); //                      16×5×5
    g.conv("c5", 120, 5).activation(ScaledTanh); // 120×1×1
    g.linear("f6", 84).activation(ScaledTanh); //   84
    g.linear("output", 10); //                      10
    g
}
