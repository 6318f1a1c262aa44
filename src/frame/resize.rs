//! Resizing as Pillow does it: separable, antialiased, rounded to 8 bits after each direction.
//!
//! The official weights were trained and measured with Pillow's results, so the same values matter more than speed.

use std::ops::Range;

use super::Pixels;

/// The curve that weighs source pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// A triangle, 2 pixels wide.
    Bilinear,
    /// Catmull–Rom's cubic (a = −0.5), 4 pixels wide.
    Bicubic,
}

impl Filter {
    /// Half the curve's width in source pixels.
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

/// Bits behind the point of Pillow's weights: its rounding is part of the values.
const FRACTION: u32 = 22;
const ONE: f64 = (1 << FRACTION) as f64;

/// The source pixels behind one output pixel.
struct Tap {
    first: usize,
    /// In units of [`ONE`].
    weights: Vec<i32>,
}

/// Weighs `source` pixels into those `wanted` of `target` ones along one axis.
fn taps(source: usize, target: usize, wanted: Range<usize>, filter: Filter) -> Vec<Tap> {
    let scale = source as f64 / target as f64;
    // Shrinking widens the curve, which is what keeps fine patterns from turning into coarse ones.
    let stretch = scale.max(1.0);
    let support = filter.support() * stretch;
    wanted
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
pub(super) fn square<const C: usize>(source: &Pixels<C>, side: usize, filter: Filter) -> Pixels<C> {
    rectangle(source, side, side, filter)
}

/// Resizes to `width × height`.
pub(super) fn rectangle<const C: usize>(source: &Pixels<C>, width: usize, height: usize, filter: Filter) -> Pixels<C> {
    if (source.width, source.height) == (width, height) {
        return source.clone();
    }
    window(source, &taps(source.width, width, 0..width, filter), &taps(source.height, height, 0..height, filter))
}

/// Resizes to `width × height`, of which only the centre `side × side` is computed.
///
/// Where an odd pixel is left over, it goes to the right and bottom.
pub(super) fn centre<const C: usize>(
    source: &Pixels<C>,
    width: usize,
    height: usize,
    side: usize,
    filter: Filter,
) -> Pixels<C> {
    let middle = |length: usize| (length - side) / 2..(length - side) / 2 + side;
    let across = taps(source.width, width, middle(width), filter);
    window(source, &across, &taps(source.height, height, middle(height), filter))
}

/// Weighs columns, then rows.
fn window<const C: usize>(source: &Pixels<C>, across: &[Tap], down: &[Tap]) -> Pixels<C> {
    let (width, height) = (across.len(), down.len());
    let mut wide = Pixels::<C> { values: Vec::with_capacity(width * source.height * C), width, height: source.height };
    for row in source.values.chunks_exact(source.width * C) {
        for tap in across {
            let mut sums = [0i32; C];
            for (pixel, weight) in row[tap.first * C..].chunks_exact(C).zip(&tap.weights) {
                for (sum, &value) in sums.iter_mut().zip(pixel) {
                    *sum += i32::from(value) * weight;
                }
            }
            wide.values.extend(sums.map(to_byte));
        }
    }

    let mut values = Vec::with_capacity(width * height * C);
    let mut sums = vec![0i32; width * C];
    for tap in down {
        sums.fill(0);
        for (row, weight) in wide.values[tap.first * width * C..].chunks_exact(width * C).zip(&tap.weights) {
            for (sum, &value) in sums.iter_mut().zip(row) {
                *sum += i32::from(value) * weight;
            }
        }
        values.extend(sums.iter().map(|&sum| to_byte(sum)));
    }
    Pixels { values, width, height }
}

fn to_byte(sum: i32) -> u8 {
    ((sum + (1 << (FRACTION - 1))) >> FRACTION).clamp(0, 255) as u8
}
