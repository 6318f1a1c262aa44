//! Engines of burn's own operations: `Device::flex()` on the CPU, and WebGPU.

use std::cell::OnceCell;
use std::sync::Once;

use burn::tensor::wgpu::{WgpuSetup, wgpu};

use super::{DeviceInfo, Setup, Wanted, trusted};
use crate::engine::{Arithmetic, Device};
use crate::error::{Error, Result};

thread_local! {
    static WEBGPU: OnceCell<burn::tensor::Device> = const { OnceCell::new() };
}

const ENGINE: &str = "burn";

unsafe extern "C" {
    /// Made by the linker: runs the constructors of statics, which crates below burn have.
    safe fn __wasm_call_ctors();
}

/// Where nobody calls them, the linker lets every exported function call them first: half a millisecond each time.
pub(in crate::web) fn construct_statics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| __wasm_call_ctors());
}

/// The device of that name. burn computes in single precision and with one thread here; `auto` takes no notice of what is said of half precision.
///
/// # Errors
/// As [`super::open`], [`Error::NoWebGpu`] where half precision is asked for by name, and [`Error::UnknownArithmetic`] where
/// the CPU is asked for another arithmetic.
pub(in crate::web) async fn open(name: &str, wanted: Wanted) -> Result<(Device, DeviceInfo)> {
    // A test's module has a start of its own.
    construct_statics();
    if wanted.half && name == "webgpu" {
        return Err(Error::NoWebGpu("burn computes in single precision; create the engine without f16".into()));
    }
    let (device, info) = super::open(name, async |note| cpu(note), webgpu).await?;
    if info.kind == "cpu" && wanted.arithmetic != Arithmetic::F32 {
        return Err(Error::UnknownArithmetic(wanted.arithmetic.name().into()));
    }
    Ok((device, info))
}

fn cpu(note: String) -> (Device, DeviceInfo) {
    let info = DeviceInfo {
        kind: "cpu".into(),
        engine: ENGINE.into(),
        adapter: "burn-flex, WebAssembly SIMD, 1 thread".into(),
        software: false,
        quads: false,
        f16: false,
        max_binding_bytes: 0.0,
        threads: 1,
        arithmetic: Arithmetic::F32,
        dot8: false,
        note,
    };
    (Device::Burn(burn::tensor::Device::flex()), info)
}

async fn webgpu(info: DeviceInfo) -> Result<(Device, DeviceInfo)> {
    let setup = Setup::get(&info).await?;
    let device = match WEBGPU.with(|device| device.get().cloned()) {
        Some(device) => device,
        None => {
            let Setup { instance, adapter, device, queue } = setup;
            let setup = WgpuSetup { instance, adapter, device, queue, backend: wgpu::Backend::BrowserWebGpu };
            let started = burn::tensor::Device::wgpu_options().setup(setup).init();
            let started = started.map_err(|error| Error::NoWebGpu(error.to_string()))?;
            WEBGPU.with(|device| device.get_or_init(|| started).clone())
        }
    };
    trusted(Device::Burn(device), DeviceInfo { engine: ENGINE.into(), f16: false, ..info }).await
}
