//! The quantised file: safetensors with 8-bit integers where they are exact enough, 16-bit floats elsewhere.
//!
//! `<layer>.weight` is I8 with `<layer>.scale` F32, one scale an output channel, symmetric, −127…127, or F16
//! `[out, row / 32]`, one scale for each 32 weights of an output's row; or F16; or, for large linear layers, U8
//! `[out, in / 2]` with two 4-bit numbers a byte, the first in the low half, as `value + 8`, and `<layer>.scale` F16
//! `[out, in / 32]`. `<layer>.bias` is F32. Large networks are split into shards of at most [`SHARD_BYTES`]. The
//! metadata names the network, its graph's hash, the source and the measured error.

use std::collections::{BTreeMap, HashMap};

use half::f16;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use crate::error::{Error, Result};
use crate::graph::tensors::{TensorSpec, tensor_specs};
use crate::graph::{Graph, Op};

/// Greatest size of a shard, in bytes of tensors: static hosts limit a file's size.
pub const SHARD_BYTES: usize = 24 << 20;

/// Weights of an output's row that share a scale, where a row has several.
pub const GROUP: usize = 32;
/// Greatest magnitude of an 8-bit number.
const MOST8: f32 = 127.0;
/// Greatest magnitude of a 4-bit number.
const MOST4: f32 = 7.0;
/// Of a group's greatest weight, what may become [`MOST4`]: cutting it off a little often serves the others more.
const CUTS4: [f32; 5] = [1.0, 0.95, 0.9, 0.85, 0.8];

/// How a tensor's numbers are kept.
#[derive(Clone, Debug, PartialEq)]
pub enum Tensor {
    /// `value × scale[output channel]`
    Int8 {
        /// In the tensor's order.
        values: Vec<i8>,
        /// One an output channel.
        scale: Vec<f32>,
    },
    /// `value × scale[output channel][group of weights]`
    Int8Groups {
        /// In the tensor's order.
        values: Vec<i8>,
        /// One a group of [`GROUP`] weights of a row.
        scale: Vec<f16>,
        /// Weights of an output channel.
        row: usize,
    },
    /// `(half byte − 8) × scale[output][group of inputs]`
    Int4 {
        /// Two numbers a byte, each row of inputs filled up to whole bytes.
        packed: Vec<u8>,
        /// One a group of [`GROUP`] inputs.
        scale: Vec<f16>,
        /// Inputs of an output.
        inputs: usize,
    },
    /// Half precision.
    F16(Vec<f16>),
    /// Single precision.
    F32(Vec<f32>),
}

impl Tensor {
    /// Rounds to 8 bits, one scale for each of `channels` rows of equal length.
    ///
    /// A row's greatest magnitude becomes 127; a row of zeros has scale 0.
    pub fn int8(weights: &[f32], channels: usize) -> Self {
        let row_length = (weights.len() / channels).max(1);
        let mut values = Vec::with_capacity(weights.len());
        let mut scale = Vec::with_capacity(channels);
        for row in weights.chunks_exact(row_length) {
            let step = magnitude(row) / MOST8;
            scale.push(step);
            let inverse = if step > 0.0 { step.recip() } else { 0.0 };
            values.extend(row.iter().map(|weight| (weight * inverse).round().clamp(-MOST8, MOST8) as i8));
        }
        Self::Int8 { values, scale }
    }

    /// Rounds to 8 bits, one scale for each [`GROUP`] weights of an output channel's `row`.
    pub fn int8_groups(weights: &[f32], row: usize) -> Self {
        let mut values = Vec::with_capacity(weights.len());
        let mut scale = Vec::with_capacity(weights.len() / GROUP);
        for group in weights.chunks_exact(row.max(1)).flat_map(|row| row.chunks(GROUP)) {
            let step = f16::from_f32(magnitude(group) / MOST8);
            let nearest = |weight: f32| if step.to_f32() > 0.0 { (weight / step.to_f32()).round() } else { 0.0 };
            values.extend(group.iter().map(|&weight| nearest(weight).clamp(-MOST8, MOST8) as i8));
            scale.push(step);
        }
        Self::Int8Groups { values, scale, row }
    }

