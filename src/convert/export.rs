//! What the converter writes for the page and for other commands.
//!
//! | file | what |
//! |---|---|
//! | [`install`] | a network's shards and its row of the manifest |
//! | [`samples`] | the sample photos as the page loads them |

pub mod install;
pub mod samples;
