//! What can change in a policy, and what it makes of the policy's rules.

use ipnet::IpNet;

use crate::addr::IpBlock;
use crate::ir::{
    Direction, Namespaces, Peer, PeerItem, PeerPlaces, Places, Policy, PortItem, PortMatch, Rule,
};
use crate::selector::{Requirement, Selector};

/// A rule of a policy: in force, or inert as [`policy.inert`](Policy::inert) has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RuleAt {
    /// Its direction.
    pub direction: Direction,
    /// Its place in that direction's list, from 0.
    pub index: u32,
}

/// A selector of a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SelectorAt {
    /// Whom the policy selects.
    Subject,
    /// The `podSelector` of a peer, from 0.
    Pods(RuleAt, u32),
    /// The `namespaceSelector` of a peer, from 0.
    Namespaces(RuleAt, u32),
}

/// One change of a policy. Positions count from 0, in the policy as the changes before leave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It concerns a direction: `policyTypes` lists it.
    AddType(Direction),
    /// One more rule, behind those of its direction, which the policy concerns.
    AddRule(Direction, Rule),
    /// One rule less.
    RemoveRule(RuleAt),
    /// One more peer of a rule that lists peers.
    AddPeer(RuleAt, Peer),
    /// One peer less, of a rule that has others.
    RemovePeer(RuleAt, u32),
    /// Namespaces and pods of one peer become two: either suffices where both were needed. It asks something of
    /// the pods.
    Split(RuleAt, u32),
    /// A peer by namespaces alone and one by pods alone, the next, become one.
    Join(RuleAt, u32),
    /// One more port of a rule that lists ports.
    AddPort(RuleAt, PortMatch),
    /// One port less, of a rule that has others.
    RemovePort(RuleAt, u32),
    /// A port becomes another; one that is added to a rule that lists none is [`Self::Ports`].
    SetPort(RuleAt, u32, PortMatch),
    /// A rule that lists no ports gets some.
    Ports(RuleAt, Vec<PortMatch>),
    /// A rule that lists no peers gets some.
    Peers(RuleAt, Vec<Peer>),
    /// A peer for pods of the policy's own namespace is for those of the namespaces that match.
    InNamespaces(RuleAt, u32, Selector),
    /// One more exception of a block.
    AddExcept(RuleAt, u32, IpNet),
    /// One exception of a block less.
    RemoveExcept(RuleAt, u32, IpNet),
    /// A term of a selector becomes another.
    SetTerm(SelectorAt, Requirement, Requirement),
    /// One more term of a selector that is written.
    AddTerm(SelectorAt, Requirement),
    /// One term of a selector less.
    RemoveTerm(SelectorAt, Requirement),
}

/// The rule that says this much, at no place.
fn peer_item(peer: Peer) -> PeerItem {
    let parts_at = match &peer {
        Peer::Pods { .. } => PeerPlaces::Pods { namespaces: Places::default(), pods: Places::default() },
        Peer::Block(_) => PeerPlaces::Block { cidr: None, except: Places::default() },
    };
    PeerItem { at: None, peer, parts_at }
}

fn port_item(port: PortMatch) -> PortItem {
    PortItem { at: None, port_at: None, port }
}

impl Rule {
    /// A rule at no place; without peers it means everyone, without ports every port.
    pub fn new(peers: Vec<Peer>, ports: Vec<PortMatch>) -> Self {
        let peers: Vec<PeerItem> = peers.into_iter().map(peer_item).collect();
        let ports: Vec<PortItem> = ports.into_iter().map(port_item).collect();
        Self {
            at: None,
            peers: (!peers.is_empty()).then_some(peers),
            ports: (!ports.is_empty()).then_some(ports),
        }
    }
}

