//! `np diff -o sarif|github|gitlab|junit`: each change at a place of the head that is there, the gravest first, known
//! again after lines have moved, and whatever the input is called, a document that its readers take.

mod common;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use common::{Folder, Ran, np_in, pod, policy, three_tier};
use quick_xml::events::Event;
use quick_xml::reader::Reader;
use serde_json::Value;

/// A repository with these files.
fn repository(files: &[(&str, &str)]) -> Folder {
    let folder = Folder::with(files);
    folder.write(".git/HEAD", "ref: refs/heads/main\n");
    folder
}

/// The example of the README, as a repository.
fn example() -> Folder {
    let folder = repository(&[]);
    for file in ["base/cluster.yaml", "base/db.yaml", "head/cluster.yaml", "head/db.yaml", "head/api.yaml"] {
        let from = three_tier().with_file_name("review").join(file);
        folder.write(file, std::fs::read(from).expect("the example"));
    }
    folder
}

/// Two pods, the one of which the base lets reach the other on port 80, as `rules` say for the head.
fn two_pods(rules: &str) -> Folder {
    let pods = pod("x", "a", "status: {podIP: 10.0.0.1}") + &pod("x", "b", "status: {podIP: 10.0.0.2}");
    let spec = |rules: &str| {
        let spec = format!("{{podSelector: {{}}, policyTypes: [Ingress], ingress: [{rules}]}}");
        policy("x", "p", &spec)
    };
    let base = spec("{from: [{podSelector: {matchLabels: {app: a}}}], ports: [{port: 80}]}");
    repository(&[("pods.yaml", &pods), ("base/p.yaml", &base), ("head/p.yaml", &spec(rules))])
}

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {}{}", ran.out, ran.err))
}

fn results(ran: &Ran) -> Vec<Value> {
    json(ran)["runs"][0]["results"].as_array().expect("results").clone()
}

/// Where a result of SARIF is shown.
fn spot(result: &Value) -> String {
    let place = &result["locations"][0]["physicalLocation"];
    let uri = place["artifactLocation"]["uri"].as_str().expect("a URI");
    format!("{uri}:{}:{}", place["region"]["startLine"], place["region"]["startColumn"])
}

fn fingerprints(ran: &Ran) -> BTreeSet<String> {
    let of = |result: &Value| {
        let prints = &result["partialFingerprints"];
        assert_eq!(prints["np/v1"], prints["primaryLocationLineHash"]);
        prints["np/v1"].as_str().expect("a fingerprint").to_owned()
    };
    results(ran).iter().map(of).collect()
}

#[test]
fn sarif_has_each_change_at_its_line() {
    let folder = example();
    let ran = np_in(&folder, "diff base head -o sarif --fail-on internet");
    assert_eq!(ran.code, 1, "{}", ran.err);
    let told: Vec<_> = results(&ran)
        .iter()
        .map(|result| format!("{} {} {}", result["ruleId"], result["level"], spot(result)).replace('"', ""))
        .collect();
    let first = [
        "np/internet error head/db.yaml:21:5",
        "np/dns warning head/api.yaml:4:9",
        "np/opened warning head/db.yaml:28:5",
    ];
    assert_eq!(told[..3], first, "{told:?}");
    assert!(
        told[3..told.len() - 1].iter().all(|line| line == "np/closed note head/api.yaml:4:9"),
        "{told:?}"
    );
    assert_eq!(told.last().map(String::as_str), Some("np/isolation-gained note head/api.yaml:4:9"));
}

