//! np's answers about a broken cluster: whether it finds the fact that is broken.

use np_model::addr::Families;
use np_model::conn::{AskedPort, ConnSet, Protocol as Transport};
use np_model::ir::{Direction, Peer, Policy};
use np_model::selector::{Requirement, Selector};
use np_model::{Assumptions, Input, Model, compile};
use np_oracle::End;
use np_sim::explain::{Gap, Miss, PortGap};
use np_sim::{Endpoint, Finder, Verdict, explain};

use super::breaks::{Broken, Fact, PortFact};
use super::case::Connection;
use super::write::File;

/// Compiles files.
pub(crate) fn model(files: &[File]) -> Model {
    let mut input = Input::new("default");
    for (name, text) in files {
        input.text(name, text.clone().into_bytes());
    }
    compile(input, &Assumptions::default()).unwrap_or_else(|invalid| panic!("{invalid}"))
}

/// The ends of a connection, and its port.
pub(crate) fn question(model: &Model, connection: &Connection) -> (Endpoint, Endpoint, [AskedPort; 1]) {
    let finder = Finder::new(model, None);
    let find = |end: &End| {
        let text = match end {
            End::Pod { namespace, name } => format!("{namespace}/pod/{name}"),
            End::Workload { kind, namespace, name } => format!("{namespace}/{}/{name}", kind.name()),
            End::Node(name) => format!("node/{name}"),
            End::Address(address) => address.to_string(),
        };
        finder.find(&text).unwrap_or_else(|error| panic!("{error}"))
    };
    let transport = Transport::from_api(connection.protocol.name()).expect("the same protocols");
    let asked = ConnSet::ports(Families::BOTH, transport, connection.port, connection.port);
    (find(&connection.from), find(&connection.to), [AskedPort::Connections(asked)])
}

/// The misses of the direction that is broken, best first.
///
/// # Panics
/// If np does not deny the connection, as the judge does.
pub(crate) fn misses(model: &Model, connection: &Connection, direction: Direction) -> Vec<Miss> {
    let (from, to, asked) = question(model, connection);
    let explanation = explain(model, &from, &to, &asked).unwrap_or_else(|error| panic!("{error:?}"));
    assert_eq!(explanation.reach.verdict(), Verdict::Denied, "of {connection:?}");
    let [pair] = explanation.pairs.as_slice() else { panic!("{connection:?} is one pair: {explanation:?}") };
    pair.of(direction).misses.clone()
}

/// Whether a miss is the fact that is broken: the same rule and item, and nothing but this gap.
pub(crate) fn is_it(model: &Model, miss: &Miss, broken: &Broken) -> bool {
    let policy = model.policy(miss.policy);
    let is_place = (policy.namespace.as_str(), policy.name.as_str())
        == (&*broken.policy.0, &*broken.policy.1)
        && miss.direction == broken.direction
        && miss.rule as usize == broken.rule
        && broken.peer.is_none_or(|peer| miss.peer.map(|peer| peer as usize) == Some(peer));
    let [gap] = miss.gaps.as_slice() else { return false };
    is_place && is_fact(model, policy, miss, gap, &broken.fact)
}

fn is_fact(model: &Model, policy: &Policy, miss: &Miss, gap: &Gap, fact: &Fact) -> bool {
    let peer = || {
        let peers = miss.rule_of(model).peers.as_ref()?;
        Some(&peers[miss.peer? as usize].peer)
    };
    let is_term = |selector: Option<&Selector>, at: u32, wanted: &Requirement| {
        selector.is_some_and(|selector| selector.requirements().get(at as usize) == Some(wanted))
    };
    match (gap, fact) {
        (Gap::Direction, Fact::Direction)
        | (Gap::Joined(_), Fact::Joined)
        | (Gap::PolicyNamespace(_), Fact::PolicyNamespace) => true,
        (Gap::Subject(gap), Fact::Subject(term)) => is_term(Some(&policy.subject), gap.requirement, term),
        (Gap::Pod(gap), Fact::Pod(term)) => {
            let selector = peer().and_then(|peer| match peer {
                Peer::Pods { pods, .. } => Some(pods),
                Peer::Block(_) => None,
            });
            is_term(selector, gap.requirement, term)
        }
        (Gap::Namespace(gap), Fact::Namespace(term)) => {
            let selector = peer().and_then(|peer| match peer {
                Peer::Pods { namespaces: np_model::ir::Namespaces::Matching(selector), .. } => Some(selector),
                _ => None,
            });
            is_term(selector, gap.requirement, term)
        }
        (Gap::Except(at), Fact::Except(hole)) => peer().is_some_and(|peer| match peer {
            Peer::Block(block) => {
                block.except().get(*at as usize).is_some_and(|one| one.to_string() == *hole)
            }
            Peer::Pods { .. } => false,
        }),
        (Gap::Port { item, how }, Fact::Port { item: index, how: fact }) => {
            let is_kind = match (how, fact) {
                // A number that is off by one may be a Service's.
                (PortGap::Number { .. } | PortGap::Service(_), PortFact::Number)
                | (PortGap::Protocol, PortFact::Protocol)
                | (PortGap::Service(_), PortFact::Service) => true,
                _ => false,
            };
            is_kind && *item as usize == *index
        }
        _ => false,
    }
}
