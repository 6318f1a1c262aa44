//! A convolution and the depthwise convolution behind it, computed together, strip by strip of rows.
//!
//! MobileNets and EfficientNets widen a value sixfold, only for a depthwise convolution to read it once. What lies between the
//! two is larger than the second cache of a core: written and read as a whole it passes through the memory twice. Here some rows
//! of it are computed, read, and forgotten. The results are equal to the last bit, and the value needs no buffer.

use std::ops::Range;

use super::conv::{Conv, ConvWeights, form};
use super::depthwise::{Depthwise, DepthwiseWeights};
use super::epilogue::{Epilogue, PixelOffsets};
use super::int8;
use super::int8::conv::Weights;
use super::memory::{Run, Source};
use super::options::LayerOptions;
use super::{CpuKernel, Pool, Scratch};
use crate::engine::kernels::kinds::Kind;
use crate::engine::kernels::parameters::Packed;
use crate::engine::kernels::plan::{Geometry, LANES, Plan, Step, Window};
use crate::engine::kernels::winograd::Form;
use crate::error::{Error, Result};

/// Elements of a value from which on it is computed in strips: half a mebibyte. Smaller ones stay in the second cache.
const FROM: usize = 128 * 1024;
/// Elements of a strip at most, unless it would have a single row of results: 192 KiB.
const MOST: usize = 48 * 1024;
/// Rows of results that a part has at least: the rows that two neighbouring parts read are computed for both.
const LEAST_ROWS: usize = 14;

/// Two steps that follow each other.
pub(super) struct Strips {
    /// The first of the two.
    step: Step,
    conv: Widening,
    depthwise: Depthwise,
    window: Window,
    /// How what lies between them would lie in a buffer.
    between: Geometry,
    /// Rows of the second step's results that are computed together.
    rows: usize,
}

impl std::fmt::Debug for Strips {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Strips")
    }
}

/// The first of the two, by its arithmetic.
enum Widening {
    F32(Conv),
    Int8(int8::conv::Conv),
}

impl Widening {
    fn kernel(&self) -> &dyn CpuKernel {
        match self {
            Self::F32(conv) => conv,
            Self::Int8(conv) => conv,
        }
    }

    /// Where the pixels begin.
    fn offsets(&self) -> &PixelOffsets {
        match self {
            Self::F32(conv) => conv.offsets(),
            Self::Int8(conv) => conv.offsets(),
        }
    }

    /// Multiply–accumulates of all pixels.
    fn work(&self) -> usize {
        match self {
            Self::F32(conv) => conv.work(),
            Self::Int8(conv) => conv.work(),
        }
    }

    /// The step with its weights and what it reads. What is quantised lies in `words`.
    ///
    /// # Errors
    /// [`Error::ThreadLost`] where a thread stopped.
    fn ready<'a>(
        &'a self,
        weights: &'a Packed,
        source: Source<'a>,
        pool: &Pool,
        words: &'a mut [f32],
    ) -> Result<Widen<'a>> {
        Ok(match self {
            Self::F32(conv) => {
                let weights: &ConvWeights = weights.get()?;
                let compute =
                    Box::new(move |epilogue: &mut Epilogue<'_>| conv.compute(weights, source.elements, epilogue));
                Widen { compute, bias: &weights.bias }
            }
            Self::Int8(conv) => {
                let (weights, input): (&Weights, _) = (weights.get()?, conv.quantise(source, pool, words)?);
                let compute = Box::new(move |epilogue: &mut Epilogue<'_>| conv.compute(weights, input, epilogue));
                Widen { compute, bias: &weights.bias }
            }
        })
    }
}

/// The first step while it runs.
struct Widen<'a> {
    /// Computes the pixels that an epilogue finishes.
    compute: Box<dyn Fn(&mut Epilogue<'_>) + Sync + 'a>,
    bias: &'a [f32],
}

impl Strips {
    /// The kernel of a step and the next one, where these are a convolution and a depthwise convolution that can be computed
    /// together and what lies between them is large. `options` has one entry a layer.
    pub(super) fn of(plan: &Plan, index: usize, options: &[LayerOptions]) -> Option<Self> {
        let (step, second) = (plan.steps.get(index)?, plan.steps.get(index + 1)?);
        let Kind::Conv { window: own, groups, residual: None } = step.kind else { return None };
        let Kind::Depthwise { window, .. } = second.kind else { return None };
        let between = *plan.geometry(step.output);
        let is_whole = between.pixel == step.output.shape.channels.next_multiple_of(LANES);
        let alone = second.input == step.output
            // Not a part of a concatenation.
            && is_whole
            && second.second_input().is_none_or(|view| view.buffer != step.output.buffer)
            && step.input.buffer != second.output.buffer
            && !is_read_later(plan, index);
        if !alone || between.elements() < FROM {
            return None;
        }
        let (form, options) = (form(step, own, groups), options[step.layer]);
        let conv = if int8::suits(form, options) {
            Widening::Int8(int8::conv::Conv::new(step, plan, own, groups, options.product))
        } else if form == Form::Direct {
            Widening::F32(Conv::new(step, plan, own, groups))
        } else {
            return None;
        };
        let depthwise = Depthwise::new(second, plan, window);
        let rows = 1 + (MOST / between.row()).saturating_sub(window.kernel) / window.stride;
        Some(Self { step: *step, conv, depthwise, window, between, rows })
    }

