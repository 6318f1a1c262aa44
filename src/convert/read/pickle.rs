//! Pickles, read without running them.
//!
//! A pickle is a program for a stack machine that may name any function and call it. `inspect` goes through the instructions of
//! PyTorch's pickles, which are those of protocol 2, and refuses every name but those of functions that rebuild tensors. `values`
//! follows the instructions of pickles that describe plain values and arrays, and gives the values.

use std::io::{self, BufRead, Read};

use anyhow::{Context, Result, bail, ensure};

pub(super) mod values;

/// What PyTorch's files may name, besides `torch.<type>Storage`.
const ALLOWED: [&str; 4] = [
    "collections.OrderedDict",
    "torch._utils._rebuild_tensor",
    "torch._utils._rebuild_tensor_v2",
    "torch._utils._rebuild_parameter",
];
/// Longest name that is accepted, in bytes.
const LONGEST_NAME: u64 = 256;

/// The operand that follows an instruction's byte.
enum Operand {
    Bytes(u64),
    /// A count of this many bytes, and as many bytes as it says.
    Counted(usize),
    Line,
}

/// Goes through one pickle, up to the byte behind its end.
///
/// # Errors
/// If the pickle is cut short, or has a function or an instruction that no file of weights needs, which the error names.
pub(super) fn inspect(pickle: &mut impl BufRead) -> Result<()> {
    loop {
        let [instruction] = bytes(pickle)?;
        let operand = match instruction {
            b'.' => return Ok(()),
            b'c' => {
                let name = format!("{}.{}", line(pickle)?, line(pickle)?);
                let storage = name.strip_prefix("torch.").and_then(|name| name.strip_suffix("Storage"));
                let known = ALLOWED.contains(&name.as_str()) || storage.is_some_and(|name| !name.contains('.'));
                ensure!(known, "{}", forbidden(&name));
                continue;
            }
            // Stack and containers; calls, whose functions were checked where they were named.
            b'(' | b')' | b'0' | b'1' | b'2' | b']' | b'a' | b'd' | b'e' | b'l' | b's' | b't' | b'u' | b'}' => {
                Operand::Bytes(0)
            }
            b'N' | b'Q' | b'R' | b'b' | 0x81 | 0x85..=0x89 => Operand::Bytes(0),
            b'K' | b'h' | b'q' | 0x80 => Operand::Bytes(1),
            b'M' => Operand::Bytes(2),
            b'J' | b'j' | b'r' => Operand::Bytes(4),
            b'G' => Operand::Bytes(8),
            b'U' | 0x8a => Operand::Counted(1),
            b'T' | b'X' | 0x8b => Operand::Counted(4),
            b'F' | b'I' | b'L' | b'S' | b'V' | b'g' | b'p' => Operand::Line,
            other => bail!(unknown(other)),
        };
        let length = match operand {
            Operand::Bytes(length) => length,
            Operand::Counted(1) => u64::from(bytes::<1>(pickle)?[0]),
            Operand::Counted(_) => u64::from(u32::from_le_bytes(bytes(pickle)?)),
            Operand::Line => {
                line(pickle)?;
                0
            }
        };
        ensure!(io::copy(&mut pickle.take(length), &mut io::sink())? == length, "it is cut short");
    }
}

fn forbidden(name: &str) -> String {
    format!("it wants to call {name}, which no file of weights does; nothing of it was run")
}

fn unknown(instruction: u8) -> String {
    format!("its pickle holds the instruction {instruction:#04x}, which no file of weights needs")
}

fn bytes<const N: usize>(pickle: &mut impl Read) -> Result<[u8; N]> {
    let mut bytes = [0; N];
    pickle.read_exact(&mut bytes).context("it is cut short")?;
    Ok(bytes)
}

/// The text before the next line feed.
fn line(pickle: &mut impl BufRead) -> Result<String> {
    let mut line = Vec::new();
    pickle.take(LONGEST_NAME).read_until(b'\n', &mut line)?;
    ensure!(line.pop() == Some(b'\n'), "it is cut short");
    Ok(String::from_utf8_lossy(&line).into_owned())
}
