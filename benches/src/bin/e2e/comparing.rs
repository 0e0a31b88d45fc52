//! The binary `np` comparing two states of a cluster, five policies apart, beside what it costs to read them.
//!
//! Reading is `np matrix --summary` of one state; both take turns with comparing, so that what else the machine
//! does meets all of them. From git, nearly all files are the same on both sides and are to be read once.

use std::fmt;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use np_benches::clock::{median, milliseconds};
use wait4::Wait4;

/// How many policies change, and how many files a repository has.
const CHANGED: &str = "5";
const FILES: &str = "2000";

/// What comparing may cost of what reading both costs.
const TARGET: f64 = 1.2;

/// The time of a run on the clock, and that of processors.
#[derive(Debug, Clone, Copy)]
struct Cost {
    wall: Duration,
    work: Duration,
}

/// Prints a row of the table for every way to compare.
pub(crate) fn measure(np: &Path, np_cluster: &Path, scratch: &Path, runs: u32) -> Result<(), String> {
    std::fs::create_dir_all(scratch).map_err(|error| format!("`{}`: {error}", scratch.display()))?;
    let made = |line: &str| {
        let mut command = Command::new(np_cluster);
        command.current_dir(scratch).args(line.split(' '));
        let is_done = command.status().is_ok_and(|status| status.success());
        if is_done { Ok(()) } else { Err(format!("`{}` has made no cluster", np_cluster.display())) }
    };
    println!("On the clock, and the time of processors:");
    println!();
    println!("| what | one side | both sides | diff | diff ÷ one | diff ÷ both |");
    println!("|---|--:|--:|--:|--:|--:|");
    let row = |what: &str, sides: [&str; 2], diff: &str| {
        one(np, scratch, sides, diff, runs)
            .map(|line| println!("| {what} | {line} |"))
            .map_err(|error| format!("{what}: {error}"))
    };
    for profile in ["10000/1000/50", "10000/1000/50/800"] {
        made(&format!("{profile} -o base.json"))?;
        made(&format!("{profile} --changed {CHANGED} -o head.json"))?;
        row(&format!("{profile}, JSON"), ["base.json", "head.json"], "base.json head.json")?;
    }
    let profile = "10000/1000/50/800";
    made(&format!("{profile} --files {FILES} -o base"))?;
    made(&format!("{profile} --changed {CHANGED} --files {FILES} -o head"))?;
    let what = format!("{profile}, YAML in {FILES} files");
    row(&what, ["base", "head"], "base head")?;
    let git = |line: &str| {
        let mut command = Command::new("git");
        command.current_dir(scratch).args(["-c", "user.name=np", "-c", "user.email=np@example.com"]);
        let is_done = command.args(line.split(' ')).status().is_ok_and(|status| status.success());
        if is_done { Ok(()) } else { Err(format!("`git {line}` does not work here")) }
    };
    git("init -q .")?;
    for side in ["base", "head"] {
        std::fs::rename(scratch.join(side), scratch.join("deploy")).map_err(|error| error.to_string())?;
        git("add deploy")?;
        git("commit -q -m cluster")?;
        std::fs::rename(scratch.join("deploy"), scratch.join(side)).map_err(|error| error.to_string())?;
    }
    git("gc -q")?;
    row(&format!("{what}, from git"), ["base", "head"], "HEAD~1..HEAD -f deploy")
}

fn one(np: &Path, folder: &Path, sides: [&str; 2], diff: &str, runs: u32) -> io::Result<String> {
    let reading = |side: &str| format!("matrix --summary -o csv -f {side}");
    let lines = [reading(sides[0]), reading(sides[1]), format!("diff {diff} --exit-zero")];
    let mut costs = [const { Vec::new() }; 3];
    // The first turn warms the system's caches.
    for turn in 0..=runs {
        for (line, costs) in lines.iter().zip(&mut costs) {
            let cost = timed(np, folder, line)?;
            costs.extend((turn > 0).then_some(cost));
        }
    }
    let [base, head, diff] = costs.map(|costs| Cost {
        wall: median(costs.iter().map(|cost| cost.wall).collect()),
        work: median(costs.iter().map(|cost| cost.work).collect()),
    });
    let both = Cost { wall: base.wall + head.wall, work: base.work + head.work };
    Ok(format!("{head} | {both} | {diff} | {} | {} (≤ {TARGET})", diff.of(head), diff.of(both)))
}

fn timed(np: &Path, folder: &Path, line: &str) -> io::Result<Cost> {
    let mut command = Command::new(np);
    command.current_dir(folder).args(line.split(' ')).stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let used = command.spawn()?.wait4()?;
    let wall = start.elapsed();
    if used.status.success() {
        Ok(Cost { wall, work: used.rusage.utime + used.rusage.stime })
    } else {
        Err(io::Error::other(format!("`np {line}` ended with {}", used.status)))
    }
}

impl Cost {
    /// As a multiple of another.
    fn of(self, other: Self) -> String {
        let ratio = |one: Duration, other: Duration| one.as_secs_f64() / other.as_secs_f64();
        format!("{:.2}, {:.2}", ratio(self.wall, other.wall), ratio(self.work, other.work))
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {} ms", milliseconds(self.wall), milliseconds(self.work))
    }
}
