//! A line now and then while a long step goes on, so that it does not look hung.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// Works, and calls `tell` each time that `every` has passed, until the work has ended, in whatever way it ends.
pub(super) fn beside<T>(every: Duration, tell: impl Fn() + Send, work: impl FnOnce() -> T) -> T {
    thread::scope(|scope| {
        let (ended, end) = mpsc::channel::<()>();
        scope.spawn(move || {
            while end.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
                tell();
            }
        });
        let made = work();
        // What ends the other thread; a panic of the work drops it too.
        drop(ended);
        made
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Instant;

    use super::*;

    #[test]
    fn it_tells_while_the_work_goes_on() {
        let told = AtomicUsize::new(0);
        let tell = || {
            told.fetch_add(1, Ordering::SeqCst);
        };
        beside(Duration::from_millis(1), tell, || {
            let since = Instant::now();
            while told.load(Ordering::SeqCst) < 3 {
                assert!(since.elapsed() < Duration::from_secs(60), "it tells nothing");
                thread::sleep(Duration::from_millis(1));
            }
        });
    }

    #[test]
    fn short_work_ends_at_once_and_silently() {
        let since = Instant::now();
        let made = beside(Duration::from_secs(600), || panic!("too early"), || 7);
        assert_eq!(made, 7);
        assert!(since.elapsed() < Duration::from_secs(300));
    }
}
