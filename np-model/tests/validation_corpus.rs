//! The verdicts of a real API server (1.37, strict) on 445 NetworkPolicy manifests: np must take
//! what it takes and refuse what it refuses, for the same reasons at the same fields. The same once
//! more of a server that reads CIDRs as releases before 1.36 did, with its warnings of them.
//!
//! The corpus lies outside the repository; `NP_CORPUS` says where. Without it the test is skipped.

use std::collections::BTreeSet;
use std::path::PathBuf;

use np_model::diag::{Cause, Diagnostic, Severity};
use np_model::ir::Policy;
use np_model::{Input, Release, UnsupportedKinds};
use serde_json::{Value, json};

/// Where np differs from a raw POST of one policy to the namespace `default`, and why. What np
/// reads is files, as kubectl does, so that is who is asked instead where it says anything else.
const EXCEPTIONS: &[(&[&str], Instead)] = &[
    (
        &["tm-no-kind", "tm-no-apiversion", "tm-kind-null", "tm-none"],
        Instead::Kubectl("the server fills in apiVersion and kind from the URL; a file has no URL"),
    ),
    (
        &["list-v1", "list-networkpolicylist", "list-networkpolicylist-untyped-items"],
        Instead::Kubectl("a POST takes one object; kubectl sends the items of a list one by one"),
    ),
    (
        &[
            "yaml-multi-second-bad",
            "yaml-multi-second-garbage",
            "yaml-sep-inline-content",
            "yaml-anchor-across-docs",
        ],
        Instead::Kubectl("a POST ends with the first document; kubectl reads them all"),
    ),
    (
        &["meta-ns-mismatch", "meta-ns-missing-ns"],
        Instead::Valid("the namespace of the POST is `default`; a file may name any"),
    ),
    (&["tm-pod"], Instead::Valid("a Pod is no NetworkPolicy, but np reads Pods")),
    (&["list-empty"], Instead::Valid("kubectl has nothing to send; for np nothing is no mistake")),
    (
        &[
            "yaml-empty",
            "yaml-whitespace",
            "yaml-comment-only",
            "yaml-null-doc",
            "yaml-sep-only",
            "yaml-sep-sep",
        ],
        Instead::Valid("the server sees a policy without a name; a file without documents is no policy"),
    ),
];

