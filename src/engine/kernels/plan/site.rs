//! A layer in its graph: what the kind of its step depends on besides the layer itself.

use super::geometry::{LANES, View};
use super::planner::Planner;
use super::{Kind, Window, refused};
use crate::error::{Error, Result};
use crate::graph::{Conv, Layer};

/// A layer of a graph whose plan is being made.
pub(in crate::engine::kernels) struct Site<'a> {
    planner: &'a Planner<'a>,
    index: usize,
    layer: &'a Layer,
}

impl<'a> Site<'a> {
    /// The layer of this index.
    pub(super) fn new(planner: &'a Planner<'a>, index: usize) -> Self {
        Self { planner, index, layer: &planner.graph.layers()[index] }
    }

    /// The error for the layer, with the reason why it has no kernel.
    pub(in crate::engine::kernels) fn refused(&self, reason: &str) -> Error {
        refused(self.layer, reason)
    }

    /// Where the second of exactly two values lies that the layer reads.
    ///
    /// # Errors
    /// [`Error::BadGraph`] if the layer reads another number of values.
    pub(in crate::engine::kernels) fn second_operand(&self) -> Result<View> {
        match self.layer.inputs[..] {
            [_, second] => self.planner.view(second.0),
            _ => Err(self.refused("only two values can be added or multiplied")),
        }
    }

    /// A convolution, with the addition that runs in it.
    ///
    /// # Errors
    /// [`Error::BadGraph`] for groups that have no kernel.
    pub(in crate::engine::kernels) fn convolution(&self, conv: &Conv) -> Result<Kind> {
        let input = self.planner.shapes[self.layer.inputs[0].0];
        let (top, _) = conv.padding.resolve(input.height, conv.kernel, conv.stride);
        let (left, _) = conv.padding.resolve(input.width, conv.kernel, conv.stride);
        let window = Window { kernel: conv.kernel, stride: conv.stride, top, left };
        let residual = self.residual()?;
        let groups = conv.groups;
        let whole_vectors = |channels: usize| (channels / groups).is_multiple_of(LANES);
        if groups == input.channels && groups == conv.channels && groups > 1 {
            Ok(Kind::Depthwise { window, residual })
        } else if groups == 1 || whole_vectors(input.channels) && whole_vectors(conv.channels) {
            Ok(Kind::Conv { window, groups, residual })
        } else {
            Err(self.refused("groups of anything but whole groups of four channels have no kernel"))
        }
    }

    /// The other operand of the addition that runs in the layer, if any.
    fn residual(&self) -> Result<Option<View>> {
        let Some(addition) = self.planner.fusion.addition_in(self.index) else { return Ok(None) };
        let inputs = &self.planner.graph.layers()[addition].inputs;
        let other = inputs.iter().find(|node| node.0 != self.index + 1);
        let other = other.ok_or_else(|| self.refused("it would be added to itself"))?;
        self.planner.view(other.0).map(Some)
    }
}
