//! Why there is no answer: what a command hands back to `main` instead of an exit code.

use std::io;

use np_model::diag::Diagnostic;
use np_model::origin::Sources;

/// A run without an answer.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The question or the input as a whole makes no sense; each told in a message.
    Told(Vec<Message>),
    /// The input was refused.
    Refused {
        /// Files and folders that could not be read.
        unread: Vec<Message>,
        /// What is wrong with the texts that could.
        diagnostics: Vec<Diagnostic>,
        /// Those texts.
        sources: Sources,
    },
    /// The output could not be written.
    Output(io::Error),
}

/// What is wrong, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    /// Lower case, no full stop.
    pub(crate) text: String,
    /// What a command that was run says about it, line by line.
    pub(crate) said: Vec<String>,
    /// Advice, if there is any.
    pub(crate) help: Option<String>,
}

impl Message {
    /// A message without advice.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), said: Vec::new(), help: None }
    }

    /// The same, with advice.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl From<Message> for Failure {
    fn from(message: Message) -> Self {
        Self::Told(vec![message])
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}
