//! Valid policies with one thing wrong: a value of another type, an unknown field, a bad value, or
//! something that is missing. Which place that is, is known from the schema of a NetworkPolicy.

use crate::tree::{Choices, Tree, text};
use crate::writer::{Place, Placed};

/// One way to break a policy.
#[derive(Debug, Clone)]
pub(crate) struct Breakage {
    /// The indexes that lead to the value: of entries in a map, of items in a list.
    pub(crate) path: Vec<usize>,
    pub(crate) change: Change,
}

/// What is done to a value.
#[derive(Debug, Clone)]
pub(crate) enum Change {
    /// It becomes this; the fault is the value.
    Set(Tree),
    /// It gets this entry, as its last; the fault is the key.
    Insert(&'static str),
    /// The key of its entry with this index becomes this; the fault is the key.
    Rename(usize, &'static str),
    /// It loses its entry with this index; the fault is the value itself.
    Remove(usize),
}

/// Every way to break a policy.
pub(crate) fn breakages(policy: &Tree) -> Vec<Breakage> {
    let mut all = Vec::new();
    if let Some((at, spec)) = entry(policy, "spec") {
        set(&mut all, &[at], [text("x"), Tree::List(vec![])]);
        object(&mut all, &[at], spec, &mut |all, path, key, value| match key {
            "podSelector" => selector(all, path, value),
            "policyTypes" => list(all, path, value, &mut |all, path, _| {
                set(all, path, [text("ingress"), text(""), Tree::Null, Tree::Bool(true)]);
            }),
            "ingress" | "egress" => list(all, path, value, &mut rule),
            _ => {}
        });
    }
    all
}

/// Applies a breakage, and tells how to find its place in what is written.
pub(crate) fn apply(tree: &mut Tree, Breakage { path, change }: &Breakage) {
    match (path.split_first(), tree) {
        (Some((step, rest)), Tree::Map(entries)) => {
            apply(&mut entries[*step].1, &Breakage { path: rest.to_vec(), change: change.clone() });
        }
        (Some((step, rest)), Tree::List(items)) => {
            apply(&mut items[*step], &Breakage { path: rest.to_vec(), change: change.clone() });
        }
        (None, tree) => match (change, tree) {
            (Change::Set(value), tree) => *tree = value.clone(),
            (Change::Insert(key), Tree::Map(entries)) => entries.push(((*key).to_owned(), text("x"))),
            (Change::Rename(at, key), Tree::Map(entries)) => (*key).clone_into(&mut entries[*at].0),
            (Change::Remove(at), Tree::Map(entries)) => drop(entries.remove(*at)),
            _ => panic!("no map to change"),
        },
        _ => panic!("a path that leads nowhere"),
    }
}

/// The place of the fault in the broken policy.
pub(crate) fn place(placed: &Placed, breakage: &Breakage) -> Place {
    let mut found = placed;
    for step in &breakage.path {
        found = found.items().get(*step).unwrap_or_else(|| &found.entries()[*step].2);
    }
    match &breakage.change {
        Change::Set(_) | Change::Remove(_) => found.at,
        Change::Insert(_) => found.entries().last().expect("the entry").0,
        Change::Rename(at, _) => found.entries()[*at].0,
    }
}

/// One of them.
pub(crate) fn choose(choices: &mut Choices, all: &[Breakage]) -> Breakage {
    let at = choices.below(256) * 256 + choices.below(256);
    all[at % all.len()].clone()
}

/// Takes a field of a map: where it leads, its key and its value.
type EachField<'e> = &'e mut dyn FnMut(&mut Vec<Breakage>, &[usize], &str, &Tree);

/// Takes an item of a list.
type Each<'e> = &'e mut dyn FnMut(&mut Vec<Breakage>, &[usize], &Tree);

fn entry<'t>(tree: &'t Tree, key: &str) -> Option<(usize, &'t Tree)> {
    let Tree::Map(entries) = tree else { return None };
    entries.iter().enumerate().find(|(_, (name, _))| name == key).map(|(at, (_, value))| (at, value))
}

fn set<const N: usize>(all: &mut Vec<Breakage>, path: &[usize], values: [Tree; N]) {
    all.extend(values.map(|value| Breakage { path: path.to_vec(), change: Change::Set(value) }));
}

/// A map of known fields: there may be no others, in no other case.
fn object(all: &mut Vec<Breakage>, path: &[usize], tree: &Tree, each: EachField<'_>) {
    let Tree::Map(entries) = tree else { return };
    for key in ["bogus", "podselector", "ports "] {
        all.push(Breakage { path: path.to_vec(), change: Change::Insert(key) });
    }
    for (at, (key, value)) in entries.iter().enumerate() {
        each(all, &[path, &[at]].concat(), key, value);
    }
}

/// A list of whatever: nothing but a list may stand there.
fn list(all: &mut Vec<Breakage>, path: &[usize], tree: &Tree, each: Each<'_>) {
    set(all, path, [text("x"), Tree::Int(1), Tree::Map(vec![])]);
    for (at, item) in tree.items().iter().enumerate() {
        each(all, &[path, &[at]].concat(), item);
    }
}

fn rule(all: &mut Vec<Breakage>, path: &[usize], tree: &Tree) {
    set(all, path, [text("x"), Tree::List(vec![])]);
    object(all, path, tree, &mut |all, path, key, value| match key {
        "ports" => list(all, path, value, &mut port),
        _ => list(all, path, value, &mut peer),
    });
}

fn port(all: &mut Vec<Breakage>, path: &[usize], tree: &Tree) {
    set(all, path, [Tree::Int(80), text("http"), Tree::List(vec![])]);
    object(all, path, tree, &mut |all, path, key, value| match (key, value) {
        ("protocol", _) => set(all, path, [text("tcp"), text("ICMP"), text(""), Tree::Int(6)]),
        ("port", Tree::Text(_)) => set(all, path, [text("HTTP"), text("80"), text("-a"), Tree::Bool(true)]),
        ("port", Tree::Int(_)) => set(all, path, [Tree::Int(0), Tree::Int(-1), Tree::Int(1 << 33)]),
        ("endPort", _) => set(all, path, [Tree::Int(1), Tree::Int(70_000), text("60")]),
        _ => {}
    });
}

fn peer(all: &mut Vec<Breakage>, path: &[usize], tree: &Tree) {
    set(all, path, [Tree::Map(vec![]), Tree::Null, text("x")]);
    object(all, path, tree, &mut |all, path, key, value| match key {
        "ipBlock" => block(all, path, value),
        _ => selector(all, path, value),
    });
}

fn block(all: &mut Vec<Breakage>, path: &[usize], tree: &Tree) {
    set(all, path, [Tree::Map(vec![]), text("10.0.0.0/8")]);
    object(all, path, tree, &mut |all, path, key, value| match key {
        "cidr" => {
            set(all, path, [text("10.0.0.0"), text("10.0.0.0/33"), text(""), Tree::Int(10), Tree::Null]);
        }
        _ => list(all, path, value, &mut |all, path, _| {
            set(
                all,
                path,
                [text("11.0.0.0/16"), text("10.0.0.0/8"), text("x"), Tree::Null, Tree::Bool(false)],
            );
        }),
    });
}

fn selector(all: &mut Vec<Breakage>, path: &[usize], tree: &Tree) {
    set(all, path, [text("x"), Tree::List(vec![])]);
    object(all, path, tree, &mut |all, path, key, value| match (key, value) {
        ("matchLabels", Tree::Map(labels)) => {
            set(all, path, [text("app=web"), Tree::List(vec![])]);
            for at in 0..labels.len() {
                set(all, &[path, &[at]].concat(), [Tree::Bool(true), Tree::Int(1), text("a b"), text("-")]);
                for key in ["a b", "a/b/c", "/x", "Example.com/x"] {
                    all.push(Breakage { path: path.to_vec(), change: Change::Rename(at, key) });
                }
            }
        }
        _ => list(all, path, value, &mut expression),
    });
}

fn expression(all: &mut Vec<Breakage>, path: &[usize], tree: &Tree) {
    set(all, path, [text("x")]);
    if let Some((at, _)) = entry(tree, "values") {
        all.push(Breakage { path: path.to_vec(), change: Change::Remove(at) });
    }
    object(all, path, tree, &mut |all, path, key, value| match key {
        "key" => set(all, path, [text("a b"), text(""), Tree::Int(1)]),
        "operator" => set(all, path, [text("in"), text(""), Tree::Bool(true)]),
        _ => {
            list(all, path, value, &mut |all, path, _| {
                set(all, path, [text("a b"), Tree::Int(1), Tree::Bool(true)]);
            });
            set(all, path, [Tree::List(vec![])]);
        }
    });
}
