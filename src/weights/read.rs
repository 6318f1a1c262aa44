//! Reads the quantised file; every fault is listed.

use std::collections::{BTreeMap, HashMap};

use half::f16;
use safetensors::SafeTensorError;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use super::about::{first, metadata};
use super::tensor::{GROUP, Tensor};
use super::{Weights, scale_name};
use crate::error::{Error, Result};
use crate::graph::Graph;
use crate::graph::tensors::{TensorSpec, tensor_specs};

impl Weights {
    /// Reads the bytes of all shards of a network, in any order, and checks them against its folded `graph`, which must have the
    /// number of classes that the shards have ([`About::of`]).
    ///
    /// # Errors
    /// [`Error::BadWeights`] if a file is damaged or was made for another graph; if the tensors do not fit, it lists every one
    /// that is missing, unknown or of another shape.
    pub fn read(graph: &Graph, shards: &[impl AsRef<[u8]>]) -> Result<Self> {
        let hash = graph.hash()?;
        let needed = tensor_specs(graph)?;
        let mut tensors = HashMap::new();
        let mut shapes = BTreeMap::new();
        first(shards)?;
        for shard in shards {
            let bytes = shard.as_ref();
            let file = SafeTensors::deserialize(bytes).map_err(damaged)?;
            let metadata = metadata(bytes)?;
            let made_for = metadata.get("graph");
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
}

/// A stored tensor and its shape as the graph has it; `needed` is the shape in the graph, where it has such a tensor.
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

/// Compares tensors, by name and shape, with those that `graph` needs: one clause for each that is missing, unknown, or whose
/// shape is not the `same`. No clause means that all fit.
///
/// # Errors
/// As [`Graph::shapes`].
pub fn faults(
    graph: &Graph,
    found: &BTreeMap<String, Vec<usize>>,
    same: fn(&[usize], &[usize]) -> bool,
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

#[expect(clippy::needless_pass_by_value, reason = "map_err hands it over")]
pub(super) fn damaged(error: SafeTensorError) -> Error {
    Error::BadWeights(format!("the file is damaged or cut short ({error})"))
}

pub(super) fn refuse(faults: &[String]) -> Result<()> {
    if faults.is_empty() { Ok(()) } else { Err(Error::BadWeights(faults.join(", "))) }
}

/// Little-endian elements in single precision, as every format has them that is read here.
pub(super) fn singles(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks().0.iter().map(|&four| f32::from_le_bytes(four)).collect()
}

fn half_precision(bytes: &[u8]) -> Vec<f16> {
    bytes.as_chunks().0.iter().map(|&two| f16::from_le_bytes(two)).collect()
}
