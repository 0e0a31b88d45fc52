//! What of a fix holds only as long as pods have the addresses that they have now.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;
use np_model::Model;
use np_model::edit::Change;
use np_model::ir::{Peer, Policy, Rule};
use np_model::model::Whereabouts;
use np_sim::fix::Step;

use crate::report::several::several;

/// How many addresses are named.
const NAMED: usize = 3;

/// Says which addresses of pods the steps name, one by one, if they do.
pub(super) fn note(model: &Model, steps: &[Step]) -> Option<String> {
    let named: BTreeSet<IpAddr> = steps.iter().flat_map(networks).filter_map(single).collect();
    if named.is_empty() {
        return None;
    }
    let pods = model.pods().iter().filter(|pod| !pod.host_network);
    let of_pods = pods.filter_map(|pod| match pod.whereabouts {
        Whereabouts::At(ips) => Some(ips.iter().collect::<Vec<_>>()),
        Whereabouts::PodSpace | Whereabouts::Anywhere => None,
    });
    let pinned: BTreeSet<String> =
        of_pods.flatten().filter(|ip| named.contains(ip)).map(|ip| ip.to_string()).collect();
    let pinned: Vec<String> = pinned.into_iter().collect();
    several(&pinned, NAMED).map(|pinned| {
        format!("the fix names {pinned}, where pods are now; they have other addresses when they start again")
    })
}

/// The one address of a network that has no more.
fn single(network: IpNet) -> Option<IpAddr> {
    (network.prefix_len() == network.max_prefix_len()).then(|| network.addr())
}

/// The networks that a step brings in.
fn networks(step: &Step) -> Vec<IpNet> {
    let of_peer = |peer: &Peer| match peer {
        Peer::Block(block) => std::iter::once(block.cidr()).chain(block.except().iter().copied()).collect(),
        Peer::Pods { .. } => Vec::new(),
    };
    let of_rule = |rule: &Rule| -> Vec<IpNet> {
        rule.peers.iter().flatten().flat_map(|item| of_peer(&item.peer)).collect()
    };
    let of_policy =
        |policy: &Policy| policy.ingress.iter().chain(&policy.egress).flatten().flat_map(of_rule).collect();
    match step {
        Step::New(policy) => of_policy(policy),
        Step::Change(_, Change::AddRule(_, rule)) => of_rule(rule),
        Step::Change(_, Change::AddPeer(_, peer)) => of_peer(peer),
        Step::Change(_, Change::Peers(_, peers)) => peers.iter().flat_map(of_peer).collect(),
        Step::Change(_, Change::AddExcept(_, _, network)) => vec![*network],
        Step::Change(..) => Vec::new(),
    }
}
