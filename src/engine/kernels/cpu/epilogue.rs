//! The end of every convolution: bias, residual and activation, while the sums are in registers.

use std::ops::Range;

use wide::f32x4;

use super::gemm::Store;
use super::memory::{Run, Scratch};
use super::parts::{Part, parts};
use super::pool::Pool;
use super::vector::{Cell, activate, load, store};
use crate::engine::kernels::plan::{LANES, Plan, Step, View};
use crate::graph::{Activation, Shape};

/// Where the pixels of a convolution's output begin, and those of its residual.
pub(super) struct PixelOffsets {
    output: Vec<u32>,
    residual: Option<(View, Vec<u32>)>,
}

impl PixelOffsets {
    /// Those of a step, row by row.
    pub(super) fn new(step: &Step, plan: &Plan) -> Self {
        let offsets = |view: View| {
            let geometry = plan.geometry(view);
            let Shape { height, width, .. } = view.shape;
            let mut offsets = Vec::with_capacity(height * width);
            for y in 0..height as isize {
                offsets.extend((0..width as isize).map(|x| (geometry.at(y, x) + view.first_channel) as u32));
            }
            offsets
        };
        let residual = step.second_input();
        Self { output: offsets(step.output), residual: residual.map(|view| (view, offsets(view))) }
    }

    /// Bytes of the tables.
    pub(super) fn bytes(&self) -> u64 {
        let residual = self.residual.as_ref().map_or(0, |(_, offsets)| offsets.capacity());
        4 * (self.output.capacity() + residual) as u64
    }

    /// An epilogue for some pixels, without a residual, whose memory begins `from` behind the first element of the output's
    /// buffer.
    pub(super) fn of<'a>(
        &'a self,
        pixels: Range<usize>,
        output: &'a mut [f32],
        from: usize,
        bias: &'a [f32],
        activation: Activation,
    ) -> Epilogue<'a> {
        Epilogue { first: pixels.start, ..Epilogue::new(output, from, &self.output[pixels], bias, activation) }
    }

    /// Divides the output of a run between `ranges` of its pixels, which are consecutive and cover all: an epilogue for each. With
    /// them come the threads and their scratch memory.
    pub(super) fn divide<'a>(
        &'a self,
        run: Run<'a>,
        bias: &'a [f32],
        ranges: impl Iterator<Item = Range<usize>> + Send + 'a,
    ) -> (impl Iterator<Item = Epilogue<'a>> + Send + 'a, &'a Pool, &'a mut [Scratch]) {
        let Run { step, buffers, output, scratch, pool } = run;
        let residual = self.residual.as_ref();
        let residual = residual.map(|(view, offsets)| (buffers.source(*view).elements, offsets.as_slice()));
        let activation = step.activation;
        let epilogues = parts(output, &self.output, ranges).map(move |Part { pixels, elements, from }| Epilogue {
            output: elements,
            from,
            first: pixels.start,
            offsets: &self.output[pixels.clone()],
            bias,
            residual: residual.map(|(elements, offsets)| (elements, &offsets[pixels.clone()])),
            group: 0,
            activation,
        });
        (epilogues, pool, scratch)
    }
}

/// Where the sums of a convolution go, and what is done to them first.
pub(super) struct Epilogue<'a> {
    /// The elements of the output's buffer that hold the pixels which this epilogue finishes.
    output: &'a mut [f32],
    /// Where the first of them lies in the buffer.
    from: usize,
    /// The first pixel.
    first: usize,
    /// Where each of the pixels begins in the buffer.
    offsets: &'a [u32],
    /// One element an output channel, padded to whole vectors.
    bias: &'a [f32],
    /// The elements of the residual's buffer, and where each pixel begins in it.
    residual: Option<(&'a [f32], &'a [u32])>,
    /// The channel that what is stored calls its first: that of a group.
    pub(super) group: usize,
    /// Applied last.
    activation: Activation,
}

impl<'a> Epilogue<'a> {
    /// An epilogue without a residual for pixels that begin at these offsets in a buffer, whose elements from `from` on are given.
    pub(super) fn new(
        output: &'a mut [f32],
        from: usize,
        offsets: &'a [u32],
        bias: &'a [f32],
        activation: Activation,
    ) -> Self {
        Self { output, from, first: 0, offsets, bias, residual: None, group: 0, activation }
    }

    /// The pixels that this epilogue finishes.
    pub(super) fn pixels(&self) -> Range<usize> {
        self.first..self.first + self.offsets.len()
    }

    /// Adds bias and residual to the sums of channels `channel..channel + 4 V` of a pixel, `[4 V] + [4 V] + [4 V]` → `[4 V]`,
    /// and writes what the activation makes of them. Pixels are counted from the first of [`Epilogue::pixels`] on.
    #[inline(always)]
    pub(super) fn finish<const V: usize>(&mut self, pixel: usize, channel: usize, mut values: [f32x4; V]) {
        let cells = |elements: &[f32], from: usize| {
            let elements = &elements[from..from + V * LANES];
            std::array::from_fn::<f32x4, V, _>(|v| load(elements, v * LANES))
        };
        for (value, bias) in values.iter_mut().zip(cells(self.bias, channel)) {
            *value += bias;
        }
        if let Some((residual, offsets)) = self.residual {
            for (value, more) in values.iter_mut().zip(cells(residual, offsets[pixel] as usize + channel)) {
                *value += more;
            }
        }
        let from = self.offsets[pixel] as usize + channel - self.from;
        let output = &mut self.output[from..from + V * LANES];
        for (v, value) in activate(values, self.activation).into_iter().enumerate() {
            store(output, v * LANES, value);
        }
    }

    /// As [`Epilogue::finish`] for channels `channel..channel + 4 cells` of a pixel, whose sums are `[cells, 4]`.
    #[inline(never)]
    pub(super) fn finish_all(&mut self, pixel: usize, channel: usize, sums: &[Cell]) {
        let (fours, rest) = sums.as_chunks::<4>();
        for (index, four) in fours.iter().enumerate() {
            self.finish(pixel, channel + 4 * LANES * index, four.map(f32x4::new));
        }
        for (index, one) in rest.iter().enumerate() {
            self.finish(pixel, channel + LANES * (4 * fours.len() + index), [f32x4::new(*one)]);
        }
    }
}

impl Store for Epilogue<'_> {
    #[inline(always)]
    fn store<const V: usize>(&mut self, row: usize, channel: usize, values: [f32x4; V]) {
        self.finish(row, self.group + channel, values);
    }
}
