//! In a real browser: `wasm-pack test --headless --chrome`. The same answers on CPU and WebGPU, no refused shader.
//!
//! `Engine` computes with burn's operations, or, with `--no-default-features`, with this project's kernels; what is tested
//! of it holds for both.
#![cfg(target_family = "wasm")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "web/attention.rs"]
mod attention;
#[allow(dead_code, reason = "each test uses a part")]
mod common;
#[path = "web/inside.rs"]
mod inside;
#[cfg(feature = "burn")]
#[path = "web/lab.rs"]
mod lab;

use std::borrow::Cow;

use convscope::engine::kernels::cpu::Product;
use convscope::engine::{Arithmetic, CpuOptions, Device, LinearFormat, Network, random};
use convscope::frame::{Frame, Input, MAX_SIDE};
use convscope::graph::tensors::{TensorSpec, tensor_specs};
use convscope::graph::{Graph, Shape};
use convscope::networks::{CARDS, card};
use convscope::web::device::kernels::unchecked_webgpu;
use convscope::web::{Engine, JsFrame};
use convscope::weights::{Tensor, Weights};
use js_sys::{Array, JSON, Object, Reflect, Uint8Array, Uint8ClampedArray};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

const LENET5: &[u8] = include_bytes!("../www/weights/lenet5/weights-00001-of-00001.safetensors");

fn get(object: &JsValue, path: &str) -> JsValue {
    path.split('.').fold(object.clone(), |value, key| Reflect::get(&value, &key.into()).unwrap())
}

fn frame(width: u32, height: u32, pixels: &[u8]) -> JsFrame {
    let object = Object::new();
    let set = |key: &str, value: JsValue| Reflect::set(&object, &key.into(), &value).unwrap();
    set("data", Uint8ClampedArray::from(pixels).into());
    set("width", width.into());
    set("height", height.into());
    object.unchecked_into()
}

/// A 7 in black on white: a bar along the top and a slanted one down.
fn seven() -> JsFrame {
    let side = 140i32;
    let mut pixels = Vec::new();
    for y in 0..side {
        for x in 0..side {
            let top = (28..38).contains(&y) && (40..98).contains(&x);
            let slant = (28..115).contains(&y) && (x - (96 - (y - 28) / 2)).abs() < 6;
            let value = if top || slant { 0 } else { 255 };
            pixels.extend([value, value, value, 255]);
        }
    }
    frame(side as u32, side as u32, &pixels)
}

/// Natively both ways are the same code.
#[wasm_bindgen_test]
async fn both_ways_of_multiplying_8_bit_numbers_give_equal_logits() {
    let mut graph = Graph::new(Shape::rgb(14));
    graph.conv("first", 8, 3).relu();
    graph.conv("second", 40, 3).relu();
    graph.conv("three by three", 61, 3).stride(2).relu();
    graph.conv("pointwise", 100, 1).relu();
    graph.linear("logits", 13);
    let shape = graph.input();
    let input = Input { values: (0..shape.elements()).map(|index| (index as f32 * 0.7).sin()).collect(), shape };
    let logits = async |arithmetic: Arithmetic, product: Product| {
        let options = CpuOptions { arithmetic, product, ..CpuOptions::default() };
        let network = Network::random(graph.clone(), 5, Device::CpuWith(options)).unwrap();
        network.logits(input.clone()).await.unwrap()
    };
    let fours = logits(Arithmetic::Int8, Product::Fours).await;
    assert_eq!(fours, logits(Arithmetic::Int8, Product::Pairs).await);
    assert_ne!(fours, logits(Arithmetic::F32, Product::Fours).await, "nothing is in 8 bits");
}

async fn engine(device: &str) -> Engine {
    Engine::create(device.into(), None).await.unwrap()
}

async fn with_lenet5(device: &str) -> Engine {
    let engine = engine(device).await;
    engine.load("lenet5".into(), vec![Uint8Array::from(LENET5)], None, None).await.unwrap();
    engine
}

