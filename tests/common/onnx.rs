//! Runs an exported network by ONNX's own definitions, in plain loops: https://onnx.ai/onnx/operators

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use convscope::convert::onnx::messages::{EXTERNAL, FLOAT, Graph, Model, Node, Tensor};
use prost::Message;

/// A tensor of numbers or, for shapes, whole numbers in its place.
#[derive(Clone)]
pub(crate) struct Value {
    pub(crate) shape: Vec<usize>,
    pub(crate) numbers: Vec<f32>,
}

pub(crate) fn read(path: &Path) -> Graph {
    let model = Model::decode(&fs::read(path).unwrap()[..]).unwrap();
    assert_eq!((model.ir_version, model.opset_import[0].version), (8, 17));
    model.graph.unwrap()
}

/// The graph's only output for its only input; every value that is made must be of one of the kinds below.
pub(crate) fn run(graph: &Graph, folder: &Path, input: Vec<f32>) -> Value {
    let shape = |info: &convscope::convert::onnx::messages::ValueInfo| -> Vec<usize> {
        let tensor = info.kind.as_ref().unwrap().tensor.as_ref().unwrap();
        assert_eq!(tensor.data_type, FLOAT);
        tensor.shape.as_ref().unwrap().dim.iter().map(|dim| dim.value as usize).collect()
    };
    let mut values: HashMap<String, Value> = HashMap::new();
    for tensor in &graph.initializer {
        assert!(values.insert(tensor.name.clone(), initial(tensor, folder)).is_none(), "{} twice", tensor.name);
    }
    let [given] = &graph.input[..] else { panic!("more than one input") };
    values.insert(given.name.clone(), Value { shape: shape(given), numbers: input });
    for node in &graph.node {
        let inputs: Vec<&Value> = node.input.iter().map(|name| &values[name]).collect();
        let value = compute(node, &inputs);
        assert_eq!(value.numbers.len(), value.shape.iter().product::<usize>(), "{}", node.name);
        assert!(values.insert(node.output[0].clone(), value).is_none(), "{} twice", node.name);
    }
    let [wanted] = &graph.output[..] else { panic!("more than one output") };
    let output = values.remove(&wanted.name).unwrap();
    assert_eq!(output.shape, shape(wanted));
    output
}

fn initial(tensor: &Tensor, folder: &Path) -> Value {
    let shape = tensor.dims.iter().map(|&length| length as usize).collect();
    let entry = |key: &str| &tensor.external_data.iter().find(|entry| entry.key == key).unwrap().value;
    let bytes = if tensor.data_location == EXTERNAL {
        let file = fs::read(folder.join(entry("location"))).unwrap();
        let offset: usize = entry("offset").parse().unwrap();
        file[offset..offset + entry("length").parse::<usize>().unwrap()].to_vec()
    } else {
        tensor.raw_data.clone()
    };
    let numbers = match tensor.data_type {
        FLOAT => bytes.as_chunks().0.iter().map(|&four| f32::from_le_bytes(four)).collect(),
        _ => bytes.as_chunks().0.iter().map(|&eight| i64::from_le_bytes(eight) as f32).collect(),
    };
    Value { shape, numbers }
}

fn compute(node: &Node, inputs: &[&Value]) -> Value {
    let attribute = |name: &str| node.attribute.iter().find(|attribute| attribute.name == name);
    let ints = |name: &str| -> Vec<usize> { attribute(name).unwrap().ints.iter().map(|&i| i as usize).collect() };
    let int = |name: &str, default: i64| attribute(name).map_or(default, |a| a.i.unwrap()) as usize;
    let float = |name: &str| attribute(name).unwrap().f.unwrap();
    let x = inputs[0];
    match node.op_type.as_str() {
        "Conv" => {
            let bias = inputs.get(2).map(|bias| bias.numbers.as_slice());
            convolution(x, inputs[1], bias, &ints("strides"), &ints("pads"), int("group", 1))
        }
        "MaxPool" => pool(x, &ints("kernel_shape"), &ints("strides"), &ints("pads"), |window| {
            window.iter().copied().fold(f32::NEG_INFINITY, f32::max)
        }),
        "AveragePool" => pool(x, &ints("kernel_shape"), &ints("strides"), &ints("pads"), |window| {
            window.iter().sum::<f32>() / window.len() as f32
        }),
        "GlobalAveragePool" => {
            let places = x.shape[2] * x.shape[3];
            let means = x.numbers.chunks(places).map(|channel| channel.iter().sum::<f32>() / places as f32);
            Value { shape: vec![1, x.shape[1], 1, 1], numbers: means.collect() }
        }
        "Gemm" => {
            assert_eq!(int("transB", 0), 1);
            let rows = inputs[1].numbers.chunks(inputs[1].shape[1]).zip(&inputs[2].numbers);
            let dot = |row: &[f32]| row.iter().zip(&x.numbers).map(|(a, b)| a * b).sum::<f32>();
            let numbers: Vec<f32> = rows.map(|(row, bias)| dot(row) + bias).collect();
            Value { shape: vec![1, numbers.len()], numbers }
        }
        "Flatten" => {
            assert_eq!(int("axis", 1), 1);
            Value { shape: vec![x.shape[0], x.shape[1..].iter().product()], ..x.clone() }
        }
        "Reshape" => Value { shape: inputs[1].numbers.iter().map(|&length| length as usize).collect(), ..x.clone() },
        "LRN" => {
            let (size, places) = (int("size", 0), x.shape[2] * x.shape[3]);
            let value = |(index, number): (usize, &f32)| {
                let (channel, place) = (index / places, index % places);
                let first = channel.saturating_sub((size - 1) / 2);
                let last = (channel + size / 2).min(x.shape[1] - 1);
                let squares: f32 = (first..=last).map(|other| x.numbers[other * places + place].powi(2)).sum();
                number / (float("bias") + float("alpha") / size as f32 * squares).powf(float("beta"))
            };
            Value { numbers: x.numbers.iter().enumerate().map(value).collect(), shape: x.shape.clone() }
        }
        "BatchNormalization" => {
            let places = x.shape[2] * x.shape[3];
            let part = |input: usize, index: usize| inputs[input].numbers[index / places];
            let value = |(i, number): (usize, &f32)| {
                (number - part(3, i)) / (part(4, i) + float("epsilon")).sqrt() * part(1, i) + part(2, i)
            };
            Value { numbers: x.numbers.iter().enumerate().map(value).collect(), shape: x.shape.clone() }
        }
        "Add" => pairs(x, inputs[1], |a, b| a + b),
        "Mul" => pairs(x, inputs[1], |a, b| a * b),
        "Concat" => {
            assert_eq!(int("axis", 0), 1);
            let channels = inputs.iter().map(|input| input.shape[1]).sum();
            let numbers = inputs.iter().flat_map(|input| input.numbers.iter().copied()).collect();
            Value { shape: vec![1, channels, x.shape[2], x.shape[3]], numbers }
        }
        "Relu" => each(x, |number| number.max(0.0)),
        "Clip" => each(x, |number| number.clamp(inputs[1].numbers[0], inputs[2].numbers[0])),
        "Tanh" => each(x, f32::tanh),
        "Sigmoid" => each(x, |number| 1.0 / (1.0 + (-number).exp())),
        other => panic!("{} is a {other}, which is not expected", node.name),
    }
}

