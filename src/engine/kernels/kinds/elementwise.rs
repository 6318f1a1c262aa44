//! Sums and products of two values.

use crate::engine::kernels::cpu::CpuKernel;
use crate::engine::kernels::cpu::memory::Run;
use crate::engine::kernels::cpu::vector::merge;
use crate::engine::kernels::parameters::Packed;
use crate::engine::kernels::plan::View;
use crate::error::Result;

/// The sum of two values: `[height, width, channels] + [height, width, channels]`.
pub(super) struct Add(pub(super) View);

impl CpuKernel for Add {
    fn run(&self, _: &Packed, run: Run<'_>) -> Result<()> {
        let other = run.buffers.source(self.0);
        let (input, target, _) = run.split();
        target.fill(1, |y, x, cells| {
            cells.copy_from_slice(input.pixel(y, x));
            merge(cells, other.pixel(y, x), |a, b| a + b);
        })
    }
}

/// The product of a value's channels and a factor for each: `[height, width, channels] · [channels]`.
pub(super) struct Scale(pub(super) View);

impl CpuKernel for Scale {
    fn run(&self, _: &Packed, run: Run<'_>) -> Result<()> {
        let factors = run.buffers.source(self.0);
        let (input, target, _) = run.split();
        target.fill(1, |y, x, cells| {
            cells.copy_from_slice(input.pixel(y, x));
            merge(cells, factors.pixel(0, 0), |value, factor| value * factor);
        })
    }
}

/// The shaders.
#[cfg(any(target_family = "wasm", feature = "native-gpu"))]
mod webgpu {
    use super::{Add, Scale};
    use crate::engine::kernels::parameters::Packed;
    use crate::engine::kernels::webgpu::WebGpuKernel;
    use crate::engine::kernels::webgpu::dispatch::Recorder;
    use crate::engine::kernels::webgpu::pixelwise::{ONE_PIXEL, at, record};
    use crate::error::Result;

    impl WebGpuKernel for Add {
        fn record(&self, _: &Packed, recorder: &mut Recorder<'_>) -> Result<()> {
            let value = format!("vec4f(input[{}]) + vec4f(second[{}])", at("input"), at("second"));
            record(recorder, ONE_PIXEL, Some(self.0), "", "", &value);
            Ok(())
        }
    }

    impl WebGpuKernel for Scale {
        fn record(&self, _: &Packed, recorder: &mut Recorder<'_>) -> Result<()> {
            let value = format!("vec4f(input[{}]) * vec4f(second[shape.second_start + channel])", at("input"));
            record(recorder, ONE_PIXEL, Some(self.0), "", "", &value);
            Ok(())
        }
    }
}
