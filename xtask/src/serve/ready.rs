//! The last line of `cargo xtask serve`: nothing goes on any more, and how far all is ready.

use crate::report::{Problems, plural};

/// What is ready at the address. `random` is how many networks have no weights, where that is known.
pub(super) fn line(url: &str, problems: &Problems, random: Option<usize>) -> String {
    if problems.is_empty() {
        return format!("everything is ready: {url}");
    }
    let ready = format!("ready, except for what FAILED above: {url}");
    match random {
        None | Some(0) => ready,
        Some(1) => format!("{ready} (1 network runs with random weights: speed only)"),
        Some(count) => format!("{ready} ({} run with random weights: speed only)", plural(count, "network")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "http://127.0.0.1:8080/";

    #[test]
    fn everything_is_ready_where_nothing_failed() {
        assert_eq!(line(URL, &Problems::default(), Some(0)), "everything is ready: http://127.0.0.1:8080/");
    }

    #[test]
    fn what_failed_and_the_networks_without_weights_are_told() {
        let mut problems = Problems::default();
        problems.note("official weights", "host.invalid cannot be reached", "Try again.");
        let ready = "ready, except for what FAILED above: http://127.0.0.1:8080/";
        for (random, more) in [
            (None, ""),
            (Some(0), ""),
            (Some(1), " (1 network runs with random weights: speed only)"),
            (Some(20), " (20 networks run with random weights: speed only)"),
        ] {
            assert_eq!(line(URL, &problems, random), format!("{ready}{more}"));
        }
    }
}
