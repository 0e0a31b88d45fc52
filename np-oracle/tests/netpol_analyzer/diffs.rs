//! np's difference of two folders against another tool's: the same pairs of workloads and external ranges, with the
//! same connections before and after. A pair that is in neither has not changed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use np_model::Model;
use np_model::addr::{AddrSet, Family};
use np_model::conn::ConnSet;
use np_model::model::PodId;
use np_model::refine::Aligned;
use np_oracle::{Cluster, End as Judged};
use np_sim::diff::{Change, End, Passing};
use np_sim::{Endpoint, Outcome, diff, reach};
use serde_json::Value;

use crate::cells::{Side, agrees, input, list_name, read_for_oracle};
use crate::entries::led_to;
use crate::lists::{read_connections, read_range, v4};
use crate::{Reason, Tally};

/// What passes before and after, and what may.
type Sides = [Passing; 2];

/// What changes: between workloads by their names, and of a workload, `true` for its egress, by what changes: the addresses.
#[derive(Debug, Default, PartialEq, Eq)]
struct Changes {
    inside: BTreeMap<(String, String), Sides>,
    outside: BTreeMap<(String, bool), BTreeMap<Sides, AddrSet>>,
}

/// The name by which lists call what a controller that is not in the manifests sends.
const CONTROLLER: &str = "{ingress-controller}";

/// Compares every pair of a case, and what changes of what controllers send.
pub(crate) fn judge(root: &Path, entry: &Value, tally: &mut Tally) {
    let case = entry["name"].as_str().expect("a name");
    let folders: Vec<&str> =
        entry["dirs"].as_array().expect("folders").iter().map(|one| one.as_str().expect("a path")).collect();
    let read = |folder: &str| input(root, &[folder]);
    let (Ok((base, base_texts)), Ok((head, head_texts))) = (read(folders[0]), read(folders[1])) else {
        return tally.differs(case, Some(Reason::Refused), String::new);
    };
    let oracles = [read_for_oracle(&base_texts), read_for_oracle(&head_texts)];
    let text =
        std::fs::read_to_string(root.join(entry["expected"].as_str().expect("a path"))).expect("a list");
    let (expected, controllers) = read_list(&text, [&base, &head]);
    let found = found([&base, &head]);
    let both = Both { case, models: [&base, &head], oracles: [&oracles[0], &oracles[1]] };
    both.inside(&expected, &found, tally);
    both.outside(&expected, &found, tally);
    both.led_to(&controllers, tally);
}

