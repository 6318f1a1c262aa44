//! How few bits each tensor needs for answers that agree with single precision.
//!
//! | file | what |
//! |---|---|
//! | [`variant`] | in which variants a network is offered: 8 bits, and linear layers at 4 |
//! | [`crops`] | the pictures to measure with |
//! | [`calibration`] | the network in single precision: its logits, and the means of what its layers read |
//! | [`allocation`] | 8 or 16 bits for each tensor, from measured error within a budget of bytes |
//! | [`agreement`] | how alike two networks' logits are |
//! | [`search`] | the smallest budget whose answers are close enough |
//! | [`unseen`] | the same without a picture to measure with |

// A match that names every variant does not compile before it knows a new one.
#![deny(clippy::wildcard_enum_match_arm)]

#[cfg(feature = "convert")]
pub mod agreement;
pub mod allocation;
#[cfg(feature = "convert")]
pub mod calibration;
#[cfg(feature = "convert")]
pub mod crops;
#[cfg(feature = "convert")]
pub mod search;
pub mod unseen;
pub mod variant;
