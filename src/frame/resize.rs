//! Resizing as Pillow does it: separable, antialiased, rounded to 8 bits after each direction.
//!
//! The official weights were trained and measured with what Pillow gives, so that equal values matter more than speed.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::ops::Range;
use std::rc::Rc;

use wide::{i16x8, i32x4, u8x16};

use super::Pixels;

/// How many bytes a vector holds.
const TOGETHER: usize = 16;

/// The function that weighs source pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// A triangle, two source pixels wide.
    Bilinear,
    /// Catmull and Rom's cubic (a = −0.5), four source pixels wide.
    Bicubic,
}

impl Filter {
    /// Half of the function's width, in source pixels.
    fn support(self) -> f64 {
        match self {
            Self::Bilinear => 1.0,
            Self::Bicubic => 2.0,
        }
    }

    fn weight(self, distance: f64) -> f64 {
        let x = distance.abs();
        match self {
            Self::Bilinear => (1.0 - x).max(0.0),
            Self::Bicubic if x < 1.0 => (1.5 * x - 2.5) * x * x + 1.0,
            Self::Bicubic if x < 2.0 => ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0,
            Self::Bicubic => 0.0,
        }
    }
}

/// How many fractional bits Pillow's weights have: its rounding is part of the values.
const FRACTION: u32 = 22;
const ONE: f64 = (1 << FRACTION) as f64;
/// What is added to sums, so that cutting off the fraction rounds them.
const HALF: i32 = 1 << (FRACTION - 1);
/// How many bits the lower half of a weight has; the upper half has the sign. Each half fits into 16 bits, which are multiplied
/// in pairs.
const LOWER: u32 = FRACTION / 2;

/// The source pixels behind one output pixel.
struct Tap {
    first: usize,
    /// In units of [`ONE`].
    weights: Vec<i32>,
}

impl Tap {
    /// The weights of two pixels each, as `word` packs them; an odd one's partner is 0.
    fn pairs<W>(&self, word: impl Fn(i32, i32) -> W) -> Vec<W> {
        self.weights.chunks(2).map(|pair| word(pair[0], pair.get(1).copied().unwrap_or(0))).collect()
    }
}

/// Two 16-bit values in a word.
fn word(a: i32, b: i32) -> i32 {
    (a & 0xffff) | b << 16
}

/// Two weights in halves: the upper bits of both, then the lower ones.
fn halves(a: i32, b: i32) -> [i32; 2] {
    let lower = |weight: i32| weight & ((1 << LOWER) - 1);
    [word(a >> LOWER, b >> LOWER), word(lower(a), lower(b))]
}

/// How `source` pixels along one axis are weighed into those pixels of `target` that are in the range `outputs`.
fn taps(source: usize, target: usize, outputs: Range<usize>, filter: Filter) -> Vec<Tap> {
    let scale = source as f64 / target as f64;
    // The function is widened where the picture shrinks, so that fine patterns do not turn into coarse ones.
    let stretch = scale.max(1.0);
    let support = filter.support() * stretch;
    outputs
        .map(|index| {
            let centre = (index as f64 + 0.5) * scale;
            let first = (centre - support + 0.5).max(0.0) as usize;
            let last = ((centre + support + 0.5) as usize).min(source).max(first + 1);
            let weigh = |pixel: usize| filter.weight((pixel as f64 - centre + 0.5) / stretch);
            let sum: f64 = (first..last).map(weigh).sum();
            Tap { first, weights: (first..last).map(|pixel| (weigh(pixel) / sum * ONE).round() as i32).collect() }
        })
        .collect()
}

/// Resizes to `side × side`.
pub(super) fn square(source: &Pixels<4>, side: usize, filter: Filter) -> Pixels<4> {
    if (source.width, source.height) == (side, side) {
        return source.clone();
    }
    window(source, &taps(source.width, side, 0..side, filter), &taps(source.height, side, 0..side, filter))
}

/// Resizes grey pixels to `width × height`, one pixel at a time: a digit has few.
pub(super) fn grey(source: &Pixels<1>, width: usize, height: usize, filter: Filter) -> Pixels<1> {
    let (across, down) = (taps(source.width, width, 0..width, filter), taps(source.height, height, 0..height, filter));
    let weighed = |values: &[u8], step: usize, weights: &[i32]| {
        let products = values.iter().step_by(step).zip(weights).map(|(&value, weight)| i32::from(value) * weight);
        ((products.sum::<i32>() + HALF) >> FRACTION).clamp(0, 255) as u8
    };
    let rows = source.values.chunks_exact(source.width);
    let wide: Vec<u8> =
        rows.flat_map(|row| across.iter().map(|tap| weighed(&row[tap.first..], 1, &tap.weights))).collect();
    let column = |tap: &Tap, x: usize| weighed(&wide[tap.first * width + x..], width, &tap.weights);
    let values = down.iter().flat_map(|tap| (0..width).map(move |x| column(tap, x))).collect();
    Pixels { values, width, height }
}

