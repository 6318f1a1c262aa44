//! A network's shards and its row of the manifest: writes all of them or nothing, and reads them.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use convscope_manifest::{ManifestRow, Measured, OfficialFile, Shard, hexadecimal};
use sha2::{Digest, Sha256};

use crate::convert::quantise::variant::Variant;
use crate::graph::Graph;
use crate::networks::{Card, Hash, Source};
use crate::weights::Weights;

/// Version of the converter, raised when the way of quantising changes, so that old files are converted anew.
pub const CONVERTER: u32 = 2;
/// The file that holds a network's row, beside its shards.
const ROW: &str = "manifest.json";

/// Writes a network's folder in `weights_folder`. A folder that is already there stays until the new one is whole.
///
/// # Errors
/// If the folder cannot be written.
pub fn install(
    card: &Card,
    variant: Variant,
    graph: &Graph,
    weights: &Weights,
    measured: Measured,
    weights_folder: &Path,
) -> Result<()> {
    let source = match card.source {
        Source::Trained { data } => OfficialFile { from: format!("trained here on {data}"), hash: String::new() },
        Source::PythonPackage { package, version, file, sha256, .. } => {
            OfficialFile { from: format!("{package} {version}: {file}"), hash: sha256.into() }
        }
        Source::Download { url, hash: Hash::Sha256Prefix(hash) | Hash::Sha1(hash), .. } => {
            OfficialFile { from: url.into(), hash: hash.into() }
        }
    };
    let metadata = HashMap::from([
        ("network".to_string(), card.id.to_string()),
        ("source".to_string(), source.from.clone()),
        ("source_hash".to_string(), source.hash.clone()),
        ("scheme".to_string(), "8 bits with a scale a channel; 8 bits with a scale for each 32 weights, or 16 bits, where a budget of bytes is best spent; q4: linear layers in 4 bits".to_string()),
        ("measured".to_string(), serde_json::to_string(&measured)?),
    ]);
    let files = weights.write(graph, metadata)?;
    let name = |index: usize| format!("weights-{:05}-of-{:05}.safetensors", index + 1, files.len());

    let folder = variant.folder(card.id);
    let fresh = weights_folder.join(format!("{folder}.new"));
    let written = || -> Result<()> {
        fs::create_dir_all(&fresh)?;
        for (index, file) in files.iter().enumerate() {
            fs::write(fresh.join(name(index)), file)?;
        }
        let shards = files.iter().enumerate().map(|(index, file)| Shard {
            file: format!("{folder}/{}", name(index)),
            bytes: file.len() as u64,
            sha256: hexadecimal(&Sha256::digest(file)),
        });
        let row = ManifestRow {
            id: card.id.into(),
            graph: graph.hash()?,
            converter: CONVERTER,
            variant: variant.id().into(),
            bytes: files.iter().map(|file| file.len() as u64).sum(),
            shards: shards.collect(),
            source,
            measured,
        };
        fs::write(fresh.join(ROW), serde_json::to_string_pretty(&row)? + "\n")?;
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
    let file = folder.join(ROW);
    let row = fs::read(&file).with_context(|| format!("{} cannot be read", file.display()))?;
    let row: ManifestRow =
        serde_json::from_slice(&row).with_context(|| format!("{} is no row of the manifest", file.display()))?;
    let read = |shard: &Shard| {
        let name = shard.file.rsplit('/').next().unwrap_or(&shard.file);
        fs::read(folder.join(name)).with_context(|| format!("{} cannot be read", shard.file))
    };
    let shards = row.shards.iter().map(read).collect::<Result<_>>()?;
    Ok((row, shards))
}
