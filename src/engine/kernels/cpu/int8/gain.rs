//! Whether 8 bits are quicker than single precision on this machine: the same product in both, in turn.

use wide::f32x4;

use super::gemm;
use super::quantise::{Extent, Steps};
use crate::engine::kernels::cpu::gemm::{Panels, Rows, Store, multiply};
use crate::engine::kernels::plan::LANES;
use crate::engine::profile::median;

/// Rows, inputs and outputs of the product.
const ROWS: usize = 32;
const INPUTS: usize = 256;
const OUTPUTS: usize = 64;
/// Milliseconds of one measurement at least: a browser's clock may have steps of a tenth of a millisecond.
const LONG: f64 = 0.4;
/// Milliseconds before the measurements: a browser translates a function anew after it has run for a while.
const WARM_UP: f64 = 3.0;
/// Measurements of each.
const MEASUREMENTS: usize = 3;
/// Time of 8 bits, as a share of that of single precision, up to which they gain.
const GAINS: f64 = 0.7;

/// Adds all results, so that they are needed.
struct Total(f32x4);

impl Store for Total {
    #[inline(always)]
    fn store<const V: usize>(&mut self, _: usize, _: usize, values: [f32x4; V]) {
        values.into_iter().for_each(|value| self.0 += value);
    }
}

/// The time of a product in 8 bits as a share of that in single precision; `clock` gives milliseconds. It takes about six
/// milliseconds.
fn share(clock: &dyn Fn() -> f64) -> f64 {
    let bases = |depth: usize| (0..ROWS).map(|row| (row * depth) as u32).collect::<Vec<_>>();
    let (elements, words) = (vec![0.5; ROWS * INPUTS], vec![0x0102_0304; ROWS * INPUTS / LANES]);
    let panels = Panels::new(OUTPUTS, INPUTS, |output, input| (output + input) as f32);
    let panels8 = gemm::Panels::new(&[1.0; OUTPUTS], INPUTS / LANES, |output, input| [(output ^ input) as i8; LANES]);
    let (bases32, bases8) = (bases(INPUTS), bases(INPUTS / LANES));
    let single = || {
        let rows = Rows { elements: &elements, bases: &bases32, stretches: &[0], length: INPUTS };
        let mut total = Total(f32x4::ZERO);
        multiply(rows, &panels, &mut total);
        std::hint::black_box(total.0);
    };
    let eight = || {
        let steps = Steps::new(Extent::default());
        let rows = gemm::Rows { words: &words, bases: &bases8, stretches: &[0], length: INPUTS / LANES, steps };
        let mut total = Total(f32x4::ZERO);
        gemm::multiply(rows, &panels8, &mut total);
        std::hint::black_box(total.0);
    };
    let both: [&dyn Fn(); 2] = [&single, &eight];
    let start = clock();
    while clock() - start < WARM_UP {
        both.iter().for_each(|run| run());
    }
    // Milliseconds of one run.
    let time = |run: &dyn Fn()| {
        let (start, mut runs) = (clock(), 0.0);
        loop {
            (0..4).for_each(|_| run());
            runs += 4.0;
            let passed = clock() - start;
            if passed >= LONG {
                return passed / runs;
            }
        }
    };
    let shares: [f64; MEASUREMENTS] = std::array::from_fn(|_| {
        let [single, eight] = both.map(time);
        eight / single
    });
    median(&shares)
}

/// Whether a product in 8 bits takes clearly less time than one in single precision on this machine. `clock` gives
/// milliseconds.
pub fn gains(clock: &dyn Fn() -> f64) -> bool {
    share(clock) <= GAINS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_measured_in_a_few_milliseconds() {
        let start = std::time::Instant::now();
        let share = share(&|| start.elapsed().as_secs_f64() * 1e3);
        println!("8 bits take {share:.2} of the time, found in {:.1?}", start.elapsed());
        assert!((0.02..20.0).contains(&share), "{share}");
        assert!(start.elapsed().as_secs_f64() < 0.5);
    }
}
