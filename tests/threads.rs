//! The CPU's kernels with several threads: results are those of one thread, to the last bit.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use convscope::engine::kernels::cpu::{Arithmetic, CpuOptions, Pool, Product};
use convscope::engine::{Device, LinearFormat, Network};
use convscope::frame::Input;
use convscope::graph::{Graph, Shape};
use convscope::networks::card;

fn with(threads: usize) -> Device {
    computing(threads, Arithmetic::F32)
}

fn computing(threads: usize, arithmetic: Arithmetic) -> Device {
    Device::CpuWith(CpuOptions {
        arithmetic,
        dot8: true,
        product: Product::default(),
        pool: Arc::new(Pool::native(threads)),
    })
}

/// One network for each way in which a step is divided: Winograd's tiles and products, grouped convolutions, normalisation,
/// depthwise convolutions, concatenations, residuals, large linear layers, and steps too small to be divided.
const NETWORKS: [&str; 7] =
    ["lenet5", "alexnet", "googlenet", "resnet18", "mobilenet_v2", "efficientnet_b0", "squeezenet1_1"];

#[test]
fn any_number_of_threads_gives_the_same_logits_to_the_last_bit() {
    for (arithmetic, id) in [Arithmetic::F32, Arithmetic::Int8].into_iter().flat_map(|of| NETWORKS.map(|id| (of, id))) {
        let devices = [2, 3, 5].map(|threads| (threads, computing(threads, arithmetic)));
        let graph = card(id).unwrap().inference();
        let run = |device: &Device| {
            let network = Network::random(graph.clone(), 7, device).unwrap();
            let shape = graph.input();
            let values = (0..shape.elements()).map(|index| (index as f32 * 0.37).sin()).collect();
            pollster::block_on(network.logits(Input { shape, values })).unwrap()
        };
        let expected = run(&computing(1, arithmetic));
        assert!(expected.iter().any(|value| *value != 0.0));
        for (threads, device) in &devices {
            let found = run(device);
            let same = expected.iter().zip(&found).all(|(a, b)| a.to_bits() == b.to_bits());
            assert!(same && expected.len() == found.len(), "{id} with {threads} threads, {arithmetic:?}");
        }
    }
}

/// Graphs in which a widened value is computed in strips, each with what is unusual in it; but for the last one, in which the value is
/// read twice.
fn widened() -> [(&'static str, Graph); 5] {
    let mut skips = Graph::new(Shape::new(16, 64, 64));
    skips.conv("wide", 64, 1).relu();
    skips.conv("deep", 64, 2).stride(3).groups(64).relu();

    // A strip of one row, which is all that there is.
    let mut one_row = Graph::new(Shape::new(16, 3, 1024));
    one_row.conv("wide", 64, 1).relu();
    one_row.conv("deep", 64, 3).groups(64).relu();

    let mut groups = Graph::new(Shape::new(16, 64, 64));
    groups.conv("wide", 64, 1).groups(4).relu();
    groups.conv("deep", 64, 5).pad(2).stride(2).groups(64);

    let mut residual = Graph::new(Shape::new(16, 64, 64));
    let before = residual.conv("before", 64, 3).pad(1).stride(1).node();
    residual.conv("wide", 64, 1).relu();
    residual.conv("deep", 64, 3).pad(1).groups(64);
    residual.add("sum", before).relu();

    let mut concatenated = Graph::new(Shape::new(16, 64, 64));
    let wide = concatenated.conv("wide", 64, 1).relu().node();
    concatenated.conv("deep", 64, 3).pad(1).groups(64);
    let other = concatenated.conv("other", 64, 1).relu().node();
    concatenated.concat("both", &[wide, other]);
    concatenated.conv("last", 8, 1);
    [("skips", skips), ("one row", one_row), ("groups", groups), ("residual", residual), ("concatenated", concatenated)]
}

/// Of these the widened values are computed in strips when only the logits are asked for, and as a whole when they are asked for
/// themselves.
#[test]
fn what_is_computed_in_strips_is_equal_to_the_last_bit() {
    let cards = ["mobilenet_v2", "efficientnet_lite0", "efficientnet_b0"];
    let graphs = cards.map(|id| (id, card(id).unwrap().inference())).into_iter().chain(widened());
    for ((id, graph), arithmetic) in
        graphs.flat_map(|of| [Arithmetic::F32, Arithmetic::Int8].map(|arithmetic| (of.clone(), arithmetic)))
    {
        let shape = graph.input();
        let input =
            || Input { shape, values: (0..shape.elements()).map(|index| (index as f32 * 0.37).sin()).collect() };
        let every: Vec<_> = graph.layers().iter().map(|layer| graph.node(&layer.name).unwrap()).collect();
        for threads in [1, 2, 3] {
            let network = Network::random(graph.clone(), 7, computing(threads, arithmetic)).unwrap();
            let found = pollster::block_on(network.logits(input())).unwrap();
            let whole = pollster::block_on(network.activations(&input(), &every)).unwrap();
            let expected = whole.last().unwrap();
            assert!(
                expected.iter().any(|value| *value != 0.0) && expected.iter().all(|value| value.is_finite()),
                "{id}"
            );
            let same = expected.iter().zip(&found).all(|(a, b)| a.to_bits() == b.to_bits());
            assert!(same && expected.len() == found.len(), "{id} with {threads} threads, {arithmetic:?}");
        }
    }
}

#[test]
fn each_thread_takes_scratch_memory_and_nothing_else() {
    let graph = card("resnet18").unwrap().inference();
    let memory = |threads| with(threads).memory(&graph, LinearFormat::Int8).unwrap();
    let (one, two, three) = (memory(1), memory(2), memory(3));
    assert_eq!(one, Device::Cpu.memory(&graph, LinearFormat::Int8).unwrap());
    assert_eq!(one.weights_bytes, three.weights_bytes);
    let each = two.activation_bytes - one.activation_bytes;
    assert!(each > 0 && each == three.activation_bytes - two.activation_bytes);
    // A round of Winograd's tiles, transformed and multiplied: 36 products of 48 tiles of up to 512 channels each.
    assert!(each < 8 << 20, "{each} bytes");
}
