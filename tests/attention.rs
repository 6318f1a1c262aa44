//! Where networks look: maps against PyTorch's on all devices, and with official weights against what a person sees.
//!
//! The photos and the weights are those that `cargo xtask setup` and `cargo xtask weights` fetch.
#![cfg(all(feature = "convert", feature = "burn"))]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[allow(dead_code, reason = "each test uses a part")]
mod common;
#[path = "common/fixtures.rs"]
mod fixtures;

use std::cell::Cell;
use std::path::Path;

use common::attention::{REGENERATE, rows_come_back, worst};
use convscope::convert::export::install::installed;
use convscope::convert::quantise::crops::input_of;
use convscope::engine::attention::deletion::{self, Curve, STEPS, deletion};
use convscope::engine::attention::{AttentionMap, Cells, Method, Options, map};
use convscope::engine::{Device, Network};
use convscope::error::{Error, Result};
use convscope::frame::Input;
use convscope::graph::{Graph, Shape};
use convscope::networks::card;
use convscope::weights::Weights;
use pollster::block_on;

/// Egyptian cat.
const CAT: usize = 285;
/// Espresso.
const ESPRESSO: usize = 967;
/// Maps in tests/golden/attention.json, and those that are class activation maps.
const MAPS: usize = 13;
const CAMS: usize = 6;

fn burn() -> Device {
    Device::Burn(burn::tensor::Device::flex())
}

/// Lets everything go on.
async fn on(_: usize, _: usize) -> Result<()> {
    Ok(())
}

fn found(network: &Network, input: &Input, options: &Options) -> AttentionMap {
    block_on(map(network, input, options, on)).unwrap()
}

fn curve(network: &Network, input: &Input, map: &Cells, asked: deletion::Options) -> Result<Curve> {
    block_on(deletion(network, input, map, asked, on))
}

fn asked(class: usize, method: Method) -> Options {
    Options { class: Some(class), method: Some(method), layer: None }
}

#[test]
fn class_activation_maps_are_pytorchs() {
    for device in [Device::Cpu, burn()] {
        let (compared, worst) = block_on(worst(&device, Method::Cam, |_| true));
        println!("{compared} maps on {device:?}, worst {worst:.1e}");
        assert_eq!(compared, CAMS, "{REGENERATE}");
        assert!(worst < 1e-3, "off by {worst:.1e} on {device:?}; {REGENERATE}");
    }
}

#[test]
fn gradients_are_pytorchs() {
    let (compared, worst) = block_on(worst(&burn(), Method::HiResCam, |_| true));
    println!("{compared} maps, worst {worst:.1e}");
    assert_eq!(compared, MAPS, "{REGENERATE}");
    assert!(worst < 1e-3, "off by {worst:.1e}; {REGENERATE}");
}

#[test]
fn rows_of_weights_come_back_as_they_were_loaded() {
    for device in [Device::Cpu, burn()] {
        block_on(rows_come_back(&device));
    }
}

#[cfg(feature = "native-gpu")]
#[test]
fn a_graphics_device_gives_pytorchs_maps_and_the_rows_as_they_were_loaded() {
    use convscope::engine::kernels::webgpu::Gpu;
    let (gpu, name) = match block_on(Gpu::native(false)) {
        Ok(found) => found,
        Err(error) => return fixtures::skip_or_fail("a graphics adapter", &error.to_string()),
    };
    let hardware = Device::WebGpu(gpu.as_hardware().into());
    let device = Device::WebGpu(gpu.into());
    let (compared, worst) = block_on(worst(&device, Method::Cam, |_| true));
    println!("{compared} maps on {name}, worst {worst:.1e}");
    assert_eq!(compared, CAMS, "{REGENERATE}");
    assert!(worst < 1e-3, "off by {worst:.1e} on {name}; {REGENERATE}");
    block_on(rows_come_back(&device));
    block_on(rows_come_back(&hardware));
}

