//! The committed LeNet-5 reads MNIST's test digits as well as its card says. Needs MNIST's files in `CONVSCOPE_MNIST`.
#![cfg(all(feature = "train", feature = "burn"))]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "common/fixtures.rs"]
mod fixtures;

use std::path::Path;

use burn::tensor::Device;
use convscope::engine::Network;
use convscope::frame::{Frame, Input};
use convscope::networks::lenet5::{LENET5, lenet5};
use convscope::train::digits::{Digits, SIDE};
use convscope::train::fit::{classes, share_equal};
use convscope::train::mnist;
use convscope::weights::Weights;

/// MNIST's test digits, or nothing where the running test is skipped.
fn digits() -> Option<Digits> {
    let Some(folder) = std::env::var_os("CONVSCOPE_MNIST") else {
        fixtures::skip_or_fail("MNIST", "CONVSCOPE_MNIST names no folder; `cargo xtask test native` sets it");
        return None;
    };
    let images = fixtures::file(Path::new(&folder).join("t10k-images-idx3-ubyte"), "cargo xtask setup --tests")?;
    Some(mnist::test(images.parent().unwrap()).unwrap())
}

fn weights() -> Weights {
    let file = std::fs::read("www/weights/lenet5/weights-00001-of-00001.safetensors").unwrap();
    Weights::read(&lenet5(), &[file]).unwrap()
}

#[test]
fn test_digits_are_read_as_the_card_says() {
    let Some(digits) = digits() else { return };
    let percent = share_equal(&classes(&lenet5(), &weights(), &digits).unwrap(), digits.labels()) * 100.0;
    println!("{percent:.2} % of {} test digits", digits.len());
    assert!(percent >= 99.0);
    // Another processor may round one digit differently.
    assert!((percent - LENET5.top1.unwrap()).abs() < 0.025, "the card says {:?}, counted {percent:.2} %", LENET5.top1);
}

/// Reads frames as the page does.
struct Reader(Network);

impl Reader {
    fn new() -> Self {
        Self(Network::new(lenet5(), &weights(), &Device::flex()).unwrap())
    }

    /// The digit on a frame; none where it holds no ink.
    fn read(&self, pixels: &[u8], side: usize) -> Option<usize> {
        let input = Input::from_frame(&Frame::new(pixels, side, side).unwrap(), LENET5.preprocessing());
        if input.is_blank() {
            return None;
        }
        let logits = pollster::block_on(self.0.logits(input)).unwrap();
        (0..10).max_by(|&a, &b| logits[a].total_cmp(&logits[b]))
    }
}

/// Digits that come as frames, black on white, found and centred as a drawing is.
#[test]
fn digits_are_read_from_frames() {
    let Some(digits) = digits() else { return };
    let reader = Reader::new();
    let count = 1000;
    let right = |index: &usize| {
        let picture = digits.picture(*index);
        let frame: Vec<u8> = picture.iter().flat_map(|&value| [255 - value, 255 - value, 255 - value, 255]).collect();
        reader.read(&frame, SIDE) == Some(digits.labels()[*index].into())
    };
    let right = (0..count).filter(right).count();
    println!("{right} of {count}");
    assert!(right >= 985);
}

/// A sheet as a webcam or a phone shows it.
struct Sheet {
    name: &'static str,
    /// Brightness of the light at a place between (−1, −1) and (1, 1), where 1 is paper in full light.
    light: fn(f32, f32) -> f32,
    /// Share of the light that paper and ink throw back.
    paper: f32,
    ink: f32,
    /// Standard deviation of the noise.
    noise: f32,
    /// Something else at a place: what share of the light it throws back.
    besides: fn(f32, f32) -> Option<f32>,
}

impl Sheet {
    const fn new(name: &'static str, light: fn(f32, f32) -> f32) -> Self {
        Self { name, light, paper: 0.95, ink: 0.1, noise: 3.0, besides: |_, _| None }
    }

    /// RGBA of a digit of MNIST, eight times its size, a little off the sheet's centre.
    fn frame(&self, digit: &[u8], mut seed: u32) -> Vec<u8> {
        let mut frame = Vec::with_capacity(SHEET * SHEET * 4);
        // Irwin and Hall: a sum of twelve uniform numbers is nearly normal.
        let mut noise = || {
            let uniform = (0..12).map(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (seed >> 8) as f32 / (1 << 24) as f32
            });
            uniform.sum::<f32>() - 6.0
        };
        for y in 0..SHEET {
            for x in 0..SHEET {
                let place = |at: usize| at as f32 * 2.0 / SHEET as f32 - 1.0;
                let (across, down) = (place(x), place(y));
                let share = (self.besides)(across, down).unwrap_or_else(|| {
                    let inked = enlarged(digit, x as f32 - 20.0, y as f32 - 36.0);
                    self.paper + (self.ink - self.paper) * inked
                });
                let value = (255.0 * share * (self.light)(across, down) + self.noise * noise()).clamp(0.0, 255.0) as u8;
                frame.extend([value, value, value, 255]);
            }
        }
        frame
    }
}

