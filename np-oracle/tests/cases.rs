//! The literate cases of `testdata/cases` and `testdata/regressions`, put to every engine, and what must hold of
//! the cases themselves: no rule and no row of the end-to-end suite is without one.

mod literate;

use literate::parse::{parse, read};
use literate::run::{pairs, run};
use literate::{Answer, Case, Judge, Options, Session, Verdict};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The case files of a folder of `testdata`.
fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata").join(folder);
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let paths = entries.map(|entry| entry.expect("a readable folder").path());
    let is_case = |path: &PathBuf| {
        path.extension().is_some_and(|extension| extension == "md") && !path.ends_with("README.md")
    };
    let mut paths: Vec<_> = paths.filter(is_case).collect();
    paths.sort();
    paths
}

fn cases() -> Vec<Case> {
    let files = [files("cases"), files("regressions")].concat();
    files.iter().flat_map(|file| read(file).unwrap_or_else(|error| panic!("{error}"))).collect()
}

#[test]
fn the_oracle_agrees_with_every_case() {
    let report = run(&cases(), &literate::oracle::Oracle);
    println!("{report}{}", report.skipped.join("\n"));
    assert!(report.failures.is_empty(), "{report}");
}

#[test]
fn np_agrees_with_every_case() {
    let report = run(&cases(), &literate::engine::Engine);
    println!("{report}{}", report.skipped.join("\n"));
    assert!(report.failures.is_empty(), "{report}");
}

/// The words before the colon of the headings that begin with this word.
fn numbered(cases: &[Case], word: &str) -> BTreeSet<String> {
    let titles = cases.iter().filter_map(|case| case.title.strip_prefix(word)?.split_once(':'));
    titles.map(|(number, _)| number.trim().to_owned()).collect()
}

#[test]
fn every_rule_has_a_case() {
    let expected: BTreeSet<_> = (1..=12).map(|number| number.to_string()).collect();
    assert_eq!(numbered(&cases(), "rule "), expected);
}

#[test]
fn every_row_of_the_end_to_end_suite_is_a_case() {
    let rows = (1..=42).map(|number| number.to_string());
    let expected: BTreeSet<_> = rows.chain(["U1", "U2", "U3", "S1", "S2", "S3"].map(str::to_owned)).collect();
    let cases = cases();
    assert_eq!(numbered(&cases, "e2e "), expected);
    assert_eq!(cases.iter().filter(|case| case.title.starts_with("e2e ")).count(), expected.len());
}

#[test]
fn end_to_end_tables_are_complete() {
    for case in cases().iter().filter(|case| case.title.starts_with("e2e ")) {
        for (number, step) in case.steps.iter().enumerate() {
            let covered = step.expectations.iter().flat_map(|expectation| pairs(case, step, expectation));
            let covered: BTreeSet<_> = covered.collect();
            // Nine pods, each to eight others.
            assert_eq!(covered.len(), 72, "{}: `{}` step {}", case.file, case.title, number + 1);
        }
    }
}

#[test]
fn titles_are_unique() {
    let mut seen = BTreeSet::new();
    for case in cases() {
        assert!(
            seen.insert((case.file.clone(), case.title.clone())),
            "{}: two cases `{}`",
            case.file,
            case.title
        );
    }
}

/// Answers yes to everything, to see that wrong answers do not pass.
struct Yes;

impl Judge for Yes {
    fn name(&self) -> &'static str {
        "yes"
    }

    fn load(&self, _manifests: &[(String, String)], _options: &Options) -> Result<Box<dyn Session>, String> {
        Ok(Box::new(Self))
    }
}

impl Session for Yes {
    fn ask(&self, _from: &str, _to: &str, _ports: &str) -> Result<Answer, String> {
        let verdict = Verdict::Allow;
        let (all, none) = (Some("all".to_owned()), Some("-".to_owned()));
        let (egress, ingress) = (Some(verdict), Some(verdict));
        Ok(Answer { verdict, egress, ingress, passes: all, open: none.clone(), blocked: none })
    }
}

#[test]
fn wrong_answers_are_failures() {
    let text = "## Case\n\n```yaml cluster\nkind: Pod\n```\n\n```yaml expect\n\
        - {from: x/a, to: x/b, expect: allow, connections: {passes: tcp udp sctp}}\n\
        - {from: x/a, to: x/b, expect: deny}\n\
        - {from: x/a, to: x/b, expect: allow, egress: deny}\n\
        - {from: x/a, to: x/b, expect: allow, connections: {blocked: tcp/80}}\n\
        - {from: x/a, to: x/b, expect: error}\n```\n\n\
        ```yaml error\nmessage contains: something\n```\n";
    let report = run(&parse("file.md", text, Path::new(".")).expect("a case"), &Yes);
    assert_eq!(
        report.failures,
        [
            "file.md:9: `Case`: yes: x/a → x/b all: expected deny, got allow (egress allow, ingress allow)",
            "file.md:10: `Case`: yes: x/a → x/b all: egress: expected deny, got allow",
            "file.md:11: `Case`: yes: x/a → x/b all: blocked: expected `tcp/80`, got `-`",
            "file.md:12: `Case`: yes: x/a → x/b all: expected error, got allow (egress allow, ingress allow)",
            "file.md:15: `Case`: yes: accepted, but must be refused",
        ]
    );
}

#[test]
fn mistakes_in_a_case_are_found() {
    let head = "# File\n\n## Case\n\n";
    let expect = "```yaml expect\n- {from: a/b, to: c/d, expect: allow}\n```\n";
    let apply = "```yaml apply\nkind: Pod\n```\n";
    for (text, complaint) in [
        ("# No case\n".to_owned(), "no case"),
        (head.to_owned(), "expects nothing"),
        (format!("{head}```yaml expct\n```\n"), "no kind of block"),
        (format!("{head}```yaml cluster\nkind: Pod\n"), "no end"),
        (format!("{head}{expect}```yaml cluster\n```\n"), "yaml apply"),
        (format!("{head}{expect}{apply}"), "last step"),
        (format!("{head}{expect}```yaml delete\n- pod/x/y\n```\n"), "pod/x/y"),
        (format!("{expect}{head}{expect}"), "below a heading"),
        (format!("{head}```yaml expect\n- {{from: a/b, to: c/d, expect: maybe}}\n```\n"), "maybe"),
        (format!("{head}```yaml expect\n- {{from: a/b, to: c/d, port: 1, expect: deny}}\n```\n"), "port"),
        (format!("{head}```yaml cluster from=nowhere\n```\n"), "nowhere"),
    ] {
        let error = parse("file.md", &text, Path::new(".")).expect_err(&text);
        assert!(error.starts_with("file.md:"), "{error}");
        assert!(error.contains(complaint), "`{complaint}` is not in: {error}");
    }
}
