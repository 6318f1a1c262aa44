//! What a callback of wgpu says, as a future.

use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

use crate::error::{Error, Result};

/// What the callback stores, and the task that waits for it.
struct Shared<T> {
    said: Option<T>,
    waker: Option<Waker>,
}

/// Waits for what `ask` has a callback called with.
///
/// # Errors
/// [`Error::DeviceLost`] where the device stops.
pub(super) async fn wait<T: Send + 'static>(
    device: &wgpu::Device,
    ask: impl FnOnce(Box<dyn FnOnce(T) + Send>),
) -> Result<T> {
    let lost = |reason: String| Error::DeviceLost(reason);
    let shared = Arc::new(Mutex::new(Shared { said: None, waker: None }));
    let callback = shared.clone();
    ask(Box::new(move |said| {
        // The lock is never poisoned: no code panics while it holds it.
        if let Ok(mut shared) = callback.lock() {
            shared.said = Some(said);
            if let Some(waker) = shared.waker.take() {
                waker.wake();
            }
        }
    }));
    // A browser does this by itself, and ignores the call.
    device.poll(wgpu::PollType::wait_indefinitely()).map_err(|error| lost(error.to_string()))?;
    std::future::poll_fn(|context| {
        let Ok(mut shared) = shared.lock() else { return Poll::Ready(Err(lost("its callback failed".into()))) };
        match shared.said.take() {
            Some(said) => Poll::Ready(Ok(said)),
            None => {
                shared.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    })
    .await
}