async fn probabilities(engine: &Engine) -> Vec<f64> {
    let answer = engine.classify("lenet5".into(), seven(), Some(10), None).await.unwrap();
    let mut classes = vec![0.0; 10];
    for prediction in Array::from(&get(&answer, "predictions")) {
        let index = get(&prediction, "index").as_f64().unwrap() as usize;
        classes[index] = get(&prediction, "probability").as_f64().unwrap();
    }
    classes
}

fn code(result: Result<impl Into<JsValue>, JsValue>) -> String {
    let Err(error) = result else { panic!("this should have been refused") };
    assert!(error.is_instance_of::<js_sys::Error>());
    assert!(get(&error, "message").as_string().unwrap().ends_with('.'), "a sentence");
    get(&error, "code").as_string().unwrap()
}

#[wasm_bindgen_test]
async fn a_digit_is_read_alike_on_both_devices() {
    let refused_before = refused_shaders().await;
    let cpu = probabilities(&with_lenet5("cpu").await).await;
    let engine = with_lenet5("webgpu").await;
    let webgpu = probabilities(&engine).await;
    assert!(cpu[7] > 0.5, "{cpu:?}");
    for (a, b) in cpu.iter().zip(&webgpu) {
        assert!((a - b).abs() < 1e-3, "{cpu:?} on the CPU, {webgpu:?} on WebGPU");
    }
    assert_eq!(engine.rejected_shaders().await.as_f64(), Some(refused_before));
}

/// The devices of this project's kernels, which both builds hold.
async fn kernels() -> [Device; 2] {
    [Device::Cpu, Device::WebGpu(unchecked_webgpu().await.unwrap())]
}

/// Shaders that the browser has refused so far: one test has a shader refused, so that only a rise counts.
async fn refused_shaders() -> f64 {
    engine("cpu").await.rejected_shaders().await.as_f64().unwrap()
}

/// PyTorch's values, layer by layer.
#[wasm_bindgen_test]
async fn networks_are_pytorchs_on_both_devices() {
    let refused_before = refused_shaders().await;
    for device in kernels().await {
        for card in CARDS {
            // What these have, their smaller kin have as well; several copies of VGG fill a browser's memory.
            if ["vgg16", "vgg19", "resnet101", "resnet152"].contains(&card.id) {
                continue;
            }
            let graph = (card.graph)();
            let (graph, weights) = common::folded(&graph, &Weights::formula(&graph).unwrap());
            let (layers, worst) = common::compare(card.id, &graph, &weights, &device).await;
            wasm_bindgen_test::console_log!("{}: {layers} layers, worst {worst:.1e} on {device:?}", card.id);
            assert!(worst < 3e-4, "{}: off by {worst:.1e} on {device:?}; {}", card.id, common::REGENERATE);
        }
    }
    assert_eq!(refused_shaders().await, refused_before);
}

/// Tiles for software and for hardware, both on this adapter.
#[cfg(feature = "burn")]
#[wasm_bindgen_test]
async fn kernels_are_burns_operations_on_both_devices() {
    let refused_before = refused_shaders().await;
    let gpu = unchecked_webgpu().await.unwrap();
    let as_hardware = Device::WebGpu(gpu.as_hardware().into());
    for device in [Device::Cpu, Device::WebGpu(gpu), as_hardware] {
        let (case, worst) = common::layers::worst(&device).await;
        wasm_bindgen_test::console_log!("worst: {case}, {worst:.1e} on {device:?}");
        assert!(worst < 1e-4, "{case}: off by {worst:.1e} on {device:?}");
    }
    assert_eq!(refused_shaders().await, refused_before);
}

