//! Each verb on its own, on a small cluster and a large one; `--test` runs each once on the small.

use std::hint::black_box;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BatchSize, BenchmarkGroup, Criterion, SamplingMode, Throughput};
use np_benches::generate::{Cluster, Size};
use np_benches::{changes, verbs};
use np_model::Model;
use np_sim::Asker;

fn main() {
    // Without `--bench`, as `cargo test` has it, Criterion only tries the benchmarks.
    let asked = |flag: &str| std::env::args().any(|argument| argument == flag);
    let is_trial = asked("--test") || !asked("--bench");
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    all(&mut criterion, "1k", &Size::all_distinct(1_000, 300, 10));
    if !is_trial {
        all(&mut criterion, "10k", &Size::replicas(10_000, 1_000, 50, 800));
        all(&mut criterion, "10k-distinct", &Size::all_distinct(10_000, 1_000, 50));
    }
    criterion.final_summary();
}

fn all(criterion: &mut Criterion, name: &str, size: &Size) {
    let cluster = Cluster::new(size);
    let (json, yaml) = (cluster.json(), cluster.yaml());
    drop(cluster);
    let mut group = criterion.benchmark_group(name);
    group.sampling_mode(SamplingMode::Flat);
    group.bench_function("compile", |bencher| {
        let input = || verbs::load(json.clone().into_bytes());
        bencher.iter_batched(input, verbs::compile, BatchSize::PerIteration);
    });
    let model =
        verbs::compile(verbs::load(json.clone().into_bytes())).expect("a generated cluster has no errors");
    // To be held against compile.
    let applied = [
        ("apply-policies", changes::policies(&model)),
        ("apply-labels", changes::labels(&model)),
        ("apply-namespace", changes::namespace(&model)),
    ];
    for (name, changes) in applied {
        group.bench_function(name, |bencher| bencher.iter_with_large_drop(|| model.apply(&changes)));
    }
    group.bench_function("summary", |bencher| bencher.iter(|| verbs::summary(&model)));
    group.bench_function("matrix", |bencher| bencher.iter(|| verbs::matrix(&model)));
    group.bench_function("exposure", |bencher| bencher.iter(|| verbs::exposed(&model)));
    query(&mut group, &model);
    ask(&mut group, &model);
    fix(&mut group, &model);
    diff(&mut group, &model, &json);
    drop(model);
    // A throughput holds for all that follows in a group.
    load(&mut group, "load-json", &json);
    load(&mut group, "load-yaml", &yaml);
    group.finish();
}

fn load(group: &mut BenchmarkGroup<'_, WallTime>, verb: &str, text: &str) {
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function(verb, |bencher| {
        let bytes = || text.to_owned().into_bytes();
        bencher.iter_batched(bytes, verbs::load, BatchSize::PerIteration);
    });
}

/// Five policies changed: in a model made from the other, with the making, and in one compiled on its own.
fn diff(group: &mut BenchmarkGroup<'_, WallTime>, model: &Model, json: &str) {
    let changes = changes::policies(model);
    let head = model.apply(&changes);
    group.bench_function("diff", |bencher| bencher.iter(|| verbs::differences(model, &head)));
    // The difference included.
    group.bench_function("cause", |bencher| bencher.iter(|| verbs::causes(model, &head)));
    group.bench_function("apply-diff", |bencher| {
        bencher.iter(|| verbs::differences(model, &model.apply(&changes)));
    });
    let head = verbs::compile(verbs::load(json.to_owned().into_bytes()));
    let head = head.expect("a generated cluster has no errors").apply(&changes);
    group.bench_function("diff-compiled", |bencher| bencher.iter(|| verbs::differences(model, &head)));
}

fn query(group: &mut BenchmarkGroup<'_, WallTime>, model: &Model) {
    let asked = verbs::asked();
    let pairs = verbs::pairs(model, 1_000);
    let mut next = pairs.iter().cycle();
    group.bench_function("query", |bencher| {
        bencher.iter(|| black_box(next.next().map(|pair| verbs::query(model, pair, &asked))));
    });
    group.bench_function("explain", |bencher| {
        bencher.iter(|| black_box(next.next().map(|pair| verbs::explained(model, pair, &asked))));
    });
}

fn ask(group: &mut BenchmarkGroup<'_, WallTime>, model: &Model) {
    group.bench_function("asker", |bencher| bencher.iter(|| Asker::new(model)));
    let (asker, pairs) = (Asker::new(model), verbs::pod_pairs(model, 100_000));
    let mut next = pairs.iter().cycle();
    group.bench_function("ask", |bencher| {
        bencher.iter(|| black_box(next.next().map(|pair| verbs::ask(&asker, *pair))));
    });
}

/// What `np explain --fix` adds to a query, of pairs that are denied; most have no rule that nearly allows them.
fn fix(group: &mut BenchmarkGroup<'_, WallTime>, model: &Model) {
    let asked = verbs::asked();
    let is_denied = |pair: &(_, _)| {
        verbs::query(model, pair, &asked).is_some_and(|reach| reach.verdict() == np_sim::Verdict::Denied)
    };
    let pairs: Vec<_> = verbs::pairs(model, 1_000).into_iter().filter(is_denied).take(100).collect();
    let mut next = pairs.iter().cycle();
    group.bench_function("fix", |bencher| {
        bencher.iter(|| black_box(next.next().map(|pair| verbs::fix(model, pair, &asked))));
    });
}
