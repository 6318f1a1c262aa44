//! A network's shards and its row of the manifest: writes all of them or nothing, and reads them.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use convscope_manifest::{ManifestRow, Shard};

use super::packed::Packed;

/// The file that holds a network's row, beside its shards.
const ROW: &str = "manifest.json";

/// Writes a network's folder in `weights_folder`. A folder that is already there stays until the new one is whole.
///
/// # Errors
/// If the folder cannot be written.
pub fn install(packed: &Packed, weights_folder: &Path) -> Result<()> {
    let Packed { row, shards } = packed;
    let folder = super::packed::folder(&row.id, &row.variant);
    let fresh = weights_folder.join(format!("{folder}.new"));
    let written = || -> Result<()> {
        fs::create_dir_all(&fresh)?;
        for (Shard { file, .. }, bytes) in row.shards.iter().zip(shards) {
            fs::write(fresh.join(name(file)), bytes)?;
        }
        fs::write(fresh.join(ROW), serde_json::to_string_pretty(row)? + "\n")?;
        let place = weights_folder.join(&folder);
        if place.exists() {
            fs::remove_dir_all(&place)?;
        }
        Ok(fs::rename(&fresh, &place)?)
    };
    written().with_context(|| format!("{} cannot be written", weights_folder.display()))
}

/// A network's row of the manifest and its shards, from its own folder.
///
/// # Errors
/// If a file is missing, or the row is not one that [`install`] wrote.
pub fn installed(folder: &Path) -> Result<(ManifestRow, Vec<Vec<u8>>)> {
    let row = row(folder)?;
    let read = |shard: &Shard| {
        fs::read(folder.join(name(&shard.file))).with_context(|| format!("{} cannot be read", shard.file))
    };
    let shards = row.shards.iter().map(read).collect::<Result<_>>()?;
    Ok((row, shards))
}

/// The row of the manifest in a network's own folder.
///
/// # Errors
/// If there is none, or it is not one that [`install`] wrote.
pub fn row(folder: &Path) -> Result<ManifestRow> {
    let file = folder.join(ROW);
    let row = fs::read(&file).with_context(|| format!("{} cannot be read", file.display()))?;
    serde_json::from_slice(&row).with_context(|| format!("{} is no row of the manifest", file.display()))
}

/// A file's name without its folder.
fn name(file: &str) -> &str {
    file.rsplit('/').next().unwrap_or(file)
}
