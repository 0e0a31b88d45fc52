//! What is fuzzed: plain functions on bytes that panic if np breaks a promise.

mod cluster;
mod endpoints;
mod json;
mod labels;
mod matrix;
mod quick;
mod selectors;
mod yaml;

pub use endpoints::endpoints;
pub use json::json;
pub use labels::labels;
pub use matrix::matrix;
pub use quick::quick;
pub use selectors::selectors;
pub use yaml::yaml;

use np_model::Input;
use np_model::conn::ConnSet;
use np_sim::{Outcome, Reach};

/// A target by the name that `--target` takes.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name.
    pub name: &'static str,
    /// Takes one input; panics if a promise is broken.
    pub run: fn(&[u8]),
}

/// Every target.
pub const TARGETS: &[Target] = &[
    Target { name: "yaml", run: yaml },
    Target { name: "quick", run: quick },
    Target { name: "json", run: json },
    Target { name: "selectors", run: selectors },
    Target { name: "labels", run: labels },
    Target { name: "endpoints", run: endpoints },
    Target { name: "matrix", run: matrix },
];

/// Reads a text twice: both readings are the same, and every place lies in the text.
fn load(bytes: &[u8]) -> Input {
    let read = || {
        let mut input = Input::new("default");
        input.text("text", bytes.to_vec());
        input
    };
    let (input, again) = (read(), read());
    let said =
        |input: &Input| format!("{:?}", (&input.policies, &input.facts, &input.diagnostics, &input.ignored));
    assert_eq!(said(&input), said(&again), "reading twice gives two results");
    for problem in &input.diagnostics {
        if let Some(at) = problem.at {
            let position = input.sources.position(at);
            assert!(position.line > 0 && position.column > 0, "counted from 1");
            assert!(at.offset as usize <= bytes.len().saturating_mul(2), "a place behind the text");
        }
        assert!(!problem.message.is_empty(), "a problem without words");
    }
    input
}

/// The three sets of one pair divide what was asked.
fn divides(outcome: &Outcome, asked: &ConnSet) {
    let Outcome { passes, open, blocked } = outcome;
    for (a, b) in [(passes, open), (passes, blocked), (open, blocked)] {
        assert!(a.and(b).is_empty(), "a connection with two verdicts: {outcome:?}");
    }
    assert_eq!(passes.or(open).or(blocked), *asked, "a connection without a verdict");
}

/// An answer is the union of its pairs, each of which divides what was asked of it.
fn holds_together(answer: &Reach) {
    let mut union = Outcome::default();
    for pair in &answer.pairs {
        divides(&pair.outcome, &pair.asked);
        divides(&pair.egress.outcome, &pair.asked);
        divides(&pair.ingress.outcome, &pair.asked);
        union = union.or(&pair.outcome);
    }
    assert_eq!(union, answer.outcome, "an answer that is not that of its pairs");
}
