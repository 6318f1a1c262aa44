//! Resizing as Pillow does it: separable, antialiased, rounded to 8 bits after each direction.
//!
//! The official weights were trained and measured with Pillow's results, so the same values matter more than speed.

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

/// The source pixels behind one output pixel.
struct Tap {
    first: usize,
    weights: Vec<f32>,
}

/// Weighs `source` pixels into `target` ones along one axis.
fn taps(source: usize, target: usize, filter: Filter) -> Vec<Tap> {
    let scale = source as f64 / target as f64;
    // Shrinking widens the curve, which is what keeps fine patterns from turning into coarse ones.
    let stretch = scale.max(1.0);
    let support = filter.support() * stretch;
    (0..target)
        .map(|index| {
            let centre = (index as f64 + 0.5) * scale;
            let first = (centre - support + 0.5).max(0.0) as usize;
            let last = ((centre + support + 0.5) as usize).min(source).max(first + 1);
            let weigh = |pixel: usize| filter.weight((pixel as f64 - centre + 0.5) / stretch);
            let sum: f64 = (first..last).map(weigh).sum();
            Tap { first, weights: (first..last).map(|pixel| (weigh(pixel) / sum) as f32).collect() }
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
    let mut wide = Pixels::<C> { values: Vec::with_capacity(width * source.height * C), width, height: source.height };
    let across = taps(source.width, width, filter);
    for row in source.values.chunks_exact(source.width * C) {
        for tap in &across {
            let mut sums = [0.0f32; C];
            for (pixel, weight) in row[tap.first * C..].chunks_exact(C).zip(&tap.weights) {
                for (sum, &value) in sums.iter_mut().zip(pixel) {
                    *sum += f32::from(value) * weight;
                }
            }
            wide.values.extend(sums.map(to_byte));
        }
    }

    let mut values = Vec::with_capacity(width * height * C);
    let mut sums = vec![0.0f32; width * C];
    for tap in taps(source.height, height, filter) {
        sums.fill(0.0);
        for (row, weight) in wide.values[tap.first * width * C..].chunks_exact(width * C).zip(&tap.weights) {
            for (sum, &value) in sums.iter_mut().zip(row) {
                *sum += f32::from(value) * weight;
            }
        }
        values.extend(sums.iter().map(|&sum| to_byte(sum)));
    }
    Pixels { values, width, height }
}

fn to_byte(value: f32) -> u8 {
    (value + 0.5).clamp(0.0, 255.0) as u8
}
