//! Random weights that keep activations in a sensible range.

use crate::graph::tensors::TensorSpec;
use crate::weights::Tensor;

/// Greatest magnitude of an 8-bit weight.
const MOST: f32 = 127.0;

/// A random tensor for `spec`: zeros for a bias, ones for the factors of a normalisation, else 8-bit weights with one scale an
/// output channel, as a converted file has them.
///
/// Weights are uniform within ±√(6 / inputs), so that the outputs of a layer with a rectifier are as large as its inputs. (He
/// et al. 2015, arXiv:1502.01852, section 2.2)
pub fn tensor(spec: &TensorSpec, seed: u64) -> Tensor {
    let length = spec.shape.iter().product();
    if spec.shape.len() == 1 {
        return Tensor::F32(vec![if spec.is_gain() { 1.0 } else { 0.0 }; length]);
    }
    let inputs: usize = spec.shape.iter().skip(1).product();
    let scale = (6.0 / inputs as f32).sqrt() / MOST;
    let mut state = spec.name.bytes().fold(seed, |state, byte| mix(state ^ u64::from(byte)));
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        (mix(state) >> 40) as f32 / (1 << 23) as f32 - 1.0
    };
    let values = (0..length).map(|_| (next() * MOST).round() as i8).collect();
    Tensor::Int8 { values, scale: vec![scale; spec.shape[0]] }
}

/// SplitMix64's output function. (Steele, Lea & Flood 2014, "Fast splittable pseudorandom number generators")
pub(super) fn mix(state: u64) -> u64 {
    let state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}
