//! The formats in which a tensor's elements are stored, and how they are rounded to each.

use half::f16;

/// How many consecutive weights of an output channel share a scale, where a channel has several scales.
pub const GROUP: usize = 32;
/// Greatest magnitude of an 8-bit value.
const MAX8: f32 = 127.0;
/// Greatest magnitude of a 4-bit value.
const MAX4: f32 = 7.0;
/// Which share of a group's greatest weight may become [`MAX4`]. Clipping the greatest weights a little often makes the error
/// of all others smaller.
const CLIPS4: [f32; 5] = [1.0, 0.95, 0.9, 0.85, 0.8];

/// A tensor's elements in one of the file's formats.
#[derive(Clone, Debug, PartialEq)]
pub enum Tensor {
    /// 8 bits: `value × scale[output channel]`.
    Int8 {
        /// One for each element, the last dimension running fastest.
        values: Vec<i8>,
        /// One for each output channel.
        scale: Vec<f32>,
    },
    /// 8 bits: `value × scale[output channel][group of weights]`.
    Int8Groups {
        /// One for each element, the last dimension running fastest.
        values: Vec<i8>,
        /// One for each [`GROUP`] weights of an output channel, channel by channel.
        scale: Vec<f16>,
        /// How many weights an output channel has.
        row: usize,
    },
    /// 4 bits, for linear layers: `(half byte − 8) × scale[output][group of inputs]`.
    Int4 {
        /// Two elements a byte, the first in the low half; each output's row is filled up to whole bytes.
        packed: Vec<u8>,
        /// One for each [`GROUP`] inputs of an output, output by output.
        scale: Vec<f16>,
        /// How many inputs the layer has.
        inputs: usize,
    },
    /// Half precision.
    F16(Vec<f16>),
    /// Single precision.
    F32(Vec<f32>),
}

impl Tensor {
    /// Rounds to 8 bits, with one scale for each of the `channels` output channels.
    ///
    /// The greatest magnitude of a channel becomes 127; a channel of zeros has scale 0.
    pub fn int8(weights: &[f32], channels: usize) -> Self {
        let row_length = (weights.len() / channels).max(1);
        let mut values = Vec::with_capacity(weights.len());
        let mut scale = Vec::with_capacity(channels);
        for row in weights.chunks_exact(row_length) {
            let step = magnitude(row) / MAX8;
            scale.push(step);
            let inverse = if step > 0.0 { step.recip() } else { 0.0 };
            values.extend(row.iter().map(|weight| (weight * inverse).round().clamp(-MAX8, MAX8) as i8));
        }
        Self::Int8 { values, scale }
    }

    /// Rounds to 8 bits, with one scale for each [`GROUP`] weights of an output channel, which has `row` weights.
    pub fn int8_groups(weights: &[f32], row: usize) -> Self {
        let mut values = Vec::with_capacity(weights.len());
        let mut scale = Vec::with_capacity(weights.len() / GROUP);
        for group in weights.chunks_exact(row.max(1)).flat_map(|row| row.chunks(GROUP)) {
            let step = f16::from_f32(magnitude(group) / MAX8);
            let nearest = |weight: f32| if step.to_f32() > 0.0 { (weight / step.to_f32()).round() } else { 0.0 };
            values.extend(group.iter().map(|&weight| nearest(weight).clamp(-MAX8, MAX8) as i8));
            scale.push(step);
        }
        Self::Int8Groups { values, scale, row }
    }

    /// Rounds a linear layer's weights `[outputs, inputs]` to 4 bits, with one scale for each [`GROUP`] inputs of an output: of
    /// a few candidates the one with the least squared error.
    pub fn int4(weights: &[f32], inputs: usize) -> Self {
        let mut packed = Vec::with_capacity(weights.len() / 2);
        let mut scale = Vec::with_capacity(weights.len() / GROUP);
        for row in weights.chunks_exact(inputs.max(1)) {
            let mut halves = Vec::with_capacity(inputs);
            for group in row.chunks(GROUP) {
                let step = scale4(group);
                scale.push(step);
                halves.extend(group.iter().map(|&weight| (nearest4(weight, step.to_f32()) + 8.0) as u8));
            }
            packed.extend(halves.chunks(2).map(|pair| pair[0] | pair.get(1).copied().unwrap_or(8) << 4));
        }
        Self::Int4 { packed, scale, inputs }
    }

    /// Rounds to half precision.
    pub fn f16(weights: &[f32]) -> Self {
        Self::F16(weights.iter().map(|&weight| f16::from_f32(weight)).collect())
    }

    /// All elements in single precision, the last dimension running fastest.
    pub fn dequantise(&self) -> Vec<f32> {
        self.elements().collect()
    }

