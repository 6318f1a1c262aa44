//! The memory that the engine predicts against the memory that it allocates.
#![cfg(feature = "convert")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[cfg(feature = "native-gpu")]
#[path = "common/fixtures.rs"]
mod fixtures;

use std::alloc::{GlobalAlloc, Layout, System};
use std::borrow::Cow;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use convscope::engine::{Arithmetic, CpuOptions, Device, LinearFormat, Network, random};
use convscope::frame::Input;
use convscope::graph::tensors::TensorSpec;
use convscope::graph::{Graph, Shape};
use convscope::networks::card;
use convscope::weights::Tensor;

/// Greatest relative difference between a prediction and what was allocated: what is not counted are the graph, the steps
/// of the plan, and on WebGPU the uniform buffers.
const TOLERANCE: f64 = 0.005;

/// Bytes that the threads of the other tests may take or give back meanwhile, while these wait for their turn or end. One kept
/// activation a turn would be a hundred times as much.
const ELSEWHERE: u64 = 64 << 10;

/// The system's allocator, counting the bytes that are allocated now.
struct Counting;

static ALLOCATED: AtomicU64 = AtomicU64::new(0);

/// The tests of this file count what the whole process allocates, so they take turns.
static TURN: Mutex<()> = Mutex::new(());

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: every call is passed on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATED.fetch_add(layout.size() as u64, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `GlobalAlloc::alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        ALLOCATED.fetch_sub(layout.size() as u64, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `GlobalAlloc::dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// A name, a graph, and how its linear layers' weights are stored.
fn cases() -> Vec<(&'static str, Graph, LinearFormat)> {
    let vgg = || {
        let mut graph = Graph::new(Shape::rgb(64));
        for (block, channels) in [32, 64, 128].into_iter().enumerate() {
            graph.conv(format!("conv {block} a"), channels, 3).pad(1).relu();
            graph.conv(format!("conv {block} b"), channels, 3).pad(1).relu();
            graph.max_pool(format!("pool {block}"), 2, 2);
        }
        graph.linear("hidden", 401).relu();
        graph.linear("logits", 1001);
        graph
    };
    let grouped = {
        let mut graph = Graph::new(Shape::new(6, 61, 47));
        graph.conv("first", 102, 5).stride(2).pad(2).relu();
        graph.lrn("norm", convscope::graph::Lrn { size: 5, alpha: 1e-4, beta: 0.75, k: 2.0 });
        graph.conv("widen", 96, 1).relu();
        let shortcut = graph.conv("groups", 96, 3).pad(1).groups(2).relu().node();
        graph.conv("depthwise", 96, 5).pad(2).groups(96);
        graph.add("sum", shortcut).relu();
        graph.linear("logits", 33);
        graph
    };
    let mut cases = vec![("groups, depthwise and normalisation", grouped, LinearFormat::Float)];
    for format in [LinearFormat::Float, LinearFormat::Int8, LinearFormat::Int8Groups, LinearFormat::Int4] {
        cases.push(("a small VGG", vgg(), format));
    }
    for id in ["resnet18", "efficientnet_lite0", "googlenet"] {
        cases.push((id, card(id).unwrap().inference(), LinearFormat::Int8));
    }
    cases
}

/// Loads and runs every case on `device`; `allocated` tells what is allocated now.
fn compare(device: &Device, allocated: impl Fn() -> u64) {
    for (name, graph, format) in cases() {
        let predicted = device.memory(&graph, format).unwrap();
        let values = |tensor: &TensorSpec| {
            let values = random::tensor(tensor, 1);
            Ok(Cow::Owned(match (tensor.shape.as_slice(), format) {
                (&[_, inputs], LinearFormat::Int8Groups) => Tensor::int8_groups(&values.dequantise(), inputs),
                (&[_, inputs], LinearFormat::Int4) => Tensor::int4(&values.dequantise(), inputs),
                (&[_, _], LinearFormat::Float) => Tensor::F32(values.dequantise()),
                _ => values,
            }))
        };
        let shape = graph.input();
        let before = allocated();
        let network = Network::from_tensors(graph, values, device).unwrap();
        let weights = allocated() - before;
        let input = Input { values: vec![0.5; shape.elements()], shape };
        let loaded = allocated();
        pollster::block_on(network.prepare(async |_| ())).unwrap();
        drop(pollster::block_on(network.logits(input.clone())).unwrap());
        let activations = allocated() - loaded;
        for (what, predicted, found) in
            [("weights", predicted.weights_bytes, weights), ("activations", predicted.activation_bytes, activations)]
        {
            let off = (predicted as f64 - found as f64).abs() / found as f64;
            println!("{name}, {format:?}: {what}: {predicted} bytes predicted, {found} allocated: {:.3} %", off * 1e2);
            assert!(off <= TOLERANCE, "{name}, {format:?}: {what}: {predicted} bytes predicted, {found} allocated");
        }
    }
}

/// Asks for the logits and for all layers in turn, as a page does that shows what layers gave; then for the logits alone.
fn take_turns(device: &Device, allocated: impl Fn() -> u64) {
    let mut graph = Graph::new(Shape::rgb(32));
    let shortcut = graph.conv("first", 16, 3).pad(1).relu().node();
    graph.conv("second", 16, 3).pad(1);
    graph.add("sum", shortcut).relu();
    graph.linear("logits", 10);
    let layers: Vec<_> = graph.layers().iter().map(|layer| graph.node(&layer.name).unwrap()).collect();
    let shape = graph.input();
    let input = Input { values: vec![0.5; shape.elements()], shape };
    let network = Network::random(graph, 1, device).unwrap();
    let logits = || drop(pollster::block_on(network.logits(input.clone())).unwrap());
    let activations = || drop(pollster::block_on(network.activations(&input, &layers)).unwrap());
    logits();
    let alone = allocated();
    activations();
    logits();
    let both = allocated();
    assert!(both > alone + 2 * ELSEWHERE, "{alone} and {both} bytes: both are prepared");
    let clock = std::time::Instant::now();
    for _ in 0..200 {
        activations();
        logits();
    }
    let milliseconds = clock.elapsed().as_secs_f64() * 1e3 / 200.0;
    let after = allocated();
    (0..40).for_each(|_| logits());
    let left = allocated();
    println!("a turn takes {milliseconds:.2} ms on {device:?}");
    assert!(after.abs_diff(both) < ELSEWHERE, "{both} bytes became {after} on {device:?}");
    assert!(left.abs_diff(alone) < ELSEWHERE, "{left} bytes are kept instead of {alone} on {device:?}");
}

/// The CPU in single precision, and in 8 bits on machines that gain by it much and little.
fn cpus() -> [Device; 3] {
    let int8 = |dot8| Device::CpuWith(CpuOptions { arithmetic: Arithmetic::Int8, dot8, ..CpuOptions::default() });
    [Device::Cpu, int8(true), int8(false)]
}

#[test]
fn turns_take_no_more_memory_with_time_on_the_cpu() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    for device in cpus() {
        take_turns(&device, || ALLOCATED.load(Ordering::Relaxed));
    }
}

