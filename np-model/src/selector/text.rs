//! Selectors as people type them: `a=b,c!=d,e in (x,y),f notin (z),g,!h`.
//!
//! The grammar is that of kubectl's `-l` (`labels.Parse` of k8s.io/apimachinery), corners included:
//! nothing at all selects everything, a value may be empty, `in` and `notin` may be keys and values.
//! (kubectl trips over `(a,,)` but not over `(a,,b)`; here both have an empty value.)
//! Only `>` and `<` are refused: no selector of a policy can compare numbers.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use super::{Requirement, Selector};
use crate::fields::syntax;

/// Why a text is no selector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SelectorError {
    /// Something stands where something else must.
    Unexpected {
        /// What stands there; empty at the end of the text.
        found: String,
        /// What must stand there.
        expected: &'static str,
    },
    /// A key that no label can have.
    Key {
        /// The key.
        key: String,
        /// What is wrong with it.
        wrong: &'static str,
    },
    /// A value that no label can have.
    Value {
        /// The value.
        value: String,
        /// What is wrong with it.
        wrong: &'static str,
    },
    /// `>` or `<`, which np does not evaluate.
    Comparison(&'static str),
}

impl fmt::Display for SelectorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unexpected { found, expected } if found.is_empty() => {
                write!(f, "the selector ends where {expected} must stand")?;
            }
            Self::Unexpected { found, expected } => write!(f, "`{found}` where {expected} must stand")?,
            Self::Key { key, wrong } => write!(f, "the label key `{key}` {wrong}")?,
            Self::Value { value, wrong } => write!(f, "the label value `{value}` {wrong}")?,
            Self::Comparison(sign) => write!(f, "`{sign}` compares numbers, which np does not")?,
        }
        f.write_str("; write a selector such as app=web,tier!=db")
    }
}

impl std::error::Error for SelectorError {}

/// One word of a selector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'t> {
    /// A key, a value, or the words `in` and `notin`.
    Word(&'t str),
    /// `=`, `==`, `!=`, `!`, `>`, `<`, `(`, `)` or `,`.
    Sign(&'static str),
    End,
}

/// Longer signs before those that they start with.
const SIGNS: [&str; 9] = ["==", "!=", "=", "!", ">", "<", "(", ")", ","];

/// The words of a selector from some place on.
#[derive(Clone, Copy)]
struct Words<'t>(&'t str);

impl<'t> Words<'t> {
    fn next(&mut self) -> Token<'t> {
        let blank = [' ', '\t', '\r', '\n'];
        let text = self.0.trim_start_matches(blank);
        if text.is_empty() {
            return Token::End;
        }
        if let Some(sign) = SIGNS.into_iter().find(|sign| text.starts_with(sign)) {
            self.0 = &text[sign.len()..];
            return Token::Sign(sign);
        }
        let ends = |c: char| blank.contains(&c) || "=!<>(),".contains(c);
        let (word, rest) = text.split_at(text.find(ends).unwrap_or(text.len()));
        self.0 = rest;
        Token::Word(word)
    }

    fn peek(mut self) -> Token<'t> {
        self.next()
    }

    /// The next word, if it is this sign; else nothing is taken.
    fn takes(&mut self, sign: &str) -> bool {
        let is_next = matches!(self.peek(), Token::Sign(next) if next == sign);
        if is_next {
            self.next();
        }
        is_next
    }

    fn requirement(&mut self) -> Result<Requirement, SelectorError> {
        let absent = self.takes("!");
        let key = match self.next() {
            Token::Word(word) => key(word)?,
            other => return Err(unexpected(other, "a label key")),
        };
        if absent {
            return Ok(Requirement::DoesNotExist(key));
        }
        match self.peek() {
            Token::End | Token::Sign(",") => return Ok(Requirement::Exists(key)),
            _ => {}
        }
        match self.next() {
            Token::Sign("=" | "==") => Ok(Requirement::In(key, [self.value()?].into())),
            Token::Sign("!=") => Ok(Requirement::NotIn(key, [self.value()?].into())),
            Token::Word("in") => Ok(Requirement::In(key, self.values()?)),
            Token::Word("notin") => Ok(Requirement::NotIn(key, self.values()?)),
            Token::Sign(sign @ (">" | "<")) => Err(SelectorError::Comparison(sign)),
            other => Err(unexpected(other, "`=`, `!=`, `in`, `notin` or `,`")),
        }
    }

    /// The one value behind `=`; nothing is the empty one.
    fn value(&mut self) -> Result<String, SelectorError> {
        match self.peek() {
            Token::End | Token::Sign(",") => return Ok(String::new()),
            _ => {}
        }
        match self.next() {
            Token::Word(word) => value(word),
            other => Err(unexpected(other, "a label value")),
        }
    }

    /// The values between parentheses, which may be empty as well.
    fn values(&mut self) -> Result<BTreeSet<String>, SelectorError> {
        if !self.takes("(") {
            return Err(unexpected(self.next(), "`(`"));
        }
        let mut values = BTreeSet::new();
        loop {
            values.insert(match self.peek() {
                Token::Word(word) => {
                    self.next();
                    value(word)?
                }
                _ => String::new(),
            });
            match self.next() {
                Token::Sign(",") => {}
                Token::Sign(")") => return Ok(values),
                other => return Err(unexpected(other, "`,` or `)`")),
            }
        }
    }
}