impl Change {
    /// Makes the change; `None` if it does not fit.
    pub(super) fn apply(&self, policy: &mut Policy) -> Option<()> {
        match self {
            Self::AddType(direction) => {
                let inert = match policy.inert.rules.take() {
                    Some((of, rules)) if of == *direction => rules,
                    others => {
                        policy.inert.rules = others;
                        Vec::new()
                    }
                };
                let rules = in_force(policy, *direction);
                rules.is_none().then(|| *rules = Some(inert))
            }
            Self::AddRule(direction, rule) => {
                in_force(policy, *direction).as_mut()?.push(rule.clone());
                Some(())
            }
            Self::RemoveRule(at) => {
                let rules = in_force(policy, at.direction).as_mut()?;
                remove(rules, at.index, 0)
            }
            Self::AddPeer(at, peer) => {
                rule(policy, *at)?.peers.as_mut()?.push(peer_item(peer.clone()));
                Some(())
            }
            Self::RemovePeer(at, index) => remove(rule(policy, *at)?.peers.as_mut()?, *index, 1),
            Self::Split(at, index) => split(policy, *at, *index),
            Self::Join(at, index) => join(policy, *at, *index),
            Self::AddPort(at, port) => {
                rule(policy, *at)?.ports.as_mut()?.push(port_item(port.clone()));
                Some(())
            }
            Self::RemovePort(at, index) => remove(rule(policy, *at)?.ports.as_mut()?, *index, 1),
            Self::SetPort(at, index, port) => {
                rule(policy, *at)?.ports.as_mut()?.get_mut(*index as usize)?.port = port.clone();
                Some(())
            }
            Self::Ports(at, ports) => {
                let rule = rule(policy, *at)?;
                let fits = rule.ports.is_none() && !ports.is_empty();
                fits.then(|| rule.ports = Some(ports.iter().cloned().map(port_item).collect()))
            }
            Self::Peers(at, peers) => {
                let rule = rule(policy, *at)?;
                let fits = rule.peers.is_none() && !peers.is_empty();
                fits.then(|| rule.peers = Some(peers.iter().cloned().map(peer_item).collect()))
            }
            Self::InNamespaces(at, index, selector) => {
                let item = peer(policy, *at, *index)?;
                let Peer::Pods { namespaces: Namespaces::Named(_), pods } = &item.peer else { return None };
                let namespaces = Namespaces::Matching(selector.clone());
                *item = peer_item(Peer::Pods { namespaces, pods: pods.clone() });
                Some(())
            }
            Self::AddExcept(at, index, network) => excepting(policy, *at, *index, |except| {
                let is_new = !except.contains(network);
                is_new.then(|| except.push(*network))
            }),
            Self::RemoveExcept(at, index, network) => excepting(policy, *at, *index, |except| {
                let found = except.iter().position(|known| known == network)?;
                except.remove(found);
                Some(())
            }),
            Self::SetTerm(at, old, new) => terms(policy, *at, |terms| {
                let found = terms.iter().position(|term| term == old)?;
                let is_new = !terms.contains(new);
                is_new.then(|| terms[found] = new.clone())
            }),
            Self::AddTerm(at, term) => terms(policy, *at, |terms| {
                let is_new = !terms.contains(term);
                is_new.then(|| terms.push(term.clone()))
            }),
            Self::RemoveTerm(at, term) => terms(policy, *at, |terms| {
                let found = terms.iter().position(|known| known == term)?;
                terms.remove(found);
                Some(())
            }),
        }
    }
}

fn in_force(policy: &mut Policy, direction: Direction) -> &mut Option<Vec<Rule>> {
    match direction {
        Direction::Egress => &mut policy.egress,
        Direction::Ingress => &mut policy.ingress,
    }
}

fn rule(policy: &mut Policy, at: RuleAt) -> Option<&mut Rule> {
    let rules = match (in_force(policy, at.direction).is_some(), at.direction) {
        (true, direction) => in_force(policy, direction).as_mut()?,
        (false, direction) => match &mut policy.inert.rules {
            Some((of, rules)) if *of == direction => rules,
            _ => return None,
        },
    };
    rules.get_mut(at.index as usize)
}

