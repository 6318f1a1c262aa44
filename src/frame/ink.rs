//! A drawn or photographed sheet → its ink: what is darker than the paper around it, or lighter where the sheet is dark.
//!
//! Light falls unevenly on paper that somebody holds before a camera, so that the paper's brightness is estimated at every pixel.
//! Of the strokes that differ from it, specks and what reaches in from the picture's edge are left out.

use super::{Filter, Pixels, resize};

/// A larger picture is made smaller until its shorter side has this many pixels, which shows strokes well enough and averages noise.
const LARGEST: usize = 140;
/// Shorter side at which ink and paper are told apart, in pixels.
const SMALL: usize = 28;
/// A picture whose ink differs by less than this from the paper, on a scale from 0 to 255, holds no ink.
const FAINTEST: u8 = 24;
/// The darkest paper whose ink is measured in proportion to the paper. The noise of a darker picture would be stretched too far.
const DARKEST: u8 = 48;

/// How much of the light of the paper each pixel lacks: 255 where the ink is darkest, 0 on paper. None where there is no ink.
pub(super) fn ink(picture: &Pixels<1>) -> Option<Pixels<1>> {
    let mut picture = within(picture, LARGEST);
    if is_lighter_than_paper(&picture) {
        invert(&mut picture.values);
    }
    let paper = without_strokes(&picture);
    let mut ink = picture;
    for (value, paper) in ink.values.iter_mut().zip(&paper) {
        *value = paper.saturating_sub(*value);
    }
    // Where a picture is noisy, even paper is darker than the lightest pixel around it; most of a sheet is paper.
    let mut counts = Counts::new();
    counts.add(&ink.values);
    let noise = counts.median().saturating_mul(2);
    for (value, &paper) in ink.values.iter_mut().zip(&paper) {
        *value = (u32::from(value.saturating_sub(noise)) * 255 / u32::from(paper.max(DARKEST))) as u8;
    }
    loop {
        let darkest = ink.values.iter().copied().max().filter(|&darkest| darkest >= FAINTEST)?;
        let strokes = strokes(&ink, darkest / 4);
        let is_digits = digits(&strokes, ink.width.min(ink.height));
        let mut darkest = 0;
        for stroke in &strokes {
            for &pixel in &stroke.pixels {
                if is_digits(stroke) {
                    darkest = darkest.max(ink.values[pixel]);
                } else {
                    ink.values[pixel] = 0;
                }
            }
        }
        // A few black specks may lie beside a digit in pencil: what is fainter than they were is looked at in the next turn.
        if darkest > 0 {
            let stretched = |value: u8| (u32::from(value) * 255 / u32::from(darkest)).min(255) as u8;
            ink.values.iter_mut().for_each(|value| *value = stretched(*value));
            return Some(ink);
        }
    }
}

/// The picture, no longer on its shorter side than `side`.
fn within(picture: &Pixels<1>, side: usize) -> Pixels<1> {
    let shorter = picture.width.min(picture.height);
    if shorter <= side {
        return picture.clone();
    }
    let scaled = |length: usize| super::resized(length, shorter, side);
    resize::grey(picture, scaled(picture.width), scaled(picture.height), Filter::Bilinear)
}

fn invert(values: &mut [u8]) {
    values.iter_mut().for_each(|value| *value = !*value);
}

/// How often each brightness occurs. Medians are found by counting: the code of a sort is a hundredth of the whole engine's.
struct Counts([u32; 256]);

impl Counts {
    fn new() -> Self {
        Self([0; 256])
    }

    fn add(&mut self, values: &[u8]) {
        for &value in values {
            self.0[usize::from(value)] += 1;
        }
    }

    fn median(&self) -> u8 {
        let all: u32 = self.0.iter().sum();
        let (mut value, mut upto) = (0, self.0[0]);
        while 2 * upto < all {
            value += 1;
            upto += self.0[value];
        }
        value as u8
    }
}

/// Whether the ink is lighter than the paper. Around any pixel, more than half is paper; what differs more from it is the ink.
/// Differences count in proportion to the brightness, because a shadow's edge differs by less of it than ink.
fn is_lighter_than_paper(picture: &Pixels<1>) -> bool {
    let small = &within(picture, SMALL);
    let around = |centre: usize, length: usize| {
        let reach = SMALL / 3;
        centre.saturating_sub(reach)..(centre + reach + 1).min(length)
    };
    let mut lighter = 0.0;
    for y in 0..small.height {
        let rows = around(y, small.height);
        let column = |x: usize| rows.clone().map(move |y| small.values[y * small.width + x]);
        // The square moves along the row: what it leaves and what it reaches are a column each.
        let (mut counts, mut counted) = (Counts::new(), 0..0);
        for x in 0..small.width {
            let columns = around(x, small.width);
            (counted.end..columns.end).flat_map(column).for_each(|value| counts.0[usize::from(value)] += 1);
            (counted.start..columns.start).flat_map(column).for_each(|value| counts.0[usize::from(value)] -= 1);
            counted = columns;
            let (paper, value) = (f32::from(counts.median()), f32::from(small.values[y * small.width + x]));
            let difference = (value - paper) / (value + paper + 16.0);
            lighter += difference * difference.abs();
        }
    }
    lighter > 0.0
}