/// EfficientNet-Lite0 with the weights that are installed; nothing where the test is skipped.
fn lite0(device: Device) -> Option<Network> {
    let folder = fixtures::file(Path::new("www/weights/efficientnet_lite0").into(), "cargo xtask weights")?;
    let graph = card("efficientnet_lite0").unwrap().inference();
    let (_, shards) = installed(&folder).unwrap();
    Some(Network::new(graph.clone(), &Weights::read(&graph, &shards).unwrap(), device).unwrap())
}

/// The input of a photo among the samples; nothing where the test is skipped.
fn sample(photo: &str) -> Option<Input> {
    let path = fixtures::file(Path::new("www/samples").join(photo), "cargo xtask setup")?;
    Some(input_of(card("efficientnet_lite0").unwrap().preprocessing(), &path).unwrap())
}

/// The centre of mass of what speaks for the class, in pixels of the input: column and row.
fn centre_of_mass(map: &Cells) -> (f32, f32) {
    let (mut x, mut y, mut all) = (0.0, 0.0, 0.0);
    for (index, value) in map.data.iter().map(|value| value.max(0.0)).enumerate() {
        x += value * (map.centre + map.step * (index % map.width) as f32);
        y += value * (map.centre + map.step * (index / map.width) as f32);
        all += value;
    }
    (x / all, y / all)
}

/// A photo of a cat's face, and the same photo, made smaller, in each corner of a photo of a cup.
///
/// The corners are the stricter part: the face fills most of the first photo, so that a map that says nothing, whose centre is
/// the input's, would pass there. No photo at hand shows a small object far from the centre. A pasted one has edges that an
/// object in a real scene has not, but the cup competes with it, and the map is of the cat.
#[test]
fn a_map_of_a_cat_lies_on_the_cat() {
    let (Some(network), Some(cat), Some(cup)) = (lite0(Device::Cpu), sample("chelsea.png"), sample("coffee.png"))
    else {
        return;
    };
    for method in [Method::Cam, Method::Occlusion] {
        let map = found(&network, &cat, &asked(CAT, method));
        // By eye, in the input of 224 × 224: the eyes, the nose and what lies between them.
        assert_inside(&map.cells, (25.0, 50.0), (215.0, 215.0), &format!("{method:?} of the photo"));
    }
    for (left, top) in CORNERS {
        let map = found(&network, &pasted(&cat, &cup, left, top), &asked(CAT, Method::Cam));
        let first = (left as f32, top as f32);
        let last = (first.0 + PASTED as f32, first.1 + PASTED as f32);
        assert_inside(&map.cells, first, last, &format!("pasted at column {left}, row {top}"));
    }
}

/// Whether the centre of mass of what speaks for the class lies in a box, from its first to its last column and row.
fn assert_inside(map: &Cells, first: (f32, f32), last: (f32, f32), what: &str) {
    let (x, y) = centre_of_mass(map);
    println!("{what}: centre of mass at column {x:.0}, row {y:.0}");
    let inside = (first.0..last.0).contains(&x) && (first.1..last.1).contains(&y);
    assert!(inside, "{what}: column {x}, row {y} is not between {first:?} and {last:?}");
}

/// Pixels of a side of a pasted picture.
const PASTED: usize = 96;
/// Columns and rows of the first pixels of pasted pictures.
const CORNERS: [(usize, usize); 4] = [(4, 4), (124, 4), (4, 124), (124, 124)];

/// A picture that is made smaller and put onto another one.
fn pasted(picture: &Input, onto: &Input, left: usize, top: usize) -> Input {
    let Shape { height, width, .. } = onto.shape;
    let mut values = onto.values.clone();
    for (channel, plane) in values.chunks_exact_mut(height * width).enumerate() {
        for (y, x) in (0..PASTED).flat_map(|y| (0..PASTED).map(move |x| (y, x))) {
            let span = |place: usize, pixels: usize| place * pixels / PASTED..(place + 1) * pixels / PASTED;
            let pixels: Vec<f32> = span(y, height)
                .flat_map(|row| span(x, width).map(move |column| (channel * height + row) * width + column))
                .map(|at| picture.values[at])
                .collect();
            plane[(top + y) * width + left + x] = pixels.iter().sum::<f32>() / pixels.len() as f32;
        }
    }
    Input { values, shape: onto.shape }
}

