//! Frame → input, against Pillow's values and for the shapes that people really have.
#![cfg(feature = "convert")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use convscope::frame::{Frame, Framing, Input, Layout, MAX_PIXELS, MAX_SIDE, MatrixCoefficients, Planes, check_size};
use convscope::graph::Shape;
use convscope::networks::{CARDS, Card, card};
use serde_json::Value;

/// The formula of tests/golden/frames.py.
fn picture(width: usize, height: usize, alpha: bool) -> Vec<u8> {
    let mut pixels = Vec::with_capacity(width * height * 4);
    for y in 0..height {
        for x in 0..width {
            let colour = [x * x / 40 + y * 3, x * 5 + y * y / 30, x * 2 + y * 7];
            pixels.extend(colour.map(|value| (value % 256) as u8));
            pixels.push(if alpha { ((x * 3 + y * 11) % 256) as u8 } else { 255 });
        }
    }
    pixels
}

fn input(card: &Card, pixels: &[u8], width: usize, height: usize) -> Input {
    Input::from_frame(&Frame::new(pixels, width, height).unwrap(), card.preprocessing())
}

#[test]
fn the_input_is_pillows() {
    let golden: Value = serde_json::from_str(include_str!("golden/frames.json")).unwrap();
    let positions: Vec<usize> = serde_json::from_value(golden["positions"].clone()).unwrap();
    let card = card("efficientnet_lite0").unwrap();
    for case in golden["cases"].as_array().unwrap() {
        let (width, height) = (case["width"].as_u64().unwrap() as usize, case["height"].as_u64().unwrap() as usize);
        let input = input(card, &picture(width, height, case["alpha"].as_bool().unwrap()), width, height);
        assert_eq!(input.shape, Shape::rgb(224));
        let pixels: Vec<f32> = input.values.iter().map(|value| value * 128.0 + 127.0).collect();
        for (channel, plane) in pixels.chunks_exact(224 * 224).enumerate() {
            let hint = "if the formula changed: python3 tests/golden/frames.py";
            let mean = plane.iter().sum::<f32>() / plane.len() as f32;
            let expected = case["means"][channel].as_f64().unwrap() as f32;
            assert!((mean - expected).abs() < 0.05, "{}: mean {mean} for {expected}; {hint}", case["name"]);
            for (number, &position) in positions.iter().enumerate() {
                let expected = case["samples"][channel][number].as_f64().unwrap() as f32;
                let found = plane[position];
                assert!(
                    (found - expected).abs() <= 1.01,
                    "{}: {found} for {expected} at {position}; {hint}",
                    case["name"]
                );
            }
        }
    }
}

#[test]
fn frames_that_are_none_are_refused() {
    for (bytes, width, height) in [(0, 0, 0), (4, 0, 1), (4, 2, 1), (16, 1, 3), (4, usize::MAX, 2)] {
        let data = vec![0; bytes];
        assert_eq!(Frame::new(&data, width, height).unwrap_err().code(), "bad-frame", "{bytes} {width}×{height}");
    }
}

#[test]
fn frames_up_to_the_stated_limits_are_read_and_greater_ones_refused() {
    let square = MAX_PIXELS.isqrt();
    for (width, height) in [(MAX_SIDE, 1), (1, MAX_SIDE), (MAX_SIDE, MAX_PIXELS / MAX_SIDE), (square, square)] {
        check_size(width, height).unwrap();
    }
    for (width, height) in [(MAX_SIDE + 1, 1), (1, MAX_SIDE + 1), (square, square + 1), (1 << 23, 1), (1 << 31, 2)] {
        let refused = check_size(width, height).unwrap_err();
        assert_eq!(refused.code(), "bad-frame", "{width}×{height}");
        assert!(refused.to_string().contains(&format!("{width}×{height} pixels, and at most 65536")), "{refused}");
        assert_eq!(Frame::new(&[], width, height).unwrap_err().to_string(), refused.to_string());
        let planes = Planes::new(&[], width, height, Layout::I420, MatrixCoefficients::Bt601, false);
        assert_eq!(planes.unwrap_err().to_string(), refused.to_string());
    }
    // The longest and thinnest frames are resized the most.
    let stripe: Vec<u8> = (0..MAX_SIDE).flat_map(|x| [(x >> 8) as u8, 0, 0, 255]).collect();
    for card in CARDS {
        for (width, height) in [(MAX_SIDE, 1), (1, MAX_SIDE)] {
            assert_eq!(input(card, &stripe, width, height).shape, (card.graph)().input(), "{}", card.id);
        }
    }
}

