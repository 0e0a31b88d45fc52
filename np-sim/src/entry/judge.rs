//! Whether the traffic of an entry arrives at a backend: one reading for each that may send it.

use std::cell::RefCell;

use ipnet::IpNet;
use np_model::Model;
use np_model::addr::{AddrSet, Families};
use np_model::conn::ConnSet;
use np_model::ir::{Direction, Peer, PolicyId};
use np_model::model::{ClassId, PodId};
use rustc_hash::FxHashMap;

use super::Target;
use super::controller::Sender;
use crate::admit::Admitter;
use crate::endpoint::{Endpoint, External};
use crate::members::{Part, divide};
use crate::reach::{PolicyShare, Reach, answer, merge, settle};
use crate::verdict::Outcome;

/// Whether traffic arrives from one that may be sending it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// Who that is.
    pub from: Source,
    /// What becomes of the connections to the target's ports.
    pub outcome: Outcome,
    /// Who decides it, in both directions. `None` where the sender is nobody of the input, so that
    /// only what the target admits is judged; or where no policy is involved.
    pub reach: Option<Reach>,
}

/// Who may be sending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// These pods.
    Pods(Vec<PodId>),
    /// Addresses outside the cluster.
    Outside,
    /// A node: any of the input; if it has none, one that may be the target's own.
    Node,
    /// A proxy on the nodes, by an address and without labels.
    NodeProxy,
    /// A pod that the input does not show, of any namespace and with any labels.
    UnseenPod,
}

/// Judges targets, class by class.
pub(super) struct Judge<'m> {
    model: &'m Model,
    admitter: Admitter<'m>,
    /// By class, what it admits from anyone; many entries lead to the same few.
    anyone: RefCell<FxHashMap<ClassId, Outcome>>,
    nodes: Vec<Part>,
    outside: Vec<Part>,
}

/// The far end of readings.
struct Destination<'a> {
    endpoint: &'a Endpoint,
    parts: Vec<Part>,
    asked: &'a ConnSet,
}

impl<'m> Judge<'m> {
    pub(super) fn new(model: &'m Model) -> Self {
        let nodes = model.node_ids().flat_map(|id| divide(model, &Endpoint::Node(id))).collect();
        let outside = divide(model, &Endpoint::External(External::everything(model)));
        let (admitter, anyone) = (Admitter::new(model), RefCell::default());
        Self { model, admitter, anyone, nodes: merge(nodes), outside }
    }

    /// Judges whether traffic from `sender` arrives at an endpoint, or those pods of it, on `ports`.
    pub(super) fn target(
        &self,
        sender: &Sender,
        endpoint: Endpoint,
        pods: Vec<PodId>,
        ports: ConnSet,
    ) -> Target {
        let members = if pods.is_empty() { divide(self.model, &endpoint) } else { self.parts(&pods) };
        let to = Destination { endpoint: &endpoint, parts: members, asked: &ports };
        let readings = match sender {
            Sender::Pods { pods, .. } => {
                let of =
                    |pods: &Vec<PodId>| self.by_parts(Source::Pods(pods.clone()), &self.parts(pods), &to);
                pods.iter().map(of).collect()
            }
            Sender::Outside { direct, by_node, sources, .. } => {
                let mut readings: Vec<Reading> =
                    direct.then(|| self.by_outside(sources, &to)).into_iter().collect();
                readings.extend(by_node.then(|| self.by_node(&to)));
                readings
            }
            Sender::Nodes(_) => vec![self.by_host(Source::NodeProxy, &to)],
            // Controllers are also run on the network of nodes, where they count as these.
            Sender::Unseen(_) => vec![self.by_outside(&[], &to), self.by_node(&to), self.by_unseen(&to)],
        };
        Target { endpoint, pods, ports, readings }
    }

    fn parts(&self, pods: &[PodId]) -> Vec<Part> {
        merge(pods.iter().flat_map(|pod| divide(self.model, &Endpoint::Pod(*pod))).collect())
    }

    fn by_parts(&self, from: Source, sources: &[Part], to: &Destination<'_>) -> Reading {
        let reach = answer(self.model, sources, &[(to.parts.clone(), to.asked.clone())]);
        Reading { from, outcome: reach.outcome.clone(), reach: Some(reach) }
    }

