//! Our kernels against burn's operations, layer by layer; `tests/web.rs` does the same in a browser.
#![cfg(all(feature = "convert", feature = "burn"))]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[allow(dead_code, reason = "each test uses a part")]
mod common;
#[path = "common/fixtures.rs"]
mod fixtures;

use convscope::engine::kernels::plan::{Geometry, Kind, Plan};
use convscope::engine::profile::waves;
use convscope::engine::{Device, Network};
use convscope::error::Error;
use convscope::graph::{Graph, Node, Op, Shape};
use convscope::networks::CARDS;

#[test]
fn the_cpus_kernels_are_burns_operations() {
    let (case, worst) = pollster::block_on(common::layers::worst(&Device::Cpu));
    println!("worst: {case}, {worst:.1e}");
    assert!(worst < 1e-5, "{case}: off by {worst:.1e}");
}

/// In both precisions and with the tiles for software and for hardware. A software adapter suffices for single precision,
/// so it can be required; half precision is skipped where the adapter has none.
#[cfg(feature = "native-gpu")]
#[test]
fn a_graphics_devices_kernels_are_burns_operations() {
    use convscope::engine::kernels::webgpu::Gpu;
    for (half, hardware, most) in [(false, false, 1e-4), (false, true, 1e-4), (true, false, 2e-2), (true, true, 2e-2)] {
        match pollster::block_on(Gpu::native(half)) {
            Ok((gpu, name)) => {
                let device = Device::WebGpu(if hardware { gpu.as_hardware() } else { gpu }.into());
                pollster::block_on(convscope::engine::check::check(&device, async |_| ())).unwrap();
                let (case, worst) = pollster::block_on(common::layers::worst(&device));
                println!("{name}: {case}, {worst:.1e}");
                assert!(worst < most, "{case}: off by {worst:.1e} on {name}");
            }
            Err(error) if half => {
                fixtures::skip("an adapter with half precision", &error.to_string());
                return;
            }
            Err(error) => {
                fixtures::skip_or_fail("a graphics adapter", &error.to_string());
                return;
            }
        }
    }
}

/// A software adapter takes a quarter of a second to compile a shader, and the check of a device compiles some before any network.
#[cfg(feature = "native-gpu")]
#[test]
fn a_software_adapter_compiles_few_shaders_for_a_network() {
    use convscope::engine::kernels::webgpu::Gpu;
    for (id, most) in [("mobilenet_v2", 4), ("efficientnet_lite0", 6), ("resnet18", 5)] {
        let gpu = match pollster::block_on(Gpu::native(false)) {
            Ok((gpu, _)) if gpu.is_software() => gpu,
            Ok((_, name)) => return fixtures::skip("a software adapter", &name),
            Err(error) => return fixtures::skip_or_fail("a graphics adapter", &error.to_string()),
        };
        let device = Device::WebGpu(gpu.into());
        pollster::block_on(convscope::engine::check::check(&device, async |_| ())).unwrap();
        let graph = CARDS.iter().find(|card| card.id == id).unwrap().inference();
        let network = Network::random(graph, 3, &device).unwrap();
        let mut new = Vec::new();
        pollster::block_on(network.prepare(async |shaders| new = shaders)).unwrap();
        assert!((1..=most).contains(&new.len()), "{id}: {} shaders:\n{}", new.len(), new.join("\n"));
    }
}

#[test]
fn every_network_has_a_plan_without_idle_copies() {
    for card in CARDS {
        let graph = card.inference();
        let plan = Plan::new(&graph, &[graph.output()], false).unwrap();
        let sums = plan.steps.iter().filter(|step| matches!(step.kind, Kind::Add(_))).count();
        assert_eq!(sums, 0, "{}: an addition runs by itself", card.id);
        for step in &plan.steps {
            assert!(step.reads().all(|view| view.buffer != step.output.buffer), "{}: {step:?}", card.id);
            let geometry = plan.buffers[step.output.buffer];
            assert!(step.output.first_channel + step.output.shape.channels <= geometry.pixel, "{}: {step:?}", card.id);
        }
        assert_eq!(plan.bytes(), least_bytes(&plan), "{}: values of the same geometry share too few buffers", card.id);
    }
}

