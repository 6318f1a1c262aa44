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

/// Digits that come as frames, black on white, found and centred as a drawing is.
#[test]
fn digits_are_read_from_frames() {
    let Some(digits) = digits() else { return };
    let network = Network::new(lenet5(), &weights(), &Device::flex()).unwrap();
    let count = 1000;
    let mut right = 0;
    for index in 0..count {
        let picture = digits.picture(index);
        let frame: Vec<u8> = picture.iter().flat_map(|&value| [255 - value, 255 - value, 255 - value, 255]).collect();
        let input = Input::from_frame(&Frame::new(&frame, SIDE, SIDE).unwrap(), &LENET5);
        let logits = pollster::block_on(network.logits(input)).unwrap();
        let class = (0..10).max_by(|&a, &b| logits[a].total_cmp(&logits[b])).unwrap();
        right += usize::from(class == usize::from(digits.labels()[index]));
    }
    println!("{right} of {count}");
    assert!(right >= 985);
}
