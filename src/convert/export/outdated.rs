//! Installed weights of one's own that an earlier version of this project made: nothing can make them anew but their file, which
//! is not here.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use convscope_manifest::{ManifestRow, OwnWeights};

use super::install::row;
use super::packed::CONVERTER;
use crate::networks::card;

/// A sentence for each row of weights of one's own, in the order of their folders, whose network has changed since, or that an
/// earlier converter made.
///
/// # Errors
/// If the folder cannot be listed.
pub fn outdated(weights_folder: &Path) -> Result<Vec<String>> {
    let entries =
        fs::read_dir(weights_folder).with_context(|| format!("{} cannot be listed", weights_folder.display()))?;
    let mut folders = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    folders.sort();
    // A folder without a row is none of weights.
    let rows = folders.iter().filter_map(|folder| row(folder).ok());
    let sentences = rows.filter_map(|row| Some(fault(&row, row.own.as_ref()?)));
    sentences.filter_map(Result::transpose).collect()
}

fn fault(row: &ManifestRow, own: &OwnWeights) -> Result<Option<String>> {
    let (key, name) = (format!("{}-{}", row.id, row.variant), &own.name);
    let again = format!("`cargo xtask weights {} --from FILE --own \"{name}\"` converts their file again", row.id);
    let Ok(card) = card(&row.id) else {
        return Ok(Some(format!(
            "{key} (“{name}”) cannot be used: there is no such network any more. Delete its folder."
        )));
    };
    let whole = card.inference().with_classes(own.classes);
    Ok(if row.graph != whole.hash()? && row.graph != whole.without_heads().hash()? {
        Some(format!("{key} (“{name}”) cannot be used: the layers of {} have changed since. {again}.", card.name))
    } else if row.converter != CONVERTER {
        Some(format!(
            "{key} (“{name}”) works, and was quantised by an earlier version of the converter. {again}, in a better way."
        ))
    } else {
        None
    })
}
