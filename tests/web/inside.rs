//! What `Engine` tells of a network's layers: times, activations, and the first weights.

use js_sys::{Float32Array, Function};

use super::*;

/// A progress function that is never rejected.
fn quiet() -> Function {
    Function::new_no_args("return Promise.resolve()")
}

/// The rows of a profile as names, milliseconds, and names of the layers that compute them.
#[cfg(not(feature = "burn"))]
fn rows(profile: &JsValue) -> Vec<(String, f64, Option<String>)> {
    let row = |row: JsValue| {
        let name = get(&row, "name").as_string().unwrap();
        (name, get(&row, "milliseconds").as_f64().unwrap(), get(&row, "computedBy").as_string())
    };
    Array::from(profile).iter().map(row).collect()
}

#[cfg(not(feature = "burn"))]
#[wasm_bindgen_test]
async fn every_layer_has_a_time_or_a_layer_that_computes_it() {
    for device in ["cpu", "webgpu"] {
        let engine = engine(device).await;
        for (id, runs) in [("squeezenet1_1", 2), ("resnet18", 2), ("lenet5", 4)] {
            engine.load_random(id.into(), 7, None, None).await.unwrap();
            let profile = engine.profile(id.into(), runs, Some(quiet())).await.unwrap();
            let layers = Array::from(&Engine::layers(id, None).unwrap());
            let rows = rows(&profile);
            assert_eq!(rows.len(), layers.length() as usize);
            let mut sum = 0.0;
            for ((index, (name, milliseconds, computed_by)), layer) in rows.iter().enumerate().zip(layers.iter()) {
                assert_eq!(*name, get(&layer, "name").as_string().unwrap());
                let kind = get(&layer, "kind").as_string().unwrap();
                assert_eq!(get(&profile, &format!("{index}.kind")).as_string().unwrap(), kind);
                // Layers without a kernel of their own.
                let joined = ["addition", "concatenation"].contains(&kind.as_str());
                assert_eq!(computed_by.is_some(), joined, "{id}: {name}");
                if let Some(other) = computed_by {
                    let inputs = Array::from(&get(&layer, "inputs"));
                    assert!(inputs.iter().any(|input| input.as_string().as_ref() == Some(other)), "{id}: {name}");
                    assert_eq!(*milliseconds, 0.0, "{id}: {name}");
                }
                assert!(milliseconds.is_finite() && *milliseconds >= 0.0, "{id}: {name}: {milliseconds} ms");
                sum += milliseconds;
            }
            let timings = Array::from(&engine.time(id.into(), seven(), 3).await.unwrap());
            let run = get(&timings, "2.inference").as_f64().unwrap();
            wasm_bindgen_test::console_log!("{id} on {device}: layers {sum:.3} ms, run {run:.3} ms");
            assert!(sum > 0.0, "{id} on {device}");
        }
    }
}

#[cfg(not(feature = "burn"))]
#[wasm_bindgen_test]
async fn a_profile_is_cancelled_by_its_progress() {
    for device in ["cpu", "webgpu"] {
        let engine = with_lenet5(device).await;
        // At the third part; what was done before must be counted in order.
        let third = Function::new_with_args("done, total", "if (done === 2 && total > 2) throw new Error()");
        assert_eq!(code(engine.profile("lenet5".into(), 4, Some(third)).await), "cancelled");
        let later = Function::new_with_args("done", "return done < 3 ? undefined : Promise.reject(done)");
        assert_eq!(code(engine.profile("lenet5".into(), 4, Some(later)).await), "cancelled");
        let beyond = Function::new_with_args("done, total", "if (done >= total) throw new Error()");
        assert!(engine.profile("lenet5".into(), 4, Some(beyond)).await.is_ok());
        assert!(probabilities(&engine).await[7] > 0.5, "the engine goes on");
        assert_eq!(code(engine.profile("other".into(), 4, None).await), "unknown-network");
    }
}

#[cfg(feature = "burn")]
#[wasm_bindgen_test]
async fn burn_has_no_profile() {
    assert_eq!(code(with_lenet5("cpu").await.profile("lenet5".into(), 4, Some(quiet())).await), "no-profile");
}

/// The elements of an activation, whose buffer must be its own.
fn elements(activation: &JsValue) -> Vec<f32> {
    let data: Float32Array = get(activation, "data").unchecked_into();
    assert_eq!(data.buffer().byte_length(), 4 * data.length());
    let shape = Array::from(&get(activation, "shape"));
    assert_eq!(shape.iter().map(|side| side.as_f64().unwrap() as u32).product::<u32>(), data.length());
    data.to_vec()
}

