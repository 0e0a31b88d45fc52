//! What a class's policies admit of pods that the input does not show.
//!
//! Rules name peers by labels, and labels are chosen: by whoever makes a pod, and by whoever may
//! label namespaces. So a policy lets in not only the pods that match it today, but any that will
//! be made to match. Only the subject's side is judged here: what a pod that is not there may send
//! or receive by its own policies, nobody knows.
//!
//! Such a pod is an ordinary one, with an address somewhere in the pod CIDRs and of the families
//! that the input shows. Pods on their node's network carry no labels that count.

mod needs;

use std::sync::Arc;

use np_model::Model;
use np_model::addr::{Families, Family};
use np_model::conn::{ConnSet, every_port};
use np_model::ir::{Direction, Peer, PolicyId, RuleId, Tier};
use np_model::model::{ClassId, PeerId, PortNameId, PortsId};
use np_model::truth::Truth;
use rustc_hash::FxHashMap;

pub use needs::{Home, Needs};

use crate::reach::{PolicyShare, settle};
use crate::verdict::Outcome;

/// What one direction of a class admits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admits {
    /// What becomes of connections with every pod, whatever its namespace and labels: `passes` needs
    /// no choice, `open` depends on facts that are not chosen.
    pub everyone: Outcome,
    /// What becomes of connections with one pod that the input does not show and nothing is known
    /// of: also what labels could admit is `open`.
    pub anyone: Outcome,
    /// Peers of rules that a pod can come to match by choosing labels, by policy, rule and peer. Those
    /// are left out that give nothing which `everyone` does not have already.
    pub admissions: Vec<Admission>,
}

/// A peer of a rule that pods which the input does not show can match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admission {
    /// The rule.
    pub rule: RuleId,
    /// Which of its peers, from 0.
    pub peer: u32,
    /// What it takes to match.
    pub needs: Arc<Needs>,
    /// What the rule opens to whoever matches.
    pub connections: ConnSet,
    /// Port names that the rule opens besides, which the pod that matches gives to ports of its
    /// choice: only for egress, as ports are the destination's.
    pub names: Vec<PortNameId>,
    /// Whether whoever matches is admitted for certain: not if the policy only may select the
    /// subject, or another that cannot be evaluated may deny it.
    pub is_certain: bool,
}

/// Judges class by class; built once for many.
#[derive(Debug)]
pub struct Admitter<'m> {
    model: &'m Model,
    peers: FxHashMap<PeerId, Matching>,
}

/// Which pods that the input does not show match a peer.
#[derive(Debug)]
enum Matching {
    /// Those with an address in its block, which is some of them (`Maybe`), by family.
    Block([Truth; 2]),
    /// All of them.
    Everyone,
    /// Those that are made so.
    Chosen(Arc<Needs>),
    /// None.
    Nobody,
}

/// What the policies say about two pods at once: the one that chooses nothing, and the one of which
/// nothing is known.
#[derive(Default)]
struct Shares {
    everyone: Vec<PolicyShare>,
    anyone: Vec<PolicyShare>,
}

/// What `class` may exchange in `direction` with one pod somewhere that the input does not show.
pub fn stranger(model: &Model, class: ClassId, direction: Direction) -> Outcome {
    Admitter::new(model).admits(class, direction).anyone
}

impl<'m> Admitter<'m> {
    /// Reads every peer once.
    pub fn new(model: &'m Model) -> Self {
        let mut peers = FxHashMap::default();
        let ids = model.rules().tiers.iter().flat_map(|Tier::AnyAllow(policies)| policies);
        for (id, policy) in ids.map(|id| (*id, model.policy(*id))) {
            for direction in Direction::BOTH {
                let indexed =
                    model.indexed_rules(id, direction).iter().filter_map(|rule| rule.peers.as_ref());
                let rules = policy.rules(direction).unwrap_or_default().iter();
                let written = rules.filter_map(|rule| rule.peers.as_ref());
                for (id, item) in indexed.flatten().zip(written.flatten()) {
                    peers.entry(*id).or_insert_with(|| Matching::of(model, &item.peer));
                }
            }
        }
        Self { model, peers }
    }