    /// Rounds to 4 bits, one scale for each [`GROUP`] inputs of an output: the one of least squared error.
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

    /// The numbers that a network computes with.
    pub fn dequantise(&self) -> Vec<f32> {
        self.numbers().collect()
    }

    /// The same one by one, where there is no room for all.
    pub fn numbers(&self) -> Box<dyn Iterator<Item = f32> + '_> {
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

    /// Bytes in the file, without its header.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Int8 { values, scale } => values.len() + 4 * scale.len(),
            Self::Int8Groups { values, scale, .. } => values.len() + 2 * scale.len(),
            Self::Int4 { packed, scale, .. } => packed.len() + 2 * scale.len(),
            Self::F16(values) => 2 * values.len(),
            Self::F32(values) => 4 * values.len(),
        }
    }

    /// How many numbers there are.
    fn length(&self) -> usize {
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
    let scales = CUTS4.map(|cut| f16::from_f32(greatest * cut / MOST4));
    scales.into_iter().min_by(|&a, &b| error(a).total_cmp(&error(b))).unwrap_or_default()
}

fn nearest4(weight: f32, step: f32) -> f32 {
    if step > 0.0 { (weight / step).round().clamp(-MOST4, MOST4) } else { 0.0 }
}

/// A folded graph's weights.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    tensors: HashMap<String, Tensor>,
}

impl Weights {
    /// Takes tensors that fit `graph`, a folded one.
    ///
    /// # Errors
    /// [`Error::BadWeights`] lists all missing, extra and mis-sized tensors.
    pub fn new(graph: &Graph, tensors: HashMap<String, Tensor>) -> Result<Self> {
        let sizes = tensors.iter().map(|(name, values)| (name.clone(), vec![values.length()])).collect();
        refuse(&faults(graph, &sizes, |found, expected| found[0] == expected.iter().product::<usize>())?)?;
        Ok(Self { tensors })
    }

    /// Weights from a formula of their name and index, the same everywhere: for checks that need no file.
    ///
    /// Number `i` of a tensor is `u · √(6 / inputs)`, a bias's or mean's `u / 10`, a gain's or variance's `1 + u / 2`,
    /// with `u = 2 · ((7919 i + h) mod 10007) / 10007 − 1` and `h` the name's 32-bit FNV-1a hash.
    ///
    /// # Errors
    /// As [`Graph::shapes`].
    pub fn formula(graph: &Graph) -> Result<Self> {
        let norms: Vec<&str> = (graph.layers().iter())
            .filter_map(|layer| matches!(layer.op, Op::BatchNorm { .. }).then_some(layer.name.as_str()))
            .collect();
        let tensors = tensor_specs(graph)?.into_iter().map(|tensor| {
            let inputs: usize = tensor.shape.iter().skip(1).product();
            let gain = tensor.name.strip_suffix(".weight").is_some_and(|layer| norms.contains(&layer));
            let (offset, factor) = match tensor.shape.len() {
                1 if gain || tensor.name.ends_with(".running_var") => (1.0, 0.5),
                1 => (0.0, 0.1),
                _ => (0.0, (6.0 / inputs as f64).sqrt()),
            };
            let hash = u64::from(fnv1a(&tensor.name));
            let value = |i: usize| {
                let u = ((7919 * i as u64 + hash) % 10_007) as f64 / 10_007.0 * 2.0 - 1.0;
                (offset + u * factor) as f32
            };
            (tensor.name, Tensor::F32((0..tensor.shape.iter().product()).map(value).collect()))
        });
        Self::new(graph, tensors.collect())
    }