/// What np is to say instead of what the server says, and why.
#[derive(Clone, Copy)]
enum Instead {
    /// What kubectl says of the same file.
    Kubectl(&'static str),
    /// That it is valid.
    Valid(&'static str),
}

#[test]
fn every_manifest_is_judged_as_by_the_api_server() {
    println!("{}", judge(Release::NEWEST, "strict"));
}

#[test]
fn every_manifest_is_judged_as_by_a_server_that_reads_cidrs_in_the_old_way() {
    for release in ["1.35", "1.33", "1.32"] {
        println!("{}", judge(release.parse().expect("a release"), "strict_legacy_cidr"));
    }
}

/// Compares np reading as `release` with the verdicts under `key`; where a manifest has none, the
/// server said the same as under `strict`. Gives the figures.
#[track_caller]
fn judge(release: Release, key: &str) -> String {
    let Some(corpus) = std::env::var_os("NP_CORPUS") else {
        return "skipped: NP_CORPUS is not set".to_owned();
    };
    let folder = PathBuf::from(corpus).join("validation");
    let verdicts =
        std::fs::read(folder.join("verdicts.json")).expect("NP_CORPUS holds validation/verdicts.json");
    let verdicts: Vec<Value> = serde_json::from_slice(&verdicts).expect("a list of verdicts");
    let (mut differing, mut of_its_own) = (Vec::new(), 0);
    for verdict in &verdicts {
        let id = verdict["id"].as_str().expect("an id");
        let file = verdict["file"].as_str().expect("a file");
        let input = read(release, std::fs::read(folder.join(file)).expect("the manifest of a verdict"));
        of_its_own += usize::from(!verdict[key].is_null());
        let server = verdict.get(key).unwrap_or(&verdict["strict"]);
        let found = difference(&input, release, server).or_else(|| warned_otherwise(&input, release, server));
        let difference = match (found, instead(id)) {
            (None, None) => None,
            (Some(difference), None) => Some(difference),
            (None, Some(_)) => Some("an exception that is none".to_owned()),
            (Some(difference), Some(instead)) => {
                let (valid, why) = match instead {
                    Instead::Kubectl(why) => (verdict["kubectl"]["rc"] == 0, why),
                    Instead::Valid(why) => (true, why),
                };
                (valid == input.has_errors()).then(|| format!("{difference}, but not: {why}"))
            }
        };
        differing.extend(difference.map(|difference| format!("{id}: {difference}")));
    }
    let exceptions: usize = EXCEPTIONS.iter().map(|(ids, _)| ids.len()).sum();
    assert!(of_its_own > 0, "no manifest has a verdict under {key}");
    assert!(differing.is_empty(), "{} differ:\n{}", differing.len(), differing.join("\n"));
    format!("{release}: {} manifests, {of_its_own} under {key}, {exceptions} exceptions", verdicts.len())
}

fn instead(id: &str) -> Option<Instead> {
    EXCEPTIONS.iter().find(|(ids, _)| ids.contains(&id)).map(|(_, instead)| *instead)
}

fn read(release: Release, manifest: Vec<u8>) -> Input {
    // As `np validate` does: a policy of a kind that np does not evaluate is an error.
    let strictly = UnsupportedKinds { are_errors: true, ..UnsupportedKinds::default() };
    let mut input = Input::new("default").with_release(release).with_unsupported(strictly);
    input.text("manifest", manifest);
    input
}

/// What np says otherwise than the server, if anything.
fn difference(input: &Input, release: Release, server: &Value) -> Option<String> {
    let errors: Vec<&Diagnostic> =
        input.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).collect();
    let said = || errors.iter().map(|error| error.message.as_str()).collect::<Vec<_>>().join("; ");
    match (server["valid"] == true, errors.is_empty()) {
        (true, false) => Some(format!("the server takes it; np: {}", said())),
        (false, true) => Some(format!("the server refuses it: {}", server["message"])),
        (true, true) => meant_otherwise(input, release, &server["stored"]),
        (false, false) if server["stage"] == "validation" => blamed_otherwise(&errors, &server["errors"]),
        (false, false) => None,
    }
}

/// Whether np blames other fields than the server, or for other reasons.
fn blamed_otherwise<'s>(errors: &[&'s Diagnostic], server: &'s Value) -> Option<String> {
    let ours: BTreeSet<(&str, &str)> = errors
        .iter()
        .map(|error| (error.field.as_deref().unwrap_or_default(), error.cause.map_or("none", cause)))
        .collect();
    let text = |value: &'s Value| value.as_str().expect("a string");
    let theirs: BTreeSet<(&str, &str)> = server
        .as_array()
        .expect("errors")
        .iter()
        .map(|error| (text(&error["field"]), text(&error["type"])))
        .collect();
    (ours != theirs).then(|| format!("np: {ours:?}, server: {theirs:?}"))
}

/// Whether the manifest means something else to np than what the server stored of it.
fn meant_otherwise(input: &Input, release: Release, stored: &Value) -> Option<String> {
    let stored = json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "stored"},
        "spec": stored,
    });
    let stored = read(release, stored.to_string().into_bytes());
    let (Some(ours), Some(theirs)) = (input.policies.first(), stored.policies.first()) else {
        return Some("np found no policy".to_owned());
    };
    let (ours, theirs) = (meaning(ours), meaning(theirs));
    (ours != theirs).then(|| format!("np: {ours:?}, as stored: {theirs:?}"))
}

/// Whether np warns of other CIDRs than the server, whose warnings start with the path. A release
/// before 1.33 warns of none.
fn warned_otherwise(input: &Input, release: Release, server: &Value) -> Option<String> {
    if server["valid"] != true {
        return None;
    }
    let ours: BTreeSet<&str> = input
        .diagnostics
        .iter()
        .filter_map(|diagnostic| diagnostic.field.as_deref())
        .filter(|field| field.contains(".ipBlock."))
        .collect();
    let warnings = server["warnings"].as_array().map(Vec::as_slice).unwrap_or_default();
    let paths =
        warnings.iter().filter_map(|warning| warning.as_str()?.split_once(": ").map(|(path, _)| path));
    let silent = release.to_string() == "1.32";
    let theirs: BTreeSet<&str> = paths.filter(|path| !silent && path.contains(".ipBlock.")).collect();
    (ours != theirs).then(|| format!("np warns of {ours:?}, the server of {theirs:?}"))
}

/// A policy without its name and places.
fn meaning(policy: &Policy) -> Policy {
    Policy { name: "".into(), ..policy.clone().without_places() }
}

/// The name of a class of problem in the corpus.
fn cause(cause: Cause) -> &'static str {
    match cause {
        Cause::Required => "Required",
        Cause::Invalid => "Invalid",
        Cause::NotSupported => "NotSupported",
        Cause::Forbidden => "Forbidden",
        Cause::TooLong => "TooLong",
    }
}
