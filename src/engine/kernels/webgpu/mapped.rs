//! Reading a buffer of the device, as a future.

use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

use crate::error::{Error, Result};

/// What the callback stores, and the task that waits for it.
#[derive(Default)]
struct Shared {
    result: Option<std::result::Result<(), wgpu::BufferAsyncError>>,
    waker: Option<Waker>,
}

/// The bytes of a buffer, once everything that was submitted before is done.
pub(super) async fn read(device: &wgpu::Device, buffer: &wgpu::Buffer) -> Result<Vec<u8>> {
    let lost = |reason: String| Error::DeviceLost(reason);
    let shared = Arc::new(Mutex::new(Shared::default()));
    let callback = shared.clone();
    buffer.map_async(wgpu::MapMode::Read, .., move |result| {
        // The lock is never poisoned: no code panics while it holds it.
        if let Ok(mut shared) = callback.lock() {
            shared.result = Some(result);
            if let Some(waker) = shared.waker.take() {
                waker.wake();
            }
        }
    });
    // A browser does this by itself, and ignores the call.
    device.poll(wgpu::PollType::wait_indefinitely()).map_err(|error| lost(error.to_string()))?;
    std::future::poll_fn(|context| {
        let Ok(mut shared) = shared.lock() else { return Poll::Ready(Err(lost("its callback failed".into()))) };
        match shared.result.take() {
            Some(result) => Poll::Ready(result.map_err(|error| lost(error.to_string()))),
            None => {
                shared.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    })
    .await?;
    let bytes = buffer.get_mapped_range(..).map_err(|error| lost(error.to_string()))?.to_vec();
    buffer.unmap();
    Ok(bytes)
}
