//! What is written from the code: the tables of networks in README.md and NOTICES.md and the page's list of networks in
//! index.html from the cards, and the page's declarations of the manifest from its structs.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::quantisation::NetworkCost;
use crate::graph::tensors::tensor_specs;
use crate::networks::{CARDS, Card, Source};

/// What stands before and behind a generated table.
const START: &str = "<!-- networks: cargo xtask documents -->\n";
const END: &str = "<!-- /networks -->";

/// The network that the page shows where its address names none: `DEFAULT_NETWORK` of `www/state.js`.
const FIRST_ON_THE_PAGE: &str = "efficientnet_lite0";

/// The documents' names and what they should hold; `project` is the folder they lie in.
///
/// # Errors
/// If a document or the measured sizes cannot be read, or the marks around a table are missing.
pub fn documents(project: &Path) -> Result<Vec<(&'static str, String)>> {
    let measured: Vec<NetworkCost> = match fs::read(project.join("bench/quantisation.json")) {
        Ok(json) => serde_json::from_slice(&json).context("bench/quantisation.json is not what the report writes")?,
        Err(_) => Vec::new(),
    };
    let tables = [("README.md", networks(&measured)?), ("NOTICES.md", notices()), ("index.html", options())];
    let replaced = tables.into_iter().map(|(name, table)| {
        let text = fs::read_to_string(project.join(name)).with_context(|| format!("{name} cannot be read"))?;
        let marks = || format!("{name} lacks the marks {START}… {END}");
        let (before, rest) = text.split_once(START).with_context(marks)?;
        let (_, after) = rest.split_once(END).with_context(marks)?;
        Ok((name, format!("{before}{START}{table}{END}{after}")))
    });
    let manifest = Ok(("www/pure/manifest.d.ts", convscope_manifest::typescript()));
    replaced.chain([manifest]).collect()
}

fn networks(measured: &[NetworkCost]) -> Result<String> {
    let mut table = String::from(
        "| network | year | paper | parameters | GMAC | top-1 / top-5 % | download, 8 bits | official weights | licence |\n\
         |---|---|---|---|---|---|---|---|---|\n",
    );
    for card in CARDS {
        let percent = |value: Option<f64>| value.map_or("–".into(), |value| format!("{value:.1}"));
        let set = if card.labels.count() == 10 { " (MNIST)" } else { "" };
        table += &format!(
            "| {} | {} | [{}]({}) | {} | {} | {} / {}{set} | {} | {} | {} |\n",
            card.name,
            card.year,
            card.paper.authors,
            card.paper.url,
            thousands(card.parameters),
            giga(card.macs),
            percent(card.top1),
            percent(card.top5),
            download(card, measured)?,
            source(card),
            card.licence,
        );
    }
    Ok(table)
}

fn notices() -> String {
    let mut table = String::from("| weights of | from | licence |\n|---|---|---|\n");
    for card in CARDS {
        table += &format!("| {} | {} | {} |\n", card.name, source(card), card.licence);
    }
    table
}

/// The list that the page shows before any of its code has come.
fn options() -> String {
    let option = |card: &&Card| {
        let selected = if card.id == FIRST_ON_THE_PAGE { " selected" } else { "" };
        format!("<option value=\"{}\"{selected}>{} ({})</option>\n", card.id, card.name, card.year)
    };
    CARDS.iter().map(option).collect()
}

/// Size of the download: as measured, or about what 8 bits take.
fn download(card: &Card, measured: &[NetworkCost]) -> Result<String> {
    if let Some(row) = measured.iter().find(|row| row.id == card.id && row.variant == "q8") {
        return Ok(megabytes(row.bytes));
    }
    let tensors = tensor_specs(&card.inference())?;
    let bytes = tensors.iter().map(|tensor| match tensor.shape.as_slice() {
        [length] => 4 * length,
        shape => shape.iter().product::<usize>() + 4 * shape[0],
    });
    Ok(format!("≈ {}", megabytes(bytes.sum::<usize>() as u64)))
}

fn megabytes(bytes: u64) -> String {
    let value = bytes as f64 / 1e6;
    if value < 1.0 { format!("{:.0} KB", value * 1e3) } else { format!("{value:.1} MB") }
}

fn source(card: &Card) -> String {
    match card.source {
        Source::Trained { data } => format!("trained here on {data}"),
        Source::PythonPackage { package, version, .. } => format!("Python package {package} {version}"),
        Source::Download { url, .. } => format!("[{}]({url})", card.source.file_name().unwrap_or(url)),
    }
}

fn giga(macs: u64) -> String {
    let value = macs as f64 / 1e9;
    if value < 0.01 { format!("{value:.4}") } else { format!("{value:.3}") }
}

fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = (0..digits.len().div_ceil(3))
        .rev()
        .map(|group| {
            let end = digits.len() - 3 * group;
            &digits[end.saturating_sub(3)..end]
        })
        .collect();
    groups.join(",")
}
