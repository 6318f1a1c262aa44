//! Runs an exported network by ONNX's own definitions, in plain loops: https://onnx.ai/onnx/operators

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use convscope::convert::onnx::messages::{EXTERNAL, FLOAT, Graph, Model, Node, Tensor};
use prost::Message;

/// A tensor of real elements or, for shapes, of integers.
#[derive(Clone)]
pub(crate) struct Value {
    pub(crate) shape: Vec<usize>,
    pub(crate) elements: Vec<f32>,
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
    values.insert(given.name.clone(), Value { shape: shape(given), elements: input });
    for node in &graph.node {
        let inputs: Vec<&Value> = node.input.iter().map(|name| &values[name]).collect();
        let value = compute(node, &inputs);
        assert_eq!(value.elements.len(), value.shape.iter().product::<usize>(), "{}", node.name);
        assert!(values.insert(node.output[0].clone(), value).is_none(), "{} twice", node.name);
    }
    let [expected] = &graph.output[..] else { panic!("more than one output") };
    let output = values.remove(&expected.name).unwrap();
    assert_eq!(output.shape, shape(expected));
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
    let elements = match tensor.data_type {
        FLOAT => bytes.as_chunks().0.iter().map(|&four| f32::from_le_bytes(four)).collect(),
        _ => bytes.as_chunks().0.iter().map(|&eight| i64::from_le_bytes(eight) as f32).collect(),
    };
    Value { shape, elements }
}

fn compute(node: &Node, inputs: &[&Value]) -> Value {
    let attribute = |name: &str| node.attribute.iter().find(|attribute| attribute.name == name);
    let ints = |name: &str| -> Vec<usize> { attribute(name).unwrap().ints.iter().map(|&i| i as usize).collect() };
    let int = |name: &str, default: i64| attribute(name).map_or(default, |a| a.i.unwrap()) as usize;
    let float = |name: &str| attribute(name).unwrap().f.unwrap();
    let x = inputs[0];
    match node.op_type.as_str() {
        "Conv" => {
            let bias = inputs.get(2).map(|bias| bias.elements.as_slice());
            convolution(x, inputs[1], bias, &ints("strides"), &ints("pads"), int("group", 1))
        }
        "MaxPool" => pool(x, &ints("kernel_shape"), &ints("strides"), &ints("pads"), |window| {
            window.iter().copied().fold(f32::NEG_INFINITY, f32::max)
        }),
        "AveragePool" => pool(x, &ints("kernel_shape"), &ints("strides"), &ints("pads"), |window| {
            window.iter().sum::<f32>() / window.len() as f32
        }),
        "GlobalAveragePool" => {
            let pixels = x.shape[2] * x.shape[3];
            let means = x.elements.chunks(pixels).map(|channel| channel.iter().sum::<f32>() / pixels as f32);
            Value { shape: vec![1, x.shape[1], 1, 1], elements: means.collect() }
        }
        "Gemm" => {
            assert_eq!(int("transB", 0), 1);
            let rows = inputs[1].elements.chunks(inputs[1].shape[1]).zip(&inputs[2].elements);
            let dot = |row: &[f32]| row.iter().zip(&x.elements).map(|(a, b)| a * b).sum::<f32>();
            let elements: Vec<f32> = rows.map(|(row, bias)| dot(row) + bias).collect();
            Value { shape: vec![1, elements.len()], elements }
        }
        "Flatten" => {
            assert_eq!(int("axis", 1), 1);
            Value { shape: vec![x.shape[0], x.shape[1..].iter().product()], ..x.clone() }
        }
        "Reshape" => Value { shape: inputs[1].elements.iter().map(|&length| length as usize).collect(), ..x.clone() },
        "LRN" => {
            let (size, pixels) = (int("size", 0), x.shape[2] * x.shape[3]);
            let value = |(index, element): (usize, &f32)| {
                let (channel, pixel) = (index / pixels, index % pixels);
                let first = channel.saturating_sub((size - 1) / 2);
                let last = (channel + size / 2).min(x.shape[1] - 1);
                let squares: f32 = (first..=last).map(|other| x.elements[other * pixels + pixel].powi(2)).sum();
                element / (float("bias") + float("alpha") / size as f32 * squares).powf(float("beta"))
            };
            Value { elements: x.elements.iter().enumerate().map(value).collect(), shape: x.shape.clone() }
        }
        "BatchNormalization" => {
            let pixels = x.shape[2] * x.shape[3];
            let part = |input: usize, index: usize| inputs[input].elements[index / pixels];
            let value = |(i, element): (usize, &f32)| {
                (element - part(3, i)) / (part(4, i) + float("epsilon")).sqrt() * part(1, i) + part(2, i)
            };
            Value { elements: x.elements.iter().enumerate().map(value).collect(), shape: x.shape.clone() }
        }
        "Add" => pairs(x, inputs[1], |a, b| a + b),
        "Mul" => pairs(x, inputs[1], |a, b| a * b),
        "Concat" => {
            assert_eq!(int("axis", 0), 1);
            let channels = inputs.iter().map(|input| input.shape[1]).sum();
            let elements = inputs.iter().flat_map(|input| input.elements.iter().copied()).collect();
            Value { shape: vec![1, channels, x.shape[2], x.shape[3]], elements }
        }
        "Relu" => each(x, |element| element.max(0.0)),
        "Clip" => each(x, |element| element.clamp(inputs[1].elements[0], inputs[2].elements[0])),
        "Tanh" => each(x, f32::tanh),
        "Sigmoid" => each(x, |element| 1.0 / (1.0 + (-element).exp())),
        other => panic!("{} is a {other}, which is not expected", node.name),
    }
}

