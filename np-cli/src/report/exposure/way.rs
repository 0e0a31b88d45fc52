//! One direction of a workload: with whom what passes and, in detail, by which rules.

use np_model::Model;
use np_model::addr::{AddrSet, Families};
use np_model::conn::ConnSet;
use np_model::ir::{Direction, PolicyId};
use np_sim::endpoint::{External, internet};
use np_sim::exposure::{Exposed, with_namespace};
use np_sim::reach::Pair;
use np_sim::{Endpoint, Outcome, reach};
use serde::Serialize;

use super::super::answer::decisions;
use super::super::clean::clean;
use super::super::places::{Place, Places};
use super::super::reason::Reason;
use super::admission::{Admission, Admissions};
use super::{Detail, is_home, level};

/// One direction.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Way {
    /// `yes`, `no`, `unknown`, or `host`: no policy governs it.
    pub(crate) isolated: &'static str,
    /// The policies that isolate it.
    pub(crate) policies: Vec<By>,
    /// The worst with whom something passes.
    severity: &'static str,
    /// Whether that is certain.
    certain: bool,
    pub(crate) internet: Sets,
    pub(crate) outside: Sets,
    pub(crate) every_pod: Sets,
    pub(crate) other_namespaces: Sets,
    pub(crate) own_namespace: Sets,
    pub(crate) cluster: Sets,
    /// The other namespaces with a pod of which something passes or may.
    pub(crate) namespaces: Vec<String>,
    /// What could come to pass by choosing labels.
    pub(crate) admissions: Vec<Admission>,
    /// Those with whom something passes or may, with who decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) peers: Option<Vec<Peer>>,
    /// What any of the admissions opens.
    #[serde(skip)]
    pub(crate) by_labels: Sets,
}

/// A policy, and where its name stands.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct By {
    pub(crate) policy: String,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub(crate) place: Option<Place>,
}

/// What passes, over pairs.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Sets {
    /// For every pair.
    pub(crate) every: String,
    /// For some of them.
    pub(crate) some: String,
    /// What is unknown for some of them.
    pub(crate) unknown: String,
}

/// Somebody in particular.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Peer {
    /// `internet`, `outside`, or a namespace.
    #[serde(rename = "peer")]
    pub(crate) name: String,
    #[serde(flatten)]
    pub(crate) sets: Sets,
    /// Who decides on the subject's side.
    pub(crate) decisions: Vec<Reason>,
    /// Whether it is the subject's own namespace.
    #[serde(skip)]
    pub(crate) is_own: bool,
}

impl Way {
    pub(super) fn of(
        model: &Model,
        places: &Places<'_>,
        admissions: &mut Admissions<'_>,
        subject: &Exposed,
        direction: Direction,
        detail: Detail,
    ) -> Self {
        let facing = subject.profile.facing(direction);
        let families = model.class(subject.profile.class).families;
        let selecting = &facing.selecting;
        let policy = |id: &PolicyId| {
            let policy = model.policy(*id);
            let name = clean(&format!("{}/{}", policy.namespace, policy.name)).into_owned();
            By { policy: name, place: policy.at.map(|at| places.place(at)) }
        };
        let sets = |outcome| Sets::of(outcome, families);
        let by_labels = facing.admits.admissions.iter().fold(Outcome::default(), |mut all, it| {
            let set = if it.is_certain { &mut all.passes } else { &mut all.open };
            *set = set.or(&it.connections);
            all
        });
        Self {
            isolated: match () {
                () if subject.profile.is_host => "host",
                () if !selecting.certain.is_empty() => "yes",
                () if selecting.is_empty() => "no",
                () => "unknown",
            },
            policies: selecting.certain.iter().map(policy).collect(),
            severity: level(facing.severity.level),
            certain: facing.severity.is_certain,
            internet: sets(&facing.internet),
            outside: sets(&facing.outside),
            every_pod: sets(&facing.admits.everyone),
            other_namespaces: sets(&facing.others),
            own_namespace: sets(&facing.own),
            cluster: sets(&facing.cluster()),
            namespaces: facing
                .namespaces
                .iter()
                .map(|id| clean(&model.namespace(*id).name).into_owned())
                .collect(),
            admissions: facing.admits.admissions.iter().map(|it| admissions.put(it)).collect(),
            peers: (detail == Detail::Full).then(|| peers(model, places, subject, direction, families)),
            by_labels: sets(&by_labels),
        }
    }
}

