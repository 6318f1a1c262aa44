//! Pooling.

use wide::f32x4;

use crate::engine::kernels::cpu::CpuKernel;
use crate::engine::kernels::cpu::memory::Run;
use crate::engine::kernels::cpu::vector::{Cell, merge};
use crate::engine::kernels::parameters::Packed;
use crate::engine::kernels::plan::{LANES, Window};
use crate::error::Result;

/// The greatest value of each window: `[height, width, channels]` → `[height', width', channels]`.
pub(super) struct MaxPool(pub(super) Window);

impl CpuKernel for MaxPool {
    fn run(&self, _: &Packed, run: Run<'_>) -> Result<()> {
        pool(run, self.0, f32::NEG_INFINITY, f32x4::fast_max, |_, _| {})
    }
}

/// The mean of each window: `[height, width, channels]` → `[height', width', channels]`.
pub(super) struct AvgPool(pub(super) Window);

impl CpuKernel for AvgPool {
    fn run(&self, _: &Packed, run: Run<'_>) -> Result<()> {
        average(run, self.0)
    }
}

/// The mean of each channel: `[height, width, channels]` → `[channels]`.
pub(super) struct GlobalAvgPool;

impl CpuKernel for GlobalAvgPool {
    fn run(&self, _: &Packed, run: Run<'_>) -> Result<()> {
        let shape = run.step.input.shape;
        average(run, Window { kernel: shape.height.max(shape.width), stride: 1, top: 0, left: 0 })
    }
}

/// The mean of each window: `[height, width, channels]` → `[height', width', channels]`.
#[inline(never)]
fn average(run: Run<'_>, window: Window) -> Result<()> {
    pool(run, window, 0.0, |a, b| a + b, divide)
}

/// Folds the values of each window that are inside the input, from `start` on: `[height, width, channels]` →
/// `[height', width', channels]`. `finish` gets the result of a window and how many values there were.
fn pool(
    run: Run<'_>,
    window: Window,
    start: f32,
    fold: impl Fn(f32x4, f32x4) -> f32x4 + Copy + Sync,
    finish: impl Fn(&mut [Cell], usize) + Sync,
) -> Result<()> {
    let shape = run.step.input.shape;
    let (input, target, _) = run.split();
    target.fill(window.kernel * window.kernel, |y, x, cells| {
        let rows = inside(y, &window, window.top, shape.height);
        let columns = inside(x, &window, window.left, shape.width);
        cells.fill([start; LANES]);
        for y in rows.clone() {
            for x in columns.clone() {
                merge(cells, input.pixel(y, x), fold);
            }
        }
        finish(cells, rows.len() * columns.len());
    })
}

/// The pixels of window `index` that are inside an axis of `length` pixels with `before` pixels of padding in front.
fn inside(index: usize, window: &Window, before: usize, length: usize) -> std::ops::Range<usize> {
    let first = index * window.stride;
    first.saturating_sub(before)..(first + window.kernel).saturating_sub(before).min(length)
}

/// Divides by `count`: `[cells, 4]` → `[cells, 4]`.
fn divide(cells: &mut [Cell], count: usize) {
    for element in cells.as_flattened_mut() {
        *element /= count as f32;
    }
}

/// The shaders.
#[cfg(any(target_family = "wasm", feature = "native-gpu"))]
mod webgpu {
    use super::{AvgPool, GlobalAvgPool, MaxPool};
    use crate::engine::kernels::parameters::Packed;
    use crate::engine::kernels::plan::Window;
    use crate::engine::kernels::webgpu::WebGpuKernel;
    use crate::engine::kernels::webgpu::dispatch::Recorder;
    use crate::engine::kernels::webgpu::pixelwise::{ONE_PIXEL, at, record};
    use crate::error::Result;

    impl WebGpuKernel for MaxPool {
        fn record(&self, _: &Packed, recorder: &mut Recorder<'_>) -> Result<()> {
            let code = fold(recorder, self.0, "vec4f(-3.4e38)", "result = max(result, value);");
            record(recorder, self.0, None, "", &code, "result");
            Ok(())
        }
    }

    impl WebGpuKernel for AvgPool {
        fn record(&self, _: &Packed, recorder: &mut Recorder<'_>) -> Result<()> {
            let code = fold(recorder, self.0, "vec4f(0)", "result += value;");
            record(recorder, self.0, None, "", &code, "result / f32((bottom - top) * (right - left))");
            Ok(())
        }
    }

    /// The largest windows that are read pixel by pixel, which makes the shader long.
    const UNROLLED: usize = 3;

    /// Code that folds the values of a window that are inside the input, from `start` on, into `result`:
    /// `[rows, columns, 4]` → `[4]`.
    ///
    /// A software adapter takes longer to enter a loop than to read the pixels of a small window, so that it reads them one by
    /// one, those outside as `start`.
    fn fold(recorder: &Recorder<'_>, window: Window, start: &str, fold: &str) -> String {
        let mut code = String::new();
        for (first, last, axis, length) in
            [("top", "bottom", "y", "input_height"), ("left", "right", "x", "input_width")]
        {
            code += &format!("let {first} = max({axis} * shape.stride, shape.{first}) - shape.{first};\n");
            code +=
                &format!("let {last} = min({axis} * shape.stride + shape.kernel - shape.{first}, shape.{length});\n");
        }
        code += &format!("var result = {start};\n");
        if recorder.gpu.software && window.kernel <= UNROLLED {
            for place in 0..window.kernel * window.kernel {
                let (down, across) = (place / window.kernel, place % window.kernel);
                code += &format!(
                    "{{ let y = top + {down}u; let x = left + {across}u; let inside = y < bottom && x < right;\n\
                     let value = select({start}, vec4f(input[{}]), inside); {fold} }}\n",
                    at("input")
                );
            }
            return code;
        }
        code += "for (var y = top; y < bottom; y++) { for (var x = left; x < right; x++) {\n";
        code += &format!("let value = vec4f(input[{}]); {fold} }} }}\n", at("input"));
        code
    }

    impl WebGpuKernel for GlobalAvgPool {
        fn record(&self, _: &Packed, recorder: &mut Recorder<'_>) -> Result<()> {
            let code = format!(
                "var sum = vec4f(0);\n\
                 for (var y = 0u; y < shape.input_height; y++) {{ for (var x = 0u; x < shape.input_width; x++) {{\n\
                 sum += vec4f(input[{}]); }} }}\n",
                at("input")
            );
            record(recorder, ONE_PIXEL, None, "", &code, "sum / f32(shape.input_height * shape.input_width)");
            Ok(())
        }
    }
}
