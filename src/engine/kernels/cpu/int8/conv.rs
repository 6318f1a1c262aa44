//! Dense and grouped convolutions in 8 bits.

use super::eight_bits;
use super::gemm::{Panels, Product, Rows, multiply};
use super::quantise::{Layout, Steps};
use crate::engine::LinearFormat;
use crate::engine::kernels::cpu::CpuKernel;
use crate::engine::kernels::cpu::conv::{LEAST_ROWS, bias_bytes};
use crate::engine::kernels::cpu::epilogue::{Epilogue, PixelOffsets};
use crate::engine::kernels::cpu::memory::{Run, Source, first};
use crate::engine::kernels::cpu::pool::{Pool, range};
use crate::engine::kernels::parameters::{Packed, Tensors};
use crate::engine::kernels::plan::{LANES, Plan, Step, Window};
use crate::error::Result;

/// A convolution for one step: `[height, width, in] ∗ [kernel, kernel, in / groups, out]` → `[height', width', out]`, which for
/// each group is the product `[height' · width', kernel² · in / groups] × [kernel² · in / groups, out / groups]`.
pub(in crate::engine::kernels::cpu) struct Conv {
    window: Window,
    groups: usize,
    /// Channels in and out of each group.
    channels: (usize, usize),
    layout: Layout,
    /// Where each window begins.
    bases: Vec<u32>,
    /// The offset of each stretch from the first word of its window.
    stretches: Vec<u32>,
    /// Words of a stretch.
    length: usize,
    offsets: PixelOffsets,
    product: Product,
}

/// The weights of a convolution.
pub(in crate::engine::kernels::cpu) struct Weights {
    /// One for each group.
    panels: Vec<Panels>,
    /// One element an output channel, padded to whole vectors.
    pub(in crate::engine::kernels::cpu) bias: Vec<f32>,
}

/// An input in 7 bits.
#[derive(Clone, Copy)]
pub(in crate::engine::kernels::cpu) struct Quantised<'a> {
    words: &'a [i32],
    steps: Steps,
}

impl Conv {
    pub(in crate::engine::kernels::cpu) fn new(
        step: &Step,
        plan: &Plan,
        window: Window,
        groups: usize,
        product: Product,
    ) -> Self {
        let (layout, output) = (Layout::new(step.input, plan), step.output.shape);
        let Window { kernel, stride, top, left } = window;
        let start = |index: usize, before: usize| (index * stride) as isize - before as isize;
        let mut bases = Vec::with_capacity(output.height * output.width);
        for y in 0..output.height {
            bases.extend((0..output.width).map(|x| layout.at(start(y, top), start(x, left)) as u32));
        }
        let (row, pixel) = (layout.row(), layout.pixel());
        // A row of a window is one stretch where whole pixels are read.
        let (stretches, length): (Vec<u32>, usize) = if groups == 1 {
            ((0..kernel).map(|y| (y * row) as u32).collect(), kernel * pixel)
        } else {
            let taps = (0..kernel * kernel).map(|tap| tap / kernel * row + tap % kernel * pixel);
            (taps.map(|offset| offset as u32).collect(), pixel / groups)
        };
        let channels = (step.input.shape.channels / groups, output.channels / groups);
        let offsets = PixelOffsets::new(step, plan);
        Self { window, groups, channels, layout, bases, stretches, length, offsets, product }
    }

    /// Words of inputs of an output.
    fn depth(&self) -> usize {
        self.stretches.len() * self.length
    }

    /// Multiply–accumulates of all pixels.
    pub(in crate::engine::kernels::cpu) fn work(&self) -> usize {
        self.bases.len() * LANES * self.depth() * self.groups * self.channels.1
    }

    /// Where the pixels begin.
    pub(in crate::engine::kernels::cpu) fn offsets(&self) -> &PixelOffsets {
        &self.offsets
    }

    /// The whole input in 7 bits, which lies in the scratch memory that [`CpuKernel::scratch`] asks for first.
    ///
    /// # Errors
    /// [`Error::ThreadLost`](crate::error::Error::ThreadLost) where a thread stopped.
    pub(in crate::engine::kernels::cpu) fn quantise<'a>(
        &self,
        source: Source<'_>,
        pool: &Pool,
        scratch: &'a mut [f32],
    ) -> Result<Quantised<'a>> {
        let words: &mut [i32] = bytemuck::cast_slice_mut(&mut scratch[..self.layout.words()]);
        let steps = self.layout.quantise_all(source, pool, words)?;
        Ok(Quantised { words, steps })
    }

    /// The pixels that an epilogue finishes.
    pub(in crate::engine::kernels::cpu) fn compute(
        &self,
        weights: &Weights,
        input: Quantised<'_>,
        epilogue: &mut Epilogue<'_>,
    ) {
        let bases = &self.bases[epilogue.pixels()];
        for (group, panels) in weights.panels.iter().enumerate() {
            epilogue.group = group * panels.channels();
            let rows = Rows {
                words: &input.words[group * self.channels.0 / LANES..],
                bases,
                stretches: &self.stretches,
                length: self.length,
                steps: input.steps,
                product: self.product,
            };
            multiply(rows, panels, epilogue);
        }
    }
}

impl CpuKernel for Conv {
    fn weight_bytes(&self, _: LinearFormat) -> u64 {
        let (_, outputs) = self.channels;
        self.groups as u64 * Panels::bytes(outputs, self.depth()) + bias_bytes(self.groups * outputs)
    }

    /// `[out, in / groups, kernel, kernel]` → panels of each group.
    fn pack(&self, tensors: Tensors<'_>) -> Packed {
        let (inputs, outputs) = self.channels;
        let (values, scales) = eight_bits(&tensors.weight, self.groups * outputs);
        let (taps, lanes) = (self.window.kernel * self.window.kernel, inputs.next_multiple_of(LANES));
        let group = |(group, scales): (usize, &[f32])| {
            Panels::new(scales, self.depth(), |output, word| {
                let (tap, lane) = (LANES * word / lanes, LANES * word % lanes);
                let row = &values[(group * outputs + output) * inputs * taps..][..inputs * taps];
                std::array::from_fn(|next| if lane + next < inputs { row[(lane + next) * taps + tap] } else { 0 })
            })
        };
        let panels = scales.chunks_exact(outputs).enumerate().map(group).collect();
        Packed::new(Weights { panels, bias: tensors.padded_bias(self.groups * outputs) })
    }

    fn table_bytes(&self) -> u64 {
        4 * (self.bases.capacity() + self.stretches.capacity()) as u64 + self.offsets.bytes()
    }

    fn scratch(&self) -> [usize; 3] {
        [self.layout.words(), 0, 0]
    }

    fn run(&self, weights: &Packed, run: Run<'_>) -> Result<()> {
        let weights: &Weights = weights.get()?;
        let source = run.input();
        let pixels = self.bases.len();
        let parts = run.pool.parts(self.work(), pixels, LEAST_ROWS);
        let ranges = (0..parts).map(move |part| range(pixels, parts, part));
        let (epilogues, pool, scratch) = self.offsets.divide(run, &weights.bias, ranges);
        let input = self.quantise(source, pool, &mut first(scratch)?[0])?;
        pool.share(epilogues, |_, mut epilogue| self.compute(weights, input, &mut epilogue))
    }
}
