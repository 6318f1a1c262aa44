//! An image as a vector.

use super::Kernel;
use super::memory::Run;
use crate::engine::kernels::parameters::Packed;
use crate::error::Result;

/// Copies an image channel by channel, the order in which a linear layer's weights come:
/// `[height, width, channels]` → `[channels · height · width]`.
pub(super) struct Flatten;

impl Kernel for Flatten {
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
