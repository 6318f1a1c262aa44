//! Gradients agree with PyTorch's, for each kind of layer and for each network of the gradient lab.
#![cfg(all(feature = "train", feature = "burn"))]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "common/gradients.rs"]
mod gradients;

use burn::tensor::Device;

#[test]
fn gradients_of_each_kind_of_layer_agree_with_pytorchs() {
    pollster::block_on(gradients::compare("kinds", gradients::KINDS, &Device::flex()));
}

#[test]
fn gradients_of_the_labs_networks_agree_with_pytorchs() {
    pollster::block_on(gradients::compare("labs", gradients::LABS, &Device::flex()));
}
