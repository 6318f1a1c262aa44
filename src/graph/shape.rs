//! The shape of a value.

use serde::Serialize;

/// The shape of one value, without the batch dimension. A vector is `channels × 1 × 1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Shape {
    /// Number of channels, or the length of a vector.
    pub channels: usize,
    /// Number of rows, in pixels.
    pub height: usize,
    /// Number of columns, in pixels.
    pub width: usize,
}

impl Shape {
    /// A shape of `channels × height × width`.
    pub const fn new(channels: usize, height: usize, width: usize) -> Self {
        Self { channels, height, width }
    }

    /// A square picture of `side × side` pixels with three channels.
    pub const fn rgb(side: usize) -> Self {
        Self::new(3, side, side)
    }

    /// A vector of `length` elements.
    pub const fn vector(length: usize) -> Self {
        Self::new(length, 1, 1)
    }

    /// Number of elements.
    pub const fn elements(&self) -> usize {
        self.channels * self.height * self.width
    }
}

impl std::fmt::Display for Shape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}×{}×{}", self.channels, self.height, self.width)
    }
}
