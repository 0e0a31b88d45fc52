//! Places: manifests are made and written in every dress by a writer that knows where it puts each
//! thing, and np must find each there: every value and key, every policy, rule, peer, port and term, and
//! every fault.
//!
//! What an alias stands for is where its anchor is.

mod breakage;
mod tree;
mod writer;

use std::collections::BTreeSet;

use np_model::Input;
use np_model::diag::Severity;
use np_model::ir::{Namespaces, Peer, PeerPlaces, Places, Policy, Rule};
use np_model::load::node::{Node, Value};
use np_model::load::{self, Limits, text};
use np_model::origin::{Lines, Location, Sources};
use np_model::selector::{Requirement, Selector};
use proptest::prelude::*;

use self::tree::{Choices, Tree};
use self::writer::{Place, Placed, write};

/// The bytes of a text: UTF-8, with or without a byte order mark, or UTF-16.
fn encode(choices: &mut Choices, text: &str) -> Vec<u8> {
    let units = |unit: fn(u16) -> [u8; 2]| {
        std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(unit).collect::<Vec<u8>>()
    };
    match choices.below(8) {
        5 => [b"\xef\xbb\xbf", text.as_bytes()].concat(),
        6 => units(u16::to_le_bytes),
        7 => units(u16::to_be_bytes),
        _ => text.as_bytes().to_vec(),
    }
}

fn place(sources: &Sources, at: Option<Location>) -> Place {
    let position = sources.position(at.expect("a place"));
    (position.line, position.column)
}

/// Holds what was read against what was written.
struct Check<'s> {
    sources: &'s Sources,
    /// The text, and its lines as found once.
    text: &'s str,
    lines: Lines,
}

