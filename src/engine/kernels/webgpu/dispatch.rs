//! Steps → dispatches: a kernel records the shaders of its step, which are compiled together before they are bound.

use super::device::{Buffer, Gpu};
use super::shader::{Precision, Shader};
use super::uniforms::Position;
use crate::engine::kernels::plan::{Geometry, LANES, Plan, Step, View};

/// A dispatch whose shader may not be compiled yet.
pub(in crate::engine::kernels) struct Draft {
    layer: usize,
    text: String,
    uniforms: Buffer,
    buffers: Vec<wgpu::Buffer>,
    workgroups: [u32; 3],
}

impl Draft {
    /// A shader for so many threads on each axis. Rounded up to whole workgroups.
    pub(in crate::engine::kernels) fn new(gpu: &Gpu, layer: usize, shader: Shader, threads: [u32; 3]) -> Self {
        let (text, uniforms, buffers, workgroup) = shader.into_parts();
        let workgroups = std::array::from_fn(|axis| threads[axis].div_ceil(workgroup[axis]));
        Self { layer, text, uniforms: gpu.uniform(&uniforms), buffers, workgroups }
    }

    /// The shader's text.
    pub(in crate::engine::kernels) fn text(&self) -> &str {
        &self.text
    }

    /// Compiles the shader, where the device has no pipeline for its text, and binds the buffers.
    pub(in crate::engine::kernels) fn finish(self, gpu: &Gpu) -> Dispatch {
        let Self { layer, text, uniforms, buffers, workgroups } = self;
        let pipeline = gpu.pipeline(&text);
        let bound = std::iter::once(&*uniforms).chain(&buffers);
        let entries = bound.enumerate().map(|(binding, buffer)| wgpu::BindGroupEntry {
            binding: binding as u32,
            resource: buffer.as_entire_binding(),
        });
        let bind_group = gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: None,
            layout: &pipeline.get_bind_group_layout(0),
            entries: &entries.collect::<Vec<_>>(),
        });
        Dispatch { layer, pipeline, bind_group, workgroups, _uniforms: uniforms }
    }
}

/// A shader with everything bound to it.
#[derive(Debug)]
pub(in crate::engine::kernels) struct Dispatch {
    /// The graph's layer.
    pub(in crate::engine::kernels) layer: usize,
    pipeline: wgpu::ComputePipeline,
    bind_group: wgpu::BindGroup,
    workgroups: [u32; 3],
    /// Destroyed when it is dropped.
    _uniforms: Buffer,
}

/// Records dispatches in order.
pub(in crate::engine::kernels) fn encode<'a>(
    encoder: &mut wgpu::CommandEncoder,
    dispatches: impl Iterator<Item = &'a Dispatch>,
) {
    let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
    for dispatch in dispatches {
        pass.set_pipeline(&dispatch.pipeline);
        pass.set_bind_group(0, &dispatch.bind_group, &[]);
        let [x, y, z] = dispatch.workgroups;
        pass.dispatch_workgroups(x, y, z);
    }
}

/// What a kernel records the dispatches of its step with.
pub(in crate::engine::kernels) struct Recorder<'a> {
    /// The device.
    pub(in crate::engine::kernels) gpu: &'a Gpu,
    /// The step.
    pub(in crate::engine::kernels) step: &'a Step,
    plan: &'a Plan,
    /// The plan's buffers.
    buffers: &'a [Buffer],
    /// Scratch memory, as large as the kernel asked for.
    pub(in crate::engine::kernels) scratch: &'a [Buffer; 3],
    drafts: &'a mut Vec<Draft>,
}

impl<'a> Recorder<'a> {
    pub(in crate::engine::kernels) fn new(
        gpu: &'a Gpu,
        step: &'a Step,
        plan: &'a Plan,
        buffers: &'a [Buffer],
        scratch: &'a [Buffer; 3],
        drafts: &'a mut Vec<Draft>,
    ) -> Self {
        Self { gpu, step, plan, buffers, scratch, drafts }
    }

    /// How the device stores and multiplies.
    pub(in crate::engine::kernels) fn precision(&self) -> Precision {
        self.gpu.precision
    }

    /// The buffer of a value.
    pub(in crate::engine::kernels) fn buffer(&self, view: View) -> &'a wgpu::Buffer {
        &self.buffers[view.buffer]
    }

    /// The geometry of a value's buffer.
    pub(in crate::engine::kernels) fn geometry(&self, view: View) -> &'a Geometry {
        self.plan.geometry(view)
    }

    /// Where a value lies, from its pixel in row `y` and column `x` on; both may reach into the halo.
    pub(in crate::engine::kernels) fn position_at(&self, view: View, y: isize, x: isize) -> Position {
        let geometry = self.plan.geometry(view);
        let vectors = |elements: usize| (elements / LANES) as u32;
        let start = geometry.at(y, x) + view.first_channel;
        Position { start: vectors(start), row: vectors(geometry.row()), pixel: vectors(geometry.pixel) }
    }

    /// Where a value lies.
    pub(in crate::engine::kernels) fn position(&self, view: View) -> Position {
        self.position_at(view, 0, 0)
    }

    /// Where the step's residual lies and its buffer. Without a residual the shader does not read it, and any buffer that it
    /// reads may be bound in its place.
    pub(in crate::engine::kernels) fn residual(&self) -> (Position, &'a wgpu::Buffer) {
        match self.step.second_input() {
            Some(view) => (self.position(view), self.buffer(view)),
            None => (Position::default(), self.buffer(self.step.input)),
        }
    }

    /// Adds a dispatch with so many threads on each axis. Rounded up to whole workgroups.
    pub(in crate::engine::kernels) fn dispatch(&mut self, shader: Shader, threads: [u32; 3]) {
        self.drafts.push(Draft::new(self.gpu, self.step.layer, shader, threads));
    }
}

/// The vectors of so many channels.
pub(in crate::engine::kernels) fn vectors(channels: usize) -> u32 {
    channels.div_ceil(LANES) as u32
}
