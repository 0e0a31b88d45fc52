//! The answer to one question as every format shows it: names, notation and places instead of ids.

use std::collections::BTreeMap;

use np_model::Model;
use np_model::addr::Families;
use np_model::conn::{AskedPort, ConnSet};
use np_model::ir::Direction;
use np_sim::explain::evidence;
use np_sim::reach::{Members, Pair, Reach, Relation, Side};
use np_sim::service::ServiceReach;
use np_sim::{Destination, Endpoint, Outcome, Services, Verdict};
use serde::{Serialize, Serializer};

use super::clean::clean;
use super::explain::Told;
use super::members::{End, merge, union};
use super::notes;
use super::places::Places;
use super::reason::{Reason, View, family};
use super::service::{self, ServiceAnswer};

/// How many members of a group are named to people.
const NAMED: usize = 3;

/// What was asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question<'a> {
    pub(crate) from: &'a Endpoint,
    pub(crate) to: &'a Destination,
    /// Empty: everything.
    pub(crate) ports: &'a [AskedPort],
}

/// How much an answer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    /// Who decides.
    Decisions,
    /// That, and all the evidence.
    Evidence,
}

/// What np-sim answered.
#[derive(Debug, Clone)]
pub(crate) enum Reached {
    /// About an endpoint.
    Endpoint(Reach),
    /// About the endpoints of a Service.
    Service(ServiceReach),
}

impl Reached {
    /// What becomes of the pairs.
    pub(crate) fn reach(&self) -> &Reach {
        match self {
            Self::Endpoint(reach) => reach,
            Self::Service(service) => &service.reach,
        }
    }
}

/// What came of it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Answer {
    api_version: &'static str,
    kind: &'static str,
    pub(crate) from: String,
    pub(crate) to: String,
    /// The connections asked about; of a Service, those that its ports lead to.
    pub(crate) asked: String,
    /// The Service, if the question goes to one.
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<ServiceAnswer>,
    /// The IP families that some pair has in common.
    families: Vec<&'static str>,
    #[serde(flatten)]
    pub(crate) result: Result,
    pub(crate) egress: Way,
    pub(crate) ingress: Way,
    pub(crate) pairs: Vec<Group>,
    pub(crate) notes: Vec<String>,
    /// How many policies were left out on request, by kind.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    ignored_kinds: BTreeMap<String, usize>,
    /// The ports as they were asked for; `None` for everything.
    #[serde(skip)]
    pub(crate) ports: Option<String>,
    #[serde(skip)]
    pub(crate) summary: Summary,
}

/// The three sets and their word.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Result {
    #[serde(serialize_with = "word")]
    pub(crate) verdict: Verdict,
    pub(crate) passes: String,
    pub(crate) open: String,
    pub(crate) blocked: String,
}

/// What one direction does.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Way {
    #[serde(serialize_with = "word")]
    pub(crate) verdict: Verdict,
    pub(crate) decisions: Vec<Reason>,
    /// Only of a pair, and only if it was asked for.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub(crate) evidence: Option<Told>,
}

/// Pairs with the same answer for the same reasons.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Group {
    from: Vec<String>,
    to: Vec<String>,
    relation: &'static str,
    #[serde(flatten)]
    pub(crate) result: Result,
    pub(crate) egress: Way,
    pub(crate) ingress: Way,
    /// The ends in a few words.
    #[serde(skip)]
    pub(crate) ends: [String; 2],
    /// What the ends are to each other, where it matters.
    #[serde(skip)]
    pub(crate) remark: Option<&'static str>,
    #[serde(skip)]
    pub(crate) asked: ConnSet,
}

/// What the sets mean over all pairs, each by its notation; `None` where there is nothing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Summary {
    pub(crate) every: Option<String>,
    pub(crate) some: Option<String>,
    pub(crate) open: Option<String>,
    pub(crate) blocked: Option<String>,
    /// Whether what is unknown for some pair is known for another.
    pub(crate) is_open_for_some: bool,
}

