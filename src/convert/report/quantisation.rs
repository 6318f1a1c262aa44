//! What quantisation costs each network, as the table bench/QUANTISATION.md and as bench/quantisation.json.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use convscope_manifest::Measured;
use serde::{Deserialize, Serialize};

use crate::convert::export::install::installed;
use crate::convert::export::packed::folder as folder_of;
use crate::convert::quantise::agreement::{agreement, logits};
use crate::convert::quantise::calibration::exact;
use crate::convert::quantise::crops;
use crate::convert::quantise::variant::{Variant, variants};
use crate::convert::read::{local, open};
use crate::engine::{Arithmetic, CpuOptions, Device, Network};
use crate::graph::tensors::tensor_specs;
use crate::networks::{CARDS, Card};
use crate::weights::Weights;

/// Random crops of each photo.
const CROPS: usize = 31;

/// What quantisation costs one network in one variant.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NetworkCost {
    /// The card's id.
    pub id: String,
    /// "q8" or "q4".
    pub variant: String,
    /// Size of all shards together, in bytes.
    pub bytes: u64,
    /// Bytes for each element of the graph's tensors, without the files' headers.
    pub bytes_a_weight: f64,
    /// How many pictures were compared.
    pub pictures: u64,
    /// Lowest cosine of the two networks' logits; none where only the most probable classes were compared.
    pub lowest_cosine: Option<f64>,
    /// Share of the pictures with the same most probable class, 0 to 1.
    pub top1: f64,
    /// Mean share of one network's five most probable classes that are among the other's five, 0 to 1; none as above.
    pub top5: Option<f64>,
    /// Share of the pictures with the same most probable class in 8-bit arithmetic as in single precision, both with these
    /// weights, 0 to 1; none where it was not compared.
    #[serde(default)]
    pub int8_top1: Option<f64>,
}

/// Compares every network that is installed in the folder `weights` with its official file in the folder `official`; networks
/// whose official file is missing are named and left out.
///
/// # Errors
/// If a file cannot be read.
pub fn costs(official: &Path, weights: &Path, photos: &[PathBuf]) -> Result<Vec<NetworkCost>> {
    let mut costs = Vec::new();
    for card in CARDS {
        match card.source.file_name() {
            None => costs.extend(trained(card, weights)?),
            Some(name) if official.join(name).exists() => {
                costs.extend(compared(card, &official.join(name), weights, photos)?);
            }
            Some(_) => println!("{}: left out, its official file is not here", card.name),
        }
    }
    Ok(costs)
}

fn compared(card: &Card, official: &Path, folder: &Path, photos: &[PathBuf]) -> Result<Vec<NetworkCost>> {
    let present: Vec<Variant> =
        variants(card)?.into_iter().filter(|variant| folder.join(folder_of(card.id, variant.id())).exists()).collect();
    if present.is_empty() {
        return Ok(Vec::new());
    }
    println!("{} …", card.name);
    let file = open(card, local(official)?)?;
    let inputs = crops::inputs(card.preprocessing(), photos, CROPS)?;
    let exact = exact(&file, &inputs)?;
    let cost = |variant: Variant| {
        let (row, shards) = installed(&folder.join(folder_of(card.id, variant.id())))?;
        let weights = Weights::read(&file.graph, &shards)?;
        let network = Network::new(file.graph.clone(), &weights, Device::Cpu)?;
        let single = logits(&network, &inputs)?;
        let options = CpuOptions { arithmetic: Arithmetic::Int8, dot8: true, ..CpuOptions::default() };
        let int8 = Network::new(file.graph.clone(), &weights, Device::CpuWith(options))?;
        let int8 = agreement(&single, &logits(&int8, &inputs)?)?;
        let agreement = agreement(&exact.logits, &single)?;
        Ok(NetworkCost {
            id: card.id.into(),
            variant: variant.id().into(),
            bytes: row.bytes,
            bytes_a_weight: bytes_a_weight(card, &weights)?,
            pictures: agreement.pictures as u64,
            lowest_cosine: Some(agreement.lowest_cosine.into()),
            top1: agreement.top1.into(),
            top5: Some(agreement.top5.into()),
            int8_top1: Some(int8.top1.into()),
        })
    };
    present.into_iter().map(cost).collect()
}

/// What training measured: the weights in single precision of a network that is trained here are not kept.
fn trained(card: &Card, folder: &Path) -> Result<Option<NetworkCost>> {
    let folder = folder.join(card.id);
    if !folder.exists() {
        return Ok(None);
    }
    let (row, shards) = installed(&folder)?;
    let weights = Weights::read(&card.inference(), &shards)?;
    let Measured::Digits(measured) = row.measured else {
        bail!("{} was not measured on digits: `cargo xtask train {}` does", card.name, card.id);
    };
    Ok(Some(NetworkCost {
        id: card.id.into(),
        variant: "q8".into(),
        bytes: row.bytes,
        bytes_a_weight: bytes_a_weight(card, &weights)?,
        pictures: measured.digits as u64,
        lowest_cosine: None,
        top1: measured.top1,
        top5: None,
        int8_top1: None,
    }))
}

fn bytes_a_weight(card: &Card, weights: &Weights) -> Result<f64> {
    let tensors = tensor_specs(&card.inference())?;
    let elements: usize = tensors.iter().map(|tensor| tensor.shape.iter().product::<usize>()).sum();
    Ok(weights.bytes() as f64 / elements as f64)
}

/// The costs as a document in Markdown.
pub fn markdown(costs: &[NetworkCost]) -> String {
    let mut text = String::from(
        "# What quantisation costs\n\nWritten by `cargo xtask quantisation`. Each network as the page loads it against \
         its official weights in single precision, on the CPU, on whole photos and random crops of them, half of them \
         mirrored, some lighter or darker. Random crops are hard: many show no clear class. LeNet-5 is compared on \
         MNIST's test digits. Networks whose official file cannot be had here are left out. The last column compares 8-bit \
         arithmetic on the CPU with single precision, both with the weights that the page loads.\n\n\
         | network | bits | bytes | bytes a weight | pictures | lowest cosine | same top-1 | same top-5 | same top-1, 8-bit \
         arithmetic |\n|---|---|---|---|---|---|---|---|---|\n",
    );
    for cost in costs {
        let name = CARDS.iter().find(|card| card.id == cost.id).map_or(cost.id.as_str(), |card| card.name);
        let percent = |share: f64| format!("{:.1} %", share * 100.0);
        let or_dash = |text: Option<String>| text.unwrap_or_else(|| "–".into());
        text += &format!(
            "| {name} | {} | {} | {:.3} | {} | {} | {} | {} | {} |\n",
            if cost.variant == "q4" { "8, linear layers 4" } else { "8 and 16" },
            cost.bytes,
            cost.bytes_a_weight,
            cost.pictures,
            or_dash(cost.lowest_cosine.map(|cosine| format!("{cosine:.5}"))),
            percent(cost.top1),
            or_dash(cost.top5.map(percent)),
            or_dash(cost.int8_top1.map(percent)),
        );
    }
    text
}
