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

/// The weights of a depthwise convolution.
pub(super) struct DepthwiseWeights {
    /// `[channels / 4, kernel, kernel, 4]`, with the channels padded to whole vectors.
    taps: Vec<Cell>,
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

    /// `[channels, 1, kernel, kernel]` → `[channels / 4, kernel, kernel, 4]`.
    fn pack(&self, tensors: Tensors<'_>) -> Packed {
        let by_tap = tensors.by_tap(self.output.channels, self.window.kernel);
        let (by_tap, cells) = (by_tap.as_chunks::<LANES>().0, self.output.channels.div_ceil(LANES));
        let mut taps = Vec::with_capacity(by_tap.len());
        taps.extend((0..cells).flat_map(|cell| by_tap[cell..].iter().step_by(cells)));
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
    taps: &[Cell],
    epilogue: &mut Epilogue<'_>,
) {
    let Source { elements, geometry, view } = input;
    let (window, output) = (depthwise.window, depthwise.output);
    let cells = elements.as_chunks::<LANES>().0;
    let steps = Steps {
        row: geometry.row() / LANES,
        pixel: geometry.pixel / LANES,
        window: window.stride * geometry.pixel / LANES,
    };
    let of = if output.width >= PIXELS { (window.kernel, window.stride) } else { (0, 0) };
    let first_pixel = epilogue.pixels().start;
    for y in rows {
        let top = (y * window.stride) as isize - window.top as isize;
        for next in (0..output.width).step_by(PIXELS) {
            // The last pixels overlap those before where a row does not divide evenly.
            let x = next.min(output.width.saturating_sub(PIXELS));
            let left = (x * window.stride) as isize - window.left as isize;
            let cells = &cells[(geometry.at(top, left) + view.first_channel - from) / LANES..];
            let pixel = y * output.width + x - first_pixel;
            match of {
                (3, 1) => windows::<3, 1, 6, 9>(cells, taps, steps, pixel, epilogue),
                (3, 2) => windows::<3, 2, 9, 9>(cells, taps, steps, pixel, epilogue),
                (5, 1) => windows::<5, 1, 8, 25>(cells, taps, steps, pixel, epilogue),
                (5, 2) => windows::<5, 2, 11, 25>(cells, taps, steps, pixel, epilogue),
                _ => {
                    for next in 0..PIXELS.min(output.width) {
                        any_window(&cells[next * steps.window..], taps, steps, window.kernel, pixel + next, epilogue);
                    }
                }
            }
        }
    }
}

/// The results of four neighbouring windows of `K × K` pixels and stride `S`, which read `N = 3 S + K` pixels of a row: `[K, N,
/// channels] ∗ [channels / 4, T = K², 4]` → `[4, channels]`. A function of its own, so that its vectors stay in registers.
#[inline(never)]
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "relaxed-simd"))]
fn windows<const K: usize, const S: usize, const N: usize, const T: usize>(
    cells: &[Cell],
    taps: &[Cell],
    steps: Steps,
    pixel: usize,
    epilogue: &mut Epilogue<'_>,
) {
    let count = taps.len() / T;
    assert!((K - 1) * steps.row + (N - 1) * steps.pixel + count <= cells.len());
    // A number of rows that the compiler does not know: it would read whole windows before it multiplies, for which there are not
    // enough registers.
    let rows = std::hint::black_box(K);
    epilogue.finish_each(pixel, count, |cell, bias| {
        let mut sums = [bias; PIXELS];
        for y in 0..rows.min(K) {
            let (from, first_tap) = (y * steps.row + cell, cell * T + y * K);
            // SAFETY: `cell` is less than `count`, `y` less than K, and `x` less than N. The assertion above is about the greatest of
            // these indices.
            let row: [f32x4; N] =
                std::array::from_fn(|x| f32x4::new(unsafe { *cells.get_unchecked(from + x * steps.pixel) }));
            for x in 0..K {
                // SAFETY: `cell` is less than the number of whole kernels in `taps`, and `y` and `x` are less than K.
                let weight = f32x4::new(unsafe { *taps.get_unchecked(first_tap + x) });
                for (pixel, sum) in sums.iter_mut().enumerate() {
                    *sum = multiply_add(row[pixel * S + x], weight, *sum);
                }
            }
        }
        sums
    });
}

/// The results of a window of any kernel: `[kernel, kernel, channels] ∗ [channels / 4, kernel², 4]` → `[channels]`.
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "relaxed-simd"))]
fn any_window(cells: &[Cell], taps: &[Cell], steps: Steps, kernel: usize, pixel: usize, epilogue: &mut Epilogue<'_>) {
    for (cell, taps) in taps.chunks_exact(kernel * kernel).enumerate() {
        let mut sum = f32x4::ZERO;
        for (tap, weight) in taps.iter().enumerate() {
            let at = cell + tap / kernel * steps.row + tap % kernel * steps.pixel;
            sum = multiply_add(f32x4::new(cells[at]), f32x4::new(*weight), sum);
        }
        epilogue.finish(pixel, cell * LANES, [sum]);
    }
}
