//! How far long work is: one line on stderr, at a terminal only, that goes when the work is done.
//!
//! Work only counts. A thread of its own draws, so that something is seen also while the library is in
//! one long call, and nothing is before the process has run for a second: most runs end without.

use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::report::clean::clean;
use crate::report::summary::grouped;

/// How long a process runs before it shows how far it is.
pub(crate) const PATIENCE: Duration = Duration::from_secs(1);

/// How often the line is drawn.
const EVERY: Duration = Duration::from_millis(100);

/// The longest line: a longer one might not fit, and what a terminal wraps cannot be erased.
const WIDTH: usize = 79;

/// What is being done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stage {
    /// A text is fetched, of which nobody knows how long it is.
    Fetching(String),
    /// A text of so many bytes is read; counted in bytes.
    Text(String, u64),
    /// So many files are read; counted.
    Files(usize),
    /// What was read is made a model.
    Compiling,
    /// So many rows are compared with all columns; counted.
    Rows(usize),
    /// Something else, in words.
    Other(&'static str),
}

/// Work in progress. Its line goes when this does.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    shared: Arc<Shared>,
    /// If it is drawn.
    drawer: Option<JoinHandle<()>>,
}

/// What the work and the one who draws it both know.
#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    /// How much is done of what is not counted in bytes.
    done: AtomicUsize,
    bytes: Arc<AtomicU64>,
}

#[derive(Debug, Default)]
struct State {
    stage: Option<Stage>,
    is_over: bool,
}

impl Progress {
    /// Draws on `out` once `patience` is over.
    pub(crate) fn drawn(mut out: impl Write + Send + 'static, patience: Duration) -> Self {
        let shared = Arc::<Shared>::default();
        let theirs = Arc::clone(&shared);
        // Where there is no thread to be had, there is no line.
        let drawer = std::thread::Builder::new().spawn(move || {
            // If it cannot be written, nobody is looking.
            let _ = theirs.draw(&mut out, patience);
        });
        Self { shared, drawer: drawer.ok() }
    }

    /// Tells what is being done from now on, of which nothing is done yet.
    pub(crate) fn start(&self, stage: Stage) {
        let mut shown = self.shared.lock();
        self.shared.done.store(0, Ordering::Relaxed);
        self.shared.bytes.store(0, Ordering::Relaxed);
        shown.stage = Some(stage);
    }

    /// Tells how much of it is done.
    pub(crate) fn done(&self, count: usize) {
        self.shared.done.store(count, Ordering::Relaxed);
    }

    /// What counts the bytes of a text that are done.
    pub(crate) fn bytes(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.shared.bytes)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.shared.lock().is_over = true;
        self.shared.changed.notify_all();
        if let Some(drawer) = self.drawer.take() {
            // A thread that has panicked draws no more, which is all that is asked of it.
            let _ = drawer.join();
        }
    }
}

impl Shared {
    /// A thread that panicked with the lock has left nothing half done.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Draws until the work is over.
    fn draw(&self, out: &mut impl Write, patience: Duration) -> io::Result<()> {
        let (mut line, mut wait) = (Line::default(), patience);
        loop {
            let waited = self.changed.wait_timeout_while(self.lock(), wait, |state| !state.is_over);
            let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
            if state.is_over {
                return line.erase(out);
            }
            let (done, bytes) = (self.done.load(Ordering::Relaxed), self.bytes.load(Ordering::Relaxed));
            let text = state.stage.as_ref().map(|stage| stage.words(done, bytes));
            drop(state);
            line.draw(out, &text.unwrap_or_default())?;
            wait = EVERY;
        }
    }
}

/// The line as it stands on the terminal.
#[derive(Debug, Default)]
struct Line {
    shown: String,
}

impl Line {
    /// Puts this in its place.
    fn draw(&mut self, out: &mut impl Write, text: &str) -> io::Result<()> {
        let text: String = clean(text).chars().take(WIDTH).collect();
        if text == self.shown {
            return Ok(());
        }
        let left = self.shown.chars().count().saturating_sub(text.chars().count());
        write!(out, "\r{text}{:left$}", "")?;
        self.shown = text;
        out.flush()
    }

    /// Leaves the line empty, and the cursor at its start.
    fn erase(&mut self, out: &mut impl Write) -> io::Result<()> {
        self.draw(out, "")?;
        write!(out, "\r")?;
        out.flush()
    }
}

impl Stage {
    /// A text to be read.
    pub(crate) fn text(name: &str, bytes: &[u8]) -> Self {
        Self::Text(name.to_owned(), u64::try_from(bytes.len()).unwrap_or(u64::MAX))
    }