    /// Reads and checks all shards of a network whose folded graph is `graph`.
    ///
    /// # Errors
    /// [`Error::BadWeights`] for a damaged file, another graph's file, or missing, extra and mis-shaped tensors.
    pub fn read(graph: &Graph, shards: &[impl AsRef<[u8]>]) -> Result<Self> {
        let hash = graph.hash()?;
        let needed = tensor_specs(graph)?;
        let mut tensors = HashMap::new();
        let mut shapes = BTreeMap::new();
        if shards.is_empty() {
            return Err(Error::BadWeights("no file was given".into()));
        }
        for shard in shards {
            let bytes = shard.as_ref();
            let damaged = |error| Error::BadWeights(format!("the file is damaged or cut short ({error})"));
            let file = SafeTensors::deserialize(bytes).map_err(damaged)?;
            let (_, header) = SafeTensors::read_metadata(bytes).map_err(damaged)?;
            let made_for = header.metadata().as_ref().and_then(|metadata| metadata.get("graph"));
            if made_for != Some(&hash) {
                let made_for = made_for.map_or("none", String::as_str);
                return Err(Error::BadWeights(format!("they were made for graph {made_for}, this is {hash}")));
            }
            for (name, view) in file.iter() {
                if name.ends_with(".scale") {
                    continue;
                }
                let needed = needed.iter().find(|tensor| tensor.name == name).map(|tensor| tensor.shape.as_slice());
                let (shape, values) = values(&file, name, &view, needed)?;
                shapes.insert(name.to_string(), shape);
                tensors.insert(name.to_string(), values);
            }
        }
        refuse(&faults(graph, &shapes, |found, expected| found == expected)?)?;
        Ok(Self { tensors })
    }

    /// Writes shards of at most [`SHARD_BYTES`], tensors in the layers' order.
    ///
    /// # Errors
    /// [`Error::Internal`] if a tensor does not fit the graph's shapes.
    pub fn write(&self, graph: &Graph, mut metadata: HashMap<String, String>) -> Result<Vec<Vec<u8>>> {
        metadata.insert("graph".into(), graph.hash()?);
        let mut shards: Vec<Vec<(String, Stored)>> = vec![Vec::new()];
        let mut room = SHARD_BYTES;
        for TensorSpec { name, shape, .. } in tensor_specs(graph)? {
            let values = self.tensor(&name)?;
            if values.bytes() > room && room < SHARD_BYTES {
                shards.push(Vec::new());
                room = SHARD_BYTES;
            }
            room = room.saturating_sub(values.bytes());
            if let Some(shard) = shards.last_mut() {
                shard.extend(stored(&name, shape, values));
            }
        }
        let serialise = |shard: Vec<(String, Stored)>| {
            let views = shard.iter().map(|(name, stored)| Ok((name.clone(), stored.view()?)));
            let views: Vec<_> = views.collect::<std::result::Result<_, safetensors::SafeTensorError>>()?;
            safetensors::serialize(views, Some(metadata.clone()))
        };
        let shards = shards.into_iter().map(|shard| {
            let file = serialise(shard).map_err(|error| Error::Internal(error.to_string()))?;
            in_order(file)
        });
        shards.collect()
    }

    /// A tensor's numbers.
    ///
    /// # Errors
    /// [`Error::BadWeights`] if there is no such tensor.
    pub fn tensor(&self, name: &str) -> Result<&Tensor> {
        self.tensors.get(name).ok_or_else(|| Error::BadWeights(format!("{name} is missing")))
    }

    /// Gives a tensor away, so that its memory is free once it is packed.
    ///
    /// # Errors
    /// [`Error::BadWeights`] if there is no such tensor.
    pub fn take(&mut self, name: &str) -> Result<Tensor> {
        self.tensors.remove(name).ok_or_else(|| Error::BadWeights(format!("{name} is missing")))
    }

    /// A tensor's numbers as a network computes with them.
    ///
    /// # Errors
    /// [`Error::BadWeights`] if there is no such tensor.
    pub fn numbers(&self, tensor: &TensorSpec) -> Result<Vec<f32>> {
        Ok(self.tensor(&tensor.name)?.dequantise())
    }

    /// Bytes of all tensors.
    pub fn bytes(&self) -> usize {
        self.tensors.values().map(Tensor::bytes).sum()
    }
}