#[wasm_bindgen_test]
async fn activations_are_those_of_the_frame_seen_last() {
    for device in ["cpu", "webgpu"] {
        let engine = with_lenet5(device).await;
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        let ask = |layers: &[&str]| engine.activations("lenet5".into(), names(layers));
        assert_eq!(code(ask(&["c1"]).await), "no-frame");
        let before = probabilities(&engine).await;
        let layers: Vec<String> = Array::from(&Engine::layers("lenet5", None).unwrap())
            .iter()
            .map(|layer| get(&layer, "name").as_string().unwrap())
            .collect();
        let all: Vec<&str> = layers.iter().map(String::as_str).chain(["input"]).collect();
        let found = Array::from(&ask(&all).await.unwrap());
        let network = Network::from_tensors(
            card("lenet5").unwrap().inference(),
            {
                let weights = Weights::read(&card("lenet5").unwrap().inference(), &[LENET5.to_vec()]).unwrap();
                move |tensor: &TensorSpec| weights.tensor(&tensor.name).cloned().map(Cow::Owned)
            },
            Device::Cpu,
        )
        .unwrap();
        let graph = network.graph();
        let input = elements(&found.get(layers.len() as u32));
        assert_eq!(input.len(), graph.input().elements());
        let nodes: Vec<_> = layers.iter().map(|layer| graph.node(layer).unwrap()).collect();
        let input = Input { values: input, shape: graph.input() };
        let expected = network.activations(&input, &nodes).await.unwrap();
        for ((layer, expected), found) in layers.iter().zip(&expected).zip(found.iter()) {
            assert_eq!(get(&found, "layer").as_string().as_ref(), Some(layer));
            let greatest = expected.iter().fold(0.0f32, |greatest, value| greatest.max(value.abs()));
            let found = elements(&found);
            assert_eq!(found.len(), expected.len());
            assert!(found.iter().all(|value| value.is_finite()), "{layer} on {device}: a value is not finite");
            let off = expected.iter().zip(&found).map(|(a, b)| (a - b).abs() / greatest).fold(0.0, f32::max);
            assert!(off < 1e-4, "{layer} on {device}: off by {off:.1e}");
        }
        // The one-layer form; an answer between two askings; layers in another order and twice.
        let one = engine.activation("lenet5".into(), layers[0].clone()).await.unwrap();
        assert_eq!(elements(&one), elements(&found.get(0)));
        assert_eq!(probabilities(&engine).await, before);
        let twice = Array::from(&ask(&[&layers[1], "input", &layers[0], &layers[1]]).await.unwrap());
        for (index, original) in [1, layers.len() as u32, 0, 1].into_iter().enumerate() {
            assert_eq!(elements(&twice.get(index as u32)), elements(&found.get(original)));
        }
        // Another frame gives others.
        engine.classify("lenet5".into(), frame(1, 1, &[0, 0, 0, 255]), None, None).await.unwrap();
        let other = engine.activation("lenet5".into(), "input".into()).await.unwrap();
        assert_ne!(elements(&other), input.values);
        assert_eq!(code(ask(&["c9"]).await), "unknown-layer");
        assert_eq!(code(engine.activation("lenet5".into(), String::new()).await), "unknown-layer");
        assert_eq!(code(engine.activations("other".into(), names(&["c1"])).await), "unknown-network");
    }
}

/// As a page does that shows a camera's activations.
#[wasm_bindgen_test]
async fn answers_and_activations_in_turn_take_no_more_memory_with_time() {
    let bytes = || get(&wasm_bindgen::memory(), "buffer.byteLength").as_f64().unwrap();
    for device in ["cpu", "webgpu"] {
        let engine = with_lenet5(device).await;
        let mut after_ten = 0.0;
        let start = js_sys::Date::now();
        for turn in 0..200 {
            engine.classify("lenet5".into(), seven(), None, None).await.unwrap();
            engine.activations("lenet5".into(), vec!["c1".into(), "c3".into()]).await.unwrap();
            if turn == 9 {
                after_ten = bytes();
            }
        }
        wasm_bindgen_test::console_log!("200 turns on {device}: {:.0} ms", js_sys::Date::now() - start);
        assert_eq!(bytes(), after_ten, "on {device}");
    }
}

#[wasm_bindgen_test]
async fn filters_are_the_weights_of_the_first_convolution() {
    let engine = with_lenet5("cpu").await;
    let filters = engine.filters("lenet5").unwrap();
    let graph = card("lenet5").unwrap().inference();
    let weights = Weights::read(&graph, &[LENET5.to_vec()]).unwrap();
    let layer = get(&filters, "layer").as_string().unwrap();
    assert_eq!(layer, graph.layers()[0].name);
    assert_eq!(elements(&filters), weights.tensor(&format!("{layer}.weight")).unwrap().dequantise());
    assert_eq!(get(&filters, "order").as_string().unwrap(), "grey");
    for (device, id, order) in [("cpu", "resnet18", "RGB"), ("webgpu", "googlenet", "BGR")] {
        let engine = self::engine(device).await;
        engine.load_random(id.into(), 7, None, None).await.unwrap();
        let filters = engine.filters(id).unwrap();
        assert_eq!(get(&filters, "order").as_string().unwrap(), order);
        let spec = &tensor_specs(&card(id).unwrap().inference()).unwrap()[0];
        assert_eq!(elements(&filters), random::tensor(spec, 7).dequantise(), "{}", spec.name);
    }
    assert_eq!(code(engine.filters("resnet18")), "not-loaded");
}
