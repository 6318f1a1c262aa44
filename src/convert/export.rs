//! What the converter writes for the page, for other runtimes and for other commands.
//!
//! | file | what |
//! |---|---|
//! | [`digits`] | the digits that the gradient lab learns |
//! | [`install`] | a network's shards and its row of the manifest |
//! | [`onnx`] | a network for other runtimes: ONNX, and JSON with one binary file |
//! | [`sources`] | where the official files are to be had, for `cargo xtask weights` |
//! | [`samples`] | the sample photos as the page loads them |

// A match that names every variant does not compile before it knows a new one.
#![deny(clippy::wildcard_enum_match_arm)]

pub mod digits;
pub mod install;
pub mod onnx;
pub mod samples;
pub mod sources;
