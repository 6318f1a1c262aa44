//! Threads that compute the parts of a step together.
//!
//! A pool knows how threads wait, take their share and report; it does not know how a thread is started: natively the pool
//! starts threads of its own, in a browser they are workers (`web/threads.rs`). Between two steps a thread watches for the next
//! one for a while (`gate.rs`), because falling asleep and being woken takes about as long, and then sleeps.

#![cfg_attr(
    not(all(target_family = "wasm", target_feature = "atomics")),
    allow(dead_code, reason = "natively threads are lost by a panic alone, and most WebAssembly builds start none")
)]

use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::error::{Error, Result};

mod gate;

use gate::Gate;

/// How long a sleeping thread that waits for the others sleeps before it asks whether one of them was lost.
const PATIENCE: Duration = Duration::from_millis(100);

/// After so many of these waits a thread that has not reported is lost: no share of a step takes that long.
const WAITS: u32 = 200;

/// Multiply–accumulates from which a step is worth being shared: what a core computes in about twenty microseconds.
pub(in crate::engine::kernels) const LEAST_WORK: usize = 400_000;

/// Parts of a step for each thread: more than one, so that a thread that was held up leaves its parts to the others.
const PARTS: usize = 4;

/// What all threads compute at the same time; each is given its number.
type Work<'a> = dyn Fn(usize) + Sync + 'a;

/// What the threads of a pool share.
#[derive(Debug)]
pub struct Shared {
    /// Where the address of the current work is, for the threads that compute it. `Pool::run` keeps both alive until every
    /// thread has reported.
    work: AtomicPtr<*const Work<'static>>,
    /// Grows with each piece of work.
    round: AtomicU32,
    /// Threads that have not reported of the current work.
    running: AtomicUsize,
    /// Threads that will never report: natively those that panicked, in a browser those whose worker stopped, which writes here.
    lost: AtomicU32,
    closed: AtomicBool,
    /// Where threads wait for work.
    start: Gate,
    /// Where the owner waits for the threads.
    end: Gate,
}

impl Shared {
    fn new() -> Self {
        Self {
            work: AtomicPtr::new(null_mut()),
            round: AtomicU32::new(0),
            running: AtomicUsize::new(0),
            lost: AtomicU32::new(0),
            closed: AtomicBool::new(false),
            start: Gate::new(),
            end: Gate::new(),
        }
    }

    /// Where a thread's number of losses is counted, for whoever learns that a thread stopped.
    pub(crate) fn lost(&self) -> &AtomicU32 {
        &self.lost
    }

    /// What the thread with this number does until the pool is dropped. The number of the thread that owns the pool is 0.
    pub(crate) fn serve(&self, thread: usize) {
        let _guard = Guard(self);
        let mut seen = 0;
        loop {
            let begun = || self.round.load(Ordering::SeqCst) != seen;
            if !self.start.look(begun) {
                self.start.sleep(begun, None);
            }
            seen = self.round.load(Ordering::SeqCst);
            if self.closed.load(Ordering::Acquire) {
                return;
            }
            let work = self.work.load(Ordering::Acquire);
            // SAFETY: `Pool::run` waits until this thread has reported before the work and what holds its address go away.
            if let Some(&work) = unsafe { work.as_ref() } {
                // SAFETY: as above.
                (unsafe { &*work })(thread);
            }
            if self.running.fetch_sub(1, Ordering::SeqCst) == 1 {
                self.end.wake();
            }
        }
    }

    /// Starts the next round.
    fn begin(&self, work: *mut *const Work<'static>) {
        self.work.store(work, Ordering::Release);
        self.round.fetch_add(1, Ordering::SeqCst);
        self.start.wake();
    }

    /// Waits until every thread has reported that is not lost, and says whether all have.
    fn wait(&self) -> bool {
        let all = || self.running.load(Ordering::SeqCst) == 0;
        if self.end.look(all) {
            return true;
        }
        for _ in 0..WAITS {
            if self.end.sleep(all, Some(PATIENCE)) {
                return true;
            }
            if self.running.load(Ordering::SeqCst) <= self.lost.load(Ordering::Acquire) as usize {
                return all();
            }
        }
        self.lost.fetch_add(1, Ordering::AcqRel);
        false
    }
}

