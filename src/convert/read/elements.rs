//! Elements of tensors, from their bytes to single precision.

use std::rc::Rc;

use anyhow::{Context, Result, ensure};
use half::{bf16, f16};

use super::file::{CUT_SHORT, ReadAt};

/// Elements that are weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Element {
    F16,
    BF16,
    F32,
    F64,
}

/// Bytes that are read at once: a multiple of every element's size.
const BLOCK: usize = 1 << 20;

impl Element {
    /// In bytes.
    pub(super) fn size(self) -> u64 {
        match self {
            Self::F16 | Self::BF16 => 2,
            Self::F32 => 4,
            Self::F64 => 8,
        }
    }

    /// Puts little-endian elements behind `elements`, rounded to single precision.
    fn decode(self, bytes: &[u8], elements: &mut Vec<f32>) {
        match self {
            Self::F16 => elements.extend(bytes.as_chunks().0.iter().map(|&two| f16::from_le_bytes(two).to_f32())),
            Self::BF16 => elements.extend(bytes.as_chunks().0.iter().map(|&two| bf16::from_le_bytes(two).to_f32())),
            Self::F32 => elements.extend(bytes.as_chunks().0.iter().map(|&four| f32::from_le_bytes(four))),
            Self::F64 => elements.extend(bytes.as_chunks().0.iter().map(|&eight| f64::from_le_bytes(eight) as f32)),
        }
    }
}

/// Elements that follow one another in a file.
#[derive(Clone)]
pub(super) struct Stretch {
    pub(super) file: Rc<dyn ReadAt>,
    pub(super) element: Element,
    /// Place of the first byte.
    pub(super) start: u64,
    /// Number of elements.
    pub(super) count: u64,
}

impl Stretch {
    /// Refuses a stretch that does not lie inside the file.
    pub(super) fn inside(self) -> Result<Self> {
        let end = self.count.checked_mul(self.element.size()).and_then(|length| self.start.checked_add(length));
        ensure!(end.is_some_and(|end| end <= self.file.length()), CUT_SHORT);
        Ok(self)
    }

    /// Reads the elements, one block after another, so that little more memory is taken than they need.
    pub(super) fn read(&self) -> Result<Vec<f32>> {
        let mut elements = Vec::new();
        let count = usize::try_from(self.count)?;
        elements.try_reserve_exact(count).with_context(|| format!("there is no memory for its {count} elements"))?;
        let end = self.start + self.count * self.element.size();
        blocks(&*self.file, self.start, end, |bytes| self.element.decode(bytes, &mut elements))?;
        Ok(elements)
    }
}

/// Reads the bytes from `start` to `end`, a block at a time.
pub(super) fn blocks(file: &dyn ReadAt, start: u64, end: u64, mut read: impl FnMut(&[u8])) -> Result<()> {
    let mut block = vec![0; usize::try_from(end - start).map_or(BLOCK, |length| length.min(BLOCK))];
    let mut place = start;
    while place < end {
        let count = usize::try_from(end - place).map_or(BLOCK, |left| left.min(block.len()));
        file.read_at(place, &mut block[..count])?;
        read(&block[..count]);
        place += count as u64;
    }
    Ok(())
}

/// Number of elements of a tensor of this shape, if there is such a number.
pub(super) fn count(shape: &[usize]) -> Option<u64> {
    shape.iter().try_fold(1u64, |count, &dimension| count.checked_mul(dimension as u64))
}
