//! Taking times: of one verb, and the middle of several runs.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// How long a verb takes; freeing what it gives is not counted.
pub fn timed<T>(verb: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let given = black_box(verb());
    (start.elapsed(), given)
}

/// The middle of several values, the larger of two.
///
/// # Panics
/// If there are none.
pub fn median<T: Ord + Copy>(mut values: Vec<T>) -> T {
    values.sort_unstable();
    values[values.len() / 2]
}

/// A time as figures show it, in milliseconds.
pub fn milliseconds(time: Duration) -> String {
    let milliseconds = time.as_secs_f64() * 1000.0;
    if milliseconds < 100.0 { format!("{milliseconds:.1}") } else { format!("{milliseconds:.0}") }
}
