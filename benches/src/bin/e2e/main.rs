//! `np-e2e`: what an answer costs from end to end, beside what it may cost.
//!
//! For every row: *parse* is the floor, *work* is compiling and counting the pairs of each verdict,
//! both in one process, one after the other; then the binary `np` is run on the cluster's file, with
//! its time on the clock and its peak of resident memory. All are medians.
//!
//! This process stays small, as the system counts the memory that a process is started from as
//! the new one's until the program is loaded. So clusters are made up, and work is measured, in a
//! process of their own (`inside`).

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a tool for people at a terminal")]

mod comparing;
mod inside;
mod listing;
mod rows;
mod whole;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs, io};

use clap::Parser;
use np_benches::clock::milliseconds;

use inside::Inside;
use rows::Row;
use whole::Whole;

/// Measures np from end to end, and prints a table with the targets beside
#[derive(Debug, Parser)]
#[command(name = "np-e2e")]
struct Args {
    /// The rows to measure; all if none is named
    #[arg(value_name = "ROW", value_parser = rows::named)]
    rows: Vec<&'static Row>,

    /// Leave out the policies that allow DNS, which isolate every pod for egress
    #[arg(long)]
    no_dns: bool,

    /// Measure how fast all pairs are listed, instead
    #[arg(long, conflicts_with_all = ["rows", "no_dns"])]
    list: bool,

    /// Measure what comparing costs beside reading, instead
    #[arg(long, conflicts_with_all = ["rows", "no_dns", "list"])]
    diff: bool,

    /// How often to measure each figure
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,

    /// The binary to run; the one beside this, if not said
    #[arg(long, value_name = "FILE")]
    np: Option<PathBuf>,

    /// Write the cluster of the one row to this file, and measure in this process
    #[arg(long, hide = true, value_name = "FILE")]
    inside: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("np-e2e: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<(), String> {
    if let (Some(file), [row]) = (&args.inside, &args.rows[..]) {
        if let Some(inside) = inside::measure(row, args.no_dns, args.runs, file)? {
            println!("{inside}");
        }
        return Ok(());
    }
    let myself = env::current_exe().map_err(|error| format!("this program cannot be found: {error}"))?;
    let np = args.np.clone().unwrap_or_else(|| myself.with_file_name("np"));
    if args.list {
        let scratch = Scratch::new("list");
        return listing::measure(&np, &myself.with_file_name("np-cluster"), &scratch.0, args.runs);
    }
    if args.diff {
        let scratch = Scratch::new("diff");
        return comparing::measure(&np, &myself.with_file_name("np-cluster"), &scratch.0, args.runs);
    }
    let all: Vec<&Row> = rows::ALL.iter().collect();
    println!("| row | what | parse | load | work | work ÷ parse | whole process | peak RSS |");
    println!("|---|---|--:|--:|--:|--:|--:|--:|");
    for row in if args.rows.is_empty() { &all } else { &args.rows } {
        let file = Scratch::new(row.name);
        let inside = ask_inside(&myself, args, row, &file.0)?;
        let whole = whole::measure(&np, &file.0, args.runs)
            .map_err(|error| format!("`{}` cannot be measured: {error}", np.display()))?;
        println!("{}", line(row, inside, whole));
    }
    Ok(())
}

/// A file for a cluster, or a folder, which goes away with this.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        Self(env::temp_dir().join(format!("np-e2e-{}-{name}", std::process::id())))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed is left for the system to clean up.
        let _: io::Result<()> = fs::remove_file(&self.0).or_else(|_| fs::remove_dir_all(&self.0));
    }
}

/// Has another process of this program write the row's cluster and measure.
fn ask_inside(myself: &Path, args: &Args, row: &Row, file: &Path) -> Result<Option<Inside>, String> {
    let mut command = Command::new(myself);
    command.arg(row.name).arg("--runs").arg(args.runs.to_string()).arg("--inside").arg(file);
    if args.no_dns {
        command.arg("--no-dns");
    }
    let output = command.output().map_err(|error| format!("this program cannot be started: {error}"))?;
    let said = String::from_utf8_lossy(&output.stdout);
    match (output.status.success(), said.trim()) {
        (false, _) => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
        (true, "") => Ok(None),
        (true, said) => said.parse().map(Some),
    }
}

/// A row of the table, with the targets in parentheses.
fn line(row: &Row, inside: Option<Inside>, whole: Whole) -> String {
    let (mut times, mut ratio) = (" | | ".to_owned(), String::new());
    if let Some(inside) = inside {
        let shown = [inside.parse, inside.load, inside.work].map(|time| format!("{} ms", milliseconds(time)));
        times = shown.join(" | ");
        ratio = format!("{:.2}", inside.work.as_secs_f64() / inside.parse.as_secs_f64());
    }
    if let Some(target) = row.targets.ratio {
        ratio = format!("{ratio} (≤ {target})");
    }
    let wall = format!("{} ms (≤ {})", milliseconds(whole.wall), row.targets.milliseconds);
    // Of millions, tenths.
    let mut peak = format!("{}.{} MB", whole.peak / 1_000_000, whole.peak / 100_000 % 10);
    if let Some(target) = row.targets.megabytes {
        peak = format!("{peak} (≤ {target})");
    }
    format!("| {} | {} | {times} | {ratio} | {wall} | {peak} |", row.name, row.what())
}
