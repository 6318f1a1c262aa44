//! Pickles, read without running them.
//!
//! A pickle is a program for a stack machine that may name any function and call it. `values` follows its instructions, calls
//! nothing, and gives the values; whoever reads the pickle says which names it may have.

use std::io::{BufRead, Read as _};

use anyhow::{Result, ensure};

use super::file::{CUT_SHORT, Cursor};

pub(super) mod values;

/// Longest name of a function or a class that is accepted, in bytes.
const LONGEST_NAME: usize = 256;

fn forbidden(name: &str) -> String {
    let name: String = name.chars().take(LONGEST_NAME).collect();
    format!("it wants to call {name}, which no file of weights does; nothing of it was run")
}

fn unknown(instruction: u8) -> String {
    format!("its pickle holds the instruction {instruction:#04x}, which no file of weights needs")
}

/// The text before the next line feed.
fn line(pickle: &mut Cursor) -> Result<String> {
    let mut line = Vec::new();
    pickle.take(LONGEST_NAME as u64).read_until(b'\n', &mut line)?;
    ensure!(line.pop() == Some(b'\n'), CUT_SHORT);
    Ok(String::from_utf8_lossy(&line).into_owned())
}
