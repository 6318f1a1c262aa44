//! Kernels of our own: what runs a network when nobody asks for burn's.
//!
//! | file | what |
//! |---|---|
//! | [`plan`] | graph → steps and where values lie: the same for both devices |
//! | [`cpu`] | the CPU's kernels |
//! | `webgpu` | the shaders and what runs them |
//! | [`winograd`] | 3×3 convolutions by fewer multiplications |
//! | `parameters` | each layer's tensors, for packing |

pub mod cpu;
mod parameters;
pub mod plan;
#[cfg(any(target_family = "wasm", feature = "native-gpu"))]
pub mod webgpu;
pub mod winograd;
