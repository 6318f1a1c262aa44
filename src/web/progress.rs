//! How a longer computation tells how far it is, and is cancelled.

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::error::{Error, Result};

/// Calls a `Progress` function, if there is one, and waits for the promise that it may return.
///
/// # Errors
/// [`Error::Cancelled`] where it throws or its promise is rejected.
pub(super) async fn report(progress: Option<&Function>, done: usize, total: usize) -> Result<()> {
    let Some(progress) = progress else { return Ok(()) };
    let cancelled = |_| Error::Cancelled;
    // Counts are far below 2³².
    let returned = progress.call2(&JsValue::NULL, &(done as u32).into(), &(total as u32).into()).map_err(cancelled)?;
    if let Ok(promise) = returned.dyn_into::<Promise>() {
        JsFuture::from(promise).await.map_err(cancelled)?;
    }
    Ok(())
}
