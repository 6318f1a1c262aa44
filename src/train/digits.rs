//! Pictures of digits with their classes, and batches of them as inputs.

use burn::tensor::{Device, Tensor, TensorData};
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use safetensors::{Dtype, SafeTensors};

use crate::error::{Error, Result};
use crate::frame::Normalisation;
use crate::networks::lenet5::LENET5;

/// Side of a digit, in pixels.
pub const SIDE: usize = 28;

/// Pictures of 28×28 pixels with their classes, 0 to 9.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digits {
    pixels: Vec<u8>,
    labels: Vec<u8>,
}

impl Digits {
    /// Digits from their pixels, white on black, 28×28 bytes each, and their classes.
    ///
    /// # Errors
    /// [`Error::BadData`] where the two do not belong together, or a class is not one of ten.
    pub fn new(pixels: Vec<u8>, labels: Vec<u8>) -> Result<Self> {
        if labels.len().checked_mul(SIDE * SIDE) != Some(pixels.len()) || labels.is_empty() {
            return Err(Error::BadData(format!("{} bytes are not {} pictures", pixels.len(), labels.len())));
        }
        if let Some(label) = labels.iter().find(|label| **label > 9) {
            return Err(Error::BadData(format!("{label} is not one of ten classes")));
        }
        Ok(Self { pixels, labels })
    }

    /// The digits to train with and those to test with, from a safetensors file with `<set>.pictures`, `[count, 28, 28]`, and
    /// `<set>.labels`, `[count]`, both U8, where the set is "train" and "test".
    ///
    /// # Errors
    /// [`Error::BadData`] for another file.
    pub fn read(file: &[u8]) -> Result<(Self, Self)> {
        let tensors = SafeTensors::deserialize(file).map_err(|error| Error::BadData(error.to_string()))?;
        let bytes = |name: String, shape: &[usize]| {
            let tensor = tensors.tensor(&name).map_err(|_| Error::BadData(format!("{name} is missing")))?;
            if tensor.dtype() != Dtype::U8 || tensor.shape().get(1..) != Some(shape) {
                let (dtype, found) = (tensor.dtype(), tensor.shape());
                return Err(Error::BadData(format!(
                    "{name} is {dtype:?} of shape {found:?}, not U8 of [count{}]",
                    sides(shape)
                )));
            }
            Ok(tensor.data().to_vec())
        };
        let set = |name: &str| {
            Self::new(bytes(format!("{name}.pictures"), &[SIDE, SIDE])?, bytes(format!("{name}.labels"), &[])?)
        };
        Ok((set("train")?, set("test")?))
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

    /// The first `count` digits, or all where there are fewer.
    #[must_use]
    pub fn first(mut self, count: usize) -> Self {
        self.pixels.truncate(count * SIDE * SIDE);
        self.labels.truncate(count);
        self
    }

    /// The digits with these numbers as a batch, for inputs of `side × side` pixels.
    pub fn batch(&self, indices: &[usize], side: usize, device: &Device) -> Batch {
        Batch {
            input: inputs(indices.iter().map(|&index| self.picture(index)), side, device),
            classes: indices.iter().map(|&index| self.labels[index]).collect(),
        }
    }
}

/// `, 28, 28` for a shape of these two.
fn sides(shape: &[usize]) -> String {
    shape.iter().map(|side| format!(", {side}")).collect()
}

/// Inputs with their classes.
#[derive(Clone, Debug)]
pub struct Batch {
    /// `[batch, 1, height, width]`
    pub input: Tensor<4>,
    /// One for each input.
    pub classes: Vec<u8>,
}

/// The order in which digits are seen: all of them in a random order, then all in another one, and so on.
#[derive(Debug)]
pub struct Order {
    random: StdRng,
    indices: Vec<usize>,
    next: usize,
}

impl Order {
    /// An order of `count` digits.
    pub fn new(count: usize, random: StdRng) -> Self {
        Self { random, indices: (0..count).collect(), next: count }
    }

