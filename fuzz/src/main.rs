//! `np-fuzz`: runs the targets for some time and says how it went; exit 1 on the first finding.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a tool for people at a terminal")]

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use np_fuzz::campaign::{self, MOST_MEMORY, peak_memory};
use np_fuzz::finding::{judge, keep_panics};
use np_fuzz::targets::{TARGETS, Target};

const USAGE: &str = "usage: np-fuzz [--seconds N] [--target NAME]... [--seed N] [--replay FILE]
Runs each target for its share of N seconds (60); with --replay, runs the targets on one file.
targets: yaml json selectors labels endpoints matrix";

/// What the command line says.
struct Args {
    seconds: u64,
    seed: u64,
    targets: Vec<&'static Target>,
    replay: Option<PathBuf>,
}

fn main() -> ExitCode {
    let Some(args) = read(std::env::args().skip(1)) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    keep_panics();
    match &args.replay {
        Some(path) => replay(&args, path),
        None => fuzz(&args),
    }
}

fn fuzz(args: &Args) -> ExitCode {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("findings");
    let share = Duration::from_secs(args.seconds) / u32::try_from(args.targets.len()).unwrap_or(1).max(1);
    println!("seed {}", args.seed);
    for target in &args.targets {
        match campaign::run(target, args.seed, share, &folder) {
            Ok(figures) => println!("{:<10} {figures}", target.name),
            Err(stop) => {
                eprintln!("{:<10} seed {}: {stop}", target.name, args.seed);
                return ExitCode::FAILURE;
            }
        }
    }
    match peak_memory() {
        Some(memory) if memory > MOST_MEMORY => {
            eprintln!("{} MiB of memory were used", memory / 1024);
            ExitCode::FAILURE
        }
        _ => ExitCode::SUCCESS,
    }
}

fn replay(args: &Args, path: &Path) -> ExitCode {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            eprintln!("np-fuzz: {}: {error}", path.display());
            return ExitCode::from(2);
        }
    };
    let mut code = ExitCode::SUCCESS;
    for target in &args.targets {
        match judge(target, &bytes) {
            Ok(time) => println!("{:<10} fine, {:.1} ms", target.name, time.as_secs_f64() * 1_000.0),
            Err(problem) => {
                println!("{:<10} {problem}", target.name);
                code = ExitCode::FAILURE;
            }
        }
    }
    code
}

fn read(mut words: impl Iterator<Item = String>) -> Option<Args> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |time| time.as_secs());
    let mut args = Args { seconds: 60, seed: now, targets: Vec::new(), replay: None };
    while let Some(word) = words.next() {
        let value = words.next()?;
        match word.as_str() {
            "--seconds" => args.seconds = value.parse().ok()?,
            "--seed" => args.seed = value.parse().ok()?,
            "--target" => args.targets.push(TARGETS.iter().find(|target| target.name == value)?),
            "--replay" => args.replay = Some(value.into()),
            _ => return None,
        }
    }
    if args.targets.is_empty() {
        args.targets = TARGETS.iter().collect();
    }
    Some(args)
}
