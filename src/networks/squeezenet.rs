//! SqueezeNet 1.1. Iandola et al. 2016, arXiv:1602.07360, Table 1, in the cheaper form that its authors published later,
//! with their own weights.
//!
//! Differs from the paper: a 3×3 first convolution with 64 channels, and pooling after conv1, fire3 and fire5.

use crate::frame::{Filter, First, Framing};
use crate::graph::{Graph, Node, Shape};
use crate::networks::{CAFFE_NORMALISATION, Card, Challenge, Distribution, Paper, SAME_NAME, Source};
use crate::prediction::Labels;

/// A pooling, and the modules after it: number, squeezed channels, channels of each expansion.
type Group = (&'static str, &'static [(usize, usize, usize)]);

const GROUPS: [Group; 3] = [
    ("pool1", &[(2, 16, 64), (3, 16, 64)]),                               // 128×56×56
    ("pool3", &[(4, 32, 128), (5, 32, 128)]),                             // 256×28×28
    ("pool5", &[(6, 48, 192), (7, 48, 192), (8, 64, 256), (9, 64, 256)]), // 512×14×14
];

/// SqueezeNet 1.1's facts.
///
/// Its authors say only that it has at least the 80.3 % of the paper's network among the top five. The accuracy here is
/// what Intel's Open Model Zoo measured with the authors' Caffe file (`squeezenet1.1/accuracy-check.yml`).
pub const SQUEEZENET1_1: Card = Card {
    id: "squeezenet1_1",
    name: "SqueezeNet 1.1",
    year: 2016,
    paper: Paper {
        title: "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and <0.5MB model size",
        authors: "Iandola et al.",
        url: "https://arxiv.org/abs/1602.07360",
    },
    about: "AlexNet's accuracy with a fiftieth of its parameters: 1×1 convolutions squeeze before 3×3 ones expand, and \
            there is no linear layer at all.",
    challenge: Challenge { result: "took no part: it was made to be small", source: None },
    parameters: 1_235_496,
    macs: 388_000_000,
    top1: Some(58.382),
    top5: Some(81.0),
    source: Source::PythonPackage {
        package: "ndf",
        version: "0.1.4",
        distribution: Distribution::Source {
            sha256: "a87c0bd2cccbc438d24859cbe64de34157b432f104d0e7b59b0610264b538522",
        },
        file: "ndf/example_models/weights/squeezenet_weights.pkl",
        sha256: "f286bbf493e6389979ed3036f960f4404e0079acdb92156500df0d4a43d085f1",
        bytes: 4_945_361,
        rename: SAME_NAME,
    },
    namings: &[],
    // The authors' licence for the weights; the package that carries them is under the MIT licence.
    licence: "BSD-2-Clause",
    labels: Labels::ImageNet,
    framing: Framing::Photo { crop: 227, resize: 256, filter: Filter::Bilinear, first: First::Resize },
    normalisation: CAFFE_NORMALISATION,
    graph: squeezenet1_1,
};

/// Builds SqueezeNet 1.1.
pub fn squeezenet1_1() -> Graph {
    let mut g = Graph::new(Shape::rgb(227));
    g.conv("conv1", 64, 3).stride(2).relu(); //                  64×113×113
    for (pool, fires) in GROUPS {
        g.max_pool(pool, 3, 2).ceil();
        for &(number, squeeze, expand) in fires {
            fire(&mut g, number, squeeze, expand);
        }
    }
    g.conv("conv10", 1000, 1).relu(); //                       1000×14×14
    g.global_avg_pool("pool10");
    g
}

/// Squeeze, then expand in two ways. (Figure 1)
fn fire(g: &mut Graph, number: usize, squeeze: usize, expand: usize) {
    let name = |layer: &str| format!("fire{number}/{layer}");
    let squeezed: Node = g.conv(name("squeeze1x1"), squeeze, 1).relu().node();
    let one = g.conv(name("expand1x1"), expand, 1).relu().node();
    let three = g.at(squeezed).conv(name("expand3x3"), expand, 3).pad(1).relu().node();
    g.concat(name("concat"), &[one, three]);
}
