//! Documents from texts: what they say, where they say it, and what is wrong with them; the same with and
//! without the shortcut for plain YAML.

mod hostile;
mod meaning;
mod places;

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use super::*;
use crate::diag::Severity;
use crate::load::node::{Node, Value};
use crate::origin::{Location, Sources};

/// What a text was read as: documents, with the lines of their duplicate keys, and the problems.
struct Read {
    sources: Sources,
    roots: Vec<Kept>,
    duplicates: Vec<Diagnostic>,
    problems: Vec<Diagnostic>,
}

fn read_within(text: &str, limits: &Limits) -> Read {
    let mut sources = Sources::default();
    let source = sources.add("f", text).unwrap();
    let (mut roots, mut duplicates, mut problems) = (Vec::new(), Vec::new(), Vec::new());
    let mut said = String::new();
    let mut each = |document: Document<'_>| {
        let _ = write!(said, "{:?}", document.root);
        roots.push(keep(document.root));
        duplicates.extend(document.duplicates);
    };
    documents(source, text, limits, &mut each, &mut problems);
    let (mut strict, mut strict_duplicates, mut strict_problems) = (String::new(), Vec::new(), Vec::new());
    let mut each = |document: Document<'_>| {
        let _ = write!(strict, "{:?}", document.root);
        strict_duplicates.extend(document.duplicates);
    };
    strict_documents(source, text, limits, &mut each, &mut strict_problems);
    assert!(said == strict && duplicates == strict_duplicates && problems == strict_problems, "{text}");
    Read { sources, roots, duplicates, problems }
}

fn read(text: &str) -> Read {
    read_within(text, &Limits::default())
}

/// A node that outlives its document.
struct Kept {
    at: Option<Location>,
    json: Json,
    items: Vec<Kept>,
    entries: Vec<(String, Option<Location>, Kept)>,
}

fn keep(node: Node<'_>) -> Kept {
    let entries = node.entries().map(|entry| (entry.key.to_owned(), entry.key_at, keep(entry.value)));
    Kept {
        at: node.place(),
        json: as_json(node),
        items: node.items().map(keep).collect(),
        entries: entries.collect(),
    }
}

fn as_json(node: Node<'_>) -> Json {
    match node.value() {
        Value::Null => Json::Null,
        Value::Bool(value) => value.into(),
        Value::Int(whole) => whole.into(),
        Value::Float(float) => float.into(),
        Value::Str(text) => text.into(),
        Value::Seq(items) => items.map(as_json).collect(),
        Value::Map(entries) => entries.map(|entry| (entry.key.to_owned(), as_json(entry.value))).collect(),
    }
}

/// What a text is read as, without any problem.
#[track_caller]
fn check(text: &str, expected: &[Json]) {
    let read = read(text);
    assert_eq!(read.problems, [], "{text}");
    assert_eq!(read.duplicates, [], "{text}");
    assert!(read.roots.iter().map(|root| &root.json).eq(expected), "{text}");
}

/// The problems of a text, each with its place.
#[track_caller]
fn check_problems(text: &str, documents: usize, expected: &[&str]) {
    let read = read(text);
    let shown: Vec<_> = read.problems.iter().map(|problem| read.show(problem)).collect();
    assert_eq!(shown, expected, "{text}");
    assert_eq!(read.roots.len(), documents, "{text}");
}

impl Read {
    fn show(&self, problem: &Diagnostic) -> String {
        assert_eq!(
            problem.severity,
            if problem.message.starts_with("what follows") { Severity::Warning } else { Severity::Error }
        );
        let at = problem.at.map(|at| self.line_and_column(at));
        format!("{} {}", at.unwrap_or_default(), problem.message)
    }

    fn line_and_column(&self, at: Location) -> String {
        let position = self.sources.position(at);
        format!("{}:{}", position.line, position.column)
    }

    fn place(&self, path: &str) -> String {
        let (document, path) = path.split_once(':').unwrap_or(("1", path));
        let (path, of_key) = path.strip_suffix('#').map_or((path, false), |path| (path, true));
        let mut node = &self.roots[document.parse::<usize>().unwrap() - 1];
        let mut at = node.at;
        for step in path.split(['.', '[']).filter(|step| !step.is_empty()) {
            if let Some(index) = step.strip_suffix(']') {
                node = &node.items[index.parse::<usize>().unwrap()];
            } else {
                let (_, key_at, value) = node.entries.iter().find(|(key, ..)| key == step).unwrap();
                (node, at) = (value, *key_at);
                if of_key {
                    continue;
                }
            }
            at = node.at;
        }
        self.line_and_column(at.unwrap())
    }
}