impl Sets {
    fn of(outcome: &Outcome, families: Families) -> Self {
        let text = |set: &ConnSet| set.text(families);
        Self { every: text(&outcome.every()), some: text(&outcome.some()), unknown: text(&outcome.open) }
    }

    /// Whether nothing passes or may.
    pub(crate) fn is_nothing(&self) -> bool {
        [&self.every, &self.some, &self.unknown].into_iter().all(|set| set == "-")
    }

    /// In one line, as in a cell of the matrix.
    pub(crate) fn text(&self) -> String {
        let sets = [("", &self.every), ("±", &self.some), ("?", &self.unknown)];
        let told = sets.into_iter().filter(|(_, set)| *set != "-");
        let items = told.flat_map(|(sign, set)| set.split(' ').map(move |item| format!("{sign}{item}")));
        let text = items.collect::<Vec<_>>().join(" ");
        if text.is_empty() { "-".to_owned() } else { text }
    }
}

/// Those with whom something passes or may: the internet, the rest outside, and namespaces.
fn peers(
    model: &Model,
    places: &Places<'_>,
    subject: &Exposed,
    direction: Direction,
    families: Families,
) -> Vec<Peer> {
    let facing = subject.profile.facing(direction);
    let external =
        |name: &str, addresses: &AddrSet| Endpoint::External(External::new(model, name, addresses));
    let elsewhere = AddrSet::everything().minus(&internet());
    let mut met = vec![
        (external("internet", &internet()), facing.internet.clone()),
        (external("outside", &elsewhere), facing.outside.clone()),
    ];
    let own = subject.endpoint.namespace(model);
    met.extend(own.map(|own| (Endpoint::Namespace(own), facing.own.clone())));
    for namespace in &facing.namespaces {
        let [egress, ingress] = with_namespace(model, &subject.endpoint, *namespace);
        let outcome = if direction == Direction::Egress { egress } else { ingress };
        met.push((Endpoint::Namespace(*namespace), outcome));
    }
    let is_met = |outcome: &Outcome| !outcome.passes.is_empty() || !outcome.open.is_empty();
    let told = met.into_iter().filter(|(_, outcome)| is_met(outcome)).map(|(peer, outcome)| {
        let ends = match direction {
            Direction::Egress => [&subject.endpoint, &peer],
            Direction::Ingress => [&peer, &subject.endpoint],
        };
        // Pods on their node's network are nodes, which are left out as peers.
        let mut reach = reach(model, ends[0], ends[1], &[]).ok();
        if let Some(reach) = &mut reach {
            let is_host = |pair: &Pair| match direction {
                Direction::Egress => pair.to.is_host,
                Direction::Ingress => pair.from.is_host,
            };
            reach.pairs.retain(|pair| !is_host(pair));
        }
        let passing = outcome.passes.or(&outcome.open);
        let decided = reach.map(|reach| decisions(model, places, ends, &reach, direction));
        let mut decisions = decided.unwrap_or_default();
        decisions.retain(|reason| {
            // What holds whoever the peer is stands above.
            !["isolated", "not-isolated", "host"].contains(&reason.kind)
                && !reason.set.and(&passing).is_empty()
        });
        Peer {
            name: clean(&peer.name(model)).into_owned(),
            sets: Sets::of(&outcome, families),
            decisions,
            is_own: is_home(model, subject, &peer),
        }
    });
    told.collect()
}
