//! A buffer that several threads write at the same time, each its own part of it.

use std::marker::PhantomData;
use std::ops::Range;

use crate::engine::kernels::plan::LANES;

use super::vector::Cell;

/// Consecutive pixels of a value, and the stretch of its buffer that holds them and no other pixel.
pub(super) struct Part<'a> {
    /// The pixels, row by row.
    pub(super) pixels: Range<usize>,
    /// The elements of the buffer from the first of these pixels on.
    pub(super) elements: &'a mut [f32],
    /// Where the first of these elements lies in the buffer.
    pub(super) from: usize,
}

/// Divides a buffer between `ranges` of pixels, which are consecutive and cover all; `offsets` tells where each pixel begins.
pub(super) fn parts<'a>(
    elements: &'a mut [f32],
    offsets: &[u32],
    ranges: impl Iterator<Item = Range<usize>>,
) -> impl Iterator<Item = Part<'a>> {
    let mut rest = elements;
    let mut passed = 0;
    ranges.filter(|range| !range.is_empty()).map(move |pixels| {
        let from = offsets[pixels.start] as usize;
        let end = offsets.get(pixels.end).map_or(passed + rest.len(), |&end| end as usize);
        let (_, behind) = std::mem::take(&mut rest).split_at_mut(from - passed);
        let (elements, behind) = behind.split_at_mut(end - from);
        (rest, passed) = (behind, end);
        Part { pixels, elements, from }
    })
}

/// Cells of which several threads write different ones at the same time.
#[derive(Clone, Copy)]
pub(super) struct Cells<'a> {
    first: *mut Cell,
    count: usize,
    lifetime: PhantomData<&'a mut [Cell]>,
}

// SAFETY: cells are handed out only by `Cells::slice`, whose callers promise that no two of them have the same ones.
unsafe impl Send for Cells<'_> {}
// SAFETY: as above.
unsafe impl Sync for Cells<'_> {}

impl<'a> Cells<'a> {
    /// Those of some elements, `[cells · 4]`.
    pub(super) fn new(elements: &'a mut [f32]) -> Self {
        let cells: &mut [Cell] = elements.as_chunks_mut::<LANES>().0;
        Self { first: cells.as_mut_ptr(), count: cells.len(), lifetime: PhantomData }
    }

    /// Some consecutive cells.
    ///
    /// # Safety
    /// As long as the result is in use, nobody else may be given or read any of these cells.
    pub(super) unsafe fn slice(self, from: usize, count: usize) -> &'a mut [Cell] {
        assert!(from + count <= self.count, "cells {from} to {} of {}", from + count, self.count);
        // SAFETY: the cells are inside the slice that this was made from, and the caller promises to be the only one.
        unsafe { std::slice::from_raw_parts_mut(self.first.add(from), count) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_hold_their_pixels_and_no_other() {
        // Two rows of three pixels of four elements, with a halo of one element in front and between the rows.
        let offsets = [1, 5, 9, 14, 18, 22];
        let mut elements = vec![0.0; 26];
        let lengths: Vec<_> = parts(&mut elements, &offsets, [0..2, 2..2, 2..4, 4..6].into_iter())
            .map(|part| {
                part.elements.fill(1.0);
                (part.pixels, part.from, part.elements.len())
            })
            .collect();
        assert_eq!(lengths, [(0..2, 1, 8), (2..4, 9, 9), (4..6, 18, 8)]);
        assert_eq!(elements.iter().sum::<f32>(), 25.0);
    }
}
