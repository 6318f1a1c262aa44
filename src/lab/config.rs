//! What can be chosen in the lab.

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::train::{Clipping, Initialisation, Optimiser};

/// The settings of a run. `src/web/lab.d.ts` documents each field for JavaScript.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Config {
    /// The kind of network.
    pub family: Family,
    /// Number of hidden layers; LeNet-5 has its own.
    pub depth: usize,
    /// Units or channels of a hidden layer; LeNet-5 has its own.
    pub width: usize,
    /// The activation function of the hidden layers; LeNet-5 has its own.
    pub activation: Function,
    /// The first weights.
    pub initialisation: Initialisation,
    /// Whether batch normalisation follows each hidden layer.
    pub batch_norm: bool,
    /// The probability with which an output of a hidden layer is dropped.
    pub dropout: f32,
    /// Whether every two hidden layers have a shortcut around them.
    pub shortcuts: bool,
    /// Whether there are auxiliary classifiers at a third and at two thirds of the depth.
    pub auxiliary: bool,
    /// From gradients to changes.
    pub optimiser: Optimiser,
    /// Learning rate.
    pub rate: f32,
    /// Limits for gradients.
    pub clipping: Clipping,
    /// Digits in a batch.
    pub batch: usize,
    /// Seed of all random numbers.
    pub seed: u64,
    /// How many of the digits are trained with.
    pub digits: usize,
}

/// A kind of network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// Linear layers on all pixels.
    Linear,
    /// 3×3 convolutions on 14×14 pixels, then the mean of each channel.
    Convolutional,
    /// LeNet-5.
    Lenet5,
}

/// An activation function of hidden layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Function {
    /// `1 / (1 + exp(−x))`
    Sigmoid,
    /// `tanh(x)`
    Tanh,
    /// `max(0, x)`
    Relu,
}

/// Bounds that keep a run small enough for a browser.
/// Places in an output of a convolution.
const PLACES: usize = 14 * 14;
const DEPTHS: std::ops::RangeInclusive<usize> = 2..=50;
const WIDTHS: std::ops::RangeInclusive<usize> = 1..=512;
const BATCHES: std::ops::RangeInclusive<usize> = 1..=1024;
/// The most outputs of hidden layers, over a batch: training keeps each of them, and its gradient.
const OUTPUTS: usize = 64 << 20;
/// The greatest learning rate, and the greatest limit for gradients.
const MOST: f32 = 1000.0;

impl Config {
    /// Refuses settings that no network can have.
    ///
    /// # Errors
    /// [`Error::BadData`] names the first one.
    pub fn check(&self) -> Result<()> {
        let within = |name: &str, value: usize, bounds: std::ops::RangeInclusive<usize>| {
            let (least, most) = (bounds.start(), bounds.end());
            if bounds.contains(&value) {
                Ok(())
            } else {
                refused(format!("the {name} is {value} and must be from {least} to {most}"))
            }
        };
        within("depth", self.depth, DEPTHS)?;
        within("width", self.width, WIDTHS)?;
        within("batch", self.batch, BATCHES)?;
        let (depth, outputs) = match self.family {
            Family::Linear => (self.depth, self.width),
            Family::Convolutional => (self.depth, self.width * PLACES),
            Family::Lenet5 => (0, 0),
        };
        if depth * outputs * self.batch > OUTPUTS {
            return refused(
                "such a network takes more memory than a browser gives; choose a smaller depth, width or batch".into(),
            );
        }
        if !(0.0..1.0).contains(&self.dropout) {
            return refused(format!("the dropout is {} and must be at least 0 and less than 1", self.dropout));
        }
        let limit = match self.clipping {
            Clipping::None => 1.0,
            Clipping::Norm(limit) | Clipping::Value(limit) => limit,
        };
        for (name, value) in [("learning rate", self.rate), ("limit for gradients", limit)] {
            if !(value > 0.0 && value <= MOST) {
                return refused(format!("the {name} is {value} and must be greater than 0 and at most {MOST}"));
            }
        }
        Ok(())
    }

