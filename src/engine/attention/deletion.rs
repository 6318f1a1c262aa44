//! Whether a map marks what a network looks at: the class's probability while the input is blurred square by square, those
//! where the map is highest first. Petsiuk, Das & Saenko 2018, "RISE: randomized input sampling for explanation of black-box
//! models", arXiv:1806.07421, section 3.3, with random orders beside it.

use super::squares::Squares;
use super::{Cells, probability};
use crate::engine::{Network, random};
use crate::error::{Error, Result};
use crate::frame::Input;
use crate::graph::Shape;
use crate::prediction::greatest;

/// Points of a curve after the first one, unless another number is asked for.
pub const STEPS: usize = 14;
/// How many random orders there are.
const ORDERS: usize = 4;
/// Standard deviation of the blur, in sides of a square.
const BLUR: f32 = 1.0;
/// How far the blur reaches, in standard deviations: 99.7 % of a Gaussian lie within.
const REACH: f32 = 3.0;

/// Which curve is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The class whose probability it shows.
    pub class: usize,
    /// Points of the curve after the first one: at least one, and at most as many as there are squares.
    pub steps: usize,
    /// Of the random orders: the same seed gives the same orders.
    pub seed: u64,
}

/// What is left of a class's probability while the input is blurred.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// Share of the squares that are blurred, from 0 to 1.
    pub shares: Vec<f32>,
    /// The probability where the squares are blurred in which the map is highest.
    pub hottest: Vec<f32>,
    /// The mean of the probabilities where as many squares are blurred in random orders.
    pub random: Vec<f32>,
    /// The area under [`Curve::hottest`] by the trapezoid rule: the mean probability.
    pub hottest_area: f32,
    /// The area under [`Curve::random`].
    pub random_area: f32,
}

/// Blurs the squares of an input one after the other, and gives the probability of a class after each step.
///
/// The squares are those of an occlusion map, without their overlap: 14 × 14 for photos. A square's heat is the map's value
/// at its centre, interpolated between the cells; of equal squares the one further up comes first, then the one further to
/// the left. The paper sets pixels to grey, whose edges are new to the picture; a blurred square has neither detail nor
/// edges. The blur is a Gaussian whose standard deviation is a square's side, 16 pixels for photos, so that a blurred square
/// shows nothing but the colours of its surroundings.
///
/// # Errors
/// [`Error::NoMap`] where the map's cells do not fit its sizes, [`Error::UnknownClass`], what `pause` gives, and as
/// [`Network::logits`].
pub async fn deletion(
    network: &Network,
    input: &Input,
    map: &Cells,
    Options { class, steps, seed }: Options,
    mut pause: impl AsyncFnMut(usize, usize) -> Result<()>,
) -> Result<Curve> {
    let count = network.graph().shapes()?[network.graph().output().index()].elements();
    if class >= count {
        return Err(Error::UnknownClass { index: class, count });
    }
    let squares = Squares::of(input.shape.width);
    let number = squares.across * squares.across;
    let steps = steps.clamp(1, number);
    let mut orders = vec![hottest(map, squares)?];
    orders.extend((0..ORDERS as u64).map(|order| shuffled(number, seed, order)));

    // All orders begin and end with the same picture.
    let total = 2 + orders.len() * (steps - 1);
    let mut done = 0;
    let mut look = async |input: Input| {
        pause(done, total).await?;
        done += 1;
        probability(network, input, class).await
    };
    let blurred = blur(input, BLUR * squares.side as f32);
    let (first, last) = (look(input.clone()).await?, look(blurred.clone()).await?);
    // Squares that are blurred after each step.
    let counts: Vec<usize> = (0..=steps).map(|step| step * number / steps).collect();
    let mut curves = Vec::new();
    for order in &orders {
        let mut picture = input.clone();
        let mut curve = vec![first];
        for pair in counts[..steps].windows(2) {
            order[pair[0]..pair[1]].iter().for_each(|&square| put(&mut picture, &blurred, squares, square));
            curve.push(look(picture.clone()).await?);
        }
        curve.push(last);
        curves.push(curve);
    }
    let hottest = curves.remove(0);
    let mean = |point: usize| curves.iter().map(|curve| curve[point]).sum::<f32>() / curves.len() as f32;
    let random: Vec<f32> = (0..=steps).map(mean).collect();
    let shares: Vec<f32> = counts.iter().map(|&count| count as f32 / number as f32).collect();
    let (hottest_area, random_area) = (area(&shares, &hottest), area(&shares, &random));
    Ok(Curve { shares, hottest, random, hottest_area, random_area })
}

