//! Graph → plan: what runs, in which order, and where every value lies in memory. The plan calls no device; the kinds of
//! its steps are listed in `kinds.rs` together with their kernels.
//!
//! Both devices keep a value channels-last: rows of pixels, the channels of a pixel side by side, padded to groups of
//! four. Around the pixels lies a halo of zeros, as wide as the padding of the layers that read the value, so that a
//! convolution reads its padding like any other pixel. An addition runs in the convolution before it, the parts of a
//! concatenation are written where the whole lies, and values of the same geometry take turns in one buffer, whose halo
//! stays zero.
//!
//! | file | what |
//! |---|---|
//! | `geometry` | how a value lies in a buffer |
//! | `fusion` | which layers need no step of their own |
//! | `memory` | which buffer holds which value, and for how long |
//! | `planner` | layers → steps |
//! | `site` | what a step needs to know about its layer's place in the graph |

use crate::error::{Error, Result};
use crate::graph::{Activation, Graph, Layer, Node, Pool};

mod fusion;
mod geometry;
mod memory;
mod planner;
mod site;

pub use super::kinds::Kind;
pub use geometry::{Geometry, Halo, LANES, View};
pub(super) use site::Site;

/// The windows of a convolution or of a pooling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Side of a window, in pixels.
    pub kernel: usize,
    /// Step between windows, in pixels.
    pub stride: usize,
    /// Rows of padding above the input, where the first window begins.
    pub top: usize,
    /// Columns of padding to the left of the input, where the first window begins.
    pub left: usize,
}

impl Window {
    /// The windows of a pooling.
    pub(super) fn of(pool: &Pool) -> Self {
        Self { kernel: pool.kernel, stride: pool.stride, top: pool.padding, left: pool.padding }
    }
}

/// One step of a plan.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// The graph's layer whose parameters the step uses.
    pub layer: usize,
    /// What the step computes.
    pub kind: Kind,
    /// Applied to every element that the step writes.
    pub activation: Activation,
    /// What the step reads first.
    pub input: View,
    /// What the step writes.
    pub output: View,
}

impl Step {
    /// The second value that the step reads, if any: a residual, an operand, or factors.
    pub fn second_input(&self) -> Option<View> {
        self.kind.second_input()
    }

    /// Every value that the step reads.
    pub fn reads(&self) -> impl Iterator<Item = View> {
        [self.input].into_iter().chain(self.second_input())
    }
}

/// How the requested outputs of a graph are computed, and in which memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The buffers' geometries.
    pub buffers: Vec<Geometry>,
    /// The graph's input.
    pub input: View,
    /// The steps, in the order in which they run.
    pub steps: Vec<Step>,
    /// The requested outputs, in the order of the request.
    pub outputs: Vec<View>,
}

impl Plan {
    /// Plans the requested `outputs` of a folded graph.
    ///
    /// With `narrow_input` an input of fewer than [`LANES`] channels that only dense convolutions read is not padded to a
    /// whole vector.
    ///
    /// # Errors
    /// [`Error::BadGraph`] where layers do not fit; for unfolded batch normalisation; and for a concatenation with a part whose
    /// channels are not a multiple of four, that is the graph's input, or that is already part of another concatenation or
    /// fused addition.
    pub fn new(graph: &Graph, outputs: &[Node], narrow_input: bool) -> Result<Self> {
        planner::Planner::new(graph, outputs)?.plan(outputs, narrow_input)
    }

    /// The geometry of the buffer that holds a value.
    pub(super) fn geometry(&self, view: View) -> &Geometry {
        &self.buffers[view.buffer]
    }

    /// Copies the network's input `[channels, height, width]` into the elements of its buffer.
    pub(super) fn write_input(&self, input: &[f32], elements: &mut [f32]) {
        let shape = self.input.shape;
        let geometry = self.geometry(self.input);
        for (channel, plane) in input.chunks_exact(shape.height * shape.width).enumerate() {
            for (y, row) in plane.chunks_exact(shape.width).enumerate() {
                let first = geometry.at(y as isize, 0) + channel;
                let pixels = elements[first..].iter_mut().step_by(geometry.pixel);
                pixels.zip(row).for_each(|(element, value)| *element = *value);
            }
        }
    }

    /// A value `[channels, height, width]` from the elements of its buffer.
    pub(super) fn read(&self, view: View, elements: &[f32]) -> Vec<f32> {
        let geometry = self.geometry(view);
        let mut values = Vec::with_capacity(view.shape.elements());
        for channel in view.first_channel..view.first_channel + view.shape.channels {
            for y in 0..view.shape.height {
                let first = geometry.at(y as isize, 0) + channel;
                // One by one: a pixel of the input may have fewer elements than a vector.
                values.extend(elements[first..].iter().step_by(geometry.pixel).take(view.shape.width));
            }
        }
        values
    }

    /// Bytes of all buffers in single precision.
    pub fn bytes(&self) -> usize {
        self.buffers.iter().map(|buffer| 4 * buffer.elements()).sum()
    }
}

/// The error for a layer that has no plan.
fn refused(layer: &Layer, reason: &str) -> Error {
    Error::BadGraph { layer: layer.name.clone(), reason: reason.into() }
}
