//! `np-instructions`: how many instructions each verb takes, held against those on record.
//!
//! Times tell a regression from a busy machine only where it is large; counts hardly change from run
//! to run. This program runs itself under callgrind, up to one verb further each time: what a run has
//! more than the one before is the verb's, on all threads together.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a tool for people at a terminal")]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::{env, fs};

use clap::{Parser, ValueEnum};
use np_benches::generate::{Cluster, Size};
use np_benches::verbs;

/// By how many hundredths a verb may exceed the count on record.
const THRESHOLD: u64 = 5;

/// How many queries are counted as one verb: one alone is too short to tell.
const QUERIES: usize = 1_000;

/// The counts on record, a verb a line.
const RECORD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/instructions.txt");

/// Counts the instructions of each verb under valgrind, and fails if one takes over 5% more than on
/// record
#[derive(Debug, Parser)]
#[command(name = "np-instructions")]
struct Args {
    /// Put the counts on record instead
    #[arg(long)]
    record: bool,

    /// Run up to this step, to be counted
    #[arg(long, hide = true, value_enum)]
    step: Option<Step>,
}

/// One after the other; each builds on what the one before gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
enum Step {
    /// Makes up the cluster.
    Generate,
    /// Bytes of JSON to facts and rules.
    Load,
    /// Facts and rules to the model.
    Compile,
    /// The pairs of each verdict.
    Summary,
    /// Picks what to ask about.
    Pairs,
    /// A thousand queries.
    Query,
}

impl Step {
    fn name(self) -> &'static str {
        match self {
            Self::Generate => "generate",
            Self::Load => "load",
            Self::Compile => "compile",
            Self::Summary => "summary",
            Self::Pairs => "pairs",
            Self::Query => "query",
        }
    }

    /// Whether np is measured by it.
    fn is_verb(self) -> bool {
        !matches!(self, Self::Generate | Self::Pairs)
    }
}

fn main() -> ExitCode {
    let args = Args::parse();
    let result = match args.step {
        Some(last) => run(last).map(|()| true),
        None => count_all().and_then(|counts| if args.record { record(&counts) } else { compare(&counts) }),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(problem) => {
            eprintln!("np-instructions: {problem}");
            ExitCode::from(2)
        }
    }
}

/// Runs the steps up to one, and ends without freeing anything.
fn run(last: Step) -> Result<(), String> {
    let end = |step: Step| {
        if step == last {
            std::process::exit(0);
        }
    };
    let bytes = Cluster::new(&Size::replicas(1_000, 300, 10, 300)).json().into_bytes();
    end(Step::Generate);
    let input = verbs::load(bytes);
    end(Step::Load);
    let model = verbs::compile(input).map_err(|invalid| format!("{} problems", invalid.diagnostics.len()))?;
    end(Step::Compile);
    black_box(verbs::summary(&model));
    end(Step::Summary);
    let (asked, pairs) = (verbs::asked(), verbs::pairs(&model, QUERIES));
    end(Step::Pairs);
    for pair in &pairs {
        black_box(verbs::query(&model, pair, &asked));
    }
    end(Step::Query);
    Ok(())
}

type Counts = BTreeMap<&'static str, u64>;

/// The instructions of each verb alone.
fn count_all() -> Result<Counts, String> {
    let mut counts = Counts::new();
    let mut before = 0;
    for step in Step::value_variants() {
        let count = count(*step)?;
        if step.is_verb() {
            counts.insert(step.name(), count.saturating_sub(before));
        }
        before = count;
    }
    Ok(counts)
}

/// The instructions of all steps up to one.
fn count(step: Step) -> Result<u64, String> {
    let myself = env::current_exe().map_err(|error| format!("this program cannot be found: {error}"))?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(myself)
        .args(["--step", step.name()])
        .output()
        .map_err(|error| format!("valgrind cannot be started: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    // `==123== Collected : 4567`
    let collected = said.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok());
    collected.filter(|_| output.status.success()).ok_or_else(|| said.into_owned())
}

fn record(counts: &Counts) -> Result<bool, String> {
    let lines: Vec<String> = counts.iter().map(|(verb, count)| format!("{verb} {count}")).collect();
    let text = lines.join("\n") + "\n";
    fs::write(RECORD, &text).map_err(|error| format!("`{RECORD}`: {error}"))?;
    print!("{text}");
    Ok(true)
}

/// Prints the counts beside those on record; whether none has grown too much.
fn compare(counts: &Counts) -> Result<bool, String> {
    let text = fs::read_to_string(Path::new(RECORD)).map_err(|error| format!("`{RECORD}`: {error}"))?;
    let recorded: BTreeMap<&str, u64> = text
        .lines()
        .filter_map(|line| line.split_once(' ').and_then(|(verb, count)| Some((verb, count.parse().ok()?))))
        .collect();
    let mut is_fine = true;
    for (verb, count) in counts {
        let before = *recorded.get(verb).ok_or_else(|| format!("`{RECORD}` has no line for {verb}"))?;
        let note = if count * 100 > before * (100 + THRESHOLD) {
            is_fine = false;
            "too many"
        } else if count * (100 + THRESHOLD) < before * 100 {
            "fewer: put it on record with --record"
        } else {
            "as before"
        };
        let share = (count * 100 + before / 2) / before.max(1);
        println!("{verb:<8} {count:>13}  {before:>13} on record  {share:>4}%  {note}");
    }
    Ok(is_fine)
}
