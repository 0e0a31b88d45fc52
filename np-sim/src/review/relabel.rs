//! Whether a change of labels, or of pods, bears on pairs that are unknown before and after.
//!
//! Where a policy that cannot be evaluated may decide, any label may be what it asks for. Else a label bears on
//! something only if some selector sees a difference.

use np_model::Model;
use np_model::delta::{Delta, DeltaId};
use np_model::facts::Labels;
use np_model::ir::{Direction, Namespaces, Peer, PeerItem};
use np_model::model::{ClassId, Interference, NamespaceId, PodId};
use np_model::refine::Aligned;
use np_model::selector::Selector;

use super::unjudged::Open;

/// As what selectors see a difference in pods.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    /// A policy may select them otherwise.
    as_subjects: bool,
    /// A peer may match them otherwise.
    as_peers: bool,
}

impl Open<'_> {
    /// Whether a change of labels, or of pods, bears on pairs that are unknown before and after; not one of policies.
    pub(super) fn is_hidden_relabel(&mut self, id: DeltaId) -> bool {
        if self.is_all_known() {
            return false;
        }
        let models = self.deltas.models;
        let (pods, seen) = match self.deltas.get(id) {
            Delta::PodLabel(pods, key) => {
                let pods = both(pods);
                let seen = of_pods(models, &pods, key);
                (pods, seen)
            }
            // Addresses and ports show in what may pass.
            Delta::Pods(pods) => (both(pods), Seen::default()),
            Delta::NamespaceLabel(a, b, key) => {
                (self.pods_in([*a, *b]), of_namespaces(models, [*a, *b], |selector| selector.asks_for(key)))
            }
            Delta::Namespace(namespace) => {
                let Some(namespaces) = by_name(models, *namespace) else { return false };
                (self.pods_in(namespaces), of_namespaces(models, namespaces, |_| true))
            }
            _ => return false,
        };
        let mut changed: Vec<(ClassId, ClassId)> =
            pods.iter().map(|(a, b)| (models[0].pod(*a).class, models[1].pod(*b).class)).collect();
        changed.sort_unstable();
        changed.dedup();
        Direction::BOTH.into_iter().any(|direction| self.is_open_to(&changed, seen, direction))
    }

    /// Whether classes have pairs that are unknown in both models, and that hang on who they are.
    fn is_open_to(&mut self, changed: &[(ClassId, ClassId)], seen: Seen, direction: Direction) -> bool {
        let models = self.deltas.models;
        let is_interfered = |(a, b): (ClassId, ClassId)| {
            let of = |model: &Model, class| model.selecting(class, direction).interference;
            [of(models[0], a), of(models[1], b)].iter().all(|found| *found != Interference::default())
        };
        let is_subject = changed.iter().any(|(a, b)| {
            (seen.as_subjects || is_interfered((*a, *b)))
                && !self.peers(0, *a, direction).is_empty()
                && !self.peers(1, *b, direction).is_empty()
        });
        is_subject
            || self.classes().iter().any(|(a, b)| {
                if !(seen.as_peers || is_interfered((*a, *b))) {
                    return false;
                }
                let open = [self.peers(0, *a, direction), self.peers(1, *b, direction)];
                changed.iter().any(|(a, b)| open[0].contains(*a) && open[1].contains(*b))
            })
    }

    /// The pods of a namespace that both models have.
    fn pods_in(&mut self, namespaces: [NamespaceId; 2]) -> Vec<(PodId, PodId)> {
        let [base, head] = self.deltas.models;
        let is_in = |(a, b): &(PodId, PodId)| [base.pod(*a).namespace, head.pod(*b).namespace] == namespaces;
        self.pods().iter().copied().filter(is_in).collect()
    }
}

/// A namespace in both models, where one may only refer to it.
fn by_name(models: [&Model; 2], namespace: Aligned<NamespaceId>) -> Option<[NamespaceId; 2]> {
    let [base, head] = models;
    match namespace {
        Aligned::Both(a, b) => Some([a, b]),
        Aligned::Base(a) => Some([a, head.same_namespace(base, a)?]),
        Aligned::Head(b) => Some([base.same_namespace(head, b)?, b]),
    }
}

/// Those that both models have.
fn both(pods: &[Aligned<PodId>]) -> Vec<(PodId, PodId)> {
    pods.iter().filter_map(|pod| Some((pod.base()?, pod.head()?))).collect()
}

/// As what selectors that ask for a label see a difference in pods.
fn of_pods(models: [&Model; 2], pods: &[(PodId, PodId)], key: &str) -> Seen {
    let is_seen = |selector: &Selector| {
        selector.asks_for(key)
            && pods
                .iter()
                .any(|(a, b)| differs(selector, [&models[0].pod(*a).labels, &models[1].pod(*b).labels]))
    };
    let mut subjects = models.into_iter().flat_map(|model| &model.rules().policies);
    Seen {
        as_subjects: subjects.any(|policy| is_seen(&policy.subject)),
        as_peers: peers(models).any(|(_, pods)| is_seen(pods)),
    }
}

/// The same in pods of a namespace, as far as such selectors of namespaces go.
fn of_namespaces(models: [&Model; 2], ids: [NamespaceId; 2], is_meant: impl Fn(&Selector) -> bool) -> Seen {
    let labels = [&models[0].namespace(ids[0]).labels, &models[1].namespace(ids[1]).labels];
    let mut selectors = peers(models).filter_map(|(namespaces, _)| namespaces);
    let as_peers = selectors.any(|selector| is_meant(selector) && differs(selector, labels));
    Seen { as_subjects: false, as_peers }
}

/// Whether a selector says otherwise of one set of labels than of the other.
fn differs(selector: &Selector, labels: [&Labels; 2]) -> bool {
    selector.matches(labels[0]) != selector.matches(labels[1])
}

/// The selectors of all peers: of namespaces, if there is one, and of pods.
fn peers(models: [&Model; 2]) -> impl Iterator<Item = (Option<&Selector>, &Selector)> {
    let policies = models.into_iter().flat_map(|model| &model.rules().policies);
    let rules = policies.flat_map(|policy| {
        Direction::BOTH.into_iter().flat_map(|direction| policy.rules(direction).unwrap_or_default())
    });
    rules.flat_map(|rule| rule.peers.iter().flatten()).filter_map(|PeerItem { peer, .. }| match peer {
        Peer::Pods { namespaces: Namespaces::Matching(namespaces), pods } => Some((Some(namespaces), pods)),
        Peer::Pods { pods, .. } => Some((None, pods)),
        Peer::Block(_) => None,
    })
}

/// Whether nothing is unknown about who is selected and who matches.
pub(super) fn is_all_known(model: &Model) -> bool {
    let is_sure = |class, direction| {
        let selecting = model.selecting(class, direction);
        selecting.maybe.is_empty() && selecting.interference == Interference::default()
    };
    let rules = |direction| model.policy_ids().flat_map(move |id| model.indexed_rules(id, direction));
    Direction::BOTH.into_iter().all(|direction| {
        model.class_ids().all(|class| is_sure(class, direction))
            && rules(direction)
                .flat_map(|rule| rule.peers.iter().flatten())
                .all(|peer| model.peer_match(*peer).maybe.is_empty())
    })
}