const SHEET: usize = 280;

/// Ink between 0 and 1 at a place on a digit that is eight times as large.
fn enlarged(digit: &[u8], x: f32, y: f32) -> f32 {
    let (x, y) = (x / 8.0 - 0.5, y / 8.0 - 0.5);
    let at = |x: f32, y: f32| {
        let inside = |value: f32| (0.0..SIDE as f32).contains(&value);
        if inside(x) && inside(y) { f32::from(digit[y as usize * SIDE + x as usize]) / 255.0 } else { 0.0 }
    };
    let (left, top) = (x.floor(), y.floor());
    let mix = |a: f32, b: f32, share: f32| a + (b - a) * share;
    let row = |y: f32| mix(at(left, y), at(left + 1.0, y), x - left);
    mix(row(top), row(top + 1.0), y - top)
}

const SHEETS: [Sheet; 13] = [
    Sheet::new("in full light", |_, _| 1.0),
    Sheet::new("grey, 120 of 255", |_, _| 0.5),
    Sheet::new("grey, 105 of 255", |_, _| 0.43),
    Sheet::new("dark, 60 of 255", |_, _| 0.25),
    Sheet::new("in a vignette", |x, y| 0.6 - 0.2 * (x * x + y * y)),
    Sheet::new("lit from one side", |x, _| 0.6 + 0.35 * x),
    Sheet::new("with the edge of a shadow across", |x, y| if x + 0.5 * y > 0.2 { 0.45 } else { 0.95 }),
    Sheet::new("with a shadow over a corner", |x, y| if x < -0.1 && y > 0.1 { 0.4 } else { 0.85 }),
    Sheet {
        besides: |x, y| (x > 0.9 && x < 0.94 && y > 0.9 && y < 0.94).then_some(0.05),
        ..Sheet::new("with a speck", |_, _| 0.6)
    },
    Sheet { noise: 9.0, ..Sheet::new("in a noisy picture", |_, _| 0.5) },
    Sheet { ink: 0.55, ..Sheet::new("with a pencil's grey", |_, _| 0.8) },
    Sheet { paper: 0.15, ink: 0.8, ..Sheet::new("black, with chalk", |x, _| 0.7 + 0.2 * x) },
    Sheet { besides: |x, _| (x < -0.9).then_some(0.2), ..Sheet::new("on a dark table", |_, _| 0.8) },
];

#[test]
fn digits_are_read_from_paper_as_cameras_show_it() {
    let Some(digits) = digits() else { return };
    let reader = Reader::new();
    let count = 40;
    let mut poor = Vec::new();
    for sheet in &SHEETS {
        let right = |index: &usize| {
            let frame = sheet.frame(digits.picture(*index), *index as u32);
            reader.read(&frame, SHEET) == Some(digits.labels()[*index].into())
        };
        let right = (0..count).filter(right).count();
        println!("{}: {right} of {count}", sheet.name);
        if right * 100 < count * 95 {
            poor.push((sheet.name, right));
        }
        assert_eq!(reader.read(&sheet.frame(&[0; SIDE * SIDE], 1), SHEET), None, "{}, without a digit", sheet.name);
    }
    assert!(poor.is_empty(), "{poor:?}");
}

/// A digit of any colour on a transparent sheet.
#[test]
fn digits_are_read_from_transparent_pictures() {
    let Some(digits) = digits() else { return };
    let reader = Reader::new();
    for colour in [0, 128, 255] {
        let count = 200;
        let right = |index: &usize| {
            let picture = digits.picture(*index);
            let frame: Vec<u8> = picture.iter().flat_map(|&value| [colour, colour, colour, value]).collect();
            reader.read(&frame, SIDE) == Some(digits.labels()[*index].into())
        };
        let right = (0..count).filter(right).count();
        println!("{colour}: {right} of {count}");
        assert!(right * 100 >= count * 95, "{right} of {count} digits of brightness {colour}");
        assert_eq!(reader.read(&[colour, colour, colour, 0].repeat(SIDE * SIDE), SIDE), None);
    }
}
