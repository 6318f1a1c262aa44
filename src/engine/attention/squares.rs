//! The squares into which an input is divided, to cover or to blur one of them.

/// How many squares there are along each side of a photo, about: as many as a 16th of 224 pixels gives.
const ACROSS: f32 = 14.0;
/// The least side of a square, in pixels: finer squares of LeNet-5's 32 pixels would not hold the width of a stroke.
const LEAST: f32 = 2.0;

/// The division of an input whose sides have `pixels` pixels. All networks have square inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Squares {
    /// Side of the input, in pixels.
    pub(super) pixels: usize,
    /// Side of a square, in pixels.
    pub(super) side: usize,
    /// Squares along each side of the input.
    pub(super) across: usize,
}

impl Squares {
    /// Squares of 16 pixels for inputs of 224, of 2 pixels for LeNet-5's inputs of 32.
    pub(super) fn of(pixels: usize) -> Self {
        let side = (pixels as f32 / ACROSS).round().max(LEAST);
        Self { pixels, side: side as usize, across: ((pixels as f32 / side).round() as usize).max(1) }
    }

    /// The rows or the columns of square number `index` along a side. Together the squares have every pixel of the input
    /// once; where its side is no multiple of theirs, some are a pixel longer or shorter.
    pub(super) fn span(&self, index: usize) -> std::ops::Range<usize> {
        let edge = |index: usize| index * self.pixels / self.across;
        edge(index)..edge(index + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_is_divided_into_about_fourteen_squares_a_side() {
        let expected = [(32, 2, 16), (224, 16, 14), (227, 16, 14), (240, 17, 14), (260, 19, 14), (1, 2, 1)];
        for (pixels, side, across) in expected {
            let squares = Squares::of(pixels);
            assert_eq!(squares, Squares { pixels, side, across });
            let all: Vec<usize> = (0..across).flat_map(|index| squares.span(index)).collect();
            assert_eq!(all, (0..pixels).collect::<Vec<_>>());
        }
    }
}
