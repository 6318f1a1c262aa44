//! A network's weights as the page takes them: the bytes of the shards, and the row of the manifest that lists them.

use std::collections::HashMap;

use anyhow::{Result, ensure};
use convscope_manifest::{ManifestRow, Measured, OfficialFile, OwnWeights, Shard, hexadecimal};
use sha2::{Digest, Sha256};

use super::own::Own;
use crate::convert::quantise::unseen;
use crate::convert::quantise::variant::Variant;
use crate::graph::{Graph, Shape};
use crate::networks::{Card, Hash, Source};
use crate::weights::Weights;

/// Version of the converter, raised when the way of quantising changes, so that old files are converted anew.
pub const CONVERTER: u32 = 2;
/// How the bits of a tensor are chosen where photos tell how far the answers agree.
const BY_PHOTOS: &str = "8 bits with a scale a channel; 8 bits with a scale for each 32 weights, or 16 bits, where a budget of bytes is best spent; q4: linear layers in 4 bits";

/// Shards and their row of the manifest.
pub struct Packed {
    /// The row, whose files are in the network's own folder.
    pub row: ManifestRow,
    /// The bytes of the shards, in the order of the row.
    pub shards: Vec<Vec<u8>>,
}

/// What weights are offered as.
pub struct Offer<'a> {
    card: &'a Card,
    variant: String,
    source: OfficialFile,
    own: Option<&'a Own>,
}

impl<'a> Offer<'a> {
    /// A variant of a network's official weights.
    pub fn official(card: &'a Card, variant: Variant) -> Self {
        let source = match card.source {
            Source::Trained { data } => OfficialFile { from: format!("trained here on {data}"), hash: String::new() },
            Source::PythonPackage { package, version, file, sha256, .. } => {
                OfficialFile { from: format!("{package} {version}: {file}"), hash: sha256.into() }
            }
            Source::Download { url, hash: Hash::Sha256Prefix(hash) | Hash::Sha1(hash), .. } => {
                OfficialFile { from: url.into(), hash: hash.into() }
            }
        };
        Self { card, variant: variant.id().into(), source, own: None }
    }

    /// Weights of somebody's own, from the file `source`.
    pub fn own(card: &'a Card, own: &'a Own, source: OfficialFile) -> Self {
        Self { card, variant: own.variant.clone(), source, own: Some(own) }
    }

    /// The name of the folder of these weights, below that of all networks.
    fn folder(&self) -> String {
        folder(self.card.id, &self.variant)
    }
}

/// The name of the folder that holds a variant of a network's weights: the network's id for the usual one.
pub fn folder(network: &str, variant: &str) -> String {
    if variant == Variant::Q8.id() { network.into() } else { format!("{network}-{variant}") }
}

/// Writes the weights of the folded `graph` as shards, with what is `measured` of them.
///
/// # Errors
/// If `graph` has another number of classes than the offer has names, or a tensor does not fit the graph.
pub fn packed(offer: &Offer<'_>, graph: &Graph, weights: &Weights, measured: Measured) -> Result<Packed> {
    let scheme = match measured {
        Measured::Photos(_) | Measured::Digits(_) => BY_PHOTOS,
        Measured::Weights(_) => unseen::SCHEME,
    };
    let mut metadata = HashMap::from([
        ("network".to_string(), offer.card.id.to_string()),
        ("source".to_string(), offer.source.from.clone()),
        ("source_hash".to_string(), offer.source.hash.clone()),
        ("scheme".to_string(), scheme.to_string()),
        ("measured".to_string(), serde_json::to_string(&measured)?),
    ]);
    let mut own = None;
    if let Some(Own { name, classes, labels, framing, .. }) = offer.own {
        let outputs = graph.shapes()?.last().map_or(0, Shape::elements);
        ensure!(outputs == *classes, "the weights have {outputs} classes, not {classes}");
        metadata.insert("name".into(), name.clone());
        if let Some(labels) = labels {
            metadata.insert("labels".into(), serde_json::to_string(labels)?);
        }
        if let Some(framing) = framing {
            metadata.insert("framing".into(), framing.clone());
        }
        own = Some(OwnWeights { name: name.clone(), classes: *classes });
    }
    let shards = weights.write(graph, metadata)?;
    let folder = offer.folder();
    let listed = shards.iter().enumerate().map(|(index, shard)| Shard {
        file: format!("{folder}/weights-{:05}-of-{:05}.safetensors", index + 1, shards.len()),
        bytes: shard.len() as u64,
        sha256: hexadecimal(&Sha256::digest(shard)),
    });
    let row = ManifestRow {
        id: offer.card.id.into(),
        graph: graph.hash()?,
        converter: CONVERTER,
        variant: offer.variant.clone(),
        own,
        bytes: shards.iter().map(|shard| shard.len() as u64).sum(),
        shards: listed.collect(),
        source: offer.source.clone(),
        measured,
    };
    Ok(Packed { row, shards })
}
