//! Checkpoint → quantised file, through the network's own graph (feature "convert"; what a browser does of it: feature
//! "reader").
//!
//! | folder | what |
//! |---|---|
//! | [`read`] | official files and other checkpoints, in the formats that people save, into folded tensors |
//! | [`quantise`] | how few bits each tensor needs for answers that agree with single precision |
//! | [`export`] | what is written: weights for the page, networks for other runtimes, sources, sample photos |
//! | [`report`] | what quantisation costs, and the tables of networks in the documents |

pub mod export;
pub mod quantise;
pub mod read;
#[cfg(feature = "convert")]
pub mod report;

#[cfg(feature = "convert")]
pub use export::onnx;
pub use read::{Folded, Official, OfficialTensors};
