//! Linear layers at batch 1: a matrix–vector product straight from the quantised weights. It is bound by memory
//! bandwidth, so its time is nearly proportional to the size of the weights.

use wide::f32x4;

use super::CpuKernel;
use super::activation::activate_all;
use super::conv::bias_bytes;
use super::memory::Run;
use super::pool::range;
use super::{Arithmetic, LayerOptions, int8};
use crate::engine::LinearFormat;
use crate::engine::kernels::parameters::{Packed, Tensors};
use crate::engine::kernels::plan::{Plan, Step};
use crate::error::Result;
use crate::weights::{GROUP, Tensor};

/// Elements that are summed side by side.
const WIDTH: usize = 16;

/// The kernel of a linear layer.
pub(in crate::engine::kernels) fn kernel(step: &Step, plan: &Plan, options: LayerOptions) -> Box<dyn CpuKernel> {
    if options.arithmetic == Arithmetic::Int8 {
        return Box::new(int8::linear::Linear::new(step, plan, options.product));
    }
    Box::new(Linear::new(step))
}

/// A linear layer for one step: `[outputs, inputs] × [inputs]` → `[outputs]`.
pub(super) struct Linear {
    inputs: usize,
    outputs: usize,
}

impl Linear {
    pub(super) fn new(step: &Step) -> Self {
        Self { inputs: step.input.shape.channels, outputs: step.output.shape.channels }
    }
}

/// The weights of a linear layer, and its bias, padded to whole vectors.
struct Parameters {
    weights: LinearWeights,
    bias: Vec<f32>,
}

impl CpuKernel for Linear {
    fn weight_bytes(&self, format: LinearFormat) -> u64 {
        let (weights, groups) = (self.inputs * self.outputs, self.inputs.div_ceil(GROUP) * self.outputs);
        let bytes = match format {
            LinearFormat::Float => 4 * weights,
            LinearFormat::Int8 => weights + 4 * self.outputs,
            LinearFormat::Int8Groups => weights + 4 * groups,
            LinearFormat::Int4 => self.inputs.div_ceil(2) * self.outputs + 4 * groups,
        };
        bytes as u64 + bias_bytes(self.outputs)
    }

    fn pack(&self, tensors: Tensors<'_>) -> Packed {
        let bias = tensors.padded_bias(self.outputs);
        Packed::new(Parameters { weights: LinearWeights::new(tensors.weight.into_owned(), self.inputs), bias })
    }

    fn run(&self, weights: &Packed, run: Run<'_>) -> Result<()> {
        let Parameters { weights, bias } = weights.get()?;
        let input = run.input().elements;
        let Run { step, output, pool, .. } = run;
        let mut rest = &mut output[step.output.first_channel..][..self.outputs];
        let parts = pool.parts(self.inputs * self.outputs, self.outputs, 1);
        let items = (0..parts).map(|part| range(self.outputs, parts, part)).map(|rows| {
            let (outputs, behind) = std::mem::take(&mut rest).split_at_mut(rows.len());
            rest = behind;
            (rows, outputs)
        });
        pool.share(items, |_, (rows, outputs)| {
            for (index, output) in rows.zip(outputs.iter_mut()) {
                *output = weights.row(index, input) + bias[index];
            }
            activate_all(outputs, step.activation);
        })
    }
}

/// The weights of one output, in single precision.
pub(super) fn weights_of(packed: &Packed, output: usize) -> Result<Vec<f32>> {
    Ok(packed.get::<Parameters>()?.weights.dequantised(output))
}

/// A matrix `[outputs, inputs]`, row by row.
struct LinearWeights {
    values: Values,
    /// Inputs of an output.
    inputs: usize,
}

enum Values {
    /// One scale a row.
    Int8 {
        values: Vec<i8>,
        scale: Vec<f32>,
    },
    /// One scale for each [`GROUP`] elements of a row.
    Int8Groups {
        values: Vec<i8>,
        scale: Vec<f32>,
    },
    /// Two elements a byte, one scale for each [`GROUP`] elements of a row.
    Int4 {
        packed: Vec<u8>,
        scale: Vec<f32>,
    },
    F32(Vec<f32>),
}

impl LinearWeights {
    /// Takes over a tensor `[outputs, inputs]`.
    fn new(values: Tensor, inputs: usize) -> Self {
        let singles = |scale: Vec<half::f16>| scale.into_iter().map(half::f16::to_f32).collect();
        let mut values = match values {
            Tensor::Int8 { values, scale } => Values::Int8 { values, scale },
            Tensor::Int8Groups { values, scale, .. } => Values::Int8Groups { values, scale: singles(scale) },
            Tensor::Int4 { packed, scale, .. } => Values::Int4 { packed, scale: singles(scale) },
            Tensor::F32(values) => Values::F32(values),
            Tensor::F16(values) => Values::F32(singles(values)),
        };
        // Whoever made the tensor may have reserved more than it took.
        match &mut values {
            Values::Int8 { values, .. } | Values::Int8Groups { values, .. } => values.shrink_to_fit(),
            Values::Int4 { packed, .. } => packed.shrink_to_fit(),
            Values::F32(values) => values.shrink_to_fit(),
        }
        Self { values, inputs }
    }

