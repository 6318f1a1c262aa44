//! What a weight file says about itself: its classes, and how pictures are prepared for it.

use std::collections::HashMap;

use safetensors::tensor::SafeTensors;

use super::read::damaged;
use crate::error::{Error, Result};
use crate::frame::Preprocessing;
use crate::graph::Graph;
use crate::networks::Card;
use crate::prediction::ClassNames;

/// The keys of the metadata in which weights of one's own differ from the official ones.
const LABELS: &str = "labels";
const FRAMING: &str = "framing";

/// What weights are for: which classes, and which preprocessing.
#[derive(Clone, Debug, PartialEq)]
pub struct About {
    /// The names of the classes. The last layer has as many outputs.
    pub names: ClassNames,
    /// How a frame becomes the input.
    pub preprocessing: Preprocessing,
}

impl About {
    /// As the card says it of the official weights.
    pub fn official(card: &Card) -> Self {
        Self { names: ClassNames::Official(card.labels), preprocessing: card.preprocessing() }
    }

    /// As the metadata of the network's weight file says it, in which `labels` is a JSON array of strings and `framing` has
    /// words for [`Preprocessing::with`]; each of the two is as on the card where it is missing. Gives the graph too that the file
    /// was made for: with so many classes, and without auxiliary outputs where the file has none.
    ///
    /// # Errors
    /// [`Error::BadWeights`] if there is no shard, the first one is damaged, or one of the two cannot be read.
    pub fn of(card: &Card, shards: &[impl AsRef<[u8]>]) -> Result<(Self, Graph)> {
        let mut about = Self::official(card);
        let metadata = metadata(first(shards)?)?;
        if let Some(labels) = metadata.get(LABELS) {
            let names = serde_json::from_str(labels);
            about.names =
                ClassNames::Own(names.map_err(|_| Error::BadWeights("its labels are no list of names".into()))?);
        }
        if let Some(framing) = metadata.get(FRAMING) {
            let preprocessing = about.preprocessing.with(framing);
            about.preprocessing =
                preprocessing.map_err(|reason| Error::BadWeights(format!("of its framing, {reason}")))?;
        }
        let whole = card.inference().with_classes(about.names.count());
        let main = whole.without_heads();
        let is_main = Some(&main.hash()?) == metadata.get("graph");
        // A file for neither is refused when it is read.
        Ok((about, if is_main { main } else { whole }))
    }
}

/// The bytes of the first shard.
///
/// # Errors
/// [`Error::BadWeights`] where there is none.
pub(super) fn first(shards: &[impl AsRef<[u8]>]) -> Result<&[u8]> {
    Ok(shards.first().ok_or_else(|| Error::BadWeights("no file was given".into()))?.as_ref())
}

/// The metadata of one shard.
///
/// # Errors
/// [`Error::BadWeights`] for a damaged file.
pub(super) fn metadata(shard: &[u8]) -> Result<HashMap<String, String>> {
    let (_, header) = SafeTensors::read_metadata(shard).map_err(damaged)?;
    Ok(header.metadata().clone().unwrap_or_default())
}
