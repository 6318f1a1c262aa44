//! An image as a vector.

use crate::engine::kernels::cpu::CpuKernel;
use crate::engine::kernels::cpu::memory::Run;
use crate::engine::kernels::parameters::Packed;
use crate::error::Result;

/// Copies an image channel by channel, the order in which a linear layer's weights come:
/// `[height, width, channels]` → `[channels · height · width]`.
pub(super) struct Flatten;

impl CpuKernel for Flatten {
    fn run(&self, _: &Packed, run: Run<'_>) -> Result<()> {
        let (input, shape) = (run.input(), run.step.input.shape);
        let pixels = shape.height * shape.width;
        for y in 0..shape.height {
            for x in 0..shape.width {
                let elements = input.pixel(y, x).as_flattened();
                for (channel, element) in elements.iter().enumerate().take(shape.channels) {
                    run.output[channel * pixels + y * shape.width + x] = *element;
                }
            }
        }
        Ok(())
    }
}

/// The shaders.
#[cfg(any(target_family = "wasm", feature = "native-gpu"))]
mod webgpu {
    use super::Flatten;
    use crate::engine::kernels::parameters::Packed;
    use crate::engine::kernels::webgpu::WebGpuKernel;
    use crate::engine::kernels::webgpu::dispatch::{Recorder, vectors};
    use crate::engine::kernels::webgpu::shader::{Element, Shader};
    use crate::engine::kernels::webgpu::uniforms::{Position, uniforms};
    use crate::error::Result;

    /// Threads of a workgroup.
    const WORKGROUP: [u32; 3] = [64, 1, 1];

    uniforms!(
        /// The parameters of the shader.
        FlattenUniforms {
            input: Position,
            output: Position,
            /// The output's vectors.
            vectors: u32,
            /// The input's rows.
            height: u32,
            /// The input's columns.
            width: u32,
        }
    );

    /// An element of the vector: `[height, width, channels]` → one element.
    const ELEMENT: &str = "fn element(index: u32) -> Scalar {
      let pixels = shape.width * shape.height; let channel = index / pixels; let pixel = index % pixels;
      let offset = pixel / shape.width * shape.input_row + pixel % shape.width * shape.input_pixel;
      return input[shape.input_start + offset + channel / 4u][channel % 4u];
    }
    ";

    /// A thread copies four elements of the vector: `[height, width, channels]` → `[4]`.
    const BODY: &str = "let index = id.x; if (index >= shape.vectors) { return; }
    let first = 4 * index;
    output[shape.output_start + index] = Vector(element(first), element(first + 1), element(first + 2), element(first + 3));
    ";

    impl WebGpuKernel for Flatten {
        fn record(&self, _: &Packed, recorder: &mut Recorder<'_>) -> Result<()> {
            let step = recorder.step;
            let uniforms = FlattenUniforms {
                input: recorder.position(step.input),
                output: recorder.position(step.output),
                vectors: vectors(step.output.shape.channels),
                height: step.input.shape.height as u32,
                width: step.input.shape.width as u32,
            };
            let shader = Shader::new(recorder.precision(), &uniforms)
                .reads("input", Element::Vector, recorder.buffer(step.input))
                .writes("output", Element::Vector, recorder.buffer(step.output))
                .declares(ELEMENT)
                .main(WORKGROUP, BODY);
            recorder.dispatch(shader, [uniforms.vectors, 1, 1]);
            Ok(())
        }
    }
}
