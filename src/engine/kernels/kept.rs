//! What is prepared to compute some outputs of a network, and for how long it is kept.

use crate::error::Result;
use crate::graph::Node;

/// How many sets of outputs stay prepared. A page that asks for an answer and for activations in turn would otherwise have both
/// prepared anew each time.
const MOST: usize = 2;
/// After so many runs for other outputs, the memory for these is given back.
const IDLE: usize = 32;

/// What is prepared for the outputs that were asked for last, and for those asked for not long before.
#[derive(Debug)]
pub(super) struct Kept<P> {
    /// The one that was asked for last comes first.
    sets: Vec<Set<P>>,
}

#[derive(Debug)]
struct Set<P> {
    outputs: Vec<Node>,
    prepared: P,
    /// Runs for other outputs since the last one for these.
    idle: usize,
}

impl<P> Kept<P> {
    /// Nothing.
    pub(super) fn none() -> Self {
        Self { sets: Vec::new() }
    }

    /// Gives all memory back.
    pub(super) fn clear(&mut self) {
        self.sets.clear();
    }

    /// What is kept for these outputs, or what `make` prepares for them now.
    ///
    /// # Errors
    /// What `make` gives.
    pub(super) fn get(&mut self, outputs: &[Node], make: impl FnOnce() -> Result<P>) -> Result<&mut P> {
        let found = self.sets.iter().position(|set| set.outputs == outputs);
        let prepared = match found {
            Some(index) => self.sets.remove(index).prepared,
            None => {
                // Before more memory is taken: WebAssembly's memory never shrinks.
                self.sets.truncate(MOST - 1);
                make()?
            }
        };
        self.sets.iter_mut().for_each(|set| set.idle += 1);
        self.sets.retain(|set| set.idle < IDLE);
        self.sets.insert(0, Set { outputs: outputs.into(), prepared, idle: 0 });
        Ok(&mut self.sets[0].prepared)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn the_two_sets_that_were_asked_for_last_are_kept_while_both_are_used() {
        let made = std::cell::Cell::new(0);
        let mut kept = Kept::none();
        let mut ask = |value: usize| {
            let make = || {
                made.set(made.get() + 1);
                Ok(value)
            };
            assert_eq!(*kept.get(&[Node(value)], make).unwrap(), value);
            made.get()
        };
        assert_eq!([1, 2, 1, 2, 1].map(&mut ask), [1, 2, 2, 2, 2]);
        // The third takes the place of the one that was asked for before the last.
        assert_eq!([3, 1, 3, 2].map(&mut ask), [3, 3, 3, 4]);
        // 3 is kept for a while without being used, but not for longer.
        (1..IDLE - 1).for_each(|_| assert_eq!(ask(2), 4));
        assert_eq!(ask(3), 4);
        (0..IDLE).for_each(|_| assert_eq!(ask(2), 4));
        assert_eq!(ask(3), 5);
    }
}
