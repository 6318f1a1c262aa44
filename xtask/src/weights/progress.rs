//! The progress of a download in MB, on one line.

use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

/// How often the line is renewed on a terminal.
const EVERY: Duration = Duration::from_secs(1);

/// The line of a download. On a terminal it is renewed; elsewhere there is one line for every tenth of the file.
pub(super) struct Progress {
    name: String,
    done: u64,
    total: u64,
    terminal: bool,
    said: Instant,
    tenth: u64,
}

impl Progress {
    /// A download of which `done` bytes are here already.
    pub(super) fn new(name: &str, done: u64, total: u64) -> Self {
        let mut progress = Self {
            name: name.to_owned(),
            done,
            total,
            terminal: std::io::stdout().is_terminal(),
            said: Instant::now(),
            tenth: 0,
        };
        progress.tenth = progress.tenths();
        if done > 0 {
            println!("    resuming {}", progress.line());
        }
        progress
    }

    /// Counts bytes, and prints the line when it is due.
    pub(super) fn add(&mut self, bytes: u64) {
        self.done += bytes;
        if self.terminal {
            if self.said.elapsed() >= EVERY {
                self.said = Instant::now();
                print!("\r    {}   ", self.line());
                // The line is only for the eye.
                let _ = std::io::stdout().flush();
            }
        } else if self.tenths() > self.tenth {
            self.tenth = self.tenths();
            println!("    {}", self.line());
        }
    }

    /// Ends the line with its last state.
    pub(super) fn end(self) {
        if self.terminal {
            println!("\r    {}   ", self.line());
        }
    }

    fn tenths(&self) -> u64 {
        self.done.saturating_mul(10) / self.total.max(1)
    }

    fn line(&self) -> String {
        let (name, done, total) = (&self.name, self.done, self.total);
        format!("{name}: {} of {} MB", tenths_of_megabytes(done), tenths_of_megabytes(total))
    }
}

fn tenths_of_megabytes(bytes: u64) -> String {
    let tenths = bytes / 100_000;
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_in_megabytes() {
        let progress = Progress::new("a.pth", 12_345_678, 46_830_571);
        assert_eq!(progress.line(), "a.pth: 12.3 of 46.8 MB");
        assert_eq!(progress.tenths(), 2);
    }
}
