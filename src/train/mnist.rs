//! MNIST's files and LeNet-5's input. (LeCun, Cortes & Burges; 60,000 and 10,000 digits of 28×28 pixels)

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use burn::tensor::{Device, Tensor, TensorData};

use crate::networks::lenet5::LENET5;

/// Side of a digit, in pixels.
pub const SIDE: usize = 28;
/// Side of LeNet-5's input.
const INPUT_SIDE: usize = 32;
const PADDING: usize = (INPUT_SIDE - SIDE) / 2;

/// Digits with their classes.
#[derive(Debug)]
pub struct Digits {
    pixels: Vec<u8>,
    labels: Vec<u8>,
}

impl Digits {
    /// The 60,000 to train with.
    ///
    /// # Errors
    /// If a file is missing or is no MNIST file.
    pub fn training(folder: &Path) -> Result<Self> {
        Self::read(folder, "train")
    }

    /// The 10,000 to test with.
    ///
    /// # Errors
    /// If a file is missing or is no MNIST file.
    pub fn test(folder: &Path) -> Result<Self> {
        Self::read(folder, "t10k")
    }

    fn read(folder: &Path, set: &str) -> Result<Self> {
        let pixels = idx(&folder.join(format!("{set}-images-idx3-ubyte")), 3)?;
        let labels = idx(&folder.join(format!("{set}-labels-idx1-ubyte")), 1)?;
        ensure!(pixels.len() == labels.len() * SIDE * SIDE, "{set}: pictures and labels differ in number");
        Ok(Self { pixels, labels })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// 28×28 pixels, white on black.
    pub fn picture(&self, index: usize) -> &[u8] {
        &self.pixels[index * SIDE * SIDE..][..SIDE * SIDE]
    }

    /// The classes, 0 to 9.
    pub fn labels(&self) -> &[u8] {
        &self.labels
    }
}

/// The bytes of an IDX file with so many dimensions.
fn idx(path: &Path, dimensions: usize) -> Result<Vec<u8>> {
    let bytes = fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let header = 4 + 4 * dimensions;
    ensure!(
        bytes.len() > header && bytes[..4] == [0, 0, 8, dimensions as u8],
        "{} is no IDX file of bytes with {dimensions} dimensions",
        path.display()
    );
    Ok(bytes[header..].to_vec())
}

/// `[batch, 1, 32, 32]` from pictures of 28×28: padded with two black pixels on each side, normalised as the card says.
pub fn inputs(pictures: impl Iterator<Item = Vec<u8>>, device: &Device) -> Tensor<4> {
    let normalisation = LENET5.normalisation;
    let normalise = |value: u8| (f32::from(value) - normalisation.mean[0]) / normalisation.std[0];
    let mut values = Vec::new();
    for picture in pictures {
        let start = values.len();
        values.resize(start + INPUT_SIDE * INPUT_SIDE, normalise(0));
        for (y, row) in picture.chunks_exact(SIDE).enumerate() {
            let place = &mut values[start + (y + PADDING) * INPUT_SIDE + PADDING..][..SIDE];
            place.iter_mut().zip(row).for_each(|(value, &pixel)| *value = normalise(pixel));
        }
    }
    let batch = values.len() / (INPUT_SIDE * INPUT_SIDE);
    Tensor::from_data(TensorData::new(values, [batch, 1, INPUT_SIDE, INPUT_SIDE]), device)
}