fn each(x: &Value, change: impl Fn(f32) -> f32) -> Value {
    Value { elements: x.elements.iter().map(|&element| change(element)).collect(), shape: x.shape.clone() }
}

/// Of equal shapes, or with a second that has one element, or one a channel.
fn pairs(a: &Value, b: &Value, join: impl Fn(f32, f32) -> f32) -> Value {
    let repeat = a.elements.len() / b.elements.len();
    if b.elements.len() > 1 && repeat > 1 {
        assert_eq!(b.shape, [1, a.shape[1], 1, 1], "ONNX repeats from the last dimension on");
    }
    let elements = a.elements.iter().enumerate().map(|(i, &element)| join(element, b.elements[i / repeat])).collect();
    Value { elements, shape: a.shape.clone() }
}

/// How many windows fit one axis, as ONNX counts without `ceil_mode`.
fn windows(pixels: usize, kernel: usize, stride: usize, before: usize, after: usize) -> usize {
    (pixels + before + after - kernel) / stride + 1
}

fn pool(x: &Value, kernel: &[usize], strides: &[usize], pads: &[usize], join: impl Fn(&[f32]) -> f32) -> Value {
    let [_, channels, height, width] = x.shape[..] else { panic!("a pooling of {:?}", x.shape) };
    let down = windows(height, kernel[0], strides[0], pads[0], pads[2]);
    let across = windows(width, kernel[1], strides[1], pads[1], pads[3]);
    let mut elements = Vec::new();
    for channel in x.elements.chunks(height * width) {
        for (row, column) in (0..down * across).map(|pixel| (pixel / across, pixel % across)) {
            let mut window = Vec::new();
            for (i, j) in (0..kernel[0] * kernel[1]).map(|pixel| (pixel / kernel[1], pixel % kernel[1])) {
                let (y, x) = (row * strides[0] + i, column * strides[1] + j);
                if (pads[0]..height + pads[0]).contains(&y) && (pads[1]..width + pads[1]).contains(&x) {
                    window.push(channel[(y - pads[0]) * width + x - pads[1]]);
                }
            }
            elements.push(join(&window));
        }
    }
    Value { shape: vec![1, channels, down, across], elements }
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
    let mut elements = Vec::new();
    for output in 0..outputs {
        let first = output / (outputs / groups) * inputs;
        for (row, column) in (0..down * across).map(|pixel| (pixel / across, pixel % across)) {
            let mut sum = bias.map_or(0.0, |bias| bias[output]);
            for (index, factor) in
                weight.elements.chunks(weight.elements.len() / outputs).nth(output).unwrap().iter().enumerate()
            {
                let (input, pixel) = (index / (kernel_height * kernel_width), index % (kernel_height * kernel_width));
                let (y, x_) = (row * strides[0] + pixel / kernel_width, column * strides[1] + pixel % kernel_width);
                if (pads[0]..height + pads[0]).contains(&y) && (pads[1]..width + pads[1]).contains(&x_) {
                    sum += factor * x.elements[((first + input) * height + y - pads[0]) * width + x_ - pads[1]];
                }
            }
            elements.push(sum);
        }
    }
    Value { shape: vec![1, outputs, down, across], elements }
}