    fn by_outside(&self, ranges: &[IpNet], to: &Destination<'_>) -> Reading {
        let from = Source::Outside;
        if matches!(to.endpoint, Endpoint::External(_)) {
            return Reading { from, outcome: Outcome::of(to.asked, to.asked, to.asked), reach: None };
        }
        if ranges.is_empty() {
            return self.by_parts(from, &self.outside, to);
        }
        let ranges = External::new(self.model, "sources", &AddrSet::cidrs(ranges.iter().copied()));
        let parts = divide(self.model, &Endpoint::External(ranges));
        if parts.is_empty() {
            // Ranges that hold only addresses of known pods and nodes let in nobody from outside.
            let none = ConnSet::none();
            return Reading { from, outcome: Outcome::of(to.asked, &none, &none), reach: None };
        }
        self.by_parts(from, &parts, to)
    }

    fn by_node(&self, to: &Destination<'_>) -> Reading {
        if !self.nodes.is_empty() {
            return self.by_parts(Source::Node, &self.nodes, to);
        }
        // A pod and its own node always reach each other, and this may be it.
        let mut reading = self.by_host(Source::Node, to);
        reading.outcome.open = reading.outcome.open.or(&reading.outcome.blocked);
        reading.outcome.blocked = ConnSet::none();
        reading
    }

    fn by_host(&self, from: Source, to: &Destination<'_>) -> Reading {
        let outcome = self.admitted(to, |class, asked| self.host(class, asked, from == Source::Node));
        Reading { from, outcome, reach: None }
    }

    fn by_unseen(&self, to: &Destination<'_>) -> Reading {
        let outcome = self.admitted(to, |class, asked| {
            let mut known = self.anyone.borrow_mut();
            let admitted = || self.admitter.admits(class, Direction::Ingress).anyone;
            let anyone = known.entry(class).or_insert_with(admitted);
            Outcome {
                passes: anyone.passes.and(asked),
                open: anyone.open.and(asked),
                blocked: anyone.blocked.and(asked),
            }
        });
        Reading { from: Source::UnseenPod, outcome, reach: None }
    }

    /// The union of what the classes of a destination admit.
    fn admitted(&self, to: &Destination<'_>, of: impl Fn(ClassId, &ConnSet) -> Outcome) -> Outcome {
        to.parts.iter().fold(Outcome::default(), |all, part| {
            let families = self.model.class(part.class).families.and(self.model.families());
            all.or(&of(part.class, &to.asked.within(families)))
        })
    }

    /// What a class admits from an address that nobody knows, and that is no ordinary pod's. A proxy
    /// may have an identity that no block matches, so that even one of all addresses is no proof.
    fn host(&self, class: ClassId, asked: &ConnSet, is_node: bool) -> Outcome {
        let selecting = self.model.selecting(class, Direction::Ingress);
        let shares = |policies: &[PolicyId]| -> Vec<PolicyShare> {
            policies.iter().map(|policy| self.share(*policy, class, asked, is_node)).collect()
        };
        settle(selecting, asked, &shares(&selecting.certain), &shares(&selecting.maybe))
    }

    fn share(&self, policy: PolicyId, class: ClassId, asked: &ConnSet, is_node: bool) -> PolicyShare {
        let model = self.model;
        let mut share = PolicyShare::default();
        let rules = model.policy(policy).rules(Direction::Ingress).unwrap_or_default();
        for (rule, indexed) in rules.iter().zip(model.indexed_rules(policy, Direction::Ingress)) {
            let opens = model.opens(indexed.ports, class).and(asked);
            for item in rule.peers.iter().flatten() {
                let Peer::Block(block) = &item.peer else { continue };
                let opens = opens.within(Families::only(block.family()));
                let is_all = is_node && block.addresses() == AddrSet::whole(block.family());
                let certain = if is_all { opens.clone() } else { ConnSet::none() };
                share.add(&certain, &opens);
            }
            if rule.peers.is_none() {
                share.add(&opens, &opens);
            }
        }
        share
    }
}
