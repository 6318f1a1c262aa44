//! Sums and products of two values.

use super::Kernel;
use super::memory::Run;
use super::vector::merge;
use crate::engine::kernels::parameters::Packed;
use crate::engine::kernels::plan::View;
use crate::error::Result;

/// The sum of two values: `[height, width, channels] + [height, width, channels]`.
pub(super) struct Add(pub(super) View);

impl Kernel for Add {
    fn run(&self, _: &Packed, run: Run<'_>) -> Result<()> {
        let other = run.buffers.source(self.0);
        let (input, mut target, _) = run.split();
        target.fill(|y, x, cells| {
            cells.copy_from_slice(input.pixel(y, x));
            merge(cells, other.pixel(y, x), |a, b| a + b);
        });
        Ok(())
    }
}

/// The product of a value's channels and a factor for each: `[height, width, channels] · [channels]`.
pub(super) struct Scale(pub(super) View);

impl Kernel for Scale {
    fn run(&self, _: &Packed, run: Run<'_>) -> Result<()> {
        let factors = run.buffers.source(self.0);
        let (input, mut target, _) = run.split();
        target.fill(|y, x, cells| {
            cells.copy_from_slice(input.pixel(y, x));
            merge(cells, factors.pixel(0, 0), |value, factor| value * factor);
        });
        Ok(())
    }
}
