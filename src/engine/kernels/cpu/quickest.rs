//! How many threads are worth having on this machine.

use std::borrow::Cow;
use std::sync::Arc;

use super::{CpuNetwork, CpuOptions, Pool};
use crate::engine::random;
use crate::error::Result;
use crate::frame::Input;
use crate::graph::{Graph, Shape};

/// Runs that are timed with each number of threads at least.
const RUNS: usize = 5;

/// Milliseconds in which more threads have to become quicker: a new thread may share a core with the one that started it until the
/// system moves it to another.
const PATIENCE: f64 = 40.0;

/// How much quicker more threads have to be to be worth having: the cores have other work too.
const WORTH: f64 = 0.92;

/// The quickest of these numbers of threads, which grow, on a small network; and the pool with that number. `start` makes a pool.
/// More threads are tried only as long as they are quicker.
///
/// # Errors
/// What `start` gives, and what running a network can give.
pub async fn quickest(
    counts: &[usize],
    clock: &dyn Fn() -> f64,
    start: impl AsyncFn(usize) -> Result<Arc<Pool>>,
) -> Result<Arc<Pool>> {
    let mut best = Arc::new(Pool::single());
    let mut shortest = time(&best, clock, f64::INFINITY)?;
    for &threads in counts.iter().filter(|&&threads| threads > 1) {
        let pool = start(threads).await?;
        let enough = WORTH * shortest;
        let milliseconds = time(&pool, clock, enough)?;
        if milliseconds > enough {
            break;
        }
        (best, shortest) = (pool, milliseconds);
    }
    Ok(best)
}

/// The shortest time of a run of a small network, in milliseconds, as soon as it is short enough: while a page opens, its other workers
/// need the cores now and then.
fn time(pool: &Arc<Pool>, clock: &dyn Fn() -> f64, enough: f64) -> Result<f64> {
    let graph = network();
    let input = Input { shape: graph.input(), values: vec![0.5; graph.input().elements()] };
    let outputs = [graph.output()];
    let options = CpuOptions { pool: pool.clone(), ..CpuOptions::default() };
    let mut network = CpuNetwork::new(graph, &options, |tensor| Ok(Cow::Owned(random::tensor(tensor, 1))))?;
    network.run(&input, &outputs)?;
    let (mut shortest, mut runs, start) = (f64::INFINITY, 0, clock());
    loop {
        let from = clock();
        network.run(&input, &outputs)?;
        let now = clock();
        (shortest, runs) = (shortest.min(now - from), runs + 1);
        if runs >= RUNS && (shortest <= enough || now - start >= PATIENCE) {
            return Ok(shortest);
        }
    }
}

/// Layers as the networks have them, with about fifty million multiply–accumulates, which take a core some milliseconds.
fn network() -> Graph {
    let mut g = Graph::new(Shape { channels: 32, height: 28, width: 28 });
    g.conv("conv1", 64, 3).pad(1).relu(); // 64×28×28
    g.conv("conv2", 64, 1).relu(); //        64×28×28
    g.conv("conv3", 64, 3).pad(1).relu(); // 64×28×28
    g.conv("conv4", 64, 1).relu(); //        64×28×28
    g
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// The number of threads that is chosen where a run with each number takes these milliseconds, and the numbers that were started.
    fn chosen(milliseconds: &dyn Fn(usize) -> f64) -> (usize, Vec<usize>) {
        let (now, threads) = (Cell::new(0.0), Cell::new(1));
        let started = Cell::new(Vec::new());
        // The clock is read before and after each run.
        let clock = || {
            now.set(now.get() + milliseconds(threads.get()));
            now.get()
        };
        let start = async |count: usize| {
            threads.set(count);
            let mut list = started.take();
            list.push(count);
            started.set(list);
            Ok(Arc::new(Pool::native(count)))
        };
        let future = std::pin::pin!(quickest(&[1, 2, 4, 8], &clock, start));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        match future.poll(&mut context) {
            std::task::Poll::Ready(pool) => (pool.expect("a pool").threads(), started.take()),
            std::task::Poll::Pending => panic!("nothing here waits"),
        }
    }

    #[test]
    fn the_quickest_number_is_taken_and_no_larger_one_tried_behind_it() {
        assert_eq!(chosen(&|threads| 8.0 / threads as f64), (8, vec![2, 4, 8]));
        assert_eq!(chosen(&|_| 8.0), (1, vec![2]));
        assert_eq!(chosen(&|threads| if threads == 2 { 5.0 } else { 8.0 }), (2, vec![2, 4]));
    }
}
