//! The terminal: whether to colour, and everything that goes to stderr.

use std::io::{self, BufWriter, ErrorKind, IsTerminal, StdoutLock, Write};

use crate::args::{MessageFormat, When};
use crate::exit::Exit;
use crate::failure::{Failure, Message};
use crate::input::Loaded;
use crate::report::clean::clean;
use crate::report::diagnostic::{self, Style};
use crate::report::notes;
use crate::report::paint::Paint;
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
        let is_terminal = io::stdout().is_terminal();
        let said = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let width = said.filter(|columns| *columns > 0).or_else(|| {
            let size = is_terminal.then(terminal_size::terminal_size).flatten();
            size.map(|(terminal_size::Width(columns), _)| usize::from(columns))
        });
        let (out, err) = (paint(is_terminal), paint(io::stderr().is_terminal()));
        Self { out, err, format, is_terminal, width }
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
        let (style, diagnostics) = (self.style(), loaded.model.diagnostics());
        let mut text = Vec::new();
        // Writing to memory cannot fail.
        let _ = diagnostic::messages(&mut text, style, &loaded.unread)
            .and_then(|()| diagnostic::errors(&mut text, style, places, diagnostics))
            .and_then(|()| diagnostic::summary(&mut text, style, loaded.unread.len(), diagnostics))
            .and_then(|()| diagnostic::warnings(&mut text, style, places, diagnostics));
        to_stderr(&text);
        if let Some(note) = notes::ignored_kinds(&loaded.model) {
            self.note(&note);
        }
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
