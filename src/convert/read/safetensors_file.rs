//! safetensors: a header in JSON, and the elements behind it.

use std::collections::BTreeMap;
use std::rc::Rc;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::Value;

use super::Official;
use super::elements::{Element, Stretch, count};
use super::file::{self, ReadAt};
use super::listing::{Format, Found, Listing, ensure_few};

/// Bytes of the header's length, in front of it.
const LENGTH: u64 = 8;
/// Longest header, in bytes: a network's takes about a hundred for each tensor.
const LONGEST_HEADER: u64 = 16 << 20;
/// The name under which a file says other things than tensors.
const METADATA: &str = "__metadata__";

/// What the header says about a tensor.
#[derive(Deserialize)]
struct Info {
    dtype: String,
    shape: Vec<usize>,
    /// First byte and the byte behind the last, counted from the header's end.
    data_offsets: (u64, u64),
}

/// Whether a file of this length begins as safetensors do.
pub(super) fn begins(start: &[u8], length: u64) -> bool {
    header(start).is_some_and(|header| header <= length - LENGTH && start.get(LENGTH as usize) == Some(&b'{'))
}

/// The length of the header.
fn header(start: &[u8]) -> Option<u64> {
    start.first_chunk().map(|&length| u64::from_le_bytes(length))
}

/// Lists a file's tensors.
///
/// # Errors
/// If the file is damaged or is not a safetensors file. The error names every tensor that has no floating-point elements, or does
/// not lie inside the file.
pub(super) fn read(file: &Rc<dyn ReadAt>) -> Result<Listing> {
    const ANOTHER: &str = "it is another format, damaged or cut short";
    let start = file::bytes(&**file, 0, file.length().min(LENGTH))?;
    let length = header(&start).filter(|&length| length <= LONGEST_HEADER).context(ANOTHER)?;
    let text = file::bytes(&**file, LENGTH, length).context(ANOTHER)?;
    let infos: BTreeMap<String, Value> = serde_json::from_slice(&text).context(ANOTHER)?;
    ensure_few(infos.keys().filter(|name| *name != METADATA).count())?;
    let mut listing = Listing::new(Format::Safetensors);
    for (name, info) in infos.into_iter().filter(|(name, _)| name != METADATA) {
        let info = serde_json::from_value(info).ok().context("has no type, shape and place that can be read");
        listing.add(name, info.and_then(|info| found(info, file, LENGTH + length)));
    }
    Ok(listing)
}

/// A tensor; the error goes behind its name.
fn found(info: Info, file: &Rc<dyn ReadAt>, data: u64) -> Result<Found> {
    let element = match info.dtype.as_str() {
        "F16" => Element::F16,
        "BF16" => Element::BF16,
        "F32" => Element::F32,
        "F64" => Element::F64,
        _ => return Ok(Found::Other { elements: info.dtype, scalar: info.shape.is_empty() }),
    };
    let (from, to) = info.data_offsets;
    let count = count(&info.shape).context("has more elements than can be counted")?;
    let filled = count.checked_mul(element.size()).is_some_and(|length| to.checked_sub(from) == Some(length));
    ensure!(filled, "does not have as many elements as its shape says");
    let start = data.checked_add(from).context("lies outside the file")?;
    let stretch = Stretch { file: Rc::clone(file), element, start, count };
    let stretch = stretch.inside().context("lies outside the file: it is damaged or cut short")?;
    Ok(Found::Weights(Official { shape: info.shape, read: Box::new(move || stretch.read()) }))
}
