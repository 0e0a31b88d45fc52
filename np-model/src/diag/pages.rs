//! What each code means: one page a code, the only text about it. `np docs` prints it, and
//! `docs/codes.md` is made of all of them.

use std::fmt::Write;

use super::Code;

impl Code {
    /// Its page, in Markdown: what it means, an example that has it, and what to do about it.
    pub fn explain(self) -> &'static str {
        match self {
            Self::YamlSyntax => include_str!("pages/yaml-syntax.md"),
            Self::JsonSyntax => include_str!("pages/json-syntax.md"),
            Self::ForeignFormat => include_str!("pages/foreign-format.md"),
            Self::DuplicateKey => include_str!("pages/duplicate-key.md"),
            Self::NotAnObject => include_str!("pages/not-an-object.md"),
            Self::WrongType => include_str!("pages/wrong-type.md"),
            Self::UnknownField => include_str!("pages/unknown-field.md"),
            Self::InvalidValue => include_str!("pages/invalid-value.md"),
            Self::MissingField => include_str!("pages/missing-field.md"),
            Self::UnsupportedPolicy => include_str!("pages/unsupported-policy.md"),
            Self::DuplicateObject => include_str!("pages/duplicate-object.md"),
            Self::NamespaceNameLabel => include_str!("pages/namespace-name-label.md"),
            Self::LimitExceeded => include_str!("pages/limit-exceeded.md"),
            Self::NothingFound => include_str!("pages/nothing-found.md"),
        }
    }

    /// What it means in one sentence, the first of its page.
    pub fn summary(self) -> &'static str {
        self.explain().lines().next().unwrap_or_default()
    }

    /// The code of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.name() == name)
    }

    /// The pages of all codes as one document, in Markdown.
    pub fn pages() -> String {
        let mut text = String::from(
            "# Codes\n\nWhat the codes of np's diagnostics mean. Made by `cargo run -p xtask -- docs write` from\n\
             `np-model/src/diag/pages`; `np docs CODE` prints a page.\n",
        );
        for code in Self::ALL {
            // Writing to a string cannot fail.
            let _ = write!(text, "\n## {}\n\n{}", code.name(), code.explain());
        }
        text
    }
}
