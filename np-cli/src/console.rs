//! The terminal: whether to colour, and everything that goes to stderr.

use std::io::{self, BufWriter, ErrorKind, IsTerminal, StdoutLock, Write};
use std::time::Instant;

use np_model::diag::Diagnostic;

use crate::args::{MessageFormat, When};
use crate::exit::Exit;
use crate::failure::{Failure, Message};
use crate::input::{Loaded, Sides};
use crate::progress::{PATIENCE, Progress};
use crate::report::changes::{SHOWN, WhatIf};
use crate::report::clean::clean;
use crate::report::diagnostic::{self, Style};
use crate::report::notes;
use crate::report::paint::{Paint, Tone};
use crate::report::places::Places;

/// What is known about the two output streams.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Console {
    /// How to colour answers.
    pub(crate) out: Paint,
    /// How to colour diagnostics.
    pub(crate) err: Paint,
    /// How to write diagnostics.
    pub(crate) format: MessageFormat,
    /// Whether a person reads the answers.
    pub(crate) is_terminal: bool,
    /// Whether stderr can show a line and take it back.
    shows_progress: bool,
    /// When the run began.
    start: Instant,
    /// How many columns answers have: what `COLUMNS` says, else those of the terminal, if it is one.
    pub(crate) width: Option<usize>,
}

impl Console {
    /// Decides on colours: `auto` means at a terminal, unless `NO_COLOR` is set.
    pub(crate) fn new(color: When, format: MessageFormat) -> Self {
        let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let paint = |is_terminal: bool| match color {
            When::Always => Paint::On,
            When::Auto if is_terminal && !is_set("NO_COLOR") && !is_dumb => Paint::On,
            When::Auto | When::Never => Paint::Off,
        };
        let said = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let (is_terminal, is_told_at_one) = (io::stdout().is_terminal(), io::stderr().is_terminal());
        let width = said.filter(|columns| *columns > 0).or_else(|| {
            let size = is_terminal.then(terminal_size::terminal_size).flatten();
            size.map(|(terminal_size::Width(columns), _)| usize::from(columns))
        });
        Self {
            out: paint(is_terminal),
            err: paint(is_told_at_one),
            format,
            is_terminal,
            width,
            shows_progress: is_told_at_one && !is_dumb,
            start: Instant::now(),
        }
    }

    /// Shows how far work is, if that can be shown and takes long. Nothing else may be written to stderr
    /// before it is dropped.
    pub(crate) fn progress(self) -> Progress {
        if self.shows_progress {
            Progress::drawn(io::stderr(), PATIENCE.saturating_sub(self.start.elapsed()))
        } else {
            Progress::default()
        }
    }

    /// The same for work that writes its answer meanwhile, which is seen itself at a terminal.
    pub(crate) fn progress_of_output(self) -> Progress {
        if self.is_terminal { Progress::default() } else { self.progress() }
    }

    /// Says something worth knowing on stderr.
    pub(crate) fn note(self, text: &str) {
        let mut line = Vec::new();
        // Writing to memory cannot fail.
        let _ = diagnostic::note(&mut line, self.style(), text);
        to_stderr(&line);
    }

    /// Shows what an input that is answered about has to say: its warnings, what is broken, and what
    /// was left out on request.
    pub(crate) fn input(self, places: &Places<'_>, loaded: &Loaded) {
        self.problems(places, &loaded.unread, loaded.model.diagnostics());
        if let Some(note) = notes::ignored_kinds(&loaded.model) {
            self.note(&note);
        }
        if let Some(what_if) = &loaded.what_if {
            self.what_if(what_if);
        }
    }

    /// The same for two inputs that are compared; what they have in common is said once.
    pub(crate) fn sides(self, places: &Places<'_>, sides: &Sides) {
        self.problems(places, &sides.unread(), &sides.diagnostics());
        let [base, head] = [sides.base, sides.head].map(|side| notes::ignored_kinds(&side.model));
        let base = base.filter(|note| head.as_ref() != Some(note));
        for note in [base, head].into_iter().flatten() {
            self.note(&note);
        }
    }

    fn problems(self, places: &Places<'_>, unread: &[Message], diagnostics: &[Diagnostic]) {
        let style = self.style();
        let mut text = Vec::new();
        // Writing to memory cannot fail.
        let _ = diagnostic::messages(&mut text, style, unread)
            .and_then(|()| diagnostic::errors(&mut text, style, places, diagnostics))
            .and_then(|()| diagnostic::summary(&mut text, style, unread.len(), diagnostics))
            .and_then(|()| diagnostic::warnings(&mut text, style, places, diagnostics));
        to_stderr(&text);
    }

    /// Says what changes if what the arguments ask for is so.
    fn what_if(self, what_if: &WhatIf) {
        let headline = format!("what if: {}", what_if.headline());
        if self.format != MessageFormat::Human {
            return self.note(&headline);
        }
        let mut text = Vec::new();
        let _ = writeln!(text, "{}", self.err.tint(Tone::Strong, &headline))
            .and_then(|()| what_if.lines(&mut text, self.err, SHOWN));
        to_stderr(&text);
    }

    /// Tells which files and folders could not be read.
    pub(crate) fn unread(self, unread: &[Message]) {
        let mut text = Vec::new();
        let _ = diagnostic::messages(&mut text, self.style(), unread);
        to_stderr(&text);
    }

    /// How diagnostics are written on stderr.
    fn style(self) -> Style {
        Style { paint: self.err, format: self.format }
    }

    /// Tells why there is no answer. That nobody reads the output any more is no failure.
    pub(crate) fn fail(self, failure: &Failure) -> Exit {
        let mut text = Vec::new();
        let _ = match failure {
            Failure::Output(error) if error.kind() == ErrorKind::BrokenPipe => return Exit::Yes,
            Failure::Output(error) => {
                let message = Message::new(format!("the answer cannot be written: {error}"));
                diagnostic::messages(&mut text, self.style(), &[message])
            }
            Failure::Told(messages) => diagnostic::messages(&mut text, self.style(), messages),
            Failure::Refused { unread, diagnostics, sources } => {
                diagnostic::messages(&mut text, self.style(), unread)
                    .and_then(|()| {
                        diagnostic::errors(&mut text, self.style(), &Places::new(sources), diagnostics)
                    })
                    .and_then(|()| diagnostic::summary(&mut text, self.style(), unread.len(), diagnostics))
            }
        };
        to_stderr(&text);
        Exit::Failed
    }
}

/// Where answers go.
pub(crate) fn stdout() -> BufWriter<StdoutLock<'static>> {
    BufWriter::with_capacity(1 << 16, io::stdout().lock())
}

/// Prints help on stdout, or what is wrong with the arguments on stderr.
pub(crate) fn usage(error: &clap::Error) -> Exit {
    if error.use_stderr() {
        // The arguments are quoted in it, and they may come from anywhere.
        let text = error.render().to_string();
        let lines: Vec<_> = text.lines().map(clean).collect();
        to_stderr(format!("{}\n", lines.join("\n")).as_bytes());
        Exit::Failed
    } else {
        let _ = error.print();
        Exit::Yes
    }
}

/// If nobody can be told, there is nothing left to do.
fn to_stderr(text: &[u8]) {
    let _ = io::stderr().lock().write_all(text);
}