/// Bytes of the fewest buffers that suffice for a plan's steps where only values of the same geometry share a buffer: for
/// each geometry as many as the values of that geometry that are needed at the same time.
fn least_bytes(plan: &Plan) -> usize {
    // The steps from which and up to which each value is needed, with the value's buffer.
    let mut lifetimes = vec![(0, usize::MAX, plan.input.buffer)];
    for (buffer, _) in plan.buffers.iter().enumerate().filter(|(buffer, _)| *buffer != plan.input.buffer) {
        let mut written = Vec::new();
        let mut lifetime = None;
        for (index, step) in plan.steps.iter().enumerate() {
            if step.output.buffer == buffer {
                // The parts of a concatenation are written next to each other; what is written again is another value.
                let channels = step.output.first_channel;
                if written.contains(&channels) {
                    lifetimes.extend(lifetime.take());
                    written.clear();
                }
                written.push(channels);
                let (first, _, _) = lifetime.unwrap_or((index, index, buffer));
                lifetime = Some((first, index, buffer));
            }
            if step.reads().any(|view| view.buffer == buffer) {
                lifetime = lifetime.map(|(first, _, buffer)| (first, index, buffer));
            }
        }
        if plan.outputs.iter().any(|view| view.buffer == buffer) {
            lifetime = lifetime.map(|(first, _, buffer)| (first, usize::MAX, buffer));
        }
        lifetimes.extend(lifetime);
    }
    let mut geometries: Vec<_> = Vec::new();
    for geometry in &plan.buffers {
        if !geometries.contains(geometry) {
            geometries.push(*geometry);
        }
    }
    let needed = |geometry: &Geometry, step: usize| {
        let of_geometry = lifetimes.iter().filter(|(_, _, buffer)| plan.buffers[*buffer] == *geometry);
        of_geometry.filter(|(first, last, _)| (*first..=*last).contains(&step)).count()
    };
    let most = |geometry: &Geometry| (0..plan.steps.len()).map(|step| needed(geometry, step)).max().unwrap_or(0);
    geometries.iter().map(|geometry| 4 * geometry.elements() * most(geometry)).sum()
}

#[test]
fn a_value_that_is_still_needed_is_not_overwritten() {
    let mut graph = Graph::new(Shape::new(4, 6, 6));
    let first = graph.conv("first", 4, 3).pad(1).relu().node();
    graph.conv("second", 4, 3).pad(1).relu();
    graph.conv("third", 4, 3).pad(1);
    graph.add("sum", first).relu();
    let plan = Plan::new(&graph, &[graph.output()], false).unwrap();
    let first_buffer = plan.steps[0].output.buffer;
    assert!(plan.steps[1..].iter().all(|step| step.output.buffer != first_buffer));
    // The input, the first two values, and the last one, which has no halo; the third lies where the sum lies.
    assert_eq!(plan.buffers.len(), 4);
}

#[test]
fn a_graph_without_a_plan_is_refused_with_its_layers_name() {
    let plan = |build: &dyn Fn(&mut Graph)| {
        let mut graph = Graph::new(Shape::new(6, 8, 8));
        build(&mut graph);
        Plan::new(&graph, &[graph.output()], false).unwrap_err().to_string()
    };
    let norm = plan(&|g| {
        g.batch_norm("norm", 1e-5);
    });
    assert!(norm.starts_with("Layer \"norm\" does not fit: batch normalisation"), "{norm}");
    let concat = plan(&|g| {
        let a = g.conv("a", 6, 1).node();
        g.concat("both", &[a, Node::INPUT]);
    });
    assert!(concat.starts_with("Layer \"both\" does not fit: its parts must have multiples of four"), "{concat}");
    let groups = plan(&|g| {
        g.conv("groups", 6, 3).groups(3);
    });
    assert!(groups.contains("groups of four channels"), "{groups}");
}

