//! The matrix product in 8 bits: as that in single precision, but for four inputs at a time, which are one word.

use std::ops::Range;

use wide::i32x4;

use super::quantise::Steps;
use crate::engine::kernels::cpu::gemm::{PANEL, Store};
use crate::engine::kernels::cpu::vector::{Aligned, load};
use crate::engine::kernels::plan::LANES;

/// How four products of 8 and 7 bits become one sum. The sums are equal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Product {
    /// By one instruction, which CPUs with an 8-bit dot product have as such.
    #[default]
    Fours,
    /// By one that adds pairs and one that adds pairs of these, which is quicker on x86 without such a dot product.
    Pairs,
}

impl Product {
    /// The quicker way on this CPU. WebAssembly leaves open what becomes of an input of 8 bits, so that a CPU's answer tells how it
    /// computes: x86 without an 8-bit dot product adds pairs of products in 16 bits, which do not hold 2 · 127 · 255.
    pub fn quicker() -> Self {
        let (weights, inputs) = std::hint::black_box((i32x4::splat(0x7F7F_7F7F), i32x4::splat(-1)));
        let ones = i32x4::splat(ONES);
        let sum = dot::<true>(weights, inputs, ones, i32x4::splat(0)).to_array()[0];
        if sum == 2 * i32::from(i16::MAX) { Self::Pairs } else { Self::Fours }
    }
}

/// Two ones of 16 bits.
const ONES: i32 = 0x0001_0001;

/// A matrix of weights `[depth, channels]` as the product reads it.
pub(super) struct Panels {
    /// Panel after panel; in each, word after word of the inputs; for each, a word of four weights an output.
    words: Aligned,
    /// Words of inputs of an output.
    depth: usize,
    /// Output channels, padded to whole vectors.
    channels: usize,
    /// One an output channel.
    scales: Vec<f32>,
    /// The sum of the weights of each output channel.
    sums: Vec<i32>,
}

impl Panels {
    /// The matrix with these scales, of which `word(output, input)` gives four weights of an output.
    pub(super) fn new(scales: &[f32], depth: usize, word: impl Fn(usize, usize) -> [i8; LANES]) -> Self {
        let count = scales.len();
        let channels = count.next_multiple_of(LANES);
        let mut words = Aligned::zeros(channels * depth);
        let mut sums = vec![0; channels];
        let all: &mut [[i8; LANES]] = bytemuck::cast_slice_mut(&mut words);
        for first in (0..channels).step_by(PANEL) {
            let width = PANEL.min(channels - first);
            let panel = &mut all[first * depth..][..width * depth];
            for (input, words) in panel.chunks_exact_mut(width).enumerate() {
                for (output, own) in (first..count).zip(words) {
                    *own = word(output, input);
                    sums[output] += own.iter().map(|&weight| i32::from(weight)).sum::<i32>();
                }
            }
        }
        let mut padded = Vec::with_capacity(channels);
        padded.extend(scales);
        padded.resize(channels, 0.0);
        Self { words, depth, channels, scales: padded, sums }
    }

    /// Bytes of a matrix.
    pub(super) fn bytes(channels: usize, depth: usize) -> u64 {
        let channels = channels.next_multiple_of(LANES);
        Aligned::bytes(channels * depth) + 8 * channels as u64
    }

    /// Output channels, padded to whole vectors.
    pub(super) fn channels(&self) -> usize {
        self.channels
    }

    /// How many panels there are.
    pub(super) fn count(&self) -> usize {
        self.channels.div_ceil(PANEL)
    }

    /// The output channels of some panels.
    pub(super) fn share(&self, panels: Range<usize>) -> Range<usize> {
        panels.start * PANEL..(panels.end * PANEL).min(self.channels)
    }

    /// The weights of an output in single precision.
    pub(super) fn weights(&self, output: usize) -> impl Iterator<Item = f32> {
        let first = output / PANEL * PANEL;
        let width = PANEL.min(self.channels - first);
        let words: &[[i8; LANES]] = bytemuck::cast_slice(&self.words[first * self.depth..][..width * self.depth]);
        let own = words.iter().skip(output - first).step_by(width);
        own.flatten().map(move |&weight| f32::from(weight) * self.scales[output])
    }
}

/// A matrix `[rows, stretches · length]` that a product reads, as [`Rows`](crate::engine::kernels::cpu::gemm::Rows), in words
/// of four values.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a> {
    /// All words.
    pub(super) words: &'a [i32],
    /// Where each row begins.
    pub(super) bases: &'a [u32],
    /// The offset of each stretch from the first word of its window.
    pub(super) stretches: &'a [u32],
    /// Words a stretch.
    pub(super) length: usize,
    /// What the values stand for.
    pub(super) steps: Steps,
    /// How they are multiplied.
    pub(super) product: Product,
}

/// `[rows, depth] × [depth, channels]` → `[rows, channels]`, which `store` takes.
pub(super) fn multiply(rows: Rows<'_>, panels: &Panels, store: &mut impl Store) {
    multiply_channels(rows, panels, 0..panels.channels, store);
}