/// Of photos, and of a small cat on a plain ground.
///
/// The cat's face fills its photo, so that squares at random hit it as well: there the margin is small. Where the map says
/// where the object is, blurring the squares in the opposite order leaves it longest.
#[test]
fn blurring_what_a_map_marks_costs_more_than_blurring_at_random() {
    let (Some(network), Some(cat), Some(cup)) = (lite0(Device::Cpu), sample("chelsea.png"), sample("coffee.png"))
    else {
        return;
    };
    let plain = Input { values: vec![0.0; cat.values.len()], shape: cat.shape };
    let cases = [
        ("the cat's photo", CAT, Method::Cam, cat.clone(), 1.0),
        ("the cup's photo", ESPRESSO, Method::Cam, cup.clone(), 0.9),
        ("the cup's photo", ESPRESSO, Method::Occlusion, cup, 0.9),
        ("the cat at the top left", CAT, Method::Cam, pasted(&cat, &plain, CORNERS[0].0, CORNERS[0].1), 0.9),
        ("the cat at the bottom right", CAT, Method::Cam, pasted(&cat, &plain, CORNERS[3].0, CORNERS[3].1), 0.9),
    ];
    for (what, class, method, input, most) in cases {
        let map = found(&network, &input, &asked(class, method)).cells;
        let options = deletion::Options { class, steps: STEPS, seed: 1 };
        let best = curve(&network, &input, &map, options).unwrap();
        let opposite = Cells { data: map.data.iter().map(|value| -value).collect(), ..map };
        let opposite = curve(&network, &input, &opposite, options).unwrap().hottest_area;
        let Curve { hottest_area, random_area, ref hottest, .. } = best;
        println!(
            "{what}, {method:?}: {hottest_area:.3}, at random {random_area:.3}, opposite {opposite:.3}, of {hottest:.3?}"
        );
        assert!(
            hottest_area < most * random_area,
            "{what}, {method:?}: {hottest_area} against {random_area} at random"
        );
        assert!(hottest_area < opposite, "{what}, {method:?}: {hottest_area} against {opposite} in the opposite order");
        // The blur leaves nothing of the object.
        assert!(hottest[STEPS] < 0.01, "{what}, {method:?}: {hottest:?}");
    }
}

/// A small network that ends in global average pooling, with an input for it.
fn small(device: Device) -> (Network, Input) {
    let mut graph = Graph::new(Shape::rgb(32));
    graph.conv("conv", 8, 3).stride(4).pad(1).relu();
    graph.global_avg_pool("mean");
    graph.linear("fc", 10);
    let shape = graph.input();
    let input = Input { values: (0..shape.elements()).map(|i| (i as f32 * 0.37).sin()).collect(), shape };
    (Network::new(graph.clone(), &Weights::formula(&graph).unwrap(), device).unwrap(), input)
}

#[test]
fn the_class_is_the_most_probable_one_and_the_method_the_networks_own_unless_told() {
    let (network, input) = small(Device::Cpu);
    let logits = block_on(network.logits(input.clone())).unwrap();
    let best = convscope::prediction::greatest(&logits, 1)[0];
    let own = found(&network, &input, &Options::default());
    assert_eq!((own.method, own.class, own.layer.as_str()), (Method::Cam, best, "conv"));
    assert_eq!(own, found(&network, &input, &asked(best, Method::Cam)));
    let (network, input) = small(burn());
    for class in [best, 3] {
        let [cam, hirescam] =
            [Method::Cam, Method::HiResCam].map(|method| found(&network, &input, &asked(class, method)));
        for (a, b) in cam.cells.data.iter().zip(&hirescam.cells.data) {
            assert!((a - b).abs() < 1e-5, "{a} and {b}");
        }
    }
    let unknown = block_on(map(&network, &input, &asked(10, Method::HiResCam), on)).unwrap_err();
    assert!(matches!(unknown, Error::UnknownClass { index: 10, count: 10 }), "{unknown}");
    let lenet5 = card("lenet5").unwrap().inference();
    let weights = Weights::formula(&lenet5).unwrap();
    let input = Input { values: vec![0.5; lenet5.input().elements()], shape: lenet5.input() };
    let options = Options::default();
    let on_burn = Network::new(lenet5.clone(), &weights, burn()).unwrap();
    assert_eq!(found(&on_burn, &input, &options).method, Method::HiResCam);
    let by_kernels = Network::new(lenet5, &weights, Device::Cpu).unwrap();
    assert!(matches!(block_on(map(&by_kernels, &input, &options, on)), Err(Error::NeedsGradients)));
    assert!(matches!(block_on(map(&by_kernels, &input, &asked(3, Method::Cam), on)), Err(Error::NoMap(_))));
}

