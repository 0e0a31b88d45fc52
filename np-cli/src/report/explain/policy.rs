//! What one policy does: whom it selects, what only it allows or blocks, and what of it makes no difference.

use std::collections::BTreeMap;
use std::io::{self, Write};

use np_model::Model;
use np_model::addr::AddrSet;
use np_model::conn::ConnSet;
use np_model::ir::{Direction, Policy, RuleId};
use np_model::model::{PodId, WorkloadId};
use np_sim::diff::{Change, Group};
use np_sim::explain::{Gap, Part, PolicyEvidence, Redundant};
use np_sim::reach::Members;
use serde::Serialize;

use super::gap::GapTold;
use super::lines::{Tree, item, marked};
use super::rule::{self, RuleTold, policy_name, rule_name, rules};
use crate::report::clean::clean;
use crate::report::members::End;
use crate::report::paint::Tone;
use crate::report::places::{Place, Places};
use crate::report::reason::View;
use crate::report::several::several;
use crate::report::text::Layout;

/// How many names a line lists.
const NAMED: usize = 4;

/// How many lines of a kind are shown.
const LINES: usize = 10;

/// What a policy does; `docs/json.md` explains the keys.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Report {
    api_version: &'static str,
    kind: &'static str,
    policy: String,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    place: Option<Place>,
    selector: String,
    selects: Vec<String>,
    may_select: Vec<String>,
    nearly: Vec<NearTold>,
    egress: WayTold,
    ingress: WayTold,
    /// What only it allows: it would be blocked without it.
    allows: Vec<ChangeTold>,
    /// What only it blocks: it would pass without it.
    blocks: Vec<ChangeTold>,
    /// What only it decides: it would be unknown without it.
    decides: Vec<ChangeTold>,
    redundant: Vec<RedundantTold>,
    /// What may make no difference: what is unknown with and without it may hang on it.
    undecided: Vec<PartTold>,
    /// Whether every answer is the same without it.
    idle: bool,
    /// Whether nothing that is unknown with and without it may hang on it.
    judged: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<String>,
}

/// A pod that it nearly selects.
#[derive(Debug, Serialize)]
struct NearTold {
    pod: String,
    #[serde(flatten)]
    gap: GapTold,
}

/// One direction.
#[derive(Debug, Serialize)]
struct WayTold {
    concerned: bool,
    rules: Vec<RuleTold>,
    /// How many rules are left out, as policyTypes does not list the direction.
    inert: usize,
}

/// Pairs that change alike.
#[derive(Debug, Serialize)]
struct ChangeTold {
    from: Vec<String>,
    to: Vec<String>,
    connections: String,
    pairs: u64,
}

/// A part that makes no difference.
#[derive(Debug, Serialize)]
struct RedundantTold {
    #[serde(flatten)]
    part: PartTold,
    beside: Vec<String>,
}

/// A rule, or a part of one.
#[derive(Debug, Serialize)]
struct PartTold {
    message: String,
    direction: String,
    rule: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    peer: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    port: Option<u32>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    place: Option<Place>,
}

/// Puts it into words.
pub(crate) fn report(model: &Model, places: &Places<'_>, found: &PolicyEvidence) -> Report {
    let policy = model.policy(found.policy);
    let way = |direction| WayTold {
        concerned: policy.rules(direction).is_some(),
        rules: rules(places, policy, direction),
        inert: policy.inert_rules(direction).len(),
    };
    let changes = |of: fn(&Change) -> ConnSet| {
        let changes = found.without.changes.iter().map(|it| (it, of(it)));
        changes.filter(|(_, set)| !set.is_empty()).map(|(it, set)| change(model, it, &set)).collect()
    };
    let idle = found.without.is_empty() && found.is_judged;
    Report {
        api_version: "np/v1",
        kind: "PolicyExplanation",
        policy: policy_name(policy),
        place: policy.at.map(|at| places.place(at)),
        selector: clean(&policy.subject.to_string()).into_owned(),
        selects: names(model, &found.selects),
        may_select: names(model, &found.may_select),
        nearly: found.nearly.iter().map(|(pod, gap)| near(model, places, policy, *pod, gap)).collect(),
        egress: way(Direction::Egress),
        ingress: way(Direction::Ingress),
        allows: changes(Change::closed),
        blocks: changes(Change::opened),
        decides: changes(Change::unknown),
        redundant: found.redundant.iter().map(|it| redundant(model, places, it)).collect(),
        undecided: found.undecided.iter().map(|(rule, it)| part(model, places, *rule, *it)).collect(),
        idle,
        judged: found.is_judged,
        reasons: if idle { reasons(model, policy, found) } else { Vec::new() },
    }
}

