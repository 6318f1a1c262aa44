//! The input of a product in 7 bits, with the step and the zero point of the very tensor.

use std::ops::Range;

use wide::f32x4;

use crate::engine::kernels::cpu::memory::Source;
use crate::engine::kernels::cpu::pool::{Pool, range};
use crate::engine::kernels::plan::{Geometry, LANES, Plan, View};
use crate::error::Result;

/// Greatest 7-bit value. The instruction that multiplies takes no more.
const MOST: f32 = 127.0;
/// A range below this is one of zeros.
const LEAST_SPREAD: f32 = 1e-30;
/// Added to a small number, it leaves the nearest whole number in the low bits of the sum.
const ROUNDER: f32 = 12_582_912.0;
/// Multiply–accumulates that take as long as converting the four elements of a word.
const WORK: usize = 16;
/// Elements that are converted together.
const BLOCK: usize = 16;

/// The least and the greatest of some elements and of zero.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Extent {
    least: f32,
    greatest: f32,
}

impl Extent {
    /// Of these elements.
    fn of(elements: &[f32]) -> Self {
        let (fours, rest) = elements.as_chunks::<LANES>();
        let (blocks, singles) = fours.as_chunks::<4>();
        let (mut least, mut greatest) = ([f32x4::ZERO; 4], [f32x4::ZERO; 4]);
        for block in blocks {
            for (index, cell) in block.iter().enumerate() {
                let cell = f32x4::new(*cell);
                least[index] = least[index].fast_min(cell);
                greatest[index] = greatest[index].fast_max(cell);
            }
        }
        for cell in singles {
            let cell = f32x4::new(*cell);
            least[0] = least[0].fast_min(cell);
            greatest[0] = greatest[0].fast_max(cell);
        }
        let all = |vectors: [f32x4; 4]| vectors.into_iter().flat_map(f32x4::to_array).chain(rest.iter().copied());
        Self { least: all(least).fold(0.0, f32::min), greatest: all(greatest).fold(0.0, f32::max) }
    }

    /// Of both together.
    pub(super) fn and(self, other: Self) -> Self {
        Self { least: self.least.min(other.least), greatest: self.greatest.max(other.greatest) }
    }
}

/// How the elements of a tensor become 7-bit values: `value = element / step + zero`, rounded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Steps {
    /// The difference of two elements whose values are neighbours.
    pub(super) step: f32,
    /// The reciprocal of the step.
    pub(super) inverse: f32,
    /// The value of zero, which zero has exactly.
    pub(super) zero: i32,
}

impl Steps {
    /// For elements of this extent.
    pub(super) fn new(extent: Extent) -> Self {
        let spread = extent.greatest - extent.least;
        if !spread.is_finite() {
            // What follows from an infinite element is no number either.
            return Self { step: f32::NAN, inverse: 0.0, zero: 0 };
        }
        if spread < LEAST_SPREAD {
            return Self { step: 0.0, inverse: 0.0, zero: 0 };
        }
        let inverse = MOST / spread;
        let zero = (-extent.least * inverse).round_ties_even().clamp(0.0, MOST);
        Self { step: spread / MOST, inverse, zero: zero as i32 }
    }

    /// The values of some elements.
    fn convert(self, elements: &[f32], values: &mut [u8]) {
        let (blocks, rest) = elements.as_chunks::<BLOCK>();
        let (value_blocks, value_rest) = values.as_chunks_mut::<BLOCK>();
        for (block, values) in blocks.iter().zip(value_blocks) {
            *values = self.block(block);
        }
        for (element, value) in rest.iter().zip(value_rest) {
            *value = self.value(*element);
        }
    }

    /// The value of an element. Where it is no number, it has some value.
    #[inline(always)]
    fn value(self, element: f32) -> u8 {
        let sum = element * self.inverse + (ROUNDER + self.zero as f32);
        (sum.to_bits() as i32).wrapping_sub(ROUNDER.to_bits() as i32).clamp(0, MOST as i32) as u8
    }

    #[cfg(not(target_arch = "wasm32"))]
    #[inline(always)]
    fn block(self, elements: &[f32; BLOCK]) -> [u8; BLOCK] {
        elements.map(|element| self.value(element))
    }

    /// As [`Steps::value`]: the instructions that narrow also limit.
    #[cfg(target_arch = "wasm32")]
    #[inline(always)]
    fn block(self, elements: &[f32; BLOCK]) -> [u8; BLOCK] {
        use std::arch::wasm32::{
            i16x8_narrow_i32x4, i32x4_splat, i32x4_sub, u8x16_min, u8x16_narrow_i16x8, u8x16_splat,
        };
        let (cells, _) = elements.as_chunks::<LANES>();
        let (inverse, rounder) = (f32x4::splat(self.inverse), f32x4::splat(ROUNDER + self.zero as f32));
        let whole = |cell: usize| {
            let sum = f32x4::new(cells[cell]) * inverse + rounder;
            i32x4_sub(bytemuck::cast(sum), i32x4_splat(ROUNDER.to_bits() as i32))
        };
        let narrow = u8x16_narrow_i16x8(i16x8_narrow_i32x4(whole(0), whole(1)), i16x8_narrow_i32x4(whole(2), whole(3)));
        bytemuck::cast(u8x16_min(narrow, u8x16_splat(MOST as u8)))
    }
}

/// Where the elements of a tensor lie, and where their values go: rows of pixels with the halo of the buffer, the channels of
/// a pixel side by side, padded to whole vectors. Four values are one word.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    geometry: Geometry,
    view: View,
}

impl Layout {
    /// Of a value.
    pub(super) fn new(view: View, plan: &Plan) -> Self {
        Self { geometry: *plan.geometry(view), view }
    }

