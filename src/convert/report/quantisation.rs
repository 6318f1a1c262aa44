//! What quantisation costs, network by network, as a table: bench/QUANTISATION.md and .json.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::convert::quantise::agreement::{agreement, logits};
use crate::convert::quantise::calibration::exact;
use crate::convert::quantise::crops;
use crate::convert::quantise::variant::{Variant, variants};
use crate::convert::read::open;
use crate::engine::{Device, Network};
use crate::graph::tensors::tensor_specs;
use crate::networks::{CARDS, Card};
use crate::weights::Weights;

/// Random crops of each photo.
const CROPS: usize = 31;

/// One network's cost.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Row {
    /// The card's id.
    pub id: String,
    /// "q8" or "q4".
    pub variant: String,
    /// Bytes of all shards.
    pub bytes: u64,
    /// Bytes for each number of the graph.
    pub bytes_a_weight: f64,
    /// Pictures compared.
    pub pictures: u64,
    /// Lowest cosine of the logits; none where single precision was compared by class only.
    pub lowest_cosine: Option<f64>,
    /// Share with the same most probable class.
    pub top1: f64,
    /// Mean share of the same five most probable classes.
    pub top5: Option<f64>,
}

/// Compares every installed network whose official file lies in `official`.
///
/// # Errors
/// If a file cannot be read.
pub fn rows(official: &Path, weights: &Path, photos: &[PathBuf]) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for card in CARDS {
        match card.source.file_name() {
            None => rows.extend(trained(card, weights)?),
            Some(name) if official.join(name).exists() => {
                rows.extend(compared(card, &official.join(name), weights, photos)?);
            }
            Some(_) => println!("{}: left out, its official file is not here", card.name),
        }
    }
    Ok(rows)
}

fn compared(card: &Card, official: &Path, folder: &Path, photos: &[PathBuf]) -> Result<Vec<Row>> {
    let installed: Vec<Variant> =
        variants(card)?.into_iter().filter(|variant| folder.join(variant.folder(card.id)).exists()).collect();
    if installed.is_empty() {
        return Ok(Vec::new());
    }
    println!("{} …", card.name);
    let file = open(card, official)?;
    let inputs = crops::inputs(card, photos, CROPS)?;
    let exact = exact(&file, &inputs)?;
    let row = |variant: Variant| {
        let (manifest, shards) = shards(&folder.join(variant.folder(card.id)))?;
        let weights = Weights::read(&file.graph, &shards)?;
        let network = Network::new(file.graph.clone(), &weights, Device::Cpu)?;
        let agreement = agreement(&exact.logits, &logits(&network, &inputs)?);
        Ok(Row {
            id: card.id.into(),
            variant: variant.id().into(),
            bytes: manifest["bytes"].as_u64().context("the manifest has no size")?,
            bytes_a_weight: bytes_a_weight(card, &weights)?,
            pictures: agreement.pictures as u64,
            lowest_cosine: Some(agreement.lowest_cosine.into()),
            top1: agreement.top1.into(),
            top5: Some(agreement.top5.into()),
        })
    };
    installed.into_iter().map(row).collect()
}

/// What training measured: its single precision is not kept.
fn trained(card: &Card, folder: &Path) -> Result<Option<Row>> {
    let folder = folder.join(card.id);
    if !folder.exists() {
        return Ok(None);
    }
    let (manifest, shards) = shards(&folder)?;
    let weights = Weights::read(&card.inference(), &shards)?;
    let measured = |key: &str| manifest["measured"][key].as_f64().with_context(|| format!("no {key} was measured"));
    Ok(Some(Row {
        id: card.id.into(),
        variant: "q8".into(),
        bytes: manifest["bytes"].as_u64().context("the manifest has no size")?,
        bytes_a_weight: bytes_a_weight(card, &weights)?,
        pictures: measured("digits")? as u64,
        lowest_cosine: None,
        top1: measured("top1")?,
        top5: None,
    }))
}

/// A network's manifest row and its shards.
pub(in crate::convert) fn shards(folder: &Path) -> Result<(Value, Vec<Vec<u8>>)> {
    let manifest: Value = serde_json::from_slice(&fs::read(folder.join("manifest.json"))?)?;
    let files = manifest["shards"].as_array().context("the manifest lists no shards")?;
    let read = |shard: &Value| {
        let name = shard["file"].as_str().and_then(|file| file.rsplit('/').next());
        Ok(fs::read(folder.join(name.context("a shard has no file")?))?)
    };
    let shards = files.iter().map(read).collect::<Result<_>>()?;
    Ok((manifest, shards))
}

fn bytes_a_weight(card: &Card, weights: &Weights) -> Result<f64> {
    let tensors = tensor_specs(&card.inference())?;
    let numbers: usize = tensors.iter().map(|tensor| tensor.shape.iter().product::<usize>()).sum();
    Ok(weights.bytes() as f64 / numbers as f64)
}

/// The table as a document.
pub fn markdown(rows: &[Row]) -> String {
    let mut text = String::from(
        "# What quantisation costs\n\nWritten by `cargo xtask quantisation`. Each network as the page loads it against \
         its official weights in single precision, on the CPU, on whole photos and random crops of them, half of them \
         mirrored, some lighter or darker. Random crops are hard: many show no clear class. LeNet-5 is compared on \
         MNIST's test digits. Networks whose official file cannot be had here are left out.\n\n\
         | network | bits | bytes | bytes a weight | pictures | lowest cosine | same top-1 | same top-5 |\n\
         |---|---|---|---|---|---|---|---|\n",
    );
    for row in rows {
        let name = CARDS.iter().find(|card| card.id == row.id).map_or(row.id.as_str(), |card| card.name);
        let percent = |share: f64| format!("{:.1} %", share * 100.0);
        let or_dash = |text: Option<String>| text.unwrap_or_else(|| "–".into());
        text += &format!(
            "| {name} | {} | {} | {:.3} | {} | {} | {} | {} |\n",
            if row.variant == "q4" { "8, linear layers 4" } else { "8 and 16" },
            row.bytes,
            row.bytes_a_weight,
            row.pictures,
            or_dash(row.lowest_cosine.map(|cosine| format!("{cosine:.5}"))),
            percent(row.top1),
            or_dash(row.top5.map(percent)),
        );
    }
    text
}