/// The picture without what is darker than all around it and narrower than about half of the picture's shorter side: the paper. (A
/// closing by a square, as in Serra: Image Analysis and Mathematical Morphology, 1982)
fn without_strokes(picture: &Pixels<1>) -> Vec<u8> {
    let side = (picture.width.min(picture.height) * 2 / 5).next_power_of_two();
    // Beyond its edge the picture goes on as it is at the edge, so that a shadow in a corner is not taken for a stroke.
    let (width, height) = (picture.width + 2 * side, picture.height + 2 * side);
    let mut values = Vec::with_capacity(width * height);
    for y in 0..height {
        let y = y.saturating_sub(side).min(picture.height - 1);
        for x in 0..width {
            let x = x.saturating_sub(side).min(picture.width - 1);
            values.push(picture.values[y * picture.width + x]);
        }
    }
    // The greatest value of the square behind each pixel, then the least one of the square before it.
    for _ in 0..2 {
        greatest_behind(&mut values, width, side);
        values.reverse();
        invert(&mut values);
    }
    let mut paper = Vec::with_capacity(picture.values.len());
    for y in 0..picture.height {
        paper.extend_from_slice(&values[(y + side) * width + side..][..picture.width]);
    }
    paper
}

/// Each value becomes the greatest in the square of `side` pixels, a power of two, to the right of it and below.
fn greatest_behind(values: &mut [u8], width: usize, side: usize) {
    let mut reach = 1;
    while reach < side {
        for row in values.chunks_exact_mut(width) {
            for x in 0..width - reach {
                row[x] = row[x].max(row[x + reach]);
            }
        }
        for start in 0..values.len() - reach * width {
            values[start] = values[start].max(values[start + reach * width]);
        }
        reach *= 2;
    }
}

/// More stretches of the picture's edge than a digit touches, however closely the picture is cut around it: the lines of squared
/// paper touch it more often.
const MOST_TOUCHES: usize = 8;

/// Connected pixels.
struct Stroke {
    pixels: Vec<usize>,
    /// The longer side of the rectangle around it, in pixels.
    length: usize,
    /// How many stretches of the picture's edge it touches.
    touches: usize,
}

/// What is connected, straight or by corners, among the pixels with at least `faintest` ink.
fn strokes(ink: &Pixels<1>, faintest: u8) -> Vec<Stroke> {
    let &Pixels { width, height, .. } = ink;
    // One for all strokes: a long picture of specks has as many of them as it has pixels of edge.
    let mut edge = vec![false; 2 * (width + height)];
    let mut unseen: Vec<bool> = ink.values.iter().map(|&value| value >= faintest).collect();
    let mut strokes = Vec::new();
    for start in 0..unseen.len() {
        if !std::mem::take(&mut unseen[start]) {
            continue;
        }
        let mut pixels = vec![start];
        let (mut left, mut right, top, mut bottom) = (width, 0, start / width, 0);
        let mut next = 0;
        while let Some(&pixel) = pixels.get(next) {
            next += 1;
            let (x, y) = (pixel % width, pixel / width);
            (left, right, bottom) = (left.min(x), right.max(x), bottom.max(y));
            for y in y.saturating_sub(1)..(y + 2).min(height) {
                for x in x.saturating_sub(1)..(x + 2).min(width) {
                    if std::mem::take(&mut unseen[y * width + x]) {
                        pixels.push(y * width + x);
                    }
                }
            }
        }
        let length = (right - left).max(bottom - top) + 1;
        strokes.push(Stroke { touches: touches(&pixels, width, height, &mut edge), pixels, length });
    }
    strokes
}

/// How many stretches of the picture's edge pixels touch. No place of the `edge` is marked, before and afterwards.
fn touches(pixels: &[usize], width: usize, height: usize, edge: &mut [bool]) -> usize {
    let places = |pixel: usize| {
        let (x, y) = (pixel % width, pixel / width);
        let sides = [
            (y == 0, x),
            (x + 1 == width, width + y),
            (y + 1 == height, width + height + x),
            (x == 0, 2 * width + height + y),
        ];
        sides.into_iter().filter_map(|(is_there, place)| is_there.then_some(place))
    };
    let mut stretches = 0;
    for place in pixels.iter().flat_map(|&pixel| places(pixel)) {
        if !std::mem::replace(&mut edge[place], true) {
            // It is a stretch of its own, or belongs to its neighbour's, or joins those of both.
            let before = place > 0 && edge[place - 1];
            let behind = edge.get(place + 1).is_some_and(|&is_marked| is_marked);
            stretches = stretches + 1 - usize::from(before) - usize::from(behind);
        }
    }
    pixels.iter().flat_map(|&pixel| places(pixel)).for_each(|place| edge[place] = false);
    stretches
}

/// Which strokes are the digit's, on a sheet with that shorter side: no specks, nothing that reaches in from the sheet's edge where
/// there are strokes amid it, and in no case the lines of squared paper.
fn digits(strokes: &[Stroke], shorter: usize) -> impl Fn(&Stroke) -> bool {
    let any_amid = strokes.iter().any(|stroke| stroke.touches == 0 && stroke.length * 6 >= shorter);
    let most = if any_amid { 0 } else { MOST_TOUCHES };
    let may_be = move |stroke: &&Stroke| stroke.touches <= most;
    let largest = strokes.iter().filter(may_be).max_by_key(|stroke| stroke.pixels.len());
    let least = (shorter / 16).max(2).max(largest.map_or(0, |stroke| stroke.length / 5));
    move |stroke| may_be(&stroke) && stroke.length >= least
}
