//! The binary `np` listing every pair of pods that is not closed, in clusters where many are not.
//!
//! What counts is the time that processors worked, in the system too: listing is done on one thread, so
//! that on a machine with nothing else to do it is no more than that on the clock.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use np_benches::clock::{median, milliseconds};
use wait4::Wait4;

/// What a second should bring, in millions of lines.
const TARGET: u32 = 8;

/// The clusters: two whose pods all differ, and one of replicas with very many pairs.
const CLUSTERS: [&str; 3] = ["2000/100/10", "5000/200/10", "10000/1000/50/800"];

/// Prints a row of the table for each cluster.
pub(crate) fn measure(np: &Path, np_cluster: &Path, scratch: &Path, runs: u32) -> Result<(), String> {
    println!("| what | lines | MB | to nowhere | to a file | lines a second |");
    println!("|---|--:|--:|--:|--:|--:|");
    for cluster in CLUSTERS {
        let made = Command::new(np_cluster).args([cluster, "--open", "-o"]).arg(scratch).status();
        if !made.is_ok_and(|status| status.success()) {
            return Err(format!("`{}` has made no cluster", np_cluster.display()));
        }
        let line = one(np, scratch, runs).map_err(|error| format!("{cluster}: {error}"))?;
        println!("| {cluster} {line}");
    }
    Ok(())
}

fn one(np: &Path, cluster: &Path, runs: u32) -> io::Result<String> {
    let (lines, bytes) = count(np, cluster)?;
    let file = cluster.with_extension("csv");
    let (mut nowhere, mut written) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        nowhere.push(timed(np, cluster, Stdio::null())?);
        written.push(timed(np, cluster, File::create(&file)?.into())?);
    }
    std::fs::remove_file(&file)?;
    let (nowhere, written) = (median(nowhere), median(written));
    // Tenths of millions.
    let rate = u128::from(lines) * 10_000 / nowhere.as_nanos().max(1);
    Ok(format!(
        "| {lines} | {} | {} ms | {} ms | {}.{} million (≥ {TARGET}) |",
        bytes / 1_000_000,
        milliseconds(nowhere),
        milliseconds(written),
        rate / 10,
        rate % 10
    ))
}

fn listing(np: &Path, cluster: &Path) -> Command {
    let mut command = Command::new(np);
    command.args(["matrix", "--by", "pod", "-o", "csv", "-f"]).arg(cluster).stderr(Stdio::null());
    command
}

fn timed(np: &Path, cluster: &Path, to: Stdio) -> io::Result<Duration> {
    let used = listing(np, cluster).stdout(to).spawn()?.wait4()?;
    if used.status.success() {
        Ok(used.rusage.utime + used.rusage.stime)
    } else {
        Err(io::Error::other(format!("it ended with {}", used.status)))
    }
}

/// How many lines and bytes are listed.
fn count(np: &Path, cluster: &Path) -> io::Result<(u64, u64)> {
    let mut child = listing(np, cluster).stdout(Stdio::piped()).spawn()?;
    let mut pipe = child.stdout.take().ok_or_else(|| io::Error::other("there is no pipe"))?;
    let (mut lines, mut bytes, mut buffer) = (0, 0, vec![0; 1 << 16]);
    loop {
        let read = pipe.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        lines += buffer[..read].split(|byte| *byte == b'\n').count() as u64 - 1;
        bytes += read as u64;
    }
    child.wait()?;
    Ok((lines, bytes))
}
