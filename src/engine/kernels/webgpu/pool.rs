//! Pooling.

use super::Kernel;
use super::dispatch::Recorder;
use super::pixelwise::{ONE_PIXEL, at, record};
use crate::engine::kernels::parameters::Packed;
use crate::engine::kernels::plan::Window;
use crate::error::Result;

/// The greatest value of each window: `[height, width, channels]` → `[height', width', channels]`.
pub(super) struct MaxPool(pub(super) Window);

impl Kernel for MaxPool {
    fn record(&self, _: &Packed, recorder: &mut Recorder<'_>) -> Result<()> {
        let code = fold("vec4f(-3.4e38)", "result = max(result, value);");
        record(recorder, self.0, None, "", &code, "result");
        Ok(())
    }
}

/// The mean of each window: `[height, width, channels]` → `[height', width', channels]`.
pub(super) struct AvgPool(pub(super) Window);

impl Kernel for AvgPool {
    fn record(&self, _: &Packed, recorder: &mut Recorder<'_>) -> Result<()> {
        let code = fold("vec4f(0)", "result += value;");
        record(recorder, self.0, None, "", &code, "result / f32((bottom - top) * (right - left))");
        Ok(())
    }
}

/// Code that folds the values of a window that are inside the input, from `start` on, into `result`.
fn fold(start: &str, fold: &str) -> String {
    let mut code = String::new();
    for (first, last, axis, length) in [("top", "bottom", "y", "input_height"), ("left", "right", "x", "input_width")] {
        code += &format!("let {first} = max({axis} * shape.stride, shape.{first}) - shape.{first};\n");
        code += &format!("let {last} = min({axis} * shape.stride + shape.kernel - shape.{first}, shape.{length});\n");
    }
    code += &format!("var result = {start};\n");
    code += "for (var y = top; y < bottom; y++) { for (var x = left; x < right; x++) {\n";
    code += &format!("let value = vec4f(input[{}]); {fold} }} }}\n", at("input"));
    code
}

/// The mean of each channel: `[height, width, channels]` → `[channels]`.
pub(super) struct GlobalAvgPool;

impl Kernel for GlobalAvgPool {
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
