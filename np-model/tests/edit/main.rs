//! Every edit of every policy, however it is written, is read again as what was meant, and leaves the rest alone.

mod written;

use std::sync::Arc;

use np_model::edit::{Change, NoEdit, RuleAt, SelectorAt, append, changed, edit};
use np_model::input::Input;
use np_model::ir::{Direction, Namespaces, Peer, Policy, PortMatch, PortSpec, Rule};
use np_model::selector::{Requirement, Selector};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};

use crate::written::{Style, text_of};

/// Everything that can change in a policy, each once.
fn changes(policy: &Policy) -> Vec<Change> {
    let peer = Peer::Pods {
        namespaces: Namespaces::Matching(Selector::new([is("team", "x")])),
        pods: Selector::new([is("app.kubernetes.io/name", "on"), Requirement::Exists("k".into())]),
    };
    let port = PortMatch { protocol: np_model::conn::Protocol::Udp, ports: PortSpec::Range(53, 60) };
    let named = PortMatch { protocol: np_model::conn::Protocol::Tcp, ports: PortSpec::Named("http".into()) };
    let mut all = vec![Change::AddTerm(SelectorAt::Subject, is("new", "1"))];
    all.push(Change::AddTerm(SelectorAt::Subject, Requirement::DoesNotExist("gone".into())));
    all.extend(terms(SelectorAt::Subject, &policy.subject));
    for direction in Direction::BOTH {
        let Some(rules) = policy.rules(direction) else {
            all.push(Change::AddType(direction));
            continue;
        };
        all.push(Change::AddRule(direction, Rule::new(vec![], vec![])));
        all.push(Change::AddRule(
            direction,
            Rule::new(vec![peer.clone()], vec![port.clone(), named.clone()]),
        ));
        for (index, rule) in (0..).zip(rules) {
            let at = RuleAt { direction, index };
            all.push(Change::RemoveRule(at));
            all.push(Change::Ports(at, vec![port.clone()]));
            all.push(Change::Peers(at, vec![peer.clone()]));
            all.push(Change::AddPeer(at, peer.clone()));
            all.push(Change::AddPort(at, named.clone()));
            for (index, item) in (0..).zip(rule.ports.iter().flatten()) {
                all.push(Change::RemovePort(at, index));
                let ports = [
                    PortSpec::All,
                    PortSpec::Named("web".into()),
                    PortSpec::Range(7, 7),
                    PortSpec::Range(7, 9),
                ];
                let protocol = item.port.protocol;
                all.extend(ports.map(|ports| Change::SetPort(at, index, PortMatch { protocol, ports })));
                all.push(Change::SetPort(at, index, PortMatch { ports: item.port.ports.clone(), ..port }));
            }
            for (index, item) in (0..).zip(rule.peers.iter().flatten()) {
                all.push(Change::RemovePeer(at, index));
                all.push(Change::Split(at, index));
                all.push(Change::Join(at, index));
                all.push(Change::InNamespaces(at, index, Selector::new([is("team", "x")])));
                match &item.peer {
                    Peer::Block(block) => {
                        all.push(Change::AddExcept(at, index, "10.1.2.0/24".parse().expect("a CIDR")));
                        all.extend(block.except().iter().map(|net| Change::RemoveExcept(at, index, *net)));
                    }
                    Peer::Pods { namespaces, pods } => {
                        all.extend(terms(SelectorAt::Pods(at, index), pods));
                        if let Namespaces::Matching(namespaces) = namespaces {
                            all.extend(terms(SelectorAt::Namespaces(at, index), namespaces));
                        }
                    }
                }
            }
        }
    }
    all
}

fn is(key: &str, value: &str) -> Requirement {
    Requirement::In(key.into(), [value.into()].into())
}

/// The terms of a selector that is written taken away, and each made another where it stands.
fn terms(at: SelectorAt, selector: &Selector) -> Vec<Change> {
    let of = |term: &Requirement| {
        let other = |key: &str| match term {
            Requirement::In(_, values) => Requirement::In(key.into(), values.clone()),
            Requirement::NotIn(_, values) => Requirement::NotIn(key.into(), values.clone()),
            Requirement::Exists(_) => Requirement::Exists(key.into()),
            Requirement::DoesNotExist(_) => Requirement::DoesNotExist(key.into()),
        };
        let mut all = vec![Change::RemoveTerm(at, term.clone())];
        all.push(Change::SetTerm(at, term.clone(), other("example.com/other")));
        if let Requirement::In(key, values) | Requirement::NotIn(key, values) = term {
            let is_in = matches!(term, Requirement::In(..));
            let with = |values| {
                if is_in {
                    Requirement::In(key.clone(), values)
                } else {
                    Requirement::NotIn(key.clone(), values)
                }
            };
            let mut new = values.clone();
            new.pop_first();
            new.insert("yes".into());
            all.push(Change::SetTerm(at, term.clone(), with(new)));
        }
        all
    };
    selector.requirements().iter().flat_map(of).collect()
}