#[test]
fn a_network_gives_the_same_logits_whatever_outputs_it_gave_before() {
    let card = CARDS.iter().find(|card| card.id == "googlenet").unwrap();
    let network = Network::random(card.inference(), 3, &Device::Cpu).unwrap();
    let graph = network.graph();
    let shape = graph.input();
    let input =
        convscope::frame::Input { values: (0..shape.elements()).map(|i| (i as f32 * 0.7).sin()).collect(), shape };
    let all: Vec<Node> = graph.heads().iter().map(|head| head.node).chain([graph.output()]).collect();
    let run = |outputs: &[Node]| pollster::block_on(network.activations(&input, outputs)).unwrap();
    let alone = run(&[graph.output()]);
    assert_eq!(run(&all).pop(), Some(alone[0].clone()));
    assert_eq!(run(&[graph.output()]), alone);
}
/// What the converter asks for: each layer's input, so that some values are asked for twice, and the network's input too.
#[test]
fn every_layers_input_is_burns() {
    for id in ["squeezenet1_1", "efficientnet_lite0", "resnet18", "googlenet"] {
        let graph = CARDS.iter().find(|card| card.id == id).unwrap().inference();
        let outputs: Vec<Node> = graph.layers().iter().map(|layer| layer.inputs[0]).collect();
        let shape = graph.input();
        let values = (0..shape.elements()).map(|i| (i as f32 * 0.7).sin()).collect();
        let input = convscope::frame::Input { values, shape };
        let run = |device: Device| {
            let network = Network::random(graph.clone(), 3, device).unwrap();
            pollster::block_on(network.activations(&input, &outputs)).unwrap()
        };
        let (expected, found) = (run(Device::Burn(burn::tensor::Device::flex())), run(Device::Cpu));
        for (layer, (expected, found)) in graph.layers().iter().zip(expected.iter().zip(&found)) {
            assert_eq!(expected.len(), found.len(), "{id}: {}", layer.name);
            let greatest = expected.iter().fold(0.0f32, |greatest, value| greatest.max(value.abs()));
            let off = expected.iter().zip(found).map(|(a, b)| (a - b).abs() / greatest).fold(0.0, f32::max);
            assert!(off < 1e-4, "{id}: what {} reads is off by {off:.1e}", layer.name);
        }
    }
}

/// The outputs of all layers, in turn with the main output alone, as a page asks that shows what layers gave.
#[test]
fn activations_are_burns_whatever_is_asked_for_between() {
    let graph = CARDS.iter().find(|card| card.id == "squeezenet1_1").unwrap().inference();
    let outputs: Vec<Node> = graph.layers().iter().map(|layer| graph.node(&layer.name).unwrap()).collect();
    let input = waves(graph.input());
    let network = |device: Device| Network::random(graph.clone(), 3, device).unwrap();
    let burn = network(Device::Burn(burn::tensor::Device::flex()));
    let expected = pollster::block_on(burn.activations(&input, &outputs)).unwrap();
    for (device, most) in devices() {
        let network = network(device.clone());
        for turn in 0..3 {
            let found = pollster::block_on(network.activations(&input, &outputs)).unwrap();
            for (layer, (expected, found)) in graph.layers().iter().zip(expected.iter().zip(&found)) {
                let off = off(expected, found);
                assert!(off < most, "turn {turn} on {device:?}: {} is off by {off:.1e}", layer.name);
            }
            let logits = pollster::block_on(network.logits(input.clone())).unwrap();
            let off = off(&expected[expected.len() - 1], &logits);
            assert!(off < most, "turn {turn} on {device:?}: the logits are off by {off:.1e}");
        }
    }
}

/// The CPU, and a graphics adapter in both precisions where there is one, with the greatest error that is allowed.
fn devices() -> Vec<(Device, f32)> {
    #[allow(unused_mut, reason = "without a graphics adapter it is complete")]
    let mut devices = vec![(Device::Cpu, 1e-4)];
    #[cfg(feature = "native-gpu")]
    for (half, most) in [(false, 1e-4), (true, 2e-2)] {
        match pollster::block_on(convscope::engine::kernels::webgpu::Gpu::native(half)) {
            Ok((gpu, _)) => devices.push((Device::WebGpu(gpu.into()), most)),
            Err(error) if half => fixtures::skip("an adapter with half precision", &error.to_string()),
            Err(error) => fixtures::skip_or_fail("a graphics adapter", &error.to_string()),
        }
    }
    devices
}

/// The greatest difference, as a fraction of the greatest magnitude that is expected.
fn off(expected: &[f32], found: &[f32]) -> f32 {
    assert_eq!(expected.len(), found.len());
    assert!(found.iter().all(|value| value.is_finite()), "a value is not finite");
    let greatest = expected.iter().fold(0.0f32, |greatest, value| greatest.max(value.abs()));
    expected.iter().zip(found).map(|(a, b)| (a - b).abs() / greatest).fold(0.0, f32::max)
}

