//! A network small enough that a test writes its checkpoints by hand.

use convscope::graph::tensors::tensor_specs;
use convscope::graph::{Graph, Shape};
use convscope::networks::{Card, Hash, SAME_NAME, Source, lenet5::LENET5};

pub(crate) const TINY: Card = Card {
    id: "tiny",
    name: "Tiny",
    source: Source::Download { url: "tiny.pth", hash: Hash::Sha1(""), earlier: &[], bytes: 0, rename: SAME_NAME },
    graph: tiny,
    ..LENET5
};

pub(crate) fn tiny() -> Graph {
    let mut g = Graph::new(Shape::rgb(6));
    g.conv("conv1", 4, 3).relu();
    g.conv("conv2", 6, 3).groups(2).relu();
    g.linear("fc", 5);
    g
}

/// Multiples of 1/64 below 2 are exact in every kind of float.
pub(crate) fn tensors() -> Vec<(String, Vec<usize>, Vec<f32>)> {
    let tensors = tensor_specs(&tiny()).unwrap().into_iter().enumerate().map(|(seed, tensor)| {
        let length: usize = tensor.shape.iter().product();
        let values = (0..length).map(|i| ((i * 37 + seed * 11) % 127) as f32 / 64.0 - 1.0).collect();
        (tensor.name, tensor.shape, values)
    });
    tensors.collect()
}