/// What the schema of SARIF 2.1.0 asks for, and what GitHub does besides.
#[test]
fn sarif_is_as_its_readers_ask() {
    let folder = example();
    let log = json(&np_in(&folder, "diff base head -o sarif --comment-id shop"));
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    assert_eq!(run["automationDetails"]["id"], "np-diff/shop/");
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
    let driver = &run["tool"]["driver"];
    assert_eq!(driver["name"], "np");
    let rules = driver["rules"].as_array().expect("rules");
    for rule in rules {
        for text in ["/shortDescription/text", "/fullDescription/text", "/help/text", "/help/markdown"] {
            assert!(rule.pointer(text).is_some_and(Value::is_string), "{text} of {rule}");
        }
        let level = rule["defaultConfiguration"]["level"].as_str().expect("a level");
        assert!(["error", "warning", "note"].contains(&level));
    }
    for result in run["results"].as_array().expect("results") {
        let keys: BTreeSet<&str> =
            result.as_object().expect("an object").keys().map(String::as_str).collect();
        let known =
            ["ruleId", "ruleIndex", "level", "message", "locations", "partialFingerprints", "properties"];
        assert_eq!(keys, known.into_iter().collect());
        let index = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("small");
        assert_eq!(result["ruleId"], rules[index]["id"]);
        assert!(result["message"]["text"].as_str().is_some_and(|text| !text.is_empty()));
        let uri =
            result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().expect("a URI");
        assert!(folder.path.join(uri).is_file(), "{uri}");
    }
    let prints = fingerprints(&np_in(&folder, "diff base head -o sarif"));
    assert_eq!(prints.len(), run["results"].as_array().map_or(0, Vec::len), "each its own");
}

#[test]
fn a_change_is_known_again_after_lines_have_moved() {
    let moved = "# A comment.\n\n".to_owned() + &policy("x", "p", "{podSelector: {}, ingress: [{}]}");
    let folder = two_pods("{}");
    let before = np_in(&folder, "diff base head -f pods.yaml -o sarif");
    folder.write("head/p.yaml", moved);
    let after = np_in(&folder, "diff base head -f pods.yaml -o sarif");
    assert_eq!(
        (spot(&results(&before)[0]), spot(&results(&after)[0])),
        ("head/p.yaml:5:59".into(), "head/p.yaml:7:35".into())
    );
    assert_eq!(fingerprints(&before), fingerprints(&after));
    // Another port is another change.
    folder.write("head/p.yaml", policy("x", "p", "{podSelector: {}, ingress: [{ports: [{port: 81}]}]}"));
    let other = np_in(&folder, "diff base head -f pods.yaml -o sarif");
    assert!(fingerprints(&before).is_disjoint(&fingerprints(&other)), "{}", other.out);
}

#[test]
fn what_is_gone_is_shown_where_something_is() {
    // The rule is gone, and its policy is still there.
    let folder = two_pods("");
    let ran = np_in(&folder, "diff base head -f pods.yaml -o sarif");
    let [result] = results(&ran).try_into().expect("one result");
    assert_eq!(spot(&result), "head/p.yaml:4:18");
    assert_eq!(
        result["message"]["text"],
        "CLOSED x/pod/a → x/pod/b tcp/80: x/p rule 1 gone (base/p.yaml:5:59 in the base)"
    );
    // The policy is gone too: the pods that it isolated are there.
    folder.write("head/p.yaml", "# nothing\n");
    let ran = np_in(&folder, "diff base head -f pods.yaml -o sarif");
    for result in results(&ran) {
        let spot = spot(&result);
        assert!(["pods.yaml:4:18", "pods.yaml:9:18"].contains(&spot.as_str()), "{spot}");
    }
    // A pod is gone with its file: the nearest file of the head.
    folder.write("gone/near/c.yaml", pod("x", "c", ""));
    folder.write("gone/p.yaml", policy("x", "p", "{podSelector: {}, policyTypes: [Ingress]}"));
    folder.write("gone/far/q.yaml", policy("x", "q", "{podSelector: {}, policyTypes: [Ingress]}"));
    folder.write("left/far/q.yaml", policy("x", "q", "{podSelector: {}, policyTypes: [Ingress]}"));
    folder.write("left/near/p.yaml", policy("x", "p", "{podSelector: {}, policyTypes: [Ingress]}"));
    let ran = np_in(&folder, "diff gone left -f pods.yaml -o sarif");
    let is_removed = |one: &&Value| one["ruleId"] == "np/workload-removed";
    assert_eq!(results(&ran).iter().find(is_removed).map(spot).as_deref(), Some("left/near/p.yaml:1:1"));
    // Nothing of the head is in the repository: the repository itself.
    folder.write("sub/.git/HEAD", "ref: refs/heads/main\n");
    folder.write("sub/base.yaml", policy("x", "p", "{podSelector: {}, policyTypes: [Ingress]}"));
    let sub = Folder { path: folder.path.join("sub") };
    let ran = common::np_with(
        &sub,
        "diff base.yaml - -f ../pods.yaml -o sarif",
        policy("x", "p", "{podSelector: {}, ingress: [{}]}"),
    );
    for result in results(&ran) {
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!((&place["artifactLocation"]["uri"], &place["region"]), (&Value::from("."), &Value::Null));
    }
}

