//! The zip archives that PyTorch writes: the pickle, and an entry for each storage.
//!
//! PyTorch's archives have ZIP64 records between the list of their entries and the last record, even where the last record says
//! all. Where the archive might begin behind the file's start, the crate zip looks for the list in front of the last record, 76
//! bytes too late; with a root folder of 21 letters it finds an entry there, and takes the archive for a damaged one. So it is
//! told that the archive begins with the file.

use std::collections::HashMap;
use std::rc::Rc;

use anyhow::{Context, Result, bail, ensure};
use zip::read::{ArchiveOffset, Config};
use zip::{CompressionMethod, ZipArchive};

use super::super::file::{self, Cursor, ReadAt};
use super::super::pickle::values::Values;
use super::RULES;
use super::storages::{BIG_ENDIAN, Entry, Storages};

/// The archive's entry that holds the tensors' names and shapes.
const PICKLE: &str = "data.pkl";
/// An entry that only a program has: TorchScript's constants.
const PROGRAM: &str = "constants.pkl";
const DAMAGED: &str = "it is damaged or cut short";

/// The values of an archive's pickle, and its storages.
pub(super) fn read(file: &Rc<dyn ReadAt>) -> Result<(Values, Storages)> {
    let entries = entries(file)?;
    let roots = entries.keys().filter_map(|name| name.strip_suffix(PICKLE));
    let roots: Vec<&str> = roots.filter(|root| root.is_empty() || root.ends_with('/')).collect();
    let Some(&root) = roots.iter().min_by_key(|root| root.len()) else {
        bail!("it is damaged, or an archive of another kind: it has no {PICKLE}")
    };
    let entry = |name: &str| entries.get(&format!("{root}{name}"));
    ensure!(
        entry(PROGRAM).is_none(),
        "it is a TorchScript program; save the network's state_dict with torch.save instead"
    );
    if let Some(order) = entry("byteorder") {
        ensure!(file::bytes(&**file, order.start, order.length.min(3))? != b"big", BIG_ENDIAN);
    }
    let pickle = &entries[&format!("{root}{PICKLE}")];
    pickle.check(&**file)?;
    let values = Values::read(&mut Cursor::new(file, pickle.start), &RULES)?;
    let folder = format!("{root}data/");
    let storages = entries.iter().filter_map(|(name, entry)| Some((name.strip_prefix(&folder)?.into(), *entry)));
    Ok((values, Storages::new(file, storages.collect())))
}

/// Every entry, by its name. PyTorch does not compress its archives, so one that would grow was not written by it.
fn entries(file: &Rc<dyn ReadAt>) -> Result<HashMap<String, Entry>> {
    let whole = Config { archive_offset: ArchiveOffset::Known(0) };
    let mut archive = ZipArchive::with_config(whole, Cursor::new(file, 0)).context(DAMAGED)?;
    let mut entries = HashMap::new();
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).context(DAMAGED)?;
        ensure!(entry.compression() == CompressionMethod::Stored, "it is compressed, which PyTorch's files are not");
        ensure!(!entry.encrypted(), "it is encrypted");
        let start = entry.data_start().context(DAMAGED)?;
        let length = entry.size();
        ensure!(start.checked_add(length).is_some_and(|end| end <= file.length()), DAMAGED);
        let name = entry.name().context("it is damaged")?.into_owned();
        entries.insert(name, Entry { start, length, checksum: Some(entry.crc32()) });
    }
    Ok(entries)
}
