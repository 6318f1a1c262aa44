//! Dense and grouped convolutions: windows as rows of the product, without copying them.
//!
//! A window's row of pixels is one stretch of elements where its whole pixels are read, since channels lie side by side.

use wide::f32x4;

use super::gemm::{Panels, Rows, Store, multiply};
use super::vector::{Cell, activate, load, store};
use crate::engine::kernels::plan::{Geometry, LANES, View, Window};
use crate::graph::{Activation, Shape};

/// Where a convolution's results go, and what is done to them first.
pub(super) struct Epilogue<'a> {
    /// The output's buffer.
    pub(super) output: &'a mut [f32],
    /// Where each output pixel begins in it.
    pub(super) offsets: &'a [u32],
    /// One element an output channel.
    pub(super) bias: &'a [f32],
    /// Added, and where each pixel begins in it.
    pub(super) residual: Option<(&'a [f32], &'a [u32])>,
    /// Applied last.
    pub(super) activation: Activation,
}

impl Epilogue<'_> {
    /// Finishes channels `channel..` of a pixel, four a value.
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
        let from = self.offsets[pixel] as usize + channel;
        let output = &mut self.output[from..from + V * LANES];
        for (v, value) in activate(values, self.activation).into_iter().enumerate() {
            store(output, v * LANES, value);
        }
    }

    /// Finishes channels `channel..` of a pixel, as many as there are sums.
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
        self.finish(row, channel, values);
    }
}

/// Where each pixel of a view begins, row by row, from its channel `channel` on.
pub(super) fn offsets(geometry: &Geometry, view: View, channel: usize) -> Vec<u32> {
    let Shape { height, width, .. } = view.shape;
    let pixels = (0..height as isize).flat_map(|y| (0..width as isize).map(move |x| (y, x)));
    pixels.map(|(y, x)| (geometry.at(y, x) + view.first_channel + channel) as u32).collect()
}

/// A convolution's weights and offsets.
#[derive(Debug)]
pub(super) struct Direct {
    /// Where each window begins.
    bases: Vec<u32>,
    /// Where each stretch begins behind it.
    stretches: Vec<u32>,
    /// Elements a stretch.
    length: usize,
}

/// How a convolution reads its windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reading {
    /// Elements read of a pixel, in each group.
    pub(super) lanes: usize,
    /// Whether neighbouring pixels are one stretch.
    whole: bool,
}

impl Reading {
    /// Of a view in a buffer, by a convolution in `groups`.
    pub(super) fn new(geometry: &Geometry, view: View, groups: usize) -> Self {
        let channels = view.shape.channels;
        // A part of a concatenation leaves out four channels at least.
        if groups == 1 && view.first_channel == 0 && geometry.pixel - channels < LANES {
            Self { lanes: geometry.pixel, whole: true }
        } else {
            Self { lanes: (channels / groups).next_multiple_of(LANES), whole: false }
        }
    }
}

/// Weights of each group, as the product reads them. `weights` are `[out, in / groups, kernel, kernel]`.
pub(super) fn pack(
    weights: &[f32],
    outputs: usize,
    inputs: usize,
    kernel: usize,
    groups: usize,
    lanes: usize,
) -> Vec<Panels> {
    let (outputs, inputs, taps) = (outputs / groups, inputs / groups, kernel * kernel);
    let group = |group: usize| {
        Panels::new(outputs, taps * lanes, |output, input| {
            let (tap, lane) = (input / lanes, input % lanes);
            if lane < inputs { weights[((group * outputs + output) * inputs + lane) * taps + tap] } else { 0.0 }
        })
    };
    (0..groups).map(group).collect()
}

impl Direct {
    /// Offsets of a convolution of `view`.
    pub(super) fn new(geometry: &Geometry, view: View, window: Window, output: Shape, reading: Reading) -> Self {
        let Window { kernel, stride, top, left } = window;
        let starts = |count: usize, before: usize| (0..count).map(move |i| (i * stride) as isize - before as isize);
        let windows = starts(output.height, top).flat_map(|y| starts(output.width, left).map(move |x| (y, x)));
        let bases = windows.map(|(y, x)| (geometry.at(y, x) + view.first_channel) as u32).collect();
        let row = geometry.row();
        let (stretches, length) = if reading.whole {
            ((0..kernel).map(|y| (y * row) as u32).collect(), kernel * geometry.pixel)
        } else {
            let taps = (0..kernel).flat_map(|y| (0..kernel).map(move |x| (y * row + x * geometry.pixel) as u32));
            (taps.collect(), reading.lanes)
        };
        Self { bases, stretches, length }
    }

    /// Runs each group.
    pub(super) fn run(&self, input: &[f32], panels: &[Panels], lanes: usize, epilogue: Epilogue<'_>) {
        let Epilogue { output, offsets, bias, residual, activation } = epilogue;
        for (group, panels) in panels.iter().enumerate() {
            let channel = group * panels.channels();
            let elements = &input[group * lanes..];
            let rows = Rows { elements, bases: &self.bases, stretches: &self.stretches, length: self.length };
            let mut epilogue = Epilogue {
                output: &mut output[channel..],
                offsets,
                bias: &bias[channel..],
                residual: residual.map(|(elements, offsets)| (&elements[channel..], offsets)),
                activation,
            };
            multiply(rows, panels, &mut epilogue);
        }
    }
}
