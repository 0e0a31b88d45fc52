//! What may close a connection: in one direction, every rule that lets it pass is narrowed or taken away, or a new
//! policy isolates the subject and keeps the rest.

use np_model::Model;
use np_model::addr::Families;
use np_model::conn::ConnSet;
use np_model::edit::{Change, RuleAt, SelectorAt};
use np_model::ir::{Direction, Namespaces, Peer, PortMatch, PortSpec, Rule, RuleId};
use np_model::model::ClassId;
use np_model::selector::Requirement;
use np_model::truth::Truth;

use super::fresh::{self, ends};
use super::labels;
use super::prove::Question;
use super::{Candidate, Step};
use crate::endpoint::Endpoint;
use crate::explain::Explanation;
use crate::reach::Decision;

/// How a rule ceases to let pass what is asked, the least of a change first.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Way {
    /// Two of its peers become one that asks for both.
    Join,
    /// Its ports no longer have what is asked.
    Ports,
    /// Its peers no longer mean the other end.
    Narrow,
    /// The peers that mean the other end go, and the rule if it has no others.
    Remove,
}

const WAYS: [Way; 4] = [Way::Join, Way::Narrow, Way::Ports, Way::Remove];

/// Steps to be tried, with whether they correct a slip, best first.
pub(super) fn candidates(question: &Question<'_>, explanation: &Explanation) -> Vec<Candidate> {
    let mut all: Vec<Candidate> = Vec::new();
    for direction in [Direction::Ingress, Direction::Egress] {
        let (rules, is_open) = deciding(question.model, explanation, direction);
        if is_open {
            all.extend(isolating(question, direction).map(|steps| (steps, false)));
            continue;
        }
        for way in WAYS {
            let Some((steps, is_joined)) = close(question, &rules, direction, way) else { continue };
            if all.iter().all(|(known, _)| *known != steps) {
                all.push((steps, is_joined));
            }
        }
    }
    all
}

/// A rule that lets something pass, and a class of the other end that it does so for.
type Deciding = (RuleId, ClassId);

/// The rules that let some of the asked pass in a direction, and whether it passes without any.
fn deciding(model: &Model, explanation: &Explanation, direction: Direction) -> (Vec<Deciding>, bool) {
    let (mut rules, mut is_open) = (Vec::new(), false);
    for (pair, evidence) in explanation.reach.pairs.iter().zip(&explanation.pairs) {
        let (side, other) = match direction {
            Direction::Egress => (&pair.egress, &pair.to),
            Direction::Ingress => (&pair.ingress, &pair.from),
        };
        is_open |= side.decisions.iter().any(|decided| decided.decision == Decision::NotIsolated);
        let Some(class) = other.class(model) else { continue };
        let opening = evidence.of(direction).matched.iter().filter(|matched| !matched.opens.is_empty());
        rules.extend(opening.map(|matched| (matched.rule, class)));
    }
    // What is taken from a list comes from its end first, so that the places before it stay right.
    rules.sort_unstable_by(|a, b| b.cmp(a));
    rules.dedup();
    (rules, is_open)
}

/// The steps that close every one of the rules, each in this way or else in the next that it can be closed in, and
/// whether they do nothing but join.
fn close(
    question: &Question<'_>,
    rules: &[Deciding],
    direction: Direction,
    way: Way,
) -> Option<(Vec<Step>, bool)> {
    let (mut steps, mut is_used, mut is_joined) = (Vec::new(), false, true);
    for run in rules.chunk_by(|a, b| a.0 == b.0) {
        let (id, classes) = (run[0].0, run.iter().map(|(_, class)| *class).collect::<Vec<_>>());
        let ways = [way, Way::Narrow, Way::Remove];
        let (found, changes) = ways.into_iter().find_map(|way| {
            let changes = changes(question, id, &classes, direction, way)?;
            Some((way, changes))
        })?;
        is_used |= found == way;
        is_joined &= found == Way::Join;
        steps.extend(changes.into_iter().map(|change| Step::Change(id.policy, change)));
    }
    (is_used && !steps.is_empty()).then_some((steps, is_joined))
}