    /// The first of the two steps.
    pub(super) fn first(&self) -> &Step {
        &self.step
    }

    /// Bytes of the tables.
    pub(super) fn table_bytes(&self) -> u64 {
        self.conv.kernel().table_bytes() + self.depthwise.table_bytes()
    }

    /// Elements of scratch memory: what the first step asks for, and a strip.
    pub(super) fn scratch(&self) -> [usize; 3] {
        let [first, ..] = self.conv.kernel().scratch();
        [first, self.buffer_rows(0..self.rows).len() * self.between.row(), 0]
    }

    /// Computes both steps with the weights that their own kernels made; `run` is that of the second one.
    ///
    /// # Errors
    /// [`Error::ThreadLost`] where a thread stopped.
    pub(super) fn run(&self, weights: [&Packed; 2], run: Run<'_>) -> Result<()> {
        let [first, second] = weights;
        let second: &DepthwiseWeights = second.get()?;
        let source = run.buffers.source(self.step.input);
        let work = self.depthwise.work() + self.conv.work();
        let parts = run.pool.parts(work, self.depthwise.height(), LEAST_ROWS);
        let (epilogues, pool, scratch) =
            self.depthwise.offsets().divide(run, &second.bias, self.depthwise.ranges(parts));
        let (words, mut strips) = split(scratch)?;
        let widen = self.conv.ready(first, source, pool, words)?;
        pool.share_with(&mut strips, epilogues, |strip, mut epilogue| self.part(&widen, second, strip, &mut epilogue))
    }

    /// The rows that an epilogue finishes.
    fn part(&self, widen: &Widen<'_>, weights: &DepthwiseWeights, strip: &mut [f32], epilogue: &mut Epilogue<'_>) {
        let (all, row) = (self.depthwise.rows(epilogue), self.between.row());
        // The rows of the value's buffer that are in the strip: none, yet.
        let first = self.buffer_rows(all.start..all.start + 1).start;
        let mut held = first..first;
        for start in all.clone().step_by(self.rows) {
            let rows = start..(start + self.rows).min(all.end);
            let needed = self.buffer_rows(rows.clone());
            // Those of them that are needed again; none where the stride is greater than the kernel.
            let kept = needed.start.min(held.end)..held.end;
            strip.copy_within((kept.start - held.start) * row..(kept.end - held.start) * row, 0);
            let fresh = kept.end.max(needed.start)..needed.end;
            self.widen(widen, fresh, &mut strip[kept.len() * row..needed.len() * row]);
            let between = Source { elements: strip, geometry: &self.between, view: self.step.output };
            self.depthwise.compute(weights, between, needed.start * row, rows, epilogue);
            held = needed;
        }
    }

    /// Some rows of the value's buffer, with its halo.
    fn widen(&self, widen: &Widen<'_>, rows: Range<usize>, elements: &mut [f32]) {
        let Geometry { height, width, pixel, halo } = self.between;
        let row = self.between.row();
        let inside = |at: usize| at.clamp(halo.top, halo.top + height).clamp(rows.start, rows.end);
        let own = inside(rows.start)..inside(rows.end);
        for (index, elements) in (rows.start..).zip(elements.chunks_exact_mut(row)) {
            if own.contains(&index) {
                elements[..halo.left * pixel].fill(0.0);
                elements[(halo.left + width) * pixel..].fill(0.0);
            } else {
                elements.fill(0.0);
            }
        }
        if own.is_empty() {
            return;
        }
        let pixels = (own.start - halo.top) * width..(own.end - halo.top) * width;
        let (offsets, from) = (self.conv.offsets(), rows.start * row);
        (widen.compute)(&mut offsets.of(pixels, elements, from, widen.bias, self.step.activation));
    }

    /// The rows of the value's buffer that some rows of results are computed from.
    fn buffer_rows(&self, rows: Range<usize>) -> Range<usize> {
        let Window { kernel, stride, top, .. } = self.window;
        let first = self.between.halo.top - top;
        first + rows.start * stride..first + (rows.end - 1) * stride + kernel
    }
}

/// The first thread's first scratch memory, and each thread's second.
fn split(scratch: &mut [Scratch]) -> Result<(&mut [f32], Vec<&mut [f32]>)> {
    let Some(([words, strip, _], others)) = scratch.split_first_mut() else {
        return Err(Error::Internal("a step lacks its scratch memory".into()));
    };
    let others = others.iter_mut().map(|[_, strip, _]| &mut **strip);
    Ok((&mut **words, [&mut **strip].into_iter().chain(others).collect()))
}

/// Whether the value that a step writes is an output, or read by a step behind the next one.
fn is_read_later(plan: &Plan, index: usize) -> bool {
    let buffer = plan.steps[index].output.buffer;
    for step in &plan.steps[index + 2..] {
        if step.reads().any(|view| view.buffer == buffer) {
            return true;
        }
        if step.output.buffer == buffer {
            return false;
        }
    }
    plan.outputs.iter().any(|view| view.buffer == buffer)
}
