//! What the converter writes for the page, for other runtimes and for other commands.
//!
//! | file | what |
//! |---|---|
//! | [`digits`] | the digits that the gradient lab learns |
//! | [`install`] | a network's shards and its row of the manifest |
//! | [`outdated`] | installed weights of one's own that no longer fit |
//! | [`own`] | the name, the classes and the framing of weights of one's own |
//! | [`packed`] | weights as shards with their row of the manifest |
//! | [`onnx`] | a network for other runtimes: ONNX, and JSON with one binary file |
//! | [`sources`] | where the official files are to be had, for `cargo xtask weights` |
//! | [`samples`] | the sample photos as the page loads them |

// A match that names every variant does not compile before it knows a new one.
#![deny(clippy::wildcard_enum_match_arm)]

#[cfg(feature = "convert")]
pub mod digits;
#[cfg(feature = "convert")]
pub mod install;
#[cfg(feature = "convert")]
pub mod onnx;
#[cfg(feature = "convert")]
pub mod outdated;
pub mod own;
pub mod packed;
#[cfg(feature = "convert")]
pub mod samples;
#[cfg(feature = "convert")]
pub mod sources;
