//! Linear layers in 8 bits, at batch 1: a product with one row.

use super::eight_bits;
use super::gemm::{Panels, Product, Rows, multiply_channels};
use super::quantise::Layout;
use crate::engine::LinearFormat;
use crate::engine::kernels::cpu::CpuKernel;
use crate::engine::kernels::cpu::conv::bias_bytes;
use crate::engine::kernels::cpu::epilogue::Epilogue;
use crate::engine::kernels::cpu::linear::Linear as Single;
use crate::engine::kernels::cpu::memory::{Run, first};
use crate::engine::kernels::cpu::pool::range;
use crate::engine::kernels::parameters::{Packed, Tensors};
use crate::engine::kernels::plan::{LANES, Plan, Step};
use crate::error::Result;
use crate::weights::Tensor;

/// A linear layer for one step: `[outputs, inputs] × [inputs]` → `[outputs]`. Weights that do not come in 8 bits with one scale
/// an output are multiplied in single precision.
pub(in crate::engine::kernels::cpu) struct Linear {
    layout: Layout,
    inputs: usize,
    outputs: usize,
    single: Single,
    product: Product,
}

/// The weights of a linear layer in 8 bits.
struct Weights {
    panels: Panels,
    /// One element an output, padded to whole vectors.
    bias: Vec<f32>,
    inputs: usize,
}

impl Linear {
    pub(in crate::engine::kernels::cpu) fn new(step: &Step, plan: &Plan, product: Product) -> Self {
        let (inputs, outputs) = (step.input.shape.channels, step.output.shape.channels);
        Self { layout: Layout::new(step.input, plan), inputs, outputs, single: Single::new(step), product }
    }
}

impl CpuKernel for Linear {
    fn weight_bytes(&self, format: LinearFormat) -> u64 {
        if format != LinearFormat::Int8 {
            return self.single.weight_bytes(format);
        }
        Panels::bytes(self.outputs, self.inputs.div_ceil(LANES)) + bias_bytes(self.outputs)
    }

    fn pack(&self, tensors: Tensors<'_>) -> Packed {
        let Tensor::Int8 { .. } = *tensors.weight else { return self.single.pack(tensors) };
        let (values, scales) = eight_bits(&tensors.weight, self.outputs);
        let panels = Panels::new(&scales, self.inputs.div_ceil(LANES), |output, word| {
            let row = &values[output * self.inputs..][..self.inputs];
            std::array::from_fn(|next| row.get(LANES * word + next).copied().unwrap_or(0))
        });
        Packed::new(Weights { panels, bias: tensors.padded_bias(self.outputs), inputs: self.inputs })
    }

    fn scratch(&self) -> [usize; 3] {
        [self.layout.words(), 0, 0]
    }

    fn run(&self, weights: &Packed, run: Run<'_>) -> Result<()> {
        let Ok(Weights { panels, bias, .. }) = weights.get() else { return self.single.run(weights, run) };
        let (layout, source) = (self.layout, run.input());
        let Run { step, output, scratch, pool, .. } = run;
        let words: &mut [i32] = bytemuck::cast_slice_mut(&mut first(scratch)?[0][..layout.words()]);
        let steps = layout.quantise_all(source, pool, words)?;
        let rows = Rows { words, bases: &[0], stretches: &[0], length: layout.words(), steps, product: self.product };
        let elements = &mut output[step.output.first_channel..][..panels.channels()];
        let parts = pool.parts(self.inputs * self.outputs, panels.count(), 1);
        let mut rest = elements;
        let items = (0..parts).map(|part| panels.share(range(panels.count(), parts, part))).map(|channels| {
            let (own, behind) = std::mem::take(&mut rest).split_at_mut(channels.len());
            rest = behind;
            (channels, own)
        });
        pool.share(items, |_, (channels, elements)| {
            let mut epilogue = Epilogue::new(elements, channels.start, &[0], bias, step.activation);
            multiply_channels(rows, panels, channels, &mut epilogue);
        })
    }
}

/// The weights of one output, in single precision; none where the layer is not in 8 bits.
pub(in crate::engine::kernels::cpu) fn weights_of(packed: &Packed, output: usize) -> Option<Vec<f32>> {
    let Weights { panels, inputs, .. } = packed.get().ok()?;
    Some(panels.weights(output).take(*inputs).collect())
}
