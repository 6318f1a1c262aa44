//! Caffe's `.caffemodel`: a protocol buffer, of which the layers' blobs are read. (caffe.proto, BVLC)
//!
//! A layer's first blob is its weight, the second its bias. Old files give every blob four dimensions, the first of which may
//! be ones; these are removed as far as the kind of the layer requires.

use anyhow::{Context, Result, ensure};
use prost::Message;
use prost::bytes::Bytes;

use super::{Official, OfficialTensors, ReadAt, read_whole, singles};
use crate::networks::Rename;

/// `NetParameter`: the whole file.
#[derive(Clone, PartialEq, Message)]
pub struct Net {
    /// Layers in the form that Caffe wrote until 2014.
    #[prost(message, repeated, tag = "2")]
    pub layers: Vec<V1Layer>,
    /// Layers in the form that Caffe has written since.
    #[prost(message, repeated, tag = "100")]
    pub layer: Vec<Layer>,
}

/// `V1LayerParameter`
#[derive(Clone, PartialEq, Message)]
pub struct V1Layer {
    /// Its name.
    #[prost(string, tag = "4")]
    pub name: String,
    /// Its kind, as a number.
    #[prost(int32, tag = "5")]
    pub kind: i32,
    /// Its weight and bias.
    #[prost(message, repeated, tag = "6")]
    pub blobs: Vec<Blob>,
}

/// `LayerParameter`
#[derive(Clone, PartialEq, Message)]
pub struct Layer {
    /// Its name.
    #[prost(string, tag = "1")]
    pub name: String,
    /// Its kind.
    #[prost(string, tag = "2")]
    pub kind: String,
    /// Its weight and bias.
    #[prost(message, repeated, tag = "7")]
    pub blobs: Vec<Blob>,
}

/// `BlobProto`
///
/// The elements stay as they are in the file: they are parts of its buffer, not copies.
#[derive(Clone, PartialEq, Message)]
pub struct Blob {
    /// First of the four dimensions in the old form, outermost first.
    #[prost(int64, tag = "1")]
    pub num: i64,
    /// The second.
    #[prost(int64, tag = "2")]
    pub channels: i64,
    /// The third.
    #[prost(int64, tag = "3")]
    pub height: i64,
    /// The fourth.
    #[prost(int64, tag = "4")]
    pub width: i64,
    /// Elements in single precision.
    #[prost(bytes = "bytes", tag = "5")]
    pub data: Bytes,
    /// Dimensions in the new form.
    #[prost(message, optional, tag = "7")]
    pub shape: Option<BlobShape>,
    /// Elements in double precision.
    #[prost(bytes = "bytes", tag = "8")]
    pub double_data: Bytes,
}

/// `BlobShape`
#[derive(Clone, PartialEq, Message)]
pub struct BlobShape {
    /// The dimensions, outermost first.
    #[prost(int64, repeated, tag = "1")]
    pub dim: Vec<i64>,
}

/// The kind of a fully connected layer in the old form: `V1LayerParameter.LayerType.INNER_PRODUCT`.
pub const V1_INNER_PRODUCT: i32 = 14;
/// The kind of a fully connected layer in the new form.
pub const INNER_PRODUCT: &str = "InnerProduct";

/// Lists a file's tensors under the names that `rename` gives to `<layer>.weight` and `<layer>.bias`.
///
/// # Errors
/// If the file is damaged, is not a Caffe file or holds no weights. The error names every tensor whose elements do not fill its
/// shape, or whose name occurs twice.
pub fn read(file: &dyn ReadAt, rename: Rename) -> Result<OfficialTensors> {
    tensors(file, rename).with_context(|| format!("{} cannot be read as a Caffe file", file.name()))
}

fn tensors(file: &dyn ReadAt, rename: Rename) -> Result<OfficialTensors> {
    let net = Net::decode(Bytes::from(read_whole(file)?)).context("it is another format, damaged or cut short")?;
    let old = net.layers.into_iter().map(|layer| (layer.name, layer.kind == V1_INNER_PRODUCT, layer.blobs));
    let new = net.layer.into_iter().map(|layer| (layer.name, layer.kind == INNER_PRODUCT, layer.blobs));
    let mut tensors = OfficialTensors::new();
    let mut faults = Vec::new();
    for (layer, inner_product, blobs) in old.chain(new) {
        for (index, blob) in blobs.into_iter().enumerate() {
            let (part, rank) = match index {
                0 => ("weight".to_string(), if inner_product { 2 } else { 4 }),
                1 => ("bias".to_string(), 1),
                // No layer of this project has a third blob: the check against the graph names it as unknown.
                other => (format!("blob{other}"), 4),
            };
            let name = format!("{layer}.{part}");
            match official(blob, rank) {
                Some(_) if tensors.contains_key(&rename(&name)) => faults.push(format!("{name} occurs twice")),
                Some(official) => _ = tensors.insert(rename(&name), official),
                None => faults.push(format!("{name} does not have as many elements as its shape says")),
            }
        }
    }
    ensure!(faults.is_empty(), "{}", faults.join(", "));
    ensure!(!tensors.is_empty(), "it holds no weights");
    Ok(tensors)
}

/// A blob as a tensor of at most `rank` dimensions, as far as its first dimensions are ones; `None` if its elements do not fill
/// its shape.
fn official(blob: Blob, rank: usize) -> Option<Official> {
    let dimensions = match blob.shape {
        Some(shape) => shape.dim,
        None => vec![blob.num, blob.channels, blob.height, blob.width],
    };
    let mut shape: Vec<usize> = dimensions.into_iter().map(usize::try_from).collect::<Result<_, _>>().ok()?;
    let length = shape.iter().try_fold(1usize, |length, &dimension| length.checked_mul(dimension))?;
    while shape.len() > rank && shape[0] == 1 {
        shape.remove(0);
    }
    let Blob { data, double_data, .. } = blob;
    let read: Box<dyn Fn() -> Result<Vec<f32>>> = if double_data.is_empty() {
        (length.checked_mul(4)? == data.len()).then_some(())?;
        Box::new(move || Ok(singles(&data)))
    } else {
        (length.checked_mul(8)? == double_data.len()).then_some(())?;
        Box::new(move || Ok(doubles(&double_data)))
    };
    Some(Official { shape, read })
}

/// Rounded to single precision.
fn doubles(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks().0.iter().map(|&eight| f64::from_le_bytes(eight) as f32).collect()
}