/// What `Engine.create` makes in the burn build computes what this project's kernels compute.
#[cfg(feature = "burn")]
#[wasm_bindgen_test]
async fn burn_agrees_with_the_kernels_on_both_devices() {
    let refused_before = refused_shaders().await;
    const ID: &str = "squeezenet1_1";
    let graph = card(ID).unwrap().inference();
    let shape = graph.input();
    let values: Vec<f32> = (0..shape.elements()).map(|i| (i as f32 * 0.37).sin()).collect();
    let input = Input { values: values.clone(), shape };
    let expected = Network::random(graph, 5, Device::Cpu).unwrap().logits(input).await.unwrap();
    let greatest = expected.iter().fold(0.0f32, |greatest, value| greatest.max(value.abs()));
    for device in ["cpu", "webgpu"] {
        let engine = engine(device).await;
        assert_eq!(get(&engine.device().unwrap(), "engine").as_string().unwrap(), "burn");
        engine.load_random(ID.into(), 5, None, None).await.unwrap();
        let found = engine.logits(ID.into(), values.as_slice().into()).await.unwrap().to_vec();
        let off = expected.iter().zip(&found).map(|(a, b)| (a - b).abs() / greatest).fold(0.0, f32::max);
        assert!(off < 1e-4, "off by {off:.1e} on {device}");
    }
    assert_eq!(refused_shaders().await, refused_before);
}

#[cfg(not(feature = "burn"))]
#[wasm_bindgen_test]
async fn the_build_without_burn_says_so() {
    for device in ["cpu", "webgpu"] {
        assert_eq!(get(&engine(device).await.device().unwrap(), "engine").as_string().unwrap(), "convscope");
    }
}

/// AlexNet's linear layers, where a network of 2012 kept most of its weights: the shaders that multiply straight from 8 bits
/// compute what those in single precision compute. How much quicker they are is logged; `cargo xtask bench` measures it.
#[wasm_bindgen_test]
async fn linear_layers_compute_from_8_bits_what_they_compute_in_single_precision() {
    let mut graph = Graph::new(Shape::new(256, 6, 6));
    graph.linear("fc6", 4096).relu();
    graph.linear("fc7", 4096).relu();
    graph.linear("fc8", 1000);
    let shape = graph.input();
    let input = Input { values: (0..shape.elements()).map(|i| (i as f32 * 0.37).sin()).collect(), shape };
    let single = |tensor: &TensorSpec| Ok(Cow::Owned(Tensor::F32(random::tensor(tensor, 1).dequantise())));
    let [_, webgpu] = kernels().await;
    let networks = [
        ("from 8 bits", Network::random(graph.clone(), 1, &webgpu).unwrap()),
        ("in single precision", Network::from_tensors(graph.clone(), single, &webgpu).unwrap()),
        #[cfg(feature = "burn")]
        ("by burn", Network::random(graph.clone(), 1, engine("webgpu").await.below()).unwrap()),
    ];
    let mut logits = Vec::new();
    for (name, network) in &networks {
        // The first run compiles.
        logits.push(network.logits(input.clone()).await.unwrap());
        let start = js_sys::Date::now();
        assert_eq!(network.logits(input.clone()).await.unwrap(), logits[logits.len() - 1], "{name}: again");
        wasm_bindgen_test::console_log!("AlexNet's linear layers {name}: {:.0} ms", js_sys::Date::now() - start);
    }
    let greatest = logits[0].iter().fold(0.0f32, |greatest, value| greatest.max(value.abs()));
    for ((name, _), other) in networks.iter().zip(&logits).skip(1) {
        let off = logits[0].iter().zip(other).map(|(a, b)| (a - b).abs() / greatest).fold(0.0, f32::max);
        assert!(off < 1e-4, "from 8 bits and {name}: off by {off:.1e}");
    }
}

