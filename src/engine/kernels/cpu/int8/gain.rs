//! Whether 8 bits are quicker than single precision on this machine: the same product in both, in turn.

use std::cell::RefCell;

use super::gemm::{self, Product};
use super::quantise::{Extent, Steps};
use crate::engine::kernels::cpu::epilogue::Epilogue;
use crate::engine::kernels::cpu::gemm::{Panels, Rows, multiply};
use crate::engine::kernels::plan::LANES;
use crate::graph::Activation;

/// Rows, inputs and outputs of the product.
const ROWS: usize = 32;
const INPUTS: usize = 256;
const OUTPUTS: usize = 64;
/// Milliseconds of one measurement at least: a browser's clock may have steps of a tenth of a millisecond.
const LONG: f64 = 0.4;
/// Milliseconds after which a gain is believed.
const ENOUGH: f64 = 8.0;
/// Milliseconds after which none is expected any more: a browser translates a function anew after it has run for a while.
const LONGEST: f64 = 40.0;
/// Time of 8 bits, as a share of that of single precision, up to which they gain.
const GAINS: f64 = 0.7;

/// The time of a product in 8 bits as a share of that in single precision; `clock` gives milliseconds.
fn share(product: Product, clock: &dyn Fn() -> f64) -> f64 {
    let bases = |depth: usize| (0..ROWS).map(|row| (row * depth) as u32).collect::<Vec<_>>();
    let (elements, words) = (vec![0.5; ROWS * INPUTS], vec![0x0102_0304; ROWS * INPUTS / LANES]);
    let panels = Panels::new(OUTPUTS, INPUTS, |output, input| (output + input) as f32);
    let panels8 = gemm::Panels::new(&[1.0; OUTPUTS], INPUTS / LANES, |output, input| [(output ^ input) as i8; LANES]);
    let (bases32, bases8, offsets) = (bases(INPUTS), bases(INPUTS / LANES), bases(OUTPUTS));
    let results = RefCell::new(vec![0.0; ROWS * OUTPUTS]);
    let bias = [0.0; OUTPUTS];
    // Through the epilogue of a convolution, so that the code is that of a convolution.
    let stored = |multiply: &dyn Fn(&mut Epilogue<'_>)| {
        let mut results = results.borrow_mut();
        multiply(&mut Epilogue::new(&mut results, 0, &offsets, &bias, Activation::Identity));
        std::hint::black_box(&results);
    };
    let single = || {
        let rows = Rows { elements: &elements, bases: &bases32, stretches: &[0], length: INPUTS };
        stored(&|epilogue| multiply(rows, &panels, epilogue));
    };
    let eight = || {
        let steps = Steps::new(Extent::default());
        let rows =
            gemm::Rows { words: &words, bases: &bases8, stretches: &[0], length: INPUTS / LANES, steps, product };
        stored(&|epilogue| gemm::multiply(rows, &panels8, epilogue));
    };
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
    // Where the clock has coarse steps, this run ends just behind one, so that the measurements begin there.
    time(&single);
    // The shortest times: longer ones have something else in them, such as code that the browser has yet to translate anew.
    let (mut shortest, start) = ([f64::INFINITY; 2], clock());
    loop {
        let runs: [&dyn Fn(); 2] = [&single, &eight];
        for (shortest, run) in shortest.iter_mut().zip(runs) {
            *shortest = shortest.min(time(run));
        }
        let (share, passed) = (shortest[1] / shortest[0], clock() - start);
        if passed >= LONGEST || passed >= ENOUGH && share <= GAINS {
            return share;
        }
    }
}

/// What 8 bits gain on this machine.
#[derive(Clone, Copy, Debug)]
pub struct Gain {
    /// Whether a product in 8 bits takes clearly less time than one in single precision.
    pub gains: bool,
    /// The quicker way.
    pub product: Product,
}

/// Times products in 8 bits and in single precision, for 8 milliseconds where 8 bits gain and for 40 where they do not. `clock`
/// gives milliseconds.
pub fn gain(clock: &dyn Fn() -> f64) -> Gain {
    let product = Product::quicker();
    Gain { gains: share(product, clock) <= GAINS, product }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_measured_in_a_few_milliseconds() {
        let start = std::time::Instant::now();
        let share = share(Product::quicker(), &|| start.elapsed().as_secs_f64() * 1e3);
        println!("8 bits take {share:.2} of the time, found in {:.1?}", start.elapsed());
        assert!((0.02..20.0).contains(&share), "{share}");
        assert!(start.elapsed().as_secs_f64() < 0.5);
    }
}
