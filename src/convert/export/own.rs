//! Weights of somebody's own: their name, their classes, and how pictures are prepared for them.

use anyhow::{Result, bail, ensure};
use convscope_manifest::variant_of;

use crate::frame::Preprocessing;
use crate::networks::Card;

/// What weights of one's own differ in from the official ones of their network.
#[derive(Clone, Debug, PartialEq)]
pub struct Own {
    /// Their name, as it is shown.
    pub name: String,
    /// The variant that the name makes.
    pub variant: String,
    /// How many classes they tell apart.
    pub classes: usize,
    /// The classes' names in the order of the logits; none where they are those of the network.
    pub labels: Option<Vec<String>>,
    /// Words for [`Preprocessing::with`]; none where pictures are prepared as for the official weights.
    pub framing: Option<String>,
}

impl Own {
    /// Weights with `classes` classes. Without `labels`, they have the network's names where there are as many, and otherwise
    /// "class 0", "class 1" and so on.
    ///
    /// # Errors
    /// A sentence, where the name cannot be one, there are no classes, there are more or fewer labels than classes, a label is
    /// empty, or the words of the framing cannot be followed.
    pub fn new(
        card: &Card,
        name: &str,
        classes: usize,
        labels: Option<Vec<String>>,
        framing: Option<&str>,
    ) -> Result<Self> {
        let variant = variant_of(name).map_err(anyhow::Error::msg)?;
        ensure!(classes > 0, "The weights have no classes.");
        let official = card.labels.names();
        let labels = match labels {
            Some(labels) => Some(checked(labels, classes)?).filter(|labels| labels != official),
            None if classes == official.len() => None,
            None => Some((0..classes).map(|index| format!("class {index}")).collect()),
        };
        if let Some(words) = framing
            && let Err(reason) = card.preprocessing().with(words)
        {
            bail!("The pictures cannot be prepared as “{words}” says: {reason}.");
        }
        Ok(Self { name: name.trim().into(), variant, classes, labels, framing: framing.map(Into::into) })
    }

    /// The same as another variant than the name makes, where one is given.
    ///
    /// # Errors
    /// A sentence, where it cannot be a variant of somebody's own.
    pub fn kept_as(self, variant: Option<&str>) -> Result<Self> {
        let Some(variant) = variant.filter(|variant| !variant.is_empty()) else { return Ok(self) };
        let possible = variant_of(variant).map_err(anyhow::Error::msg)?;
        ensure!(possible == variant, "“{variant}” cannot be a variant: it has lower-case letters, digits and _ alone.");
        Ok(Self { variant: possible, ..self })
    }

    /// How pictures are prepared for these weights.
    ///
    /// # Errors
    /// As [`Own::new`].
    pub fn preprocessing(&self, card: &Card) -> Result<Preprocessing> {
        let official = card.preprocessing();
        let Some(words) = &self.framing else { return Ok(official) };
        official.with(words).map_err(anyhow::Error::msg)
    }
}

fn checked(labels: Vec<String>, classes: usize) -> Result<Vec<String>> {
    let counted = if labels.len() == 1 { "is 1 label".into() } else { format!("are {} labels", labels.len()) };
    ensure!(
        labels.len() == classes,
        "There {counted}, and {classes} are needed: one for each class, in the order of the network's outputs."
    );
    if let Some(index) = labels.iter().position(|label| label.trim().is_empty()) {
        bail!("The label of class {index} is empty: each class needs a name.");
    }
    Ok(labels)
}
