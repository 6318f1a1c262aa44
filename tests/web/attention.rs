//! Where a network looks, as JavaScript asks for it.

use convscope::engine::attention::Method;
use js_sys::{Float32Array, Function, Promise};

use super::*;
use common::attention::{REGENERATE, rows_come_back, worst};

/// PyTorch's maps on the devices of this project's kernels.
#[wasm_bindgen_test]
async fn class_activation_maps_are_pytorchs_on_both_devices() {
    let refused_before = refused_shaders().await;
    for device in kernels().await {
        let (compared, worst) = worst(&device, Method::Cam, |_| true).await;
        wasm_bindgen_test::console_log!("{compared} maps, worst {worst:.1e} on {device:?}");
        assert!(compared == 6 && worst < 1e-3, "{compared} maps, off by {worst:.1e} on {device:?}; {REGENERATE}");
        rows_come_back(&device).await;
    }
    assert_eq!(refused_shaders().await, refused_before);
}

/// PyTorch's gradients on burn's devices. VGG-16 would fill a browser's memory.
#[cfg(feature = "burn")]
#[wasm_bindgen_test]
async fn gradients_are_pytorchs_on_burns_devices() {
    let refused_before = refused_shaders().await;
    for name in ["cpu", "webgpu"] {
        let device = engine(name).await.below();
        let (compared, worst) = worst(&device, Method::HiResCam, |id| id != "vgg16").await;
        wasm_bindgen_test::console_log!("{compared} maps, worst {worst:.1e} on {name}");
        assert!(compared == 12 && worst < 1e-3, "{compared} maps, off by {worst:.1e} on {name}; {REGENERATE}");
        rows_come_back(&device).await;
    }
    assert_eq!(refused_shaders().await, refused_before);
}

/// An object with these properties.
fn object<T: JsCast>(properties: &[(&str, JsValue)]) -> T {
    let object = Object::new();
    for (key, value) in properties {
        Reflect::set(&object, &(*key).into(), value).unwrap();
    }
    object.unchecked_into()
}

fn number(object: &JsValue, path: &str) -> f64 {
    get(object, path).as_f64().unwrap()
}

fn numbers(object: &JsValue, path: &str) -> Vec<f64> {
    Array::from(&get(object, path)).iter().map(|value| value.as_f64().unwrap()).collect()
}

/// A `progress` that rejects from its call number `last` on, and counts its calls in `calls`.
fn counting(calls: &Array, last: u32) -> Function {
    let calls = calls.clone();
    let count = Closure::<dyn FnMut(u32, u32) -> Promise>::new(move |done: u32, total: u32| {
        assert!(done == calls.length() && done < total, "{done} of {total}");
        calls.push(&done.into());
        if done < last { Promise::resolve(&JsValue::UNDEFINED) } else { Promise::reject(&"stop".into()) }
    });
    count.into_js_value().unchecked_into()
}

#[wasm_bindgen_test]
async fn an_occlusion_map_shows_the_digit_and_its_deletion_curve_falls() {
    for device in ["cpu", "webgpu"] {
        let engine = with_lenet5(device).await;
        engine.classify("lenet5".into(), seven(), None, None).await.unwrap();
        let calls = Array::new();
        let options = object(&[("method", "occlusion".into()), ("progress", counting(&calls, u32::MAX).into())]);
        let map = engine.attention("lenet5".into(), Some(options)).await.unwrap();
        assert_eq!(calls.length(), 257, "one run for the whole picture and one for each of 16 × 16 places");
        assert_eq!((get(&map, "method"), get(&map, "layer")), ("occlusion".into(), "input".into()));
        let sizes = ["class", "width", "height", "centre", "step"].map(|key| number(&map, key));
        assert_eq!(sizes, [7.0, 16.0, 16.0, 0.5, 2.0]);
        let data = get(&map, "data").dyn_into::<Float32Array>().unwrap().to_vec();
        assert_eq!(data.len(), 256);
        // The digit is in the middle 20 of 32 pixels; a cover on the margin takes nothing away.
        let greatest = data.iter().copied().fold(f32::MIN, f32::max);
        let hottest = data.iter().position(|&value| value == greatest).unwrap();
        assert!(greatest > 0.05 && (2..14).contains(&(hottest % 16)) && (2..14).contains(&(hottest / 16)), "{data:?}");

        let calls = Array::new();
        let options =
            object(&[("steps", 8.into()), ("seed", 3.into()), ("progress", counting(&calls, u32::MAX).into())]);
        let curve = engine.deletion("lenet5".into(), map.unchecked_into(), Some(options)).await.unwrap();
        assert_eq!(calls.length(), 2 + 7 * 5);
        let [shares, hottest, random] = ["shares", "hottest", "random"].map(|key| numbers(&curve, key));
        assert_eq!((shares.len(), shares[0], shares[4], shares[8]), (9, 0.0, 0.5, 1.0));
        assert_eq!((hottest.len(), random.len(), hottest[0]), (9, 9, random[0]));
        assert!(number(&curve, "hottestArea") < number(&curve, "randomArea"), "{hottest:?} and {random:?}");
    }
}

