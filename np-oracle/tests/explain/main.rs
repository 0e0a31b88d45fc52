//! What np cites as evidence holds, by the judge: on random clusters, for pairs of ends and ports, each rule that is
//! cited lets through alone what it is cited for, without the deciding rules or the isolating policies the
//! direction flips, what selects the subject does, and a near miss allows what it says once its gaps are closed, and
//! not before all of them are. What is called redundant in a policy can go, and nothing changes.
//!
//! Policies that nobody can evaluate are left out: what they may do is beside the evidence.
//!
//! More clusters, or others:
//!
//! ```text
//! NP_CASES=20000 NP_SEED=1 cargo test --release -p np-oracle --test explain -- --nocapture
//! ```

#[allow(dead_code, reason = "each test uses its part of what they share")]
#[path = "../common/mod.rs"]
mod common;

mod cited;
mod close;
mod misses;
mod policy;

use std::cell::RefCell;
use std::collections::BTreeMap;

use common::Case;
use common::np::{find, read};
use common::random::{on_some_clusters, pairs};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use np_model::addr::Families;
use np_model::conn::{AskedPort, ConnSet, Protocol as Transport};
use np_model::ir::{Direction, PolicyId, Tier};
use np_model::{Assumptions, Model, compile};
use np_oracle::{Bound, Cluster, End, Family, Point, Protocol, boundary_points};
use np_sim::explain;
use np_sim::reach::Relation;
use proptest::collection;
use proptest::prelude::{Just, any};
use proptest::sample::Index;

/// Clusters by default.
const CLUSTERS: u32 = 150;

/// What was checked, by its name, and how often.
type Counts = RefCell<BTreeMap<&'static str, u64>>;

/// One pair of ends of a cluster, asked about some ports, with what is checked on it.
struct Asked<'a> {
    cluster: &'a Cluster,
    model: &'a Model,
    from: &'a End,
    to: &'a End,
    /// The points to look at: those asked about, as far as the ends have their family.
    points: Vec<Point>,
    counts: &'a Counts,
}

#[test]
fn evidence_holds() {
    let counts = Counts::default();
    // Which pairs to ask about, and on which port; every port if that is beyond the last.
    let draws = collection::vec((any::<Index>(), any::<Index>(), 0..4_u8), 12);
    let check = |cluster: &Cluster, draws: &Vec<(Index, Index, u8)>| check(cluster, draws, &counts);
    match on_some_clusters(CLUSTERS, draws, check) {
        Ok(parameters) => println!("the evidence holds: {parameters} {:#?}", counts.borrow()),
        Err(failure) => panic!("the evidence does not hold: {failure}"),
    }
}

#[test]
fn redundant_parts_make_no_difference() {
    let counts = Counts::default();
    let check = |cluster: &Cluster, (): &()| {
        let (cluster, model) = evaluated(cluster);
        policy::check(&cluster, &model, &counts)
    };
    match on_some_clusters(CLUSTERS / 3, Just(()), check) {
        Ok(parameters) => println!("what is redundant can go: {parameters} {:#?}", counts.borrow()),
        Err(failure) => panic!("what is redundant makes a difference: {failure}"),
    }
}

/// The cluster without the policies that cannot be evaluated, compiled.
fn evaluated(cluster: &Cluster) -> (Cluster, Model) {
    let mut cluster = cluster.clone();
    cluster.unevaluated.clear();
    let case = Case::from(&cluster);
    let pod_cidrs = case.pod_cidrs.iter().map(|cidr| cidr.parse().expect("a CIDR")).collect();
    let assumptions = Assumptions { pod_cidrs, bare_namespaces: case.assume_bare_namespaces };
    let model = compile(read(&case), &assumptions).unwrap_or_else(|invalid| panic!("{invalid}"));
    (cluster, model)
}

