//! `np-ratios`: what each verb costs, as a multiple of reading the same bytes with plain serde_json.
//!
//! Everything runs in one process, one verb after the other, so that what a machine is busy with
//! meets all of them alike. Each figure is the median of five runs.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a tool for people at a terminal")]

use std::fmt::{self, Display};
use std::hint::black_box;
use std::process::ExitCode;
use std::time::Duration;

use np_benches::clock::{median, milliseconds, timed};
use np_benches::generate::{Cluster, Profile};
use np_benches::{floor, verbs};
use np_model::Model;
use np_sim::Asker;

const RUNS: usize = 5;

/// The most rows that a matrix is written out with: its cells are as many as their square.
const ROWS: usize = 2_000;

const USAGE: &str = "usage: np-ratios [PODS/POLICIES/NAMESPACES[/DISTINCT] | real]...
With DISTINCT, the pods are owned replicas of so many workloads; without, each has labels of its own.";

/// What is measured if nothing is asked for.
const DEFAULT: [&str; 2] = ["1000/300/10", "10000/1000/50/800"];

fn main() -> ExitCode {
    let mut wanted: Vec<String> = std::env::args().skip(1).collect();
    if wanted.is_empty() {
        wanted = DEFAULT.map(str::to_owned).to_vec();
    }
    let Ok(profiles) = wanted.iter().map(|text| text.parse()).collect::<Result<Vec<Profile>, _>>() else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let titles = ["floor", "load JSON", "load YAML", "compile", "summary", "JSON to summary", "matrix"];
    line("cluster", &titles);
    let mut notes = Vec::new();
    for (text, profile) in wanted.iter().zip(&profiles) {
        match measure(profile) {
            Ok(Measured { floor, verbs, note }) => {
                let mut cells = vec![format!("{} ms", milliseconds(floor))];
                cells.extend(verbs.into_iter().map(|time| match time {
                    Some(time) => {
                        let ratio = time.as_secs_f64() / floor.as_secs_f64();
                        format!("{} ms {ratio:.1}×", milliseconds(time))
                    }
                    None => "-".to_owned(),
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

fn line(cluster: &str, cells: &[impl Display]) {
    print!("{cluster:<20}");
    for cell in cells {
        print!("  {:>18}", cell.to_string());
    }
    println!();
}

/// The medians of one cluster.
struct Measured {
    floor: Duration,
    /// As the titles after the floor's; the matrix only where it is small.
    verbs: [Option<Duration>; 6],
    /// What the figures are about.
    note: String,
}

fn measure(profile: &Profile) -> Result<Measured, String> {
    let cluster = Cluster::of(profile);
    let (json, yaml) = (cluster.json(), cluster.yaml());
    drop(cluster);
    let mut times: [Vec<Duration>; 7] = Default::default();
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
        let (count, summary) = timed(|| verbs::summary(&model));
        let rows = verbs::rows(&model);
        let matrix = (rows <= ROWS).then(|| timed(|| verbs::matrix(&model)).0);
        let all = [floor, of_json, of_yaml, compile, count, of_json + compile + count];
        for (times, time) in times.iter_mut().zip(all.into_iter().chain(matrix)) {
            times.push(time);
        }
        let questions = Questions::measure(&model);
        note = format!(
            "{items} objects, {} KB of JSON, {} KB of YAML; {} classes, {rows} rows; {} pairs: {} allowed, {} partial, {} denied; {questions}",
            json.len() / 1000,
            yaml.len() / 1000,
            model.classes().len(),
            summary.pairs(),
            summary.allowed,
            summary.partial,
            summary.denied,
        );
    }
    let [floor, verbs @ ..] = times;
    let verbs = verbs.map(|times| (!times.is_empty()).then(|| median(times)));
    Ok(Measured { floor: median(floor), verbs, note })
}

/// How long questions about pods by id take.
struct Questions {
    /// Until they can be asked.
    before: Duration,
    /// Of the middle thousand.
    mean: Duration,
    /// All but the slowest hundredth are as fast.
    most: Duration,
}

/// How many questions are asked.
const QUESTIONS: usize = 200_000;

impl Questions {
    fn measure(model: &Model) -> Self {
        let (before, asker) = timed(|| Asker::new(model));
        let pairs = verbs::pod_pairs(model, QUESTIONS);
        // Other work on the machine meets some of the thousands, and the middle one not.
        let thousands = pairs.chunks(1_000).map(|pairs| {
            let all = || {
                for pair in pairs {
                    black_box(verbs::ask(&asker, *pair));
                }
            };
            timed(all).0
        });
        let mean = median(thousands.collect()) / 1_000;
        // What the clock itself takes is part of these, and not of the mean.
        let mut each: Vec<Duration> =
            pairs.iter().map(|pair| timed(|| verbs::ask(&asker, *pair)).0).collect();
        each.sort_unstable();
        Self { before, mean, most: each[each.len() * 99 / 100] }
    }
}

impl Display for Questions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { before, mean, most } = self;
        let (mean, most) = (mean.as_nanos(), most.as_nanos());
        write!(f, "a question in {mean} ns, 99% in {most} ns, after {} ms", milliseconds(*before))
    }
}