/// Pods by name, a workload where all of its pods are among them.
fn names(model: &Model, pods: &[PodId]) -> Vec<String> {
    let is_whole = |id: &WorkloadId| model.workload(*id).pods.iter().all(|pod| pods.contains(pod));
    let mut whole: BTreeMap<WorkloadId, bool> = BTreeMap::new();
    let mut names: Vec<String> = Vec::new();
    for pod in pods {
        let workload = model.pod(*pod).workload;
        let workload = workload.filter(|id| *whole.entry(*id).or_insert_with(|| is_whole(id)));
        let name = workload.map_or_else(|| model.pod_name(*pod), |workload| model.workload_name(workload));
        names.push(clean(&name).into_owned());
    }
    names.sort();
    names.dedup();
    names
}

fn near(
    model: &Model,
    places: &Places<'_>,
    policy: &Policy,
    pod: PodId,
    gap: &np_sim::explain::LabelGap,
) -> NearTold {
    let members =
        Members { pods: vec![pod], nodes: Vec::new(), addresses: AddrSet::default(), is_host: false };
    let end = End { model, endpoint: None, members: &members, is_whole: false };
    let direction = if policy.ingress.is_some() { Direction::Ingress } else { Direction::Egress };
    let view = View { places, direction, subject: end, other: end, families: model.families() };
    NearTold { pod: end.label(1), gap: view.policy_gap(policy, &Gap::Subject(gap.clone())) }
}

fn change(model: &Model, change: &Change, set: &ConnSet) -> ChangeTold {
    let names = |group: &Group, other: &Group| {
        let pods = group.pods.iter().filter_map(|pod| pod.base());
        let pods: Vec<PodId> = pods.filter(|pod| !is_alone(model, *pod, other)).collect();
        let mut names = names(model, &pods);
        let nodes = group.nodes.iter().filter_map(|node| node.base());
        names.extend(nodes.map(|node| clean(&np_sim::Endpoint::Node(node).name(model)).into_owned()));
        names.extend(group.addresses.to_string().split_whitespace().map(str::to_owned));
        names
    };
    ChangeTold {
        from: names(&change.from, &change.to),
        to: names(&change.to, &change.from),
        connections: set.text(model.families()),
        pairs: change.count,
    }
}

/// Whether a pod is all there is on the other side, so that it is in no pair: a pod always reaches itself.
fn is_alone(model: &Model, pod: PodId, other: &Group) -> bool {
    let is_it = match other.pods.as_slice() {
        [only] => only.base() == Some(pod),
        _ => false,
    };
    is_it && other.nodes.is_empty() && other.addresses.is_empty() && !model.pod(pod).is_several()
}

fn redundant(model: &Model, places: &Places<'_>, found: &Redundant) -> RedundantTold {
    let mut part = part(model, places, found.rule, found.part);
    let beside = rules_of(model, &found.beside);
    let why = match several(&beside, NAMED) {
        Some(beside) if found.is_covered => format!("what it allows passes by {beside} as well"),
        Some(beside) => format!(
            "what it allows, and no other side blocks, passes by {beside}{} as well",
            if found.beside.len() > 1 { " together" } else { "" }
        ),
        None => "what it allows is blocked on the other side, or nobody is there whom it means".to_owned(),
    };
    part.message = clean(&format!("{}: {why}", part.message)).into_owned();
    let beside = found.beside.iter().map(|id| rule_name(model, *id)).collect();
    RedundantTold { part, beside }
}

/// Rules in a few words, those of one policy together.
fn rules_of(model: &Model, rules: &[RuleId]) -> Vec<String> {
    let runs = rules.chunk_by(|a, b| (a.policy, a.direction) == (b.policy, b.direction));
    let told = |run: &[RuleId]| {
        if let [only] = run {
            return rule_name(model, *only);
        }
        let numbers: Vec<String> = run.iter().map(|id| (id.index + 1).to_string()).collect();
        let (policy, direction) = (policy_name(model.policy(run[0].policy)), run[0].direction);
        format!("{policy}, {direction} rules {}", several(&numbers, NAMED).unwrap_or_default())
    };
    runs.map(told).collect()
}

