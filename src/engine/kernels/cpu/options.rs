//! How the CPU computes.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Pool, Product};

/// The numbers that are multiplied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Arithmetic {
    /// Single precision.
    #[default]
    F32,
    /// 8-bit weights and 7-bit inputs in convolutions and linear layers, where that is quicker and exact enough; single
    /// precision elsewhere.
    Int8,
}

impl Arithmetic {
    /// The name in the JavaScript API.
    pub fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::Int8 => "int8",
        }
    }

    /// The arithmetic of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::F32, Self::Int8].into_iter().find(|arithmetic| arithmetic.name() == name)
    }
}

/// What a network on the CPU is told.
#[derive(Clone, Debug)]
pub struct CpuOptions {
    /// The numbers that are multiplied.
    pub arithmetic: Arithmetic,
    /// Whether the machine multiplies 8-bit numbers clearly more quickly than single precision. Then also those convolutions
    /// are computed in 8 bits for which F(2×2, 3×3) is taken in single precision.
    pub dot8: bool,
    /// How 8-bit numbers are multiplied.
    pub product: Product,
    /// The threads that share the steps.
    pub pool: Arc<Pool>,
}

/// What the kernel of a layer is told.
#[derive(Clone, Copy, Debug)]
pub struct LayerOptions {
    /// The numbers that are multiplied.
    pub arithmetic: Arithmetic,
    /// As in [`CpuOptions`].
    pub dot8: bool,
    /// How 8-bit numbers are multiplied.
    pub product: Product,
}

impl Default for CpuOptions {
    /// Single precision, and one thread.
    fn default() -> Self {
        Self {
            arithmetic: Arithmetic::default(),
            dot8: false,
            product: Product::default(),
            pool: Arc::new(Pool::single()),
        }
    }
}
