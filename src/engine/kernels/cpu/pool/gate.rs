//! Where threads wait until something has happened.

use std::hint::spin_loop;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often a thread looks at most before it sleeps: in a browser for some hundred microseconds, natively, where each look pauses, for
/// some milliseconds. The parts of a step are seldom finished at the
/// same time, and waking a thread takes about as long.
const MOST_LOOKS: u32 = 200_000;
/// How often it looks at least.
const LEAST_LOOKS: u32 = 2_000;

/// A place where threads wait. They look for a while, which ends much sooner than a sleep, and then sleep. Where looking was in
/// vain, they look for a shorter time: other programs need the core then, perhaps for the very thread that is waited for.
#[derive(Debug)]
pub(super) struct Gate {
    looks: AtomicU32,
    sleepers: AtomicU32,
    sleep: Mutex<()>,
    woken: Condvar,
}

impl Gate {
    /// With nobody in it.
    pub(super) fn new() -> Self {
        Self {
            looks: AtomicU32::new(MOST_LOOKS),
            sleepers: AtomicU32::new(0),
            sleep: Mutex::new(()),
            woken: Condvar::new(),
        }
    }

    /// Looks for a while and says whether it has happened. What it reads must be written in one order with all other such writes
    /// ([`Ordering::SeqCst`]).
    pub(super) fn look(&self, happened: impl Fn() -> bool) -> bool {
        let most = self.looks.load(Ordering::Relaxed);
        for _ in 0..most {
            if happened() {
                if most < MOST_LOOKS {
                    self.looks.store(MOST_LOOKS.min(most + most / 4), Ordering::Relaxed);
                }
                return true;
            }
            spin_loop();
        }
        self.looks.store(LEAST_LOOKS.max(most / 2), Ordering::Relaxed);
        happened()
    }

    /// Sleeps until it has happened, or for about as long as given.
    pub(super) fn sleep(&self, happened: impl Fn() -> bool, longest: Option<Duration>) -> bool {
        let guard = self.lock();
        // From here on whoever makes it happen sees a sleeper, or it has happened already.
        self.sleepers.fetch_add(1, Ordering::SeqCst);
        match longest {
            None => drop(self.woken.wait_while(guard, |()| !happened())),
            // Once: what repeats it asks for the time, which WebAssembly does not have.
            Some(longest) if !happened() => drop(self.woken.wait_timeout(guard, longest)),
            Some(_) => drop(guard),
        }
        self.sleepers.fetch_sub(1, Ordering::SeqCst);
        happened()
    }

    /// Wakes the sleepers after it has happened.
    pub(super) fn wake(&self) {
        if self.sleepers.load(Ordering::SeqCst) > 0 {
            // A thread that is about to sleep holds the lock until it sleeps.
            drop(self.lock());
            self.woken.notify_all();
        }
    }

    fn lock(&self) -> MutexGuard<'_, ()> {
        // There is nothing in it that a panic could leave half done.
        self.sleep.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_who_look_in_vain_look_for_a_shorter_time_and_then_for_a_longer_one_again() {
        let gate = Gate::new();
        let looks = || gate.looks.load(Ordering::Relaxed);
        assert!(!gate.look(|| false));
        assert_eq!(looks(), MOST_LOOKS / 2);
        (0..30).for_each(|_| assert!(!gate.look(|| false)));
        assert_eq!(looks(), LEAST_LOOKS);
        assert!(gate.look(|| true));
        assert!(looks() > LEAST_LOOKS);
        (0..30).for_each(|_| assert!(gate.look(|| true)));
        assert_eq!(looks(), MOST_LOOKS);
    }

    #[test]
    fn a_sleep_ends_when_it_has_happened_or_when_its_time_is_over() {
        let (gate, happened) = (Gate::new(), AtomicU32::new(0));
        let seen = || happened.load(Ordering::SeqCst) > 0;
        assert!(!gate.sleep(seen, Some(Duration::from_millis(1))));
        std::thread::scope(|scope| {
            let sleeper = scope.spawn(|| gate.sleep(seen, None));
            std::thread::sleep(Duration::from_millis(5));
            happened.store(1, Ordering::SeqCst);
            gate.wake();
            assert!(sleeper.join().expect("no panic"));
        });
        assert_eq!(gate.sleepers.load(Ordering::SeqCst), 0);
    }
}
