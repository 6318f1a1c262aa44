//! Winograd's convolutions: 3×3 kernels of stride 1 by fewer multiplications.
//!
//! `outputs × outputs` pixels come from `(outputs + 2)²` products a channel: 4 instead of 9 an output pixel for
//! F(2×2, 3×3), 2.25 for F(4×4, 3×3). (Lavin & Gray 2016, arXiv:1509.09308, sections 4.1 and 4.3)

use super::plan::Window;
use crate::graph::Shape;

/// Which of Winograd's convolutions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Winograd {
    /// F(2×2, 3×3)
    Two,
    /// F(4×4, 3×3)
    Four,
}

/// How a convolution is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As it is defined.
    Direct,
    /// By fewer multiplications.
    Winograd(Winograd),
}

/// Channels in and out below which transforming costs more than it saves.
const CHANNELS_FROM: usize = 16;

impl Form {
    /// The quickest form of a convolution from `inputs` to `outputs` channels in each group, measured; F(4×4, 3×3) where
    /// the output's sides have `four_from` pixels.
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
    /// Side of a tile of output pixels.
    pub fn outputs(self) -> usize {
        match self {
            Self::Two => 2,
            Self::Four => 4,
        }
    }

    /// Side of the tile of input pixels behind it.
    pub fn inputs(self) -> usize {
        self.outputs() + 2
    }

    /// Products a channel and tile.
    pub fn products(self) -> usize {
        self.inputs() * self.inputs()
    }

    /// Tiles across and down an output.
    pub fn tiles(self, output: Shape) -> (usize, usize) {
        (output.width.div_ceil(self.outputs()), output.height.div_ceil(self.outputs()))
    }

    /// `G g Gᵀ` of each 3×3 kernel: its factor of one product, counted row by row. One at a time, since all together
    /// are up to four times the kernels.
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