/// The area under a curve, by the trapezoid rule.
fn area(x: &[f32], y: &[f32]) -> f32 {
    x.windows(2).zip(y.windows(2)).map(|(x, y)| (x[1] - x[0]) * (y[0] + y[1]) / 2.0).sum()
}

/// The squares, row by row, in the order of a map's values at their centres, the highest first.
fn hottest(map: &Cells, squares: Squares) -> Result<Vec<usize>> {
    if map.data.is_empty()
        || map.width.checked_mul(map.height) != Some(map.data.len())
        || map.step.is_nan()
        || map.step <= 0.0
    {
        return Err(Error::NoMap(format!(
            "{} values are no map of {} × {} cells that are {} pixels apart; hand over what Engine.attention gave",
            map.data.len(),
            map.width,
            map.height,
            map.step
        )));
    }
    let centre = |index: usize| {
        let span = squares.span(index);
        (span.start + span.end - 1) as f32 / 2.0
    };
    let across = squares.across;
    let heat: Vec<f32> =
        (0..across * across).map(|square| heat(map, centre(square % across), centre(square / across))).collect();
    Ok(greatest(&heat, heat.len()))
}

/// A map's value at a pixel of the input, interpolated bilinearly between the four cells around it. Outside of the outermost
/// centres it is the nearest cell's.
fn heat(map: &Cells, x: f32, y: f32) -> f32 {
    let place = |pixel: f32, cells: usize| ((pixel - map.centre) / map.step).clamp(0.0, (cells - 1) as f32);
    let (x, y) = (place(x, map.width), place(y, map.height));
    let (left, top) = (x as usize, y as usize);
    let (right, bottom) = ((left + 1).min(map.width - 1), (top + 1).min(map.height - 1));
    let (across, down) = (x - left as f32, y - top as f32);
    let row = |y: usize| {
        let (left, right) = (map.data[y * map.width + left], map.data[y * map.width + right]);
        left + (right - left) * across
    };
    row(top) + (row(bottom) - row(top)) * down
}

/// Random order number `order` of so many squares.
fn shuffled(squares: usize, seed: u64, order: u64) -> Vec<usize> {
    let start = random::mix(random::mix(seed).wrapping_add(order));
    // Sorted by a random number of 24 bits each, which single precision holds.
    let numbers: Vec<f32> =
        (0..squares as u64).map(|square| (random::mix(start.wrapping_add(square)) >> 40) as f32).collect();
    greatest(&numbers, squares)
}

/// Copies a square of one input into another one.
fn put(picture: &mut Input, blurred: &Input, squares: Squares, square: usize) {
    let Shape { height, width, .. } = picture.shape;
    let (rows, columns) = (squares.span(square / squares.across), squares.span(square % squares.across));
    for channel in 0..picture.shape.channels {
        for row in rows.clone() {
            let first = (channel * height + row) * width;
            let span = first + columns.start..first + columns.end;
            picture.values[span.clone()].copy_from_slice(&blurred.values[span]);
        }
    }
}

/// The input, blurred with a Gaussian whose standard deviation is `deviation` pixels. At the edges the pixels outside are
/// left out of the mean.
fn blur(input: &Input, deviation: f32) -> Input {
    let Shape { height, width, .. } = input.shape;
    let reach = (REACH * deviation).ceil() as usize;
    let weights: Vec<f32> = (0..=reach).map(|away| (-0.5 * (away as f32 / deviation).powi(2)).exp()).collect();
    let mut values = input.values.clone();
    for channel in values.chunks_exact_mut(height * width) {
        for row in channel.chunks_exact_mut(width) {
            blur_line(row, 1, &weights);
        }
        for column in 0..width {
            blur_line(&mut channel[column..], width, &weights);
        }
    }
    Input { values, shape: input.shape }
}

