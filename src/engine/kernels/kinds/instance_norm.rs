//! Instance normalisation.

use wide::f32x4;

use crate::engine::LinearFormat;
use crate::engine::kernels::cpu::CpuKernel;
use crate::engine::kernels::cpu::conv::bias_bytes;
use crate::engine::kernels::cpu::memory::{Run, first};
use crate::engine::kernels::cpu::vector::merge;
use crate::engine::kernels::parameters::{Packed, Tensors};
use crate::engine::kernels::plan::{LANES, Step};
use crate::error::Result;
use crate::graph::InstanceNorm;

/// Normalises each channel by the mean and the variance of its own pixels: `[height, width, channels]` →
/// `[height, width, channels]`.
pub(super) struct Instance {
    epsilon: f32,
    channels: usize,
}

impl Instance {
    pub(super) fn new(norm: InstanceNorm, step: &Step) -> Self {
        Self { epsilon: norm.epsilon, channels: step.input.shape.channels }
    }

    /// The layer's weight and bias, each with one element a channel, padded to whole vectors.
    fn vectors(&self, tensors: &Tensors<'_>) -> [Vec<f32>; 2] {
        let mut weight = tensors.weight.dequantise();
        weight.resize(self.channels.next_multiple_of(LANES), 0.0);
        [weight, tensors.padded_bias(self.channels)]
    }
}

impl CpuKernel for Instance {
    fn weight_bytes(&self, _: LinearFormat) -> u64 {
        2 * bias_bytes(self.channels)
    }

    fn pack(&self, tensors: Tensors<'_>) -> Packed {
        Packed::new(self.vectors(&tensors))
    }

    fn scratch(&self) -> [usize; 3] {
        let channels = self.channels.next_multiple_of(LANES);
        [channels, channels, 0]
    }

    fn run(&self, weights: &Packed, run: Run<'_>) -> Result<()> {
        let [weight, bias] = weights.get::<[Vec<f32>; 2]>()?;
        let shape = run.step.input.shape;
        let (input, target, scratch) = run.split();
        let [mean, factor, _] = first(scratch)?;
        let vectors = self.channels.div_ceil(LANES);
        let (mean, factor) = (&mut mean.as_chunks_mut().0[..vectors], &mut factor.as_chunks_mut().0[..vectors]);
        let pixels = || (0..shape.height).flat_map(move |y| (0..shape.width).map(move |x| input.pixel(y, x)));
        let count = f32x4::splat((shape.height * shape.width) as f32);
        mean.fill([0.0; LANES]);
        pixels().for_each(|pixel| merge(mean, pixel, |sum, value| sum + value));
        mean.iter_mut().for_each(|cell| *cell = (f32x4::from(*cell) / count).into());
        // The squares of differences from the mean: those of the values would lose digits where the mean is large.
        factor.fill([0.0; LANES]);
        for pixel in pixels() {
            for ((sum, value), mean) in factor.iter_mut().zip(pixel).zip(&*mean) {
                let difference = f32x4::from(*value) - f32x4::from(*mean);
                *sum = (f32x4::from(*sum) + difference * difference).into();
            }
        }
        for (factor, weight) in factor.iter_mut().zip(weight.as_chunks().0) {
            let variance = f32x4::from(*factor) / count;
            *factor = (f32x4::from(*weight) / (variance + f32x4::splat(self.epsilon)).sqrt()).into();
        }
        let (mean, factor) = (&*mean, &*factor);
        target.fill(3, |y, x, cells| {
            cells.copy_from_slice(input.pixel(y, x));
            merge(cells, mean, |value, mean| value - mean);
            merge(cells, factor, |value, factor| value * factor);
            merge(cells, bias.as_chunks().0, |value, bias| value + bias);
        })
    }
}

/// The shaders.
#[cfg(any(target_family = "wasm", feature = "native-gpu"))]
mod webgpu {
    use super::Instance;
    use crate::engine::LinearFormat;
    use crate::engine::kernels::parameters::{Packed, Tensors};
    use crate::engine::kernels::webgpu::WebGpuKernel;
    use crate::engine::kernels::webgpu::conv::bias_bytes;
    use crate::engine::kernels::webgpu::device::{Buffer, Gpu};
    use crate::engine::kernels::webgpu::dispatch::{Recorder, vectors};
    use crate::engine::kernels::webgpu::shader::{ActivationForm, Element, Precision, Shader};
    use crate::engine::kernels::webgpu::uniforms::{Limits, Position, uniforms};
    use crate::error::Result;

    /// Threads of a workgroup.
    const WORKGROUP: [u32; 3] = [64, 1, 1];

    uniforms!(
        /// The parameters of the shader.
        InstanceUniforms {
            input: Position,
            output: Position,
            /// Vectors a pixel.
            vectors: u32,
            /// Rows.
            height: u32,
            /// Columns.
            width: u32,
            /// Added to the variance.
            epsilon: f32,
            activation: Limits,
        }
    );

    impl WebGpuKernel for Instance {
        fn weight_buffers(&self, _: &Gpu, _: LinearFormat) -> [u64; 3] {
            [bias_bytes(self.channels), bias_bytes(self.channels), 0]
        }

        fn pack(&self, gpu: &Gpu, tensors: &Tensors<'_>) -> Packed {
            Packed::new(self.vectors(tensors).map(|vector| gpu.upload(&Precision::Single.bytes(&vector))))
        }

        /// A thread computes `[height, width, 4]` → `[height, width, 4]`.
        fn record(&self, weights: &Packed, recorder: &mut Recorder<'_>) -> Result<()> {
            let [weight, bias] = weights.get::<[Buffer; 2]>()?;
            let step = recorder.step;
            let (form, activation) = ActivationForm::of(step.activation);
            let uniforms = InstanceUniforms {
                input: recorder.position(step.input),
                output: recorder.position(step.output),
                vectors: vectors(self.channels),
                height: step.input.shape.height as u32,
                width: step.input.shape.width as u32,
                epsilon: self.epsilon,
                activation,
            };
            let each_pixel = |statement: &str| {
                format!(
                    "for (var y = 0u; y < shape.height; y++) {{ for (var x = 0u; x < shape.width; x++) {{\n\
                     let value = vec4f(input[shape.input_start + y * shape.input_row + x * shape.input_pixel + channel]);\n\
                     {statement} }} }}\n"
                )
            };
            let body = [
                "let channel = id.x; if (channel >= shape.vectors) { return; }\n".into(),
                "let count = f32(shape.width * shape.height);\nvar sum = vec4f(0);\n".into(),
                each_pixel("sum += value;"),
                "let mean = sum / count;\nvar squares = vec4f(0);\n".into(),
                each_pixel("squares += (value - mean) * (value - mean);"),
                "let factor = weight[channel] / sqrt(squares / count + shape.epsilon);\n".into(),
                each_pixel(&format!(
                    "let result = (value - mean) * factor + bias[channel];\n\
                     output[shape.output_start + y * shape.output_row + x * shape.output_pixel + channel] = Vector({});",
                    form.text("result")
                )),
            ]
            .concat();
            let shader = Shader::new(recorder.precision(), &uniforms)
                .reads("input", Element::Vector, recorder.buffer(step.input))
                .writes("output", Element::Vector, recorder.buffer(step.output))
                .reads("weight", Element::FloatVector, weight)
                .reads("bias", Element::FloatVector, bias)
                .main(WORKGROUP, &body);
            recorder.dispatch(shader, [uniforms.vectors, 1, 1]);
            Ok(())
        }
    }
}
