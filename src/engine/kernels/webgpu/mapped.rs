//! Reading a buffer of the device, as a future.

use super::signal;
use crate::error::{Error, Result};

/// The bytes of a buffer, once everything that was submitted before is done.
pub(super) async fn read(device: &wgpu::Device, buffer: &wgpu::Buffer) -> Result<Vec<u8>> {
    let lost = |error: String| Error::DeviceLost(error);
    let mapped = signal::wait(device, |callback| buffer.map_async(wgpu::MapMode::Read, .., callback)).await?;
    mapped.map_err(|error| lost(error.to_string()))?;
    let bytes = buffer.get_mapped_range(..).map_err(|error| lost(error.to_string()))?.to_vec();
    buffer.unmap();
    Ok(bytes)
}