struct Both<'a> {
    case: &'a str,
    models: [&'a Model; 2],
    oracles: [&'a Cluster; 2],
}

impl Both<'_> {
    fn inside(&self, expected: &Changes, found: &Changes, tally: &mut Tally) {
        let pairs: BTreeSet<_> = expected.inside.keys().chain(found.inside.keys()).collect();
        for (from, to) in pairs {
            let key = (from.clone(), to.clone());
            let (right, given) = (expected.inside.get(&key), found.inside.get(&key));
            if right == given {
                tally.agreed += 1;
                continue;
            }
            let is_right = (0..2).all(|side| {
                let model = self.models[side];
                let ends = [from, to].map(|name| named(model, name));
                let [Some(a), Some(b)] = ends else { return true };
                self.is_right(side, &a, &b)
            });
            let pods = self.pods([from, to]);
            // The oracle knows no templates; what is certain of them must be what the list says.
            let is_certain_same = {
                let certain =
                    |sides: Option<&Sides>| sides.map(|sides| sides.clone().map(|side| side.passes));
                let unchanged = |sides: &[ConnSet; 2]| sides[0] == sides[1];
                certain(right).filter(|sides| !unchanged(sides))
                    == certain(given).filter(|sides| !unchanged(sides))
            };
            let reason = if is_right || is_certain_same { self.reason(&pods, given) } else { None };
            tally.differs(self.case, reason, || {
                let show = |sides: Option<&Sides>| match sides {
                    None => "no change".to_owned(),
                    Some([before, after]) => {
                        format!("{} to {}", before.passes.text(v4()), after.passes.text(v4()))
                    }
                };
                format!("{from} => {to}: the list says {}, np {}", show(right), show(given))
            });
        }
    }

    fn outside(&self, expected: &Changes, found: &Changes, tally: &mut Tally) {
        // Ranges of the list are cut to the addresses that np takes for external.
        let all = AddrSet::whole(Family::V4);
        let external = self.models.iter().fold(all, |rest, model| rest.minus(model.known_addresses()));
        let keys: BTreeSet<_> = expected.outside.keys().chain(found.outside.keys()).collect();
        for key in keys {
            let cut = |changes: &Changes| -> BTreeMap<Sides, AddrSet> {
                let known = changes.outside.get(key).into_iter().flatten();
                let known = known.map(|(sides, range)| (sides.clone(), range.and(&external)));
                known.filter(|(_, range)| !range.is_empty()).collect()
            };
            let (right, given) = (cut(expected), cut(found));
            if right == given {
                tally.agreed += 1;
                continue;
            }
            let pods = self.pods([&key.0, &key.0]);
            let open = given.keys().find(|sides| sides.iter().any(|side| !side.open.is_empty()));
            tally.differs(self.case, self.reason(&pods, open), || {
                format!("{key:?} outside: the list says {right:?}, np {given:?}")
            });
        }
    }

    /// What controllers that are not in the manifests send to each workload before and after.
    fn led_to(&self, controllers: &BTreeMap<String, [ConnSet; 2]>, tally: &mut Tally) {
        let [before, after] = self.models.map(|model| led_to(self.case, model));
        let names: BTreeSet<&String> = before.keys().chain(after.keys()).chain(controllers.keys()).collect();
        for name in names {
            let of = |led: &BTreeMap<String, Outcome>| {
                led.get(name).map(|outcome| outcome.passes.within(v4())).unwrap_or_default()
            };
            let given = [of(&before), of(&after)];
            let given = (given[0] != given[1]).then_some(given);
            if given.as_ref() == controllers.get(name) {
                tally.agreed += 1;
                tally.led_to += usize::from(given.is_some());
            } else {
                let reason = given.is_none().then_some(Reason::ServicePort);
                tally.differs(self.case, reason, || format!("a controller => {name}: np has {given:?}"));
            }
        }
    }

    /// Whether the oracle judges a pair of workloads as np does, in a model.
    fn is_right(&self, side: usize, from: &Endpoint, to: &Endpoint) -> bool {
        let (model, oracle) = (self.models[side], self.oracles[side]);
        let sides = [from, to].map(|endpoint| {
            let name = |pod: &PodId| {
                let pod = model.pod(*pod);
                (model.namespace(pod.namespace).name.clone(), pod.name.to_string())
            };
            // Templates are no pods to the oracle; no exception is about them.
            let pods = endpoint.pods(model);
            let live = pods.iter().filter(|pod| model.pod(**pod).template.is_none());
            let names = live.map(name).collect::<Vec<_>>();
            let ends = names.iter().map(|(namespace, name)| Judged::pod(namespace, name)).collect();
            Side { name: list_name(model, endpoint), ends }
        });
        let outcome = reach(model, from, to, &[]).expect("ends with pods").outcome;
        agrees(oracle, &sides[0], &sides[1], &outcome)
    }

    /// The pods of either model that go by these names.
    fn pods(&self, names: [&String; 2]) -> Vec<(usize, PodId)> {
        let of = |side: usize| {
            let ends = names.into_iter().filter_map(move |name| named(self.models[side], name));
            ends.flat_map(move |end| end.pods(self.models[side])).map(move |pod| (side, pod))
        };
        of(0).chain(of(1)).collect()
    }

    /// Why the list is not followed about these pods, of which np says this.
    fn reason(&self, pods: &[(usize, PodId)], given: Option<&Sides>) -> Option<Reason> {
        let pods: Vec<_> = pods.iter().map(|(side, pod)| self.models[*side].pod(*pod)).collect();
        let open = given.into_iter().flatten().fold(ConnSet::none(), |all, side| all.or(&side.open));
        Reason::of(&pods, &Outcome { open, ..Outcome::default() })
    }
}

/// The workload or pod that lists call so.
fn named(model: &Model, name: &str) -> Option<Endpoint> {
    np_sim::axis(model, np_sim::By::Workload).into_iter().find(|end| list_name(model, end) == name)
}

