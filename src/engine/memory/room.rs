//! Whether the program's own memory can grow by as much as a network takes: where it cannot, an allocation ends WebAssembly.

use super::Memory;
use crate::error::{Error, Result};

/// The smallest maximum with which the memory is made (`memory.js`): up to it, no browser has refused.
const GRANTED: u64 = 1 << 30;

/// Bytes of a piece that is tried: weights come in pieces, too, which need not lie side by side.
const PIECE: u64 = 16 << 20;

/// Refuses what the memory cannot grow by.
///
/// # Errors
/// [`Error::NoRoom`].
pub(super) fn check(memory: &Memory) -> Result<()> {
    verdict(memory.total(), size(), grows_by)
}

/// Memory that was granted is not given back, so that a trial would be a waste where it cannot fail.
fn verdict(needed: u64, size: u64, grows_by: impl FnOnce(u64) -> bool) -> Result<()> {
    if size + needed <= GRANTED || grows_by(needed) { Ok(()) } else { Err(Error::NoRoom(needed)) }
}

/// Bytes that the program has now.
fn size() -> u64 {
    #[cfg(target_arch = "wasm32")]
    let bytes = core::arch::wasm32::memory_size::<0>() as u64 * 65_536;
    // Elsewhere the operating system gives memory when it is used, and a trial tells nothing.
    #[cfg(not(target_arch = "wasm32"))]
    let bytes = 0;
    bytes
}

/// Whether so many bytes can be had at once, in pieces.
fn grows_by(bytes: u64) -> bool {
    let mut pieces: Vec<Vec<u8>> = Vec::new();
    (0..bytes.div_ceil(PIECE)).all(|_| {
        let mut piece = Vec::new();
        let is_there = piece.try_reserve_exact(PIECE as usize).is_ok();
        pieces.push(piece);
        is_there
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trial_decides_where_the_memory_may_not_be_granted() {
        assert!(verdict(GRANTED / 2, GRANTED / 2, |_| false).is_ok(), "so much is always there");
        assert!(verdict(GRANTED / 2, GRANTED / 2 + 1, |_| true).is_ok());
        let refused = verdict(GRANTED / 2, GRANTED / 2 + 1, |_| false);
        assert!(matches!(refused, Err(Error::NoRoom(bytes)) if bytes == GRANTED / 2));
        assert!(grows_by(3 * PIECE + 1));
    }
}