/// Each run is announced, and none runs after the caller has cancelled.
#[test]
fn a_map_and_a_curve_end_where_the_caller_cancels() {
    let (network, input) = small(burn());
    let cells = found(&network, &input, &asked(3, Method::Cam)).cells;
    for last in [0, 5, usize::MAX] {
        let calls = Cell::new(0);
        let pause = async |done: usize, total: usize| {
            assert_eq!((done, total), (calls.get(), 257));
            calls.set(calls.get() + 1);
            if done < last { Ok(()) } else { Err(Error::Cancelled) }
        };
        let result = block_on(map(&network, &input, &asked(3, Method::Occlusion), pause));
        assert_eq!(result.is_ok(), last == usize::MAX);
        assert!(result.is_ok() || matches!(result, Err(Error::Cancelled)));
        assert_eq!(calls.get(), last.saturating_add(1).min(257));
    }
    for method in [Method::Cam, Method::HiResCam] {
        let cancelled = block_on(map(&network, &input, &asked(3, method), async |_, _| Err(Error::Cancelled)));
        assert!(matches!(cancelled, Err(Error::Cancelled)), "{method:?}");
    }
    let calls = Cell::new(0);
    let pause = async |done: usize, total: usize| {
        assert_eq!((done, total), (calls.get(), 2 + 3 * 5));
        calls.set(calls.get() + 1);
        if done < 9 { Ok(()) } else { Err(Error::Cancelled) }
    };
    let options = deletion::Options { class: 3, steps: 4, seed: 0 };
    assert!(matches!(block_on(deletion(&network, &input, &cells, options, pause)), Err(Error::Cancelled)));
    assert_eq!(calls.get(), 10);
}

#[test]
fn a_curve_begins_with_the_picture_and_ends_with_its_blur_whatever_the_order() {
    let (network, input) = small(Device::Cpu);
    let cells = found(&network, &input, &asked(3, Method::Cam)).cells;
    let of = |class, steps, seed| curve(&network, &input, &cells, deletion::Options { class, steps, seed });
    let curve = |steps, seed| of(3, steps, seed).unwrap();
    let whole = convscope::prediction::softmax(&block_on(network.logits(input.clone())).unwrap())[3];
    let four = curve(4, 0);
    assert_eq!(four.shares, [0.0, 0.25, 0.5, 0.75, 1.0]);
    assert_eq!((four.hottest[0], four.random[0]), (whole, whole));
    assert!((four.hottest[4] - four.random[4]).abs() < 1e-6 && (four.hottest[4] - whole).abs() > 1e-4, "{four:?}");
    let area = |curve: &[f32]| (curve[0] / 2.0 + curve[1] + curve[2] + curve[3] + curve[4] / 2.0) / 4.0;
    assert!((four.hottest_area - area(&four.hottest)).abs() < 1e-6);
    assert!((four.random_area - area(&four.random)).abs() < 1e-6);
    assert_eq!(four, curve(4, 0));
    let other = curve(4, 1);
    assert!(four.hottest == other.hottest && four.random != other.random);
    assert_eq!((curve(0, 0).shares.len(), curve(usize::MAX, 0).shares.len()), (2, 257));
    assert!(matches!(of(10, 4, 0), Err(Error::UnknownClass { .. })));
}
