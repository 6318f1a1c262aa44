//! Converts official weight files into the quantised ones that the page loads, and writes what is made from the cards.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use convscope::convert::export::digits;
use convscope::convert::export::install::install;
use convscope::convert::export::samples;
use convscope::convert::export::sources::sources;
use convscope::convert::onnx::export;
use convscope::convert::quantise::allocation::Rounding;
use convscope::convert::quantise::calibration::exact;
use convscope::convert::quantise::crops;
use convscope::convert::quantise::search::closest;
use convscope::convert::quantise::variant::{Variant, variants};
use convscope::convert::read::{local, official, open};
use convscope::convert::report::documents::documents;
use convscope::convert::report::quantisation as report;
use convscope::networks::{CARDS, Card, card};
use convscope::weights::Weights;
use convscope_manifest::{Agreement, Measured};

/// Random crops of each photo to measure with.
const CROPS: usize = 11;
/// Where the page finds the weights, from the repository's root.
const WEIGHTS: &str = "www/weights";

#[derive(Parser)]
#[command(about = "Converts official weight files for the page, and writes what is made from the networks' cards")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Quantise a network's official file, and print each tensor's error and how far the answers agree
    Network {
        /// The network
        id: String,
        /// Its official file
        #[arg(long, value_name = "FILE")]
        from: PathBuf,
        /// Folder of all networks' weights, which gets one folder for each variant of the network
        #[arg(long, value_name = "FOLDER", default_value = WEIGHTS)]
        out: PathBuf,
        /// Folder of photos to measure with; may be given several times
        #[arg(long, value_name = "FOLDER", default_value = "www/samples")]
        photos: Vec<PathBuf>,
    },
    /// Print where each network's official file is found, as JSON
    Sources,
    /// Compare installed networks with their official files, into bench/QUANTISATION.md and bench/quantisation.json
    Report {
        /// Folder of the official files
        official: PathBuf,
        /// Folder of all networks' weights
        #[arg(long, value_name = "FOLDER", default_value = WEIGHTS)]
        weights: PathBuf,
        /// Folder of photos to measure with; may be given several times
        #[arg(long, value_name = "FOLDER", default_value = "www/samples")]
        photos: Vec<PathBuf>,
    },
    /// Write the tables of networks in README.md and NOTICES.md, and the page's types in www/pure/manifest.d.ts
    Documents,
    /// Write the sample photos as the page loads them
    Samples,
    /// Write the digits that the gradient lab learns, from MNIST's four files or others in their format
    Digits {
        /// Folder of the four files, which may be compressed with gzip
        #[arg(long, value_name = "FOLDER")]
        from: PathBuf,
        /// File to write
        #[arg(long, value_name = "FILE", default_value = "www/data/mnist.safetensors.gz")]
        out: PathBuf,
    },
    /// Write networks for other runtimes, as ONNX and as JSON with one binary file
    Onnx {
        /// The networks; all where none is named
        ids: Vec<String>,
        /// Folder to write into
        #[arg(long, value_name = "FOLDER")]
        out: PathBuf,
        /// Folder of all networks' weights
        #[arg(long, value_name = "FOLDER", default_value = WEIGHTS)]
        weights: PathBuf,
        /// Give networks that are not installed random weights of this seed
        #[arg(long, value_name = "SEED")]
        random: Option<u64>,
    },
}

/// An error is a sentence for people, in one line: no debugging form, whose causes and stack help nobody who has the wrong file.
fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("Error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<()> {
    match command {
        Command::Network { id, from, out, photos } => convert(card(&id)?, &from, &out, &photos),
        Command::Sources => {
            println!("{}", serde_json::to_string_pretty(&sources()?)?);
            Ok(())
        }
        Command::Report { official, weights, photos } => write_report(&official, &weights, &photos),
        Command::Documents => write_documents(),
        Command::Samples => samples::write(Path::new("www")),
        Command::Digits { from, out } => digits::write(&from, &out),
        Command::Onnx { ids, out, weights, random } => write_onnx(&ids, &weights, random, &out),
    }
}

fn convert(card: &Card, official_file: &Path, out: &Path, photos: &[PathBuf]) -> Result<()> {
    let official_file = local(official_file)?;
    official::check(card, &official_file)?;
    let file = open(card, official_file)?;
    let inputs = crops::inputs(card, photos, CROPS)?;
    let exact = exact(&file, &inputs)?;
    // The usual variant last: its row of the manifest marks the network as done.
    for variant in variants(card)?.into_iter().rev() {
        let (weights, roundings, agreement) = closest(&file, variant, &inputs, &exact)?;
        print(card, variant, &weights, &roundings, &agreement);
        install(card, variant, &file.graph, &weights, Measured::Photos(agreement), out)?;
    }
    Ok(())
}

fn write_report(official: &Path, weights: &Path, photos: &[PathBuf]) -> Result<()> {
    let costs = report::costs(official, weights, photos)?;
    fs::create_dir_all("bench")?;
    fs::write("bench/quantisation.json", serde_json::to_string_pretty(&costs)? + "\n")?;
    let document = report::markdown(&costs);
    fs::write("bench/QUANTISATION.md", &document)?;
    print!("{document}");
    Ok(())
}

fn write_documents() -> Result<()> {
    for (name, text) in documents(Path::new("."))? {
        fs::write(name, text)?;
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