    /// The numbers of the next `size` digits.
    pub fn take(&mut self, size: usize) -> Vec<usize> {
        let mut taken = Vec::with_capacity(size);
        while taken.len() < size {
            if self.next == self.indices.len() {
                self.indices.shuffle(&mut self.random);
                self.next = 0;
            }
            taken.push(self.indices[self.next]);
            self.next += 1;
        }
        taken
    }
}

/// `[batch, 1, side, side]` from pictures of 28×28: in the middle of black, normalised as LeNet-5's card says.
pub fn inputs<'a>(pictures: impl Iterator<Item = &'a [u8]>, side: usize, device: &Device) -> Tensor<4> {
    let Normalisation { mean, std, .. } = LENET5.normalisation;
    let normalise = |value: u8| (f32::from(value) - mean[0]) / std[0];
    let padding = (side - SIDE) / 2;
    let mut values = Vec::new();
    for picture in pictures {
        let start = values.len();
        values.resize(start + side * side, normalise(0));
        for (y, row) in picture.chunks_exact(SIDE).enumerate() {
            let place = &mut values[start + (y + padding) * side + padding..][..SIDE];
            place.iter_mut().zip(row).for_each(|(value, &pixel)| *value = normalise(pixel));
        }
    }
    let batch = values.len() / (side * side);
    Tensor::from_data(TensorData::new(values, [batch, 1, side, side]), device)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn digits_that_do_not_fit_are_refused() {
        for (pixels, labels, part) in [
            (784, vec![1, 2], "not 2 pictures"),
            (0, vec![], "not 0 pictures"),
            (784, vec![10], "10 is not one of ten"),
        ] {
            let error = Digits::new(vec![0; pixels], labels).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
        let error = Digits::read(b"no file").unwrap_err();
        assert_eq!(error.code(), "bad-data");
    }

    #[test]
    fn a_file_has_digits_to_train_with_and_to_test_with() {
        use safetensors::tensor::{Dtype, TensorView, serialize};

        let (pictures, labels) = ([7u8; 3 * SIDE * SIDE], [1u8, 2, 3]);
        let view = |shape: &[usize], data| TensorView::new(Dtype::U8, shape.to_vec(), data).unwrap();
        let file = |names: &[&str]| {
            let tensors = [
                ("train.pictures", view(&[3, SIDE, SIDE], &pictures[..])),
                ("train.labels", view(&[3], &labels[..])),
                ("test.pictures", view(&[2, SIDE, SIDE], &pictures[..2 * SIDE * SIDE])),
                ("test.labels", view(&[2], &labels[1..])),
            ];
            serialize(tensors.into_iter().filter(|(name, _)| names.contains(name)), None).unwrap()
        };
        let all = ["train.pictures", "train.labels", "test.pictures", "test.labels"];
        let original = file(&all);
        let (training, test) = Digits::read(&original).unwrap();
        assert_eq!((training.labels(), test.labels()), (&[1, 2, 3][..], &[2, 3][..]));
        assert_eq!((training.picture(2), test.len()), (&[7; SIDE * SIDE][..], 2));
        assert_eq!(training.first(2).labels(), [1, 2]);
        for (name, dtype, shape, part) in [
            ("train.labels", Dtype::I8, vec![3], "train.labels is I8 of shape [3], not U8 of [count]"),
            ("test.labels", Dtype::U8, vec![2, 1], "test.labels is U8 of shape [2, 1], not U8 of [count]"),
            ("test.pictures", Dtype::U8, vec![2, 14, 56], "of shape [2, 14, 56], not U8 of [count, 28, 28]"),
        ] {
            let data = &pictures[..shape.iter().product()];
            let wrong = TensorView::new(dtype, shape, data).unwrap();
            let whole = SafeTensors::deserialize(&original).unwrap();
            let others = all.into_iter().filter(|other| *other != name).map(|name| (name, whole.tensor(name).unwrap()));
            let error = Digits::read(&serialize(others.chain([(name, wrong)]), None).unwrap()).unwrap_err();
            assert!(error.code() == "bad-data" && error.to_string().contains(part), "{error}");
        }
        let error = Digits::read(&file(&all[..3])).unwrap_err();
        assert_eq!((error.code(), error.to_string().contains("test.labels is missing")), ("bad-data", true), "{error}");
    }

    #[test]
    fn every_digit_is_seen_before_one_is_seen_again() {
        let mut order = Order::new(5, StdRng::seed_from_u64(3));
        let mut both = [order.take(3), order.take(2), order.take(5)].concat();
        both[..5].sort_unstable();
        both[5..].sort_unstable();
        assert_eq!(both, [0, 1, 2, 3, 4, 0, 1, 2, 3, 4]);
    }

    #[test]
    fn pictures_lie_in_the_middle() {
        let digits = Digits::new([[0; SIDE * SIDE - 1].as_slice(), &[255]].concat(), vec![7]).unwrap();
        let Batch { input, classes } = digits.batch(&[0, 0], 32, &Device::flex());
        assert_eq!((input.dims(), classes), ([2, 1, 32, 32], vec![7, 7]));
        let values: Vec<f32> = input.into_data().try_to_vec().unwrap();
        let bright = values.iter().position(|&value| value > values[0]).unwrap();
        assert_eq!(bright, 29 * 32 + 29);
    }
}