/// What np finds, by the names of lists; a workload with itself is not listed.
fn found(models: [&Model; 2]) -> Changes {
    let names = models.map(|model| {
        let mut names: BTreeMap<PodId, String> = BTreeMap::new();
        for endpoint in np_sim::axis(model, np_sim::By::Workload) {
            let name = list_name(model, &endpoint);
            names.extend(endpoint.pods(model).into_iter().map(|pod| (pod, name.clone())));
        }
        names
    });
    let name = |pod: Aligned<PodId>| {
        let [base, head] = pod.sides();
        let known = head.map(|id| &names[1][&id]).or(base.map(|id| &names[0][&id]));
        known.expect("a pod of a model").clone()
    };
    let mut changes = Changes::default();
    for change in &diff(models[0], models[1]).changes {
        let sides = sides(change);
        for pair in change.pairs(models[0], models[1]) {
            match pair {
                (End::Pod(from), End::Pod(to)) if name(from) != name(to) => {
                    let known = changes.inside.entry((name(from), name(to))).or_default();
                    for (known, more) in known.iter_mut().zip(&sides) {
                        known.passes = known.passes.or(&more.passes);
                        known.open = known.open.or(&more.open);
                    }
                }
                (End::Pod(from), End::External(addresses)) => {
                    add(&mut changes, (name(from), true), &sides, addresses);
                }
                (End::External(addresses), End::Pod(to)) => {
                    add(&mut changes, (name(to), false), &sides, addresses);
                }
                _ => {}
            }
        }
    }
    changes
}

fn add(changes: &mut Changes, key: (String, bool), sides: &Sides, addresses: &AddrSet) {
    let range = addresses.and(&AddrSet::whole(Family::V4));
    let known = changes.outside.entry(key).or_default().entry(sides.clone()).or_default();
    *known = known.or(&range);
}

/// What a change is about, of IPv4.
fn sides(change: &Change) -> Sides {
    [&change.before, &change.after]
        .map(|side| Passing { passes: side.passes.within(v4()), open: side.open.within(v4()) })
}

/// What a list says, and what it says of controllers.
fn read_list(text: &str, models: [&Model; 2]) -> (Changes, BTreeMap<String, [ConnSet; 2]>) {
    let (mut changes, mut controllers) = (Changes::default(), BTreeMap::new());
    let has = |name: &str| models.iter().any(|model| named(model, name).is_some());
    // A Deployment that is not in the input is listed as the ReplicaSet that it made.
    let rename = |name: &str| {
        let set = name.strip_suffix("[ReplicaSet]").and_then(|set| set.rsplit_once('-'));
        let deployment = set.map(|(deployment, _)| format!("{deployment}[Deployment]"));
        deployment.filter(|deployment| !has(name) && has(deployment)).unwrap_or_else(|| name.to_owned())
    };
    for line in text.lines().filter(|line| line.starts_with("diff-type: ")) {
        let field = |name: &str| {
            let (_, rest) = line.split_once(name).unwrap_or_else(|| panic!("no `{name}` in {line}"));
            rest.split(", ").next().expect("a value")
        };
        let (from, to) = (field("source: "), field("destination: "));
        let sides = ["1: ", "2: "].map(|side| {
            let (_, rest) = line.split_once(side).expect("connections of both sides");
            let end =
                [", ref2", ", dir2", ", workloads-diff-info"].iter().filter_map(|end| rest.find(end)).min();
            match &rest[..end.unwrap_or(rest.len())] {
                "No Connections" => ConnSet::none(),
                connections => read_connections(connections),
            }
        });
        let certain = sides.clone().map(|passes| Passing { passes, open: ConnSet::none() });
        match (read_range(from), read_range(to)) {
            (Some(range), None) => add(&mut changes, (rename(to), false), &certain, &range),
            (None, Some(range)) => add(&mut changes, (rename(from), true), &certain, &range),
            _ if from == CONTROLLER => drop(controllers.insert(rename(to), sides)),
            _ => drop(changes.inside.insert((rename(from), rename(to)), certain)),
        }
    }
    (changes, controllers)
}
