//! `np-ratios`: what each verb costs, as a multiple of reading the same bytes with plain serde_json.
//!
//! Everything runs in one process, one verb after the other, so that what a machine is busy with
//! meets all of them alike. Each figure is the median of five runs.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a tool for people at a terminal")]

use std::fmt::Display;
use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use np_benches::generate::{Cluster, Profile};
use np_benches::{floor, verbs};

const RUNS: usize = 5;

const USAGE: &str = "usage: np-ratios [PODS/POLICIES/NAMESPACES[/DISTINCT] | real]...
With DISTINCT, the pods are owned replicas of so many workloads; without, each has labels of its own.";

/// What is measured if nothing is asked for.
const DEFAULT: [&str; 2] = ["1000/300/10", "10000/1000/50/800"];

fn main() -> ExitCode {
    let mut wanted: Vec<String> = std::env::args().skip(1).collect();
    if wanted.is_empty() {
        wanted = DEFAULT.map(str::to_owned).to_vec();
    }
    let Ok(sizes) = wanted.iter().map(|text| text.parse()).collect::<Result<Vec<Profile>, _>>() else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let titles = ["floor", "load JSON", "load YAML", "compile", "matrix", "JSON to matrix"];
    line("size", &titles);
    let mut notes = Vec::new();
    for (text, profile) in wanted.iter().zip(&sizes) {
        match measure(profile) {
            Ok(Measured { floor, verbs, note }) => {
                let mut cells = vec![format!("{} ms", milliseconds(floor))];
                cells.extend(verbs.into_iter().map(|time| {
                    format!("{} ms {:.1}×", milliseconds(time), time.as_secs_f64() / floor.as_secs_f64())
                }));
                line(text, &cells);
                notes.push(format!("{text}: {note}"));
            }
            Err(problem) => {
                eprintln!("np-ratios: {text}: {problem}");
                return ExitCode::FAILURE;
            }
        }
    }
    println!();
    for note in notes {
        println!("{note}");
    }
    ExitCode::SUCCESS
}

fn line(size: &str, cells: &[impl Display]) {
    print!("{size:<20}");
    for cell in cells {
        print!("  {:>18}", cell.to_string());
    }
    println!();
}

fn milliseconds(time: Duration) -> String {
    format!("{:.2}", time.as_secs_f64() * 1000.0)
}

/// The medians of one size.
struct Measured {
    floor: Duration,
    /// As the titles after the floor's.
    verbs: [Duration; 5],
    /// What the figures are about.
    note: String,
}

fn measure(profile: &Profile) -> Result<Measured, String> {
    let cluster = Cluster::of(profile);
    let (json, yaml) = (cluster.json(), cluster.yaml());
    drop(cluster);
    let mut times: [Vec<Duration>; 6] = Default::default();
    let mut note = String::new();
    for _ in 0..RUNS {
        let (floor, list) = timed(|| floor::read(json.as_bytes()));
        let items = list.map_err(|error| error.to_string())?.items.len();
        let bytes = yaml.clone().into_bytes();
        let (of_yaml, input) = timed(|| verbs::load(bytes));
        drop(input);
        let bytes = json.clone().into_bytes();
        let (of_json, input) = timed(|| verbs::load(bytes));
        let (compile, model) = timed(|| verbs::compile(input));
        let model = model.map_err(|invalid| format!("{} problems", invalid.diagnostics.len()))?;
        let (matrix, summary) = timed(|| verbs::matrix(&model));
        let all = [floor, of_json, of_yaml, compile, matrix, of_json + compile + matrix];
        for (times, time) in times.iter_mut().zip(all) {
            times.push(time);
        }
        note = format!(
            "{items} objects, {} KB of JSON, {} KB of YAML; {} classes; {} cells: {} allowed, {} partial, {} denied",
            json.len() / 1000,
            yaml.len() / 1000,
            model.classes().len(),
            summary.cells(),
            summary.allowed,
            summary.partial,
            summary.denied,
        );
    }
    let [floor, verbs @ ..] = times.map(median);
    Ok(Measured { floor, verbs, note })
}

/// How long a verb takes; freeing what it gives is not counted.
fn timed<T>(verb: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let given = black_box(verb());
    (start.elapsed(), given)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
