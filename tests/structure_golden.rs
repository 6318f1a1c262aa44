//! Every network against an independent implementation in PyTorch, layer by layer, as published and folded.
#![cfg(all(feature = "convert", feature = "burn"))]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[allow(dead_code, reason = "each test uses a part")]
mod common;

use burn::tensor::Device;
use convscope::convert::{Folded, Official, OfficialTensors};
use convscope::graph::tensors::tensor_specs;
use convscope::networks::CARDS;
use convscope::weights::Weights;

#[test]
fn every_network_is_pytorchs() {
    for card in CARDS {
        let graph = (card.graph)();
        let weights = Weights::formula(&graph).unwrap();
        let device = Device::flex();
        let (layers, worst) = pollster::block_on(common::compare(card.id, &graph, &weights, &device));
        let stored = common::golden(card.id)["layers"].as_object().unwrap().len();
        assert_eq!(layers, stored, "{}: a stored layer is not in the graph", card.id);
        assert!(worst < 1e-4, "{}: off by {worst:.1e}; {}", card.id, common::REGENERATE);

        let official: OfficialTensors = (tensor_specs(&graph).unwrap().into_iter())
            .map(|tensor| {
                let values = weights.tensor(&tensor.name).unwrap().dequantise();
                (tensor.name, Official { shape: tensor.shape, read: Box::new(move || Ok(values.clone())) })
            })
            .collect();
        let (inference, weights) = Folded::new(&graph, official).unwrap().all().unwrap();
        let (_, folded_worst) = pollster::block_on(common::compare(card.id, &inference, &weights, &device));
        let ours =
            pollster::block_on(common::compare(card.id, &inference, &weights, &convscope::engine::Device::Cpu)).1;
        println!("{}: {layers} layers, worst {worst:.1e}, folded {folded_worst:.1e}, kernels {ours:.1e}", card.id);
        assert!(folded_worst < 1e-4, "{}: folded, off by {folded_worst:.1e}", card.id);
        // Winograd's convolutions round more.
        assert!(ours < 3e-4, "{}: by our kernels, off by {ours:.1e}", card.id);
    }
}
