//! ConvScope: famous image networks, from LeNet to EfficientNet, running in a browser.
//!
//! | file | what |
//! |---|---|
//! | [`graph`] | layers as data, shape inference; `graph/`: fold, summary, tensors |
//! | [`networks`] | a card of facts for each network, and its graph |
//! | [`frame`] | frame → input |
//! | [`prediction`] | logits → the most probable classes |
//! | [`weights`] | the quantised file |
//! | [`engine`] | loads and runs networks on a device |
//! | `web` | the JavaScript API (wasm only) |
//! | `convert` | official file → quantised file (feature "convert") |
//! | [`error`] | one error type |

#[cfg(feature = "convert")]
pub mod convert;
pub mod engine;
pub mod error;
pub mod frame;
pub mod graph;
pub mod networks;
pub mod prediction;
#[cfg(feature = "train")]
pub mod train;
#[cfg(target_family = "wasm")]
pub mod web;
pub mod weights;