#[wasm_bindgen_test]
async fn what_has_no_map_is_refused_with_a_code_and_a_sentence() {
    let engine = with_lenet5("cpu").await;
    let asked = |properties: &[(&str, JsValue)]| engine.attention("lenet5".into(), Some(object(properties)));
    assert_eq!(code(asked(&[]).await), "no-frame");
    engine.classify("lenet5".into(), seven(), None, None).await.unwrap();
    assert_eq!(code(asked(&[("method", "cam".into())]).await), "no-map");
    assert_eq!(code(asked(&[("method", "guess".into())]).await), "no-map");
    assert_eq!(code(asked(&[("method", "occlusion".into()), ("class", 10.into())]).await), "unknown-class");
    assert_eq!(code(asked(&[("method", "hirescam".into()), ("layer", "c9".into())]).await), "unknown-layer");
    assert_eq!(code(engine.attention("vgg16".into(), None).await), "not-loaded");
    engine.load_random("squeezenet1_1".into(), 7, None, None).await.unwrap();
    assert_eq!(code(engine.attention("squeezenet1_1".into(), None).await), "random-weights");
    let map = |data: &[f32], class: u32| {
        object(&[
            ("class", class.into()),
            ("width", 2.into()),
            ("height", 1.into()),
            ("data", Float32Array::from(data).into()),
            ("centre", 8.into()),
            ("step", 16.into()),
        ])
    };
    assert_eq!(code(engine.deletion("squeezenet1_1".into(), map(&[1.0, 2.0], 3), None).await), "random-weights");
    assert_eq!(code(engine.deletion("lenet5".into(), map(&[1.0], 3), None).await), "no-map");
    assert_eq!(code(engine.deletion("lenet5".into(), map(&[1.0, 2.0], 10), None).await), "unknown-class");

    // LeNet-5 does not average, so that its own map is one by gradients.
    let own = asked(&[]).await;
    if cfg!(feature = "burn") {
        let own = own.unwrap();
        assert_eq!((get(&own, "method"), get(&own, "layer")), ("hirescam".into(), "s4".into()));
        assert_eq!(["width", "height", "class"].map(|key| number(&own, key)), [5.0, 5.0, 7.0]);
    } else {
        assert_eq!(code(own), "needs-gradients");
    }
}

#[wasm_bindgen_test]
async fn a_map_and_a_curve_end_where_progress_rejects() {
    let engine = with_lenet5("cpu").await;
    engine.classify("lenet5".into(), seven(), None, None).await.unwrap();
    for (last, expected) in [(0, 1), (9, 10)] {
        let calls = Array::new();
        let options = object(&[("method", "occlusion".into()), ("progress", counting(&calls, last).into())]);
        assert_eq!(code(engine.attention("lenet5".into(), Some(options)).await), "cancelled");
        assert_eq!(calls.length(), expected);
        let calls = Array::new();
        let map = object(&[
            ("class", 7.into()),
            ("width", 1.into()),
            ("height", 1.into()),
            ("data", Float32Array::from([1.0].as_slice()).into()),
            ("centre", 15.into()),
            ("step", 1.into()),
        ]);
        let options = object(&[("progress", counting(&calls, last).into())]);
        assert_eq!(code(engine.deletion("lenet5".into(), map, Some(options)).await), "cancelled");
        assert_eq!(calls.length(), expected);
    }
    // What was cancelled leaves an engine that answers.
    assert!(engine.classify("lenet5".into(), seven(), None, None).await.is_ok());
}
