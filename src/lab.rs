//! The gradient lab: small networks that are trained on digits while one watches their gradients.
//!
//! | file | what |
//! |---|---|
//! | [`config`] | what can be chosen |
//! | [`network`] | the graph for a choice |

use burn::tensor::{Device, Tensor};

pub mod config;
pub mod network;

pub use config::{Config, Family};

use crate::error::{Error, Result};
use crate::frame::Input;
use crate::graph::Graph;
use crate::prediction::softmax;
use crate::train::digits::{Digits, Order};
use crate::train::initialisation::stream;
use crate::train::{Divergence, Outcome, Settings, StepReport, Trainer};

/// A run: a network, the digits that it learns, and how far it is.
#[derive(Debug)]
pub struct Lab {
    config: Config,
    trainer: Trainer,
    training: Digits,
    test: Digits,
    order: Order,
    diverged: Option<Divergence>,
}

impl Lab {
    /// Begins a run on a device of burn. Two runs with one seed see the same batches, whatever else differs
    /// but the size of the batches and the number of digits.
    ///
    /// # Errors
    /// [`Error::BadData`] for settings that no network can have.
    pub fn new(config: Config, training: Digits, test: Digits, device: Device) -> Result<Self> {
        config.check()?;
        config.check_digits(training.len())?;
        let graph = network::graph(&config);
        let settings = Settings {
            optimiser: config.optimiser,
            rate: config.rate,
            decay: 0.0,
            clipping: config.clipping,
            seed: config.seed,
        };
        let values = |tensor: &_| Ok(config.initialisation.values(tensor, config.seed));
        let trainer = Trainer::new(graph, values, settings, device)?;
        let training = training.first(config.digits);
        let order = Order::new(training.len(), stream(config.seed, "batches"));
        Ok(Self { config, trainer, training, test, order, diverged: None })
    }

    /// The graph that is trained.
    pub fn graph(&self) -> &Graph {
        self.trainer.graph()
    }

    /// The names of the layers that the reports tell of, in their order.
    pub fn layers(&self) -> impl Iterator<Item = &str> {
        self.trainer.layers()
    }

    /// Where a value stopped being finite, after which nothing is trained any more.
    pub fn diverged(&self) -> Option<&Divergence> {
        self.diverged.as_ref()
    }

    /// Takes `count` steps, or fewer where a value is no longer finite. The last report also tells of the changes and of
    /// the layers' outputs.
    ///
    /// # Errors
    /// [`Error::DeviceLost`] where a report cannot be read back.
    pub async fn step(&mut self, count: usize) -> Result<Vec<StepReport>> {
        let mut reports = Vec::new();
        for number in 1..=count {
            if self.diverged.is_some() {
                break;
            }
            let indices = self.order.take(self.config.batch);
            let batch = self.training.batch(&indices, self.side(), self.trainer.device());
            match self.trainer.step(batch, number == count).await? {
                Outcome::Done(report) => reports.push(report),
                Outcome::Diverged(divergence) => self.diverged = Some(divergence),
            }
        }
        Ok(reports)
    }

    /// The share of the digits to test with, 0 to 1, that are classified right, and the mean of their losses.
    ///
    /// # Errors
    /// As [`Lab::step`].
    pub async fn test(&self) -> Result<(f32, f32)> {
        self.trainer.test(&self.test).await
    }

    /// The probability of each class for an input of 32×32 pixels, as LeNet-5 takes it.
    ///
    /// # Errors
    /// As [`Lab::step`].
    pub async fn classify(&self, input: &Input) -> Result<Vec<f32>> {
        let side = self.side();
        let cut = (input.shape.height - side) / 2;
        let rows = input.values.chunks_exact(input.shape.width).skip(cut).take(side);
        let values: Vec<f32> = rows.flat_map(|row| &row[cut..cut + side]).copied().collect();
        let device = self.trainer.device().clone().inner();
        let data = burn::tensor::TensorData::new(values, [1, 1, side, side]);
        let logits = self.trainer.infer(Tensor::from_data(data, &device))?.into_data_async().await;
        let logits = logits.map_err(|error| Error::DeviceLost(error.to_string()))?;
        let logits: Vec<f32> = logits.try_to_vec().map_err(|error| Error::Internal(error.to_string()))?;
        Ok(softmax(&logits))
    }

    fn side(&self) -> usize {
        self.graph().input().height
    }
}