/// The arithmetic on sides again, in the 32 bits that a browser has.
#[test]
fn sides_within_the_limits_need_no_more_than_32_bits() {
    let (side, pixels) = (u32::try_from(MAX_SIDE).unwrap(), u32::try_from(MAX_PIXELS).unwrap());
    assert!(pixels.checked_mul(4).is_some(), "bytes of RGBA");
    for card in CARDS {
        if let Framing::Photo { crop, resize, .. } = card.framing {
            let (crop, resize) = (u32::try_from(crop).unwrap(), u32::try_from(resize).unwrap());
            // (2 · length · resize + shorter) / (2 · shorter), and shorter · crop / resize.
            let resized = side.checked_mul(2).and_then(|twice| twice.checked_mul(resize)?.checked_add(side));
            assert!(resized.is_some() && side.checked_mul(crop).is_some(), "{}", card.id);
        }
    }
}

/// White ink of LeNet-5's input, 0 to 1.
fn ink(pixels: &[u8], width: usize, height: usize) -> Vec<f32> {
    let input = input(card("lenet5").unwrap(), pixels, width, height);
    assert_eq!(input.shape, Shape::new(1, 32, 32));
    input.values.iter().map(|value| (value + 0.1) / 1.275).collect()
}

fn bar(width: usize, height: usize, paper: u8, ink: u8, left: usize, top: usize, bar: (usize, usize)) -> Vec<u8> {
    let mut pixels = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let inked = (left..left + bar.0).contains(&x) && (top..top + bar.1).contains(&y);
            let value = if inked { ink } else { paper };
            pixels.extend([value, value, value, 255]);
        }
    }
    pixels
}

#[test]
fn digits_are_centred_and_scaled_wherever_they_stand() {
    for (paper, colour) in [(255, 0), (0, 255), (200, 60), (40, 180)] {
        for (left, top) in [(10, 5), (200, 60)] {
            let found = ink(&bar(280, 280, paper, colour, left, top, (20, 200)), 280, 280);
            let inked: Vec<(usize, usize)> =
                (0..32 * 32).filter(|&i| found[i] > 0.9).map(|i| (i % 32, i / 32)).collect();
            assert_eq!(inked.len(), 2 * 20, "a bar of 20×200 becomes 2×20");
            assert!(inked.iter().all(|&(x, y)| (15..17).contains(&x) && (6..26).contains(&y)), "{inked:?}");
        }
    }
}

#[test]
fn an_empty_sheet_has_no_ink() {
    for paper in [0, 128, 255] {
        assert!(ink(&bar(50, 40, paper, paper, 0, 0, (0, 0)), 50, 40).iter().all(|&value| value.abs() < 1e-6));
    }
    assert!(ink(&[9, 9, 9, 255], 1, 1).iter().all(|&value| value.abs() < 1e-6));
}

/// Squared paper: lines of these pixels, with this many from one to the next.
fn squared(width: usize, every: usize, ink: u8) -> Vec<u8> {
    let is_line = |at: usize| at % every < width;
    let value = |at: usize| if is_line(at % 280) || is_line(at / 280) { ink } else { 255 };
    (0..280 * 280).flat_map(|at| [value(at), value(at), value(at), 255]).collect()
}

#[test]
fn the_lines_of_squared_paper_are_no_ink() {
    for (width, every, colour) in [(1, 20, 180), (2, 28, 180), (2, 14, 180), (2, 28, 119), (3, 35, 170)] {
        let found = ink(&squared(width, every, colour), 280, 280);
        assert!(found.iter().all(|&value| value.abs() < 1e-6), "lines of {width} every {every}");
    }
    // A picture that is cut closely around its digit has ink at all its edges.
    let mut zero = bar(100, 140, 255, 0, 0, 0, (100, 140));
    for (at, pixel) in zero.chunks_exact_mut(4).enumerate() {
        let (x, y) = ((at % 100) as f32 / 50.0 - 1.0, (at / 100) as f32 / 70.0 - 1.0);
        if !(0.72..=1.02).contains(&(x * x + y * y)) {
            pixel[..3].fill(255);
        }
    }
    assert!(ink(&zero, 100, 140).iter().filter(|&&value| value > 0.7).count() > 40);
}