/// Resizes to `width × height`, of which only the centre `side × side` is computed.
///
/// Where an odd pixel is left over, it goes to the right and bottom.
pub(super) fn centre(source: &Pixels<4>, width: usize, height: usize, side: usize, filter: Filter) -> Pixels<4> {
    let middle = |length: usize| (length - side) / 2..(length - side) / 2 + side;
    let across = taps(source.width, width, middle(width), filter);
    window(source, &across, &taps(source.height, height, middle(height), filter))
}

/// Weighs columns, then rows.
fn window(source: &Pixels<4>, across: &[Tap], down: &[Tap]) -> Pixels<4> {
    let (width, height) = (across.len(), down.len());
    let vectors = (width * 4).div_ceil(TOGETHER);
    // Rows that no output reads are not computed. An odd row is paired with the empty one at the end.
    let begin = down.first().map_or(0, |tap| tap.first);
    let end = down.last().map_or(0, |tap| tap.first + tap.weights.len());
    let mut wide = vec![u8x16::ZERO; (end - begin + 1) * vectors];
    let mut neighbours = Vec::with_capacity(source.width + 4);
    let columns: Vec<_> = across.iter().map(|tap| (tap.first, tap.pairs(halves))).collect();
    let rows = source.values.chunks_exact(source.width * 4).skip(begin);
    for (out, row) in wide.chunks_exact_mut(vectors).zip(rows.take(end - begin)) {
        pair_up(row, &mut neighbours);
        for (out, columns) in out.iter_mut().zip(columns.chunks(4)) {
            let mut sums = [Sum::default(); 4];
            for (sum, (first, pairs)) in sums.iter_mut().zip(columns) {
                let pixels = neighbours[*first..].as_chunks::<2>().0;
                for (pixels, weights) in pixels.iter().zip(pairs) {
                    sum.add(pixels[0], weights);
                }
            }
            *out = bytes(sums.map(Sum::total));
        }
    }

    let mut values = Vec::with_capacity(height * width * 4);
    for tap in down {
        let rows = &wide[(tap.first - begin) * vectors..];
        let pairs = tap.pairs(halves);
        for at in 0..vectors {
            let mut sums = [Sum::default(); 4];
            for (rows, weights) in rows.chunks(2 * vectors).zip(&pairs) {
                let pixels = zipped(rows[at], rows[at + vectors]);
                sums.iter_mut().zip(pixels).for_each(|(sum, pixels)| sum.add(pixels, weights));
            }
            let there = (width * 4 - at * TOGETHER).min(TOGETHER);
            values.extend_from_slice(&bytes(sums.map(Sum::total)).to_array()[..there]);
        }
    }
    Pixels { values, width, height }
}

/// How many fractional bits the weights of planes have: there is no reference whose rounding would have to be met.
const SHORT: u32 = 14;

/// How many [`PlaneResize`]s are kept: that of brightness and that of colours, for two networks.
const KEPT: usize = 4;

/// How a square of one channel is resized; planes of one size share it.
pub(super) struct PlaneResize {
    from: usize,
    side: usize,
    filter: Filter,
    /// For each of the target's rows its first source row and its weights, of two rows in a word.
    rows: Vec<(usize, Vec<i32>)>,
}

impl PlaneResize {
    /// From `from × from` to `side × side` pixels. Those that were made last are kept: a camera's pictures are all of one size.
    pub(super) fn of(from: usize, side: usize, filter: Filter) -> Rc<Self> {
        thread_local! {
            static LAST: RefCell<VecDeque<Rc<PlaneResize>>> = const { RefCell::new(VecDeque::new()) };
        }
        LAST.with_borrow_mut(|last| {
            let known = last.iter().find(|resize| (resize.from, resize.side, resize.filter) == (from, side, filter));
            if let Some(known) = known {
                return Rc::clone(known);
            }
            let made = Rc::new(Self::new(from, side, filter));
            last.truncate(KEPT - 1);
            last.push_front(Rc::clone(&made));
            made
        })
    }

    fn new(from: usize, side: usize, filter: Filter) -> Self {
        let short = |a: i32, b: i32| word(a >> (FRACTION - SHORT), b >> (FRACTION - SHORT));
        let rows = taps(from, side, 0..side, filter).iter().map(|tap| (tap.first, tap.pairs(short))).collect();
        Self { from, side, filter, rows }
    }

