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

// A match that names every variant does not compile before it knows a new one.
#![deny(clippy::wildcard_enum_match_arm)]

pub mod agreement;
pub mod allocation;
pub mod calibration;
pub mod crops;
pub mod search;
pub mod variant;