#[test]
fn files_are_seen_from_the_root_of_the_repository() {
    let folder = two_pods("{}");
    let base = folder.path.join("base");
    let sub = std::mem::ManuallyDrop::new(Folder { path: base });
    let ran = np_in(&sub, "diff p.yaml ../head/p.yaml -f ../pods.yaml -o sarif");
    assert_eq!(spot(&results(&ran)[0]), "head/p.yaml:5:59", "{}", ran.err);
}

const ACCEPTED: &str = "accepted:\n- {from: external, to: x/*, reason: 'for <all>'}\n";

#[test]
fn what_is_accepted_is_suppressed_or_left_out() {
    let folder = two_pods("{}");
    folder.write("accepted.yaml", ACCEPTED);
    let line = "diff base head -f pods.yaml --allow accepted.yaml -o ";
    let ran = np_in(&folder, &format!("{line}sarif"));
    let (accepted, open): (Vec<_>, Vec<_>) =
        results(&ran).into_iter().partition(|one| one.get("suppressions").is_some());
    assert!(!accepted.is_empty() && !open.is_empty(), "{}", ran.out);
    for result in &accepted {
        assert_eq!(result["level"], "note");
        assert!(
            result["message"]["text"].as_str().is_some_and(|text| text.starts_with("OPENED external → "))
        );
        let expected = serde_json::json!([
            {"kind": "external", "status": "accepted", "justification": "for <all> (accepted.yaml:2:3)"}
        ]);
        assert_eq!(result["suppressions"], expected);
    }
    assert!(open.iter().all(|one| one["level"] == "error"));
    let issues = json(&np_in(&folder, &format!("{line}gitlab")));
    assert_eq!(issues.as_array().map(Vec::len), Some(open.len()));
    let annotations = np_in(&folder, &format!("{line}github")).out;
    assert_eq!(annotations.lines().filter(|line| line.starts_with("::error ")).count(), open.len());
    let last = annotations.lines().last().expect("a line");
    assert!(last.starts_with("::notice title=np diff::FAIL: opened. "), "{last}");
    assert_eq!(accepted.len(), 1);
    assert!(last.ends_with(" 1 more change is not shown here: np diff -o json lists all."), "{last}");
    let report = np_in(&folder, &format!("{line}junit")).out;
    assert!(report.contains("accepted: OPENED external → "), "{report}");
}

#[test]
fn github_is_given_no_more_than_it_shows() {
    let mut rules = String::new();
    for port in 1..=40 {
        // Writing to a string cannot fail.
        let _ =
            write!(rules, "{{from: [{{ipBlock: {{cidr: 10.1.0.{port}/32}}}}], ports: [{{port: {port}}}]}}, ");
    }
    let folder = two_pods(&rules);
    for (line, counts) in [("any", [10, 0, 1]), ("closed", [1, 0, 10]), ("opened", [10, 0, 2])] {
        let ran = np_in(&folder, &format!("diff base head -f pods.yaml -o github --fail-on {line}"));
        let count = |word: &str| ran.out.lines().filter(|line| line.starts_with(word)).count();
        assert_eq!([count("::error "), count("::warning "), count("::notice ")], counts, "{}", ran.out);
        assert!(ran.out.lines().last().is_some_and(|last| last.starts_with("::notice title=np diff::FAIL")));
    }
}

