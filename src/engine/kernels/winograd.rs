//! Winograd's algorithm for convolutions with 3×3 kernels and stride 1, which takes fewer multiplications.
//!
//! A tile of `outputs × outputs` pixels takes `(outputs + 2)²` multiplications for each pair of an input channel and an
//! output channel: for an output pixel 4 instead of 9 by F(2×2, 3×3), and 2.25 by F(4×4, 3×3). (Lavin & Gray 2016, arXiv:1509.09308, sections 4.1 and 4.3)

use super::plan::Window;
use crate::graph::Shape;

/// A variant of Winograd's algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Winograd {
    /// F(2×2, 3×3)
    Two,
    /// F(4×4, 3×3)
    Four,
}

/// An algorithm for a convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// By its definition.
    Direct,
    /// By Winograd's algorithm.
    Winograd(Winograd),
}

/// Input or output channels below which the transforms take longer than the multiplications that they save.
const CHANNELS_FROM: usize = 16;

impl Form {
    /// The fastest algorithm, by measurements, for a convolution from `inputs` to `outputs` channels in each group.
    /// F(4×4, 3×3) is chosen where the shorter side of the output has at least `four_from` pixels.
    pub fn choose(window: Window, inputs: usize, outputs: usize, output: Shape, four_from: usize) -> Self {
        let side = output.height.min(output.width);
        if (window.kernel, window.stride) != (3, 1)
            || inputs.min(outputs) < CHANNELS_FROM
            || side < Winograd::Two.outputs()
        {
            Self::Direct
        } else if side < four_from {
            Self::Winograd(Winograd::Two)
        } else {
            Self::Winograd(Winograd::Four)
        }
    }
}

/// `G` for F(2×2, 3×3).
const G2: [[f64; 3]; 4] = [[1.0, 0.0, 0.0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0.0, 0.0, 1.0]];
/// `G` for F(4×4, 3×3).
const G4: [[f64; 3]; 6] = [
    [1.0 / 4.0, 0.0, 0.0],
    [-1.0 / 6.0, -1.0 / 6.0, -1.0 / 6.0],
    [-1.0 / 6.0, 1.0 / 6.0, -1.0 / 6.0],
    [1.0 / 24.0, 1.0 / 12.0, 1.0 / 6.0],
    [1.0 / 24.0, -1.0 / 12.0, 1.0 / 6.0],
    [0.0, 0.0, 1.0],
];

impl Winograd {
    /// Side of a tile, in output pixels.
    pub fn outputs(self) -> usize {
        match self {
            Self::Two => 2,
            Self::Four => 4,
        }
    }

    /// Side of the input that a tile reads, in pixels.
    pub fn inputs(self) -> usize {
        self.outputs() + 2
    }

    /// Products of a tile, for each pair of an input channel and an output channel.
    pub fn products(self) -> usize {
        self.inputs() * self.inputs()
    }

    /// Tiles across and down an output of this shape.
    pub fn tiles(self, output: Shape) -> (usize, usize) {
        (output.width.div_ceil(self.outputs()), output.height.div_ceil(self.outputs()))
    }

    /// The element of `G g Gᵀ` for one product, counted row by row, of each 3×3 kernel `g`: `[kernels, 3, 3]` →
    /// `[kernels]`.
    ///
    /// The elements are computed for one product at a time, because all of them together take up to four times the memory of
    /// the kernels.
    pub fn factors(self, kernels: &[f32], product: usize) -> Vec<f32> {
        let g: &[[f64; 3]] = match self {
            Self::Two => &G2,
            Self::Four => &G4,
        };
        let (down, across) = (g[product / self.inputs()], g[product % self.inputs()]);
        let factor = |kernel: &[f32; 9]| {
            let row = |y: usize| (0..3).map(|x| f64::from(kernel[y * 3 + x]) * across[x]).sum::<f64>();
            (0..3).map(|y| down[y] * row(y)).sum::<f64>() as f32
        };
        kernels.as_chunks().0.iter().map(factor).collect()
    }
}