fn read(text: &str) -> Input {
    let mut input = Input::new("default");
    input.text("some.yaml", text.into());
    assert!(!input.has_errors(), "{:#?}\n{text}", input.diagnostics);
    input
}

/// Policies without their places and without the order of peers.
fn said(policies: &[Arc<Policy>]) -> Vec<Policy> {
    let mut all: Vec<Policy> = policies.iter().map(|policy| Policy::clone(policy).without_places()).collect();
    for policy in &mut all {
        for rule in policy.ingress.iter_mut().chain(&mut policy.egress).flatten() {
            rule.peers.iter_mut().for_each(|peers| peers.sort_by(|a, b| a.peer.cmp(&b.peer)));
        }
        for rule in policy.inert.rules.iter_mut().flat_map(|(_, rules)| rules) {
            rule.peers.iter_mut().for_each(|peers| peers.sort_by(|a, b| a.peer.cmp(&b.peer)));
        }
    }
    all
}

fn comments(text: &str) -> usize {
    text.matches("# c").count()
}

/// Makes every change of every policy of a text.
fn check(text: &str) -> Result<usize, TestCaseError> {
    let input = read(text);
    let mut made = 0;
    for (index, policy) in input.policies.iter().enumerate() {
        for change in changes(policy) {
            let list = [change.clone()];
            let Ok(meant) = changed(policy, &list) else {
                prop_assert_eq!(edit(&input.sources, policy, &list), Err(NoEdit::Misfit));
                continue;
            };
            let edit = edit(&input.sources, policy, &list);
            // Two items that are more than a dash apart are written anew, unless they have comments.
            if matches!(change, Change::Join(..)) && edit == Err(NoEdit::Comments) {
                prop_assert!(text.contains("# c"), "{:?}\n{}", change, text);
                continue;
            }
            prop_assert!(edit.is_ok(), "{:?}\n{:?}\n{}", edit, change, text);
            let new = edit.expect("an edit").apply(text);
            let mut expected = input.policies.clone();
            expected[index] = meant.into();
            let found = read(&new);
            prop_assert_eq!(
                said(&found.policies),
                said(&expected),
                "{:?}\n{}\n-----\n{}",
                &change,
                text,
                new
            );
            prop_assert_eq!(found.facts.pods.len(), input.facts.pods.len());
            if text.contains("\r\n") {
                prop_assert_eq!(new.matches('\n').count(), new.matches("\r\n").count(), "{}", new);
            }
            let removes = format!("{change:?}").starts_with("Remove");
            if !removes && !matches!(change, Change::SetPort(..)) {
                prop_assert_eq!(comments(&new), comments(text), "{:?}\n{}\n-----\n{}", &change, text, new);
            }
            made += 1;
        }
        let source = policy.at.expect("a place").source;
        if let Ok(edit) = append(
            &input.sources,
            source,
            Some(policy),
            &Policy { name: "one-more".into(), ..Policy::clone(policy) },
        ) {
            let found = read(&edit.apply(text));
            prop_assert_eq!(found.policies.len(), input.policies.len() + 1, "{}", edit.apply(text));
            made += 1;
        }
    }
    Ok(made)
}

#[test]
fn every_edit_is_read_again_as_meant() {
    let cases = std::env::var("NP_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(200);
    let rng_seed =
        RngSeed::Fixed(std::env::var("NP_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(0));
    let mut runner =
        TestRunner::new(Config { cases, rng_seed, failure_persistence: None, ..Config::default() });
    let made = std::cell::Cell::new(0);
    runner
        .run(&(any::<u64>(), Style::any()), |(seed, style)| {
            made.set(made.get() + check(&text_of(seed, style))?);
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
    assert!(made.get() > cases as usize * 10, "{} edits made", made.get());
}
