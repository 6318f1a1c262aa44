//! The end of every convolution: bias, residual and activation, as far as possible while the sums are in registers.

use std::ops::Range;

use wide::f32x4;

use super::activation::activate_all;
use super::gemm::Store;
use super::memory::{Run, Scratch};
use super::parts::{Part, parts};
use super::pool::Pool;
use super::vector::{Cell, clamp, load, store};
use crate::engine::kernels::plan::{LANES, Plan, Step, View};
use crate::graph::activation::RELU6_MAXIMUM;
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
        let (limits, curve) = parts_of(step.activation);
        let epilogues = parts(output, &self.output, ranges).map(move |Part { pixels, elements, from }| Epilogue {
            output: elements,
            from,
            first: pixels.start,
            offsets: &self.output[pixels.clone()],
            bias,
            residual: residual.map(|(elements, offsets)| (elements, &offsets[pixels.clone()])),
            group: 0,
            limits,
            curve,
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
    /// The least and the greatest value that the activation function leaves.
    limits: (f32, f32),
    /// Applied last: an activation function that is more than limits.
    curve: Option<Activation>,
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
        let (limits, curve) = parts_of(activation);
        Self { output, from, first: 0, offsets, bias, residual: None, group: 0, limits, curve }
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
        let (least, most) = (f32x4::splat(self.limits.0), f32x4::splat(self.limits.1));
        for (v, value) in values.into_iter().enumerate() {
            store(output, v * LANES, clamp(value, least, most));
        }
        if let Some(curve) = self.curve {
            activate_all(output, curve);
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

    /// As [`Epilogue::finish`] for the first `cells` cells of `P` pixels that follow each other; `sums` gives those of a cell, one
    /// for each pixel, which begin with a bias. What does not depend on the cell is looked up once.
    #[inline(always)]
    pub(super) fn finish_each<const P: usize>(
        &mut self,
        pixel: usize,
        cells: usize,
        sums: impl Fn(usize, f32x4) -> [f32x4; P],
    ) {
        let limits = if self.residual.is_none() { self.limits } else { UNLIMITED };
        let (least, most) = (f32x4::splat(limits.0), f32x4::splat(limits.1));
        let bias = &self.bias.as_chunks::<LANES>().0[..cells];
        let (mut rest, mut start) = (&mut self.output[..], self.from);
        let mut outputs: [&mut [Cell]; P] = std::array::from_fn(|next| {
            let from = self.offsets[pixel + next] as usize;
            let (own, behind) = std::mem::take(&mut rest)[from - start..].split_at_mut(cells * LANES);
            (rest, start) = (behind, from + own.len());
            &mut own.as_chunks_mut().0[..cells]
        });
        for cell in 0..cells {
            for (output, sum) in outputs.iter_mut().zip(sums(cell, f32x4::new(bias[cell]))) {
                output[cell] = clamp(sum, least, most).to_array();
            }
        }
        if self.residual.is_some() || self.curve.is_some() {
            (pixel..pixel + P).for_each(|pixel| self.finish_stored(pixel, cells));
        }
    }

    /// What residual and activation make of the first cells of a pixel, where sums with their bias are stored.
    #[inline(never)]
    fn finish_stored(&mut self, pixel: usize, cells: usize) {
        let from = self.offsets[pixel] as usize - self.from;
        let output = &mut self.output[from..from + cells * LANES];
        if let Some((residual, offsets)) = self.residual {
            for (value, more) in output.iter_mut().zip(&residual[offsets[pixel] as usize..]) {
                *value = (*value + more).clamp(self.limits.0, self.limits.1);
            }
        }
        if let Some(curve) = self.curve {
            activate_all(output, curve);
        }
    }
}

/// The limits of what is not limited.
const UNLIMITED: (f32, f32) = (f32::NEG_INFINITY, f32::INFINITY);

/// An activation function as limits, and the function itself where it is more than that.
fn parts_of(activation: Activation) -> ((f32, f32), Option<Activation>) {
    match activation {
        Activation::Identity => (UNLIMITED, None),
        Activation::Relu => ((0.0, f32::INFINITY), None),
        Activation::Relu6 => ((0.0, RELU6_MAXIMUM), None),
        Activation::ScaledTanh | Activation::Tanh | Activation::Sigmoid | Activation::Swish => {
            (UNLIMITED, Some(activation))
        }
    }
}

impl Store for Epilogue<'_> {
    #[inline(always)]
    fn store<const V: usize>(&mut self, row: usize, channel: usize, values: [f32x4; V]) {
        self.finish(row, self.group + channel, values);
    }
}