    /// Refuses a number of digits to train with that is not there, where `available` are.
    ///
    /// # Errors
    /// [`Error::BadData`].
    pub(super) fn check_digits(&self, available: usize) -> Result<()> {
        if (1..=available).contains(&self.digits) {
            return Ok(());
        }
        refused(format!("the number of digits is {} and must be from 1 to {available}", self.digits))
    }
}

fn refused(reason: String) -> Result<()> {
    Err(Error::BadData(reason))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
pub(super) mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// The settings with which the page begins, with these changes.
    pub(in crate::lab) fn config(changes: &Value) -> serde_json::Result<Config> {
        let scenarios: Value = serde_json::from_str(include_str!("../../www/lab/scenarios.json"))?;
        let mut settings = scenarios["base"].as_object().unwrap().clone();
        settings.extend(changes.as_object().unwrap().clone());
        serde_json::from_value(settings.into())
    }

    #[test]
    fn settings_that_no_network_can_have_are_refused() {
        for (changes, reason) in [
            (json!({ "depth": 1 }), "the depth is 1 and must be from 2 to 50"),
            (json!({ "depth": 51 }), "the depth is 51 and must be from 2 to 50"),
            (json!({ "width": 0 }), "the width is 0 and must be from 1 to 512"),
            (json!({ "batch": 1025 }), "the batch is 1025 and must be from 1 to 1024"),
            (json!({ "dropout": 1 }), "the dropout is 1 and must be at least 0 and less than 1"),
            (json!({ "dropout": -0.5 }), "the dropout is -0.5"),
            (json!({ "rate": 0 }), "the learning rate is 0 and must be greater than 0 and at most 1000"),
            (json!({ "rate": 1e39 }), "the learning rate is inf"),
            (json!({ "rate": 1001 }), "the learning rate is 1001"),
            (
                json!({ "family": "convolutional", "depth": 20, "width": 512, "batch": 64 }),
                "more memory than a browser",
            ),
            (
                json!({ "clipping": { "norm": 0 } }),
                "the limit for gradients is 0 and must be greater than 0 and at most 1000",
            ),
            (json!({ "clipping": { "value": -1 } }), "the limit for gradients is -1"),
        ] {
            let error = config(&changes).unwrap().check().unwrap_err();
            assert!(error.code() == "bad-data" && error.to_string().contains(reason), "{changes}: {error}");
        }
    }

    #[test]
    fn settings_at_the_bounds_are_taken() {
        for changes in [
            json!({}),
            json!({ "depth": 2, "width": 1, "batch": 1 }),
            json!({ "depth": 50, "width": 512, "batch": 1024, "dropout": 0.99 }),
            json!({ "family": "convolutional", "depth": 20, "width": 512, "batch": 32 }),
            json!({ "family": "lenet5", "depth": 50, "width": 512, "batch": 1024 }),
            json!({ "clipping": { "value": 0.1 }, "optimiser": "adam", "initialisation": "unit" }),
        ] {
            config(&changes).unwrap().check().unwrap();
        }
    }

    #[test]
    fn digits_must_be_there() {
        let check = |digits: usize| config(&json!({ "digits": digits })).unwrap().check_digits(100);
        check(1).unwrap();
        check(100).unwrap();
        for digits in [0, 101] {
            let error = check(digits).unwrap_err().to_string();
            assert!(error.contains(&format!("the number of digits is {digits} and must be from 1 to 100")), "{error}");
        }
    }

    #[test]
    fn unknown_settings_are_named() {
        for (changes, named) in [(json!({ "deep": 3 }), "deep"), (json!({ "activation": "swish" }), "swish")] {
            let error = config(&changes).unwrap_err().to_string();
            assert!(error.contains(named), "{error}");
        }
    }
}