/// A picture of slow changes, in RGBA and as planes by the recommendations' formulas.
fn filmed(width: usize, height: usize, layout: Layout, matrix: MatrixCoefficients, full: bool) -> (Vec<u8>, Vec<u8>) {
    let wave = |x: usize, y: usize, speed: f32| 127.0 + 90.0 * ((x as f32 * 0.021 + y as f32 * 0.013) * speed).sin();
    let rgb = |x: usize, y: usize| [wave(x, y, 1.0), wave(y, x, 1.3), wave(x + y, y, 0.7)];
    let (red, blue) = if matrix == MatrixCoefficients::Bt601 { (0.299, 0.114) } else { (0.2126, 0.0722) };
    let (black, bright, vivid) = if full { (0.0, 1.0, 1.0) } else { (16.0, 219.0 / 255.0, 224.0 / 255.0) };
    let grey = |[r, g, b]: [f32; 3]| red * r + (1.0 - red - blue) * g + blue * b;
    let all = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    let pixels = all.clone().flat_map(|(x, y)| rgb(x, y).map(|value| value.round() as u8).into_iter().chain([255]));
    let mut planes: Vec<u8> = all.map(|(x, y)| (grey(rgb(x, y)) * bright + black).round() as u8).collect();
    let differences = |x: usize, y: usize| {
        let four = [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(right, down)| rgb(2 * x + right, 2 * y + down));
        let colour = std::array::from_fn(|channel| four.iter().map(|colour| colour[channel]).sum::<f32>() / 4.0);
        let difference = |value: f32, share: f32| (value - grey(colour)) / (2.0 * (1.0 - share)) * vivid + 128.0;
        [difference(colour[2], blue), difference(colour[0], red)].map(|value| value.round() as u8)
    };
    let quarter: Vec<_> = (0..height / 2).flat_map(|y| (0..width / 2).map(move |x| differences(x, y))).collect();
    match layout {
        Layout::Nv12 => planes.extend(quarter.as_flattened()),
        Layout::I420 => (0..2).for_each(|which| planes.extend(quarter.iter().map(|pair| pair[which]))),
    }
    (pixels.collect(), planes)
}

#[test]
fn a_cameras_planes_are_its_pixels() {
    let forms = [
        (640, 480, Layout::I420, MatrixCoefficients::Bt601, false),
        (480, 642, Layout::Nv12, MatrixCoefficients::Bt709, false),
        (258, 256, Layout::I420, MatrixCoefficients::Bt709, true),
        (100, 90, Layout::Nv12, MatrixCoefficients::Bt601, true),
    ];
    for (width, height, layout, matrix, full) in forms {
        let (pixels, planes) = filmed(width, height, layout, matrix, full);
        let planes = Planes::new(&planes, width, height, layout, matrix, full).unwrap();
        for id in ["efficientnet_lite0", "resnet18", "alexnet"] {
            let card = card(id).unwrap();
            let (expected, found) =
                (input(card, &pixels, width, height), Input::from_planes(&planes, card.preprocessing()));
            assert_eq!(expected.shape, found.shape);
            let std = card.normalisation.std[0];
            let worst = expected.values.iter().zip(&found.values).map(|(a, b)| (a - b).abs() * std);
            let worst = worst.fold(0.0, f32::max);
            // A pixel aside is 5.
            assert!(worst < 7.0, "{id} of {width}×{height}, {layout:?}: {worst} of 255");
        }
    }
}

#[test]
fn a_digit_is_read_from_a_cameras_brightness() {
    let lenet5 = card("lenet5").unwrap();
    let (width, height) = (280, 280);
    let pixels = bar(width, height, 230, 20, 120, 60, (30, 160));
    let brightness = pixels.iter().copied().step_by(4);
    let planes: Vec<u8> = brightness.chain(std::iter::repeat_n(128, width * height / 2)).collect();
    let planes = Planes::new(&planes, width, height, Layout::I420, MatrixCoefficients::Bt601, true).unwrap();
    assert_eq!(Input::from_planes(&planes, lenet5.preprocessing()), input(lenet5, &pixels, width, height));
}

#[test]
fn planes_that_are_none_are_refused() {
    for (bytes, width, height) in [(0, 0, 0), (6, 2, 1), (9, 3, 2), (7, 2, 2), (6, 4, 2), (6, usize::MAX - 1, 2)] {
        let data = vec![0; bytes];
        let refused = Planes::new(&data, width, height, Layout::Nv12, MatrixCoefficients::Bt709, false).unwrap_err();
        assert_eq!(refused.code(), "bad-frame", "{bytes} {width}×{height}");
    }
}
