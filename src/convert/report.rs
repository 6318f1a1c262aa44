//! What the converter reports.
//!
//! | file | what |
//! |---|---|
//! | [`quantisation`] | what quantisation costs each network: bench/QUANTISATION.md and .json |
//! | [`documents`] | the tables of networks in README.md and NOTICES.md, the page's types of the manifest |

pub mod documents;
pub mod quantisation;
