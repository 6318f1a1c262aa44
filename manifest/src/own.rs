//! Weights of one's own: one more variant of a network, under a name that somebody chose.

use serde::{Deserialize, Serialize};
#[cfg(feature = "typescript")]
use ts_rs::TS;

/// What weights of one's own say of themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(TS))]
pub struct OwnWeights {
    /// Their name, as it is shown.
    pub name: String,
    /// How many classes they tell apart; the shards' metadata names them.
    pub classes: usize,
}

/// Variants that are not somebody's own: the usual one, the one with linear layers at 4 bits, and random weights.
const TAKEN: [&str; 3] = ["q8", "q4", "random"];

/// Most characters of a name: it is part of a folder's name and of the page's address.
const LONGEST: usize = 60;

/// The variant that weights of this name are: its letters and digits in lower case, with `_` for everything between them.
///
/// # Errors
/// A sentence, for a name of which nothing would be left, one that is too long, and one that makes a variant which means
/// something else.
pub fn variant_of(name: &str) -> Result<String, String> {
    let words: Vec<String> = name
        .split(|character: char| !character.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    let variant = words.join("_");
    if variant.is_empty() {
        Err(format!("“{name}” is no name for weights: it needs a letter from A to Z, or a digit."))
    } else if name.chars().count() > LONGEST {
        Err(format!("“{name}” is too long a name: choose one of at most {LONGEST} characters."))
    } else if TAKEN.contains(&variant.as_str()) {
        Err(format!(
            "“{name}” cannot be the name of weights of your own, since {variant} means something else here: choose another name."
        ))
    } else {
        Ok(variant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_makes_a_variant() {
        for (name, variant) in [
            ("flowers", "flowers"),
            ("Flowers, 5 classes!", "flowers_5_classes"),
            ("  My-own_ResNet (v2) ", "my_own_resnet_v2"),
            ("Blumen & Gräser", "blumen_gr_ser"),
            ("Q8 again", "q8_again"),
        ] {
            assert_eq!(variant_of(name).as_deref(), Ok(variant));
        }
    }

    #[test]
    fn names_that_mean_something_else_or_nothing_are_refused() {
        let long = "a".repeat(61);
        for (name, said) in [
            ("", "needs a letter"),
            (" -_- ", "needs a letter"),
            ("花", "needs a letter"),
            ("q8", "q8 means something else"),
            ("Q4", "q4 means something else"),
            ("-Random-", "random means something else"),
            (long.as_str(), "at most 60 characters"),
        ] {
            let error = variant_of(name).expect_err("it is refused");
            assert!(error.contains(said) && error.ends_with('.'), "{name}: {error}");
        }
    }
}
