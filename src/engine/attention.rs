//! Where a network looks: maps of what each place of the input contributes to a class, and how far such a map can be
//! trusted.
//!
//! | file | what |
//! |---|---|
//! | `cam` | class activation maps, exact for networks that end in global average pooling |
//! | `hirescam` | gradient times activation, for any layer; only burn computes gradients |
//! | `occlusion` | what is lost without a square of the input |
//! | [`deletion`] | whether blurring what a map marks costs more than blurring squares at random |
//! | `grid` | where the units of a layer lie in the input |
//! | `squares` | the squares of the input that the last two cover and blur |
//!
//! Whatever takes several runs calls `pause` before each of them, with the number of those that are done and of all. An
//! error that it gives ends the computation.

use crate::error::{Error, Result};
use crate::frame::Input;
use crate::prediction::{greatest, softmax};

use super::Network;

pub mod cam;
pub mod deletion;
pub mod grid;
mod hirescam;
mod occlusion;
mod squares;

/// How a map is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Class activation mapping: the weighted sum of the channels that the network averages last. (Zhou et al. 2016,
    /// arXiv:1512.04150)
    Cam,
    /// The gradient of the class's logit with respect to a layer's output, times that output, element by element. (Draelos &
    /// Carin 2020, arXiv:2011.08891)
    HiResCam,
    /// The probability that is lost when a square of the input is covered. (Zeiler & Fergus 2013, arXiv:1311.2901, section 4)
    Occlusion,
}

impl Method {
    const ALL: [Self; 3] = [Self::Cam, Self::HiResCam, Self::Occlusion];

    /// Its name in the JavaScript API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cam => "cam",
            Self::HiResCam => "hirescam",
            Self::Occlusion => "occlusion",
        }
    }

    /// The method of this name.
    ///
    /// # Errors
    /// [`Error::NoMap`] where there is none.
    pub fn named(name: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|method| method.name() == name);
        let unknown = || Error::NoMap(format!("“{name}” is no method; the methods are cam, hirescam and occlusion"));
        found.ok_or_else(unknown)
    }
}

/// Which map is asked for.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The class that is looked for; the most probable one where it is missing.
    pub class: Option<usize>,
    /// How; [`Method::Cam`] where it is missing and the network has it, otherwise [`Method::HiResCam`].
    pub method: Option<Method>,
    /// The layer that [`Method::HiResCam`] is of; where it is missing, the last one whose output has more than one pixel.
    pub layer: Option<String>,
}

/// What each place of the input contributes to a class.
#[derive(Clone, Debug, PartialEq)]
pub struct AttentionMap {
    /// How it was computed.
    pub method: Method,
    /// The layer that it was computed from; "input" for an occlusion map.
    pub layer: String,
    /// The class.
    pub class: usize,
    /// The map itself. [`Method::Cam`] and [`Method::HiResCam`]: what each cell adds to the logit. [`Method::Occlusion`]: the
    /// probability that is lost without the square around the cell's centre.
    pub cells: Cells,
}

/// The cells of a map and where they lie in the input.
#[derive(Clone, Debug, PartialEq)]
pub struct Cells {
    /// Cells in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Row by row.
    pub data: Vec<f32>,
    /// Column of the first cell's centre and row of the first row's, in pixels of the input: 0 is the centre of the first
    /// pixel. Before the first pixel it is negative.
    pub centre: f32,
    /// Distance between neighbouring centres, in pixels.
    pub step: f32,
}

/// Computes a map of what the network sees in an input.
///
/// # Errors
/// [`Error::UnknownClass`]; [`Error::UnknownLayer`]; [`Error::NoMap`] where the network or the layer has no such map;
/// [`Error::NeedsGradients`] for a map by gradients of a network that burn does not compute; what `pause` gives; and as
/// [`Network::activations`].
pub async fn map(
    network: &Network,
    input: &Input,
    options: &Options,
    pause: impl AsyncFnMut(usize, usize) -> Result<()>,
) -> Result<AttentionMap> {
    let class = options.class;
    match options.method {
        Some(Method::Cam) => cam::map(network, input, class, pause).await,
        Some(Method::HiResCam) => hirescam::map(network, input, class, options.layer.as_deref(), pause).await,
        Some(Method::Occlusion) => occlusion::map(network, input, class, pause).await,
        None if cam::ending(network.graph())?.is_some() => cam::map(network, input, class, pause).await,
        None => hirescam::map(network, input, class, options.layer.as_deref(), pause).await,
    }
}

/// The class that was asked for, or else the most probable one.
///
/// # Errors
/// [`Error::UnknownClass`].
fn chosen(class: Option<usize>, logits: &[f32]) -> Result<usize> {
    let count = logits.len();
    match class {
        Some(index) if index >= count => Err(Error::UnknownClass { index, count }),
        Some(index) => Ok(index),
        None => greatest(logits, 1).first().copied().ok_or_else(|| Error::Internal("the network has no class".into())),
    }
}

/// The probability that the network gives a class.
async fn probability(network: &Network, input: Input, class: usize) -> Result<f32> {
    Ok(softmax(&network.logits(input).await?)[class])
}