fn peer(policy: &mut Policy, at: RuleAt, index: u32) -> Option<&mut PeerItem> {
    rule(policy, at)?.peers.as_mut()?.get_mut(index as usize)
}

/// Removes an item of a list that must keep so many.
fn remove<T>(list: &mut Vec<T>, index: u32, least: usize) -> Option<()> {
    let fits = (index as usize) < list.len() && list.len() > least;
    fits.then(|| drop(list.remove(index as usize)))
}

fn split(policy: &mut Policy, at: RuleAt, index: u32) -> Option<()> {
    let namespace = policy.namespace.clone();
    let peers = rule(policy, at)?.peers.as_mut()?;
    let Peer::Pods { namespaces: Namespaces::Matching(namespaces), pods } =
        peers.get(index as usize)?.peer.clone()
    else {
        return None;
    };
    if pods.is_everything() {
        return None;
    }
    let of_namespaces =
        Peer::Pods { namespaces: Namespaces::Matching(namespaces), pods: Selector::default() };
    peers[index as usize] = peer_item(of_namespaces);
    let of_pods = Peer::Pods { namespaces: Namespaces::Named(namespace), pods };
    peers.insert(index as usize + 1, peer_item(of_pods));
    Some(())
}

fn join(policy: &mut Policy, at: RuleAt, index: u32) -> Option<()> {
    let peers = rule(policy, at)?.peers.as_mut()?;
    let (one, other) = (&peers.get(index as usize)?.peer, &peers.get(index as usize + 1)?.peer);
    let (Peer::Pods { namespaces: a, pods: of_a }, Peer::Pods { namespaces: b, pods: of_b }) = (one, other)
    else {
        return None;
    };
    let (namespaces, every, pods) = match (a, b) {
        (Namespaces::Matching(_), Namespaces::Named(_)) => (a, of_a, of_b),
        (Namespaces::Named(_), Namespaces::Matching(_)) => (b, of_b, of_a),
        _ => return None,
    };
    if !every.is_everything() {
        return None;
    }
    let joined = Peer::Pods { namespaces: namespaces.clone(), pods: pods.clone() };
    peers[index as usize] = peer_item(joined);
    peers.remove(index as usize + 1);
    Some(())
}

fn excepting(
    policy: &mut Policy,
    at: RuleAt,
    index: u32,
    change: impl FnOnce(&mut Vec<IpNet>) -> Option<()>,
) -> Option<()> {
    let item = peer(policy, at, index)?;
    let Peer::Block(block) = &item.peer else { return None };
    let mut except = block.except().to_vec();
    change(&mut except)?;
    *item = peer_item(Peer::Block(IpBlock::new(block.cidr(), &except)?));
    Some(())
}

fn terms(
    policy: &mut Policy,
    at: SelectorAt,
    change: impl FnOnce(&mut Vec<Requirement>) -> Option<()>,
) -> Option<()> {
    let (selector, places) = match at {
        SelectorAt::Subject => (&mut policy.subject, &mut policy.subject_at),
        SelectorAt::Pods(at, index) => {
            let item = peer(policy, at, index)?;
            match (&mut item.peer, &mut item.parts_at) {
                (Peer::Pods { pods, .. }, PeerPlaces::Pods { pods: places, .. }) => (pods, places),
                _ => return None,
            }
        }
        SelectorAt::Namespaces(at, index) => {
            let item = peer(policy, at, index)?;
            match (&mut item.peer, &mut item.parts_at) {
                (
                    Peer::Pods { namespaces: Namespaces::Matching(selector), .. },
                    PeerPlaces::Pods { namespaces: places, .. },
                ) => (selector, places),
                _ => return None,
            }
        }
    };
    let mut terms = selector.requirements().to_vec();
    change(&mut terms)?;
    *selector = Selector::new(terms);
    *places = Places::default();
    Some(())
}
