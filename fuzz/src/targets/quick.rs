//! The shortcuts for plain YAML: they give what the strict reader gives, or leave the text to it.

use std::fmt::Write as _;

use np_model::diag::Code;
use np_model::load::text::{decode, documents, strict_documents};
use np_model::load::{Document, Limits};
use np_model::origin::Sources;

use super::load;

/// Reads the documents of a text both ways; and those that it divides into as items of a list, once as a
/// list, once as a document that is one.
///
/// # Panics
/// If np breaks a promise.
pub fn quick(bytes: &[u8]) {
    let Ok(text) = decode(bytes.to_vec()) else { return };
    let Ok(source) = Sources::default().add("text", text.as_str()) else { return };
    let read = |by_events: bool| {
        let (mut said, mut problems) = (String::new(), Vec::new());
        let mut each = |document: Document<'_>| {
            let _ = writeln!(said, "{:?} {:?}", document.root, document.duplicates);
        };
        let limits = Limits::default();
        if by_events {
            strict_documents(source, &text, &limits, &mut each, &mut problems);
        } else {
            documents(source, &text, &limits, &mut each, &mut problems);
        }
        (said, format!("{problems:?}"))
    };
    assert!(read(false) == read(true), "read otherwise by events");
    list(&text);
}

fn list(text: &str) {
    let mut list = String::from("apiVersion: v1\nitems:\n");
    for item in text.split("\n---\n") {
        list.push_str("- ");
        list.push_str(item.replace('\n', "\n  ").trim_end());
        list.push('\n');
    }
    list.push_str("kind: List\nmetadata:\n  resourceVersion: \"\"\n");
    let input = load(list.as_bytes());
    // What is wrong with the syntax may be told of another place where more follows.
    if input.diagnostics.iter().any(|problem| matches!(problem.code, Code::YamlSyntax | Code::ForeignFormat))
    {
        return;
    }
    let whole = load(format!("{list}---\n").as_bytes());
    assert_eq!(
        format!("{:?}", (&input.policies, &input.facts, &input.diagnostics, &input.ignored)),
        format!("{:?}", (&whole.policies, &whole.facts, &whole.diagnostics, &whole.ignored)),
        "a list read in parts is not what it is as a whole"
    );
}
