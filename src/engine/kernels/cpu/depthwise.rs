//! Depthwise convolutions: each channel with a kernel of its own, four pixels of four channels at a time.

use std::ops::Range;

use wide::f32x4;

use super::CpuKernel;
use super::conv::bias_bytes;
use super::epilogue::{Epilogue, PixelOffsets};
use super::memory::{Run, Source};
use super::pool::range;
use super::vector::{Cell, multiply_add};
use crate::engine::LinearFormat;
use crate::engine::kernels::parameters::{Packed, Tensors};
use crate::engine::kernels::plan::{LANES, Plan, Step, Window};
use crate::error::Result;
use crate::graph::Shape;

/// Output pixels that share a load of weights.
const PIXELS: usize = 4;

/// Cells of a pixel that are summed before they are finished.
const STRIP: usize = 64;

/// Sums of a strip, pixel by pixel.
type Sums = [[Cell; STRIP]; PIXELS];

/// The weights of a depthwise convolution.
pub(super) struct DepthwiseWeights {
    /// `[kernel, kernel, channels]`, with the channels padded to whole vectors.
    taps: Vec<f32>,
    /// One element a channel, padded to whole vectors.
    pub(super) bias: Vec<f32>,
}

/// A depthwise convolution for one step: `[height, width, channels] ∗ [kernel, kernel, channels]` →
/// `[height', width', channels]`.
pub(in crate::engine::kernels) struct Depthwise {
    window: Window,
    output: Shape,
    offsets: PixelOffsets,
}

impl Depthwise {
    pub(in crate::engine::kernels) fn new(step: &Step, plan: &Plan, window: Window) -> Self {
        Self { window, output: step.output.shape, offsets: PixelOffsets::new(step, plan) }
    }

    /// Multiply–accumulates of all pixels.
    pub(super) fn work(&self) -> usize {
        self.window.kernel * self.window.kernel * self.output.elements()
    }

    /// Where the pixels begin.
    pub(super) fn offsets(&self) -> &PixelOffsets {
        &self.offsets
    }

    /// Rows of results.
    pub(super) fn height(&self) -> usize {
        self.output.height
    }

    /// The pixels of each of so many parts, which are whole rows.
    pub(super) fn ranges(&self, parts: usize) -> impl Iterator<Item = Range<usize>> + Send + use<> {
        let Shape { height, width, .. } = self.output;
        (0..parts).map(move |part| range(height, parts, part)).map(move |rows| rows.start * width..rows.end * width)
    }

    /// The rows that an epilogue finishes.
    pub(super) fn rows(&self, epilogue: &Epilogue<'_>) -> Range<usize> {
        let pixels = epilogue.pixels();
        pixels.start / self.output.width..pixels.end / self.output.width
    }

    /// Some of the rows that an epilogue finishes. The elements of the input begin so many behind the first one of its buffer.
    pub(super) fn compute(
        &self,
        weights: &DepthwiseWeights,
        input: Source<'_>,
        from: usize,
        rows: Range<usize>,
        epilogue: &mut Epilogue<'_>,
    ) {
        convolve(input, from, rows, self, &weights.taps, epilogue);
    }
}

impl CpuKernel for Depthwise {
    fn weight_bytes(&self, _: LinearFormat) -> u64 {
        let taps = (self.window.kernel * self.window.kernel) as u64;
        taps * 4 * self.output.channels.next_multiple_of(LANES) as u64 + bias_bytes(self.output.channels)
    }

    /// `[channels, 1, kernel, kernel]` → `[kernel, kernel, channels]`.
    fn pack(&self, tensors: Tensors<'_>) -> Packed {
        let taps = tensors.by_tap(self.output.channels, self.window.kernel);
        Packed::new(DepthwiseWeights { taps, bias: tensors.padded_bias(self.output.channels) })
    }

    fn table_bytes(&self) -> u64 {
        self.offsets.bytes()
    }

    fn run(&self, weights: &Packed, run: Run<'_>) -> Result<()> {
        let weights: &DepthwiseWeights = weights.get()?;
        let input = run.input();
        let parts = run.pool.parts(self.work(), self.output.height, 1);
        let (epilogues, pool, _) = self.offsets.divide(run, &weights.bias, self.ranges(parts));
        pool.share(epilogues, |_, mut epilogue| {
            let rows = self.rows(&epilogue);
            self.compute(weights, input, 0, rows, &mut epilogue);
        })
    }
}

/// Where windows lie, in cells.
#[derive(Clone, Copy)]
struct Steps {
    /// From a row to the next.
    row: usize,
    /// From a pixel to the next.
    pixel: usize,
    /// From a window to the next.
    window: usize,
    /// From a weight of a channel to its next weight.
    weight: usize,
}

