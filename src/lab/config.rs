//! What can be chosen in the lab.

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::train::{Clipping, Initialisation, Optimiser};

/// The settings of an experiment. `src/web/lab.d.ts` documents each field for JavaScript.
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

/// Bounds that keep an experiment small enough for a browser.
const DEPTHS: std::ops::RangeInclusive<usize> = 2..=50;
const WIDTHS: std::ops::RangeInclusive<usize> = 1..=512;
const BATCHES: std::ops::RangeInclusive<usize> = 1..=1024;

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
        if !(0.0..1.0).contains(&self.dropout) {
            return refused(format!("the dropout is {} and must be at least 0 and less than 1", self.dropout));
        }
        let limit = match self.clipping {
            Clipping::None => 1.0,
            Clipping::Norm(limit) | Clipping::Value(limit) => limit,
        };
        for (name, value) in [("learning rate", self.rate), ("limit for gradients", limit)] {
            if !(value > 0.0 && value.is_finite()) {
                return refused(format!("the {name} is {value} and must be greater than 0"));
            }
        }
        Ok(())
    }
}

fn refused(reason: String) -> Result<()> {
    Err(Error::BadData(reason))
}
