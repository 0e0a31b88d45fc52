//! Why a pair is allowed or blocked, with the evidence: which policies select each side, which rules match,
//! and which nearly do.
//!
//! [`reach`](crate::reach()) says who decides. This adds, for each direction, every rule that matches the other
//! end, also where another decides, and the **near misses**: rules that would allow what is blocked, but for a
//! few facts. A fact that fails is a **gap**, such as one requirement of a selector that a pod does not meet, or a
//! port that is off by one. Misses come in the order of how likely they are meant (`rank`).
//!
//! ```text
//!   blocked by a direction ─▶ search   each rule, peer by peer: what fails
//!                               ├ labels   requirements of selectors
//!                               ├ peer     whom a peer means
//!                               └ ports    what a rule opens
//!                             rank     how likely each is what was meant
//! ```

mod gap;
mod labels;
mod near;
mod peer;
mod policy;
mod ports;
mod rank;
mod search;
mod subject;

use np_model::Model;
use np_model::conn::{AskedPort, ConnSet};
use np_model::ir::{Direction, RuleId};
use np_model::model::{ClassId, PodId, Selecting};
use np_model::truth::Truth;

pub use gap::{Gap, Half, LabelGap, Miss, Near, PortGap};
pub use policy::{Part, PolicyEvidence, Redundant, policy};
pub use subject::{NearSelection, Selection, Subject, subject};

use crate::endpoint::Endpoint;
use crate::reach::{Members, Pair, Reach, ReachError, Relation, reach};
use search::Search;
pub(crate) use search::selects_nobody;

/// The answer to a question, and the evidence for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The answer, with who decides.
    pub reach: Reach,
    /// The evidence for each of its pairs, in their order.
    pub pairs: Vec<PairEvidence>,
}

/// The evidence for one pair. Its members are alike to every rule in force; where they differ all the same,
/// gaps are those of the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairEvidence {
    /// What the policies of the source say.
    pub egress: Evidence,
    /// What the policies of the destination say.
    pub ingress: Evidence,
}

/// What the policies of one side, the subject, say about the other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Who selects the subject in this direction; if nobody does, everything passes.
    pub selecting: Selecting,
    /// The rules of those policies whose peers match the other end, in the order of policies and rules.
    pub matched: Vec<Matched>,
    /// The near misses, those first that are meant most likely: rules that would allow what this direction
    /// blocks or leaves open. None of their gaps is a fact that the input does not show.
    pub misses: Vec<Miss>,
}

/// A rule whose peers match the other end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matched {
    /// Which rule.
    pub rule: RuleId,
    /// The first of its peers that matches best, from 0; `None` if it is for everyone.
    pub peer: Option<u32>,
    /// Whether that is certain; never [`Truth::No`].
    pub truth: Truth,
    /// What of the asked it opens, by all of its peers that match: nothing if it is for other ports.
    pub opens: ConnSet,
}

impl PairEvidence {
    /// One direction.
    pub fn of(&self, direction: Direction) -> &Evidence {
        match direction {
            Direction::Egress => &self.egress,
            Direction::Ingress => &self.ingress,
        }
    }
}

/// Whether `from` can reach `to` on `asked`, as [`reach`](crate::reach()) has it, and all that there is to say
/// about why.
///
/// Time grows with the policies of the namespaces of both ends, for each pair of classes; for what is blocked,
/// also with the number of all policies.
///
/// ```
/// use np_model::ir::Direction;
/// use np_model::{Input, compile};
/// use np_sim::explain::{Gap, Near};
/// use np_sim::{Finder, explain};
///
/// let mut input = Input::default();
/// input.text("shop.yaml", br#"
/// {apiVersion: v1, kind: Pod, metadata: {name: frontend, namespace: shop, labels: {app: frontend}}}
/// ---
/// {apiVersion: v1, kind: Pod, metadata: {name: db, namespace: shop, labels: {app: db}}}
/// ---
/// {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: db, namespace: shop},
///  spec: {podSelector: {matchLabels: {app: db}},
///         ingress: [{from: [{podSelector: {matchLabels: {app: front-end}}}]}]}}
/// "#.to_vec());
/// let model = compile(input, &Default::default())?;
/// let finder = Finder::new(&model, None);
/// let explanation =
///     explain(&model, &finder.find("shop/frontend")?, &finder.find("shop/db")?, &["5432".parse()?])?;
/// let nearest = &explanation.pairs[0].of(Direction::Ingress).misses[0];
/// let [Gap::Pod(gap)] = nearest.gaps.as_slice() else { panic!("{nearest:?}") };
/// assert_eq!(gap.has.as_deref(), Some("frontend"));
/// assert_eq!(gap.near, Some(Near::Value("front-end".to_owned())));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`ReachError`] if the question has no answer.
pub fn explain(
    model: &Model,
    from: &Endpoint,
    to: &Endpoint,
    asked: &[AskedPort],
) -> Result<Explanation, ReachError> {
    let reach = reach(model, from, to, asked)?;
    let pairs = reach.pairs.iter().map(|pair| evidence(model, pair)).collect();
    Ok(Explanation { reach, pairs })
}

