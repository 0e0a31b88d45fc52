//! A diagnostic as data: the same keys wherever one is given to a machine, and the short form that
//! editors and CI services recognise.

use np_model::diag::{Diagnostic, Severity};
use serde::Serialize;

use super::clean::{clean, clip};
use super::places::{Place, Places};
use crate::failure::Message;

/// One problem, or something worth knowing; `docs/json.md` explains the keys.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Finding {
    #[serde(flatten)]
    place: Option<Place>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    severity: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// The API server's class of the problem.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
}

impl Finding {
    /// Of a problem with the input.
    pub(crate) fn of(problem: &Diagnostic, places: &Places<'_>) -> Self {
        let owned = |text: &str| clean(text).into_owned();
        Self {
            place: problem.at.map(|at| places.place(at)),
            code: Some(problem.code.name()),
            severity: severity(problem.severity),
            object: problem.object.as_ref().map(|object| owned(&object.to_string())),
            field: problem.field.as_deref().map(owned),
            reason: problem.cause.map(np_model::diag::Cause::reason),
            message: clip(&problem.message).into_owned(),
            help: problem.help.as_deref().map(|help| clip(help).into_owned()),
        }
    }

    /// Of a problem that is in no text.
    pub(crate) fn told(message: &Message) -> Self {
        let owned = |text: &str| clip(text).into_owned();
        Self {
            place: None,
            code: None,
            severity: "error",
            object: None,
            field: None,
            reason: None,
            message: owned(&message.text),
            help: message.help.as_ref().or(message.said.last()).map(|text| owned(text)),
        }
    }

    /// Of something worth knowing.
    pub(crate) fn note(text: &str) -> Self {
        Self { severity: "note", ..Self::told(&Message::new(text)) }
    }
}

/// `file:line:column: severity[code]: message`, as far as there is any of it.
impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        f.write_str(self.severity)?;
        if let Some(code) = self.code {
            write!(f, "[{code}]")?;
        }
        write!(f, ": {}", self.message)
    }
}

/// The word for a severity.
pub(super) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}
