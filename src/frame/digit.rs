//! A drawn or photographed digit → MNIST's form: 20 pixels long, centred by its mass in 28×28, on LeNet-5's 32×32.
//!
//! MNIST's own digits pass through almost unchanged. (LeCun et al. 1998, section III-A)

use super::{Filter, Pixels, resize};

/// Side of the drawing pad's frame, in pixels: ten times the side of MNIST's pictures.
pub(super) const PAD: usize = 280;
/// Side of LeNet-5's input.
const SIDE: usize = 32;
/// Length of a digit's longer side, in pixels.
const LENGTH: usize = 20;
/// A picture whose ink differs by less than this from the paper, on a scale from 0 to 255, holds no digit.
const FAINTEST: i32 = 24;
/// Ink fainter than this counts as paper, where the darkest ink is 255.
const INK: i32 = 64;

/// LeNet-5's input: white ink on black.
pub(super) fn centred(grey: &Pixels<1>) -> Pixels<1> {
    let ink = ink(grey);
    let Some((left, top, width, height)) = bounds(&ink) else {
        return Pixels { values: vec![0; SIDE * SIDE], width: SIDE, height: SIDE };
    };
    let mut values = Vec::with_capacity(width * height);
    (top..top + height).for_each(|y| values.extend_from_slice(&ink.values[y * ink.width + left..][..width]));
    let cut = Pixels { values, width, height };
    let longer = width.max(height);
    let scaled = |side: usize| ((side * LENGTH + longer / 2) / longer).max(1);
    place(&resize::grey(&cut, scaled(width), scaled(height), Filter::Bilinear))
}

/// How much each pixel differs from the paper, stretched to 0…255. The median of the picture's edge is the paper's brightness.
fn ink(picture: &Pixels<1>) -> Pixels<1> {
    let &Pixels { values: ref grey, width, height } = picture;
    let on_edge = |&(index, _): &(usize, &u8)| {
        let (x, y) = (index % width, index / width);
        x == 0 || y == 0 || x + 1 == width || y + 1 == height
    };
    // By counting: the code of a sort is a hundredth of the whole engine's.
    let (mut counts, mut edge) = ([0usize; 256], 0);
    for (_, &value) in grey.iter().enumerate().filter(on_edge) {
        counts[usize::from(value)] += 1;
        edge += 1;
    }
    let mut below = 0;
    let is_median = |count: &usize| {
        below += count;
        below > edge / 2
    };
    let paper = counts.iter().position(is_median).unwrap_or_default() as i32;
    let sign = if paper >= 128 { -1 } else { 1 };
    let difference = |value: u8| ((i32::from(value) - paper) * sign).max(0);
    let greatest = grey.iter().map(|&value| difference(value)).max().unwrap_or(0);
    let values = if greatest < FAINTEST {
        vec![0; grey.len()]
    } else {
        grey.iter().map(|&value| (difference(value) * 255 / greatest) as u8).collect()
    };
    Pixels { values, width, height }
}

/// Brightness of each pixel. (ITU-R BT.601)
pub(super) fn grey(picture: &Pixels<4>) -> Pixels<1> {
    let luminance = |&[red, green, blue, _]: &[u8; 4]| {
        ((u32::from(red) * 299 + u32::from(green) * 587 + u32::from(blue) * 114 + 500) / 1000) as u8
    };
    let values = picture.values.as_chunks().0.iter().map(luminance).collect();
    Pixels { values, width: picture.width, height: picture.height }
}

/// Left, top, width and height of the ink; none on an empty sheet.
fn bounds(ink: &Pixels<1>) -> Option<(usize, usize, usize, usize)> {
    let inked = |x: usize, y: usize| i32::from(ink.values[y * ink.width + x]) >= INK;
    let mut columns = (0..ink.width).filter(|&x| (0..ink.height).any(|y| inked(x, y)));
    let left = columns.next()?;
    let right = columns.next_back().unwrap_or(left);
    let mut rows = (0..ink.height).filter(|&y| (left..=right).any(|x| inked(x, y)));
    let top = rows.next()?;
    let bottom = rows.next_back().unwrap_or(top);
    Some((left, top, right - left + 1, bottom - top + 1))
}

/// Puts the digit's centre of mass on the centre, moved no further than its edges allow.
fn place(digit: &Pixels<1>) -> Pixels<1> {
    let mass: u64 = digit.values.iter().map(|&value| u64::from(value)).sum::<u64>().max(1);
    let moment = |position: fn(usize, usize) -> usize| -> f64 {
        let sum: u64 = (digit.values.iter().enumerate())
            .map(|(index, &value)| u64::from(value) * position(index, digit.width) as u64)
            .sum();
        sum as f64 / mass as f64 + 0.5
    };
    let offset =
        |centre: f64, length: usize| ((SIDE as f64 / 2.0 - centre).round().max(0.0) as usize).min(SIDE - length);
    let left = offset(moment(|index, width| index % width), digit.width);
    let top = offset(moment(|index, width| index / width), digit.height);
    let mut values = vec![0; SIDE * SIDE];
    for (y, row) in digit.values.chunks_exact(digit.width).enumerate() {
        values[(top + y) * SIDE + left..][..digit.width].copy_from_slice(row);
    }
    Pixels { values, width: SIDE, height: SIDE }
}