/// Reports a thread that leaves by a panic.
struct Guard<'a>(&'a Shared);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if !self.0.closed.load(Ordering::Acquire) {
            self.0.lost.fetch_add(1, Ordering::AcqRel);
        }
    }
}

/// Some threads, of which the one that owns the pool is the first.
#[derive(Debug)]
pub struct Pool {
    shared: Arc<Shared>,
    threads: usize,
}

impl Pool {
    /// The thread that owns the pool, and no other.
    pub fn single() -> Self {
        Self { shared: Arc::new(Shared::new()), threads: 1 }
    }

    /// A pool whose other threads `start` starts: each has to call [`Shared::serve`] with its number, from 1 on.
    pub(crate) fn with(threads: usize, mut start: impl FnMut(usize, &Arc<Shared>)) -> Self {
        let pool = Self { shared: Arc::new(Shared::new()), threads: threads.max(1) };
        (1..pool.threads).for_each(|thread| start(thread, &pool.shared));
        pool
    }

    /// A pool of native threads.
    #[cfg(not(target_family = "wasm"))]
    pub fn native(threads: usize) -> Self {
        Self::with(threads, |thread, shared| {
            let shared = shared.clone();
            std::thread::spawn(move || shared.serve(thread));
        })
    }

    /// How many threads there are, the pool's owner included.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// Whether no thread was lost.
    pub(crate) fn is_whole(&self) -> bool {
        self.shared.lost.load(Ordering::Acquire) == 0
    }

    /// Has every thread compute `work` with its number, and waits for all of them.
    ///
    /// # Errors
    /// [`Error::ThreadLost`] where a thread stopped, now or in an earlier call.
    fn run(&self, work: &Work<'_>) -> Result<()> {
        if self.shared.lost.load(Ordering::Acquire) > 0 {
            return Err(Error::ThreadLost);
        }
        // SAFETY: only the lifetime is left out. `Waiting` waits for every thread before this function returns, also by a panic. One
        // that has not reported for twenty seconds is taken for lost, as it would be by the browser that stopped it.
        let mut address = unsafe { std::mem::transmute::<*const Work<'_>, *const Work<'static>>(work) };
        self.shared.running.store(self.threads - 1, Ordering::SeqCst);
        self.shared.begin(&raw mut address);
        let waiting = Waiting(&self.shared);
        work(0);
        if waiting.end() { Ok(()) } else { Err(Error::ThreadLost) }
    }

    /// Computes each of the `items` with `work` on whichever thread is free. `work` gets the thread's number.
    ///
    /// # Errors
    /// [`Error::ThreadLost`] where a thread stopped.
    pub(in crate::engine::kernels) fn share<T: Send>(
        &self,
        items: impl IntoIterator<Item = T, IntoIter: Send>,
        work: impl Fn(usize, T) + Sync,
    ) -> Result<()> {
        let mut items = items.into_iter();
        if self.threads == 1 {
            items.for_each(|item| work(0, item));
            return Ok(());
        }
        let items = Mutex::new(&mut items);
        let next = || items.lock().unwrap_or_else(PoisonError::into_inner).next();
        self.run(&|thread| {
            while let Some(item) = next() {
                work(thread, item);
            }
        })
    }

    /// As [`Pool::share`], with a state of its own for each thread; there has to be one for each.
    ///
    /// # Errors
    /// As [`Pool::share`].
    pub(in crate::engine::kernels) fn share_with<S: Send, T: Send>(
        &self,
        states: &mut [S],
        items: impl IntoIterator<Item = T, IntoIter: Send>,
        work: impl Fn(&mut S, T) + Sync,
    ) -> Result<()> {
        let states: Vec<Mutex<&mut S>> = states.iter_mut().map(Mutex::new).collect();
        self.share(items, |thread, item| {
            work(&mut states[thread].lock().unwrap_or_else(PoisonError::into_inner), item);
        })
    }