#[wasm_bindgen_test]
async fn half_precision_is_refused_where_the_adapter_has_none() {
    let device = engine("webgpu").await.device().unwrap();
    let options = Object::new();
    Reflect::set(&options, &"f16".into(), &true.into()).unwrap();
    let made = Engine::create("webgpu".into(), Some(options.unchecked_into())).await;
    // burn's engine has none on any adapter, and says so of its device.
    if get(&device, "f16").as_bool().unwrap() {
        assert!(made.is_ok());
    } else {
        assert_eq!(code(made.map(|_| JsValue::NULL)), "no-webgpu");
    }
}

#[wasm_bindgen(inline_js = r#"
    /** Has a shader refused on another device, as a device in half precision whose driver cannot compile it would. */
    export async function refuseAShader() {
        const adapter = await navigator.gpu.requestAdapter();
        const device = await adapter.requestDevice();
        const reported = new Promise((resolve) => device.addEventListener("uncapturederror", resolve));
        const module = device.createShaderModule({ code: "this is no shader" });
        await Promise.all([module.getCompilationInfo(), reported]);
    }
"#)]
extern "C" {
    #[wasm_bindgen(js_name = refuseAShader)]
    async fn refuse_a_shader();
}

/// A shader that was refused earlier, and what the browser reported of it, say nothing about an engine that is started later.
#[wasm_bindgen_test]
async fn an_engine_starts_after_a_shader_of_another_was_refused() {
    let before = with_lenet5("webgpu").await.rejected_shaders().await.as_f64().unwrap();
    refuse_a_shader().await;
    assert_eq!(refused_shaders().await, before + 1.0);
    let engine = with_lenet5("webgpu").await;
    assert!(probabilities(&engine).await[7] > 0.5);
}

#[wasm_bindgen_test]
async fn a_network_may_be_loaded_twice_under_two_keys() {
    let engine = with_lenet5("cpu").await;
    engine.load_random("lenet5".into(), 1, Some("other".into()), None).await.unwrap();
    assert!(engine.classify("lenet5".into(), seven(), None, None).await.is_ok());
    assert_eq!(code(engine.classify("other".into(), seven(), None, None).await), "random-weights");
    engine.unload("lenet5");
    assert!(engine.time("other".into(), seven(), 1).await.is_ok());
    let short = js_sys::Float32Array::new_with_length(3);
    assert_eq!(code(engine.logits("other".into(), short).await), "bad-frame");
}

#[wasm_bindgen_test]
async fn answers_have_the_documented_form() {
    let engine = with_lenet5("cpu").await;
    let answer = engine.classify("lenet5".into(), seven(), None, None).await.unwrap();
    assert_eq!(Array::from(&get(&answer, "predictions")).length(), 5);
    assert_eq!(get(&answer, "predictions.0.label").as_string().unwrap(), "7");
    let timing = |part: &str| get(&answer, &format!("timing.{part}")).as_f64().unwrap();
    assert!(timing("inference") > 0.0);
    assert!((timing("preprocess") + timing("inference") - timing("total")).abs() < 1e-6);

    let device = engine.device().unwrap();
    assert_eq!(get(&device, "kind").as_string().unwrap(), "cpu");
    assert_eq!(get(&device, "software").as_bool(), Some(false));
    let cards = Engine::cards().unwrap();
    assert_eq!(get(&cards, "0.id").as_string().unwrap(), "lenet5");
    assert_eq!(get(&cards, "0.frame.kind").as_string().unwrap(), "digit");
    assert_eq!(get(&cards, "0.input.width").as_f64(), Some(32.0));
    assert!(JSON::stringify(&cards).unwrap().as_string().unwrap().contains("\"macs\":"));
}

