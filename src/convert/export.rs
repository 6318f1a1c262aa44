//! What the converter writes for the page and for other commands.
//!
//! | file | what |
//! |---|---|
//! | [`install`] | a network's shards and its row of the manifest |
//! | [`sources`] | where the official files are to be had, for `cargo xtask weights` |
//! | [`samples`] | the sample photos as the page loads them |

pub mod install;
pub mod samples;
pub mod sources;
