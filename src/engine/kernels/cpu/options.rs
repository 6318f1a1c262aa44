//! How the CPU computes.

use std::sync::Arc;

use super::Pool;

/// How the CPU computes.
#[derive(Clone, Debug)]
pub struct CpuOptions {
    /// The threads that share the steps.
    pub pool: Arc<Pool>,
}

impl Default for CpuOptions {
    /// One thread.
    fn default() -> Self {
        Self { pool: Arc::new(Pool::single()) }
    }
}
