//! The profile *real*: a cluster of the proportions that one in use was published with.
//!
//! | | |
//! |---|---|
//! | pods, namespaces | 5,413 in 604, `kube-system` among them; a few namespaces hold most pods |
//! | policies | 13,678, of which 3,559 are empty: they select pods and have no rules, and so isolate them |
//! | pods that a policy selects | median 6, mean 13, at most 154 |
//! | pods that the peers of a policy with rules match | median 2, mean 35, at most 3,578 |
//!
//! Namespaces shrink by their rank as one over it. Every policy is first given how many pods it is to
//! select and how many its peers are to match, drawn from tables of these proportions; then it takes
//! selectors that come near (`choice`). All arithmetic is on integers: a logarithm may differ
//! between machines.

mod choice;
mod policies;

use super::Cluster;
use super::objects::{DNS_PODS, ENVIRONMENTS, Replica, namespaces};
use super::random::Random;
use super::workloads::{self, Workload};

/// How many pods there are, two DNS servers among them.
pub const PODS: usize = 5_413;

/// How many namespaces there are, `kube-system` among them.
pub const NAMESPACES: usize = 604;

/// How many policies there are.
pub const POLICIES: usize = 13_678;

/// How many of the policies have no rules.
pub const EMPTY: usize = 3_559;

/// How many pods the largest namespace has, and so the widest policy selects.
pub const MOST_SELECTED: usize = 154;

/// How many pods the widest peers match: those of one environment.
pub const MOST_PEERS: usize = 3_578;

/// How many pods workloads have, each number as often as it is here.
const REPLICAS: [usize; 16] = [1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 4, 5, 6, 10];

/// A namespace and who is in it.
struct Space {
    environment: &'static str,
    pods: usize,
    workloads: Vec<Crew>,
}

/// A workload and how many pods it has.
struct Crew {
    workload: Workload,
    pods: usize,
}

/// The cluster of this seed.
pub(super) fn cluster(seed: u64) -> Cluster {
    let mut random = Random::new(seed);
    let spaces = spaces(&mut random);
    let policies = policies::make(&mut random, &spaces);
    let namespaces = namespaces(spaces.iter().map(|space| space.environment));
    let mut pods: Vec<_> = Replica::servers().collect();
    let mut workloads = Vec::new();
    for crew in spaces.into_iter().flat_map(|space| space.workloads) {
        let workload = Some(workloads.len());
        pods.extend((0..crew.pods).map(|number| Replica { workload, number }));
        workloads.push(crew.workload);
    }
    Cluster { namespaces, workloads, pods, owners: true, policies }
}

fn spaces(random: &mut Random) -> Vec<Space> {
    let mut sizes = sizes();
    for at in (1..sizes.len()).rev() {
        sizes.swap(at, random.below(at + 1));
    }
    let environments = environments(&sizes);
    let mut count = 0;
    let mut spaces = Vec::with_capacity(sizes.len());
    for (at, (pods, environment)) in sizes.into_iter().zip(environments).enumerate() {
        let mut workloads = Vec::new();
        let mut left = pods;
        while left > 0 {
            let pods = random.pick(&REPLICAS).min(left);
            left -= pods;
            workloads.push(Crew { workload: workloads::one(random, count, at, environment), pods });
            count += 1;
        }
        spaces.push(Space { environment, pods, workloads });
    }
    spaces
}

/// How many pods each namespace of applications has, the largest first.
fn sizes() -> Vec<usize> {
    // The share falls as one over the rank; this steep, little is left to be dealt one by one.
    const STEEP: usize = 8;
    let all = PODS - DNS_PODS;
    let share = |rank: usize| (MOST_SELECTED * STEEP / (STEEP + rank)).max(1);
    let mut sizes: Vec<usize> = (0..NAMESPACES - 1).map(share).collect();
    // What rounding has left goes to those behind the largest.
    let missing = all - sizes.iter().sum::<usize>();
    for size in sizes.iter_mut().skip(1).take(missing) {
        *size += 1;
    }
    sizes
}

/// The environment of each namespace: one has as many pods as the widest peers match, the others
/// share the rest.
fn environments(sizes: &[usize]) -> Vec<&'static str> {
    let [widest, others @ ..] = ENVIRONMENTS;
    let mut room = MOST_PEERS;
    let environment = |(at, size): (usize, &usize)| {
        // Namespaces are small enough to fill it to the last pod.
        if let Some(left) = room.checked_sub(*size) {
            room = left;
            return widest;
        }
        others[at % others.len()]
    };
    sizes.iter().enumerate().map(environment).collect()
}