    /// Rows with the halo: what can be converted piece by piece.
    pub(super) fn rows(&self) -> usize {
        self.geometry.halo.top + self.geometry.height + self.geometry.halo.bottom
    }

    /// Words of a pixel.
    pub(super) fn pixel(&self) -> usize {
        self.view.shape.channels.div_ceil(LANES)
    }

    /// Words of a row with the halo.
    pub(super) fn row(&self) -> usize {
        (self.geometry.halo.left + self.geometry.width + self.geometry.halo.right) * self.pixel()
    }

    /// Words of all values.
    pub(super) fn words(&self) -> usize {
        self.rows() * self.row()
    }

    /// The word where the pixel in row `y` and column `x` begins, both of which may reach into the halo.
    pub(super) fn at(&self, y: isize, x: isize) -> usize {
        let (y, x) = (self.geometry.halo.top as isize + y, self.geometry.halo.left as isize + x);
        y as usize * self.row() + x as usize * self.pixel()
    }

    /// The stretches of elements of some rows that belong to the tensor, each with as many elements.
    fn stretches<'a>(&self, elements: &'a [f32], rows: Range<usize>) -> std::slice::Chunks<'a, f32> {
        let elements = &elements[rows.start * self.geometry.row()..rows.end * self.geometry.row()];
        let whole = self.view.first_channel == 0 && self.geometry.pixel == LANES * self.pixel();
        elements.chunks(if whole { self.geometry.row() } else { self.geometry.pixel })
    }

    /// The part of a stretch that belongs to the tensor.
    fn own<'a>(&self, stretch: &'a [f32]) -> &'a [f32] {
        let length = if stretch.len() == self.geometry.pixel { LANES * self.pixel() } else { stretch.len() };
        &stretch[self.view.first_channel..][..length]
    }

    /// The extent of the elements in some rows of a source.
    #[inline(never)]
    pub(super) fn range(&self, source: Source<'_>, rows: Range<usize>) -> Extent {
        let extents = self.stretches(source.elements, rows).map(|stretch| Extent::of(self.own(stretch)));
        extents.fold(Extent::default(), Extent::and)
    }

    /// The values of all elements of a source, into all words, by all threads.
    ///
    /// # Errors
    /// [`Error::ThreadLost`](crate::error::Error::ThreadLost) where a thread stopped.
    pub(super) fn quantise_all(&self, source: Source<'_>, pool: &Pool, words: &mut [i32]) -> Result<Steps> {
        let rows = self.rows();
        // A block of elements takes about as long as so many multiply–accumulates.
        let parts = pool.parts(WORK * self.words(), rows, 1);
        let ranges = || (0..parts).map(|part| range(rows, parts, part));
        let mut extents = vec![Extent::default(); pool.threads()];
        pool.share_with(&mut extents, ranges(), |extent, rows| *extent = extent.and(self.range(source, rows)))?;
        let steps = Steps::new(extents.into_iter().fold(Extent::default(), Extent::and));
        let mut rest = words;
        let items = ranges().map(|rows| {
            let (own, behind) = std::mem::take(&mut rest).split_at_mut(rows.len() * self.row());
            rest = behind;
            (rows, own)
        });
        pool.share(items, |_, (rows, own)| self.quantise(source, rows, steps, own))?;
        Ok(steps)
    }

    /// The values of the elements in some rows of a source, into the words of these rows. In the halo they are those of zero.
    #[inline(never)]
    pub(super) fn quantise(&self, source: Source<'_>, rows: Range<usize>, steps: Steps, words: &mut [i32]) {
        let mut values: &mut [u8] = bytemuck::cast_slice_mut(words);
        for stretch in self.stretches(source.elements, rows) {
            let stretch = self.own(stretch);
            let (own, rest) = values.split_at_mut(stretch.len());
            steps.convert(stretch, own);
            values = rest;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_is_off_by_a_step_at_most_and_zero_is_exact() {
        for (least, greatest) in [(0.0, 6.0), (-1.0, 3.0), (-2.5, 0.0), (-1e-3, 1e4), (0.0, 1e-20)] {
            let elements: Vec<f32> = (0..61).map(|i| least + (greatest - least) * i as f32 / 60.0).collect();
            let steps = Steps::new(Extent::of(&elements));
            let mut values = vec![0; elements.len()];
            steps.convert(&elements, &mut values);
            for (element, value) in elements.iter().zip(&values) {
                let back = (f32::from(*value) - steps.zero as f32) * steps.step;
                assert!((back - element).abs() <= steps.step * 1.001, "{element} becomes {back}");
                assert!(*value <= 127);
            }
            assert_eq!(i32::from(steps.value(0.0)), steps.zero);
        }
    }

    #[test]
    fn pieces_have_the_extent_of_the_whole() {
        let elements: Vec<f32> = (0..167).map(|i| (i as f32 * 1.7).sin() * i as f32).collect();
        let plain = elements.iter().fold((0.0f32, 0.0f32), |(least, most), x| (least.min(*x), most.max(*x)));
        for cut in [0, 1, 5, 64, 166, 167] {
            let both = Extent::of(&elements[..cut]).and(Extent::of(&elements[cut..]));
            assert_eq!((both.least, both.greatest), plain);
        }
    }

    #[test]
    fn zeros_have_no_step_and_what_is_no_number_stays_none() {
        assert_eq!(Steps::new(Extent::of(&[0.0; 9])), Steps { step: 0.0, inverse: 0.0, zero: 0 });
        assert!(Steps::new(Extent::of(&[1.0, f32::INFINITY])).step.is_nan());
    }
}
