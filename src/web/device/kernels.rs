//! Engines of this project's kernels.

use std::cell::OnceCell;
use std::rc::Rc;

use super::{DeviceInfo, Setup, Wanted, trusted};
use crate::engine::kernels::cpu::{fuses, gains};
use crate::engine::kernels::webgpu::Gpu;
use crate::engine::{Arithmetic, CpuOptions, Device};
use crate::error::{Error, Result};
use crate::web::engine::clock;

thread_local! {
    /// By precision: single, half.
    static GPUS: [OnceCell<Rc<Gpu>>; 2] = const { [OnceCell::new(), OnceCell::new()] };
    /// Whether 8 bits are clearly quicker than single precision here: timed once.
    static DOT8: OnceCell<bool> = const { OnceCell::new() };
}

const ENGINE: &str = "convscope";

/// The device of that name, as `EngineOptions` say.
///
/// # Errors
/// As [`super::open`].
#[cfg_attr(feature = "burn", expect(dead_code, reason = "with burn, `Engine.create` makes burn's"))]
pub(in crate::web) async fn open(name: &str, wanted: Wanted) -> Result<(Device, DeviceInfo)> {
    let half_where_it_can = name == "auto";
    super::open(
        name,
        |note| cpu(note, wanted.arithmetic),
        async |info: DeviceInfo| {
            let half = wanted.half && (info.f16 || !half_where_it_can);
            webgpu(info, half).await
        },
    )
    .await
}

fn cpu(note: String, arithmetic: Arithmetic) -> (Device, DeviceInfo) {
    let dot8 = DOT8.with(|dot8| *dot8.get_or_init(|| gains(&clock())));
    let fused = if fuses() { " with fused multiply-add" } else { "" };
    let info = DeviceInfo {
        kind: "cpu".into(),
        engine: ENGINE.into(),
        adapter: format!("WebAssembly SIMD{fused}, 1 thread"),
        software: false,
        f16: false,
        max_binding_bytes: 0.0,
        arithmetic,
        dot8,
        note,
    };
    (Device::CpuWith(CpuOptions { arithmetic, dot8 }), info)
}

async fn webgpu(info: DeviceInfo, half: bool) -> Result<(Device, DeviceInfo)> {
    if half && !info.f16 {
        return Err(Error::NoWebGpu("its adapter has no half precision; create the engine without f16".into()));
    }
    let device = Device::WebGpu(gpu(&info, half).await?);
    trusted(device, DeviceInfo { engine: ENGINE.into(), ..info }).await
}

/// This project's kernels on the one WebGPU device, unchecked.
///
/// # Errors
/// [`Error::NoWebGpu`] where there is no device.
async fn gpu(info: &DeviceInfo, half: bool) -> Result<Rc<Gpu>> {
    let setup = Setup::get(info).await?;
    Ok(GPUS.with(|gpus| {
        let make = || Rc::new(Gpu::new(setup.device, setup.queue, info.software, half));
        gpus[usize::from(half)].get_or_init(make).clone()
    }))
}

/// This project's kernels on the one WebGPU device, in single precision and unchecked: in both builds, for the tests.
///
/// # Errors
/// [`Error::NoWebGpu`] where there is no adapter.
pub async fn unchecked_webgpu() -> Result<Rc<Gpu>> {
    gpu(&super::describe().await?, false).await
}