fn each(x: &Value, change: impl Fn(f32) -> f32) -> Value {
    Value { numbers: x.numbers.iter().map(|&number| change(number)).collect(), shape: x.shape.clone() }
}

/// Of equal shapes, or with a second that has one number, or one a channel.
fn pairs(a: &Value, b: &Value, join: impl Fn(f32, f32) -> f32) -> Value {
    let repeat = a.numbers.len() / b.numbers.len();
    if b.numbers.len() > 1 && repeat > 1 {
        assert_eq!(b.shape, [1, a.shape[1], 1, 1], "ONNX repeats from the last dimension on");
    }
    let numbers = a.numbers.iter().enumerate().map(|(i, &number)| join(number, b.numbers[i / repeat])).collect();
    Value { numbers, shape: a.shape.clone() }
}

/// How many windows fit one axis, as ONNX counts without `ceil_mode`.
fn windows(pixels: usize, kernel: usize, stride: usize, before: usize, after: usize) -> usize {
    (pixels + before + after - kernel) / stride + 1
}

fn pool(x: &Value, kernel: &[usize], strides: &[usize], pads: &[usize], join: impl Fn(&[f32]) -> f32) -> Value {
    let [_, channels, height, width] = x.shape[..] else { panic!("a pooling of {:?}", x.shape) };
    let down = windows(height, kernel[0], strides[0], pads[0], pads[2]);
    let across = windows(width, kernel[1], strides[1], pads[1], pads[3]);
    let mut numbers = Vec::new();
    for channel in x.numbers.chunks(height * width) {
        for (row, column) in (0..down * across).map(|place| (place / across, place % across)) {
            let mut window = Vec::new();
            for (i, j) in (0..kernel[0] * kernel[1]).map(|place| (place / kernel[1], place % kernel[1])) {
                let (y, x) = (row * strides[0] + i, column * strides[1] + j);
                if (pads[0]..height + pads[0]).contains(&y) && (pads[1]..width + pads[1]).contains(&x) {
                    window.push(channel[(y - pads[0]) * width + x - pads[1]]);
                }
            }
            numbers.push(join(&window));
        }
    }
    Value { shape: vec![1, channels, down, across], numbers }
}

fn convolution(
    x: &Value,
    weight: &Value,
    bias: Option<&[f32]>,
    strides: &[usize],
    pads: &[usize],
    groups: usize,
) -> Value {
    let [_, _, height, width] = x.shape[..] else { panic!("a convolution of {:?}", x.shape) };
    let [outputs, inputs, kernel_height, kernel_width] = weight.shape[..] else { panic!("{:?}", weight.shape) };
    let down = windows(height, kernel_height, strides[0], pads[0], pads[2]);
    let across = windows(width, kernel_width, strides[1], pads[1], pads[3]);
    let mut numbers = Vec::new();
    for output in 0..outputs {
        let first = output / (outputs / groups) * inputs;
        for (row, column) in (0..down * across).map(|place| (place / across, place % across)) {
            let mut sum = bias.map_or(0.0, |bias| bias[output]);
            for (index, factor) in
                weight.numbers.chunks(weight.numbers.len() / outputs).nth(output).unwrap().iter().enumerate()
            {
                let (input, place) = (index / (kernel_height * kernel_width), index % (kernel_height * kernel_width));
                let (y, x_) = (row * strides[0] + place / kernel_width, column * strides[1] + place % kernel_width);
                if (pads[0]..height + pads[0]).contains(&y) && (pads[1]..width + pads[1]).contains(&x_) {
                    sum += factor * x.numbers[((first + input) * height + y - pads[0]) * width + x_ - pads[1]];
                }
            }
            numbers.push(sum);
        }
    }
    Value { shape: vec![1, outputs, down, across], numbers }
}
