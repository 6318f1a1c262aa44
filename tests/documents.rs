//! README and NOTICES say of the networks what the cards say.
#![cfg(feature = "convert")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::Path;

#[test]
fn tables_are_those_of_the_cards() {
    for (name, text) in convscope::convert::report::documents::documents(Path::new(".")).unwrap() {
        assert!(std::fs::read_to_string(name).unwrap() == text, "{name} is out of date: cargo xtask documents");
    }
}
