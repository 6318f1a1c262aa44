//! Official file → quantised file, through the network's own graph (feature "convert").
//!
//! | folder | what |
//! |---|---|
//! | [`read`] | official files, in the formats that their publishers chose, into folded tensors |
//! | [`quantise`] | how few bits each tensor needs for answers that agree with single precision |
//! | [`export`] | what is written: weights for the page, networks for other runtimes, sources, sample photos |
//! | [`report`] | what quantisation costs, and the tables of networks in the documents |

pub mod export;
pub mod quantise;
pub mod read;
pub mod report;

pub use export::onnx;
pub use read::{Folded, Official, OfficialTensors};
