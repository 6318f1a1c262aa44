//! SqueezeNet 1.1. Iandola et al. 2016, arXiv:1602.07360, Table 1, in the cheaper form that its authors published later.
//!
//! Differs from the paper: a 3×3 first convolution with 64 channels, and pooling earlier.

use crate::graph::{Graph, Node, Shape};
use crate::networks::{
    Card, Hash, Paper, Source, TORCHVISION_FRAMING, TORCHVISION_LICENCE, TORCHVISION_NORMALISATION, same_name,
};
use crate::prediction::Labels;

/// Module number, squeezed channels, channels of each expansion; three groups with a pooling before each.
const FIRES: [&[(usize, usize, usize)]; 3] = [
    &[(3, 16, 64), (4, 16, 64)],                                  // 128×55×55
    &[(6, 32, 128), (7, 32, 128)],                                // 256×27×27
    &[(9, 48, 192), (10, 48, 192), (11, 64, 256), (12, 64, 256)], // 512×13×13
];

/// SqueezeNet 1.1's facts.
pub const SQUEEZENET1_1: Card = Card {
    id: "squeezenet1_1",
    name: "SqueezeNet 1.1",
    year: 2016,
    paper: Paper {
        title: "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and <0.5MB model size",
        authors: "Iandola et al.",
        url: "https://arxiv.org/abs/1602.07360",
    },
    about: "AlexNet's accuracy with a fiftieth of its numbers: 1×1 convolutions squeeze before 3×3 ones expand, and there \
            is no linear layer at all.",
    parameters: 1_235_496,
    macs: 349_000_000,
    top1: Some(58.178),
    top5: Some(80.624),
    source: Source::Download {
        url: "https://download.pytorch.org/models/squeezenet1_1-b8a52dc0.pth",
        hash: Hash::Sha256Prefix("b8a52dc0"),
        bytes: 4_959_000,
        rename: same_name,
    },
    licence: TORCHVISION_LICENCE,
    labels: Labels::ImageNet,
    framing: TORCHVISION_FRAMING,
    normalisation: TORCHVISION_NORMALISATION,
    graph: squeezenet1_1,
};

/// Builds SqueezeNet 1.1.
pub fn squeezenet1_1() -> Graph {
    let mut g = Graph::new(Shape::rgb(224));
    g.conv("features.0", 64, 3).stride(2).relu(); //             64×111×111
    for (group, fires) in FIRES.iter().enumerate() {
        g.max_pool(format!("pool{}", group + 1), 3, 2).ceil();
        for &(module, squeeze, expand) in *fires {
            fire(&mut g, module, squeeze, expand);
        }
    }
    g.conv("classifier.1", 1000, 1).relu(); //                 1000×13×13
    g.global_avg_pool("avgpool");
    g
}

/// Squeeze, then expand in two ways. (Figure 1)
fn fire(g: &mut Graph, module: usize, squeeze: usize, expand: usize) {
    let name = |layer: &str| format!("features.{module}.{layer}");
    let squeezed: Node = g.conv(name("squeeze"), squeeze, 1).relu().node();
    let one = g.conv(name("expand1x1"), expand, 1).relu().node();
    let three = g.at(squeezed).conv(name("expand3x3"), expand, 3).pad(1).relu().node();
    g.concat(name("concat"), &[one, three]);
}
