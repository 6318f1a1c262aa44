//! Writes `.caffemodel` files, in the old form and the new.

use prost::Message;

/// `NetParameter`: the whole file.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Net {
    /// Layers in the old form.
    #[prost(message, repeated, tag = "2")]
    pub(crate) layers: Vec<V1Layer>,
    /// Layers in the new form.
    #[prost(message, repeated, tag = "100")]
    pub(crate) layer: Vec<Layer>,
}

/// `V1LayerParameter`
#[derive(Clone, PartialEq, Message)]
pub(crate) struct V1Layer {
    #[prost(string, tag = "4")]
    pub(crate) name: String,
    #[prost(int32, tag = "5")]
    pub(crate) kind: i32,
    #[prost(message, repeated, tag = "6")]
    pub(crate) blobs: Vec<Blob>,
}

/// `LayerParameter`
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Layer {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(string, tag = "2")]
    pub(crate) kind: String,
    #[prost(message, repeated, tag = "7")]
    pub(crate) blobs: Vec<Blob>,
}

/// `BlobProto`
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Blob {
    #[prost(int64, tag = "1")]
    pub(crate) num: i64,
    #[prost(int64, tag = "2")]
    pub(crate) channels: i64,
    #[prost(int64, tag = "3")]
    pub(crate) height: i64,
    #[prost(int64, tag = "4")]
    pub(crate) width: i64,
    #[prost(bytes = "vec", tag = "5")]
    pub(crate) data: Vec<u8>,
    #[prost(message, optional, tag = "7")]
    pub(crate) shape: Option<BlobShape>,
    #[prost(bytes = "vec", tag = "8")]
    pub(crate) double_data: Vec<u8>,
}

/// `BlobShape`
#[derive(Clone, PartialEq, Message)]
pub(crate) struct BlobShape {
    #[prost(int64, repeated, tag = "1")]
    pub(crate) dim: Vec<i64>,
}

/// `V1LayerParameter.LayerType.INNER_PRODUCT`
const V1_INNER_PRODUCT: i32 = 14;
const INNER_PRODUCT: &str = "InnerProduct";

/// A tensor under its name in the graph, with its shape there.
pub(crate) type Tensor = (String, Vec<usize>, Vec<f32>);

/// `NetParameter.name`, which the reader passes over.
const NAME: &[u8] = b"\x0a\x03net";
/// `V1LayerParameter.LayerType` of a convolution and of a layer without weights.
const V1_CONVOLUTION: i32 = 4;
const V1_DATA: i32 = 5;

/// The form until 2014: every blob has four dimensions, with ones in front.
pub(crate) fn v1(tensors: &[Tensor]) -> Vec<u8> {
    let data = V1Layer { name: "data".into(), kind: V1_DATA, blobs: Vec::new() };
    let layers = layers(tensors).into_iter().map(|(name, tensors)| {
        let kind = if tensors[0].1.len() == 2 { V1_INNER_PRODUCT } else { V1_CONVOLUTION };
        V1Layer { name, kind, blobs: tensors.into_iter().map(four_dimensions).collect() }
    });
    let net = Net { layers: [data].into_iter().chain(layers).collect(), layer: Vec::new() };
    [NAME, &net.encode_to_vec()].concat()
}

/// The form since.
pub(crate) fn current(tensors: &[Tensor]) -> Vec<u8> {
    let data = Layer { name: "data".into(), kind: "Input".into(), blobs: Vec::new() };
    let layers = layers(tensors).into_iter().map(|(name, tensors)| {
        let kind = if tensors[0].1.len() == 2 { INNER_PRODUCT } else { "Convolution" };
        Layer { name, kind: kind.into(), blobs: tensors.into_iter().map(any_dimensions).collect() }
    });
    let net = Net { layers: Vec::new(), layer: [data].into_iter().chain(layers).collect() };
    [NAME, &net.encode_to_vec()].concat()
}

/// Weight and bias of each layer.
fn layers(tensors: &[Tensor]) -> Vec<(String, Vec<&Tensor>)> {
    let mut layers: Vec<(String, Vec<&Tensor>)> = Vec::new();
    for tensor in tensors {
        let (layer, _) = tensor.0.rsplit_once('.').unwrap();
        match layers.last_mut() {
            Some((name, parts)) if name == layer => parts.push(tensor),
            _ => layers.push((layer.into(), vec![tensor])),
        }
    }
    layers
}

fn four_dimensions((_, shape, values): &Tensor) -> Blob {
    let dimension = |place: usize| (place + shape.len()).checked_sub(4).map_or(1, |place| shape[place] as i64);
    Blob {
        num: dimension(0),
        channels: dimension(1),
        height: dimension(2),
        width: dimension(3),
        data: bytes(values),
        ..Blob::default()
    }
}

fn any_dimensions((_, shape, values): &Tensor) -> Blob {
    let shape = BlobShape { dim: shape.iter().map(|&dimension| dimension as i64).collect() };
    Blob { shape: Some(shape), data: bytes(values), ..Blob::default() }
}

fn bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}
