//! The registry of codes: a line for each, from which its variant, its name and its page follow.
//! The page is the variant's documentation; `np docs` prints it, and `docs/codes.md` is made of all.

use std::fmt::Write;

/// Makes [`Code`] of variants and their names. The page of a code is the file `pages/NAME.md`; one
/// that is missing does not compile.
macro_rules! codes {
    ($($variant:ident = $name:literal,)+) => {
        /// Which problem it is. The name is stable and is what people search for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = include_str!(concat!("pages/", $name, ".md"))] $variant,)+
        }

        impl Code {
            /// Every code there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable name, in kebab case.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// Its page, in Markdown: what it means, an example that has it, and what to do about it.
            pub fn explain(self) -> &'static str {
                match self {
                    $(Self::$variant => include_str!(concat!("pages/", $name, ".md")),)+
                }
            }
        }
    };
}

codes! {
    YamlSyntax = "yaml-syntax",
    JsonSyntax = "json-syntax",
    ForeignFormat = "foreign-format",
    DuplicateKey = "duplicate-key",
    NotAnObject = "not-an-object",
    WrongType = "wrong-type",
    UnknownField = "unknown-field",
    InvalidValue = "invalid-value",
    MissingField = "missing-field",
    UnsupportedPolicy = "unsupported-policy",
    DuplicateObject = "duplicate-object",
    PartialList = "partial-list",
    NamespaceNameLabel = "namespace-name-label",
    LimitExceeded = "limit-exceeded",
    NothingFound = "nothing-found",
}

impl Code {
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
