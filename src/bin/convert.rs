//! Converts official weight files into the quantised ones that the page loads, and writes what is made from the cards.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use convscope::convert::export::digits;
use convscope::convert::export::install::{install, row};
use convscope::convert::export::outdated::outdated;
use convscope::convert::export::own::Own;
use convscope::convert::export::packed::{Offer, folder, packed};
use convscope::convert::export::samples;
use convscope::convert::export::sources::sources;
use convscope::convert::onnx::export;
use convscope::convert::quantise::allocation::Rounding;
use convscope::convert::quantise::calibration::exact;
use convscope::convert::quantise::crops;
use convscope::convert::quantise::search::closest;
use convscope::convert::quantise::unseen::{check, quantised};
use convscope::convert::quantise::variant::{Variant, variants};
use convscope::convert::read::{labels, local, official, open};
use convscope::convert::report::documents::documents;
use convscope::convert::report::quantisation as report;
use convscope::frame::Framing;
use convscope::networks::{CARDS, Card, card};
use convscope_manifest::{Measured, OfficialFile, sha256, variant_of};

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
    /// Quantise a network's official file, or weights of your own, and print each tensor's error and how far the answers agree
    Network {
        /// The network
        id: String,
        /// Its official file; with --own, any checkpoint of it
        #[arg(long, value_name = "FILE")]
        from: PathBuf,
        /// Take any checkpoint of the network, and show it under this name
        #[arg(long, value_name = "NAME")]
        own: Option<String>,
        /// The names of the classes: one a line, a JSON array, or a JSON object of index and name
        #[arg(long, value_name = "FILE", requires = "own")]
        labels: Option<PathBuf>,
        /// How pictures are prepared, where it is not as for the official weights, such as 256/224,half
        #[arg(long, value_name = "FRAMING", requires = "own")]
        framing: Option<String>,
        /// Folder of all networks' weights, which gets one folder for each variant of the network
        #[arg(long, value_name = "FOLDER", default_value = WEIGHTS)]
        out: PathBuf,
        /// Folder of photos to measure with; may be given several times
        #[arg(long, value_name = "FOLDER", default_value = "www/samples")]
        photos: Vec<PathBuf>,
    },
    /// Print, as JSON, a sentence for each of the installed weights of your own that no longer fits
    Outdated {
        /// Folder of all networks' weights
        #[arg(long, value_name = "FOLDER", default_value = WEIGHTS)]
        weights: PathBuf,
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
        Command::Network { id, from, own: None, out, photos, .. } => convert(card(&id)?, &from, &out, &photos),
        Command::Network { id, from, own: Some(name), labels, framing, out, photos } => {
            let described = Description { name, labels, framing };
            convert_own(card(&id)?, &from, &described, &out, &photos)
        }
        Command::Outdated { weights } => {
            println!("{}", serde_json::to_string_pretty(&outdated(&weights)?)?);
            Ok(())
        }
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
    let inputs = crops::inputs(card.preprocessing(), photos, CROPS)?;
    let exact = exact(&file, &inputs)?;
    // The usual variant last: its row of the manifest marks the network as done.
    for variant in variants(card)?.into_iter().rev() {
        let (weights, roundings, agreement) = closest(&file, variant, &inputs, &exact)?;
        let measured = Measured::Photos(agreement);
        print_roundings(&roundings);
        println!("{} {}: {} bytes; {}", card.name, variant.id(), weights.bytes(), in_words(&measured));
        install(&packed(&Offer::official(card, variant), &file.graph, &weights, measured)?, out)?;
    }
    Ok(())
}

/// What the arguments say of weights of somebody's own.
struct Description {
    name: String,
    labels: Option<PathBuf>,
    framing: Option<String>,
}

fn convert_own(card: &Card, path: &Path, described: &Description, out: &Path, photos: &[PathBuf]) -> Result<()> {
    // A name that cannot be one is refused before minutes of work.
    variant_of(&described.name).map_err(anyhow::Error::msg)?;
    let labels = described.labels.as_deref().map(labels::read).transpose()?;
    let file = open(card, local(path)?)?;
    for note in &file.notes {
        println!("{note}");
    }
    let own = Own::new(card, &described.name, file.classes()?, labels, described.framing.as_deref())?;
    let from = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let source = OfficialFile { from, hash: sha256(File::open(path)?)? };

    let place = out.join(folder(card.id, &own.variant));
    if let Some(before) = row(&place).ok().and_then(|row| row.own) {
        println!("“{}”, which was installed as {}-{}, is replaced", before.name, card.id, own.variant);
    }
    let preprocessing = own.preprocessing(card)?;
    let (weights, measured) = match preprocessing.framing {
        // Sample photos show no digits, of which the answers would be about.
        Framing::Digit => quantised(&file, |_, _| Ok(()))?,
        Framing::Photo { .. } | Framing::Squash { .. } => {
            let inputs = crops::inputs(preprocessing, photos, CROPS)?;
            let exact = exact(&file, &inputs)?;
            let (weights, roundings, agreement) = closest(&file, Variant::Q8, &inputs, &exact)?;
            check(&roundings)?;
            print_roundings(&roundings);
            (weights, Measured::Photos(agreement))
        }
    };
    install(&packed(&Offer::own(card, &own, source), &file.graph, &weights, measured)?, out)?;
    println!(
        "{}, “{}” ({} {}), which are not its official weights: {} bytes; {}",
        card.name,
        own.name,
        own.classes,
        if own.classes == 1 { "class" } else { "classes" },
        weights.bytes(),
        in_words(&measured)
    );
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

fn print_roundings(roundings: &[Rounding]) {
    println!("{:<28} {:>18} {:>7} {:>10} {:>11} {:>10}", "tensor", "shape", "", "bytes", "worst error", "relative");
    for row in roundings {
        let shape = row.shape.iter().map(ToString::to_string).collect::<Vec<_>>().join("×");
        let (name, scheme, bytes) = (&row.name, row.scheme, row.bytes);
        println!("{name:<28} {shape:>18} {scheme:>7} {bytes:>10} {:>11.2e} {:>10.2e}", row.worst, row.relative);
    }
}

/// How far quantised weights agree with those in single precision.
fn in_words(measured: &Measured) -> String {
    match measured {
        Measured::Photos(agreement) => format!(
            "{} pictures against single precision: lowest cosine of the logits {:.5}, same top-1 on {:.1} %, {:.1} % of the top-5",
            agreement.pictures,
            agreement.lowest_cosine,
            agreement.top1 * 100.0,
            agreement.top5 * 100.0
        ),
        Measured::Digits(accuracy) => {
            format!("{} digits, of which {:.2} % are read correctly", accuracy.digits, accuracy.accuracy * 100.0)
        }
        Measured::Weights(error) => format!(
            "{} tensors against single precision, without pictures: greatest relative error {:.4}",
            error.tensors, error.greatest_error
        ),
    }
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