/// The evidence for a pair of an answer, whichever question it answers.
pub fn evidence(model: &Model, pair: &Pair) -> PairEvidence {
    let (from, to) = (End::of(model, &pair.from), End::of(model, &pair.to));
    PairEvidence {
        egress: side(model, pair, (&from, &to), Direction::Egress),
        ingress: side(model, pair, (&to, &from), Direction::Ingress),
    }
}

/// One end of a pair.
struct End<'a> {
    members: &'a Members,
    class: ClassId,
    /// The first of its pods, which stands for all.
    pod: Option<PodId>,
}

impl<'a> End<'a> {
    fn of(model: &Model, members: &'a Members) -> Self {
        let class = members.class(model).expect("an end has members of some class");
        Self { members, class, pod: members.pods.first().copied() }
    }
}

fn side(
    model: &Model,
    pair: &Pair,
    (subject, other): (&End<'_>, &End<'_>),
    direction: Direction,
) -> Evidence {
    let selecting = model.selecting(subject.class, direction).clone();
    let is_settled = matches!(pair.relation, Relation::Itself | Relation::OwnNode);
    if is_settled || pair.outcome.passes.is_empty() && pair.asked.within(pair.families).is_empty() {
        return Evidence { selecting, ..Evidence::default() };
    }
    let destination = match direction {
        Direction::Egress => other,
        Direction::Ingress => subject,
    };
    let matched = matched(model, &selecting, other.class, destination.class, direction, &pair.asked);
    let outcome = match direction {
        Direction::Egress => &pair.egress.outcome,
        Direction::Ingress => &pair.ingress.outcome,
    };
    // What a rule opens and is open all the same hangs on facts that the input does not show.
    let opened = matched.iter().fold(ConnSet::none(), |all, matched| all.or(&matched.opens));
    let blocked = outcome.blocked.or(&outcome.open).minus(&opened);
    let is_isolated = !selecting.certain.is_empty() || !selecting.maybe.is_empty();
    let misses = if is_isolated {
        let passing = &outcome.passes;
        Search { model, direction, subject, other, destination, blocked: &blocked, passing }.misses()
    } else {
        Vec::new()
    };
    Evidence { selecting, matched, misses }
}

/// The rules of the policies that select the subject, as far as their peers match the other end.
fn matched(
    model: &Model,
    selecting: &Selecting,
    other: ClassId,
    destination: ClassId,
    direction: Direction,
    asked: &ConnSet,
) -> Vec<Matched> {
    let mut policies: Vec<_> = selecting.certain.iter().chain(&selecting.maybe).copied().collect();
    policies.sort_unstable();
    let mut matched = Vec::new();
    for policy in policies {
        for (rule, index) in model.indexed_rules(policy, direction).iter().zip(0..) {
            let opens = model.opens(rule.ports, destination).and(asked);
            let id = RuleId { policy, direction, index };
            let Some(peers) = &rule.peers else {
                matched.push(Matched { rule: id, peer: None, truth: Truth::Yes, opens });
                continue;
            };
            let mut best: Option<(Truth, u32)> = None;
            let mut families = np_model::addr::Families::NONE;
            for (peer, at) in peers.iter().zip(0..) {
                let truth = model.peer_truth(*peer, other);
                if truth == Truth::No {
                    continue;
                }
                families = families.or(model.peer_families(*peer));
                if best.is_none_or(|(known, _)| truth > known) {
                    best = Some((truth, at));
                }
            }
            if let Some((truth, peer)) = best {
                matched.push(Matched { rule: id, peer: Some(peer), truth, opens: opens.within(families) });
            }
        }
    }
    matched
}
