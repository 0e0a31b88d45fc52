//! Near misses: with all of its gaps closed, a rule allows what the miss says; with one left, it does not.

use np_model::ir::Direction;
use np_sim::explain::{Evidence, Gap, Miss};

use super::Asked;
use super::close::{closed, is_closable};

pub(super) fn check(asked: &Asked<'_>, direction: Direction, evidence: &Evidence) -> Result<(), String> {
    for miss in &evidence.misses {
        if miss.gaps.is_empty() {
            return Err(format!("nothing fails: {miss:?}"));
        }
        if miss.direction != direction {
            return Err(format!("a miss of the other direction: {miss:?}"));
        }
        let before = asked.cluster.policies.clone();
        for (point, bound) in asked.bounds(before, direction, &miss.opens) {
            if bound.certain {
                return Err(format!("{point:?} passes, and is to be opened: {miss:?}"));
            }
        }
        if !miss.gaps.iter().all(is_closable) {
            asked.count("misses that no policy can close");
            continue;
        }
        close(asked, direction, miss).map_err(|why| format!("{why}: {miss:?}"))?;
        for (at, gap) in miss.gaps.iter().enumerate() {
            let mut others = miss.gaps.clone();
            others.remove(at);
            let policies = closed(asked, miss, &others)?;
            let opened = asked.bounds(policies, direction, &miss.opens);
            if opened.iter().any(|(_, bound)| bound.certain) {
                return Err(format!("{gap:?} need not be closed: {miss:?}"));
            }
        }
        asked.count(name(&miss.gaps));
    }
    Ok(())
}

fn close(asked: &Asked<'_>, direction: Direction, miss: &Miss) -> Result<(), String> {
    let policies = closed(asked, miss, &miss.gaps)?;
    for (point, bound) in asked.bounds(policies, direction, &miss.opens) {
        if !bound.possible {
            return Err(format!("{point:?} is blocked with all gaps closed"));
        }
        asked.count(if bound.certain { "points opened" } else { "points opened for all that is known" });
    }
    Ok(())
}

/// For the counts.
fn name(gaps: &[Gap]) -> &'static str {
    match gaps {
        [Gap::Direction] => "misses: direction",
        [Gap::Subject(_)] => "misses: subject",
        [Gap::Pod(_)] => "misses: pod",
        [Gap::Namespace(_)] => "misses: namespace",
        [Gap::OtherNamespace(_)] => "misses: other namespace",
        [Gap::PolicyNamespace(_)] => "misses: policy namespace",
        [Gap::Joined(_)] => "misses: joined",
        [Gap::Block] => "misses: block",
        [Gap::Except(_)] => "misses: except",
        [Gap::HostNetwork] => "misses: host network",
        [Gap::Port { .. }] => "misses: port",
        [_, _] => "misses: two gaps",
        _ => "misses: more gaps",
    }
}
