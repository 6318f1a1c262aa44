//! Converts an official weight file into the quantised ones that the page loads.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Parser;
use convscope::convert::export::install::{CONVERTER, install};
use convscope::convert::export::samples;
use convscope::convert::onnx::export;
use convscope::convert::quantise::agreement::Agreement;
use convscope::convert::quantise::allocation::Rounding;
use convscope::convert::quantise::calibration::exact;
use convscope::convert::quantise::crops;
use convscope::convert::quantise::search::closest;
use convscope::convert::quantise::variant::{Variant, variants};
use convscope::convert::read::{official, open};
use convscope::convert::report::documents::documents;
use convscope::convert::report::quantisation as report;
use convscope::networks::{CARDS, Card, Distribution, Hash, Source, card};
use convscope::weights::Weights;
use serde_json::json;

/// Official files up to this size are fetched unless told otherwise.
const DEFAULT_BYTES: u64 = 105_000_000;
/// Random crops of each photo to measure with.
const CROPS: usize = 11;

/// Official file → quantised files, with every tensor's error and the whole network's.
#[derive(Parser)]
struct Arguments {
    /// The network's id; several, or none for all, with --onnx.
    #[arg(value_name = "ID", required_unless_present_any = ["sources", "report", "documents", "samples", "onnx"])]
    ids: Vec<String>,
    /// The official file.
    #[arg(long, required_unless_present_any = ["sources", "report", "documents", "samples", "onnx"])]
    from: Option<PathBuf>,
    /// Folder of all networks' weights.
    #[arg(long, default_value = "www/weights")]
    out: PathBuf,
    /// Folders of the photos to measure with.
    #[arg(long, default_value = "www/samples")]
    photos: Vec<PathBuf>,
    /// Print where each network's official file is found, as JSON, and stop.
    #[arg(long)]
    sources: bool,
    /// Compare all installed networks with the official files in this folder, write bench/QUANTISATION.md, and stop.
    #[arg(long, value_name = "FOLDER")]
    report: Option<PathBuf>,
    /// Write the tables of networks in README.md and NOTICES.md, and stop.
    #[arg(long)]
    documents: bool,
    /// Write the sample photos as the page loads them, and stop.
    #[arg(long)]
    samples: bool,
    /// Write installed networks as ONNX into this folder, and stop.
    #[arg(long, value_name = "FOLDER", conflicts_with = "from")]
    onnx: Option<PathBuf>,
    /// With --onnx, give networks that are not installed random weights of this seed.
    #[arg(long, value_name = "SEED", requires = "onnx")]
    random: Option<u64>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if arguments.sources {
        return print_sources();
    }
    if let Some(official) = arguments.report {
        let rows = report::rows(&official, &arguments.out, &arguments.photos)?;
        fs::create_dir_all("bench")?;
        fs::write("bench/quantisation.json", serde_json::to_string_pretty(&rows)? + "\n")?;
        let document = report::markdown(&rows);
        fs::write("bench/QUANTISATION.md", &document)?;
        print!("{document}");
        return Ok(());
    }
    if arguments.documents {
        for (name, text) in documents(Path::new("."))? {
            fs::write(name, text)?;
        }
        return Ok(());
    }
    if arguments.samples {
        return samples::write(Path::new("www"));
    }
    if let Some(folder) = arguments.onnx {
        return write_onnx(&arguments.ids, &arguments.out, arguments.random, &folder);
    }
    let [id] = &arguments.ids[..] else {
        bail!("--from FILE is one network's: name exactly one id");
    };
    let card = card(id)?;
    let path = arguments.from.context("--from FILE is needed")?;
    official::check(card, &path)?;
    let file = open(card, &path)?;
    let inputs = crops::inputs(card, &arguments.photos, CROPS)?;
    let exact = exact(&file, &inputs)?;
    // The usual variant last: its row marks the network as done.
    for variant in variants(card)?.into_iter().rev() {
        let (weights, roundings, agreement) = closest(&file, variant, &inputs, &exact)?;
        print(card, variant, &weights, &roundings, &agreement);
        install(card, variant, &file.graph, &weights, agreement, &arguments.out)?;
    }
    Ok(())
}

fn print(card: &Card, variant: Variant, weights: &Weights, roundings: &[Rounding], agreement: &Agreement) {
    println!("{:<28} {:>18} {:>7} {:>10} {:>11} {:>10}", "tensor", "shape", "", "bytes", "worst error", "relative");
    for row in roundings {
        let shape = row.shape.iter().map(ToString::to_string).collect::<Vec<_>>().join("×");
        let (name, scheme, bytes) = (&row.name, row.scheme, row.bytes);
        println!("{name:<28} {shape:>18} {scheme:>7} {bytes:>10} {:>11.2e} {:>10.2e}", row.worst, row.relative);
    }
    println!(
        "{} {}: {} bytes; {} pictures against single precision: lowest cosine of the logits {:.5}, same top-1 on {:.1} %, \
         {:.1} % of the top-5",
        card.name,
        variant.id(),
        weights.bytes(),
        agreement.pictures,
        agreement.lowest_cosine,
        agreement.top1 * 100.0,
        agreement.top5 * 100.0
    );
}

fn write_onnx(ids: &[String], weights: &Path, seed: Option<u64>, folder: &Path) -> Result<()> {
    let named: Vec<&Card> = ids.iter().map(|id| card(id)).collect::<Result<_, _>>()?;
    let cards = if named.is_empty() { CARDS.to_vec() } else { named };
    for card in cards {
        let exported = export(card, weights, seed, folder)?;
        let kind = if exported.random { "random" } else { "installed" };
        println!("{}: {} nodes, {} bytes of {kind} weights", card.id, exported.nodes, exported.bytes);
    }
    Ok(())
}

fn print_sources() -> Result<()> {
    let mut rows = Vec::new();
    for card in CARDS {
        let graph = card.inference().hash()?;
        let mut row = match card.source {
            Source::Trained { .. } => json!({ "kind": "trained", "bytes": 0 }),
            Source::PythonPackage { package, version, distribution, file, sha256, bytes, .. } => {
                let mut row = json!({
                    "package": package, "version": version, "file": file, "sha256": sha256, "bytes": bytes,
                });
                match distribution {
                    Distribution::Wheel => row["kind"] = "wheel".into(),
                    Distribution::Source { sha256 } => {
                        row["kind"] = "sdist".into();
                        row["archive_sha256"] = sha256.into();
                    }
                }
                row
            }
            Source::Download { url, hash, bytes, .. } => {
                let hash = match hash {
                    Hash::Sha256Prefix(digits) => json!({ "sha256_prefix": digits }),
                    Hash::Sha1(digits) => json!({ "sha1": digits }),
                };
                json!({ "kind": "http", "url": url, "hash": hash, "bytes": bytes })
            }
        };
        row["id"] = card.id.into();
        row["graph"] = graph.into();
        row["converter"] = CONVERTER.into();
        row["default"] = (row["bytes"].as_u64() <= Some(DEFAULT_BYTES)).into();
        rows.push(row);
    }
    println!("{}", serde_json::to_string_pretty(&rows)?);
    Ok(())
}