    /// Resizes the square that begins with `source`, in rows `step` apart: rows, then columns as rows, both whole
    /// vectors at a time.
    pub(super) fn resize(&self, source: &[u8], step: usize) -> Vec<u8> {
        let &Self { from, side, .. } = self;
        let vectors = from.div_ceil(TOGETHER);
        let mut rows = vec![u8x16::ZERO; from * vectors];
        for (to, row) in rows.chunks_exact_mut(vectors).zip(source.chunks(step)) {
            bytemuck::cast_slice_mut(to)[..from].copy_from_slice(&row[..from]);
        }
        if from != side {
            rows = transposed(&self.weighed(&rows, vectors), vectors);
            let vectors = side.div_ceil(TOGETHER);
            rows = transposed(&self.weighed(&rows, vectors), vectors);
        }
        let rows = bytemuck::cast_slice::<u8x16, u8>(&rows).chunks_exact(side.next_multiple_of(TOGETHER)).take(side);
        let mut values = Vec::with_capacity(side * side);
        rows.for_each(|row| values.extend_from_slice(&row[..side]));
        values
    }

    /// The weighed rows, filled up to whole squares of vectors.
    fn weighed(&self, rows: &[u8x16], vectors: usize) -> Vec<u8x16> {
        let length = self.side.next_multiple_of(TOGETHER) * vectors;
        let mut weighed = Vec::with_capacity(length);
        for (first, pairs) in &self.rows {
            for at in 0..vectors {
                let mut sums = [i32x4::splat(1 << (SHORT - 1)); 4];
                for (i, &weights) in pairs.iter().enumerate() {
                    let first = (first + 2 * i) * vectors + at;
                    let second = rows.get(first + vectors).copied().unwrap_or(u8x16::ZERO);
                    let weights: i16x8 = bytemuck::cast(i32x4::splat(weights));
                    let pixels = zipped(rows[first], second);
                    sums.iter_mut().zip(pixels).for_each(|(sum, pixels)| *sum += pixels.dot(weights));
                }
                weighed.push(bytes(sums.map(|sum| sum >> SHORT)));
            }
        }
        weighed.resize(length, u8x16::ZERO);
        weighed
    }
}

/// Columns as rows, sixteen by sixteen.
fn transposed(rows: &[u8x16], vectors: usize) -> Vec<u8x16> {
    let down = rows.len() / vectors / TOGETHER;
    let mut columns = vec![u8x16::ZERO; rows.len()];
    for (y, rows) in rows.chunks_exact(vectors * TOGETHER).enumerate() {
        for x in 0..vectors {
            let mut square: [u8x16; TOGETHER] = std::array::from_fn(|row| rows[row * vectors + x]);
            // A row of the first half beside one of the second, four times, brings each element to its position.
            for _ in 0..TOGETHER.ilog2() {
                square = std::array::from_fn(|i| {
                    let (a, b) = (square[i / 2], square[i / 2 + TOGETHER / 2]);
                    if i % 2 == 0 { u8x16::unpack_low(a, b) } else { u8x16::unpack_high(a, b) }
                });
            }
            for (i, column) in square.into_iter().enumerate() {
                columns[(x * TOGETHER + i) * down + y] = column;
            }
        }
    }
    columns
}

/// Pairs each pixel of a row with the next one, channel by channel, and the last one with 0.
fn pair_up(row: &[u8], pairs: &mut Vec<i16x8>) {
    let vector = |at: usize| {
        let rest = &row[at.min(row.len())..];
        u8x16::new(
            rest.first_chunk().copied().unwrap_or_else(|| std::array::from_fn(|i| rest.get(i).copied().unwrap_or(0))),
        )
    };
    pairs.clear();
    for at in (0..row.len()).step_by(TOGETHER) {
        pairs.extend(zipped(vector(at), vector(at + 4)));
    }
    pairs.push(i16x8::ZERO);
}

/// The bytes of one vector paired with those of another, in 16 bits each.
fn zipped(a: u8x16, b: u8x16) -> [i16x8; 4] {
    let (low, high) = (u8x16::unpack_low(a, b), u8x16::unpack_high(a, b));
    let wide = [
        u8x16::unpack_low(low, u8x16::ZERO),
        u8x16::unpack_high(low, u8x16::ZERO),
        u8x16::unpack_low(high, u8x16::ZERO),
        u8x16::unpack_high(high, u8x16::ZERO),
    ];
    wide.map(bytemuck::cast)
}

/// Four sums of products with weights in halves.
#[derive(Clone, Copy, Default)]
struct Sum {
    upper: i32x4,
    lower: i32x4,
}

impl Sum {
    fn add(&mut self, pairs: i16x8, &[upper, lower]: &[i32; 2]) {
        let weights = |word: i32| -> i16x8 { bytemuck::cast(i32x4::splat(word)) };
        self.upper += pairs.dot(weights(upper));
        self.lower += pairs.dot(weights(lower));
    }

    fn total(self) -> i32x4 {
        ((self.upper << LOWER) + self.lower + i32x4::splat(HALF)) >> FRACTION
    }
}

/// Limited to what a byte holds.
fn bytes([a, b, c, d]: [i32x4; 4]) -> u8x16 {
    let words = |a: i32x4, b: i32x4| i16x8::from_i32x8_saturate(bytemuck::cast([a, b]));
    u8x16::narrow_i16x8(words(a, b), words(c, d))
}
