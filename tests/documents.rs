//! What is written from the code is up to date: README and NOTICES say of the networks what the cards say, and the page's
//! types of the manifest are those of the structs.
#![cfg(feature = "convert")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::Path;

use convscope::convert::report::documents::documents;

#[test]
fn written_documents_are_up_to_date() {
    for (name, text) in documents(Path::new(".")).unwrap() {
        let found = std::fs::read_to_string(name).unwrap_or_default();
        assert!(found == text, "{name} is out of date: cargo xtask documents");
    }
}
