//! A drawn or photographed digit → MNIST's form: 20 pixels long, centred by its mass in 28×28, on LeNet-5's 32×32.
//!
//! MNIST's own digits pass through almost unchanged. (LeCun et al. 1998, section III-A)

use super::ink::ink;
use super::{Filter, Pixels, resize};

/// Side of the drawing pad's frame, in pixels: ten times the side of MNIST's pictures.
pub(super) const PAD: usize = 280;
/// Side of LeNet-5's input.
const SIDE: usize = 32;
/// Length of a digit's longer side, in pixels.
const LENGTH: usize = 20;
/// Ink fainter than this counts as paper, where the darkest ink is 255.
const INK: i32 = 64;

/// LeNet-5's input: white ink on black. None where the picture holds no ink.
pub(super) fn centred(grey: &Pixels<1>) -> Option<Pixels<1>> {
    let ink = &ink(grey)?;
    let (left, top, width, height) = bounds(ink)?;
    let mut values = Vec::with_capacity(width * height);
    (top..top + height).for_each(|y| values.extend_from_slice(&ink.values[y * ink.width + left..][..width]));
    let cut = Pixels { values, width, height };
    let longer = width.max(height);
    let scaled = |side: usize| ((side * LENGTH + longer / 2) / longer).max(1);
    Some(place(&resize::grey(&cut, scaled(width), scaled(height), Filter::Bilinear)))
}

/// LeNet-5's input for a picture without ink.
pub(super) fn empty_sheet() -> Pixels<1> {
    Pixels { values: vec![0; SIDE * SIDE], width: SIDE, height: SIDE }
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