#[wasm_bindgen_test]
async fn labels_are_those_of_the_predictions() {
    let digits = Engine::labels("lenet5").unwrap();
    assert_eq!(digits, ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    let answer = with_lenet5("cpu").await.classify("lenet5".into(), seven(), Some(10), None).await.unwrap();
    for prediction in Array::from(&get(&answer, "predictions")) {
        let index = get(&prediction, "index").as_f64().unwrap() as usize;
        assert_eq!(get(&prediction, "label").as_string().unwrap(), digits[index]);
    }
    for card in Array::from(&Engine::cards().unwrap()) {
        let labels = Engine::labels(&get(&card, "id").as_string().unwrap()).unwrap();
        assert_eq!(get(&card, "classes").as_f64(), Some(labels.len() as f64));
    }
    assert_eq!(code(Engine::labels("inception").map(|_| JsValue::NULL)), "unknown-network");
}

#[wasm_bindgen_test]
async fn memory_is_known_before_a_network_is_loaded() {
    let engine = engine("cpu").await;
    let bytes = |id: &str, variant: Option<&str>| {
        let memory = engine.memory(id, variant.map(String::from)).unwrap();
        ["weightsBytes", "activationBytes"].map(|field| get(&memory, field).as_f64().unwrap())
    };
    for card in CARDS {
        let graph = card.inference();
        let parameters: usize =
            tensor_specs(&graph).unwrap().iter().map(|tensor| tensor.shape.iter().product::<usize>()).sum();
        // The kernels' figures are tested natively; burn keeps every parameter in single precision.
        let kernels = Device::Cpu.memory(&graph, LinearFormat::Int8).unwrap();
        let weights = if cfg!(feature = "burn") { 4 * parameters as u64 } else { kernels.weights_bytes };
        let [found, activations] = bytes(card.id, None);
        assert_eq!(found, weights as f64, "{}", card.id);
        assert!(activations > 0.0, "{}", card.id);
    }
    let [four, eight] = ["q4", "q8"].map(|variant| bytes("vgg16", Some(variant))[0]);
    // burn keeps everything in single precision.
    assert!(if cfg!(feature = "burn") { four == eight } else { four < 0.9 * eight }, "{four} and {eight} bytes");
    assert_eq!(code(engine.memory("inception", None)), "unknown-network");
    assert_eq!(code(engine.memory("vgg16", Some("q2".into()))), "bad-weights");
}

/// In the 32 bits that `usize` has here; tests/frame.rs has the limits.
#[wasm_bindgen_test]
fn the_longest_frame_is_cut_in_its_middle() {
    let card = card("resnet18").unwrap();
    let half = MAX_SIDE / 2;
    let pixels: Vec<u8> = (0..MAX_SIDE).flat_map(|x| if x < half { [0, 0, 0, 255] } else { [255; 4] }).collect();
    let input = Input::from_frame(&Frame::new(&pixels, MAX_SIDE, 1).unwrap(), card.preprocessing());
    // 224 of the 256 pixels that each source pixel becomes, across the edge between black and white.
    let value = |x: usize| input.values[x] * card.normalisation.std[0] + card.normalisation.mean[0];
    let (left, right) = (value(0), value(223));
    assert!((left - 255.0 / 16.0).abs() < 2.0 && (right - 255.0 * 15.0 / 16.0).abs() < 2.0, "{left} to {right}");
    assert!(Frame::new(&pixels, MAX_SIDE + 1, 1).is_err());
}

#[wasm_bindgen_test]
async fn auto_prefers_the_cpu_to_a_software_adapter_and_says_so() {
    let webgpu = engine("webgpu").await.device().unwrap();
    let auto = engine("auto").await.device().unwrap();
    let software = get(&webgpu, "software").as_bool().unwrap();
    assert_eq!(get(&auto, "kind").as_string().unwrap(), if software { "cpu" } else { "webgpu" });
    assert_eq!(get(&auto, "note").as_string().unwrap().is_empty(), !software);
}

#[wasm_bindgen_test]
async fn wrong_use_is_refused_with_a_code_and_a_sentence() {
    let nowhere = Engine::create("abacus".into(), None).await;
    assert_eq!(code(nowhere.map(|_| JsValue::NULL)), "unknown-device");
    let options = Object::new();
    Reflect::set(&options, &"arithmetic".into(), &"int4".into()).unwrap();
    let strange = Engine::create("cpu".into(), Some(options.unchecked_into())).await;
    assert_eq!(code(strange.map(|_| JsValue::NULL)), "unknown-arithmetic");
    let engine = engine("cpu").await;
    assert_eq!(code(engine.classify("lenet5".into(), seven(), None, None).await), "not-loaded");
    assert_eq!(code(engine.classify("inception".into(), seven(), None, None).await), "unknown-network");
    let half = Uint8Array::from(&LENET5[..LENET5.len() / 2]);
    assert_eq!(code(engine.load("lenet5".into(), vec![half], None, None).await.map(|()| JsValue::NULL)), "bad-weights");
    let other = Uint8Array::from(LENET5);
    let wrong = engine.load("efficientnet_lite0".into(), vec![other], None, None).await;
    assert_eq!(code(wrong.map(|()| JsValue::NULL)), "bad-weights");

    engine.load("lenet5".into(), vec![Uint8Array::from(LENET5)], None, None).await.unwrap();
    for (width, height, bytes) in [(0, 0, 0), (2, 2, 15), (3, 1, 16), (1 << 23, 1, 4), (1 << 31, 2, 4)] {
        let bad = frame(width, height, &vec![0; bytes]);
        assert_eq!(code(engine.classify("lenet5".into(), bad, None, None).await), "bad-frame");
    }
    let none: JsFrame = Object::new().unchecked_into();
    assert_eq!(code(engine.classify("lenet5".into(), none, None, None).await), "bad-frame");
    // A refused file leaves what was loaded before.
    let half = Uint8Array::from(&LENET5[..99]);
    assert!(engine.load("lenet5".into(), vec![half], None, None).await.is_err());
    assert!(engine.classify("lenet5".into(), frame(1, 1, &[0, 0, 0, 255]), None, None).await.is_ok());
    engine.unload("lenet5");
    assert_eq!(code(engine.classify("lenet5".into(), seven(), None, None).await), "not-loaded");
}

#[wasm_bindgen_test]
async fn random_weights_are_timed_but_do_not_predict() {
    let engine = engine("cpu").await;
    engine.load_random("squeezenet1_1".into(), 7, None, None).await.unwrap();
    assert_eq!(code(engine.classify("squeezenet1_1".into(), seven(), None, None).await), "random-weights");
    let timings = Array::from(&engine.time("squeezenet1_1".into(), seven(), 3).await.unwrap());
    assert_eq!(timings.length(), 3);
    assert!(timings.iter().all(|timing| get(&timing, "inference").as_f64().unwrap() > 0.0));
    assert_eq!(
        code(engine.load_random("inception".into(), 7, None, None).await.map(|()| JsValue::NULL)),
        "unknown-network"
    );
}

#[wasm_bindgen_test]
async fn heads_speak_when_asked() {
    let graph = (card("googlenet").unwrap().graph)();
    let shards = Weights::formula(&graph).unwrap().write(&graph, Default::default()).unwrap();
    let engine = engine("cpu").await;
    let shards = shards.iter().map(|shard| Uint8Array::from(shard.as_slice())).collect();
    engine.load("googlenet".into(), shards, None, None).await.unwrap();
    let quiet = engine.classify("googlenet".into(), seven(), None, None).await.unwrap();
    assert_eq!(Array::from(&get(&quiet, "heads")).length(), 0);
    assert!(get(&quiet, "vote").is_null());
    let all = engine.classify("googlenet".into(), seven(), Some(3), Some(true)).await.unwrap();
    assert_eq!(get(&all, "heads.0.name").as_string().unwrap(), "loss1/classifier");
    assert_eq!(Array::from(&get(&all, "heads.1.predictions")).length(), 3);
    assert_eq!(Array::from(&get(&all, "vote")).length(), 3);
    assert_eq!(get(&all, "predictions.0.index"), get(&quiet, "predictions.0.index"));
}
