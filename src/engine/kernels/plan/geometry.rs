//! How a value lies in a buffer.

use crate::graph::Shape;

/// Channels that every kernel processes together, as one vector.
pub const LANES: usize = 4;

/// The layout of a buffer: rows of pixels with the channels of a pixel side by side, surrounded by a halo of zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
    /// Rows, without the halo.
    pub height: usize,
    /// Columns, without the halo.
    pub width: usize,
    /// Elements of a pixel: its channels, padded to whole vectors.
    pub pixel: usize,
    /// Rows and columns of zeros around the pixels.
    pub halo: Halo,
}

/// Zeros around the pixels of a buffer, so that a convolution reads its padding like any other pixel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Halo {
    /// Rows above.
    pub top: usize,
    /// Columns to the left.
    pub left: usize,
    /// Rows below.
    pub bottom: usize,
    /// Columns to the right.
    pub right: usize,
}

impl Halo {
    /// The smallest halo that contains both.
    pub(super) fn max(self, other: Self) -> Self {
        Self {
            top: self.top.max(other.top),
            left: self.left.max(other.left),
            bottom: self.bottom.max(other.bottom),
            right: self.right.max(other.right),
        }
    }
}

impl Geometry {
    /// A vector of `length` elements, without a halo.
    pub(super) fn vector(length: usize) -> Self {
        Self { height: 1, width: 1, pixel: length.next_multiple_of(LANES), halo: Halo::default() }
    }

    /// Elements of a row, including the halo.
    pub fn row(&self) -> usize {
        (self.halo.left + self.width + self.halo.right) * self.pixel
    }

    /// Elements of the buffer, including the halo.
    pub fn elements(&self) -> usize {
        (self.halo.top + self.height + self.halo.bottom) * self.row()
    }

    /// The offset of the pixel in row `y` and column `x`, both of which may reach into the halo.
    pub fn at(&self, y: isize, x: isize) -> usize {
        let y = self.halo.top as isize + y;
        let x = self.halo.left as isize + x;
        y as usize * self.row() + x as usize * self.pixel
    }
}

/// A value in a buffer, of whose channels it may be a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// Index of the buffer.
    pub buffer: usize,
    /// The buffer's channel that is the value's first channel.
    pub first_channel: usize,
    /// The value's shape.
    pub shape: Shape,
}
