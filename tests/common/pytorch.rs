//! Writes `.pth` files as `torch.save` does, in the zip form and the older one.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::caffe::Tensor;

const MAGIC: &[u8] = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.";
const PROTOCOL: &[u8] = b"\x80\x02M\xe9\x03.";
const ORDERED_DICT: &[u8] = b"ccollections\nOrderedDict\n)R";

/// The pickle of a dictionary of tensors; `extra` are further instructions, before the items are set.
pub(crate) fn pickle(tensors: &[Tensor], extra: &[u8]) -> Vec<u8> {
    let mut pickle = [b"\x80\x02", ORDERED_DICT, b"("].concat();
    for (index, (name, shape, values)) in tensors.iter().enumerate() {
        pickle.extend(text(name));
        pickle.extend(b"ctorch._utils\n_rebuild_tensor_v2\n((");
        pickle.extend(text("storage"));
        pickle.extend(b"ctorch\nFloatStorage\n");
        pickle.extend([text(&index.to_string()), text("cpu"), int(values.len())].concat());
        pickle.extend(b"tQK\x00");
        pickle.extend(tuple(shape));
        let strides: Vec<usize> = (0..shape.len()).map(|axis| shape[axis + 1..].iter().product()).collect();
        pickle.extend(tuple(&strides));
        pickle.extend([b"\x89", ORDERED_DICT, b"tR"].concat());
    }
    pickle.extend(extra);
    pickle.extend(b"u.");
    pickle
}

/// The form since 2020.
pub(crate) fn zipped(tensors: &[Tensor], pickle: &[u8]) -> Vec<u8> {
    zipped_in("archive", tensors, pickle)
}

/// The same with another root folder: PyTorch takes the file's name.
pub(crate) fn zipped_in(root: &str, tensors: &[Tensor], pickle: &[u8]) -> Vec<u8> {
    let storages = tensors.iter().enumerate();
    let storages = storages.map(|(index, (_, _, values))| (format!("{root}/data/{index}"), bytes(values)));
    let entries: Vec<_> = [(format!("{root}/data.pkl"), pickle.to_vec())].into_iter().chain(storages).collect();
    with_zip64(&archive(&entries))
}

/// Puts ZIP64's last record and its locator where PyTorch writes them, also in small archives.
fn with_zip64(archive: &[u8]) -> Vec<u8> {
    let (front, last) = archive.split_at(archive.len() - 22);
    let word = |at: usize| u64::from(u32::from_le_bytes(last[at..at + 4].try_into().unwrap()));
    let entries = u64::from(u16::from_le_bytes(last[10..12].try_into().unwrap()));
    let mut record = b"PK\x06\x06".to_vec();
    record.extend(44u64.to_le_bytes());
    record.extend([30, 3, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    record.extend([entries, entries, word(12), word(16)].into_iter().flat_map(u64::to_le_bytes));
    let mut locator = b"PK\x06\x07\0\0\0\0".to_vec();
    locator.extend((front.len() as u64).to_le_bytes());
    locator.extend(1u32.to_le_bytes());
    [front, &record, &locator, last].concat()
}

/// A zip archive of named entries.
pub(crate) fn archive(entries: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, bytes) in entries {
        archive.start_file(name, options).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// The form before; its storages lie in another order than the tensors.
pub(crate) fn legacy(tensors: &[Tensor], pickle: &[u8]) -> Vec<u8> {
    let system = [b"\x80\x02}", &text("little_endian")[..], b"\x88s."].concat();
    let mut file = [MAGIC, PROTOCOL, &system, pickle, b"\x80\x02](" as &[u8]].concat();
    let order: Vec<usize> = (0..tensors.len()).rev().collect();
    file.extend(order.iter().flat_map(|index| text(&index.to_string())));
    file.extend(b"e.");
    for index in order {
        let values = &tensors[index].2;
        file.extend((values.len() as i64).to_le_bytes());
        file.extend(bytes(values));
    }
    file
}

/// BINUNICODE
pub(crate) fn text(text: &str) -> Vec<u8> {
    [b"X", &(text.len() as u32).to_le_bytes()[..], text.as_bytes()].concat()
}

fn int(value: usize) -> Vec<u8> {
    [b"J", &(value as i32).to_le_bytes()[..]].concat()
}

fn tuple(values: &[usize]) -> Vec<u8> {
    [b"(".to_vec(), values.iter().flat_map(|&value| int(value)).collect(), b"t".to_vec()].concat()
}

fn bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}
