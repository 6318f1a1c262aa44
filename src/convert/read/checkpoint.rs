//! What a checkpoint holds, and which networks it fits.

use std::rc::Rc;

use anyhow::{Context, Result, bail};

use super::fit::{Fit, Misfit, fit, unwrapped};
use super::folded::Folded;
use super::listing::{Format, Listing, list};
use super::official::may_be_official;
use super::{ReadAt, official};
use crate::networks::{CARDS, Card};

/// What a checkpoint holds.
pub struct Checkpoint {
    /// Its format.
    pub format: Format,
    /// What was unwrapped, left aside or taken for something else, a sentence each.
    pub notes: Vec<String>,
    /// Number of the network's tensors.
    pub tensors: usize,
    /// Number of their elements.
    pub parameters: u64,
    /// The networks that it fits.
    pub networks: Vec<Fitting>,
    /// Why it fits none, in a sentence; empty where it fits one.
    pub misfit: String,
}

/// A network that a checkpoint fits.
pub struct Fitting {
    /// The network.
    pub card: &'static Card,
    /// The number of classes that the checkpoint was trained for.
    pub classes: usize,
    /// Whether the file is the network's official one.
    pub official: bool,
}

/// Lists what a file holds, and finds the networks that it fits. Only the file's descriptions of its tensors are read, and the
/// whole file where it may be an official one.
///
/// # Errors
/// If the file is damaged or of no known format; the error names it.
#[expect(clippy::needless_pass_by_value, reason = "as open, which keeps the file")]
pub fn inspect(file: Rc<dyn ReadAt>) -> Result<Checkpoint> {
    let listing = listing(&file)?;
    let mut notes = listing.notes.clone();
    let mut networks = Vec::new();
    let mut nearest: Option<(&Card, Misfit)> = None;
    for card in CARDS {
        match fit(card, &listing)? {
            Ok(fit) => {
                let official = may_be_official(card, &*file) && official::is_official(card, &file)?;
                networks.push(Fitting { card, classes: fit.classes, official });
                notes.extend(fit.notes.into_iter().filter(|note| !notes.contains(note)).collect::<Vec<_>>());
            }
            Err(misfit) => {
                if nearest.as_ref().is_none_or(|(_, best)| misfit.share() > best.share()) {
                    nearest = Some((card, misfit));
                }
            }
        }
    }
    let misfit = if networks.is_empty() { sentence(&listing, nearest) } else { String::new() };
    let parameters = listing.tensors.values().map(|tensor| super::elements::count(&tensor.shape).unwrap_or(0));
    let (format, tensors, parameters) = (listing.format, listing.tensors.len(), parameters.sum());
    Ok(Checkpoint { format, notes, tensors, parameters, networks, misfit })
}

/// Why a file fits no network.
fn sentence(listing: &Listing, nearest: Option<(&Card, Misfit)>) -> String {
    match nearest.filter(|(_, misfit)| misfit.matching > 0) {
        Some((card, misfit)) => format!(
            "It fits none of the networks. The nearest is {}, of whose {} tensors it has {}: {}.",
            card.name, misfit.needed, misfit.matching, misfit.reason
        ),
        None => {
            let names: Vec<String> =
                listing.tensors.keys().take(3).map(|name| format!("“{}”", super::fit::clipped(name))).collect();
            format!("It fits none of the networks: none has tensors with such names and shapes ({}).", names.join(", "))
        }
    }
}

/// Opens a checkpoint of a network and checks its tensors against the network's graph, which gets the checkpoint's number of
/// classes.
///
/// # Errors
/// If the file is damaged or of no known format, or its tensors do not fit; the error names the file and what differs.
#[expect(clippy::needless_pass_by_value, reason = "it is given away: the tensors keep it")]
pub fn open(card: &Card, file: Rc<dyn ReadAt>) -> Result<Folded> {
    let listing = listing(&file)?;
    let Fit { graph, names, notes, .. } = match fit(card, &listing)? {
        Ok(fit) => fit,
        Err(misfit) => bail!("{} does not fit {}: {}", file.name(), card.name, misfit.reason),
    };
    let tensors = super::fit::tensors(&graph, &names, listing.tensors)?;
    let folded = Folded::new(&graph, tensors).with_context(|| format!("{} does not fit {}", file.name(), card.name))?;
    Ok(folded.of_file(&*file, [listing.notes, notes].concat()))
}

fn listing(file: &Rc<dyn ReadAt>) -> Result<Listing> {
    let mut listing = list(file)?;
    if let Err(fault) = unwrapped(&mut listing) {
        bail!("{} cannot be read: {fault}", file.name());
    }
    Ok(listing)
}