#[test]
fn encodings() {
    let utf16 = |text: &str, bytes: fn(u16) -> [u8; 2]| {
        "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(bytes).collect::<Vec<u8>>()
    };
    let text = "a: grün 🎉\n";
    assert_eq!(decode(text.into()).unwrap(), text);
    assert_eq!(decode(format!("\u{feff}{text}").into()).unwrap(), text);
    assert_eq!(decode(utf16(text, u16::to_le_bytes)).unwrap(), text);
    assert_eq!(decode(utf16(text, u16::to_be_bytes)).unwrap(), text);
    assert_eq!(decode(Vec::new()).unwrap(), "");
}

#[test]
fn what_is_no_text() {
    assert_eq!(decode(b"a: 1\nb: \xff".to_vec()).unwrap_err().message, "not valid UTF-8 at line 2, byte 8");
    assert_eq!(decode(b"a: \0".to_vec()).unwrap_err().message, "a NUL character at line 1, byte 3");
    assert!(decode(b"\xff\xfea".to_vec()).is_err());
    assert!(decode(b"\xff\xfe\x00\xd8".to_vec()).is_err());
}

#[test]
fn nothing() {
    for text in ["", "\n", "# a\n", "---", "---\n---\n# b\n---\n", "null", "~\n", "\u{feff}"] {
        check(text, &[]);
    }
}

#[test]
fn separators() {
    check("a: 1\n---\nb: 2\n--- # c\n[d]\n", &[json!({"a": 1}), json!({"b": 2}), json!(["d"])]);
    check("{\"a\": 1}\n---\nb: 2", &[json!({"a": 1}), json!({"b": 2})]);
    check("%YAML 1.1\n---\na: 1", &[json!({"a": 1})]);
    check("a: 1\r\n---\r\nb: 2\r\n", &[json!({"a": 1}), json!({"b": 2})]);
    check_problems("---a: 1\n---\nb: 2", 2, &["1:4 text behind the document separator `---`"]);
    check_problems("%YAML 1.2\n---\na: 1", 0, &["1:1 YAML 1.2, which Kubernetes does not read"]);
    let behind = "something behind the end of the document, which hides what it is";
    check_problems("a: 1\n...\nb: 2", 1, &[&format!("3:1 {behind}")]);
    check_problems("{a: 1} b", 1, &[&format!("1:8 {behind}")]);
    check_problems("a: 1\r---\rb: 2", 1, &[&format!("1:6 {behind}")]);
    // kubectl reads on as YAML behind a value of JSON.
    check_problems("{\"a\": 1}\nb: 2", 1, &[&format!("2:1 {behind}")]);
}

#[test]
fn json() {
    check(
        "{\"a\": [1, -2.5, \"x\\n\", true, null, {}, []]}",
        &[json!({"a": [1, -2.5, "x\n", true, null, {}, []]})],
    );
    check(" [1]\n{\"a\": 1}{\"b\": 2} ", &[json!([1]), json!({"a": 1}), json!({"b": 2})]);
    check(
        "{\"a\": 9223372036854775807, \"b\": 9223372036854775808}",
        &[json!({"a": i64::MAX, "b": 9_223_372_036_854_775_808.0})],
    );
    check("\u{feff}{\"a\": \"ü\"}", &[json!({"a": "ü"})]);
    // What starts like JSON may still be YAML.
    check("{a: 1, b: [c, d,],}", &[json!({"a": 1, "b": ["c", "d"]})]);
    check("{\"a\": 1} # b", &[json!({"a": 1})]);
    check("[a]: b".replace("[a]", "{\"a\": 1,\n\"b\": yes}\n#").as_str(), &[json!({"a": 1, "b": true})]);
    check_problems("{\"a\": 1,\n \"b\": tru]", 0, &["2:10 not JSON: expected ident"]);
    check_problems("{\"a\": [1, 2}", 0, &["1:12 not JSON: expected `,` or `]`"]);
    check_problems("{\"a\": 1}\n{\"b\": tru}", 1, &["2:10 not JSON: expected ident"]);
    check_problems("{\"a\": 1e400}", 1, &[]);
    check_problems("[\"a\"", 0, &["1:5 not JSON: the text ends while parsing a list"]);
}

#[test]
fn strings_are_borrowed() {
    let text = "a: b\n'c': \"d\"\n\"e\": {\"f\": \"g\"}";
    for text in [text, "{\"a\": \"b\", \"c\": [\"d\"]}"] {
        let mut sources = Sources::default();
        let source = sources.add("f", text).unwrap();
        let mut each = |document: Document<'_>| all_borrowed(document.root, text);
        documents(source, text, &Limits::default(), &mut each, &mut Vec::new());
    }
}

fn all_borrowed(node: Node<'_>, text: &str) {
    let borrowed = |part: &str| assert!(text.as_bytes().as_ptr_range().contains(&part.as_ptr()), "{part}");
    node.as_str().into_iter().for_each(borrowed);
    node.items().for_each(|item| all_borrowed(item, text));
    for entry in node.entries() {
        borrowed(entry.key);
        all_borrowed(entry.value, text);
    }
}