/// Puts an answer into words.
pub(crate) fn answer(
    services: &Services<'_>,
    places: &Places<'_>,
    question: Question<'_>,
    reached: &Reached,
    depth: Depth,
) -> Answer {
    let (model, reach) = (services.model(), reached.reach());
    let pairs = merge(&reach.pairs);
    let to = match question.to {
        Destination::Endpoint(endpoint) => Some(endpoint),
        Destination::Service { .. } => None,
    };
    let groups = groups(model, places, [Some(question.from), to], &pairs, depth);
    let families = reach.families;
    let ends: Vec<&Endpoint> = [Some(question.from), to].into_iter().flatten().collect();
    let name = |name: &str| clean(name).into_owned();
    let mut notes = notes::notes(model, &ends, question.ports, &pairs);
    let (mut asked, mut ports) = (asked_text(question.ports, reach), ports_text(question.ports, reach));
    let service = match reached {
        Reached::Service(reach) => {
            notes.splice(0..0, service::notes(model, question.from, question.ports, reach));
            ports = service::translation(model, reach).or(ports);
            Some(service::service(model, reach))
        }
        Reached::Endpoint(_) => {
            let pods = to.map(|to| to.pods(model)).unwrap_or_default();
            notes.extend(service::mistaken_port(services, &pods, question.ports));
            if question.ports.is_empty() {
                "all".clone_into(&mut asked);
            }
            None
        }
    };
    Answer {
        api_version: "np/v1",
        kind: match depth {
            Depth::Decisions => "Query",
            Depth::Evidence => "Explanation",
        },
        from: name(&question.from.name(model)),
        to: name(&question.to.name(model)),
        asked,
        service,
        families: families.iter().map(family).collect(),
        result: result(&reach.outcome, families),
        egress: way(&reach.egress, groups.iter().map(|group| &group.egress), families),
        ingress: way(&reach.ingress, groups.iter().map(|group| &group.ingress), families),
        notes,
        pairs: groups,
        ignored_kinds: model.ignored_kinds().clone(),
        ports,
        summary: summary(&reach.outcome, families),
    }
}

/// Who decides one direction of an answer, over all pairs.
pub(super) fn decisions(
    model: &Model,
    places: &Places<'_>,
    [from, to]: [&Endpoint; 2],
    reach: &Reach,
    direction: Direction,
) -> Vec<Reason> {
    let groups = groups(model, places, [Some(from), Some(to)], &merge(&reach.pairs), Depth::Decisions);
    let (outcome, ways): (_, Vec<&Way>) = match direction {
        Direction::Egress => (&reach.egress, groups.iter().map(|group| &group.egress).collect()),
        Direction::Ingress => (&reach.ingress, groups.iter().map(|group| &group.ingress).collect()),
    };
    way(outcome, ways.into_iter(), reach.families).decisions
}

/// Pairs in words; the ends are named where all of them is meant, and there is a name.
fn groups(
    model: &Model,
    places: &Places<'_>,
    [from, to]: [Option<&Endpoint>; 2],
    pairs: &[Pair],
    depth: Depth,
) -> Vec<Group> {
    let (all_from, all_to) =
        (union(pairs.iter().map(|pair| &pair.from)), union(pairs.iter().map(|pair| &pair.to)));
    let end = |endpoint, members, is_whole| End { model, endpoint, members, is_whole };
    let grouped = pairs.iter().map(|pair| {
        let from = end(from, &pair.from, is_same(&pair.from, &all_from));
        let to = end(to, &pair.to, is_same(&pair.to, &all_to));
        group(places, pair, from, to, depth)
    });
    grouped.collect()
}

