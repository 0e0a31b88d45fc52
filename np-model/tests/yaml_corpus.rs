//! How Kubernetes reads YAML, against documents that its own library and API server have read.
//!
//! The corpus is found through `NP_CORPUS`: `yaml/` holds what sigs.k8s.io/yaml makes of each
//! document, `validation/` what a kube-apiserver and kubectl said. Only reading is compared here.
#![cfg(feature = "yaml")]

use std::path::{Path, PathBuf};

use np_model::diag::Severity;
use np_model::load::node::{Node, Value};
use np_model::load::text::{decode, documents};
use np_model::load::{Document, Limits};
use np_model::origin::Sources;
use serde_json::Value as Json;

/// Where np differs on purpose, and why.
const YAML_EXCEPTIONS: &[(&str, &str)] = &[];

/// Where np's reading differs from what both the API server and kubectl do, and why.
const CASE_EXCEPTIONS: &[(&str, &str)] = &[(
    "yaml-yaml-directive11",
    "np reads it as the API server does; kubectl cuts the directive off its document",
)];

/// Where keys are found to stand twice that the API server takes, and why.
const DUPLICATE_EXCEPTIONS: &[(&str, &str)] = &[(
    "sel-ml-key-collide",
    "`1` and `\"1\"` are two keys to YAML, then one; which value wins is left to chance",
)];

/// What a text was read as.
struct Read {
    /// The first document.
    first: Option<Json>,
    /// Whether a key stands twice in it.
    duplicates: bool,
    /// The first error.
    error: Option<String>,
}

#[test]
fn yaml_as_the_library_reads_it() {
    let Some(corpus) = corpus("yaml") else {
        return;
    };
    let expected = json(&corpus.join("expected.json"));
    let expected = expected.as_object().expect("a map");
    assert!(expected.len() > 20, "{} documents", expected.len());
    let mut wrong = Vec::new();
    for (name, expected) in expected {
        let read = read(std::fs::read(corpus.join(name)).expect(name));
        let (lenient, strict) = (&expected["lenient"], &expected["strict"]);
        let value_agrees = match (&read.first, lenient.get("json"), lenient["raw"].as_str()) {
            (Some(found), Some(value), _) => same(found, value),
            // Of what is too deep for most JSON readers, how it starts.
            (Some(found), None, Some(start)) => found.to_string().starts_with(start),
            _ => false,
        };
        let agrees = if lenient.get("error").is_some() {
            read.error.is_some()
        } else {
            read.error.is_none() && value_agrees && read.duplicates == strict.get("error").is_some()
        };
        if agrees == YAML_EXCEPTIONS.iter().any(|(exception, _)| exception == name) {
            wrong.push(format!("{name}: {:?}, {:?}, expected {lenient}", read.first, read.error));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn manifests_as_the_api_server_reads_them() {
    let Some(corpus) = corpus("validation") else {
        return;
    };
    let verdicts = json(&corpus.join("verdicts.json"));
    let verdicts = verdicts.as_array().expect("a list");
    assert!(verdicts.len() > 400, "{} verdicts", verdicts.len());
    let (mut wrong, mut compared) = (Vec::new(), 0);
    for verdict in verdicts {
        let (name, strict) = (verdict["id"].as_str().expect("id"), &verdict["strict"]);
        let read = read(std::fs::read(corpus.join(verdict["file"].as_str().expect("file"))).expect(name));
        let is_in = |exceptions: &[(&str, &str)]| exceptions.iter().any(|(exception, _)| *exception == name);

        let message = strict["message"].as_str().unwrap_or_default();
        let by_server = message.contains("is unrecognized")
            && (message.contains("): yaml: ")
                || message.contains("unsupported value")
                || message.contains("unsupported map key"));
        let by_kubectl =
            verdict["kubectl"]["err"].as_str().is_some_and(|error| error.starts_with("error: error parsing"));
        if (read.error.is_some() == (by_server || by_kubectl)) == is_in(CASE_EXCEPTIONS) {
            wrong.push(format!("{name}: {:?}, the API server: {message}", read.error));
        }

        let duplicates = message.contains("already set in map");
        let judged = matches!(strict["stage"].as_str(), Some("accepted" | "validation" | "strict-decoding"));
        if judged && (read.duplicates == duplicates) == is_in(DUPLICATE_EXCEPTIONS) {
            wrong.push(format!("{name}: duplicates {}, the API server: {message}", read.duplicates));
        }

        if let (Some(stored), Some(first)) = (strict.get("stored"), &read.first) {
            compared += 1;
            if let Some(difference) = difference(&first["spec"], stored, "spec") {
                wrong.push(format!("{name}: {difference}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(compared > 100, "{compared} stored objects");
}

/// A folder of the corpus, if there is a corpus.
#[expect(clippy::print_stdout, reason = "a test says when it tests nothing")]
fn corpus(folder: &str) -> Option<PathBuf> {
    let Some(root) = std::env::var_os("NP_CORPUS") else {
        println!("skipped: NP_CORPUS is not set");
        return None;
    };
    let path = PathBuf::from(root).join(folder);
    assert!(path.is_dir(), "NP_CORPUS is set, but has no folder {folder}");
    Some(path)
}

fn json(path: &Path) -> Json {
    serde_json::from_slice(&std::fs::read(path).expect("corpus file")).expect("JSON")
}

fn read(bytes: Vec<u8>) -> Read {
    let text = match decode(bytes) {
        Ok(text) => text,
        Err(problem) => return Read { first: None, duplicates: false, error: Some(problem.message) },
    };
    let source = Sources::default().add("case", text.as_str()).expect("short");
    let (mut first, mut duplicates, mut problems) = (None, false, Vec::new());
    let mut each = |document: Document<'_>| {
        if first.is_none() {
            first = Some(as_json(document.root));
            duplicates = !document.duplicates.is_empty();
        }
    };
    documents(source, &text, &Limits::default(), &mut each, &mut problems);
    let error = problems.into_iter().find(|problem| problem.severity == Severity::Error);
    Read { first, duplicates, error: error.map(|problem| problem.message) }
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

/// Equal, numbers by value.
fn same(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Number(a), Json::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        (a, b) => a == b,
    }
}

/// The first scalar that stands in both and differs; what is null was given its default.
fn difference(found: &Json, stored: &Json, path: &str) -> Option<String> {
    match (found, stored) {
        (Json::Null, _) => None,
        (Json::Array(found), Json::Array(stored)) => found
            .iter()
            .zip(stored)
            .enumerate()
            .find_map(|(i, (found, stored))| difference(found, stored, &format!("{path}[{i}]"))),
        (Json::Object(found), Json::Object(stored)) => stored
            .iter()
            .find_map(|(key, stored)| difference(found.get(key)?, stored, &format!("{path}.{key}"))),
        (Json::Array(found), _) if found.is_empty() => None,
        (found, stored) => (!same(found, stored)).then(|| format!("{path} is {found}, stored is {stored}")),
    }
}
