//! Sums and products of two values.

use super::Kernel;
use super::dispatch::Recorder;
use super::pixelwise::{ONE_PIXEL, at, record};
use crate::engine::kernels::parameters::Packed;
use crate::engine::kernels::plan::View;
use crate::error::Result;

/// The sum of two values: `[height, width, channels] + [height, width, channels]`.
pub(super) struct Add(pub(super) View);

impl Kernel for Add {
    fn record(&self, _: &Packed, recorder: &mut Recorder<'_>) -> Result<()> {
        let value = format!("vec4f(input[{}]) + vec4f(second[{}])", at("input"), at("second"));
        record(recorder, ONE_PIXEL, Some(self.0), "", "", &value);
        Ok(())
    }
}

/// The product of a value's channels and a factor for each: `[height, width, channels] · [channels]`.
pub(super) struct Scale(pub(super) View);

impl Kernel for Scale {
    fn record(&self, _: &Packed, recorder: &mut Recorder<'_>) -> Result<()> {
        let value = format!("vec4f(input[{}]) * vec4f(second[shape.second_start + channel])", at("input"));
        record(recorder, ONE_PIXEL, Some(self.0), "", "", &value);
        Ok(())
    }
}
