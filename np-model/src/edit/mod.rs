//! Edits: what changes in a policy, in the rule IR and in the text that it was read from, held to each other.
//!
//! ```text
//!   Change ──▶ Policy as meant ───────────────────────┐
//!      │                                              ▼ must be equal
//!      └─────▶ text: only the bytes that it takes ──▶ read again
//! ```
//!
//! Comments, quotes, indentation and the style of lists stay as they are, and what is added is written like what
//! stands around it. An edit that is not read again as exactly what was meant is not given, but [`NoEdit`], which
//! says why: so nothing here has to know all of YAML, and what it does not know does no harm.
//!
//! yamlpatch and yamlpath, made for such edits, were weighed and left: they stand on tree-sitter, and so on a C
//! compiler and a second reader whose YAML is not quite that of the API server, address one document and not an
//! item of a list in the midst of a dump, and cannot move a dash. The events of np's own reader say where
//! everything stands, and reading again is needed anyway.

mod change;
#[cfg(feature = "yaml")]
mod document;
#[cfg(feature = "yaml")]
mod piece;
#[cfg(feature = "yaml")]
mod place;
#[cfg(feature = "yaml")]
mod text;
#[cfg(feature = "yaml")]
mod write;

use std::fmt;
use std::ops::Range;

pub use change::{Change, RuleAt, SelectorAt};

use crate::ir::Policy;
use crate::origin::{SourceId, Sources};

/// A piece of a text and what is to stand in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The text.
    pub source: SourceId,
    /// The bytes that go.
    pub range: Range<usize>,
    /// What comes there.
    pub text: String,
}

impl Edit {
    /// The whole text after the edit.
    pub fn apply(&self, text: &str) -> String {
        [&text[..self.range.start], &self.text, &text[self.range.end..]].concat()
    }
}

/// Why there is no edit of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NoEdit {
    /// The policy came without text.
    NoText,
    /// The change does not fit the policy.
    Misfit,
    /// What is to change is written in a way that np does not edit: with anchors, aliases, merges or tags.
    Style,
    /// What would have to be written anew has comments, which would be lost.
    Comments,
    /// Read again, the edited text would not say exactly what was meant.
    Unproven,
}

impl fmt::Display for NoEdit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoText => "the policy was not read from a text",
            Self::Misfit => "the change does not fit the policy",
            Self::Style => "it is written with anchors, aliases, merges or tags, which np does not edit",
            Self::Comments => "it would have to be written anew, and the comments in it would be lost",
            Self::Unproven => "the edited text would not be read as exactly what is meant",
        })
    }
}

impl std::error::Error for NoEdit {}

/// The policy after the changes, one after the other, whose texts are not looked at.
///
/// # Errors
/// [`NoEdit::Misfit`] if one names what is not there, or would turn into its opposite: a rule without its last
/// port is open on all.
pub fn changed(policy: &Policy, changes: &[Change]) -> Result<Policy, NoEdit> {
    let mut policy = policy.clone();
    for change in changes {
        change.apply(&mut policy).ok_or(NoEdit::Misfit)?;
    }
    Ok(policy)
}

/// The edit that makes the changes where the policy stands among `sources`, proven by reading it again. Its
/// cost grows with the object, not with the text around it.
///
/// # Errors
/// [`NoEdit`], with the reason.
pub fn edit(sources: &Sources, policy: &Policy, changes: &[Change]) -> Result<Edit, NoEdit> {
    let meant = changed(policy, changes)?;
    #[cfg(feature = "yaml")]
    {
        text::edit(sources, policy, changes, &meant)
    }
    #[cfg(not(feature = "yaml"))]
    {
        let _ = (sources, meant);
        Err(NoEdit::NoText)
    }
}

/// The manifest of a policy in YAML, from `apiVersion` to the line feed that ends it, in the style of another if one
/// is given.
///
/// # Errors
/// [`NoEdit::Unproven`] if it would not be read as the policy, [`NoEdit::NoText`] where np reads no YAML.
pub fn manifest(sources: &Sources, like: Option<&Policy>, policy: &Policy) -> Result<String, NoEdit> {
    #[cfg(feature = "yaml")]
    {
        document::manifest(sources, like, policy)
    }
    #[cfg(not(feature = "yaml"))]
    {
        let _ = (sources, like, policy);
        Err(NoEdit::NoText)
    }
}

/// The edit that adds a policy to a text as its last document, in YAML, with the line ends of the text and in the
/// style of another policy if one is given.
///
/// # Errors
/// [`NoEdit::Style`] if the text is JSON or ends in the midst of something, else as [`manifest`].
pub fn append(
    sources: &Sources,
    source: SourceId,
    like: Option<&Policy>,
    policy: &Policy,
) -> Result<Edit, NoEdit> {
    #[cfg(feature = "yaml")]
    {
        document::append(sources, source, like, policy)
    }
    #[cfg(not(feature = "yaml"))]
    {
        let _ = (sources, source, like, policy);
        Err(NoEdit::NoText)
    }
}
