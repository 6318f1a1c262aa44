//! What a kernel reads and writes when it runs.

use super::activation::activate_all;
use super::parts::{Part, parts};
use super::pool::{Pool, range};
use super::vector::{Aligned, Cell};
use crate::engine::kernels::plan::{Geometry, LANES, Plan, Step, View};
use crate::error::{Error, Result};
use crate::graph::Activation;

/// Scratch memory of a thread, which all kernels of a network share. Each part is as large as the largest request of any kernel.
pub(in crate::engine::kernels) type Scratch = [Aligned; 3];

/// The scratch memory of the thread that runs the network.
///
/// # Errors
/// [`Error::Internal`] where there is none.
pub(in crate::engine::kernels) fn first(scratch: &mut [Scratch]) -> Result<&mut Scratch> {
    scratch.first_mut().ok_or_else(|| Error::Internal("a step lacks its scratch memory".into()))
}

/// A step's memory while it runs.
pub(in crate::engine::kernels) struct Run<'a> {
    /// The step.
    pub(in crate::engine::kernels) step: &'a Step,
    /// All buffers but the output's.
    pub(in crate::engine::kernels) buffers: Buffers<'a>,
    /// The elements of the output's buffer.
    pub(in crate::engine::kernels) output: &'a mut [f32],
    /// Scratch memory for each thread, as large as the kernel asked for.
    pub(in crate::engine::kernels) scratch: &'a mut [Scratch],
    /// The threads.
    pub(in crate::engine::kernels) pool: &'a Pool,
}

impl<'a> Run<'a> {
    /// The step's input.
    pub(in crate::engine::kernels) fn input(&self) -> Source<'a> {
        self.buffers.source(self.step.input)
    }

    /// The step's input, its output, and the scratch memory of each thread.
    pub(in crate::engine::kernels) fn split(self) -> (Source<'a>, Target<'a>, &'a mut [Scratch]) {
        let input = self.input();
        let Self { step, buffers, output, scratch, pool } = self;
        let (view, activation) = (step.output, step.activation);
        (input, Target { elements: output, geometry: buffers.plan.geometry(view), view, activation, pool }, scratch)
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
    /// The threads that write.
    pool: &'a Pool,
}

impl Target<'_> {
    /// Writes all pixels: `pixel(y, x, cells)` computes the channels of one, before the activation. `work` is about how many
    /// multiply–accumulates an element takes.
    ///
    /// # Errors
    /// [`Error::ThreadLost`](crate::error::Error::ThreadLost) where a thread stopped.
    pub(in crate::engine::kernels) fn fill(
        self,
        work: usize,
        pixel: impl Fn(usize, usize, &mut [Cell]) + Sync,
    ) -> Result<()> {
        let mut nothing = vec![(); self.pool.threads()];
        self.fill_with(work, &mut nothing, |(), y, x, cells| pixel(y, x, cells))
    }

    /// As [`Target::fill`], with a state for each thread.
    ///
    /// # Errors
    /// As [`Target::fill`].
    pub(in crate::engine::kernels) fn fill_with<S: Send>(
        self,
        work: usize,
        states: &mut [S],
        pixel: impl Fn(&mut S, usize, usize, &mut [Cell]) + Sync,
    ) -> Result<()> {
        let Self { elements, geometry, view, activation, pool } = self;
        let (cells, width, height) = (view.shape.channels.div_ceil(LANES), view.shape.width, view.shape.height);
        let start = |y: usize, x: usize| geometry.at(y as isize, x as isize) + view.first_channel;
        let rows: Vec<u32> = (0..height).map(|y| start(y, 0) as u32).collect();
        let count = pool.parts(view.shape.elements() * work, height, 1);
        let ranges = (0..count).map(|part| range(height, count, part));
        pool.share_with(states, parts(elements, &rows, ranges), |state, Part { pixels: rows, elements, from }| {
            for y in rows {
                for x in 0..width {
                    let cells = &mut elements[start(y, x) - from..].as_chunks_mut().0[..cells];
                    pixel(state, y, x, cells);
                    activate_all(cells.as_flattened_mut(), activation);
                }
            }
        })
    }
}
