//! Converts an official weight file into the quantised one that the page loads.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use convscope::convert::install::{CONVERTER, install, sha256};
use convscope::convert::quantise::quantise;
use convscope::convert::{measure, read};
use convscope::graph::fold::fold;
use convscope::networks::{CARDS, Hash, Source, card};
use serde_json::json;

/// Official files up to this size are fetched unless told otherwise.
const DEFAULT_BYTES: u64 = 105_000_000;
/// Room for the tensors that 8 bits would hurt most.
const BYTES_A_WEIGHT: f64 = 1.25;

/// Official file → quantised file, with every tensor's error and the whole network's.
#[derive(Parser)]
struct Arguments {
    /// The network's id.
    #[arg(required_unless_present = "sources")]
    id: Option<String>,
    /// The official file.
    #[arg(long, required_unless_present = "sources")]
    from: Option<PathBuf>,
    /// Folder of all networks' weights.
    #[arg(long, default_value = "www/weights")]
    out: PathBuf,
    /// Folder of the pictures to measure with.
    #[arg(long, default_value = "www/samples")]
    photos: PathBuf,
    /// Print where each network's official file is found, as JSON, and stop.
    #[arg(long)]
    sources: bool,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if arguments.sources {
        return print_sources();
    }
    let card = card(&arguments.id.unwrap_or_default())?;
    let path = arguments.from.context("--from FILE is needed")?;
    if let Source::PythonPackage { sha256: expected, .. } = card.source {
        let bytes = std::fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))?;
        ensure!(sha256(&bytes) == expected, "{} is not the official file of {}", path.display(), card.name);
    }

    let (graph, exact) = read(card, &path)?;
    let (rounded, report) = quantise(&graph, &exact, BYTES_A_WEIGHT)?;
    println!("{:<28} {:>18} {:>6} {:>10} {:>11} {:>10}", "tensor", "shape", "", "bytes", "worst error", "relative");
    for row in &report {
        let shape = row.shape.iter().map(ToString::to_string).collect::<Vec<_>>().join("×");
        let (name, scheme, bytes) = (&row.name, row.scheme, row.bytes);
        println!("{name:<28} {shape:>18} {scheme:>6} {bytes:>10} {:>11.2e} {:>10.2e}", row.worst, row.relative);
    }
    let agreement = measure::agreement(card, &graph, &exact, &rounded, &arguments.photos)?;
    println!(
        "{}: {} bytes; {} pictures against single precision: lowest cosine of the logits {:.5}, same top-1 on {:.1} %",
        card.name,
        rounded.bytes(),
        agreement.pictures,
        agreement.lowest_cosine,
        agreement.top1_agreement * 100.0
    );
    install(card, &graph, &rounded, agreement, &arguments.out)
}

fn print_sources() -> Result<()> {
    let mut rows = Vec::new();
    for card in CARDS {
        let graph = fold(&(card.graph)()).0.hash()?;
        let mut row = match card.source {
            Source::Trained { .. } => json!({ "kind": "trained", "bytes": 0 }),
            Source::PythonPackage { package, version, file, sha256, bytes, .. } => json!({
                "kind": "pypi", "package": package, "version": version, "file": file, "sha256": sha256, "bytes": bytes,
            }),
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
