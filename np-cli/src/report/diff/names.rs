//! What units are called: each by its name, and many in a few words.

use np_model::Model;
use np_model::addr::{AddrSet, Families};
use np_model::model::NamespaceId;
use np_sim::diff::Change;
use np_sim::endpoint::internet;
use np_sim::review::Unit;
use rustc_hash::FxHashMap;

use crate::report::clean::clean;
use crate::report::summary::grouped;

/// Two names are told one by one up to this length.
const SHORT: usize = 44;

/// How many ranges of addresses a few words name.
const RANGES: usize = 2;

/// Names for units.
#[derive(Debug)]
pub(super) struct Names<'m> {
    models: [&'m Model; 2],
    external: AddrSet,
    internet: AddrSet,
    /// The families that pods have.
    families: Families,
    /// By namespace of the head, how many workloads and pods of none it has.
    counts: FxHashMap<&'m str, usize>,
}

impl<'m> Names<'m> {
    pub(super) fn of(models: [&'m Model; 2]) -> Self {
        let [base, head] = models;
        let external = AddrSet::everything().minus(base.known_addresses()).minus(head.known_addresses());
        let pods = base.pods().iter().chain(head.pods());
        let families = pods.fold(Families::NONE, |families, pod| families.or(pod.families));
        let mut counts = FxHashMap::default();
        let mut count = |id: NamespaceId| *counts.entry(head.namespace(id).name.as_str()).or_default() += 1;
        head.workloads().iter().for_each(|workload| count(workload.namespace));
        head.pods().iter().filter(|pod| pod.workload.is_none()).for_each(|pod| count(pod.namespace));
        let internet = internet().and(&external);
        Self { models, external, internet, families, counts }
    }

    /// Every name of some units, cleaned; ranges of addresses one by one, and pods where not all of a workload are meant.
    pub(super) fn all(&self, units: &[Unit]) -> Vec<String> {
        units.iter().flat_map(|unit| self.each(unit)).collect()
    }

    fn each(&self, unit: &Unit) -> Vec<String> {
        match unit {
            Unit::External(addresses) => self.addresses(addresses),
            Unit::Workload { pods, is_whole: false, .. } => {
                pods.iter().flat_map(|pod| self.each(&Unit::Pod(*pod))).collect()
            }
            _ => vec![clean(&unit.name(self.models[0], self.models[1])).into_owned()],
        }
    }

    /// Some units in a few words: the name of one, else what they are and how many.
    pub(super) fn few(&self, units: &[Unit]) -> String {
        match units {
            [] => String::new(),
            [Unit::External(addresses)] => self.outside(addresses),
            [Unit::External(addresses), rest @ ..] => {
                format!("{}, {}", self.outside(addresses), self.few(rest))
            }
            [one] => self.one(one),
            [one, other] => {
                let names = [self.one(one), self.one(other)];
                let length = names.iter().map(String::len).sum::<usize>();
                if length <= SHORT { names.join(", ") } else { self.counted(units) }
            }
            _ => self.counted(units),
        }
    }

    /// The name of one: of the pod, if one of a workload is meant, or with how many are meant if not all are.
    fn one(&self, unit: &Unit) -> String {
        let name = unit.name(self.models[0], self.models[1]);
        match unit {
            Unit::Workload { pods, is_whole: false, .. } => match pods.as_slice() {
                [pod] => self.one(&Unit::Pod(*pod)),
                _ => format!("{} pods of {}", pods.len(), clean(&name)),
            },
            _ => clean(&name).into_owned(),
        }
    }

    /// What they are, how many, and where those are that are in namespaces.
    fn counted(&self, units: &[Unit]) -> String {
        let mut nouns = [(0_usize, "workload"), (0, "pod"), (0, "node")];
        let mut namespaces: Vec<&str> = Vec::new();
        for unit in units {
            let noun = match unit {
                Unit::External(_) | Unit::Workload { .. } => 0,
                Unit::Pod(_) => 1,
                Unit::Node(_) => 2,
            };
            nouns[noun].0 += 1;
            namespaces.extend(unit.namespace(self.models[0], self.models[1]));
        }
        let of_pods = namespaces.len();
        namespaces.sort_unstable();
        namespaces.dedup();
        let told = |nouns: &[(usize, &str)]| {
            let told = nouns.iter().filter(|(count, _)| *count > 0).map(|(count, noun)| {
                format!("{} {noun}{}", grouped(*count as u64), if *count == 1 { "" } else { "s" })
            });
            told.collect::<Vec<_>>().join(" and ")
        };
        let nodes = told(&nouns[2..]);
        let pods = told(&nouns[..2]);
        let pods = match namespaces.as_slice() {
            [] => return nodes,
            [one] => {
                let is_all = self.counts.get(one) == Some(&of_pods);
                format!("{}{pods} in {}", if is_all { "all " } else { "" }, clean(one))
            }
            several => format!("{pods} in {} namespaces", several.len()),
        };
        if nodes.is_empty() { pods } else { format!("{pods} and {nodes}") }
    }

    /// Addresses in a few words.
    fn outside(&self, addresses: &AddrSet) -> String {
        let names = self.addresses(addresses);
        if names.len() <= RANGES {
            return names.join(", ");
        }
        format!("{} +{} ranges", names[0], names.len() - 1)
    }

    /// Words and ranges: all of the internet by that word, with what else there is behind it.
    pub(super) fn addresses(&self, addresses: &AddrSet) -> Vec<String> {
        if addresses.is_empty() {
            return Vec::new();
        }
        let holds = |all: &AddrSet| {
            let mut relevant = self.families.iter();
            relevant.all(|family| addresses.of(family).covers(all.of(family)))
        };
        if holds(&self.external) {
            return vec!["external".to_owned()];
        }
        let ranges =
            |set: &AddrSet| set.to_string().split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        if holds(&self.internet) {
            let mut names = vec!["internet".to_owned()];
            // Of families that no pod has, nothing is said.
            let rest = self.families.iter().fold(AddrSet::default(), |rest, family| {
                rest.with(family, addresses.of(family).minus(self.internet.of(family)))
            });
            names.extend(ranges(&rest));
            return names;
        }
        ranges(addresses)
    }

    /// The families that both ends of a change have.
    pub(super) fn families(&self, change: &Change) -> Families {
        let [base, head] = self.models;
        change.families(base, head)
    }
}
