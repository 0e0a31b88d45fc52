//! `docs/json.md` names every key and every word that np's JSON can hold.

mod common;

use std::collections::BTreeSet;

use common::np;
use serde_json::Value;

const DOCS: &str = include_str!("../docs/json.md");

/// Every key of a value.
fn keys(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                into.insert(key.clone());
                keys(value, into);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| keys(item, into)),
        _ => {}
    }
}

#[test]
fn every_key_is_documented() {
    let folder = common::Folder::with(&[("questions", "frontend/web backend/api 8080\nnobody x 1\n")]);
    let batch = np(&format!("query -f $T --batch {}", folder.path.join("questions").display())).out;
    let mut documents: Vec<String> = batch.lines().map(str::to_owned).collect();
    for line in [
        "query -f $T -o json frontend/web backend/api 80 8080",
        "query -f $T -o json backend external",
        "matrix -f $T -o json",
        "matrix -f $T -o json --port 53 --external",
        "matrix -f $T -o json --summary",
        "query -f $T -o json frontend/web backend/api --without backend/netpol/default-deny-all",
        "matrix -f $T -o json --summary --without production --label frontend/web=app-",
        "exposure -f $T -o json",
        "exposure -f $T -o json production/shop",
        "exposure -f $S -o json",
        "explain -f $T -o json backend/api backend/postgres 5432",
        "explain -f $T -o json frontend/web backend/api 8081",
        "explain -f $T -o json backend/api",
        "explain -f $T -o json backend/netpol/allow-dns",
        "explain -f $T -o json backend/netpol/default-deny-all",
    ] {
        documents.push(np(line).out);
    }
    let review = common::three_tier().with_file_name("review");
    documents.push(np(&format!("diff {0}/base {0}/head -o json", review.display())).out);
    let bad = common::policy("x", "bad", "{podSelector: {}, ingress: [{ports: [{protocol: tcp}]}]}");
    let folder = common::Folder::with(&[("bad.yaml", &bad)]);
    documents.push(common::np_in(&folder, "validate -o json").out);
    documents.push(common::np_in(&folder, "matrix --message-format json").err);
    let mut found = BTreeSet::new();
    for document in &documents {
        keys(&serde_json::from_str(document).expect("JSON"), &mut found);
    }
    for key in [
        "admissions",
        "allows",
        "didYouMean",
        "gaps",
        "missing",
        "pairs",
        "readings",
        "verdict",
        "deniedBy",
        "decisions",
        "error",
        "cells",
        "rule",
        "column",
        "findings",
        "type",
        "help",
    ] {
        assert!(found.contains(key), "no example has `{key}`");
    }
    for key in found {
        assert!(DOCS.contains(&format!("`{key}`")), "docs/json.md does not explain `{key}`");
    }
}

#[test]
fn yaml_is_the_same() {
    for line in ["frontend/web backend/api 80 8080", "backend external"] {
        let json: Value =
            serde_json::from_str(&np(&format!("query -f $T -o json {line}")).out).expect("JSON");
        let yaml: Value =
            serde_yaml::from_str(&np(&format!("query -f $T -o yaml {line}")).out).expect("YAML");
        assert_eq!(json, yaml);
        assert_eq!((&json["apiVersion"], &json["kind"]), (&"np/v1".into(), &"Query".into()));
    }
}

#[test]
fn every_word_of_an_exposure_is_documented() {
    let problems = include_str!("../src/report/exposure/problem.rs");
    let (_, problems) = problems.split_once("fn told").expect("the words");
    let levels = include_str!("../src/report/exposure/mod.rs");
    let (_, levels) = levels.split_once("fn level").expect("the words");
    let is_word =
        |text: &&str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    let words: BTreeSet<&str> =
        [problems, levels].iter().flat_map(|text| text.split('"')).filter(is_word).collect();
    assert!(words.len() >= 20, "{words:?}");
    for word in words {
        assert!(DOCS.contains(&format!("`{word}`")), "docs/json.md does not explain `{word}`");
    }
}

#[test]
fn every_reason_is_documented() {
    let reasons = [include_str!("../src/report/reason.rs"), include_str!("../src/report/doubt.rs")].concat();
    let calls = reasons.split("self.plain(").chain(reasons.split("self.peer("));
    let words: BTreeSet<&str> =
        calls.filter_map(|call| call.trim_start().strip_prefix('"')?.split('"').next()).collect();
    assert!(words.len() >= 10, "{words:?}");
    for word in words {
        assert!(DOCS.contains(&format!("| `{word}` |")), "docs/json.md does not explain `{word}`");
    }
}

#[test]
fn every_gap_is_documented() {
    let words = include_str!("../src/report/explain/gap.rs");
    let is_word = |text: &&str| {
        let of_letters = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        of_letters
            && (text.contains('-')
                || ["direction", "joined", "block", "except", "port", "protocol"].contains(text))
    };
    let words: BTreeSet<&str> = words.split('"').filter(is_word).collect();
    assert!(words.len() >= 14, "{words:?}");
    for word in words {
        assert!(DOCS.contains(&format!("| `{word}` |")), "docs/json.md does not explain `{word}`");
    }
}
