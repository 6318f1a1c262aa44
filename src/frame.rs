//! Frame → input: what the browser's pixels become before the first layer.
//!
//! A frame of any size is cropped, resized and normalised exactly as the network's official preprocessing does.

use crate::error::{Error, Result};
use crate::graph::Shape;

mod digit;
mod ink;
mod planes;
pub(crate) mod preprocessing;
mod resize;

pub use planes::{Layout, MatrixCoefficients, Planes};
pub use preprocessing::Preprocessing;
pub use resize::Filter;

/// Greatest width and height of a frame, in pixels. JPEG allows 65,535, and browsers' canvases no more than that.
///
/// In a browser, `usize` has 32 bits: within this limit no arithmetic on sides and pixels exceeds them.
pub const MAX_SIDE: usize = 1 << 16;
/// Most pixels of a frame: 256 MiB of RGBA.
pub const MAX_PIXELS: usize = 1 << 26;

/// Refuses a frame without pixels and one beyond [`MAX_SIDE`] or [`MAX_PIXELS`].
///
/// # Errors
/// [`Error::BadFrame`].
pub fn check_size(width: usize, height: usize) -> Result<()> {
    if width == 0 || height == 0 {
        return Err(Error::BadFrame("it has no pixels".into()));
    }
    let pixels = width.checked_mul(height);
    if width > MAX_SIDE || height > MAX_SIDE || pixels.is_none_or(|pixels| pixels > MAX_PIXELS) {
        let limits = format!("at most {MAX_SIDE} pixels a side and {MAX_PIXELS} in all can be read");
        return Err(Error::BadFrame(format!("it has {width}×{height} pixels, and {limits}")));
    }
    Ok(())
}

/// RGBA pixels, row by row, as `ImageData` gives them.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    data: &'a [u8],
    width: usize,
    height: usize,
}

impl<'a> Frame<'a> {
    /// A frame of `width × height` pixels of four bytes each, row by row.
    ///
    /// # Errors
    /// [`Error::BadFrame`] as [`check_size`], and where `data` has more or fewer than four bytes for each pixel.
    pub fn new(data: &'a [u8], width: usize, height: usize) -> Result<Self> {
        check_size(width, height)?;
        if width * height * 4 != data.len() {
            return Err(Error::BadFrame(format!("{} bytes are not {width}×{height} RGBA pixels", data.len())));
        }
        Ok(Self { data, width, height })
    }

    /// The pixels of a rectangle, whose fourth channel is to be ignored. Transparent pixels are drawn over white, as on a page.
    fn opaque(&self, left: usize, top: usize, width: usize, height: usize) -> Pixels<4> {
        self.over(255, left, top, width, height)
    }

    /// The pixels of a rectangle, drawn over `paper`, a brightness.
    fn over(&self, paper: u32, left: usize, top: usize, width: usize, height: usize) -> Pixels<4> {
        let mut values = Vec::with_capacity(width * height * 4);
        for y in top..top + height {
            let row = self.data[(y * self.width + left) * 4..][..width * 4].as_chunks::<4>().0;
            if row.iter().fold(u8::MAX, |all, pixel| all & pixel[3]) == u8::MAX {
                values.extend_from_slice(row.as_flattened());
            } else {
                values.extend(row.iter().flat_map(|pixel| pixel.map(|value| mixed(value, pixel[3].into(), paper))));
            }
        }
        Pixels { values, width, height }
    }
}

/// A side's length when the shorter side becomes `resize` pixels long, rounded to the nearest pixel.
fn resized(length: usize, shorter: usize, resize: usize) -> usize {
    (2 * length * resize + shorter) / (2 * shorter)
}

fn mixed(value: u8, alpha: u32, paper: u32) -> u8 {
    ((u32::from(value) * alpha + paper * (255 - alpha) + 127) / 255) as u8
}

/// Interleaved 8-bit pixels of `C` channels: 1 for grey, or 4 for red, green, blue and one that is ignored.
#[derive(Clone, Debug)]
struct Pixels<const C: usize> {
    values: Vec<u8>,
    width: usize,
    height: usize,
}

/// How a network's square input is cut out of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// The centre square, whose side is `crop / resize` of the frame's shorter side, as `crop × crop` pixels.
    Photo {
        /// Side of the input, in pixels.
        crop: usize,
        /// Side of a square frame that needs no resizing, in pixels.
        resize: usize,
        /// How pixels are weighed when the picture is resized.
        filter: Filter,
        /// Whether the picture is cropped or resized first. Where pixels do not divide evenly, the result differs by up to half a
        /// pixel.
        first: First,
    },
    /// The whole frame as `side × side` pixels, whatever its proportions are; of a camera's planes, their centre square.
    Squash {
        /// Side of the input, in pixels.
        side: usize,
        /// How pixels are weighed when the picture is resized.
        filter: Filter,
    },
    /// The digit in the frame, scaled and centred as MNIST's digits are.
    Digit,
}

/// Whether a photo is cropped or resized first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum First {
    /// The square is cut out, then resized, as TensorFlow does it.
    Crop,
    /// The whole frame is resized to a shorter side of `resize` pixels, then the square is cut out, as PyTorch and Caffe do it.
    Resize,
}

