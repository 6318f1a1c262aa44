//! Numbers that are read back from a device together: each reading waits for all work before it.

use std::ops::Range;

use burn::tensor::Tensor;

use crate::error::{Error, Result};

/// Tensors that are to be read.
#[derive(Default)]
pub(super) struct Reading {
    parts: Vec<Tensor<1>>,
    length: usize,
}

impl Reading {
    /// Adds a tensor and tells where its elements will be.
    pub(super) fn add(&mut self, part: Tensor<1>) -> Range<usize> {
        let start = self.length;
        self.length += part.dims()[0];
        self.parts.push(part);
        start..self.length
    }

    /// The elements of all tensors, one after the other.
    ///
    /// # Errors
    /// [`Error::DeviceLost`] where they cannot be read.
    pub(super) async fn read(self) -> Result<Vec<f32>> {
        let data = Tensor::cat(self.parts, 0).into_data_async().await;
        let data = data.map_err(|error| Error::DeviceLost(error.to_string()))?;
        data.try_to_vec().map_err(|error| Error::Internal(error.to_string()))
    }
}
