//! One input under watch: whether it breaks a promise or takes too long, and the smallest text that
//! still does.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::targets::Target;

/// The longest that one input may take.
pub const SLOW: Duration = Duration::from_secs(1);

/// How long the search for a smaller text goes on.
const SEARCH: Duration = Duration::from_secs(10);

/// What is wrong with an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// The target panicked; what it said.
    Panic(String),
    /// It took this long, at its fastest.
    Slow(Duration),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Panic(message) => f.write_str(message),
            Self::Slow(time) => write!(f, "took {:.2} s", time.as_secs_f64()),
        }
    }
}

/// What the last panic said, with its place.
static SAID: Mutex<String> = Mutex::new(String::new());

/// Keeps what panics say instead of printing it.
pub fn keep_panics() {
    std::panic::set_hook(Box::new(|info| {
        if let Ok(mut said) = SAID.lock() {
            *said = info.to_string();
        }
    }));
}

/// Runs a target once; gives the time, or what is wrong. A busy machine makes anything slow once, so
/// only what is slow three times is.
///
/// # Errors
/// The [`Problem`] of this input.
pub fn judge(target: &Target, bytes: &[u8]) -> Result<Duration, Problem> {
    let mut fastest = once(target, bytes)?;
    for _ in 0..2 {
        if fastest > SLOW {
            fastest = fastest.min(once(target, bytes)?);
        }
    }
    if fastest > SLOW { Err(Problem::Slow(fastest)) } else { Ok(fastest) }
}

fn once(target: &Target, bytes: &[u8]) -> Result<Duration, Problem> {
    let start = Instant::now();
    let ended = catch_unwind(AssertUnwindSafe(|| (target.run)(bytes)));
    let time = start.elapsed();
    ended.map(|()| time).map_err(|_| {
        let said = SAID.lock().map(|said| said.clone()).unwrap_or_default();
        Problem::Panic(if said.is_empty() { "panicked".to_owned() } else { said })
    })
}

/// The smallest text found that has the same kind of problem, by leaving ever smaller pieces out.
pub fn minimise(target: &Target, bytes: &[u8]) -> Vec<u8> {
    let is_panic = matches!(judge(target, bytes), Err(Problem::Panic(_)));
    let is_same = |bytes: &[u8]| match judge(target, bytes) {
        Err(Problem::Panic(_)) => is_panic,
        Err(Problem::Slow(_)) => !is_panic,
        Ok(_) => false,
    };
    let start = Instant::now();
    let mut text = bytes.to_vec();
    let mut size = text.len() / 2;
    while size > 0 && start.elapsed() < SEARCH {
        let (mut at, length) = (0, text.len());
        while at < text.len() && start.elapsed() < SEARCH {
            let end = (at + size).min(text.len());
            let smaller = [&text[..at], &text[end..]].concat();
            if is_same(&smaller) { text = smaller } else { at = end }
        }
        if size > 1 || text.len() == length {
            size /= 2;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Problem, judge, minimise};
    use crate::targets::Target;

    fn no_bang(bytes: &[u8]) {
        assert!(!bytes.contains(&b'!'), "a bang");
    }

    #[test]
    fn a_panic_is_caught_and_made_small() {
        let target = Target { name: "bang", run: no_bang };
        assert!(judge(&target, b"fine").is_ok());
        assert!(matches!(judge(&target, b"ab!c"), Err(Problem::Panic(_))));
        assert_eq!(minimise(&target, b"some text! with one"), b"!");
    }
}
