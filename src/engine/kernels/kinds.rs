//! What a step of a plan can compute, and the kernels that compute it. This is the one place that lists them.
//!
//! A kind of step has a file here with its kernels for both devices. Each kernel says how it packs the tensors of its layer,
//! how many bytes they then take, what it prepares for a step, and how it computes the step. The kernels of convolutions and
//! of linear layers are larger, and have a file for each device in `cpu/` and in `webgpu/`.

use super::cpu::{self, CpuKernel, LayerOptions};
use super::plan::{Plan, Site, Step, View, Window};
#[cfg(any(target_family = "wasm", feature = "native-gpu"))]
use super::webgpu::{self, Gpu, WebGpuKernel};
use crate::error::{Error, Result};
use crate::graph::{InstanceNorm, Lrn, Op};

mod elementwise;
mod flatten;
mod instance_norm;
mod lrn;
mod pool;

use elementwise::{Add, Scale};
use flatten::Flatten;
use instance_norm::Instance;
use lrn::LocalResponse;
use pool::{AvgPool, GlobalAvgPool, MaxPool};

/// What a step computes before its activation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// A dense or grouped convolution.
    Conv {
        /// The windows of the convolution.
        window: Window,
        /// Groups of channels that do not read each other.
        groups: usize,
        /// Added to the sums before the activation.
        residual: Option<View>,
    },
    /// A convolution of each channel with a kernel of its own.
    Depthwise {
        /// The windows of the convolution.
        window: Window,
        /// Added to the sums before the activation.
        residual: Option<View>,
    },
    /// Normalisation by the mean and variance of each channel.
    InstanceNorm(InstanceNorm),
    /// The greatest value of each window, of the pixels inside the input.
    MaxPool(Window),
    /// The mean of each window, of the pixels inside the input.
    AvgPool(Window),
    /// The mean of each channel.
    GlobalAvgPool,
    /// An image as a vector, channel by channel.
    Flatten,
    /// A matrix–vector product.
    Linear,
    /// Local response normalisation.
    Lrn(Lrn),
    /// The sum of the input and this value.
    Add(View),
    /// The product of each channel of the input and this vector's element for it.
    Scale(View),
}

impl Kind {
    /// The kind of the step for a layer that computes `op`; `site` tells where its other values lie.
    ///
    /// # Errors
    /// [`Error::BadGraph`] for a layer that has no kernel.
    pub(super) fn of(op: &Op, site: &Site<'_>) -> Result<Self> {
        Ok(match op {
            Op::Conv(conv) => site.convolution(conv)?,
            Op::BatchNorm(_) => return Err(site.refused("batch normalisation that is not folded has no kernel")),
            Op::Dropout(_) => return Err(site.refused("dropout that is not folded away has no kernel")),
            Op::InstanceNorm(norm) => Self::InstanceNorm(*norm),
            Op::MaxPool(pool) => Self::MaxPool(Window::of(pool)),
            Op::AvgPool(pool) => Self::AvgPool(Window::of(pool)),
            Op::GlobalAvgPool => Self::GlobalAvgPool,
            Op::Linear(_) => Self::Linear,
            Op::Lrn(lrn) => Self::Lrn(*lrn),
            Op::Add => Self::Add(site.second_operand()?),
            Op::Scale => Self::Scale(site.second_operand()?),
            Op::Concat => return Err(Error::Internal("a concatenation has no step".into())),
        })
    }

    /// The second value that the step reads, if any: a residual, an operand, or factors.
    pub(super) fn second_input(&self) -> Option<View> {
        match *self {
            Self::Conv { residual, .. } | Self::Depthwise { residual, .. } => residual,
            Self::Add(other) | Self::Scale(other) => Some(other),
            Self::InstanceNorm(_)
            | Self::MaxPool(_)
            | Self::AvgPool(_)
            | Self::GlobalAvgPool
            | Self::Flatten
            | Self::Linear
            | Self::Lrn(_) => None,
        }
    }
}

/// The CPU's kernel of a step.
pub(super) fn cpu_kernel(step: &Step, plan: &Plan, options: LayerOptions) -> Box<dyn CpuKernel> {
    match step.kind {
        Kind::Conv { window, groups, .. } => cpu::conv::kernel(step, plan, window, groups, options),
        Kind::Depthwise { window, .. } => Box::new(cpu::depthwise::Depthwise::new(step, plan, window)),
        Kind::InstanceNorm(norm) => Box::new(Instance::new(norm, step)),
        Kind::MaxPool(window) => Box::new(MaxPool(window)),
        Kind::AvgPool(window) => Box::new(AvgPool(window)),
        Kind::GlobalAvgPool => Box::new(GlobalAvgPool),
        Kind::Flatten => Box::new(Flatten),
        Kind::Linear => cpu::linear::kernel(step, plan, options),
        Kind::Lrn(lrn) => Box::new(LocalResponse::new(lrn, step.input.shape)),
        Kind::Add(other) => Box::new(Add(other)),
        Kind::Scale(factors) => Box::new(Scale(factors)),
    }
}

/// WebGPU's kernel of a step.
#[cfg(any(target_family = "wasm", feature = "native-gpu"))]
pub(super) fn webgpu_kernel(step: &Step, gpu: &Gpu) -> Box<dyn WebGpuKernel> {
    match step.kind {
        Kind::Conv { window, groups, .. } => webgpu::conv::kernel(step, gpu, window, groups),
        Kind::Depthwise { window, .. } => Box::new(webgpu::depthwise::Depthwise::new(step, gpu, window)),
        Kind::InstanceNorm(norm) => Box::new(Instance::new(norm, step)),
        Kind::MaxPool(window) => Box::new(MaxPool(window)),
        Kind::AvgPool(window) => Box::new(AvgPool(window)),
        Kind::GlobalAvgPool => Box::new(GlobalAvgPool),
        Kind::Flatten => Box::new(Flatten),
        Kind::Linear => Box::new(webgpu::linear::Linear::new(step, gpu)),
        Kind::Lrn(lrn) => Box::new(LocalResponse::new(lrn, step.input.shape)),
        Kind::Add(other) => Box::new(Add(other)),
        Kind::Scale(factors) => Box::new(Scale(factors)),
    }
}
