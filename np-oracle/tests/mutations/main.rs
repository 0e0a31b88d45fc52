//! Mistakes as people make them, and whether np finds them: in a made-up cluster, a fact of the one rule that lets a
//! connection pass is broken, until the judge says that it no longer does. np is asked why. The broken fact is to be
//! the first near miss, and the first fix is to restore what was.
//!
//! More mistakes of each kind, or others; with `NP_SHOW`, so many of each kind that np got wrong are shown:
//!
//! ```text
//! NP_CASES=300 NP_SEED=1 NP_SHOW=2 cargo test --release -p np-oracle --test mutations -- --nocapture
//! ```

mod breaks;
mod case;
mod compare;
mod estate;
mod fix;
mod np;
mod objects;
mod policies;
mod random;
mod tally;
mod too_much;
mod typo;
mod write;

use breaks::{Broken, Kind, break_fact};
use case::{Case, draw, soles};
use fix::fixed;
use np_model::Model;
use np_oracle::{Cluster, Verdict};
use np_sim::explain::Miss;
use np_sim::fix::Aim;
use random::Random;
use std::fmt::Write;
use tally::{Tally, mean, setting, table};
use too_much::{Opened, open_too_much};

/// Mistakes of each kind, if `NP_CASES` does not say otherwise.
const CASES: usize = 3;

/// In how many of a hundred the broken fact is to be the first near miss, all kinds weighted alike.
const FIRST: f64 = 95.0;

/// In how many of a hundred the first fix is to restore every cell of the matrix.
const RESTORED: f64 = 80.0;

#[test]
fn the_broken_fact_is_the_first_near_miss() {
    let (cases, seed) = (setting("NP_CASES", CASES), setting("NP_SEED", 0));
    println!("NP_CASES={cases} NP_SEED={seed}");
    let kinds = Kind::MEASURED.into_iter().chain(Kind::BEYOND);
    let tallies: Vec<Tally> =
        kinds.zip(0..).map(|(kind, number)| of_kind(kind, number, cases, seed)).collect();
    let (measured, beyond) = tallies.split_at(Kind::MEASURED.len());
    let split = split(cases, seed);
    for wrong in tallies.iter().chain([&split]).flat_map(|tally| &tally.wrong) {
        println!("{wrong}");
    }
    println!("{}", table(measured));
    println!("closed by a fix:\n{}", table(std::slice::from_ref(&split)));
    println!("not in the measure:\n{}", table(beyond));
    let (first, restored) = (mean(measured, |tally| tally.first), mean(measured, |tally| tally.restored));
    assert!(first >= FIRST, "the broken fact is the first near miss in {first:.1}% only");
    assert!(restored >= RESTORED, "the first fix restores what was in {restored:.1}% only");
    let short: Vec<_> =
        tallies.iter().chain([&split]).filter(|tally| tally.cases < cases).map(|tally| tally.name).collect();
    assert!(short.is_empty(), "too few clusters to break: {short:?}");
}

/// As many mistakes of a kind as are wanted.
fn of_kind(kind: Kind, number: u64, cases: usize, seed: usize) -> Tally {
    let mut tally = Tally::new(kind.name());
    for case in 0..20 * cases {
        if tally.cases == cases {
            break;
        }
        let mut random = Random::new(seed as u64, number, case as u64);
        one(kind, &mut random, &mut tally);
    }
    tally
}

/// At most one mistake in one cluster.
fn one(kind: Kind, random: &mut Random, tally: &mut Tally) {
    let (cluster, connections) = draw(random);
    let mut case = Case { cluster, connection: connections[0].clone() };
    for connection in connections {
        if connection.verdict(&case.cluster) != Verdict::Allowed {
            continue;
        }
        case.connection = connection;
        let mut soles = soles(&case.cluster, &case.connection);
        random.shuffle(&mut soles);
        for sole in soles {
            let Some(broken) = break_fact(kind, random, &case, sole) else { continue };
            if case.connection.verdict(&broken.cluster) != Verdict::Denied {
                tally.without_effect += 1;
                continue;
            }
            let files = write::write(random, &broken.cluster);
            same_policies(&files, &broken.cluster);
            let model = np::model(&files);
            let misses = np::misses(&model, &case.connection, broken.direction);
            let rank = misses.iter().position(|miss| np::is_it(&model, miss, &broken));
            let fixed = fixed(&model, &files, &case.connection, Aim::Open, &case.cluster);
            let fixed = fixed
                .unwrap_or_else(|why| panic!("{why}\n{}", report(&case, &broken, &model, &misses, &files)));
            tally.add(broken.how, rank, &fixed);
            if rank != Some(0) || !fixed.is_restored {
                tally.keep(|| report(&case, &broken, &model, &misses, &files) + &fixed.told());
            }
            return;
        }
    }
}

/// As many rules as are wanted in which one item for namespaces and pods became two, AND became OR. They are found
/// by what they open, and np is to close it.
fn split(cases: usize, seed: usize) -> Tally {
    let mut tally = Tally::new("AND made OR");
    for case in 0..20 * cases {
        if tally.cases == cases {
            break;
        }
        let mut random = Random::new(seed as u64, u64::MAX, case as u64);
        let (original, _) = draw(&mut random);
        let Some(Opened { cluster, connection, how }) = open_too_much(&mut random, &original) else {
            tally.without_effect += 1;
            continue;
        };
        let files = write::write(&mut random, &cluster);
        let model = np::model(&files);
        let fixed = fixed(&model, &files, &connection, Aim::Deny, &original);
        let fixed = fixed.unwrap_or_else(|why| panic!("{why}"));
        tally.add(how, None, &fixed);
        if !fixed.is_restored {
            tally.keep(|| format!("{connection:?}\n{}", fixed.told()));
        }
    }
    tally
}

/// A case that np got wrong.
fn report(case: &Case, broken: &Broken, model: &Model, misses: &[Miss], files: &[write::File]) -> String {
    let Broken { policy: (namespace, name), direction, rule, peer, fact, how, .. } = broken;
    let mut text =
        format!("{:?}\nbroken ({how}): {namespace}/{name} {direction} rule {rule}", case.connection);
    let _ = writeln!(text, " peer {peer:?}: {fact:?}");
    for miss in misses.iter().take(4) {
        let policy = model.policy(miss.policy);
        let Miss { rule, peer, gaps, is_idle, .. } = miss;
        let _ = writeln!(
            text,
            "  {}/{} rule {rule} peer {peer:?} idle {is_idle} {gaps:?}",
            policy.namespace, policy.name
        );
    }
    let named = |(name, _): &&write::File| misses.is_empty() || !name.starts_with("cluster");
    for (name, file) in files.iter().filter(named).take(3) {
        let _ = writeln!(text, "# {name}\n{file}");
    }
    text
}

/// What is written is what is meant.
fn same_policies(files: &[write::File], cluster: &Cluster) {
    let read = write::read(files).unwrap_or_else(|error| panic!("{error}"));
    let sorted = |cluster: &Cluster| {
        let mut policies: Vec<String> =
            cluster.policies.iter().map(|one| case::to_value(one).to_string()).collect();
        policies.sort();
        policies
    };
    assert_eq!(sorted(&read), sorted(cluster), "the files say something else");
}
