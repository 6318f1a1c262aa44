//! A WebGPU device and what was made on it.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ops::Deref;
use std::rc::Rc;

use super::shader::Precision;
#[cfg(not(target_family = "wasm"))]
use crate::error::{Error, Result};

/// A device, and the pipelines that its networks share.
pub struct Gpu {
    pub(in crate::engine::kernels) device: wgpu::Device,
    pub(in crate::engine::kernels) queue: wgpu::Queue,
    pub(in crate::engine::kernels) precision: Precision,
    /// The adapter computes in software.
    pub(in crate::engine::kernels) software: bool,
    /// As [`Gpu::with_quads`] says.
    pub(in crate::engine::kernels) quads: bool,
    /// By the shader's text.
    pipelines: RefCell<HashMap<String, wgpu::ComputePipeline>>,
    /// Bytes of all buffers that exist now.
    allocated: Rc<Cell<u64>>,
}

/// A buffer that is destroyed when it is dropped. A browser would free it when it collects its garbage, which it does when
/// its own memory is short, not the device's.
#[derive(Debug)]
pub(in crate::engine::kernels) struct Buffer {
    buffer: wgpu::Buffer,
    allocated: Rc<Cell<u64>>,
}

impl Deref for Buffer {
    type Target = wgpu::Buffer;

    fn deref(&self) -> &wgpu::Buffer {
        &self.buffer
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        self.allocated.set(self.allocated.get() - self.buffer.size());
        self.buffer.destroy();
    }
}

/// Bytes of a buffer for so many bytes of contents. Rounded up to a whole vector of 16 bytes.
pub(in crate::engine::kernels) fn buffer_bytes(contents: u64) -> u64 {
    contents.next_multiple_of(16)
}

impl std::fmt::Debug for Gpu {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gpu").field("precision", &self.precision).finish_non_exhaustive()
    }
}

impl Gpu {
    /// Takes a device. With `half` it stores and multiplies in half precision, which needs the feature `SHADER_F16`.
    pub fn new(device: wgpu::Device, queue: wgpu::Queue, software: bool, half: bool) -> Self {
        let precision = if half { Precision::Half } else { Precision::Single };
        Self {
            device,
            queue,
            precision,
            software,
            quads: false,
            pipelines: RefCell::default(),
            allocated: Rc::default(),
        }
    }

    /// With shaders for a software adapter whose threads run in subgroups of four neighbours that can hand each other values.
    /// They are chosen in single precision only.
    #[must_use]
    pub fn with_quads(self) -> Self {
        Self { quads: self.software && self.precision == Precision::Single, ..self }
    }

    /// A device on this machine's fastest adapter, without a browser, and the adapter's name.
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

    /// This device with the kernels that are chosen for hardware, so that tests can run those on a software adapter.
    #[must_use]
    pub fn as_hardware(&self) -> Self {
        Self::new(self.device.clone(), self.queue.clone(), false, self.is_half())
    }

    /// Whether the adapter computes in software.
    pub fn is_software(&self) -> bool {
        self.software
    }

    /// Bytes of the greatest buffer that a shader may read.
    pub fn most_bytes(&self) -> u64 {
        let limits = self.device.limits();
        limits.max_buffer_size.min(limits.max_storage_buffer_binding_size)
    }

    /// Whether the device stores and multiplies in half precision.
    pub fn is_half(&self) -> bool {
        self.precision == Precision::Half
    }

    /// Whether the pipeline of a shader is compiled.
    pub(in crate::engine::kernels) fn has_pipeline(&self, text: &str) -> bool {
        self.pipelines.borrow().contains_key(text)
    }

    /// Bytes of all buffers of this device's networks that exist now.
    pub fn allocated_bytes(&self) -> u64 {
        self.allocated.get()
    }

    /// The pipeline of a shader, which is compiled the first time.
    pub(in crate::engine::kernels) fn pipeline(&self, text: &str) -> wgpu::ComputePipeline {
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
    pub(in crate::engine::kernels) fn activations(&self, elements: usize) -> Buffer {
        let usage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::COPY_SRC;
        self.made((elements * self.precision.size()) as u64, usage)
    }

    /// A buffer that only shaders access.
    #[cfg(not(target_family = "wasm"))]
    pub(in crate::engine::kernels) fn storage(&self, bytes: u64) -> Buffer {
        self.made(bytes, wgpu::BufferUsages::STORAGE)
    }

    /// A buffer that results are read from.
    pub(in crate::engine::kernels) fn staging(&self, size: u64) -> Buffer {
        self.made(size, wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST)
    }

    fn made(&self, size: u64, usage: wgpu::BufferUsages) -> Buffer {
        let size = buffer_bytes(size);
        let buffer =
            self.device.create_buffer(&wgpu::BufferDescriptor { label: None, size, usage, mapped_at_creation: false });
        self.allocated.set(self.allocated.get() + size);
        Buffer { buffer, allocated: self.allocated.clone() }
    }

    /// A buffer of weights, with these bytes, which can be read back.
    pub(in crate::engine::kernels) fn upload(&self, contents: &[u8]) -> Buffer {
        self.filled(contents, wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC)
    }

    /// A buffer of `count` parts of equal size in the device's precision, which are made one at a time: together they would
    /// double what a load takes of the program's own memory.
    pub(in crate::engine::kernels) fn upload_parts(&self, count: usize, part: impl Fn(usize) -> Vec<f32>) -> Buffer {
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

    /// A buffer of uniforms.
    pub(in crate::engine::kernels) fn uniform(&self, contents: &[u8]) -> Buffer {
        self.filled(contents, wgpu::BufferUsages::UNIFORM)
    }

    /// A buffer that the queue writes: a buffer that is mapped for it would have a copy in the program's own memory.
    fn filled(&self, contents: &[u8], usage: wgpu::BufferUsages) -> Buffer {
        let buffer = self.made(contents.len() as u64, usage | wgpu::BufferUsages::COPY_DST);
        self.queue.write_buffer(&buffer, 0, contents);
        buffer
    }
}