    /// The words for it, with so much done, or so many bytes.
    fn words(&self, done: usize, bytes: u64) -> String {
        let number = |count: usize| grouped(u64::try_from(count).unwrap_or(u64::MAX));
        match self {
            Self::Fetching(name) => format!("reading {name}"),
            Self::Text(name, all) => {
                let (done, all) = (bytes.min(*all) / 1_000_000, all.div_ceil(1_000_000));
                format!("reading {name} {done} of {all} MB")
            }
            Self::Files(all) => format!("reading {} of {} files", number(done), number(*all)),
            Self::Compiling => "compiling the policies".to_owned(),
            Self::Rows(all) => format!("comparing {} of {} rows", number(done), number(*all)),
            Self::Other(words) => (*words).to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::mpsc::{Receiver, Sender, channel};
    use std::time::Duration;

    use super::{Line, Progress, Stage};

    #[test]
    fn stages_in_words() {
        let name = || "dump.yaml".to_owned();
        for (stage, done, bytes, words) in [
            (Stage::Fetching(name()), 7, 7, "reading dump.yaml"),
            (Stage::Text(name(), 48_100_000), 0, 31_999_999, "reading dump.yaml 31 of 49 MB"),
            (Stage::text("dump.yaml", b"a"), 0, 9, "reading dump.yaml 0 of 1 MB"),
            (Stage::Files(2_000), 1_204, 5, "reading 1,204 of 2,000 files"),
            (Stage::Compiling, 0, 0, "compiling the policies"),
            (Stage::Rows(60_000), 12_000, 0, "comparing 12,000 of 60,000 rows"),
        ] {
            assert_eq!(stage.words(done, bytes), words);
        }
    }

    /// What a terminal of one line shows, and where its cursor stands.
    fn on_terminal(bytes: &[u8]) -> (String, usize) {
        let (mut shown, mut at) = (Vec::new(), 0);
        for character in std::str::from_utf8(bytes).expect("text").chars() {
            assert!(character == '\r' || !character.is_control(), "{character:?}");
            if character == '\r' {
                at = 0;
                continue;
            }
            shown.resize(shown.len().max(at + 1), ' ');
            shown[at] = character;
            at += 1;
        }
        (shown.into_iter().collect::<String>().trim_end().to_owned(), at)
    }

    #[test]
    fn a_line_takes_the_place_of_the_last_and_is_erased() {
        let (mut line, mut out) = (Line::default(), Vec::new());
        for text in ["reading 1 of 10 files", "reading 10 of 10 files", "compiling", "compiling"] {
            line.draw(&mut out, text).expect("memory");
            assert_eq!(on_terminal(&out).0, text);
        }
        let before = out.len();
        line.draw(&mut out, "compiling").expect("memory");
        assert_eq!(out.len(), before, "what is there is not drawn again");
        line.draw(&mut out, &"x".repeat(200)).expect("memory");
        assert_eq!(on_terminal(&out).0.len(), 79, "it never wraps");
        line.draw(&mut out, "a\u{1b}[31m").expect("memory");
        assert_eq!(on_terminal(&out).0, "a\\u{1b}[31m");
        line.erase(&mut out).expect("memory");
        assert_eq!(on_terminal(&out), (String::new(), 0));
    }

    /// Hands on what is written.
    struct Pipe(Sender<Vec<u8>>);

    impl Write for Pipe {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.send(bytes.to_owned()).map_err(io::Error::other)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Everything written so far, after waiting until it shows this.
    fn wait_for(pipe: &Receiver<Vec<u8>>, text: &str, written: &mut Vec<u8>) {
        while on_terminal(written).0 != text {
            written.extend(pipe.recv_timeout(Duration::from_secs(20)).expect("it is drawn"));
        }
    }

    #[test]
    fn long_work_is_drawn_and_erased() {
        let (sender, receiver) = channel();
        let progress = Progress::drawn(Pipe(sender), Duration::ZERO);
        let mut written = Vec::new();
        progress.start(Stage::Files(2_000));
        progress.done(1_204);
        wait_for(&receiver, "reading 1,204 of 2,000 files", &mut written);
        progress.start(Stage::Rows(10));
        wait_for(&receiver, "comparing 0 of 10 rows", &mut written);
        drop(progress);
        written.extend(receiver.iter().flatten());
        assert_eq!(on_terminal(&written), (String::new(), 0));
    }

    #[test]
    fn short_work_is_not() {
        let (sender, receiver) = channel();
        let progress = Progress::drawn(Pipe(sender), Duration::from_hours(1));
        progress.start(Stage::Compiling);
        drop(progress);
        assert_eq!(on_terminal(&receiver.iter().flatten().collect::<Vec<_>>()), (String::new(), 0));
    }
}