fn changes(
    question: &Question<'_>,
    id: RuleId,
    classes: &[ClassId],
    direction: Direction,
    way: Way,
) -> Option<Vec<Change>> {
    let model = question.model;
    let rule = model.rule(id);
    let indexed = &model.indexed_rules(id.policy, direction)[id.index as usize];
    let at = RuleAt { direction, index: id.index };
    let meant = |index: u32| {
        let peer = indexed.peers.as_ref().map(|peers| peers[index as usize]);
        peer.is_some_and(|peer| classes.iter().any(|class| model.peer_truth(peer, *class) != Truth::No))
    };
    let items = rule.peers.as_deref().unwrap_or_default();
    let count = u32::try_from(items.len()).unwrap_or(u32::MAX);
    let matching: Vec<u32> = (0..count).rev().filter(|index| meant(*index)).collect();
    match way {
        Way::Join => {
            let halves = |index: u32| {
                let pair = [items.get(index as usize), items.get(index as usize + 1)];
                let [Some(one), Some(other)] = pair else { return false };
                let is_half = |peer: &Peer| match peer {
                    Peer::Pods { namespaces: Namespaces::Named(_), .. } => Some(true),
                    Peer::Pods { pods, .. } if pods.is_everything() => Some(false),
                    _ => None,
                };
                matches!((is_half(&one.peer), is_half(&other.peer)), (Some(a), Some(b)) if a != b)
            };
            let first = (0..count).find(|index| halves(*index))?;
            let is_enough = matching.iter().all(|index| [first, first + 1].contains(index));
            is_enough.then(|| vec![Change::Join(at, first)])
        }
        Way::Ports => ports(question, rule, at),
        Way::Narrow if rule.peers.is_none() => {
            let (_, other) = ends(question.from, question.to, direction);
            let others = labels::all_but(model, other, &model.policy(id.policy).namespace);
            (!others.is_empty()).then(|| vec![Change::Peers(at, others)])
        }
        Way::Narrow => {
            let (_, other) = ends(question.from, question.to, direction);
            let all: Option<Vec<Vec<Change>>> = matching
                .iter()
                .map(|index| narrow(model, at, *index, &items[*index as usize].peer, other))
                .collect();
            all.map(|all| all.concat()).filter(|all| !all.is_empty())
        }
        Way::Remove if rule.peers.is_none() || matching.len() == items.len() => {
            Some(vec![Change::RemoveRule(at)])
        }
        Way::Remove => Some(matching.into_iter().map(|index| Change::RemovePeer(at, index)).collect()),
    }
}

/// A peer that no longer means an endpoint: one of its labels must be another, or its addresses are left out.
fn narrow(model: &Model, at: RuleAt, index: u32, peer: &Peer, other: &Endpoint) -> Option<Vec<Change>> {
    match (peer, other) {
        (Peer::Pods { pods, .. }, Endpoint::Pod(_) | Endpoint::Workload(_)) => {
            let of_it = labels::selector(model, &other.pods(model));
            let term = |label: &Requirement| {
                let (key, value) = labels::single(label)?;
                let values = [value.to_owned()].into();
                Some(Requirement::NotIn(key.to_owned(), values))
            };
            // A label that the peer asks for is not the one to leave out.
            let asks = |term: &Requirement| pods.asks_for(term.key());
            let mut terms = of_it.requirements().iter().filter_map(term);
            let term = terms.find(|term| !asks(term))?;
            Some(vec![Change::AddTerm(SelectorAt::Pods(at, index), term)])
        }
        (Peer::Block(block), _) => {
            let addresses = match other {
                Endpoint::External(external) => external.addresses.clone(),
                _ => labels::known_addresses(model, other)?,
            };
            let addresses = addresses.and(&block.addresses());
            let cidrs = labels::cidrs(&addresses);
            let fits =
                !cidrs.is_empty() && cidrs.len() <= 8 && cidrs.iter().all(|cidr| *cidr != block.cidr());
            fits.then(|| cidrs.into_iter().map(|cidr| Change::AddExcept(at, index, cidr)).collect())
        }
        (Peer::Pods { .. }, _) => None,
    }
}