/// Blurs every `step`-th element; `weights` are those of a pixel and of its neighbours on one side.
fn blur_line(elements: &mut [f32], step: usize, weights: &[f32]) {
    let line: Vec<f32> = elements.iter().step_by(step).copied().collect();
    for (middle, element) in elements.iter_mut().step_by(step).enumerate() {
        let first = middle.saturating_sub(weights.len() - 1);
        let (mut sum, mut all) = (0.0, 0.0);
        for (place, value) in line.iter().enumerate().take(middle + weights.len()).skip(first) {
            let weight = weights[place.abs_diff(middle)];
            sum += weight * value;
            all += weight;
        }
        *element = sum / all;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn heat_lies_between_the_cells() {
        let map = Cells { width: 2, height: 2, data: vec![0.0, 1.0, 2.0, 5.0], centre: -4.0, step: 8.0 };
        for (x, y, expected) in [
            (-9.0, -9.0, 0.0),
            (-4.0, -4.0, 0.0),
            (0.0, -4.0, 0.5),
            (4.0, 0.0, 3.0),
            (0.0, 0.0, 2.0),
            (99.0, 99.0, 5.0),
        ] {
            assert_eq!(heat(&map, x, y), expected, "at {x}, {y}");
        }
    }

    #[test]
    fn the_hottest_square_comes_first_and_of_equal_ones_the_first() {
        let squares = Squares { pixels: 6, side: 2, across: 3 };
        let map = Cells {
            width: 3,
            height: 3,
            data: vec![0.0, 1.0, 0.0, 7.0, -1.0, 1.0, 0.0, 0.0, 1.0],
            centre: 0.5,
            step: 2.0,
        };
        assert_eq!(hottest(&map, squares).unwrap(), [3, 1, 5, 8, 0, 2, 6, 7, 4]);
        for bad in [
            Cells { width: 2, ..map.clone() },
            Cells { step: 0.0, ..map.clone() },
            Cells { step: f32::NAN, ..map.clone() },
            Cells { width: 0, data: vec![], ..map },
        ] {
            assert!(matches!(hottest(&bad, squares), Err(Error::NoMap(_))));
        }
    }

    #[test]
    fn a_random_order_has_every_square_once_and_follows_its_seed() {
        let order = shuffled(196, 3, 0);
        let mut sorted = order.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..196).collect::<Vec<_>>());
        assert_eq!(order, shuffled(196, 3, 0));
        assert_ne!(order, shuffled(196, 3, 1));
        assert_ne!(order, shuffled(196, 4, 0));
        // The mean of the first half's places is near the middle: 97.5, with a standard error of 4.
        let mean = order[..98].iter().sum::<usize>() as f32 / 98.0;
        assert!((mean - 97.5).abs() < 16.0, "{mean}");
    }

    #[test]
    fn a_blur_spreads_a_pixel_as_a_gaussian_and_keeps_a_plain_colour() {
        let shape = Shape::new(1, 41, 41);
        let plain = Input { values: vec![3.0; shape.elements()], shape };
        assert!(blur(&plain, 4.0).values.iter().all(|value| (value - 3.0).abs() < 1e-5));
        let mut dot = Input { values: vec![0.0; shape.elements()], shape };
        dot.values[20 * 41 + 20] = 1.0;
        let blurred = blur(&dot, 4.0).values;
        let middle = blurred[20 * 41 + 20];
        assert!((blurred.iter().sum::<f32>() - 1.0).abs() < 0.02);
        for (x, y) in [(4, 0), (0, 4), (3, 5)] {
            let expected = middle * (-((x * x + y * y) as f32) / 32.0).exp();
            assert!((blurred[(20 + y) * 41 + 20 + x] - expected).abs() < 1e-6, "{x}, {y}");
        }
    }

    #[test]
    fn the_area_is_the_mean_height() {
        assert!((area(&[0.0, 0.25, 1.0], &[1.0, 0.5, 0.0]) - (0.25 * 0.75 + 0.75 * 0.25)).abs() < 1e-6);
    }
}
