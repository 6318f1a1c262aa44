//! In a real browser: `wasm-pack test --headless --chrome`. The same answers on CPU and WebGPU, no refused shader.
#![cfg(target_family = "wasm")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use burn::tensor::Device;
use convscope::networks::card;
use convscope::web::{Engine, JsFrame, webgpu_device};
use convscope::weights::Weights;
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
            let slant = (28..115).contains(&y) && (x - (96 - (y - 28) / 2) as i32).abs() < 6;
            let value = if top || slant { 0 } else { 255 };
            pixels.extend([value, value, value, 255]);
        }
    }
    frame(side as u32, side as u32, &pixels)
}

async fn engine(device: &str) -> Engine {
    Engine::create(device.into()).await.unwrap()
}

async fn with_lenet5(device: &str) -> Engine {
    let engine = engine(device).await;
    engine.load("lenet5".into(), vec![Uint8Array::from(LENET5)]).await.unwrap();
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
    let cpu = probabilities(&with_lenet5("cpu").await).await;
    let engine = with_lenet5("webgpu").await;
    let webgpu = probabilities(&engine).await;
    assert!(cpu[7] > 0.5, "{cpu:?}");
    for (a, b) in cpu.iter().zip(&webgpu) {
        assert!((a - b).abs() < 1e-3, "{cpu:?} on the CPU, {webgpu:?} on WebGPU");
    }
    assert_eq!(engine.rejected_shaders().await.as_f64(), Some(0.0));
}

/// PyTorch's numbers, layer by layer, for one network of every kind of layer.
#[wasm_bindgen_test]
async fn networks_are_pytorchs_on_both_devices() {
    let webgpu = engine("webgpu").await;
    for device in [Device::flex(), webgpu_device().unwrap()] {
        for id in ["lenet5", "alexnet", "googlenet", "resnet18", "resnet50", "efficientnet_b0", "efficientnet_lite0"] {
            let graph = (card(id).unwrap().graph)();
            let weights = Weights::formula(&graph).unwrap();
            let (layers, worst) = common::compare(id, &graph, &weights, &device).await;
            wasm_bindgen_test::console_log!("{id}: {layers} layers, worst {worst:.1e} on {device:?}");
            assert!(worst < 1e-4, "{id}: off by {worst:.1e} on {device:?}; {}", common::REGENERATE);
        }
    }
    assert_eq!(webgpu.rejected_shaders().await.as_f64(), Some(0.0));
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
async fn auto_prefers_the_cpu_to_a_software_adapter_and_says_so() {
    let webgpu = engine("webgpu").await.device().unwrap();
    let auto = engine("auto").await.device().unwrap();
    let software = get(&webgpu, "software").as_bool().unwrap();
    assert_eq!(get(&auto, "kind").as_string().unwrap(), if software { "cpu" } else { "webgpu" });
    assert_eq!(get(&auto, "note").as_string().unwrap().is_empty(), !software);
}

#[wasm_bindgen_test]
async fn wrong_use_is_refused_with_a_code_and_a_sentence() {
    let nowhere = Engine::create("abacus".into()).await;
    assert_eq!(code(nowhere.map(|_| JsValue::NULL)), "unknown-device");
    let engine = engine("cpu").await;
    assert_eq!(code(engine.classify("lenet5".into(), seven(), None, None).await), "not-loaded");
    assert_eq!(code(engine.classify("inception".into(), seven(), None, None).await), "unknown-network");
    let half = Uint8Array::from(&LENET5[..LENET5.len() / 2]);
    assert_eq!(code(engine.load("lenet5".into(), vec![half]).await.map(|()| JsValue::NULL)), "bad-weights");
    let other = Uint8Array::from(LENET5);
    let wrong = engine.load("efficientnet_lite0".into(), vec![other]).await;
    assert_eq!(code(wrong.map(|()| JsValue::NULL)), "bad-weights");

    engine.load("lenet5".into(), vec![Uint8Array::from(LENET5)]).await.unwrap();
    for (width, height, bytes) in [(0, 0, 0), (2, 2, 15), (3, 1, 16)] {
        let bad = frame(width, height, &vec![0; bytes]);
        assert_eq!(code(engine.classify("lenet5".into(), bad, None, None).await), "bad-frame");
    }
    let none: JsFrame = Object::new().unchecked_into();
    assert_eq!(code(engine.classify("lenet5".into(), none, None, None).await), "bad-frame");
    // A refused file leaves what was loaded before.
    let half = Uint8Array::from(&LENET5[..99]);
    assert!(engine.load("lenet5".into(), vec![half]).await.is_err());
    assert!(engine.classify("lenet5".into(), frame(1, 1, &[0, 0, 0, 255]), None, None).await.is_ok());
    engine.unload("lenet5");
    assert_eq!(code(engine.classify("lenet5".into(), seven(), None, None).await), "not-loaded");
}

#[wasm_bindgen_test]
async fn random_weights_are_timed_but_do_not_predict() {
    let engine = engine("cpu").await;
    engine.load_random("squeezenet1_1".into(), 7).await.unwrap();
    assert_eq!(code(engine.classify("squeezenet1_1".into(), seven(), None, None).await), "random-weights");
    let timings = Array::from(&engine.time("squeezenet1_1".into(), seven(), 3).await.unwrap());
    assert_eq!(timings.length(), 3);
    assert!(timings.iter().all(|timing| get(&timing, "inference").as_f64().unwrap() > 0.0));
    assert_eq!(code(engine.load_random("inception".into(), 7).await.map(|()| JsValue::NULL)), "unknown-network");
}

#[wasm_bindgen_test]
async fn heads_speak_when_asked() {
    let graph = (card("googlenet").unwrap().graph)();
    let shards = Weights::formula(&graph).unwrap().write(&graph, Default::default()).unwrap();
    let engine = engine("cpu").await;
    let shards = shards.iter().map(|shard| Uint8Array::from(shard.as_slice())).collect();
    engine.load("googlenet".into(), shards).await.unwrap();
    let quiet = engine.classify("googlenet".into(), seven(), None, None).await.unwrap();
    assert_eq!(Array::from(&get(&quiet, "heads")).length(), 0);
    assert!(get(&quiet, "vote").is_null());
    let all = engine.classify("googlenet".into(), seven(), Some(3), Some(true)).await.unwrap();
    assert_eq!(get(&all, "heads.0.name").as_string().unwrap(), "loss1/classifier");
    assert_eq!(Array::from(&get(&all, "heads.1.predictions")).length(), 3);
    assert_eq!(Array::from(&get(&all, "vote")).length(), 3);
    assert_eq!(get(&all, "predictions.0.index"), get(&quiet, "predictions.0.index"));
}
