//! Writes the quantised file, in shards.

use std::collections::{BTreeMap, HashMap};

use half::f16;
use safetensors::tensor::{Dtype, TensorView};

use super::tensor::{GROUP, Tensor};
use super::{Weights, scale_name};
use crate::error::{Error, Result};
use crate::graph::Graph;
use crate::graph::tensors::{TensorSpec, tensor_specs};

/// Greatest size of a shard, in bytes of tensors, because static hosts limit the size of a file. A tensor that is greater has a
/// shard of its own.
pub const SHARD_BYTES: usize = 24 << 20;

impl Weights {
    /// The bytes of shards of at most [`SHARD_BYTES`], with the tensors in the order of the layers. `metadata` is written into
    /// each, together with the hash of `graph`.
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
}

/// Sorts the header of a safetensors file, so that the same weights give the same file: the library keeps the metadata in a map
/// whose order changes from run to run.
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

/// A tensor as it is stored in a file.
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