/// Sorts the header of a safetensors file: the library keeps the metadata in a map whose order changes from run to run,
/// and the same weights should give the same file.
fn in_order(mut file: Vec<u8>) -> Result<Vec<u8>> {
    let unreadable = || Error::Internal("a file just written has no header".into());
    let length = file.first_chunk().map(|bytes| u64::from_le_bytes(*bytes) as usize).ok_or_else(unreadable)?;
    let header = file.get_mut(8..8 + length).ok_or_else(unreadable)?;
    let sorted: BTreeMap<String, BTreeMap<String, serde_json::Value>> =
        serde_json::from_slice(header).map_err(|error| Error::Internal(error.to_string()))?;
    let sorted = serde_json::to_vec(&sorted).map_err(|error| Error::Internal(error.to_string()))?;
    // Nothing but the order differs, so only the spaces behind stay.
    let (text, spaces) = header.split_at_mut_checked(sorted.len()).ok_or_else(unreadable)?;
    text.copy_from_slice(&sorted);
    spaces.fill(b' ');
    Ok(file)
}

/// A tensor as it lies in a file.
struct Stored {
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl Stored {
    fn view(&self) -> std::result::Result<TensorView<'_>, safetensors::SafeTensorError> {
        TensorView::new(self.dtype, self.shape.clone(), &self.bytes)
    }
}

fn stored(name: &str, shape: Vec<usize>, values: &Tensor) -> Vec<(String, Stored)> {
    let floats = |values: &[f32]| values.iter().flat_map(|value| value.to_le_bytes()).collect();
    match values {
        Tensor::Int8 { values, scale } => {
            let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
            let scales = Stored { dtype: Dtype::F32, shape: vec![scale.len()], bytes: floats(scale) };
            vec![(name.into(), Stored { dtype: Dtype::I8, shape, bytes }), (scale_name(name), scales)]
        }
        Tensor::Int8Groups { values, scale, row } => {
            let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
            let groups = vec![shape.first().copied().unwrap_or(0), row.div_ceil(GROUP)];
            let scales = Stored { dtype: Dtype::F16, shape: groups, bytes: halves(scale) };
            vec![(name.into(), Stored { dtype: Dtype::I8, shape, bytes }), (scale_name(name), scales)]
        }
        Tensor::Int4 { packed, scale, inputs } => {
            let outputs = shape.first().copied().unwrap_or(0);
            let (bytes, groups) = (vec![outputs, inputs.div_ceil(2)], vec![outputs, inputs.div_ceil(GROUP)]);
            let scales = Stored { dtype: Dtype::F16, shape: groups, bytes: halves(scale) };
            vec![
                (name.into(), Stored { dtype: Dtype::U8, shape: bytes, bytes: packed.clone() }),
                (scale_name(name), scales),
            ]
        }
        Tensor::F16(values) => vec![(name.into(), Stored { dtype: Dtype::F16, shape, bytes: halves(values) })],
        Tensor::F32(values) => vec![(name.into(), Stored { dtype: Dtype::F32, shape, bytes: floats(values) })],
    }
}