/// `[height, width, channels] ∗ [kernel, kernel, channels]` → some rows of `[height', width', channels]`, which the epilogue
/// finishes; the usual kernels and strides have code of their own. The elements of the input begin `from` behind the first one
/// of its buffer.
#[inline(never)]
fn convolve(
    input: Source<'_>,
    from: usize,
    rows: Range<usize>,
    depthwise: &Depthwise,
    weights: &[f32],
    epilogue: &mut Epilogue<'_>,
) {
    let Source { elements, geometry, view } = input;
    let (window, output) = (depthwise.window, depthwise.output);
    let (cells, weights) = (elements.as_chunks::<LANES>().0, weights.as_chunks::<LANES>().0);
    let channels = output.channels.div_ceil(LANES);
    let steps = Steps {
        row: geometry.row() / LANES,
        pixel: geometry.pixel / LANES,
        window: window.stride * geometry.pixel / LANES,
        weight: channels,
    };
    let mut sums = [[[0.0; LANES]; STRIP]; PIXELS];
    let of = (window.kernel, window.stride);
    let pixels = epilogue.pixels();
    for y in rows {
        let top = (y * window.stride) as isize - window.top as isize;
        let mut next = 0;
        while next < output.width {
            // The last pixels overlap those before where a row does not divide evenly.
            let x = next.min(output.width.saturating_sub(PIXELS));
            let count = PIXELS.min(output.width);
            let left = (x * window.stride) as isize - window.left as isize;
            let first = (geometry.at(top, left) + view.first_channel - from) / LANES;
            for channel in (0..channels).step_by(STRIP) {
                let strip = STRIP.min(channels - channel);
                let (cells, weights) = (&cells[first + channel..], &weights[channel..]);
                match of {
                    (3, 1) if count == PIXELS => windows::<3, 1, 6>(cells, weights, steps, strip, &mut sums),
                    (3, 2) if count == PIXELS => windows::<3, 2, 9>(cells, weights, steps, strip, &mut sums),
                    (5, 1) if count == PIXELS => windows::<5, 1, 8>(cells, weights, steps, strip, &mut sums),
                    (5, 2) if count == PIXELS => windows::<5, 2, 11>(cells, weights, steps, strip, &mut sums),
                    (kernel, _) => any_windows(cells, weights, steps, kernel, strip, &mut sums[..count]),
                }
                for (pixel, sums) in sums.iter().enumerate().take(count) {
                    let pixel = y * output.width + x + pixel - pixels.start;
                    epilogue.finish_all(pixel, channel * LANES, &sums[..strip]);
                }
            }
            next += PIXELS;
        }
    }
}

/// The sums of a strip in four neighbouring windows of `K × K` pixels and stride `S`, which read `N = 3 S + K` pixels of a
/// row: `[K, N, strip] ∗ [K, K, strip]` → `[4, strip]`. A function of its own, so that its vectors stay in registers.
#[inline(never)]
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "relaxed-simd"))]
fn windows<const K: usize, const S: usize, const N: usize>(
    cells: &[Cell],
    weights: &[Cell],
    steps: Steps,
    strip: usize,
    sums: &mut Sums,
) {
    // Slices of one length: what is read below needs no check of its own.
    let strip = strip.min(STRIP);
    for y in 0..K {
        let inputs: [&[Cell]; N] = std::array::from_fn(|x| &cells[y * steps.row + x * steps.pixel..][..strip]);
        let weights: [&[Cell]; K] = std::array::from_fn(|x| &weights[(y * K + x) * steps.weight..][..strip]);
        for channel in 0..strip {
            let inputs: [f32x4; N] = inputs.map(|cells| f32x4::new(cells[channel]));
            let mut four: [f32x4; PIXELS] =
                std::array::from_fn(|pixel| if y == 0 { f32x4::ZERO } else { f32x4::new(sums[pixel][channel]) });
            for (column, weights) in weights.iter().enumerate() {
                let weight = f32x4::new(weights[channel]);
                for (pixel, sum) in four.iter_mut().enumerate() {
                    *sum = multiply_add(inputs[pixel * S + column], weight, *sum);
                }
            }
            for (sums, sum) in sums.iter_mut().zip(four) {
                sums[channel] = sum.to_array();
            }
        }
    }
}

/// The sums of a strip in some neighbouring windows of any kernel and stride: `[kernel, …, strip] ∗
/// [kernel, kernel, strip]` → `[windows, strip]`.
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "relaxed-simd"))]
fn any_windows(
    cells: &[Cell],
    weights: &[Cell],
    steps: Steps,
    kernel: usize,
    strip: usize,
    sums: &mut [[Cell; STRIP]],
) {
    for (pixel, sums) in sums.iter_mut().enumerate() {
        for (channel, result) in sums.iter_mut().enumerate().take(strip) {
            let mut sum = f32x4::ZERO;
            for row in 0..kernel {
                for column in 0..kernel {
                    let weight = f32x4::new(weights[channel + (row * kernel + column) * steps.weight]);
                    let at = channel + row * steps.row + column * steps.pixel + pixel * steps.window;
                    sum = multiply_add(f32x4::new(cells[at]), weight, sum);
                }
            }
            *result = sum.to_array();
        }
    }
}