#[test]
fn github_annotates_the_line() {
    let folder = two_pods("{from: [{podSelector: {matchLabels: {app: a}}}], ports: [{port: 81}]}");
    let ran = np_in(&folder, "diff base head -f pods.yaml -o github");
    let expected = "::error file=head/p.yaml,line=5,col=59,title=CHANGED x/pod/a → x/pod/b tcp/80 → tcp/81::\
                    x/p rule 1 (head/p.yaml:5:59)";
    assert!(ran.out.starts_with(expected), "{}", ran.out);
}

#[test]
fn gitlab_has_an_issue_for_each_change() {
    let folder = example();
    let ran = np_in(&folder, "diff base head -o gitlab");
    let issues = json(&ran);
    let issues = issues.as_array().expect("a list");
    let told: Vec<_> = issues
        .iter()
        .map(|issue| {
            let place = &issue["location"];
            format!(
                "{} {} {}:{}",
                issue["check_name"], issue["severity"], place["path"], place["lines"]["begin"]
            )
            .replace('"', "")
        })
        .collect();
    let first = [
        "np/internet critical head/db.yaml:21",
        "np/dns critical head/api.yaml:4",
        "np/opened critical head/db.yaml:28",
        "np/closed major head/api.yaml:4",
    ];
    assert_eq!(told[..4], first, "{told:?}");
    assert_eq!(told.last().map(String::as_str), Some("np/isolation-gained info head/api.yaml:4"));
    let description = issues[2]["description"].as_str().expect("a text");
    assert_eq!(
        description,
        "OPENED ops/deploy/grafana → shop/sts/db tcp/5432: shop/db-ingress rule 3 (head/db.yaml:28:5)"
    );
    let prints: BTreeSet<_> = issues.iter().map(|issue| issue["fingerprint"].to_string()).collect();
    assert_eq!(prints.len(), issues.len());
}

/// The tests of a JUnit report: name, and the text of the failure if it failed. Reading it shows that it is well-formed.
fn cases(xml: &str) -> Vec<(String, Option<String>)> {
    let mut reader = Reader::from_str(xml);
    let mut cases: Vec<(String, Option<String>)> = Vec::new();
    let mut is_failure = false;
    loop {
        let event = reader.read_event().unwrap_or_else(|error| panic!("{error}: {xml}"));
        match event {
            Event::Start(tag) | Event::Empty(tag) if tag.name().as_ref() == "testcase" => {
                let name = tag.try_get_attribute("name").expect("attributes").expect("a name");
                cases.push((name.value.into_owned(), None));
            }
            Event::Start(tag) if tag.name().as_ref() == "failure" => {
                is_failure = true;
                cases.last_mut().expect("a test").1 = Some(String::new());
            }
            Event::Text(text) if is_failure => {
                cases.last_mut().and_then(|case| case.1.as_mut()).expect("a failure").push_str(text.as_ref());
            }
            Event::End(tag) if tag.name().as_ref() == "failure" => is_failure = false,
            Event::Eof => return cases,
            _ => {}
        }
    }
}

#[test]
fn junit_tests_what_the_check_fails_for() {
    let folder = example();
    let ran = np_in(&folder, "diff base head -o junit --fail-on internet,unprotected,dns");
    let internet = cases(&ran.out);
    let names: Vec<&str> = internet.iter().map(|case| case.0.as_str()).collect();
    assert_eq!(
        names,
        ["nothing opens to or from the internet", "cluster DNS stays reachable", "no isolation is lost"]
    );
    assert!(
        internet[0]
            .1
            .as_ref()
            .is_some_and(|text| text.ends_with("shop/db-ingress rule 2 (head/db.yaml:21:5)"))
    );
    assert!(
        internet[1].1.as_ref().is_some_and(|text| text.starts_with("CLOSED shop/deploy/api → cluster DNS "))
    );
    assert_eq!(internet[2].1, None);
    assert!(
        ran.out
            .contains("<testsuite name=\"np diff\" tests=\"3\" failures=\"2\" errors=\"0\" skipped=\"0\">")
    );
    let any = cases(&np_in(&folder, "diff base head -o junit").out);
    let [(name, Some(text))] = any.as_slice() else { panic!("{any:?}") };
    assert_eq!(name, "no change of connectivity");
    assert!(text.contains("OPENED ops/deploy/grafana → shop/sts/db tcp/5432"), "{text}");
    assert!(!text.contains("ISOLATED"), "no connection changes by it alone: {text}");
}

