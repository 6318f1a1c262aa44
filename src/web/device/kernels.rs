//! Engines of this project's kernels.

use std::cell::OnceCell;
use std::rc::Rc;

use super::{DeviceInfo, Setup};
#[cfg(not(feature = "burn"))]
use super::{Wanted, trusted};
use crate::engine::kernels::webgpu::Gpu;
#[cfg(not(feature = "burn"))]
use crate::engine::{
    CpuOptions, Device,
    kernels::cpu::{Gain, fuses, gain},
};
#[cfg(not(feature = "burn"))]
use crate::error::Error;
use crate::error::Result;
#[cfg(not(feature = "burn"))]
use crate::web::{
    engine::clock,
    threads::{Threads, threads},
};

thread_local! {
    /// By precision: single, half.
    static GPUS: [OnceCell<Rc<Gpu>>; 2] = const { [OnceCell::new(), OnceCell::new()] };
}

#[cfg(not(feature = "burn"))]
thread_local! {
    /// What 8 bits gain here: timed once.
    static GAIN: OnceCell<Gain> = const { OnceCell::new() };
}

#[cfg(not(feature = "burn"))]
const ENGINE: &str = "convscope";

/// The device of that name, as `EngineOptions` say.
///
/// # Errors
/// As [`super::open`].
#[cfg(not(feature = "burn"))]
pub(in crate::web) async fn open(name: &str, wanted: Wanted) -> Result<(Device, DeviceInfo)> {
    let half_where_it_can = name == "auto";
    super::open(
        name,
        async |note| cpu(note, wanted).await,
        async |info: DeviceInfo| {
            let half = wanted.half && (info.f16 || !half_where_it_can);
            webgpu(info, half).await
        },
    )
    .await
}

#[cfg(not(feature = "burn"))]
async fn cpu(note: String, wanted: Wanted) -> (Device, DeviceInfo) {
    let arithmetic = wanted.arithmetic;
    let Gain { gains: dot8, product } = GAIN.with(|found| *found.get_or_init(|| gain(&clock())));
    let fused = if fuses() { " with fused multiply-add" } else { "" };
    let Threads { pool, note: trouble } = threads(wanted.threads).await;
    let count = pool.threads();
    let plural = if count == 1 { "" } else { "s" };
    let info = DeviceInfo {
        kind: "cpu".into(),
        engine: ENGINE.into(),
        adapter: format!("WebAssembly SIMD{fused}, {count} thread{plural}"),
        software: false,
        quads: false,
        f16: false,
        max_binding_bytes: 0.0,
        threads: count,
        arithmetic,
        dot8,
        note: [note, trouble].join(" ").trim().to_owned(),
    };
    let options = CpuOptions { arithmetic, dot8, product, pool };
    (Device::CpuWith(options), info)
}

#[cfg(not(feature = "burn"))]
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
        let make = || {
            let gpu = Gpu::new(setup.device, setup.queue, info.software, half);
            Rc::new(if info.quads { gpu.with_quads() } else { gpu })
        };
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