    /// What a class admits in a direction.
    pub fn admits(&self, class: ClassId, direction: Direction) -> Admits {
        let selecting = self.model.selecting(class, direction);
        let families = self.model.class(class).families.and(self.model.families());
        let asked = ConnSet::all(families);
        let mut admissions = Vec::new();
        let mut shares = |policies: &[PolicyId], may_deny: bool| {
            let mut shares = Shares::default();
            for policy in policies {
                let (everyone, anyone, found) = self.policy(*policy, class, direction, &asked);
                shares.everyone.push(everyone);
                shares.anyone.push(anyone);
                admissions.extend(found.into_iter().map(|it| Admission { is_certain: !may_deny, ..it }));
            }
            shares
        };
        let may_deny = selecting.interference.restricts;
        let (certain, maybe) = (shares(&selecting.certain, may_deny), shares(&selecting.maybe, true));
        let everyone = settle(selecting, &asked, &certain.everyone, &maybe.everyone);
        let anyone = settle(selecting, &asked, &certain.anyone, &maybe.anyone);
        admissions.retain(|admission| !everyone.passes.covers(&self.widest(admission, families)));
        admissions.sort_by_key(|admission| (admission.rule, admission.peer));
        Admits { everyone, anyone, admissions }
    }

    /// What an admission may open, whatever port its names are given to.
    fn widest(&self, admission: &Admission, families: Families) -> ConnSet {
        let named = named(self.model, &admission.names);
        admission.connections.or(&named.within(families))
    }

    /// What a policy gives to a pod that chooses nothing, and to one of which nothing is known; and
    /// whom it admits.
    fn policy(
        &self,
        policy: PolicyId,
        class: ClassId,
        direction: Direction,
        asked: &ConnSet,
    ) -> (PolicyShare, PolicyShare, Vec<Admission>) {
        let model = self.model;
        let (mut everyone, mut chosen) = (PolicyShare::default(), ConnSet::none());
        let mut admissions = Vec::new();
        for (rule, index) in model.indexed_rules(policy, direction).iter().zip(0..) {
            let (opens, names) = opens(model, rule.ports, class, direction);
            let opens = opens.and(asked);
            let possible = opens.or(&named(model, names).and(asked));
            let Some(peers) = &rule.peers else {
                everyone.add(&opens, &possible);
                continue;
            };
            for (id, peer) in peers.iter().zip(0..) {
                match self.peers.get(id) {
                    Some(Matching::Everyone) => everyone.add(&opens, &possible),
                    Some(Matching::Block(inside)) => {
                        let within = |least: Truth| {
                            let families = Family::BOTH.into_iter();
                            families.filter(|family| inside[*family as usize] >= least).collect::<Families>()
                        };
                        let certain = opens.within(within(Truth::Yes));
                        everyone.add(&certain, &possible.within(within(Truth::Maybe)));
                    }
                    Some(Matching::Chosen(needs)) if !possible.is_empty() => {
                        chosen = chosen.or(&possible);
                        admissions.push(Admission {
                            rule: RuleId { policy, direction, index },
                            peer,
                            needs: Arc::clone(needs),
                            connections: opens.clone(),
                            names: names.to_vec(),
                            is_certain: false,
                        });
                    }
                    None | Some(Matching::Nobody | Matching::Chosen(_)) => {}
                }
            }
        }
        let mut anyone = everyone.clone();
        anyone.add(&ConnSet::none(), &chosen);
        (everyone, anyone, admissions)
    }
}

impl Matching {
    fn of(model: &Model, peer: &Peer) -> Self {
        match (peer, Needs::of(peer)) {
            (Peer::Block(block), _) => {
                let (addresses, space) = (block.addresses(), model.pod_space());
                Self::Block(Family::BOTH.map(|family| {
                    let (block, space) = (addresses.of(family), space.of(family));
                    match (block.is_disjoint(space), block.covers(space)) {
                        (true, _) => Truth::No,
                        (false, true) => Truth::Yes,
                        (false, false) => Truth::Maybe,
                    }
                }))
            }
            (Peer::Pods { .. }, None) => Self::Nobody,
            (Peer::Pods { .. }, Some(needs)) if needs.is_nothing() => Self::Everyone,
            (Peer::Pods { .. }, Some(needs)) => Self::Chosen(Arc::new(needs)),
        }
    }
}

/// What a list of ports opens for certain, and which names it opens that the other end defines.
fn opens(model: &Model, ports: PortsId, class: ClassId, direction: Direction) -> (ConnSet, &[PortNameId]) {
    match direction {
        Direction::Ingress => (model.opens(ports, class), &[]),
        Direction::Egress => (model.ports(ports).fixed.clone(), &model.ports(ports).named),
    }
}

/// Everything that port names can mean: any port of their protocols.
fn named(model: &Model, names: &[PortNameId]) -> ConnSet {
    names.iter().fold(ConnSet::none(), |set, name| {
        let (_, protocol) = model.port_name(*name);
        set.or(&ConnSet::of_ports(Families::BOTH, protocol, &every_port()))
    })
}
