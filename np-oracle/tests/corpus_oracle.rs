//! The judge is judged: every verdict of the corpus that is about NetworkPolicies, but for the exceptions that
//! `testdata/corpus-exceptions.md` gives the reasons of.

#[allow(dead_code, reason = "each test uses its part of what they share")]
mod common;

use common::judge::Judge;
use common::{Engine, corpus};

/// Engines that the corpus judges; np's own joins them here.
fn engines() -> Vec<Box<dyn Engine>> {
    vec![Box::new(Judge), Box::new(common::np::Np)]
}

#[test]
fn agrees_with_the_corpus() {
    let Some(root) = corpus::root() else {
        println!("skipped: NP_CORPUS is not set");
        return;
    };
    let mut wrong = Vec::new();
    for folder in corpus::FOLDERS {
        let cases = corpus::read(&root.join("reach").join(folder));
        assert!(!cases.is_empty(), "no cases in {folder}");
        for engine in engines() {
            let tally = corpus::judge(&*engine, &cases);
            println!(
                "{}: {folder}: {} cases, {} rows agree, {} exceptions, repairs {:?}",
                engine.name(),
                tally.cases,
                tally.agreed,
                tally.exceptions,
                tally.repairs
            );
            wrong.extend(tally.wrong);
        }
    }
    let shown: Vec<_> = wrong.iter().take(20).map(String::as_str).collect();
    assert!(wrong.is_empty(), "{} rows disagree:\n{}", wrong.len(), shown.join("\n"));
}
