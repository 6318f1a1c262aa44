//! A loop that feeds a reader what it does not expect: deterministic, from a seed, and measured.
//!
//! Each execution has a seed of its own, so that one that fails can be repeated alone. What fails is written to a file as well.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::fmt::Debug;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Seconds for each reader in a long run.
const SECONDS: &str = "CONVSCOPE_FUZZ_SECONDS";
/// Where a run begins; 1 where it is not said.
const SEED: &str = "CONVSCOPE_FUZZ_SEED";
/// Bytes that a reader may take beyond those that it was given.
const MOST_BYTES: usize = 64 << 20;
/// How long a reader may take. On a busy machine a moment can be long: what takes longer is tried again, and then the time counts
/// for which a processor worked on it, where the system tells that.
const LONGEST: Duration = Duration::from_secs(1);
/// After it an execution is taken for one that never ends.
const ENDLESS: Duration = Duration::from_secs(60);

/// The system's allocator, counting what each thread holds and the most that it held.
struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

thread_local! {
    static HELD: Cell<isize> = const { Cell::new(0) };
    static MOST: Cell<isize> = const { Cell::new(0) };
}

// SAFETY: every call is passed on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: the caller keeps the contract of `GlobalAlloc::alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: the caller keeps the contract of `GlobalAlloc::alloc_zeroed`.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: the caller keeps the contract of `GlobalAlloc::dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

fn count(bytes: isize) {
    let held = HELD.get() + bytes;
    HELD.set(held);
    if held > MOST.get() {
        MOST.set(held);
    }
}

/// Steele and Vigna's SplitMix64: every seed gives other numbers from the first one on.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `end`, which is at least 1.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    pub(crate) fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

/// Numbers that programs forget.
const EXTREMES: [u64; 12] = [
    0,
    1,
    0x7f,
    0xff,
    0x7fff,
    0xffff,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    0x7fff_ffff_ffff_ffff,
    0x8000_0000_0000_0000,
    u64::MAX,
];
/// The same as text.
const WRITTEN: [&str; 12] = [
    "0",
    "-1",
    "00",
    "1e999",
    "-0.5",
    "4294967295",
    "4294967296",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "999999999999999999999999999999",
];

/// One of `corpus` with a few changes.
pub(crate) fn mutated(random: &mut Random, corpus: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = random.one_of(corpus).clone();
    for _ in 0..=random.below(4) {
        change(random, &mut bytes, corpus);
    }
    bytes
}

fn change(random: &mut Random, bytes: &mut Vec<u8>, corpus: &[Vec<u8>]) {
    if bytes.is_empty() {
        bytes.push(random.next() as u8);
        return;
    }
    let at = random.below(bytes.len());
    match random.below(9) {
        0 => bytes.truncate(at),
        1 => bytes[at] ^= 1 << random.below(8),
        2 => bytes[at] = random.next() as u8,
        // A number of one, two, four or eight bytes in either order.
        3 | 4 => {
            let length = [1, 2, 4, 8][random.below(4)].min(bytes.len() - at);
            let mut number = random.one_of(&EXTREMES).to_le_bytes();
            if random.below(2) == 0 {
                number[..length].reverse();
            }
            bytes[at..at + length].copy_from_slice(&number[..length]);
        }
        // A number in letters.
        5 => {
            let digits = |byte: &u8| byte.is_ascii_digit();
            if let Some(start) = (at..bytes.len()).find(|&place| digits(&bytes[place])) {
                let length = bytes[start..].iter().take_while(|byte| digits(byte)).count();
                bytes.splice(start..start + length, random.one_of(&WRITTEN).bytes());
            }
        }
        // Part of another one, put in or in place of what is there.
        6 => {
            let other = random.one_of(corpus);
            if !other.is_empty() {
                let from = random.below(other.len());
                let part = &other[from..from + random.below(other.len() - from).min(64)];
                let end = if random.below(2) == 0 { at } else { (at + part.len()).min(bytes.len()) };
                bytes.splice(at..end, part.iter().copied());
            }
        }
        7 => {
            let end = (at + random.below(64)).min(bytes.len());
            bytes.drain(at..end);
        }
        // Again and again: nesting, and long lists.
        _ => {
            let part = bytes[at..(at + 1 + random.below(16)).min(bytes.len())].to_vec();
            let times = [1, 2, 8, 300][random.below(4)];
            bytes.splice(at..at, part.repeat(times));
        }
    }
}

