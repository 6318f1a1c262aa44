//! A WebGPU device and what was made on it.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;

use super::shader::Precision;
#[cfg(not(target_family = "wasm"))]
use crate::error::{Error, Result};

/// A device, and the pipelines that its networks share.
pub struct Gpu {
    pub(super) device: wgpu::Device,
    pub(super) queue: wgpu::Queue,
    pub(super) precision: Precision,
    /// The adapter computes in software.
    pub(super) software: bool,
    /// By the shader's text.
    pipelines: RefCell<HashMap<String, wgpu::ComputePipeline>>,
}

impl std::fmt::Debug for Gpu {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gpu").field("precision", &self.precision).finish_non_exhaustive()
    }
}

impl Gpu {
    /// On a device that exists; `half`: store and multiply in half precision, which needs the feature `SHADER_F16`.
    pub fn new(device: wgpu::Device, queue: wgpu::Queue, software: bool, half: bool) -> Self {
        let precision = if half { Precision::Half } else { Precision::Single };
        Self { device, queue, precision, software, pipelines: RefCell::default() }
    }

    /// This machine's quickest adapter, without a browser; its name comes with it.
    ///
    /// # Errors
    /// [`Error::NoWebGpu`] where there is none, or none with half precision when that is asked for.
    #[cfg(not(target_family = "wasm"))]
    pub async fn native(half: bool) -> Result<(Self, String)> {
        let refused = |error: String| Error::NoWebGpu(error);
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
        let power_preference = wgpu::PowerPreference::HighPerformance;
        let options = wgpu::RequestAdapterOptions { power_preference, ..Default::default() };
        let adapter = instance.request_adapter(&options).await.map_err(|error| refused(error.to_string()))?;
        let info = adapter.get_info();
        let feature = wgpu::Features::SHADER_F16;
        if half && !adapter.features().contains(feature) {
            return Err(refused(format!("{} has no half precision", info.name)));
        }
        let descriptor = wgpu::DeviceDescriptor {
            required_features: if half { feature } else { wgpu::Features::empty() },
            required_limits: adapter.limits(),
            ..Default::default()
        };
        let made = adapter.request_device(&descriptor).await;
        let (device, queue) = made.map_err(|error| refused(error.to_string()))?;
        let software = info.device_type == wgpu::DeviceType::Cpu;
        let name = format!("{} ({:?}, {} {})", info.name, info.backend, info.driver, info.driver_info);
        Ok((Self::new(device, queue, software, half), name))
    }

    /// The same device with kernels as hardware wants them: this is how a software adapter tests those.
    #[must_use]
    pub fn as_hardware(&self) -> Self {
        Self::new(self.device.clone(), self.queue.clone(), false, self.is_half())
    }

    /// Whether it stores and multiplies in half precision.
    pub fn is_half(&self) -> bool {
        self.precision == Precision::Half
    }

    /// Whether a shader's pipeline is there.
    pub(super) fn has_pipeline(&self, text: &str) -> bool {
        self.pipelines.borrow().contains_key(text)
    }

    /// The device itself.
    pub fn device(&self) -> &wgpu::Device {
        &self.device
    }

    /// The pipeline of a shader.
    pub(super) fn pipeline(&self, text: &str) -> wgpu::ComputePipeline {
        if let Some(pipeline) = self.pipelines.borrow().get(text) {
            return pipeline.clone();
        }
        let source = wgpu::ShaderSource::Wgsl(Cow::Borrowed(text));
        let module = self.device.create_shader_module(wgpu::ShaderModuleDescriptor { label: None, source });
        let pipeline = self.device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: None,
            layout: None,
            module: &module,
            entry_point: Some("main"),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            cache: None,
        });
        self.pipelines.borrow_mut().insert(text.to_owned(), pipeline.clone());
        pipeline
    }

    /// A buffer for activations, full of zeros.
    pub(super) fn buffer(&self, elements: usize) -> wgpu::Buffer {
        let usage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::COPY_SRC;
        self.made((elements * self.precision.size()) as u64, usage)
    }

    /// A buffer that results are read from.
    pub(super) fn staging(&self, size: u64) -> wgpu::Buffer {
        self.made(size, wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST)
    }

    fn made(&self, size: u64, usage: wgpu::BufferUsages) -> wgpu::Buffer {
        // Half a vector is no size for a buffer.
        let size = size.next_multiple_of(16);
        self.device.create_buffer(&wgpu::BufferDescriptor { label: None, size, usage, mapped_at_creation: false })
    }

    /// A buffer of weights.
    pub(super) fn upload(&self, contents: &[u8]) -> wgpu::Buffer {
        self.filled(contents, wgpu::BufferUsages::STORAGE)
    }

    /// A buffer of as many parts of equal size, which are made one at a time: together they would double what a load
    /// takes of the program's own memory.
    pub(super) fn upload_parts(&self, count: usize, part: impl Fn(usize) -> Vec<f32>) -> wgpu::Buffer {
        let first = part(0);
        let size = (first.len() * self.precision.size()) as u64;
        let usage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST;
        let buffer = self.made(size * count as u64, usage);
        self.queue.write_buffer(&buffer, 0, &self.precision.bytes(&first));
        drop(first);
        for i in 1..count {
            self.queue.write_buffer(&buffer, size * i as u64, &self.precision.bytes(&part(i)));
        }
        buffer
    }

    /// A buffer of shapes.
    pub(super) fn uniform(&self, contents: &[u8]) -> wgpu::Buffer {
        self.filled(contents, wgpu::BufferUsages::UNIFORM)
    }

    /// Written by the queue: a buffer that is mapped for it would have a copy in the program's own memory.
    fn filled(&self, contents: &[u8], usage: wgpu::BufferUsages) -> wgpu::Buffer {
        let buffer = self.made(contents.len() as u64, usage | wgpu::BufferUsages::COPY_DST);
        self.queue.write_buffer(&buffer, 0, contents);
        buffer
    }
}
