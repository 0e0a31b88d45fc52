//! The policies of the real profile: for each how many pods it is to select and its peers are to
//! match, and selectors that come near.

use serde_json::{Value, json};

use super::super::policies::{ALLOW_DNS, allow_dns, block, policy, ports};
use super::super::random::Random;
use super::choice::{Choices, Local, by, of_all, of_any, of_each};
use super::{EMPTY, MOST_PEERS, MOST_SELECTED, POLICIES, Space};

/// Of a thousand policies, how many match from so many to so many pods.
type Shares = [(usize, usize, usize)];

/// How many pods policies select.
const SELECTED: &Shares = &[
    (190, 1, 2),
    (230, 3, 5),
    (140, 6, 6),
    (240, 7, 15),
    (120, 16, 30),
    (60, 31, 70),
    (20, 71, MOST_SELECTED),
];

/// How many pods the peers of policies with rules match.
const PEERS: &Shares = &[
    (160, 0, 0),
    (270, 1, 1),
    (150, 2, 2),
    (220, 3, 10),
    (140, 11, 50),
    (45, 51, 300),
    (12, 301, 1_500),
    (3, 1_501, MOST_PEERS),
];

/// What policies are written with.
struct Cast<'c> {
    random: &'c mut Random,
    spaces: &'c [Space],
    here: Vec<Choices<Local>>,
    anywhere: Choices<Local>,
    everywhere: Choices<Value>,
    /// Of each namespace, whether its policies concern egress too.
    with_egress: Vec<bool>,
}

/// Every namespace has a default-deny policy and one that allows DNS; the others are as drawn.
pub(super) fn make(random: &mut Random, spaces: &[Space]) -> Vec<Value> {
    let with_egress = spaces.iter().map(|_| random.percent(50)).collect();
    let (here, anywhere, everywhere) = (of_each(spaces), of_any(spaces), of_all(spaces));
    let mut cast = Cast { random, spaces, here, anywhere, everywhere, with_egress };
    let mut policies = Vec::with_capacity(POLICIES);
    for space in 0..spaces.len() {
        policies.push(policy("default-deny", space, &cast.empty(space, &json!({}))));
        policies.push(policy(ALLOW_DNS, space, &allow_dns()));
    }
    for number in spaces.len()..EMPTY {
        let Local { space, selector } = cast.subject();
        let spec = cast.empty(space, &selector);
        policies.push(policy(&format!("isolate-{number:05}"), space, &spec));
    }
    for number in policies.len()..POLICIES {
        let Local { space, selector } = cast.subject();
        let spec = cast.open(space, &selector);
        policies.push(policy(&format!("allow-{number:05}"), space, &spec));
    }
    policies
}

/// A number of pods, as often as the table says.
fn drawn(random: &mut Random, shares: &Shares) -> usize {
    let mut at = random.below(1_000);
    for (share, first, last) in shares {
        if at < *share {
            return first + random.below(last - first + 1);
        }
        at -= share;
    }
    shares[0].1
}

impl Cast<'_> {
    /// Whom a policy selects.
    fn subject(&mut self) -> Local {
        let pods = drawn(self.random, SELECTED);
        self.anywhere.near(self.random, pods).clone()
    }

    /// A policy that isolates and opens nothing.
    fn empty(&self, space: usize, selector: &Value) -> Value {
        let types = if self.with_egress[space] { json!(["Ingress", "Egress"]) } else { json!(["Ingress"]) };
        json!({ "podSelector": selector, "policyTypes": types })
    }

    /// A policy of one rule.
    fn open(&mut self, space: usize, selector: &Value) -> Value {
        let peers = self.peers(space);
        let workloads = &self.spaces[space].workloads;
        let workload = &workloads[self.random.below(workloads.len())].workload;
        let ports = ports(self.random, workload);
        if self.with_egress[space] && self.random.percent(40) {
            let rule = json!({ "ports": ports, "to": peers });
            json!({ "egress": [rule], "podSelector": selector, "policyTypes": ["Egress"] })
        } else {
            let rule = json!({ "from": peers, "ports": ports });
            json!({ "ingress": [rule], "podSelector": selector, "policyTypes": ["Ingress"] })
        }
    }

    /// Peers that match about as many pods as drawn, all in one item or half of them in each of two.
    fn peers(&mut self, space: usize) -> Vec<Value> {
        let pods = drawn(self.random, PEERS);
        if pods == 0 {
            return vec![self.nobody()];
        }
        let is_split = pods > 1 && self.random.percent(30);
        let parts = if is_split { vec![pods / 2, pods - pods / 2] } else { vec![pods] };
        let mut peers: Vec<Value> = parts.into_iter().map(|pods| self.peer(space, pods)).collect();
        if self.random.percent(15) {
            peers.push(block(self.random));
        }
        peers
    }

    /// A peer that matches about so many pods: of the policy's own namespace, if it has as many, or of any.
    fn peer(&mut self, space: usize, pods: usize) -> Value {
        if pods <= self.spaces[space].pods && self.random.percent(60) {
            let Local { selector, .. } = self.here[space].near(self.random, pods);
            return json!({ "podSelector": selector });
        }
        self.everywhere.near(self.random, pods).clone()
    }

    /// A peer that matches no pod: addresses outside, or pods that have gone.
    fn nobody(&mut self) -> Value {
        if self.random.percent(60) {
            return block(self.random);
        }
        let gone = format!("retired-{:03}", self.random.below(500));
        json!({ "podSelector": by(&[("app", &gone)]) })
    }
}