/// The mean of the quicker half, which is how the profile is computed as well.
fn quicker_half(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.truncate(times.len().div_ceil(2));
    times.iter().sum::<f64>() / times.len() as f64
}

#[test]
fn layers_take_as_long_together_as_the_network() {
    const RUNS: usize = 12;
    const ATTEMPTS: usize = 8;
    let start = std::time::Instant::now();
    let clock = || start.elapsed().as_secs_f64() * 1e3;
    for (id, repeats) in [("lenet5", 200), ("resnet18", 1), ("efficientnet_lite0", 1), ("googlenet", 1)] {
        let graph = CARDS.iter().find(|card| card.id == id).unwrap().inference();
        let network = Network::random(graph.clone(), 3, &Device::Cpu).unwrap();
        let input = waves(graph.input());
        let main = graph.needed(&[graph.output()]);
        let attempt = || {
            // In turn with the profile, so that both meet with the same machine.
            let mut whole = Vec::new();
            let between = async |done, total| {
                assert_eq!((done, total), (whole.len(), RUNS));
                let start = clock();
                for _ in 0..repeats {
                    network.logits(input.clone()).await?;
                }
                whole.push((clock() - start) / repeats as f64);
                Ok(())
            };
            let layers = pollster::block_on(network.profile(&input, RUNS, &clock, between)).unwrap();
            assert_eq!(layers.len(), graph.layers().len());
            for (layer, time) in graph.layers().iter().zip(&layers) {
                let joined = matches!(layer.op, Op::Add | Op::Concat);
                assert_eq!(time.computed_by.is_some(), joined, "{id}: {}", layer.name);
                assert!(time.milliseconds > 0.0 || joined, "{id}: {} takes no time", layer.name);
            }
            let together = layers.iter().zip(&main).filter(|(_, main)| **main).map(|(time, _)| time.milliseconds);
            let ratio = together.sum::<f64>() / quicker_half(whole);
            println!("{id}: the layers take {ratio:.3} of a run");
            ratio
        };
        assert!((0..ATTEMPTS).any(|_| (attempt() - 1.0).abs() < 0.15), "{id}: the layers do not add up to a run");
    }
}

/// On a software adapter the repeated dispatches of a layer take about as long as in a run.
#[cfg(feature = "native-gpu")]
#[test]
fn a_graphics_devices_layers_take_as_long_together_as_the_network() {
    let start = std::time::Instant::now();
    let clock = || start.elapsed().as_secs_f64() * 1e3;
    for (device, _) in devices().into_iter().skip(1) {
        let graph = CARDS.iter().find(|card| card.id == "squeezenet1_1").unwrap().inference();
        let network = Network::random(graph.clone(), 3, &device).unwrap();
        let input = waves(graph.input());
        let attempt = || {
            let mut whole = Vec::new();
            let between = async |done, _| {
                if done % 20 == 0 {
                    let start = clock();
                    network.logits(input.clone()).await?;
                    whole.push(clock() - start);
                }
                Ok(())
            };
            let layers = pollster::block_on(network.profile(&input, 3, &clock, between)).unwrap();
            let ratio = layers.iter().map(|time| time.milliseconds).sum::<f64>() / quicker_half(whole);
            println!("on {device:?} the layers take {ratio:.3} of a run");
            ratio
        };
        // On hardware most of a run of a small network is the way to the device and back, which belongs to no layer: on an NVIDIA
        // H100 the layers are a third of it.
        let least = if matches!(&device, Device::WebGpu(gpu) if gpu.is_software()) { 0.75 } else { 0.05 };
        assert!((0..4).any(|_| (least..1.25).contains(&attempt())), "on {device:?} the layers do not add up to a run");
    }
}

#[test]
fn a_profile_ends_when_it_is_cancelled_and_burn_has_none() {
    let graph = CARDS.iter().find(|card| card.id == "lenet5").unwrap().inference();
    let profile = |device: Device, cancelled_at: usize| {
        let network = Network::random(graph.clone(), 3, device).unwrap();
        let progress = async |done, _| if done == cancelled_at { Err(Error::Cancelled) } else { Ok(()) };
        pollster::block_on(network.profile(&waves(graph.input()), 3, &|| 0.0, progress)).unwrap_err().code()
    };
    assert_eq!(profile(Device::Cpu, 0), "cancelled");
    assert_eq!(profile(Device::Burn(burn::tensor::Device::flex()), usize::MAX), "no-profile");
}