fn group(places: &Places<'_>, pair: &Pair, from: End<'_>, to: End<'_>, depth: Depth) -> Group {
    let evidence = (depth == Depth::Evidence).then(|| evidence(from.model, pair));
    let way = |direction, side: &Side| {
        let (subject, other) = match direction {
            Direction::Egress => (from, to),
            Direction::Ingress => (to, from),
        };
        let view = View { places, direction, subject, other, families: pair.families };
        let evidence = evidence.as_ref().map(|evidence| view.evidence(evidence.of(direction), side));
        Way { verdict: side.outcome.verdict(), decisions: view.reasons(side), evidence }
    };
    let (relation, remark) = match pair.relation {
        Relation::Strangers => ("strangers", None),
        Relation::Itself => ("itself", None),
        Relation::OwnNode => ("own-node", Some("where the node is the pod's own")),
        Relation::MaybeOwnNode => ("maybe-own-node", Some("where the node may be the pod's own")),
    };
    Group {
        from: from.names(),
        to: to.names(),
        relation,
        result: result(&pair.outcome, pair.families),
        egress: way(Direction::Egress, &pair.egress),
        ingress: way(Direction::Ingress, &pair.ingress),
        ends: [from.label(NAMED), to.label(NAMED)],
        remark,
        asked: pair.asked.clone(),
    }
}

/// One direction over all pairs: the same decision is told once, with all that it is about.
fn way<'g>(outcome: &Outcome, ways: impl Iterator<Item = &'g Way>, families: Families) -> Way {
    let mut decisions: Vec<Reason> = Vec::new();
    for reason in ways.flat_map(|way| &way.decisions) {
        let is_same = |known: &&mut Reason| {
            (known.kind, &known.message, &known.place) == (reason.kind, &reason.message, &reason.place)
        };
        match decisions.iter_mut().find(is_same) {
            Some(known) => known.set = known.set.or(&reason.set),
            None => decisions.push(reason.clone()),
        }
    }
    for reason in &mut decisions {
        reason.connections = reason.set.text(families);
    }
    Way { verdict: outcome.verdict(), decisions, evidence: None }
}

fn result(outcome: &Outcome, families: Families) -> Result {
    let text = |set: &ConnSet| set.text(families);
    Result {
        verdict: outcome.verdict(),
        passes: text(&outcome.passes),
        open: text(&outcome.open),
        blocked: text(&outcome.blocked),
    }
}

fn summary(outcome: &Outcome, families: Families) -> Summary {
    let text = |set: &ConnSet| (!set.is_empty()).then(|| set.text(families));
    Summary {
        every: text(&outcome.every()),
        some: text(&outcome.some()),
        open: text(&outcome.open),
        blocked: text(&outcome.blocked.minus(&outcome.passes).minus(&outcome.open)),
        is_open_for_some: !outcome.open.and(&outcome.passes.or(&outcome.blocked)).is_empty(),
    }
}

fn is_same(members: &Members, all: &Members) -> bool {
    members.pods == all.pods && members.nodes == all.nodes && members.addresses == all.addresses
}

/// What was asked, by number; with its family if the question named one.
fn asked_text(ports: &[AskedPort], reach: &Reach) -> String {
    let names_family = |port: &AskedPort| match port {
        AskedPort::Connections(set) => !set.is_empty() && set.families() != Families::BOTH,
        AskedPort::Named(_) => false,
    };
    reach.asked.text(if ports.iter().any(names_family) { Families::BOTH } else { reach.families })
}

/// What was asked, with port names as they were written.
fn ports_text(ports: &[AskedPort], reach: &Reach) -> Option<String> {
    let names = ports.iter().filter_map(|port| match port {
        AskedPort::Named(name) => Some(name.as_str()),
        AskedPort::Connections(_) => None,
    });
    let names: Vec<&str> = names.collect();
    let text = asked_text(ports, reach);
    match (ports.is_empty(), names.is_empty()) {
        (true, _) => None,
        (false, true) => Some(text),
        (false, false) => Some(format!("{text} ({})", names.join(", "))),
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn word<S: Serializer>(verdict: &Verdict, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.serialize_str(verdict.name())
}