/// The ports of a rule without what is asked; `None` if that leaves none, or if the rule lists none.
fn ports(question: &Question<'_>, rule: &Rule, at: RuleAt) -> Option<Vec<Change>> {
    let asked: Vec<_> = labels::ports(question.model, question.asked, question.to);
    let items = rule.ports.as_deref()?;
    let (mut changes, mut added, mut left) = (Vec::new(), Vec::new(), items.len());
    for (item, index) in items.iter().zip(0..).collect::<Vec<_>>().into_iter().rev() {
        let PortMatch { protocol, ports } = &item.port;
        let is_asked = |port: &&PortMatch| port.protocol == *protocol;
        match ports {
            PortSpec::Named(_) => {
                if asked.iter().any(|port| port == &item.port) || asked.iter().any(|port| is_asked(&port)) {
                    changes.push(Change::RemovePort(at, index));
                    left -= 1;
                }
            }
            PortSpec::All | PortSpec::Range(..) => {
                let (first, last) = match ports {
                    PortSpec::Range(first, last) => (*first, *last),
                    _ => (1, u16::MAX),
                };
                let range = |first, last| ConnSet::ports(Families::BOTH, *protocol, first, last);
                let gone =
                    asked.iter().filter(is_asked).fold(ConnSet::none(), |all, port| match port.ports {
                        PortSpec::Range(first, last) => all.or(&range(first, last)),
                        PortSpec::All => all.or(&range(1, u16::MAX)),
                        PortSpec::Named(_) => all,
                    });
                let whole = range(first, last);
                if whole.and(&gone).is_empty() {
                    continue;
                }
                let mut rest = labels::ranges(&whole.minus(&gone)).into_iter();
                match rest.next() {
                    None => {
                        changes.push(Change::RemovePort(at, index));
                        left -= 1;
                    }
                    Some(port) => {
                        changes.push(Change::SetPort(at, index, port));
                        added.extend(rest.map(|port| Change::AddPort(at, port)));
                    }
                }
            }
        }
    }
    changes.extend(added);
    (left > 0 && !changes.is_empty()).then_some(changes)
}

/// A new policy that isolates the subject in a direction and keeps what passes today, as far as that can be said.
fn isolating(question: &Question<'_>, direction: Direction) -> Option<Vec<Step>> {
    let Question { model, from, to, asked, .. } = *question;
    let (subject, other) = ends(from, to, direction);
    let namespace = subject.namespace(model)?;
    let home = model.namespace(namespace).name.as_str();
    let asked = labels::numbers(model, asked, to);
    let of_ports = asked.iter().fold(ConnSet::none(), |all, port| {
        let range = |first, last| ConnSet::ports(Families::BOTH, port.protocol, first, last);
        match &port.ports {
            PortSpec::Range(first, last) => all.or(&range(*first, *last)),
            PortSpec::All => all.or(&range(1, u16::MAX)),
            PortSpec::Named(_) => all,
        }
    });
    let mut rules = Vec::new();
    if !asked.is_empty() {
        let others = labels::ranges(&ConnSet::all(Families::BOTH).minus(&of_ports));
        rules.push(Rule::new(Vec::new(), others));
    }
    let keep = labels::all_but(model, other, home);
    if !keep.is_empty() {
        rules.push(Rule::new(keep, asked));
    }
    let name = fresh::name(model, home, subject, other, direction, "deny");
    let policy = fresh::policy(model, home, name, subject, (direction, rules));
    Some(vec![Step::New(Box::new(policy))])
}
