//! A camera's picture as browsers store it: brightness (luma) for each pixel, and two colour differences (chroma) for each four.
//!
//! The planes are resized before they are converted to red, green and blue: they have half as many values, and the browser need
//! not convert the picture first. Resizing and converting are both linear, so that only rounding depends on their order.

use super::{Filter, Pixels, check_size, resize};
use crate::error::{Error, Result};

/// The order of the planes in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Brightness, then all blue differences, then all red differences.
    I420,
    /// Brightness, then the blue and the red difference of each four pixels side by side.
    Nv12,
}

/// Which recommendation says how brightness and differences come from red, green and blue. WebCodecs calls it a colour
/// space's `matrix`. (ITU-R BT.601-7, BT.709-6)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatrixCoefficients {
    /// BT.601, for standard definition and most cameras.
    Bt601,
    /// BT.709, for high definition.
    Bt709,
}

impl MatrixCoefficients {
    /// The shares of red and of blue in brightness; the rest is green's.
    fn shares(self) -> (f32, f32) {
        match self {
            Self::Bt601 => (0.299, 0.114),
            Self::Bt709 => (0.2126, 0.0722),
        }
    }
}

/// A picture of even sides in planes of 8 bits.
#[derive(Clone, Copy, Debug)]
pub struct Planes<'a> {
    data: &'a [u8],
    width: usize,
    height: usize,
    layout: Layout,
    matrix: MatrixCoefficients,
    /// Whether values go from 0 to 255 instead of from 16 to 235 (240 for the differences).
    full_range: bool,
}

impl<'a> Planes<'a> {
    /// A picture of `width × height` pixels: one byte of brightness for each pixel, and two bytes of differences for each four.
    ///
    /// # Errors
    /// [`Error::BadFrame`] as [`check_size`], for odd sides, and where `data` has more or fewer than three bytes for two
    /// pixels.
    pub fn new(
        data: &'a [u8],
        width: usize,
        height: usize,
        layout: Layout,
        matrix: MatrixCoefficients,
        full_range: bool,
    ) -> Result<Self> {
        check_size(width, height)?;
        if [width, height].iter().any(|side| side % 2 == 1) {
            return Err(Error::BadFrame(format!("{width}×{height} pixels have no planes: both sides must be even")));
        }
        if width * (height / 2) * 3 != data.len() {
            return Err(Error::BadFrame(format!("{} bytes are not the planes of {width}×{height} pixels", data.len())));
        }
        Ok(Self { data, width, height, layout, matrix, full_range })
    }

    /// The centre square, whose side is `crop / resize` of the shorter side, as `crop × crop` pixels.
    pub(super) fn square(&self, crop: usize, resize: usize, filter: Filter) -> Square {
        let side = (self.width.min(self.height) * crop / resize).next_multiple_of(2);
        // Even, so that the square begins with four pixels that share their differences.
        let [left, top] = [self.width, self.height].map(|length| (length - side) / 4 * 2);
        let luma =
            resize::PlaneResize::of(side, crop, filter).resize(&self.data[top * self.width + left..], self.width);
        let half = resize::PlaneResize::of(side / 2, crop, filter);
        let (width, corner) = (self.width / 2, (top * self.width / 2 + left) / 2);
        let differences = &self.data[self.width * self.height..];
        let [blue, red] = match self.layout {
            Layout::I420 => {
                [0, width * (self.height / 2)].map(|begin| half.resize(&differences[begin + corner..], width))
            }
            Layout::Nv12 => [0, 1].map(|begin| {
                let one: Vec<u8> = differences[begin..].iter().copied().step_by(2).collect();
                half.resize(&one[corner..], width)
            }),
        };
        Square { luma, blue, red, colours: self.colours() }
    }

    /// The whole picture without its colours.
    pub(super) fn grey(&self) -> Pixels<1> {
        let [black, of_luma, _] = self.range();
        let values = self.data[..self.width * self.height].iter();
        let values = values.map(|&y| ((f32::from(y) - black) * of_luma).round() as u8).collect();
        Pixels { values, width: self.width, height: self.height }
    }

    /// Brightness of black, and the factors that stretch brightness and the differences to 255.
    fn range(&self) -> [f32; 3] {
        if self.full_range { [0.0, 1.0, 1.0] } else { [16.0, 255.0 / 219.0, 255.0 / 224.0] }
    }

    fn colours(&self) -> Colours {
        let (red, blue) = self.matrix.shares();
        let green = 1.0 - red - blue;
        let [black, of_luma, vivid] = self.range();
        let (to_red, to_blue) = (2.0 * (1.0 - red) * vivid, 2.0 * (1.0 - blue) * vivid);
        let of_differences = [[0.0, to_red], [-to_blue * blue / green, -to_red * red / green], [to_blue, 0.0]];
        let added = of_differences.map(|[u, v]| -black * of_luma - 128.0 * (u + v));
        Colours { of_luma, of_differences, added }
    }
}

/// The planes of a square, all of the same size.
pub(super) struct Square {
    luma: Vec<u8>,
    blue: Vec<u8>,
    red: Vec<u8>,
    colours: Colours,
}

impl Square {
    /// Red, green or blue of each pixel, from 0 to 255.
    pub(super) fn colour(&self, index: usize) -> impl Iterator<Item = f32> {
        let Colours { of_luma, of_differences, added } = &self.colours;
        let (of_luma, [of_blue, of_red], added) = (*of_luma, of_differences[index], added[index]);
        let differences = self.blue.iter().zip(&self.red);
        let differences = differences.map(move |(&u, &v)| f32::from(u) * of_blue + f32::from(v) * of_red);
        let values = self.luma.iter().zip(differences);
        values.map(move |(&y, rest)| (f32::from(y) * of_luma + rest + added).clamp(0.0, 255.0))
    }
}

/// The linear map from brightness and differences to red, green and blue.
struct Colours {
    of_luma: f32,
    /// Of the blue difference and of the red one.
    of_differences: [[f32; 2]; 3],
    added: [f32; 3],
}
