//! This project's kernels, which run networks on the CPU and on WebGPU.
//!
//! | file | what |
//! |---|---|
//! | [`plan`] | graph → steps, and where values lie in memory, for both devices |
//! | `kinds` | what a step can compute, and the kernels of each kind for both devices |
//! | [`cpu`] | the CPU: what runs its kernels, and the larger ones |
//! | `webgpu` | WebGPU: what runs its kernels, and the larger ones |
//! | [`winograd`] | which convolutions take fewer multiplications, and their weights |
//! | `kept` | what is prepared for the outputs that are asked for, and for how long |
//! | `parameters` | the tensors of each layer, for a kernel to pack |
//!
//! A kernel's file has everything about it: how it packs the tensors of its layer, how many bytes they then take, what it
//! prepares for a step, and how it computes the step. `cpu_kernel` and `webgpu_kernel` in `kinds.rs` list the kernels.

// A match that names every variant does not compile before it knows a new one.
#![deny(clippy::wildcard_enum_match_arm)]

pub mod cpu;
mod kept;
mod kinds;
mod parameters;
pub mod plan;
#[cfg(any(target_family = "wasm", feature = "native-gpu"))]
pub mod webgpu;
pub mod winograd;
