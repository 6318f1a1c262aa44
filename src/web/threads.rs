//! The threads of an engine on the CPU: workers with an instance of the same module in the same memory, each parked in
//! [`Shared::serve`](crate::engine::kernels::cpu::Shared::serve) until the engine that started them is freed.
//!
//! Only the engine build has them, because its memory is shared. There is one thread where the page is not cross-origin isolated,
//! where an engine is created on the page's own thread, which may not wait, and in the other builds.

use std::sync::Arc;

use crate::engine::kernels::cpu::Pool;

/// Threads for an engine, and a sentence where there are fewer than there should be.
pub(super) struct Threads {
    pub(super) pool: Arc<Pool>,
    pub(super) note: String,
}

#[cfg(not(target_feature = "atomics"))]
pub(super) async fn threads(_: Option<u32>) -> Threads {
    Threads { pool: Arc::new(Pool::single()), note: String::new() }
}

#[cfg(target_feature = "atomics")]
pub(super) use shared::threads;

#[cfg(target_feature = "atomics")]
mod shared {
    use std::cell::{Cell, RefCell};
    use std::sync::{Arc, Weak};

    use js_sys::Promise;
    use wasm_bindgen::prelude::*;
    use wasm_bindgen_futures::JsFuture;

    use super::Threads;
    use crate::engine::kernels::cpu::{Pool, Shared, quickest};
    use crate::error::{Error, Result};
    use crate::web::engine::clock;

    /// Bytes of a thread's stack; the deepest kernel uses a tenth of it.
    const STACK: u32 = 128 << 10;

    /// Most threads that an engine takes.
    const MOST: u32 = 32;

    /// The numbers of threads that are tried.
    const TRIED: [usize; 4] = [2, 4, 8, 16];

    #[wasm_bindgen(module = "/src/web/threads.js")]
    extern "C" {
        #[wasm_bindgen(js_name = mostThreads)]
        fn most_threads() -> u32;
        #[wasm_bindgen(js_name = startThread)]
        fn start_thread(
            module: JsValue,
            memory: JsValue,
            stack: u32,
            shared: usize,
            lost: usize,
            thread: usize,
        ) -> Promise;
    }

    thread_local! {
        /// Pools that an engine of this worker still has: engines take turns, so that they can share threads.
        static POOLS: RefCell<Vec<Weak<Pool>>> = const { RefCell::new(Vec::new()) };
        /// The quickest number of threads, once it was timed.
        static QUICKEST: Cell<Option<usize>> = const { Cell::new(None) };
    }

    /// So many threads, or the quickest number of them.
    pub(in crate::web) async fn threads(requested: Option<u32>) -> Threads {
        let most = most_threads().min(MOST);
        let single = |note: String| Threads { pool: Arc::new(Pool::single()), note };
        if most == 1 {
            return single(String::new());
        }
        let requested = requested.map(|count| count.clamp(1, MOST) as usize).or_else(|| QUICKEST.get());
        let found = match requested {
            Some(count) => pool(count).await,
            None => {
                let counts: Vec<usize> = TRIED.into_iter().filter(|&count| count <= most as usize).collect();
                let found = quickest(&counts, &clock(), pool).await;
                if let Ok(pool) = &found {
                    QUICKEST.set(Some(pool.threads()));
                }
                found
            }
        };
        match found {
            Ok(pool) => Threads { pool, note: String::new() },
            Err(error) => single(format!("No threads could be started ({error}); one thread computes.")),
        }
    }

    /// A pool of so many threads: one that is in use, or a new one.
    async fn pool(count: usize) -> Result<Arc<Pool>> {
        let found = POOLS.with_borrow_mut(|pools| {
            pools.retain(|pool| pool.strong_count() > 0);
            pools.iter().filter_map(Weak::upgrade).find(|pool| pool.threads() == count && pool.is_whole())
        });
        if let Some(pool) = found {
            return Ok(pool);
        }
        let mut starting = Vec::new();
        let pool = Pool::with(count, |thread, shared| {
            let lost = std::ptr::from_ref(shared.lost()) as usize;
            let shared = Arc::into_raw(shared.clone()) as usize;
            starting.push(start_thread(wasm_bindgen::module(), wasm_bindgen::memory(), STACK, shared, lost, thread));
        });
        for promise in starting {
            JsFuture::from(promise).await.map_err(|error| {
                let message = error.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message()));
                Error::Internal(message.unwrap_or_else(|| "a thread did not start".into()))
            })?;
        }
        let pool = Arc::new(pool);
        POOLS.with_borrow_mut(|pools| pools.push(Arc::downgrade(&pool)));
        Ok(pool)
    }

    /// What a thread's worker calls after it has started; it returns when the pool is dropped. Not for other callers.
    #[wasm_bindgen(js_name = serveThread)]
    #[expect(unreachable_pub, reason = "wasm-bindgen exports public functions alone")]
    pub fn serve_thread(shared: usize, thread: usize) {
        // SAFETY: the address is that of the `Arc` that `pool` leaked for this very thread.
        let shared = unsafe { Arc::from_raw(shared as *const Shared) };
        shared.serve(thread);
    }
}
