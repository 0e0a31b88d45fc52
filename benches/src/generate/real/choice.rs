//! What a policy can select, and how many pods that is: the selectors of a cluster, sorted by it, so
//! that one can be taken that matches about as many as wanted.

use serde_json::{Map, Value, json};

use super::super::objects::{ENVIRONMENTS, Spaces, owner};
use super::super::random::Random;
use super::super::workloads::{TEAMS, TIERS, Workload};
use super::Space;

/// Pods of one namespace, by their labels.
#[derive(Clone)]
pub(super) struct Local {
    /// The position of the namespace.
    pub(super) space: usize,
    /// A `podSelector`.
    pub(super) selector: Value,
}

/// Things with how many pods each matches, sorted by it.
pub(super) struct Choices<T>(Vec<(usize, T)>);

impl<T> Choices<T> {
    fn new(mut all: Vec<(usize, T)>) -> Self {
        all.retain(|(pods, _)| *pods > 0);
        all.sort_by_key(|(pods, _)| *pods);
        Self(all)
    }

    /// One of those that match about so many pods, or the next that there is.
    pub(super) fn near(&self, random: &mut Random, pods: usize) -> &T {
        let near = pods / 8;
        let (first, last) = (pods - near, pods + near);
        let start = self.0.partition_point(|(pods, _)| *pods < first).min(self.0.len() - 1);
        let end = self.0.partition_point(|(pods, _)| *pods <= last).max(start + 1);
        &self.0[start + random.below(end - start)].1
    }
}

/// What can be selected within each namespace, by position.
pub(super) fn of_each(spaces: &[Space]) -> Vec<Choices<Local>> {
    spaces.iter().enumerate().map(|(at, space)| Choices::new(local(at, space))).collect()
}

/// What can be selected within any namespace.
pub(super) fn of_any(spaces: &[Space]) -> Choices<Local> {
    Choices::new(spaces.iter().enumerate().flat_map(|(at, space)| local(at, space)).collect())
}

fn local(at: usize, space: &Space) -> Vec<(usize, Local)> {
    let count = |is_meant: &dyn Fn(&Workload) -> bool| {
        space.workloads.iter().filter(|crew| is_meant(&crew.workload)).map(|crew| crew.pods).sum()
    };
    let mut all = vec![(space.pods, json!({}))];
    for crew in &space.workloads {
        all.push((crew.pods, by(&[("app", &crew.workload.app)])));
    }
    for tier in TIERS {
        all.push((count(&|workload| workload.tier == tier), by(&[("tier", tier)])));
    }
    for teams in TEAMS.windows(3) {
        let expression = json!({ "key": "team", "operator": "In", "values": teams });
        let selector = json!({ "matchExpressions": [expression] });
        all.push((count(&|workload| teams.contains(&workload.team)), selector));
    }
    all.into_iter().map(|(pods, selector)| (pods, Local { space: at, selector })).collect()
}

/// Peers beyond one's own namespace: a namespace by its name, or many by their environment or owner,
/// with all their pods or some.
pub(super) fn of_all(spaces: &[Space]) -> Choices<Value> {
    let mut all = Vec::new();
    for (at, space) in spaces.iter().enumerate() {
        let named = by(&[("kubernetes.io/metadata.name", &Spaces::name(at))]);
        for (pods, Local { selector, .. }) in local(at, space) {
            all.push((pods, peer(&named, Some(&selector))));
        }
    }
    let everywhere = json!({});
    let environments = ENVIRONMENTS.map(|environment| {
        let is_of = move |at: usize| spaces[at].environment == environment;
        (by(&[("environment", environment)]), Box::new(is_of) as Box<dyn Fn(usize) -> bool>)
    });
    let owners = TEAMS.map(|team| {
        let is_of = move |at: usize| owner(at) == team;
        (by(&[("owner", team)]), Box::new(is_of) as Box<dyn Fn(usize) -> bool>)
    });
    for (selector, is_of) in environments.iter().chain(&owners) {
        let tally = Tally::new(spaces, is_of);
        all.push((tally.all(), peer(selector, None)));
        tally.parts(selector, &mut all);
    }
    // Not all pods everywhere: nothing that matches more than an environment.
    Tally::new(spaces, &|_| true).parts(&everywhere, &mut all);
    Choices::new(all)
}

/// How many pods of some namespaces have which tier and team.
struct Tally([[usize; TEAMS.len()]; TIERS.len()]);

impl Tally {
    fn new(spaces: &[Space], is_of: &dyn Fn(usize) -> bool) -> Self {
        let mut counts = [[0; TEAMS.len()]; TIERS.len()];
        let meant = spaces.iter().enumerate().filter(|(at, _)| is_of(*at));
        for crew in meant.flat_map(|(_, space)| &space.workloads) {
            let at = |of: &[&str], value| of.iter().position(|one| *one == value);
            if let (Some(tier), Some(team)) = (at(&TIERS, crew.workload.tier), at(&TEAMS, crew.workload.team))
            {
                counts[tier][team] += crew.pods;
            }
        }
        Self(counts)
    }

    fn all(&self) -> usize {
        self.0.iter().flatten().sum()
    }

    /// Adds the peers that are some of the pods of these namespaces.
    fn parts(&self, namespaces: &Value, all: &mut Vec<(usize, Value)>) {
        for (tier, teams) in TIERS.iter().zip(&self.0) {
            all.push((teams.iter().sum(), peer(namespaces, Some(&by(&[("tier", tier)])))));
            for (team, pods) in TEAMS.iter().zip(teams) {
                all.push((*pods, peer(namespaces, Some(&by(&[("team", team), ("tier", tier)])))));
            }
        }
        for (at, team) in TEAMS.iter().enumerate() {
            let pods = self.0.iter().map(|teams| teams[at]).sum();
            all.push((pods, peer(namespaces, Some(&by(&[("team", team)])))));
        }
    }
}

/// A selector by labels.
pub(super) fn by(labels: &[(&str, &str)]) -> Value {
    let labels: Map<String, Value> =
        labels.iter().map(|(key, value)| ((*key).to_owned(), json!(value))).collect();
    json!({ "matchLabels": labels })
}

fn peer(namespaces: &Value, pods: Option<&Value>) -> Value {
    match pods {
        Some(pods) => json!({ "namespaceSelector": namespaces, "podSelector": pods }),
        None => json!({ "namespaceSelector": namespaces }),
    }
}