fn unexpected(found: Token<'_>, expected: &'static str) -> SelectorError {
    let found = match found {
        Token::Word(text) | Token::Sign(text) => text.to_owned(),
        Token::End => String::new(),
    };
    SelectorError::Unexpected { found, expected }
}

fn key(text: &str) -> Result<String, SelectorError> {
    match syntax::label_key(text).first() {
        None => Ok(text.to_owned()),
        Some(wrong) => Err(SelectorError::Key { key: text.to_owned(), wrong }),
    }
}

fn value(text: &str) -> Result<String, SelectorError> {
    match syntax::label_value(text).first() {
        None => Ok(text.to_owned()),
        Some(wrong) => Err(SelectorError::Value { value: text.to_owned(), wrong }),
    }
}

impl FromStr for Selector {
    type Err = SelectorError;

    fn from_str(text: &str) -> Result<Self, SelectorError> {
        let mut words = Words(text);
        let mut requirements = Vec::new();
        if words.peek() == Token::End {
            return Ok(Self::default());
        }
        loop {
            requirements.push(words.requirement()?);
            match words.next() {
                Token::End => return Ok(Self::new(requirements)),
                Token::Sign(",") => {}
                other => return Err(unexpected(other, "`,` or the end")),
            }
        }
    }
}

/// As kubectl reads it: `a=b,c!=d,e in (x,y),!h`. Everything is the empty text.
impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, requirement) in self.requirements().iter().enumerate() {
            if index > 0 {
                f.write_str(",")?;
            }
            requirement.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (key, [one, many], values) = match self {
            Self::Exists(key) => return f.write_str(key),
            Self::DoesNotExist(key) => return write!(f, "!{key}"),
            Self::In(key, values) => (key, ["=", "in"], values),
            Self::NotIn(key, values) => (key, ["!=", "notin"], values),
        };
        if values.len() == 1 {
            return values.iter().try_for_each(|value| write!(f, "{key}{one}{value}"));
        }
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        write!(f, "{key} {many} ({})", values.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::{Requirement as R, Selector, SelectorError};

    fn set(values: &[&str]) -> std::collections::BTreeSet<String> {
        values.iter().map(|value| (*value).to_owned()).collect()
    }

    #[track_caller]
    fn check(text: &str, requirements: &[R], written: &str) {
        let expected = Selector::new(requirements.iter().cloned());
        assert_eq!(text.parse(), Ok(expected.clone()), "{text}");
        assert_eq!(expected.to_string(), written);
        assert_eq!(written.parse(), Ok(expected), "{written}");
    }

    #[test]
    fn reads_what_kubectl_reads() {
        check("a=b", &[R::In("a".into(), set(&["b"]))], "a=b");
        check("a == b", &[R::In("a".into(), set(&["b"]))], "a=b");
        check("c!=d", &[R::NotIn("c".into(), set(&["d"]))], "c!=d");
        let e = R::In("example.com/e".into(), set(&["x", "y"]));
        check("example.com/e\tin (y, x,y)", &[e], "example.com/e in (x,y)");
        check("f notin(z)", &[R::NotIn("f".into(), set(&["z"]))], "f!=z");
        check("! h ,g", &[R::Exists("g".into()), R::DoesNotExist("h".into())], "g,!h");
        let empty = |key: &str| R::In(key.into(), set(&[""]));
        check("i=,j==, k in (),l in (,)", &["i", "j", "k", "l"].map(empty), "i=,j=,k=,l=");
        check("m in (b,,a,)", &[R::In("m".into(), set(&["", "a", "b"]))], "m in (,a,b)");
        check(
            "in in (in,notin),notin=in",
            &[R::In("in".into(), set(&["in", "notin"])), R::In("notin".into(), set(&["in"]))],
            "in in (in,notin),notin=in",
        );
        check(" \n", &[], "");
    }

    #[test]
    fn refuses_what_is_no_selector() {
        for text in [
            ",",
            "a=b,",
            ",a",
            "a b",
            "a in x",
            "a in (x",
            "a in x)",
            "a/b/c",
            "/a",
            "Example.com/a",
            "-a",
            "=b",
            "a=b=c",
            "a===b",
            "a=-b",
            "a=ü",
            "a on (b)",
            "a IN (b)",
            "!",
            "!!a",
            "!a=b",
            "!a in (b)",
            "a in (b c)",
            "a in ((b))",
            "a,,b",
            "a\u{a0}=b",
            "a\0",
        ] {
            assert!(text.parse::<Selector>().is_err(), "{text}");
        }
    }

    #[test]
    fn says_what_is_wrong() {
        assert_eq!("a>1".parse::<Selector>(), Err(SelectorError::Comparison(">")));
        assert_eq!("a < 1".parse::<Selector>(), Err(SelectorError::Comparison("<")));
        let error = |text: &str| text.parse::<Selector>().expect_err("an error").to_string();
        assert!(error("a=b c").starts_with("`c` where `,` or the end must stand; "));
        assert!(error("a in").starts_with("the selector ends where `(` must stand; "));
        assert!(error("a=b/c").starts_with("the label value `b/c` must be "));
    }
}
