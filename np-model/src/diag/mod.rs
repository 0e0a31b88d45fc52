//! What is wrong with the input, as data: a code, a severity, a place, and what to do about it.
//!
//! Reading never stops at the first problem; diagnostics are collected and shown together. The
//! codes are a closed registry, so that each can be documented, searched and tested.

mod code;

use std::fmt;

pub use self::code::Code;
use crate::origin::{Location, ObjectRef, Sources};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing; the answer stands.
    Note,
    /// Probably not meant; the answer stands under the reading given.
    Warning,
    /// The input cannot be understood; there is no answer.
    Error,
}

/// Why the API server refuses a value, in its own classes (`field.ErrorType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Cause {
    /// The field must be there.
    Required,
    /// The value is malformed or out of range.
    Invalid,
    /// The value is none of an enumeration's.
    NotSupported,
    /// The field must not be there, given the others.
    Forbidden,
    /// There is too much of it.
    TooLong,
}

impl Cause {
    /// The word that the API server gives as the reason of a cause (`metav1.CauseType`).
    pub fn reason(self) -> &'static str {
        match self {
            Self::Required => "FieldValueRequired",
            Self::Invalid => "FieldValueInvalid",
            Self::NotSupported => "FieldValueNotSupported",
            Self::Forbidden => "FieldValueForbidden",
            Self::TooLong => "FieldValueTooLong",
        }
    }
}

/// A limit of the input, which whoever has it read can set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Limit {
    /// How many bytes a text has.
    Bytes,
    /// How many documents a text holds.
    Documents,
    /// How deep values nest.
    Depth,
    /// How many values aliases copy.
    Copies,
    /// How many values a text holds.
    Values,
    /// How many labels an object carries.
    Labels,
}

/// One problem with the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Which problem.
    pub code: Code,
    /// How bad.
    pub severity: Severity,
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// Where, if there is text.
    pub at: Option<Location>,
    /// In which object, if it got that far.
    pub object: Option<ObjectRef>,
    /// At which field, as the API server writes paths: `spec.ingress[0].from[1].ipBlock.cidr`.
    pub field: Option<String>,
    /// What to do about it.
    pub help: Option<String>,
    /// The API server's class of the problem, where its validation refuses the object for it.
    pub cause: Option<Cause>,
    /// Which limit was met, if the input would be read were it higher.
    pub limit: Option<Limit>,
}

impl Diagnostic {
    /// An error with a message and nothing else yet.
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, message)
    }

    /// A warning with a message and nothing else yet.
    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, message)
    }

    fn new(code: Code, severity: Severity, message: impl Into<String>) -> Self {
        Self {
            code,
            severity,
            message: message.into(),
            at: None,
            object: None,
            field: None,
            help: None,
            cause: None,
            limit: None,
        }
    }

    /// The same, at a place.
    #[must_use]
    pub fn at(mut self, at: Option<Location>) -> Self {
        self.at = at;
        self
    }

    /// The same, in an object.
    #[must_use]
    pub fn object(mut self, object: Option<ObjectRef>) -> Self {
        self.object = object;
        self
    }

    /// The same, at a field.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// The same, as a problem of a class of the API server's validation.
    #[must_use]
    pub fn cause(mut self, cause: Cause) -> Self {
        self.cause = Some(cause);
        self
    }

    /// The same, as a limit that was met.
    #[must_use]
    pub fn limit(mut self, limit: Limit) -> Self {
        self.limit = Some(limit);
        self
    }

    /// The same, with advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// The problems that kept a model from being built: at least one of them an error.
#[derive(Debug, Clone)]
pub struct Invalid {
    /// Every problem found, in the order of the input.
    pub diagnostics: Vec<Diagnostic>,
    /// The texts that they point into.
    pub sources: Sources,
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, diagnostic) in self.diagnostics.iter().enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            if let Some(at) = diagnostic.at {
                write!(f, "{}: ", self.sources.position(at))?;
            }
            if let Some(object) = &diagnostic.object {
                write!(f, "{object}: ")?;
            }
            if let Some(field) = &diagnostic.field {
                write!(f, "{field}: ")?;
            }
            f.write_str(&diagnostic.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for Invalid {}
