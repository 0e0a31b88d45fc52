//! Every code has a page with its parts; the example on it has that problem and no other, and the
//! corrected one has none.

use std::collections::BTreeSet;
use std::path::Path;

use np_model::Input;
use np_model::diag::Code;

/// Codes whose examples are not input of this crate: np-cli judges whether an input holds anything,
/// and an input beyond the limits is too long for a page.
const ELSEWHERE: [Code; 2] = [Code::LimitExceeded, Code::NothingFound];

#[test]
fn every_code_is_listed_once_and_found_by_its_name() {
    let names: BTreeSet<&str> = Code::ALL.iter().map(|code| code.name()).collect();
    assert_eq!(names.len(), Code::ALL.len());
    for code in Code::ALL {
        assert_eq!(Code::named(code.name()), Some(*code));
        let is_kebab = |byte: u8| byte.is_ascii_lowercase() || byte == b'-';
        assert!(code.name().bytes().all(is_kebab), "{}", code.name());
    }
    assert_eq!(Code::named("no-such-code"), None);
}

#[test]
fn every_page_is_that_of_a_code() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/diag/pages");
    let pages = std::fs::read_dir(folder).unwrap().map(|page| page.unwrap().path());
    let found: BTreeSet<String> =
        pages.map(|page| page.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    let names: BTreeSet<String> = Code::ALL.iter().map(|code| code.name().to_owned()).collect();
    assert_eq!(found, names);
}

#[test]
fn every_page_has_a_meaning_an_example_and_advice() {
    let all = Code::pages();
    for code in Code::ALL {
        let (name, page) = (code.name(), code.explain());
        let (meaning, rest) = page.split_once("\n### Example\n\n```").expect(name);
        let (example, advice) = rest.split_once("```\n\n### What to do\n\n").expect(name);
        assert!(meaning.starts_with(code.summary()) && code.summary().ends_with('.'), "{name}");
        assert!(meaning.lines().count() > 2, "{name}: more than the summary");
        assert!(example.lines().count() > 1 && advice.trim().len() > 20, "{name}");
        assert!(page.ends_with('\n') && !page.ends_with("\n\n"), "{name}");
        assert!(page.lines().all(|line| line.chars().count() <= 120), "{name}: long lines");
        assert!(all.contains(&format!("\n## {name}\n\n{page}")), "{name}");
    }
}

/// The codes of the problems in a page's block of code, and the rest of the page.
#[track_caller]
fn problems(page: &'static str) -> (Vec<Code>, &'static str) {
    let (_, rest) = page.split_once("\n```").expect("a block");
    let (language, rest) = rest.split_once('\n').expect("a language");
    let (example, rest) = rest.split_once("```\n").expect("an end");
    let mut input = Input::default();
    input.text(&format!("example.{language}"), example.as_bytes().to_vec());
    (input.diagnostics.iter().map(|problem| problem.code).collect(), rest)
}

#[test]
fn every_example_has_the_problem_that_it_shows_and_the_corrected_one_has_none() {
    for code in Code::ALL.iter().filter(|code| !ELSEWHERE.contains(code)) {
        let (found, rest) = problems(code.explain());
        assert_eq!(found, [*code]);
        assert!(rest.contains("\nThe example, corrected:\n"), "{}", code.name());
        let (found, rest) = problems(rest);
        assert_eq!((found, rest), (vec![], ""), "{} is corrected", code.name());
    }
}