    /// Into how many parts a step is divided that takes this many multiply–accumulates, where a part of fewer than
    /// `least` of the `units` that can be divided is not worth it.
    pub(in crate::engine::kernels) fn parts(&self, work: usize, units: usize, least: usize) -> usize {
        if self.threads == 1 || work < LEAST_WORK {
            return 1;
        }
        let most = units.div_ceil(least.max(1));
        // As many parts for each thread.
        let rounds = (most / self.threads).clamp(1, PARTS);
        (rounds * self.threads).min(units).max(1)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.closed.store(true, Ordering::Release);
        self.shared.begin(null_mut());
    }
}

/// Waits for the threads when it goes away.
struct Waiting<'a>(&'a Shared);

impl Waiting<'_> {
    fn end(self) -> bool {
        let all = self.0.wait();
        std::mem::forget(self);
        all
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.wait();
    }
}

/// The `part`th of `parts` ranges that divide `0..count` as evenly as possible.
pub(in crate::engine::kernels) fn range(count: usize, parts: usize, part: usize) -> std::ops::Range<usize> {
    count * part / parts..count * (part + 1) / parts
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;

    #[test]
    fn every_item_is_computed_once_whatever_the_number_of_threads() {
        for threads in [1, 2, 3, 7] {
            let pool = Pool::native(threads);
            for count in [0, 1, 5, 1000] {
                let mut counts = vec![0; count];
                pool.share(counts.iter_mut().enumerate(), |thread, (index, item)| {
                    assert!(thread < threads);
                    *item += index + 1;
                })
                .expect("no thread is lost");
                assert_eq!(counts, (1..=count).collect::<Vec<_>>(), "{threads} threads");
            }
        }
    }

    #[test]
    fn a_thread_keeps_its_state_to_itself() {
        let pool = Pool::native(3);
        let mut sums = [0; 3];
        for _ in 0..100 {
            pool.share_with(&mut sums, 0..10, |sum, item| *sum += item).expect("no thread is lost");
        }
        assert_eq!(sums.iter().sum::<i32>(), 100 * 45);
    }

    #[test]
    fn threads_that_slept_are_woken() {
        let pool = Pool::native(2);
        for _ in 0..3 {
            std::thread::sleep(Duration::from_millis(20));
            let both = std::sync::Barrier::new(2);
            // Each of the two waits for the other one.
            pool.share(0..2, |_, _| {
                both.wait();
            })
            .expect("both are there");
        }
    }

    #[test]
    fn a_lost_thread_is_an_error_and_no_endless_wait() {
        let pool = Pool::native(2);
        let both = std::sync::Barrier::new(2);
        let work = |thread: usize, _: i32| {
            both.wait();
            assert!(thread == 0, "this thread is lost on purpose");
        };
        assert!(matches!(pool.share(0..2, work), Err(Error::ThreadLost)));
        assert!(matches!(pool.share(0..2, |_, _| ()), Err(Error::ThreadLost)));
    }

    #[test]
    fn a_pool_that_is_dropped_ends_its_threads() {
        let pool = Pool::native(3);
        let shared = Arc::downgrade(&pool.shared);
        drop(pool);
        for _ in 0..500 {
            if shared.strong_count() == 0 {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("{} threads are still there", shared.strong_count());
    }

    #[test]
    fn a_step_is_divided_evenly_and_small_ones_not_at_all() {
        let pool = Pool::native(2);
        assert_eq!(pool.parts(LEAST_WORK - 1, 1000, 1), 1);
        assert_eq!(pool.parts(LEAST_WORK, 1000, 1), 8);
        assert_eq!(pool.parts(LEAST_WORK, 49, 24), 2);
        assert_eq!(pool.parts(LEAST_WORK, 1, 24), 1);
        assert_eq!(Pool::single().parts(usize::MAX, 1000, 1), 1);
        assert_eq!((0..3).map(|part| range(10, 3, part)).collect::<Vec<_>>(), [0..3, 3..6, 6..10]);
    }
}
