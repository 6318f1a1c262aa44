//! ConvScope: famous image networks, from LeNet to EfficientNet, running in a browser.
//!
//! | file | what |
//! |---|---|
//! | [`graph`] | layers as data; `graph/ops/` has one file for each kind of layer |
//! | [`networks`] | a card of facts for each network, and its graph |
//! | [`frame`] | frame → input |
//! | [`prediction`] | logits → the most probable classes |
//! | [`weights`] | the tensors of a network, and the quantised file |
//! | [`engine`] | loads and runs networks on a device; `engine/kernels/` are this project's kernels, `engine/burn/` is burn's path |
//! | `train` | gradient descent on burn's autodiff (feature "burn") |
//! | `lab` | small networks that learn digits while one watches (feature "burn") |
//! | `web` | the JavaScript API (WebAssembly only) |
//! | `convert` | checkpoint → quantised file (feature "convert"; its readers alone: feature "reader") |
//! | [`error`] | the error type |

#[cfg(feature = "reader")]
pub mod convert;
pub mod engine;
pub mod error;
pub mod frame;
pub mod graph;
#[cfg(feature = "burn")]
pub mod lab;
pub mod networks;
pub mod prediction;
#[cfg(feature = "burn")]
pub mod train;
#[cfg(target_family = "wasm")]
pub mod web;
pub mod weights;