    /// The elements of [`Tensor::dequantise`] one after another, for tensors too large to be held in single precision.
    pub fn elements(&self) -> Box<dyn Iterator<Item = f32> + '_> {
        match self {
            Self::Int8 { values, scale } => {
                let row_length = values.len() / scale.len().max(1);
                let rows = values.chunks_exact(row_length.max(1)).zip(scale);
                Box::new(rows.flat_map(|(row, step)| row.iter().map(move |&value| f32::from(value) * step)))
            }
            Self::Int8Groups { values, scale, row } => {
                let groups = values.chunks_exact((*row).max(1)).flat_map(|row| row.chunks(GROUP)).zip(scale);
                Box::new(groups.flat_map(|(group, step)| {
                    let step = step.to_f32();
                    group.iter().map(move |&value| f32::from(value) * step)
                }))
            }
            Self::Int4 { packed, scale, inputs } => {
                let (bytes, groups) = (inputs.div_ceil(2).max(1), inputs.div_ceil(GROUP).max(1));
                let rows = packed.chunks_exact(bytes).zip(scale.chunks_exact(groups));
                Box::new(rows.flat_map(|(row, scale)| {
                    let halves = row.iter().flat_map(|byte| [byte & 15, byte >> 4]).take(*inputs);
                    halves.enumerate().map(|(i, half)| (f32::from(half) - 8.0) * scale[i / GROUP].to_f32())
                }))
            }
            Self::F16(values) => Box::new(values.iter().map(|value| value.to_f32())),
            Self::F32(values) => Box::new(values.iter().copied()),
        }
    }

    /// Size in the file, in bytes, without the header.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Int8 { values, scale } => values.len() + 4 * scale.len(),
            Self::Int8Groups { values, scale, .. } => values.len() + 2 * scale.len(),
            Self::Int4 { packed, scale, .. } => packed.len() + 2 * scale.len(),
            Self::F16(values) => 2 * values.len(),
            Self::F32(values) => 4 * values.len(),
        }
    }

    /// How many elements there are.
    pub(super) fn count(&self) -> usize {
        match self {
            Self::Int8 { values, .. } | Self::Int8Groups { values, .. } => values.len(),
            Self::Int4 { scale, inputs, .. } => scale.len() / inputs.div_ceil(GROUP).max(1) * inputs,
            Self::F16(values) => values.len(),
            Self::F32(values) => values.len(),
        }
    }
}

fn magnitude(weights: &[f32]) -> f32 {
    weights.iter().fold(0.0, |greatest, weight| greatest.max(weight.abs()))
}

/// The scale of least squared error for a group of weights.
fn scale4(group: &[f32]) -> f16 {
    let greatest = magnitude(group);
    let error = |scale: f16| -> f32 {
        let step = scale.to_f32();
        group.iter().map(|&weight| (weight - nearest4(weight, step) * step).powi(2)).sum()
    };
    let scales = CLIPS4.map(|cut| f16::from_f32(greatest * cut / MAX4));
    scales.into_iter().min_by(|&a, &b| error(a).total_cmp(&error(b))).unwrap_or_default()
}

fn nearest4(weight: f32, step: f32) -> f32 {
    if step > 0.0 { (weight / step).round().clamp(-MAX4, MAX4) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_bits_are_off_by_half_a_step_or_a_cut_at_most() {
        let weights: Vec<f32> = (0..2 * 45).map(|i| (i as f32 * 1.3).sin() * (1.0 + (i / 32) as f32)).collect();
        let values = Tensor::int4(&weights, 45);
        assert_eq!((values.count(), values.bytes()), (90, 2 * 23 + 2 * 2 * 2));
        let Tensor::Int4 { scale, .. } = &values else { panic!("not 4 bits") };
        for (index, (found, exact)) in values.dequantise().iter().zip(&weights).enumerate() {
            let step = scale[index / 45 * 2 + index % 45 / GROUP].to_f32();
            let cut = MAX4 * step / CLIPS4[4] * (1.0 - CLIPS4[4]);
            assert!((found - exact).abs() <= cut.max(step * 0.501), "{index}: {found} for {exact}");
        }
        assert_eq!(Tensor::int4(&[0.0; 6], 3).dequantise(), [0.0; 6]);
    }

    #[test]
    fn groups_have_steps_of_their_own() {
        let weights: Vec<f32> =
            (0..3 * 70).map(|i| (i as f32 * 1.3).sin() * if i % 70 < 32 { 0.01 } else { 1.0 }).collect();
        let values = Tensor::int8_groups(&weights, 70);
        assert_eq!((values.count(), values.bytes()), (210, 210 + 3 * 3 * 2));
        for (index, (found, exact)) in values.dequantise().iter().zip(&weights).enumerate() {
            let greatest = if index % 70 < 32 { 0.01 } else { 1.0 };
            assert!((found - exact).abs() <= greatest / 127.0 * 0.51, "{index}: {found} for {exact}");
        }
    }

    #[test]
    fn eight_bits_are_off_by_half_a_step_at_most() {
        let weights: Vec<f32> = (0..60).map(|i| ((i * 37 % 61) as f32 - 30.0) * 0.01 * (1 + i / 20) as f32).collect();
        let values = Tensor::int8(&weights, 3);
        let Tensor::Int8 { scale, .. } = &values else { panic!("not 8 bits") };
        for (index, (found, exact)) in values.dequantise().iter().zip(&weights).enumerate() {
            assert!((found - exact).abs() <= scale[index / 20] * 0.5001, "{index}: {found} for {exact}");
        }
        assert_eq!(Tensor::int8(&[0.0; 4], 2).dequantise(), [0.0; 4]);
    }
}
