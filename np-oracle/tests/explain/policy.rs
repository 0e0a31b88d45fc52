//! What is said about whole policies: what is redundant in them can go, and nothing changes, whatever the facts are that
//! the input does not show; and a policy changes nothing where np says so, and something elsewhere.

use k8s_openapi::api::networking::v1::NetworkPolicy;
use np_model::Model;
use np_model::ir::Direction;
use np_oracle::{Bound, Cluster, Workload, WorkloadKind, complete};
use np_sim::explain::{Part, policy};

use super::close::types;
use super::common::random::{pairs, points};
use super::{Counts, count, policy_ids, position};

/// How many ways the unknown facts of a cluster are made up.
const COMPLETIONS: u64 = 4;

pub(super) fn check(cluster: &Cluster, model: &Model, counts: &Counts) -> Result<(), String> {
    let ends = with_twins(cluster);
    let before = cells(cluster, &ends);
    let full = (0..COMPLETIONS).filter_map(|seed| complete(cluster, seed));
    let full: Vec<(Cluster, Vec<Option<Bound>>)> = full
        .map(|full| {
            let cells = cells(&full, &with_twins(&full));
            (full, cells)
        })
        .collect();
    // Whether a change of policies makes no difference, however the unknown is made up.
    let is_idle = |change: &dyn Fn(&mut Cluster)| {
        full.iter().all(|(full, before)| {
            let mut changed = full.clone();
            change(&mut changed);
            cells(&changed, &with_twins(full)) == *before
        })
    };
    for id in policy_ids(model) {
        let at = position(cluster, model, id);
        let evidence = policy(model, id);
        let mut without = cluster.clone();
        without.policies.remove(at);
        let is_same = cells(&without, &ends) == before;
        if is_same != evidence.without.is_empty() {
            return Err(format!(
                "{id:?} makes a difference: {}, the judge {}",
                !evidence.without.is_empty(),
                !is_same
            ));
        }
        if is_same && evidence.is_judged && !is_idle(&|cluster| drop(cluster.policies.remove(at))) {
            return Err(format!("{id:?} makes a difference where more is known"));
        }
        count(
            counts,
            if is_same { "policies that change nothing" } else { "policies that change something" },
        );
        for redundant in &evidence.redundant {
            let mut without = cluster.clone();
            take_away(
                &mut without.policies[at],
                redundant.rule.direction,
                redundant.rule.index,
                redundant.part,
            )
            .ok_or_else(|| format!("{redundant:?} is not there"))?;
            if cells(&without, &ends) != before {
                return Err(format!("{redundant:?} makes a difference"));
            }
            let policy = &without.policies[at];
            if !is_idle(&|cluster| cluster.policies[at] = policy.clone()) {
                return Err(format!("{redundant:?} makes a difference where more is known"));
            }
            count(counts, "redundant parts");
        }
        evidence.undecided.iter().for_each(|_| count(counts, "parts of which nobody knows"));
    }
    Ok(())
}

/// What passes in a cluster, cell by cell of another with the same ends.
fn cells(cluster: &Cluster, ends_of: &Cluster) -> Vec<Option<Bound>> {
    let (cluster, pairs, points) = (with_twins(cluster), pairs(ends_of), points(ends_of));
    let mut cells = Vec::new();
    for (from, to) in &pairs {
        let between = cluster.between(from, to);
        cells.extend(points.iter().map(|point| Some(between.as_ref()?.at(*point)?.pair())));
    }
    cells
}

/// The cluster with another workload like each that makes several pods, as it is written as a manifest, so that what
/// passes between the pods of one is seen too.
fn with_twins(cluster: &Cluster) -> Cluster {
    let mut cluster = cluster.clone();
    let is_several = |one: &&Workload| matches!(one.kind, WorkloadKind::DaemonSet | WorkloadKind::CronJob);
    let twin = |one: &Workload| Workload { name: format!("{}-twin", one.name), ..one.clone() };
    let twins: Vec<Workload> = cluster.workloads.iter().filter(is_several).map(twin).collect();
    cluster.workloads.extend(twins);
    cluster
}

/// Takes a part of a rule away; None if there is no such part, or its list would be empty and so mean everything.
fn take_away(policy: &mut NetworkPolicy, direction: Direction, rule: u32, part: Part) -> Option<()> {
    let (rule, spec) = (rule as usize, policy.spec.as_mut()?);
    spec.policy_types = Some(types(spec));
    match direction {
        Direction::Ingress => {
            let rules = spec.ingress.as_mut().filter(|rules| rule < rules.len())?;
            match part {
                Part::Rule => drop(rules.remove(rule)),
                Part::Peer(at) => take(rules[rule].from.as_mut()?, at)?,
                Part::Port(at) => take(rules[rule].ports.as_mut()?, at)?,
            }
        }
        Direction::Egress => {
            let rules = spec.egress.as_mut().filter(|rules| rule < rules.len())?;
            match part {
                Part::Rule => drop(rules.remove(rule)),
                Part::Peer(at) => take(rules[rule].to.as_mut()?, at)?,
                Part::Port(at) => take(rules[rule].ports.as_mut()?, at)?,
            }
        }
    }
    Some(())
}

fn take<T>(list: &mut Vec<T>, at: u32) -> Option<()> {
    let at = at as usize;
    (at < list.len() && list.len() > 1).then(|| drop(list.remove(at)))
}
