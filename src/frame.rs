//! Frame → input: what the browser's pixels become before the first layer.
//!
//! A frame of any size is cropped, resized and normalised exactly as the network's official preprocessing does.

use crate::error::{Error, Result};
use crate::graph::Shape;
use crate::networks::Card;

mod digit;
mod planes;
mod resize;

pub use planes::{Layout, Matrix, Planes};
pub use resize::Filter;

/// RGBA pixels, row by row, as `ImageData` gives them.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    data: &'a [u8],
    width: usize,
    height: usize,
}

impl<'a> Frame<'a> {
    /// A frame of `width × height` pixels of four bytes.
    ///
    /// # Errors
    /// [`Error::BadFrame`] where there is no pixel, or more or fewer bytes than pixels.
    pub fn new(data: &'a [u8], width: usize, height: usize) -> Result<Self> {
        if width == 0 || height == 0 {
            return Err(Error::BadFrame("it has no pixels".into()));
        }
        if width.checked_mul(height).and_then(|pixels| pixels.checked_mul(4)) != Some(data.len()) {
            return Err(Error::BadFrame(format!("{} bytes are not {width}×{height} RGBA pixels", data.len())));
        }
        Ok(Self { data, width, height })
    }

    /// A rectangle's pixels, of which the fourth channel means nothing; transparent ones over white, as a page shows
    /// them.
    fn opaque(&self, left: usize, top: usize, width: usize, height: usize) -> Pixels<4> {
        let mut values = Vec::with_capacity(width * height * 4);
        for y in top..top + height {
            let row = self.data[(y * self.width + left) * 4..][..width * 4].as_chunks::<4>().0;
            if row.iter().fold(u8::MAX, |all, pixel| all & pixel[3]) == u8::MAX {
                values.extend_from_slice(row.as_flattened());
            } else {
                values.extend(row.iter().flat_map(|pixel| pixel.map(|value| over_white(value, pixel[3].into()))));
            }
        }
        Pixels { values, width, height }
    }
}

fn over_white(value: u8, alpha: u32) -> u8 {
    ((u32::from(value) * alpha + 255 * (255 - alpha) + 127) / 255) as u8
}

/// Interleaved 8-bit pixels of `C` channels: 1 of grey, or 4 as they come, of which the last means nothing.
#[derive(Clone, Debug)]
struct Pixels<const C: usize> {
    values: Vec<u8>,
    width: usize,
    height: usize,
}

/// How the input's square is cut out of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// The centre square, `crop / resize` of the shorter side, as `crop × crop` pixels.
    Photo {
        /// Side of the input, in pixels.
        crop: usize,
        /// Side of the centre square at which nothing needs resizing.
        resize: usize,
        /// How it is resized.
        filter: Filter,
        /// What comes first: where pixels do not divide evenly, the input moves by up to half a pixel.
        first: First,
    },
    /// The ink in the whole frame, scaled and centred as MNIST's digits are.
    Digit,
}

/// In which order a photo's square is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum First {
    /// The square is cut out, then resized: TensorFlow's way.
    Crop,
    /// The whole frame is resized to a shorter side of `resize`, then the square is cut out: PyTorch's and Caffe's way.
    Resize,
}

impl Framing {
    /// Side of a square frame that suits this framing best, in pixels.
    pub fn side(self) -> usize {
        match self {
            Self::Photo { resize, .. } => resize,
            Self::Digit => digit::PAD,
        }
    }
}

/// In which order a network wants colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Red first; also for grey.
    Rgb,
    /// Blue first.
    Bgr,
}

/// `(value − mean) / std` for each channel in the network's order, on values 0 to 255.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Normalisation {
    /// Subtracted first.
    pub mean: [f32; 3],
    /// Then divided by.
    pub std: [f32; 3],
    /// The network's order of colours.
    pub order: Order,
}

impl Normalisation {
    /// The colour that one of so many channels holds, counted from red, its mean and its std.
    fn of(self, channel: usize, channels: usize) -> (usize, f32, f32) {
        let colour = if self.order == Order::Bgr { channels - 1 - channel } else { channel };
        (colour, self.mean[channel], self.std[channel])
    }
}

/// A network's input: `1 × channels × height × width` normalised values.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    /// The values, channel by channel.
    pub values: Vec<f32>,
    /// Their shape.
    pub shape: Shape,
}

impl Input {
    /// A card's input from a frame.
    pub fn from_frame(frame: &Frame<'_>, card: &Card) -> Self {
        match card.framing {
            Framing::Photo { crop, resize, filter, first: First::Crop } => {
                let shorter = frame.width.min(frame.height);
                let side = (shorter * crop / resize).max(1);
                // As TensorFlow's crop: an odd pixel goes to the left and top.
                let (left, top) = ((frame.width - side).div_ceil(2), (frame.height - side).div_ceil(2));
                let square = resize::square(&frame.opaque(left, top, side, side), crop, filter);
                Self::from_pixels(&square, card.normalisation)
            }
            Framing::Photo { crop, resize, filter, first: First::Resize } => {
                let shorter = frame.width.min(frame.height);
                let resized = |length: usize| (2 * length * resize + shorter) / (2 * shorter);
                let whole = frame.opaque(0, 0, frame.width, frame.height);
                let (across, down) = (resized(frame.width), resized(frame.height));
                let square = resize::centre(&whole, across, down, crop, filter);
                Self::from_pixels(&square, card.normalisation)
            }
            Framing::Digit => {
                let whole = frame.opaque(0, 0, frame.width, frame.height);
                Self::from_pixels(&digit::centred(&digit::grey(&whole)), card.normalisation)
            }
        }
    }

    /// A card's input from a camera's picture. Where pixels do not divide evenly, its square lies up to a pixel beside
    /// that of a frame.
    pub fn from_planes(planes: &Planes<'_>, card: &Card) -> Self {
        match card.framing {
            Framing::Photo { crop, resize, filter, .. } => {
                let square = planes.square(crop, resize, filter);
                let shape = Shape::rgb(crop);
                let mut values = Vec::with_capacity(shape.elements());
                for channel in 0..shape.channels {
                    let (colour, mean, std) = card.normalisation.of(channel, shape.channels);
                    values.extend(square.colour(colour).map(|value| (value - mean) / std));
                }
                Self { values, shape }
            }
            Framing::Digit => Self::from_pixels(&digit::centred(&planes.grey()), card.normalisation),
        }
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