#[test]
fn no_change_is_a_document_too() {
    let folder = two_pods("");
    let run = |format: &str| np_in(&folder, &format!("diff base base -f pods.yaml -o {format}"));
    let sarif = run("sarif");
    assert_eq!((sarif.code, results(&sarif).len()), (0, 0));
    assert_eq!(run("github").out, "");
    assert_eq!(run("gitlab").out, "[]\n");
    assert_eq!(cases(&run("junit").out), [("no change of connectivity".to_owned(), None)]);
    assert_eq!(np_in(&folder, "diff base base -f pods.yaml -o sarif --quiet-if-unchanged").out, "");
}

#[test]
fn nothing_from_the_input_breaks_out() {
    let hostile = "head/a,b:c%0A <script>]]>\n::error::x\u{202e}'\".yaml";
    let folder = two_pods("");
    folder.write("head/p.yaml", "# nothing\n");
    folder.write(hostile, policy("x", "p", "{podSelector: {}, policyTypes: [Ingress], ingress: [{}]}"));
    let reason = "accepted:\n- {from: external, to: x/a, reason: \"]]></system-out><script>\\n::error::y \\u202e {0} [z](1)\"}\n";
    folder.write("accepted.yaml", reason);
    let line = "diff base head -f pods.yaml --allow accepted.yaml -o ";
    let sarif = np_in(&folder, &format!("{line}sarif"));
    let open = results(&sarif).into_iter().filter(|one| one.get("suppressions").is_none()).count();
    assert!(open > 0 && open < results(&sarif).len(), "{}", sarif.out);
    for result in results(&sarif) {
        let text = result["message"]["text"].as_str().expect("a text");
        assert!(!text.contains(['\n', '\u{202e}']) && !text.replace("{{", "").contains('{'), "{text}");
        let uri =
            result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().expect("a URI");
        assert!(uri.starts_with("head/a%2Cb%3Ac%250A%20%3Cscript%3E"), "{uri}");
    }
    let github = np_in(&folder, &format!("{line}github")).out;
    assert_eq!(github.lines().count(), open + 1, "{github}");
    for line in github.lines().take(open) {
        assert!(line.starts_with("::error file=head/a%2Cb%3Ac%250A <script>]]>\\u{a}%3A%3Aerror%3A%3Ax\\u{202e}'\".yaml,line=5,col="), "{line}");
    }
    let gitlab = json(&np_in(&folder, &format!("{line}gitlab")));
    assert_eq!(gitlab.as_array().map(Vec::len), Some(open));
    let junit = np_in(&folder, &format!("{line}junit")).out;
    assert_eq!(cases(&junit).len(), 1);
    assert!(!junit.contains("<script>") && !junit.contains("]]>") && !junit.contains('\u{202e}'), "{junit}");
    assert!(!junit.lines().any(|line| line.starts_with("::")), "{junit}");
}

/// The same answer, whoever asks.
#[test]
fn every_format_ends_as_text_does() {
    let folder = example();
    for format in ["sarif", "github", "gitlab", "junit"] {
        assert_eq!(np_in(&folder, &format!("diff base head -o {format}")).code, 1);
        assert_eq!(np_in(&folder, &format!("diff base head -o {format} --exit-zero")).code, 0);
        assert_eq!(np_in(&folder, &format!("diff base head -o {format} --fail-on unprotected")).code, 0);
        folder.write("broken/api.yaml", policy("x", "p", "{ingress: [{ports: [{port: 99999}]}]}"));
        let ran = np_in(&folder, &format!("diff base broken -o {format}"));
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{format}");
    }
}