impl Check<'_> {
    fn at(&self, at: Option<Location>, expected: Place, spelling: &str) {
        let offset = at.expect("a place").offset as usize;
        assert_eq!(place(self.sources, at), expected, "{spelling:?} in\n{}", self.text);
        assert!(
            self.text[offset..].starts_with(spelling),
            "no {spelling:?} at {expected:?} of\n{}",
            self.text
        );
        let (line, column) = self.lines.place(self.text, offset);
        assert_eq!((line, column), (expected.0 as usize, expected.1 as usize), "two ways to count");
    }

    fn node(&self, node: Node<'_>, tree: &Tree, placed: &Placed) {
        self.at(node.place(), placed.at, &placed.spelling);
        match (node.value(), tree) {
            (Value::Null, Tree::Null) => {}
            (Value::Bool(read), Tree::Bool(written)) => assert_eq!(read, *written),
            (Value::Int(read), Tree::Int(written)) => assert_eq!(read, *written),
            (Value::Str(read), Tree::Text(written)) => assert_eq!(read, written),
            (Value::Seq(read), Tree::List(written)) => {
                assert_eq!(read.len(), written.len());
                for ((read, written), placed) in read.zip(written).zip(placed.items()) {
                    self.node(read, written, placed);
                }
            }
            (Value::Map(read), Tree::Map(written)) => {
                assert_eq!(read.len(), written.len());
                for ((read, (key, value)), (key_at, spelling, placed)) in
                    read.zip(written).zip(placed.entries())
                {
                    assert_eq!(read.key, key.as_str());
                    self.at(read.key_at, *key_at, spelling);
                    self.node(read.value, value, placed);
                }
            }
            (read, written) => panic!("{read:?} was written as {written:?}"),
        }
    }

    fn policy(&self, policy: &Policy, tree: &Tree, placed: &Placed) {
        let name = part(part((tree, placed), "metadata"), "name");
        self.at(policy.at, name.1.at, &name.1.spelling);
        let spec = part((tree, placed), "spec");
        self.terms(&policy.subject, &policy.subject_at, Some(part(spec, "podSelector")));
        for (direction, rules, end) in
            [("ingress", &policy.ingress, "from"), ("egress", &policy.egress, "to")]
        {
            let written = items(find(spec, direction));
            let Some(rules) = rules else { continue };
            assert_eq!(rules.len(), written.len());
            for (rule, written) in rules.iter().zip(written) {
                self.rule(rule, written, end);
            }
        }
    }

    fn rule(&self, rule: &Rule, written: (&Tree, &Placed), end: &str) {
        self.at(rule.at, written.1.at, "");
        let (peers, ports) = (items(find(written, end)), items(find(written, "ports")));
        assert_eq!(rule.peers.as_ref().map_or(0, Vec::len), peers.len());
        assert_eq!(rule.ports.as_ref().map_or(0, Vec::len), ports.len());
        for (port, written) in rule.ports.iter().flatten().zip(ports) {
            self.at(port.at, written.1.at, "");
            let number = find(written, "port").filter(|(tree, _)| **tree != Tree::Null);
            assert_eq!(
                port.port_at.map(|at| place(self.sources, Some(at))),
                number.map(|(_, placed)| placed.at)
            );
        }
        for (peer, written) in rule.peers.iter().flatten().zip(peers) {
            self.at(peer.at, written.1.at, "");
            match (&peer.peer, &peer.parts_at) {
                (
                    Peer::Pods { namespaces, pods },
                    PeerPlaces::Pods { namespaces: namespaces_at, pods: pods_at },
                ) => {
                    self.terms(pods, pods_at, find(written, "podSelector"));
                    match namespaces {
                        Namespaces::Named(_) => assert_eq!(namespaces_at.iter().len(), 0),
                        Namespaces::Matching(selector) => {
                            self.terms(selector, namespaces_at, find(written, "namespaceSelector"));
                        }
                    }
                }
                (Peer::Block(block), PeerPlaces::Block { cidr, except }) => {
                    let written = part(written, "ipBlock");
                    let outer = part(written, "cidr");
                    self.at(*cidr, outer.1.at, &outer.1.spelling);
                    let written = items(find(written, "except"));
                    assert_eq!(block.except().len(), except.iter().len());
                    for (network, at) in block.except().iter().zip(except.iter()) {
                        let same = written.iter().filter(|(tree, _)| tree.text() == network.to_string());
                        let first = same.map(|(_, placed)| placed.at).min().expect("it was written");
                        self.at(at, first, "");
                    }
                }
                _ => panic!("a peer and its places are of two kinds"),
            }
        }
    }

    fn terms(&self, selector: &Selector, places: &Places, written: Option<(&Tree, &Placed)>) {
        assert_eq!(selector.requirements().len(), places.iter().len());
        let written = written.map(terms).unwrap_or_default();
        let distinct: BTreeSet<&Requirement> = written.iter().map(|(term, _)| term).collect();
        assert_eq!(distinct.len(), selector.requirements().len());
        for (term, at) in selector.requirements().iter().zip(places.iter()) {
            let same = written.iter().filter(|(other, _)| other == term);
            let first = same.map(|(_, place)| *place).min().expect("it was written");
            self.at(at, first, "");
        }
    }
}

/// The terms of a selector as they were written, with their places.
fn terms(selector: (&Tree, &Placed)) -> Vec<(Requirement, Place)> {
    let mut terms = Vec::new();
    if let Some((Tree::Map(labels), placed)) = find(selector, "matchLabels") {
        for ((key, value), (at, ..)) in labels.iter().zip(placed.entries()) {
            terms.push((Requirement::In(key.clone(), [value.text().to_owned()].into()), *at));
        }
    }
    for (item, placed) in items(find(selector, "matchExpressions")) {
        let said = |key: &str| item.get(key).map(Tree::text).unwrap_or_default().to_owned();
        let values = item.get("values").map(Tree::items).unwrap_or_default();
        let values = values.iter().map(|value| value.text().to_owned()).collect();
        let key = said("key");
        let term = match said("operator").as_str() {
            "In" => Requirement::In(key, values),
            "NotIn" => Requirement::NotIn(key, values),
            "Exists" => Requirement::Exists(key),
            _ => Requirement::DoesNotExist(key),
        };
        terms.push((term, placed.at));
    }
    terms
}

