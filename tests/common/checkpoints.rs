//! Writes checkpoints as training programs save them with `torch.save`, from pieces of pickles.

use super::pytorch::{archive, text};

/// An ordered dictionary without items.
const ORDERED: &[u8] = b"ccollections\nOrderedDict\n)R";

/// Bytes of a storage, under its class and its key, with its number of elements.
#[derive(Clone)]
pub(crate) struct Storage {
    pub(crate) class: &'static str,
    pub(crate) key: String,
    pub(crate) count: usize,
    pub(crate) bytes: Vec<u8>,
}

pub(crate) fn storage(class: &'static str, key: &str, count: usize, bytes: Vec<u8>) -> Storage {
    Storage { class, key: key.into(), count, bytes }
}

pub(crate) fn singles(key: &str, values: &[f32]) -> Storage {
    storage("FloatStorage", key, values.len(), values.iter().flat_map(|value| value.to_le_bytes()).collect())
}

pub(crate) fn int(value: usize) -> Vec<u8> {
    match u32::try_from(value) {
        Ok(small) if small < 1 << 31 => [b"J", &small.to_le_bytes()[..]].concat(),
        _ => [b"\x8a\x08", &(value as u64).to_le_bytes()[..]].concat(),
    }
}

pub(crate) fn tuple(values: &[usize]) -> Vec<u8> {
    [b"(".to_vec(), values.iter().flat_map(|&value| int(value)).collect(), b"t".to_vec()].concat()
}

/// The reference to a storage.
pub(crate) fn reference(storage: &Storage) -> Vec<u8> {
    let class = format!("ctorch\n{}\n", storage.class).into_bytes();
    [b"(", &text("storage")[..], &class, &text(&storage.key), &text("cpu"), &int(storage.count), b"tQ"].concat()
}

/// `torch._utils._rebuild_tensor_v2`
pub(crate) fn view(storage: &Storage, offset: usize, shape: &[usize], strides: &[usize]) -> Vec<u8> {
    let call = b"ctorch._utils\n_rebuild_tensor_v2\n(".to_vec();
    [
        call,
        reference(storage),
        int(offset),
        tuple(shape),
        tuple(strides),
        b"\x89".to_vec(),
        ORDERED.into(),
        b"tR".into(),
    ]
    .concat()
}

/// A tensor that has the storage to itself.
pub(crate) fn tensor(storage: &Storage, shape: &[usize]) -> Vec<u8> {
    let strides: Vec<usize> = (0..shape.len()).map(|axis| shape[axis + 1..].iter().product()).collect();
    view(storage, 0, shape, &strides)
}

/// `torch._utils._rebuild_parameter`
pub(crate) fn parameter(tensor: &[u8]) -> Vec<u8> {
    [b"ctorch._utils\n_rebuild_parameter\n(", tensor, b"\x88", ORDERED, b"tR"].concat()
}

/// A dictionary, in the order of its items; the keys are pieces of pickles too.
pub(crate) fn dictionary(items: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let items = items.iter().flat_map(|(key, value)| [key.clone(), value.clone()]).collect::<Vec<_>>().concat();
    [b"}(".to_vec(), items, b"u".to_vec()].concat()
}

/// What `state_dict()` returns: an ordered dictionary, with the versions of its modules as an attribute.
pub(crate) fn state_dict(items: &[(String, Vec<u8>)]) -> Vec<u8> {
    let items = items.iter().flat_map(|(key, value)| [text(key), value.clone()]).collect::<Vec<_>>().concat();
    let versions = dictionary(&[(text("_metadata"), [ORDERED, b"(X\0\0\0\0}X\x07\0\0\0versionK\x01su"].concat())]);
    [ORDERED.to_vec(), b"(".to_vec(), items, b"u".to_vec(), versions, b"b".to_vec()].concat()
}

pub(crate) fn pickle(protocol: u8, value: &[u8]) -> Vec<u8> {
    [&[0x80, protocol], value, b"."].concat()
}

/// The form since 2020.
pub(crate) fn zipped(pickle: Vec<u8>, storages: &[Storage]) -> Vec<u8> {
    let entries = [("best/data.pkl".to_string(), pickle), ("best/byteorder".to_string(), b"little".to_vec())];
    let storages = storages.iter().map(|storage| (format!("best/data/{}", storage.key), storage.bytes.clone()));
    archive(&entries.into_iter().chain(storages).collect::<Vec<_>>())
}