/// A rule, or a part of one.
fn part(model: &Model, places: &Places<'_>, id: RuleId, of: Part) -> PartTold {
    let (policy, rule) = (model.policy(id.policy), model.rule(id));
    let number = id.index + 1;
    let named = format!("{} rule {number}", id.direction);
    let (message, at, peer, port) = match of {
        Part::Rule => (named, rule.at, None, None),
        Part::Peer(at) => {
            let item = rule.peers.as_deref().unwrap_or_default().get(at as usize);
            let told = item.map(|item| rule::peer(policy, &item.peer)).unwrap_or_default();
            (format!("{named}, peer {}, {told}", at + 1), item.and_then(|item| item.at), Some(at + 1), None)
        }
        Part::Port(at) => {
            let item = rule.ports.as_deref().unwrap_or_default().get(at as usize);
            let told = item.map(rule::port).unwrap_or_default();
            (format!("{named}, port {}, {told}", at + 1), item.and_then(|item| item.at), None, Some(at + 1))
        }
    };
    PartTold {
        message: clean(&message).into_owned(),
        direction: id.direction.to_string(),
        rule: number,
        peer,
        port,
        place: at.map(|at| places.place(at)),
    }
}

/// Why a policy makes no difference.
fn reasons(model: &Model, policy: &Policy, found: &PolicyEvidence) -> Vec<String> {
    if found.selects.is_empty() && found.may_select.is_empty() {
        let namespace = &policy.namespace;
        let pods = if policy.subject.is_everything() {
            format!("namespace {namespace} has no pods that policies select")
        } else {
            format!("no pod of namespace {namespace} matches {}", policy.subject)
        };
        return vec![clean(&pods).into_owned()];
    }
    let mut reasons = Vec::new();
    for direction in Direction::BOTH {
        if !policy.inert_rules(direction).is_empty() {
            reasons
                .push(format!("its {direction} rules are inert, as policyTypes does not list {direction}"));
        }
    }
    let others = |direction| {
        let pods = found.selects.iter().chain(&found.may_select);
        pods.map(|pod| model.selecting(model.pod(*pod).class, direction)).all(|it| it.certain.len() > 1)
    };
    let concerned = Direction::BOTH.into_iter().filter(|direction| policy.rules(*direction).is_some());
    let concerned: Vec<Direction> = concerned.collect();
    if concerned.iter().all(|direction| others(*direction)) {
        reasons.push("other policies isolate the same pods, and what it allows passes by them or is blocked on the other side".to_owned());
    } else {
        reasons.push("what it would block is blocked on the other side too, or nobody is there".to_owned());
    }
    reasons
}

/// Writes it for people.
pub(crate) fn text(out: &mut dyn Write, layout: Layout<'_>, report: &Report) -> io::Result<()> {
    let place =
        report.place.as_ref().map(|place| format!("   {}", layout.paint.tint(Tone::Dim, &place.to_string())));
    let name = layout.paint.tint(Tone::Strong, &format!("NetworkPolicy {}", report.policy));
    writeln!(out, "{name}{}", place.unwrap_or_default())?;
    selects(out, layout, report)?;
    let is_for_nobody = report.selects.is_empty() && report.may_select.is_empty();
    way(out, layout, ("egress", &report.egress), is_for_nobody, Tree::Middle)?;
    way(out, layout, ("ingress", &report.ingress), is_for_nobody, Tree::Middle)?;
    changes(out, layout, "only it", "allows", &report.allows)?;
    changes(out, layout, "only it", "blocks", &report.blocks)?;
    changes(out, layout, "only it", "decides what is unknown without it", &report.decides)?;
    let branch = (Tree::Middle.first(), Tree::Middle.then());
    for PartTold { message, place, .. } in report.redundant.iter().take(LINES).map(|it| &it.part) {
        item(out, layout, branch, "idle", (message, place.as_ref()))?;
    }
    for PartTold { message, place, .. } in report.undecided.iter().take(LINES) {
        let told = format!("{message}: what is unknown with and without it may hang on it");
        item(out, layout, branch, "unknown", (&told, place.as_ref()))?;
    }
    let is_shown = !(report.allows.is_empty() && report.blocks.is_empty() && report.decides.is_empty());
    let last = match (report.idle, report.redundant.len()) {
        (true, _) => format!("makes no difference: {}", report.reasons.join("; ")),
        (false, 0) if report.undecided.is_empty() && is_shown => {
            "every rule, peer and port of it makes a difference".to_owned()
        }
        (false, 0) if is_shown => "it makes a difference; of some of it nobody knows".to_owned(),
        (false, 0) => "whether it makes a difference hangs on what is unknown".to_owned(),
        (false, _) => "each idle part can go without a change of any answer; try them one by one".to_owned(),
    };
    item(out, layout, (Tree::Last.first(), Tree::Last.then()), "effect", (&last, None))
}

