//! This project's kernels, which run networks on the CPU and on WebGPU.
//!
//! | file | what |
//! |---|---|
//! | [`plan`] | graph → steps, and where values lie in memory, for both devices |
//! | [`cpu`] | the CPU's kernels, one file each, and what runs them |
//! | `webgpu` | the shaders, one file each, and what runs them |
//! | [`winograd`] | which convolutions take fewer multiplications, and their weights |
//! | `parameters` | the tensors of each layer, for a kernel to pack |
//!
//! A kernel's file has everything about it: how it packs the tensors of its layer, how many bytes they then take, what it
//! prepares for a step, and how it computes the step. `kernel` in `cpu.rs` and in `webgpu.rs` lists the kernels.

pub mod cpu;
mod kinds;
mod parameters;
pub mod plan;
#[cfg(any(target_family = "wasm", feature = "native-gpu"))]
pub mod webgpu;
pub mod winograd;