fn check(cluster: &Cluster, draws: &[(Index, Index, u8)], counts: &Counts) -> Result<(), String> {
    let (cluster, model) = evaluated(cluster);
    let (pairs, ports) = (pairs(&cluster), boundary_points(&cluster));
    if pairs.is_empty() {
        return Ok(());
    }
    for (pair, port, how) in draws {
        let (from, to) = pair.get(&pairs);
        let port = *port.get(&ports);
        let protocol = Protocol::ALL.get(usize::from(*how)).copied();
        let points = match protocol {
            Some(protocol) => Family::ALL.map(|family| Point { family, protocol, port }).to_vec(),
            None => common::random::points(&cluster),
        };
        let has = |end: &End, family: Family| cluster.families(end).is_some_and(|all| all.contains(&family));
        let points = points.into_iter().filter(|one| has(from, one.family) && has(to, one.family)).collect();
        let asked = protocol.map(|protocol| {
            let transport = Transport::from_api(protocol.name()).expect("the same protocols");
            AskedPort::Connections(ConnSet::ports(Families::BOTH, transport, port, port))
        });
        let asked_of = Asked { cluster: &cluster, model: &model, from, to, points, counts };
        asked_of.check(asked.as_slice()).map_err(|why| format!("{from:?} to {to:?} on {asked:?}: {why}"))?;
    }
    Ok(())
}

impl Asked<'_> {
    fn check(&self, asked: &[AskedPort]) -> Result<(), String> {
        let (from, to) = (find(self.model, self.from), find(self.model, self.to));
        let explanation = explain(self.model, &from, &to, asked).map_err(|error| format!("{error:?}"))?;
        for (pair, evidence) in explanation.reach.pairs.iter().zip(&explanation.pairs) {
            if pair.relation != Relation::Strangers {
                continue;
            }
            for (direction, side) in [(Direction::Egress, &pair.egress), (Direction::Ingress, &pair.ingress)]
            {
                let evidence = evidence.of(direction);
                cited::selecting(self, direction, &evidence.selecting)
                    .and_then(|()| cited::decisions(self, direction, side, &evidence.selecting))
                    .and_then(|()| cited::matched(self, direction, evidence))
                    .and_then(|()| misses::check(self, direction, evidence))
                    .map_err(|why| format!("{direction}: {why}\n{evidence:?}\n{side:?}"))?;
            }
        }
        Ok(())
    }

    /// What the judge says of a direction at a point, with other policies.
    fn bound(&self, policies: Vec<NetworkPolicy>, direction: Direction, point: Point) -> Bound {
        let cluster = Cluster { policies, ..self.cluster.clone() };
        bound(&cluster, self.from, self.to, direction, point)
    }

    /// The same at each of the points that a set has.
    fn bounds(
        &self,
        policies: Vec<NetworkPolicy>,
        direction: Direction,
        set: &ConnSet,
    ) -> Vec<(Point, Bound)> {
        let cluster = Cluster { policies, ..self.cluster.clone() };
        let Some(between) = cluster.between(self.from, self.to) else { return Vec::new() };
        let at = |point: Point| {
            let bounds = between.at(point)?;
            Some((point, of(direction, bounds)))
        };
        self.points_of(set).filter_map(at).collect()
    }

    /// Those of the points that a set has.
    fn points_of(&self, set: &ConnSet) -> impl Iterator<Item = Point> {
        self.points.iter().copied().filter(|point| set.covers(&common::np::point_set(*point)))
    }

    fn position(&self, id: PolicyId) -> usize {
        position(self.cluster, self.model, id)
    }

    fn count(&self, what: &'static str) {
        count(self.counts, what);
    }
}

/// The position of a policy in the cluster.
fn position(cluster: &Cluster, model: &Model, id: PolicyId) -> usize {
    let policy = model.policy(id);
    let is_it = |one: &NetworkPolicy| {
        one.metadata.name.as_deref() == Some(&policy.name)
            && one.metadata.namespace.as_deref() == Some(&policy.namespace)
    };
    cluster.policies.iter().position(is_it).expect("the policy is the cluster's")
}

/// Every policy of a model.
fn policy_ids(model: &Model) -> Vec<PolicyId> {
    let tiers = model.rules().tiers.iter();
    tiers.flat_map(|Tier::AnyAllow(policies)| policies.iter().copied()).collect()
}

fn count(counts: &Counts, what: &'static str) {
    *counts.borrow_mut().entry(what).or_default() += 1;
}

fn bound(cluster: &Cluster, from: &End, to: &End, direction: Direction, point: Point) -> Bound {
    let bounds = cluster.ask(from, to, point).expect("both ends have the family");
    of(direction, bounds)
}

fn of(direction: Direction, bounds: np_oracle::Bounds) -> Bound {
    match direction {
        Direction::Egress => bounds.egress,
        Direction::Ingress => bounds.ingress,
    }
}