#[cfg(feature = "native-gpu")]
#[test]
fn turns_take_no_more_memory_with_time_on_a_graphics_device() {
    use convscope::engine::kernels::webgpu::Gpu;
    use std::rc::Rc;
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    match pollster::block_on(Gpu::native(false)) {
        Ok((gpu, _)) => {
            let gpu = Rc::new(gpu);
            take_turns(&Device::WebGpu(gpu.clone()), || gpu.allocated_bytes());
        }
        Err(error) => fixtures::skip_or_fail("a graphics adapter", &error.to_string()),
    }
}

#[test]
fn the_cpu_allocates_what_was_predicted() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    for device in cpus() {
        compare(&device, || ALLOCATED.load(Ordering::Relaxed));
    }
}

/// With the tiles for software and for hardware, and in half precision where the adapter has it.
#[cfg(feature = "native-gpu")]
#[test]
fn a_graphics_device_allocates_what_was_predicted() {
    use convscope::engine::kernels::webgpu::Gpu;
    use std::rc::Rc;
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    for (half, hardware) in [(false, false), (false, true), (true, true)] {
        match pollster::block_on(Gpu::native(half)) {
            Ok((gpu, _)) => {
                let gpu = Rc::new(if hardware { gpu.as_hardware() } else { gpu });
                compare(&Device::WebGpu(gpu.clone()), || gpu.allocated_bytes());
                assert_eq!(gpu.allocated_bytes(), 0, "dropped networks leave buffers behind");
            }
            Err(error) if half => fixtures::skip("an adapter with half precision", &error.to_string()),
            Err(error) => {
                fixtures::skip_or_fail("a graphics adapter", &error.to_string());
                return;
            }
        }
    }
}