fn selects(out: &mut dyn Write, layout: Layout<'_>, report: &Report) -> io::Result<()> {
    let branch = (Tree::Middle.first(), Tree::Middle.then());
    let by = if report.selector.is_empty() { "every pod" } else { &report.selector };
    let told = match (several(&report.selects, NAMED), several(&report.may_select, NAMED)) {
        (Some(names), None) => format!("{by}: {names}"),
        (Some(names), Some(more)) => format!("{by}: {names}, perhaps also {more}"),
        (None, Some(more)) => format!("{by}: perhaps {more}"),
        (None, None) => format!("{by}: nobody"),
    };
    item(out, layout, branch, "selects", (&told, None))?;
    for near in report.nearly.iter().take(2) {
        let told = format!("{} {}", report.policy, near.gap.message);
        item(out, layout, (branch.1, branch.1), "nearly", (&told, near.gap.place.as_ref()))?;
        marked(out, layout, branch.1, &near.gap)?;
    }
    Ok(())
}

fn way(
    out: &mut dyn Write,
    layout: Layout<'_>,
    (name, way): (&str, &WayTold),
    is_for_nobody: bool,
    tree: Tree,
) -> io::Result<()> {
    let told = match (way.concerned, way.inert, way.rules.len()) {
        (true, _, 0) if is_for_nobody => "nobody is isolated by it".to_owned(),
        (true, _, 0) => "isolated, and nothing passes by it".to_owned(),
        (true, _, _) if is_for_nobody => "nobody is isolated by it; it would pass:".to_owned(),
        (true, _, _) => "isolated, and passes:".to_owned(),
        (false, 0, _) => "not concerned".to_owned(),
        (false, 1, _) => "not concerned, as policyTypes does not list it: 1 rule is inert".to_owned(),
        (false, count, _) => {
            format!("not concerned, as policyTypes does not list it: {count} rules are inert")
        }
    };
    item(out, layout, (tree.first(), tree.then()), name, (&told, None))?;
    for rule in way.rules.iter().take(LINES) {
        let told = format!("{}  {}", rule.rule, rule.message);
        item(out, layout, (tree.then(), tree.then()), "", (&told, rule.place.as_ref()))?;
    }
    match way.rules.len().saturating_sub(LINES) {
        0 => Ok(()),
        more => {
            let more = format!("and {more} more rules: -o json shows all");
            item(out, layout, (tree.then(), tree.then()), "", (&more, None))
        }
    }
}

fn changes(
    out: &mut dyn Write,
    layout: Layout<'_>,
    label: &str,
    verb: &str,
    changes: &[ChangeTold],
) -> io::Result<()> {
    let branch = (Tree::Middle.first(), Tree::Middle.then());
    let pairs: u64 = changes.iter().map(|change| change.pairs).sum();
    if changes.is_empty() {
        return Ok(());
    }
    let noun = if pairs == 1 { "pair" } else { "pairs" };
    item(out, layout, branch, label, (&format!("{verb}, of {pairs} {noun}:"), None))?;
    for change in changes.iter().take(LINES) {
        let names = |names: &[String]| several(names, NAMED).unwrap_or_default();
        let told = format!("{} → {}  {}", names(&change.from), names(&change.to), change.connections);
        item(out, layout, (branch.1, branch.1), "", (&told, None))?;
    }
    match changes.len().saturating_sub(LINES) {
        0 => Ok(()),
        more => {
            let more = format!("and {more} more groups: -o json shows all");
            item(out, layout, (branch.1, branch.1), "", (&more, None))
        }
    }
}
