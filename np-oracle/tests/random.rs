//! Engines against the judge on random clusters: every pair of ends, every port at which an answer may change,
//! each direction and family, what is certain and what is possible.
//!
//! More clusters, or others:
//!
//! ```text
//! NP_CASES=100000 NP_SEED=1 cargo test --release -p np-oracle --test random -- --nocapture
//! ```

#[allow(dead_code, reason = "each test uses its part of what they share")]
mod common;

use common::judge::Judge;
use common::random::{on_clusters, pairs, points};
use common::{Built, Case, Engine};
use np_oracle::{Bounds, Cluster, End, Point};
use proptest::prelude::Just;

/// Engines that are compared with the judge; np's own joins them here. The judge itself, reading the
/// cluster back from its manifests, shows that nothing is lost on that way.
fn engines() -> Vec<Box<dyn Engine>> {
    vec![Box::new(Judge), Box::new(common::np::Np)]
}

#[test]
fn agrees_with_the_judge() {
    for engine in engines() {
        match on_clusters(Just(()), |cluster, ()| compare(cluster, &*engine)) {
            Ok(parameters) => println!("{} agrees with the judge: {parameters}", engine.name()),
            Err(failure) => panic!("{} disagrees with the judge: {failure}", engine.name()),
        }
    }
}

fn compare(cluster: &Cluster, engine: &dyn Engine) -> Result<(), String> {
    let built = engine.build(&Case::from(cluster));
    let points = points(cluster);
    for (number, (from, to)) in pairs(cluster).iter().enumerate() {
        compare_pair(cluster, &*built, (from, to), &points)?;
        // The engine's own verdict: one port of each pair, another each time.
        let Point { protocol, port, .. } = points[number * 7 % points.len()];
        let (its, right) =
            (built.ask(from, to, protocol, port), Built::ask(cluster, from, to, protocol, port));
        if its.verdict != right.verdict {
            let asked = format!("{} to {} {} {port}", show(from), show(to), protocol.name());
            return Err(format!("{asked}: the judge says {right:?}, {} {its:?}", engine.name()));
        }
    }
    Ok(())
}

fn compare_pair(
    cluster: &Cluster,
    built: &dyn Built,
    (from, to): (&End, &End),
    points: &[Point],
) -> Result<(), String> {
    let between = Cluster::between(cluster, from, to).ok_or("the judge cannot be asked")?;
    let pair = built.between(from, to);
    for &point in points {
        let (its, right) = (pair(point), between.at(point));
        if its != right {
            let Point { family, protocol, port } = point;
            let asked = format!("{} to {} {family:?} {} {port}", show(from), show(to), protocol.name());
            return Err(format!(
                "{asked}:\n  the judge says  {}\n  the engine says {}",
                bounds(right),
                bounds(its)
            ));
        }
    }
    Ok(())
}

fn show(end: &End) -> String {
    match end {
        End::Pod { namespace, name } => format!("{namespace}/pod/{name}"),
        End::Workload { kind, namespace, name } => format!("{namespace}/{}/{name}", kind.name()),
        End::Node(name) => format!("node/{name}"),
        End::Address(address) => address.to_string(),
    }
}

fn bounds(bounds: Option<Bounds>) -> String {
    bounds.map_or("no common family".to_owned(), |bounds| {
        let Bounds { egress, ingress } = bounds;
        format!(
            "{:?} (egress: certain {}, possible {}; ingress: certain {}, possible {})",
            bounds.verdict(),
            egress.certain,
            egress.possible,
            ingress.certain,
            ingress.possible
        )
    })
}