/// The value under a key of a map, with its place.
fn find<'t>((tree, placed): (&'t Tree, &'t Placed), key: &str) -> Option<(&'t Tree, &'t Placed)> {
    let Tree::Map(entries) = tree else { return None };
    let at = entries.iter().position(|(name, _)| name == key)?;
    Some((&entries[at].1, &placed.entries()[at].2))
}

fn part<'t>(from: (&'t Tree, &'t Placed), key: &str) -> (&'t Tree, &'t Placed) {
    find(from, key).expect("it is always written")
}

fn items<'t>(list: Option<(&'t Tree, &'t Placed)>) -> Vec<(&'t Tree, &'t Placed)> {
    list.map(|(tree, placed)| tree.items().iter().zip(placed.items()).collect()).unwrap_or_default()
}

/// The policies of documents in the order read, with their places.
fn policies<'t>(documents: &'t [Tree], placed: &'t [Placed]) -> Vec<(&'t Tree, &'t Placed)> {
    let objects = documents.iter().zip(placed).flat_map(|document| match find(document, "items") {
        None => vec![document],
        list => items(list),
    });
    objects
        .filter(|(tree, _)| tree.get("spec").is_some_and(|spec| spec.get("podSelector").is_some()))
        .collect()
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..600)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn everything_is_where_it_was_written(bytes in bytes()) {
        let mut choices = Choices::new(bytes);
        let trees = tree::documents(&mut choices);
        let (written, placed) = write(&mut choices, &trees);
        let encoded = encode(&mut choices, &written);

        let text = text::decode(encoded.clone()).expect("a text");
        prop_assert_eq!(&text, &written);
        let mut sources = Sources::default();
        let source = sources.add("m", text.as_str()).expect("room");
        let check = Check { sources: &sources, text: &text, lines: Lines::of(&text) };
        let (mut problems, mut read) = (Vec::new(), 0);
        load::documents(source, &text, &Limits::default(), &mut |_| (), &mut problems);
        prop_assert!(problems.is_empty(), "{problems:#?}\n{text}");
        load::documents(source, &text, &Limits::default(), &mut |document| {
            assert!(document.duplicates.is_empty());
            check.node(document.root, &trees[read], &placed[read]);
            read += 1;
        }, &mut problems);
        prop_assert_eq!(read, trees.len());

        let mut input = Input::new("default");
        input.text("m", encoded);
        prop_assert!(!input.has_errors(), "{:#?}\n{text}", input.diagnostics);
        let check = Check { sources: &input.sources, ..check };
        let policies = policies(&trees, &placed);
        prop_assert_eq!(input.policies.len(), policies.len());
        for (policy, (tree, placed)) in input.policies.iter().zip(policies) {
            check.policy(policy, tree, placed);
        }
    }

    #[test]
    fn every_fault_is_where_it_was_written(bytes in bytes()) {
        let mut choices = Choices::new(bytes);
        let mut document = tree::lone_policy(&mut choices);
        let breakage = breakage::choose(&mut choices, &breakage::breakages(&document));
        breakage::apply(&mut document, &breakage);
        let (written, placed) = write(&mut choices, std::slice::from_ref(&document));
        let mut input = Input::new("default");
        input.text("m", encode(&mut choices, &written));
        let expected = breakage::place(&placed[0], &breakage);
        let errors: Vec<_> =
            input.diagnostics.iter().filter(|problem| problem.severity == Severity::Error).collect();
        prop_assert!(!errors.is_empty(), "{breakage:?} is no error in\n{written}");
        for error in errors {
            prop_assert_eq!(place(&input.sources, error.at), expected, "{:?}\n{:?}\n{}", breakage, error, written);
        }
    }
}
