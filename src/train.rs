//! Trains graphs on burn's autodiff devices.
//!
//! | file | what |
//! |---|---|
//! | [`trainer`] | [`Trainer`]: a graph with its parameters, and one step of gradient descent |
//! | [`initialisation`] | the random weights with which training begins |
//! | [`loss`] | what is minimised, over all outputs of the graph |
//! | [`optimiser`] | from gradients to changes of the parameters |
//! | [`clipping`] | limits for gradients |
//! | `norm` | norms of very small and very large tensors |
//! | [`report`] | what a step tells of each layer |
//! | `reading` | numbers that are read back from the device together |
//! | [`digits`] | pictures of digits, and batches of them |
//! | `fit` | the training of LeNet-5 from files to weights (feature "train") |
//! | `augment` | variations of a digit (feature "train") |
//! | `mnist` | MNIST's files (feature "train") |

#[cfg(feature = "train")]
pub mod augment;
pub mod clipping;
pub mod digits;
#[cfg(feature = "train")]
pub mod fit;
pub mod initialisation;
pub mod loss;
#[cfg(feature = "train")]
pub mod mnist;
mod norm;
pub mod optimiser;
mod reading;
pub mod report;
pub mod trainer;

pub use clipping::Clipping;
pub use initialisation::Initialisation;
pub use optimiser::Optimiser;
pub use report::{Divergence, LayerReport, StepReport};
pub use trainer::{Outcome, Settings, Trainer};