    /// A row in single precision.
    fn dequantised(&self, output: usize) -> Vec<f32> {
        let inputs = self.inputs;
        let groups = inputs.div_ceil(GROUP);
        // `scales` are those of a row, each of so many elements.
        let scaled = |elements: &mut dyn Iterator<Item = f32>, scales: &[f32], group: usize| {
            elements.enumerate().map(|(index, element)| element * scales[index / group]).collect()
        };
        match &self.values {
            Values::Int8 { values, scale } => {
                let row = values[output * inputs..][..inputs].iter().map(|&value| f32::from(value));
                scaled(&mut { row }, &scale[output..], inputs)
            }
            Values::Int8Groups { values, scale } => {
                let row = values[output * inputs..][..inputs].iter().map(|&value| f32::from(value));
                scaled(&mut { row }, &scale[output * groups..], GROUP)
            }
            Values::Int4 { packed, scale } => {
                let bytes = inputs.div_ceil(2);
                let row = packed[output * bytes..][..bytes].iter().flat_map(|byte| [byte & 15, byte >> 4]);
                scaled(&mut row.take(inputs).map(|half| f32::from(half) - 8.0), &scale[output * groups..], GROUP)
            }
            Values::F32(values) => values[output * inputs..][..inputs].to_vec(),
        }
    }

    /// One output: `[inputs] · [inputs]` → one element, of row `output` and `input`.
    #[inline(never)]
    fn row(&self, output: usize, input: &[f32]) -> f32 {
        let inputs = self.inputs;
        let groups = inputs.div_ceil(GROUP);
        let input = &input[..inputs];
        match &self.values {
            Values::Int8 { values, scale } => dot8(&values[output * inputs..][..inputs], input) * scale[output],
            Values::Int8Groups { values, scale } => {
                let groups = values[output * inputs..][..inputs].chunks(GROUP).zip(&scale[output * groups..][..groups]);
                groups.zip(input.chunks(GROUP)).map(|((row, scale), input)| dot8(row, input) * scale).sum()
            }
            Values::Int4 { packed, scale } => {
                let bytes = inputs.div_ceil(2);
                let row = packed[output * bytes..][..bytes].chunks(GROUP / 2);
                let groups = row.zip(&scale[output * groups..][..groups]).zip(input.chunks(GROUP));
                groups.map(|((row, scale), input)| dot4(row, input) * scale).sum()
            }
            Values::F32(values) => dot(&values[output * inputs..][..inputs], input),
        }
    }
}

/// The sum of all lanes.
#[inline(always)]
fn total(sums: [f32; WIDTH]) -> f32 {
    let (fours, _) = sums.as_chunks::<4>();
    fours.iter().fold(f32x4::ZERO, |sum, four| sum + f32x4::new(*four)).reduce_add()
}

/// `[inputs] · [inputs]` with 8-bit weights, without their scale.
fn dot8(row: &[i8], input: &[f32]) -> f32 {
    let mut sums = [0.0; WIDTH];
    let (rows, rest) = row.as_chunks::<WIDTH>();
    let (inputs, input_rest) = input.as_chunks::<WIDTH>();
    for (row, input) in rows.iter().zip(inputs) {
        for lane in 0..WIDTH {
            sums[lane] += f32::from(row[lane]) * input[lane];
        }
    }
    total(sums) + rest.iter().zip(input_rest).map(|(&weight, input)| f32::from(weight) * input).sum::<f32>()
}

/// `[inputs] · [inputs]` with 4-bit weights, without their scale: two in a byte, the first one in the low half.
fn dot4(row: &[u8], input: &[f32]) -> f32 {
    let mut sums = [0.0; WIDTH];
    let (rows, rest) = row.as_chunks::<{ WIDTH / 2 }>();
    let (inputs, input_rest) = input.as_chunks::<WIDTH>();
    for (row, input) in rows.iter().zip(inputs) {
        for byte in 0..WIDTH / 2 {
            sums[2 * byte] += (f32::from(row[byte] & 15) - 8.0) * input[2 * byte];
            sums[2 * byte + 1] += (f32::from(row[byte] >> 4) - 8.0) * input[2 * byte + 1];
        }
    }
    let halves = rest.iter().flat_map(|byte| [byte & 15, byte >> 4]);
    total(sums) + halves.zip(input_rest).map(|(half, input)| (f32::from(half) - 8.0) * input).sum::<f32>()
}

/// `[inputs] · [inputs]` in single precision.
fn dot(row: &[f32], input: &[f32]) -> f32 {
    let mut sums = [0.0; WIDTH];
    let (rows, rest) = row.as_chunks::<WIDTH>();
    let (inputs, input_rest) = input.as_chunks::<WIDTH>();
    for (row, input) in rows.iter().zip(inputs) {
        for lane in 0..WIDTH {
            sums[lane] += row[lane] * input[lane];
        }
    }
    total(sums) + rest.iter().zip(input_rest).map(|(weight, input)| weight * input).sum::<f32>()
}