/// As [`multiply`], for the output channels of some panels.
pub(super) fn multiply_channels(rows: Rows<'_>, panels: &Panels, channels: Range<usize>, store: &mut impl Store) {
    debug_assert_eq!(rows.stretches.len() * rows.length, panels.depth);
    for channel in channels.step_by(PANEL) {
        match PANEL.min(panels.channels - channel) / LANES {
            4 => column::<2, 4, 16>(rows, panels, channel, store),
            3 => column::<3, 3, 12>(rows, panels, channel, store),
            2 => column::<4, 2, 8>(rows, panels, channel, store),
            _ => column::<4, 1, 4>(rows, panels, channel, store),
        }
    }
}

/// `[rows, depth] × [depth, N]` → `[rows, N]` for one panel, `P` rows at a time. Where the rows do not divide evenly, the last
/// ones come more than once. A function of its own, so that its sums stay in registers, and with the loop over all tiles in it, so that
/// what is the same for every tile is looked up once.
#[inline(never)]
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "relaxed-simd"))]
fn column<const P: usize, const V: usize, const N: usize>(
    rows: Rows<'_>,
    panels: &Panels,
    channel: usize,
    store: &mut impl Store,
) {
    let count = rows.bases.len();
    for next in (0..count).step_by(P) {
        let first = next.min(count.saturating_sub(P));
        let own: [usize; P] = std::array::from_fn(|row| (first + row).min(count - 1));
        match rows.product {
            Product::Fours => tile::<P, V, N, true>(rows, own, panels, channel, store),
            Product::Pairs => tile::<P, V, N, false>(rows, own, panels, channel, store),
        }
    }
}

/// `[P, depth] × [depth, N]` → `[P, N]` for `P` rows and one panel of `N = 4 V` outputs.
#[inline]
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "relaxed-simd"))]
fn tile<const P: usize, const V: usize, const N: usize, const FOURS: bool>(
    rows: Rows<'_>,
    own: [usize; P],
    panels: &Panels,
    channel: usize,
    store: &mut impl Store,
) {
    let length = rows.length;
    let panel: &[i32] = bytemuck::cast_slice(&panels.words[channel * panels.depth..][..N * panels.depth]);
    let bases = own.map(|row| rows.bases[row] as usize);
    // Less what the zero point adds to each sum.
    let start: [i32x4; V] = std::array::from_fn(|v| {
        let sums = &panels.sums[channel + v * LANES..][..LANES];
        i32x4::new([sums[0], sums[1], sums[2], sums[3]]) * i32x4::splat(-rows.steps.zero)
    });
    let mut sums = [start; P];
    // Ones that the compiler does not know: V8 makes a known vector anew wherever it is used.
    let ones = std::hint::black_box(i32x4::splat(ONES));
    for (index, &stretch) in rows.stretches.iter().enumerate() {
        let inputs: [&[i32]; P] = bases.map(|base| &rows.words[base + stretch as usize..][..length]);
        let weights: &[[i32; N]] = &panel[index * length * N..].as_chunks().0[..length];
        for input in 0..length {
            let column: [i32x4; V] = std::array::from_fn(|v| vector(&weights[input], v));
            for (sums, inputs) in sums.iter_mut().zip(inputs) {
                let factors = i32x4::splat(inputs[input]);
                for (sum, weights) in sums.iter_mut().zip(column) {
                    *sum = dot::<FOURS>(weights, factors, ones, *sum);
                }
            }
        }
    }
    for (row, sums) in own.into_iter().zip(sums) {
        let scale = |v: usize| load(&panels.scales, channel + v * LANES) * rows.steps.step;
        store.store::<V>(row, channel, std::array::from_fn(|v| sums[v].round_float() * scale(v)));
    }
}

/// The `v`th vector of an array.
#[inline(always)]
fn vector<const N: usize>(words: &[i32; N], v: usize) -> i32x4 {
    i32x4::new([words[LANES * v], words[LANES * v + 1], words[LANES * v + 2], words[LANES * v + 3]])
}

