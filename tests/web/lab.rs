//! The gradient lab, as JavaScript uses it, and its gradients on burn's devices.

use std::rc::Rc;

use convscope::web::lab::Lab;
use safetensors::tensor::{Dtype, TensorView, serialize};
use wasm_bindgen_futures::{JsFuture, future_to_promise};

use super::*;

#[path = "../common/gradients.rs"]
mod gradients;

/// PyTorch's gradients on burn's devices.
#[wasm_bindgen_test]
async fn gradients_are_pytorchs_on_both_devices() {
    let refused_before = refused_shaders().await;
    for name in ["cpu", "webgpu"] {
        let Device::Burn(device) = engine(name).await.below() else { panic!("{name} is a device of burn") };
        gradients::compare("kinds", gradients::KINDS, &device).await;
        gradients::compare("labs", gradients::LABS, &device).await;
    }
    assert_eq!(refused_shaders().await, refused_before);
}

/// Digits of two classes: the left half is bright, or the right one.
fn digits() -> Uint8Array {
    let side = 28;
    let labels: Vec<u8> = (0..64).map(|index| index % 2).collect();
    let bright = |label: u8, x: usize| (x < side / 2) == (label == 0);
    let picture = |label: u8| (0..side * side).map(move |i| if bright(label, i % side) { 200 } else { 0 });
    let pictures: Vec<u8> = labels.iter().flat_map(|&label| picture(label)).collect();
    let pictures = || TensorView::new(Dtype::U8, vec![labels.len(), side, side], &pictures).unwrap();
    let classes = || TensorView::new(Dtype::U8, vec![labels.len()], &labels).unwrap();
    let tensors = [
        ("train.pictures", pictures()),
        ("train.labels", classes()),
        ("test.pictures", pictures()),
        ("test.labels", classes()),
    ];
    Uint8Array::from(serialize(tensors, None).unwrap().as_slice())
}

/// The scenarios' base, for so few digits, with these changes, in JSON.
fn config(changes: &str) -> JsValue {
    let parse = |text: &str| Object::from(JSON::parse(text).unwrap());
    let scenarios = parse(include_str!("../../www/lab/scenarios.json"));
    let base = Object::assign(&Object::from(get(&scenarios, "base")), &parse(r#"{ "digits": 64 }"#));
    Object::assign(&base, &parse(changes)).into()
}

async fn lab(changes: &str, device: &str) -> Lab {
    Lab::create(config(changes), digits(), device.into()).await.unwrap()
}

#[wasm_bindgen_test]
async fn it_learns_on_both_devices_alike() {
    let mut losses = Vec::new();
    for device in ["cpu", "webgpu"] {
        let lab =
            lab(r#"{ "depth": 3, "width": 16, "rate": 0.5, "batchNorm": true, "auxiliary": true }"#, device).await;
        assert_eq!(get(&lab.device().unwrap(), "kind"), device);
        assert_eq!(lab.layers(), ["layer1", "head1", "layer2", "head2", "layer3", "output"]);
        let steps = Array::from(&lab.step(10).await.unwrap());
        assert_eq!(steps.length(), 10);
        let (first, last) = (steps.get(0), steps.get(9));
        assert_eq!((get(&first, "step"), get(&last, "step")), (1.into(), 10.into()));
        assert!(get(&first, "observed").is_null());
        for numbers in ["gradients", "observed.updates", "observed.means", "observed.deviations", "observed.stuck"] {
            assert_eq!(Array::from(&get(&last, numbers)).length(), 6, "{numbers}");
        }
        let test = lab.test().await.unwrap();
        assert!(get(&test, "accuracy").as_f64().unwrap() > 0.95, "{device}: {test:?}");
        let predictions = lab.classify(seven()).await.unwrap();
        assert_eq!(Array::from(&predictions).length(), 10);
        assert!(lab.diverged().unwrap().is_null());
        losses.push(steps.iter().map(|step| get(&step, "loss").as_f64().unwrap()).collect::<Vec<_>>());
    }
    for (cpu, webgpu) in losses[0].iter().zip(&losses[1]) {
        assert!((cpu - webgpu).abs() < 1e-3 * cpu.max(0.1), "{losses:?}");
    }
}

#[wasm_bindgen_test]
async fn it_stops_where_a_value_is_not_finite() {
    let lab = lab(r#"{ "depth": 5, "initialisation": "unit", "rate": 10 }"#, "cpu").await;
    let steps = Array::from(&lab.step(50).await.unwrap()).length();
    let diverged = lab.diverged().unwrap();
    assert_eq!(get(&diverged, "step").as_f64(), Some(f64::from(steps + 1)));
    let layer = get(&diverged, "layer").as_string().unwrap();
    assert!(lab.layers().contains(&layer), "{layer}");
    assert_eq!(Array::from(&lab.step(5).await.unwrap()).length(), 0, "no step is done any more");
}

#[wasm_bindgen_test]
async fn misuse_has_codes() {
    let created = |changes: &'static str, data: Uint8Array, device: &'static str| {
        Lab::create(config(changes), data, device.into())
    };
    assert_eq!(code(created(r#"{ "depth": 1 }"#, digits(), "cpu").await), "bad-data");
    assert_eq!(code(created(r#"{ "deep": 1 }"#, digits(), "cpu").await), "bad-data");
    assert_eq!(code(created(r#"{ "digits": 65 }"#, digits(), "cpu").await), "bad-data");
    assert_eq!(code(created("{}", Uint8Array::from(&b"no file"[..]), "cpu").await), "bad-data");
    assert_eq!(code(created("{}", digits(), "gpu").await), "unknown-device");
    let lab = Rc::new(lab(r#"{ "depth": 2, "width": 8 }"#, "webgpu").await);
    assert_eq!(code(lab.classify(frame(2, 2, &[0])).await), "bad-frame");
    // On WebGPU a step waits for the device, and the second call comes meanwhile.
    let (stepping, testing) = (lab.clone(), lab.clone());
    let step = future_to_promise(async move { stepping.step(2).await });
    let test = future_to_promise(async move { testing.test().await });
    assert_eq!(code(JsFuture::from(test).await), "busy");
    assert_eq!(Array::from(&JsFuture::from(step).await.unwrap()).length(), 2);
    lab.test().await.unwrap();
}