impl Framing {
    /// Side of a square frame that needs no resizing, in pixels; for a digit, the side of the page's drawing pad.
    pub fn side(self) -> usize {
        match self {
            Self::Photo { resize: side, .. } | Self::Squash { side, .. } => side,
            Self::Digit => digit::PAD,
        }
    }
}

/// The order of a network's colour channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Red first; also for grey.
    Rgb,
    /// Blue first.
    Bgr,
}

/// How pixels become inputs: `(value − mean) / std` for each channel in the network's order, with values from 0 to 255.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Normalisation {
    /// Mean of each channel, which is subtracted first.
    pub mean: [f32; 3],
    /// Standard deviation of each channel, by which the difference is divided.
    pub std: [f32; 3],
    /// The network's order of colours.
    pub order: Order,
}

impl Normalisation {
    /// The colour that number `channel` of `channels` channels holds (0 is red), its mean and its standard deviation.
    fn of(self, channel: usize, channels: usize) -> (usize, f32, f32) {
        let colour = if self.order == Order::Bgr { channels - 1 - channel } else { channel };
        (colour, self.mean[channel], self.std[channel])
    }
}

/// A network's input: normalised elements of shape `[1, channels, height, width]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    /// The elements, channel by channel and row by row.
    pub values: Vec<f32>,
    /// The shape, without the batch.
    pub shape: Shape,
}

impl Input {
    /// A network's input from a frame, exactly as the preprocessing of its weights makes it.
    pub fn from_frame(frame: &Frame<'_>, preprocessing: Preprocessing) -> Self {
        let Preprocessing { framing, normalisation } = preprocessing;
        match framing {
            Framing::Photo { crop, resize, filter, first: First::Crop } => {
                let shorter = frame.width.min(frame.height);
                let side = (shorter * crop / resize).max(1);
                // As TensorFlow's crop: an odd pixel goes to the left and top.
                let (left, top) = ((frame.width - side).div_ceil(2), (frame.height - side).div_ceil(2));
                let square = resize::square(&frame.opaque(left, top, side, side), crop, filter);
                Self::from_pixels(&square, normalisation)
            }
            Framing::Photo { crop, resize, filter, first: First::Resize } => {
                let shorter = frame.width.min(frame.height);
                let resized = |length: usize| resized(length, shorter, resize);
                let whole = frame.opaque(0, 0, frame.width, frame.height);
                let (across, down) = (resized(frame.width), resized(frame.height));
                let square = resize::centre(&whole, across, down, crop, filter);
                Self::from_pixels(&square, normalisation)
            }
            Framing::Squash { side, filter } => {
                let whole = frame.opaque(0, 0, frame.width, frame.height);
                Self::from_pixels(&resize::square(&whole, side, filter), normalisation)
            }
            Framing::Digit => {
                let on = |paper| digit::centred(&digit::grey(&frame.over(paper, 0, 0, frame.width, frame.height)));
                // A white digit on nothing is as good a digit as a black one.
                let digit = [255, 0].into_iter().find_map(on);
                Self::from_digit(digit, normalisation)
            }
        }
    }

    /// A network's input from a camera's picture. Where pixels do not divide evenly, its square is up to one pixel away from the
    /// one that [`Input::from_frame`] takes.
    pub fn from_planes(planes: &Planes<'_>, preprocessing: Preprocessing) -> Self {
        let Preprocessing { framing, normalisation } = preprocessing;
        match framing {
            Framing::Photo { crop, filter, .. } | Framing::Squash { side: crop, filter } => {
                let square = planes.square(crop, framing.side(), filter);
                let shape = Shape::rgb(crop);
                let mut values = Vec::with_capacity(shape.elements());
                for channel in 0..shape.channels {
                    let (colour, mean, std) = normalisation.of(channel, shape.channels);
                    let factor = 1.0 / std;
                    values.extend(square.colour(colour).map(|value| (value - mean) * factor));
                }
                Self { values, shape }
            }
            Framing::Digit => Self::from_digit(digit::centred(&planes.grey()), normalisation),
        }
    }

    /// The input of a digit, or of an empty sheet.
    fn from_digit(digit: Option<Pixels<1>>, normalisation: Normalisation) -> Self {
        Self::from_pixels(&digit.unwrap_or_else(digit::empty_sheet), normalisation)
    }

    /// Whether it is grey and the same everywhere, as an empty sheet is, on which no digit can be read.
    pub fn is_blank(&self) -> bool {
        self.shape.channels == 1 && self.values.windows(2).all(|pair| pair[0] == pair[1])
    }

    fn from_pixels<const C: usize>(pixels: &Pixels<C>, normalisation: Normalisation) -> Self {
        let channels = C.min(3);
        let shape = Shape::new(channels, pixels.height, pixels.width);
        let mut values = Vec::with_capacity(shape.elements());
        for channel in 0..channels {
            let (colour, mean, std) = normalisation.of(channel, channels);
            let plane = pixels.values.as_chunks::<C>().0.iter().map(|pixel| pixel[colour]);
            values.extend(plane.map(|value| (f32::from(value) - mean) / std));
        }
        Self { values, shape }
    }
}
