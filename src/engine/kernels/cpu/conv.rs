//! Dense and grouped convolutions: windows are the rows of a matrix product, without being copied.
//!
//! Channels lie side by side, so a row of a window's pixels is one stretch of elements where whole pixels are read.

use super::CpuKernel;
use super::epilogue::{Epilogue, PixelOffsets};
use super::gemm::{Panels, Rows, multiply};
use super::memory::Run;
use super::pool::range;
use super::winograd::WinogradConv;
use super::{LayerOptions, int8};
use crate::engine::LinearFormat;
use crate::engine::kernels::parameters::{Packed, Tensors};
use crate::engine::kernels::plan::{Geometry, LANES, Plan, Step, View, Window};
use crate::engine::kernels::winograd::Form;
use crate::error::Result;

/// Where F(4×4, 3×3) gives way to F(2×2, 3×3): on a smaller output its tiles hang over the edge, and its weights, four
/// times those of the file, take longer to come from memory than they save.
const FOUR_FROM: usize = 12;

/// Rows of a product for which the weights are worth being read once more.
pub(super) const LEAST_ROWS: usize = 24;

/// The kernel of a convolution: by Winograd's algorithm or in 8 bits where that is faster.
pub(in crate::engine::kernels) fn kernel(
    step: &Step,
    plan: &Plan,
    window: Window,
    groups: usize,
    options: LayerOptions,
) -> Box<dyn CpuKernel> {
    let form = form(step, window, groups);
    if int8::suits(form, options) {
        return Box::new(int8::conv::Conv::new(step, plan, window, groups, options.product));
    }
    match form {
        Form::Direct => Box::new(Conv::new(step, plan, window, groups)),
        Form::Winograd(form) => Box::new(WinogradConv::new(step, plan, window, groups, form)),
    }
}

/// The form of a convolution in single precision.
pub(super) fn form(step: &Step, window: Window, groups: usize) -> Form {
    let (input, output) = (step.input.shape, step.output.shape);
    Form::choose(window, input.channels / groups, output.channels / groups, output, FOUR_FROM)
}

/// The weights of a convolution.
pub(super) struct ConvWeights {
    /// One for each group; for Winograd's convolutions one for each product and group.
    pub(super) panels: Vec<Panels>,
    /// One element an output channel, padded to whole vectors.
    pub(super) bias: Vec<f32>,
}

/// How a convolution reads its windows.
#[derive(Clone, Copy, Debug)]
struct Reading {
    /// Elements that are read of a pixel, in each group.
    lanes: usize,
    /// Whether the pixels of a window's row are read as one stretch.
    whole: bool,
}

impl Reading {
    /// Of a value in a buffer, by a convolution in `groups`.
    fn new(geometry: &Geometry, view: View, groups: usize) -> Self {
        let channels = view.shape.channels;
        // If the value is part of a concatenation, at least four channels of each pixel belong to other parts.
        if groups == 1 && view.first_channel == 0 && geometry.pixel - channels < LANES {
            Self { lanes: geometry.pixel, whole: true }
        } else {
            Self { lanes: (channels / groups).next_multiple_of(LANES), whole: false }
        }
    }
}

/// A convolution as it is defined, for one step: `[height, width, in] ∗ [kernel, kernel, in / groups, out]` →
/// `[height', width', out]`, which for each group is the product `[height' · width', kernel² · in / groups] ×
/// [kernel² · in / groups, out / groups]`.
pub(super) struct Conv {
    window: Window,
    groups: usize,
    /// Channels in and out of each group.
    channels: (usize, usize),
    reading: Reading,
    /// Where each window begins.
    bases: Vec<u32>,
    /// The offset of each stretch from the first element of its window.
    stretches: Vec<u32>,
    /// Elements of a stretch.
    length: usize,
    offsets: PixelOffsets,
}

impl Conv {
    pub(super) fn new(step: &Step, plan: &Plan, window: Window, groups: usize) -> Self {
        let (view, output) = (step.input, step.output.shape);
        let geometry = plan.geometry(view);
        let reading = Reading::new(geometry, view, groups);
        let Window { kernel, stride, top, left } = window;
        let start = |index: usize, before: usize| (index * stride) as isize - before as isize;
        let mut bases = Vec::with_capacity(output.height * output.width);
        for y in 0..output.height {
            let row = (0..output.width).map(|x| geometry.at(start(y, top), start(x, left)) + view.first_channel);
            bases.extend(row.map(|base| base as u32));
        }
        let row = geometry.row();
        let (stretches, length): (Vec<u32>, usize) = if reading.whole {
            ((0..kernel).map(|y| (y * row) as u32).collect(), kernel * geometry.pixel)
        } else {
            let taps = (0..kernel * kernel).map(|tap| tap / kernel * row + tap % kernel * geometry.pixel);
            (taps.map(|offset| offset as u32).collect(), reading.lanes)
        };
        let channels = (view.shape.channels / groups, output.channels / groups);
        Self { window, groups, channels, reading, bases, stretches, length, offsets: PixelOffsets::new(step, plan) }
    }

    /// Inputs of an output, as they are read: `kernel² · in / groups` with the channels padded to what is read of a pixel.
    fn depth(&self) -> usize {
        self.window.kernel * self.window.kernel * self.reading.lanes
    }

    /// Multiply–accumulates of all pixels.
    pub(super) fn work(&self) -> usize {
        self.bases.len() * self.depth() * self.groups * self.channels.1
    }

    /// Where the pixels begin.
    pub(super) fn offsets(&self) -> &PixelOffsets {
        &self.offsets
    }

    /// The pixels that an epilogue finishes, from the elements of the input's buffer.
    pub(super) fn compute(&self, weights: &ConvWeights, input: &[f32], epilogue: &mut Epilogue<'_>) {
        let bases = &self.bases[epilogue.pixels()];
        for (group, panels) in weights.panels.iter().enumerate() {
            let elements = &input[group * self.reading.lanes..];
            epilogue.group = group * panels.channels();
            let rows = Rows { elements, bases, stretches: &self.stretches, length: self.length };
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
        let weights = tensors.weight.dequantise();
        let (inputs, outputs) = self.channels;
        let (taps, lanes) = (self.window.kernel * self.window.kernel, self.reading.lanes);
        let group = |group: usize| {
            Panels::new(outputs, self.depth(), |output, input| {
                let (tap, lane) = (input / lanes, input % lanes);
                if lane < inputs { weights[((group * outputs + output) * inputs + lane) * taps + tap] } else { 0.0 }
            })
        };
        let bias = tensors.padded_bias(self.groups * outputs);
        Packed::new(ConvWeights { panels: (0..self.groups).map(group).collect(), bias })
    }

    fn table_bytes(&self) -> u64 {
        4 * (self.bases.capacity() + self.stretches.capacity()) as u64 + self.offsets.bytes()
    }

    fn run(&self, weights: &Packed, run: Run<'_>) -> Result<()> {
        let weights: &ConvWeights = weights.get()?;
        let input = run.input().elements;
        let pixels = self.bases.len();
        let parts = run.pool.parts(self.work(), pixels, LEAST_ROWS);
        let ranges = (0..parts).map(move |part| range(pixels, parts, part));
        let (epilogues, pool, _) = self.offsets.divide(run, &weights.bias, ranges);
        pool.share(epilogues, |_, mut epilogue| self.compute(weights, input, &mut epilogue))
    }
}

/// Bytes of a bias that is padded to whole vectors.
pub(in crate::engine::kernels) fn bias_bytes(channels: usize) -> u64 {
    4 * channels.next_multiple_of(LANES) as u64
}