/// Adds to each of four sums the products of four weights, −127 to 127, and four inputs, 0 to 127; `ones` is eight numbers of
/// 16 bits. It is inlined into functions with the same feature only.
#[inline]
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "relaxed-simd"))]
#[cfg_attr(not(target_arch = "wasm32"), expect(unused_variables, reason = "natively both ways are one, without ones"))]
fn dot<const FOURS: bool>(weights: i32x4, inputs: i32x4, ones: i32x4, sums: i32x4) -> i32x4 {
    #[cfg(target_arch = "wasm32")]
    {
        use std::arch::wasm32::{
            i16x8_relaxed_dot_i8x16_i7x16, i32x4_add, i32x4_dot_i16x8, i32x4_relaxed_dot_i8x16_i7x16_add,
        };
        let (weights, inputs, sums) = (bytemuck::cast(weights), bytemuck::cast(inputs), bytemuck::cast(sums));
        bytemuck::cast(if FOURS {
            i32x4_relaxed_dot_i8x16_i7x16_add(weights, inputs, sums)
        } else {
            i32x4_add(sums, i32x4_dot_i16x8(i16x8_relaxed_dot_i8x16_i7x16(weights, inputs), bytemuck::cast(ones)))
        })
    }
    #[cfg(not(target_arch = "wasm32"))]
    {
        // The first and third of each four, and the second and fourth.
        let odd = |words: i32x4| -> wide::i16x8 { bytemuck::cast::<_, wide::i16x8>(words) >> 8 };
        let even = |words: i32x4| -> wide::i16x8 { (bytemuck::cast::<_, wide::i16x8>(words) << 8) >> 8 };
        sums + even(weights).dot(even(inputs)) + odd(weights).dot(odd(inputs))
    }
}

#[cfg(test)]
mod tests {
    use wide::f32x4;

    use super::*;

    #[test]
    fn four_products_are_added_to_each_sum() {
        let weights: [i8; 16] = std::array::from_fn(|i| [-127, 127, 3, -4, 0, 90][i % 6]);
        let inputs: [i8; 16] = std::array::from_fn(|i| [127, 127, 5, 0, 64][i % 5]);
        let sums = [0, -7, 1 << 30, i32::MIN / 2];
        let expected: [i32; 4] = std::array::from_fn(|lane| {
            let products = (4 * lane..4 * lane + 4).map(|i| i32::from(weights[i]) * i32::from(inputs[i]));
            sums[lane] + products.sum::<i32>()
        });
        let ones = i32x4::splat(ONES);
        let found = dot::<true>(bytemuck::cast(weights), bytemuck::cast(inputs), ones, i32x4::new(sums));
        assert_eq!(found.to_array(), expected);
    }

    /// Takes the results as they come.
    struct Found {
        values: Vec<f32>,
        channels: usize,
        /// What the product calls row 0.
        first: usize,
    }

    impl Store for Found {
        fn store<const V: usize>(&mut self, row: usize, channel: usize, values: [f32x4; V]) {
            for (v, value) in values.into_iter().enumerate() {
                self.values[(self.first + row) * self.channels + channel + v * LANES..][..LANES]
                    .copy_from_slice(&value.to_array());
            }
        }
    }

    #[test]
    fn a_product_is_exact_however_its_rows_are_divided() {
        let steps = Steps { zero: 23, step: 0.25, inverse: 4.0 };
        for (count, outputs, stretches, length) in [(1, 1, 1, 1), (7, 37, 3, 5), (5, 16, 1, 9), (2, 60, 4, 2)] {
            let weight = |output: usize, input: usize| (((output * 31 + input * 17) % 255) as i32 - 127) as i8;
            let value = |row: usize, input: usize| ((row * 43 + input * 29) % 128) as u8;
            let depth = stretches * length;
            let scales: Vec<f32> = (0..outputs).map(|output| 1.0 + output as f32).collect();
            let panels = Panels::new(&scales, depth, |output, input| {
                std::array::from_fn(|lane| weight(output, LANES * input + lane))
            });
            let bytes: Vec<u8> =
                (0..count).flat_map(|row| (0..4 * depth).map(move |input| value(row, input))).collect();
            let words: Vec<i32> = bytemuck::pod_collect_to_vec(&bytes);
            let bases: Vec<u32> = (0..count).map(|row| (row * depth) as u32).collect();
            let offsets: Vec<u32> = (0..stretches).map(|stretch| (stretch * length) as u32).collect();
            let rows =
                Rows { words: &words, bases: &bases, stretches: &offsets, length, steps, product: Product::default() };
            for cut in 0..=count {
                let channels = panels.channels();
                let mut found = Found { values: vec![0.0; count * channels], channels, first: 0 };
                let middle = panels.share(0..panels.count() / 2).end;
                multiply(Rows { bases: &bases[..cut], ..rows }, &panels, &mut found);
                found.first = cut;
                multiply_channels(Rows { bases: &bases[cut..], ..rows }, &panels, 0..middle, &mut found);
                multiply_channels(Rows { bases: &bases[cut..], ..rows }, &panels, middle..channels, &mut found);
                for row in 0..count {
                    for (output, scale) in scales.iter().enumerate() {
                        let product = |input| i32::from(weight(output, input)) * (i32::from(value(row, input)) - 23);
                        let sum: i32 = (0..4 * depth).map(product).sum();
                        let expected = sum as f32 * (scale * 0.25);
                        assert_eq!(found.values[row * channels + output], expected, "{row}, {output}");
                    }
                }
            }
            for output in [0, outputs - 1] {
                let expected = (0..4 * depth).map(|input| f32::from(weight(output, input)) * scales[output]);
                assert!(panels.weights(output).eq(expected));
            }
        }
    }
}
