//! New selectors and blocks answered for classes. Where they tell members of a class apart, the class is
//! divided: its parts look alike to all else.

use rustc_hash::FxHashMap;

use super::renumber::{Others, renumber};
use crate::addr::{AddrSet, Family, IpBlock};
use crate::facts::Labels;
use crate::model::{Class, ClassId, ClassSet, Match, Model, Whereabouts};
use crate::selector::Selector;
use crate::truth::Truth;

/// What is asked of classes.
pub(super) struct Asked<'q> {
    /// Selectors of pods, each with the classes of ordinary pods that it is meant for.
    pub(super) selectors: Vec<(&'q Selector, ClassSet)>,
    /// Asked of all pods and nodes.
    pub(super) blocks: Vec<&'q IpBlock>,
}

/// The classes of pods and nodes that match, question by question.
pub(super) struct Answers {
    pub(super) selectors: Vec<Match>,
    pub(super) blocks: Vec<Match>,
}

/// Answers everything, dividing classes where that takes it. Takes a step for each selector and different
/// labels that it is asked of, and for each block, pod and node.
pub(super) fn refine(model: &mut Model, mut asked: Asked<'_>) -> Answers {
    let blocks: Vec<Within> = asked.blocks.iter().map(|block| Within::of(block)).collect();
    let (answers, mixed) = ask(model, &asked, &blocks);
    if mixed.is_empty() {
        return answers;
    }
    let parts = mixed.iter().map(|id| (id, divide(model, id, &asked, &blocks))).collect();
    let runs = renumber(model, Others { parts, ..Others::default() });
    for (_, classes) in &mut asked.selectors {
        *classes = runs.set(classes);
    }
    let (answers, mixed) = ask(model, &asked, &blocks);
    debug_assert!(mixed.is_empty(), "parts are alike");
    answers
}

/// A block, with the addresses it holds.
struct Within(AddrSet, Family);

impl Within {
    fn of(block: &IpBlock) -> Self {
        Self(block.addresses(), block.family())
    }

    fn ask(&self, model: &Model, whereabouts: &Whereabouts) -> Truth {
        model.space.is_within(whereabouts, &self.0, self.1)
    }
}

/// The answers by the first member of each class, and the classes in which another has another.
fn ask(model: &Model, asked: &Asked<'_>, blocks: &[Within]) -> (Answers, ClassSet) {
    let mut mixed = ClassSet::default();
    let selectors = asked.selectors.iter().map(|(selector, classes)| {
        if selector.is_everything() {
            return Match { yes: classes.clone(), maybe: ClassSet::default() };
        }
        let mut answer = Match::default();
        for id in classes.iter() {
            let mut labels = model.class(id).pods.iter().map(|pod| &model.pod(*pod).labels);
            let Some(first) = labels.next() else { continue };
            let truth = selector.matches(first);
            answer.add(id, truth);
            if !labels.all(|other| is_same(first, other) || selector.matches(other) == truth) {
                mixed.insert(id);
            }
        }
        answer
    });
    let selectors = selectors.collect();
    let blocks = blocks.iter().map(|block| {
        let mut answer = Match::default();
        for (class, id) in model.classes.iter().zip((0..).map(ClassId::at)) {
            let mut members = whereabouts(model, class).map(|whereabouts| block.ask(model, whereabouts));
            let Some(truth) = members.next() else { continue };
            answer.add(id, truth);
            if !members.all(|other| other == truth) {
                mixed.insert(id);
            }
        }
        answer
    });
    (Answers { selectors, blocks: blocks.collect() }, mixed)
}

fn whereabouts<'m>(model: &'m Model, class: &'m Class) -> impl Iterator<Item = &'m Whereabouts> {
    let pods = class.pods.iter().map(|pod| &model.pod(*pod).whereabouts);
    pods.chain(class.nodes.iter().map(|node| &model.node(*node).whereabouts))
}

fn is_same(a: &Labels, b: &Labels) -> bool {
    a.content_id() == b.content_id() && a.unknown() == b.unknown()
}

/// The members of a class in groups with the same answers, in the order of their first members.
fn divide(model: &Model, id: ClassId, asked: &Asked<'_>, blocks: &[Within]) -> Vec<Class> {
    let whole = model.class(id);
    let selectors: Vec<&Selector> =
        asked.selectors.iter().filter(|(_, classes)| classes.contains(id)).map(|(one, _)| *one).collect();
    let mut parts: Vec<Class> = Vec::new();
    let mut by_look: FxHashMap<Vec<Truth>, usize> = FxHashMap::default();
    let mut part_of = |labels: Option<&Labels>, whereabouts| {
        let of_labels = labels.into_iter().flat_map(|labels| selectors.iter().map(|one| one.matches(labels)));
        let look = of_labels.chain(blocks.iter().map(|block| block.ask(model, whereabouts))).collect();
        *by_look.entry(look).or_insert_with(|| {
            parts.push(Class { pods: Vec::new(), nodes: Vec::new(), ..whole.clone() });
            parts.len() - 1
        })
    };
    let pods = whole.pods.iter().map(|pod| {
        let one = model.pod(*pod);
        part_of(Some(&one.labels), &one.whereabouts)
    });
    let pods: Vec<usize> = pods.collect();
    let nodes = whole.nodes.iter().map(|node| part_of(None, &model.node(*node).whereabouts));
    let nodes: Vec<usize> = nodes.collect();
    pods.into_iter().zip(&whole.pods).for_each(|(part, pod)| parts[part].pods.push(*pod));
    nodes.into_iter().zip(&whole.nodes).for_each(|(part, node)| parts[part].nodes.push(*node));
    parts
}