/// How an execution ended that should not have ended so.
fn fault<T>(value: &T, size: usize, run: &impl Fn(&T)) -> Option<String> {
    let mut least = Duration::MAX;
    for attempt in 0..3 {
        let start = HELD.get();
        MOST.set(start);
        let worked = if attempt > 0 { processor_time() } else { None };
        let clock = Instant::now();
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| run(value))) {
            let words = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
            return Some(format!("it panics: {}", words.unwrap_or("without a word")));
        }
        let passed = worked.and_then(|before| processor_time()?.checked_sub(before));
        least = least.min(passed.unwrap_or_else(|| clock.elapsed()));
        let most = usize::try_from(MOST.get() - start).unwrap_or(0);
        if most > MOST_BYTES + size {
            return Some(format!("it takes {} MB for {size} bytes", most / 1_000_000));
        }
        if least <= LONGEST {
            return None;
        }
    }
    Some(format!("it takes {:.1} s", least.as_secs_f64()))
}

/// For how long processors have worked on this thread, where the system tells that: Linux does.
pub(crate) fn processor_time() -> Option<Duration> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}

/// Executes a reader `times` times, or as long as [`SECONDS`] says, each time with what `make` makes; `size` says how many bytes
/// that are. Nothing may panic, take long or take much memory.
pub(crate) fn fuzz<T: Debug>(
    name: &str,
    times: u64,
    make: impl Fn(&mut Random) -> T,
    size: impl Fn(&T) -> usize,
    run: impl Fn(&T),
) {
    let number = |name: &str| std::env::var(name).ok().map(|value| value.parse::<u64>().expect("a whole number"));
    let long = number(SECONDS).map(Duration::from_secs);
    let clock = Instant::now();
    let goes_on = |executions: u64| long.map_or(executions < times, |long| clock.elapsed() < long);
    let (executions, faults) = faults(name, number(SEED).unwrap_or(1), goes_on, make, size, run);
    println!("{name}: {executions} executions in {:.1} s", clock.elapsed().as_secs_f64());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Executes a reader with the seeds from `first` on. Gives the number of executions, and what went wrong in them.
pub(crate) fn faults<T: Debug>(
    name: &str,
    first: u64,
    goes_on: impl Fn(u64) -> bool,
    make: impl Fn(&mut Random) -> T,
    size: impl Fn(&T) -> usize,
    run: impl Fn(&T),
) -> (u64, Vec<String>) {
    let running = Arc::new(AtomicU64::new(0));
    let ended = Arc::new(AtomicBool::new(false));
    watch(name, &running, &ended);

    let mut faults = Vec::new();
    let mut executions = 0;
    while faults.len() < 5 && goes_on(executions) {
        let seed = first.wrapping_add(executions);
        executions += 1;
        running.store(executions, Ordering::Relaxed);
        let value = make(&mut Random::new(seed));
        if let Some(fault) = fault(&value, size(&value), &run) {
            let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fuzz");
            let file = folder.join(format!("{}-{seed}.txt", name.replace(' ', "_")));
            fs::create_dir_all(&folder).expect("a folder");
            fs::write(&file, format!("{value:?}")).expect("a file");
            faults.push(format!("{name}, {SEED}={seed}: {fault}; its input is in {}", file.display()));
        }
    }
    ended.store(true, Ordering::Relaxed);
    (executions, faults)
}

/// Ends the program where one execution never ends: no test would tell which.
fn watch(name: &str, running: &Arc<AtomicU64>, ended: &Arc<AtomicBool>) {
    let (name, running, ended) = (name.to_owned(), Arc::clone(running), Arc::clone(ended));
    thread::spawn(move || {
        let mut seen = (0, Instant::now());
        while !ended.load(Ordering::Relaxed) {
            thread::sleep(Duration::from_millis(200));
            let now = running.load(Ordering::Relaxed);
            if now != seen.0 {
                seen = (now, Instant::now());
            } else if now > 0 && seen.1.elapsed() > ENDLESS {
                eprintln!("{name}: execution {now} does not end");
                std::process::abort();
            }
        }
    });
}