fn halves(values: &[f16]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// `<layer>.weight` → `<layer>.scale`.
fn scale_name(weight: &str) -> String {
    format!("{}.scale", weight.trim_end_matches(".weight"))
}

/// A stored tensor and its shape; `needed` is the shape that the graph wants of it.
fn values(
    file: &SafeTensors<'_>,
    name: &str,
    view: &TensorView<'_>,
    needed: Option<&[usize]>,
) -> Result<(Vec<usize>, Tensor)> {
    let scale = |dtype: Dtype, shape: &[usize]| {
        let scale = file.tensor(&scale_name(name));
        let scale = scale.map_err(|_| Error::BadWeights(format!("{name} has no scale")))?;
        if scale.dtype() == dtype && scale.shape() == shape {
            Ok(scale)
        } else {
            Err(Error::BadWeights(format!("{name} needs scales {dtype:?} {shape:?}")))
        }
    };
    let bytes = view.data();
    let shape = view.shape().to_vec();
    let values = match (view.dtype(), needed) {
        (Dtype::I8, _) => {
            let channels = shape.first().copied().unwrap_or(0);
            let row = shape.iter().skip(1).product::<usize>();
            let values = bytes.iter().map(|&byte| byte as i8).collect();
            match scale(Dtype::F32, &[channels]) {
                Ok(scale) => Tensor::Int8 { values, scale: singles(scale.data()) },
                Err(_) => {
                    let scale = half_precision(scale(Dtype::F16, &[channels, row.div_ceil(GROUP)])?.data());
                    Tensor::Int8Groups { values, scale, row }
                }
            }
        }
        (Dtype::U8, Some(&[outputs, inputs])) if shape == [outputs, inputs.div_ceil(2)] => {
            let scale = half_precision(scale(Dtype::F16, &[outputs, inputs.div_ceil(GROUP)])?.data());
            return Ok((vec![outputs, inputs], Tensor::Int4 { packed: bytes.to_vec(), scale, inputs }));
        }
        (Dtype::F16, _) => Tensor::F16(half_precision(bytes)),
        (Dtype::F32, _) => Tensor::F32(singles(bytes)),
        (other, _) => {
            return Err(Error::BadWeights(format!("{name} is {other:?} {shape:?}, which is not what is read here")));
        }
    };
    Ok((shape, values))
}

fn half_precision(bytes: &[u8]) -> Vec<f16> {
    bytes.as_chunks().0.iter().map(|&two| f16::from_le_bytes(two)).collect()
}

fn fnv1a(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// Little-endian numbers in single precision, as every format read here has them.
pub(crate) fn singles(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks().0.iter().map(|&four| f32::from_le_bytes(four)).collect()
}

/// Compares found tensors with those that `graph` needs: everything that is missing, not known, or of the wrong shape.
///
/// # Errors
/// As [`Graph::shapes`].
pub fn faults(
    graph: &Graph,
    found: &BTreeMap<String, Vec<usize>>,
    same: impl Fn(&[usize], &[usize]) -> bool,
) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    let mut needed = BTreeMap::new();
    for TensorSpec { name, shape, .. } in tensor_specs(graph)? {
        match found.get(&name) {
            None => faults.push(format!("{name} is missing")),
            Some(other) if !same(other, &shape) => faults.push(format!("{name} is {other:?} instead of {shape:?}")),
            Some(_) => {}
        }
        needed.insert(name, shape);
    }
    faults.extend(found.keys().filter(|name| !needed.contains_key(*name)).map(|name| format!("{name} is not known")));
    Ok(faults)
}

fn refuse(faults: &[String]) -> Result<()> {
    if faults.is_empty() { Ok(()) } else { Err(Error::BadWeights(faults.join(", "))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_bits_are_off_by_half_a_step_or_a_cut_at_most() {
        let weights: Vec<f32> = (0..2 * 45).map(|i| (i as f32 * 1.3).sin() * (1.0 + (i / 32) as f32)).collect();
        let values = Tensor::int4(&weights, 45);
        assert_eq!((values.length(), values.bytes()), (90, 2 * 23 + 2 * 2 * 2));
        let Tensor::Int4 { scale, .. } = &values else { panic!("not 4 bits") };
        for (index, (found, exact)) in values.dequantise().iter().zip(&weights).enumerate() {
            let step = scale[index / 45 * 2 + index % 45 / GROUP].to_f32();
            let cut = MOST4 * step / CUTS4[4] * (1.0 - CUTS4[4]);
            assert!((found - exact).abs() <= cut.max(step * 0.501), "{index}: {found} for {exact}");
        }
        assert_eq!(Tensor::int4(&[0.0; 6], 3).dequantise(), [0.0; 6]);
    }

    #[test]
    fn groups_have_steps_of_their_own() {
        let weights: Vec<f32> =
            (0..3 * 70).map(|i| (i as f32 * 1.3).sin() * if i % 70 < 32 { 0.01 } else { 1.0 }).collect();
        let values = Tensor::int8_groups(&weights, 70);
        assert_eq!((values.length(), values.bytes()), (210, 210 + 3 * 3 * 2));
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
