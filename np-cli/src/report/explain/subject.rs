//! What the policies say about one endpoint: who selects it, what they let pass by which rule, and which policies nearly
//! select it.

use std::io::{self, Write};

use np_model::Model;
use np_model::addr::AddrSet;
use np_model::ir::Direction;
use np_sim::Endpoint;
use np_sim::explain::{NearSelection, Subject};
use np_sim::reach::Members;
use serde::Serialize;

use super::SelectedBy;
use super::gap::GapTold;
use super::lines::{Tree, item, marked};
use super::rule::{RuleTold, policy_name, rules};
use crate::report::clean::clean;
use crate::report::members::End;
use crate::report::paint::Tone;
use crate::report::places::Places;
use crate::report::reason::View;
use crate::report::several::several;
use crate::report::text::Layout;

/// How many names a line lists.
const NAMED: usize = 5;

/// How many rules of a direction are shown.
const RULES: usize = 12;

/// How many policies that nearly select are shown.
const NEARLY: usize = 3;

/// What the policies say about an endpoint; `docs/json.md` explains the keys.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Report {
    api_version: &'static str,
    kind: &'static str,
    endpoint: String,
    subjects: Vec<SubjectTold>,
}

/// The same of pods that no policy tells apart.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SubjectTold {
    pods: Vec<String>,
    host_network: bool,
    egress: WayTold,
    ingress: WayTold,
}

/// One direction.
#[derive(Debug, Serialize)]
struct WayTold {
    /// Whether some policy selects it.
    isolated: &'static str,
    selecting: Vec<SelectedBy>,
    rules: Vec<RuleTold>,
    nearly: Vec<NearTold>,
}

/// A policy that nearly selects.
#[derive(Debug, Serialize)]
struct NearTold {
    policy: String,
    #[serde(flatten)]
    gap: GapTold,
}

/// Puts it into words.
pub(crate) fn report(model: &Model, places: &Places<'_>, endpoint: &Endpoint, found: &[Subject]) -> Report {
    let subjects = found.iter().map(|subject| {
        let members = Members {
            pods: subject.pods.clone(),
            nodes: Vec::new(),
            addresses: AddrSet::default(),
            is_host: subject.is_host,
        };
        let end = End { model, endpoint: Some(endpoint), members: &members, is_whole: found.len() == 1 };
        let way = |direction| {
            let view = View { places, direction, subject: end, other: end, families: model.families() };
            way(&view, subject)
        };
        SubjectTold {
            pods: end.names(),
            host_network: subject.is_host,
            egress: way(Direction::Egress),
            ingress: way(Direction::Ingress),
        }
    });
    Report {
        api_version: "np/v1",
        kind: "EndpointExplanation",
        endpoint: clean(&endpoint.name(model)).into_owned(),
        subjects: subjects.collect(),
    }
}

fn way(view: &View<'_>, subject: &Subject) -> WayTold {
    let (model, selection) = (view.model(), subject.of(view.direction));
    let selecting = &selection.selecting;
    let isolated = match (subject.is_host, selecting.certain.is_empty(), selecting.is_empty()) {
        (true, ..) => "host",
        (_, false, _) => "yes",
        (_, true, false) => "unknown",
        (_, true, true) => "no",
    };
    let mut by: Vec<_> = selecting.certain.iter().map(|id| (*id, true)).collect();
    by.extend(selecting.maybe.iter().map(|id| (*id, false)));
    by.sort_unstable();
    let near = |near: &NearSelection| {
        let policy = model.policy(near.policy);
        NearTold { policy: policy_name(policy), gap: view.policy_gap(policy, &near.gap) }
    };
    WayTold {
        isolated,
        rules: by.iter().flat_map(|(id, _)| rules(view.places, model.policy(*id), view.direction)).collect(),
        selecting: by.into_iter().map(|(id, certain)| view.selected_by(id, certain)).collect(),
        nearly: selection.nearly.iter().map(near).collect(),
    }
}

/// Writes it for people.
pub(crate) fn text(out: &mut dyn Write, layout: Layout<'_>, report: &Report) -> io::Result<()> {
    for subject in &report.subjects {
        let name = match report.subjects.len() {
            1 => report.endpoint.clone(),
            _ => several(&subject.pods, NAMED).unwrap_or_default(),
        };
        writeln!(out, "{}", layout.paint.tint(Tone::Strong, &name))?;
        direction(out, layout, "egress", &subject.egress, Tree::Middle)?;
        direction(out, layout, "ingress", &subject.ingress, Tree::Last)?;
    }
    Ok(())
}

fn direction(
    out: &mut dyn Write,
    layout: Layout<'_>,
    name: &str,
    way: &WayTold,
    tree: Tree,
) -> io::Result<()> {
    let by: Vec<&str> = way.selecting.iter().map(|by| by.policy.as_str()).collect();
    let by = several(&by, NAMED);
    let told = match (way.isolated, by) {
        ("host", _) => "on its node's network, where policies select nothing".to_owned(),
        ("yes", Some(by)) => format!("isolated by {by}"),
        ("unknown", Some(by)) => format!("perhaps isolated by {by}"),
        ("unknown", None) => "perhaps isolated, by policies that np does not evaluate".to_owned(),
        _ => "not isolated: everything passes".to_owned(),
    };
    item(out, layout, (tree.first(), tree.then()), name, (&told, None))?;
    for rule in way.rules.iter().take(RULES) {
        let told = format!("{}   by {}, {name} rule {}", rule.message, rule.policy, rule.rule);
        item(out, layout, (tree.then(), tree.then()), "", (&told, rule.place.as_ref()))?;
    }
    if way.rules.len() > RULES {
        let more = format!("and {} more rules: -o json shows all", way.rules.len() - RULES);
        item(out, layout, (tree.then(), tree.then()), "", (&more, None))?;
    }
    if way.rules.is_empty() && way.isolated == "yes" {
        item(out, layout, (tree.then(), tree.then()), "", ("nothing passes: no rule allows anything", None))?;
    }
    for near in way.nearly.iter().take(NEARLY) {
        let told = format!("{} {}", near.policy, near.gap.message);
        item(out, layout, (tree.then(), tree.then()), "nearly", (&told, near.gap.place.as_ref()))?;
        marked(out, layout, tree.then(), &near.gap)?;
    }
    Ok(())
}
