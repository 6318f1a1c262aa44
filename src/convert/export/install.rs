//! Writes a network's shards and its row of the manifest, all or nothing.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::convert::quantise::variant::Variant;
use crate::graph::Graph;
use crate::networks::{Card, Hash, Source};
use crate::weights::Weights;

/// Raised when the way of quantising changes, so that old files are converted anew.
pub const CONVERTER: u32 = 2;

/// A network's row of the manifest.
#[derive(Serialize)]
struct Row<'a, M: Serialize> {
    id: &'a str,
    graph: String,
    converter: u32,
    variant: &'static str,
    bytes: usize,
    shards: Vec<Shard>,
    source: SourceRow,
    measured: M,
}

#[derive(Serialize)]
struct Shard {
    file: String,
    bytes: usize,
    sha256: String,
}

/// Where the numbers came from.
#[derive(Serialize)]
struct SourceRow {
    from: String,
    hash: String,
}

/// Writes a network's folder in `weights_folder`; an older one stays until all is written.
///
/// `measured` goes into the row as it is.
///
/// # Errors
/// If the folder cannot be written.
pub fn install(
    card: &Card,
    variant: Variant,
    graph: &Graph,
    weights: &Weights,
    measured: impl Serialize,
    weights_folder: &Path,
) -> Result<()> {
    let source = match card.source {
        Source::Trained { data } => SourceRow { from: format!("trained here on {data}"), hash: String::new() },
        Source::PythonPackage { package, version, file, sha256, .. } => {
            SourceRow { from: format!("{package} {version}: {file}"), hash: sha256.into() }
        }
        Source::Download { url, hash: Hash::Sha256Prefix(hash) | Hash::Sha1(hash), .. } => {
            SourceRow { from: url.into(), hash: hash.into() }
        }
    };
    let metadata = HashMap::from([
        ("network".to_string(), card.id.to_string()),
        ("source".to_string(), source.from.clone()),
        ("source_hash".to_string(), source.hash.clone()),
        ("scheme".to_string(), "8 bits with a scale a channel, or a group of 32 or 16 bits where that is the best bargain; q4: linear at 4 bits".to_string()),
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
            bytes: file.len(),
            sha256: sha256(file),
        });
        let row = Row {
            id: card.id,
            graph: graph.hash()?,
            converter: CONVERTER,
            variant: variant.id(),
            bytes: files.iter().map(Vec::len).sum(),
            shards: shards.collect(),
            source,
            measured,
        };
        fs::write(fresh.join("manifest.json"), serde_json::to_string_pretty(&row)? + "\n")?;
        let place = weights_folder.join(&folder);
        if place.exists() {
            fs::remove_dir_all(&place)?;
        }
        Ok(fs::rename(&fresh, &place)?)
    };
    written().with_context(|| format!("{} cannot be written", weights_folder.display()))
}

fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// Two digits a byte.
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
