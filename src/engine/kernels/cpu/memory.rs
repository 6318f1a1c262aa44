//! What a kernel reads and writes when it runs.

use super::vector::{Aligned, Cell, activate_all};
use crate::engine::kernels::plan::{Geometry, LANES, Plan, Step, View};
use crate::graph::Activation;

/// Scratch memory that all kernels of a network share. Each part is as large as the largest request of any kernel.
pub(in crate::engine::kernels) type Scratch = [Aligned; 3];

/// A step's memory while it runs.
pub(in crate::engine::kernels) struct Run<'a> {
    /// The step.
    pub(in crate::engine::kernels) step: &'a Step,
    /// All buffers but the output's.
    pub(in crate::engine::kernels) buffers: Buffers<'a>,
    /// The elements of the output's buffer.
    pub(in crate::engine::kernels) output: &'a mut [f32],
    /// Scratch memory, as large as the kernel asked for.
    pub(in crate::engine::kernels) scratch: &'a mut Scratch,
}

impl<'a> Run<'a> {
    /// The step's input.
    pub(in crate::engine::kernels) fn input(&self) -> Source<'a> {
        self.buffers.source(self.step.input)
    }

    /// The step's input, its output, and the scratch memory.
    pub(in crate::engine::kernels) fn split(self) -> (Source<'a>, Target<'a>, &'a mut Scratch) {
        let input = self.input();
        let Self { step, buffers, output, scratch } = self;
        let (view, activation) = (step.output, step.activation);
        (input, Target { elements: output, geometry: buffers.plan.geometry(view), view, activation }, scratch)
    }
}

/// The buffers that a step can read.
#[derive(Clone, Copy)]
pub(in crate::engine::kernels) struct Buffers<'a> {
    /// Where each value lies.
    pub(in crate::engine::kernels) plan: &'a Plan,
    /// The elements of each buffer; none for the buffer that is being written.
    pub(in crate::engine::kernels) elements: &'a [Aligned],
}

impl<'a> Buffers<'a> {
    /// A value to read.
    pub(in crate::engine::kernels) fn source(self, view: View) -> Source<'a> {
        Source { elements: &self.elements[view.buffer], geometry: self.plan.geometry(view), view }
    }
}

/// A value to read, `[height, width, channels]`.
#[derive(Clone, Copy)]
pub(in crate::engine::kernels) struct Source<'a> {
    /// The elements of its buffer.
    pub(in crate::engine::kernels) elements: &'a [f32],
    /// The geometry of its buffer.
    pub(in crate::engine::kernels) geometry: &'a Geometry,
    /// Where it lies in the buffer.
    pub(in crate::engine::kernels) view: View,
}

impl<'a> Source<'a> {
    /// All channels of a pixel.
    pub(in crate::engine::kernels) fn pixel(&self, y: usize, x: usize) -> &'a [Cell] {
        let first = self.geometry.at(y as isize, x as isize) + self.view.first_channel;
        &self.elements[first..].as_chunks().0[..self.view.shape.channels.div_ceil(LANES)]
    }
}

/// A value to write, `[height, width, channels]`.
pub(in crate::engine::kernels) struct Target<'a> {
    /// The elements of its buffer.
    elements: &'a mut [f32],
    /// The geometry of its buffer.
    geometry: &'a Geometry,
    /// Where it lies in the buffer.
    view: View,
    /// Applied to what is written.
    activation: Activation,
}

impl Target<'_> {
    /// Writes all pixels, one after the other: `pixel(y, x, cells)` computes the channels of one, before the activation.
    pub(in crate::engine::kernels) fn fill(&mut self, mut pixel: impl FnMut(usize, usize, &mut [Cell])) {
        let cells = self.view.shape.channels.div_ceil(LANES);
        for y in 0..self.view.shape.height {
            for x in 0..self.view.shape.width {
                let first = self.geometry.at(y as isize, x as isize) + self.view.first_channel;
                let cells = &mut self.elements[first..].as_chunks_mut().0[..cells];
                pixel(y, x, cells);
                activate_all(cells.as_flattened_mut(), self.activation);
            }
        }
    }
}
